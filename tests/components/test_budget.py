"""Budget: whose costs it counts, and who hears of them when."""

import dataclasses
from typing import Any

from components.operations.budget import Budget, BudgetArgs
from plan.registration import RecordedResource
from tests.engine import build, only

ARGS = BudgetArgs(
    prefix="mmorpg-us-east", region="us-east", monthly_usd=6000, emails=("ops@mmorpg-game.com", "cfo@mmorpg-game.com")
)


def budget(**changes: Any) -> RecordedResource:
    return only(build(lambda: Budget("us-east", dataclasses.replace(ARGS, **changes))), "aws:budgets/budget:Budget")


def test_a_month_has_a_limit_in_dollars():
    inputs = budget().inputs
    assert (inputs["name"], inputs["budgetType"], inputs["timeUnit"]) == ("mmorpg-us-east-monthly", "COST", "MONTHLY")
    assert (inputs["limitAmount"], inputs["limitUnit"]) == ("6000", "USD")


def test_only_what_carries_the_regions_tag_counts():
    assert budget().inputs["costFilters"] == [{"name": "TagKeyValue", "values": ["user:region$us-east"]}]


def test_mail_goes_out_at_80_and_100_percent_spent_and_at_100_percent_to_be_expected():
    notifications = budget().inputs["notifications"]
    assert [(it["notificationType"], it["threshold"], it["thresholdType"]) for it in notifications] == [
        ("ACTUAL", 80, "PERCENTAGE"),
        ("ACTUAL", 100, "PERCENTAGE"),
        ("FORECASTED", 100, "PERCENTAGE"),
    ]
    assert {it["comparisonOperator"] for it in notifications} == {"GREATER_THAN"}
    for notification in notifications:
        assert notification["subscriberEmailAddresses"] == ["ops@mmorpg-game.com", "cfo@mmorpg-game.com"]
