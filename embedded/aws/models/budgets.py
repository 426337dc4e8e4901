"""Budgets: all of it, for moto knows neither updates nor subscribers nor tags. Nothing is ever spent here."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from moto.core.utils import utcnow

from embedded.aws.account import Account
from embedded.aws.errors import AwsError
from embedded.aws.protocol import Call

Facts = dict[str, Any]

# https://docs.aws.amazon.com/cost-management/latest/userguide/management-limits.html
NOTIFICATIONS_PER_BUDGET = 5
SUBSCRIBERS_PER_NOTIFICATION = 11
# Budgets are no region's.
_NOWHERE = ""


@dataclass
class Budget:
    """One budget: its facts as AWS answers them, [notification, subscribers] pairs, tags."""

    facts: Facts
    notifications: list[tuple[Facts, list[Facts]]] = field(default_factory=list)
    tags: dict[str, str] = field(default_factory=dict)


@dataclass
class Budgets:
    """The budgets of the account, by name."""

    budgets: dict[str, Budget] = field(default_factory=dict)


def _all(account: Account) -> dict[str, Budget]:
    return account.model(Budgets, _NOWHERE).budgets


def _budget(account: Account, name: str) -> Budget:
    if name not in _all(account):
        raise AwsError("NotFoundException", f"Unable to get budget: {name} - the budget doesn't exist.")
    return _all(account)[name]


def _of(account: Account, call: Call) -> Budget:
    return _budget(account, call.parameters["BudgetName"])


def _tagged(account: Account, call: Call) -> Budget:
    return _budget(account, call.parameters["ResourceARN"].rpartition(":budget/")[2])


def _checked(facts: Facts) -> Facts:
    if "BudgetLimit" not in facts and "PlannedBudgetLimits" not in facts:
        raise AwsError("InvalidParameterException", "Unable to create/update budget - please provide a budget limit.")
    spent = {"ActualSpend": {"Amount": "0.0", "Unit": facts.get("BudgetLimit", {}).get("Unit", "USD")}}
    return facts | {"LastUpdatedTime": utcnow(), "CalculatedSpend": spent}


def create_budget(account: Account, call: Call) -> Facts:
    """CreateBudget, with its notifications and its tags."""
    given = call.parameters
    facts = given["Budget"]
    if facts["BudgetName"] in _all(account):
        message = f"Error creating budget: {facts['BudgetName']} - the budget already exists."
        raise AwsError("DuplicateRecordException", message)
    budget = Budget(_checked(facts), tags={pair["Key"]: pair["Value"] for pair in given.get("ResourceTags", [])})
    for it in given.get("NotificationsWithSubscribers", []):
        _notify(budget, it["Notification"], it["Subscribers"])
    _all(account)[facts["BudgetName"]] = budget
    return {}


def _notify(budget: Budget, when: Facts, people: list[Facts]) -> None:
    if len(budget.notifications) >= NOTIFICATIONS_PER_BUDGET:
        message = f"A budget can have at most {NOTIFICATIONS_PER_BUDGET} notifications."
        raise AwsError("CreationLimitExceededException", message)
    if (
        not 1 <= len(people) <= SUBSCRIBERS_PER_NOTIFICATION
        or sum(it["SubscriptionType"] == "SNS" for it in people) > 1
    ):
        message = "A notification needs 1 to 10 email subscribers, or one SNS subscriber, or both."
        raise AwsError("InvalidParameterException", message)
    if when["NotificationType"] == "FORECASTED" and budget.facts["TimeUnit"] == "DAILY":
        message = "Daily budgets do not support forecasted notifications."
        raise AwsError("InvalidParameterException", message)
    if any(when == other for other, _ in budget.notifications):
        raise AwsError("DuplicateRecordException", "The notification already exists.")
    budget.notifications.append((when, people))


def describe_budget(account: Account, call: Call) -> Facts:
    """DescribeBudget."""
    return {"Budget": _of(account, call).facts}


def describe_budgets(account: Account, call: Call) -> Facts:
    """DescribeBudgets: all of the account."""
    del call
    return {"Budgets": [budget.facts for _, budget in sorted(_all(account).items())]}


def update_budget(account: Account, call: Call) -> Facts:
    """UpdateBudget: the whole budget but its name, its notifications and its tags."""
    wanted = call.parameters["NewBudget"]
    _budget(account, wanted["BudgetName"]).facts = _checked(wanted)
    return {}


def delete_budget(account: Account, call: Call) -> Facts:
    """DeleteBudget, with its notifications."""
    _of(account, call)
    del _all(account)[call.parameters["BudgetName"]]
    return {}


def describe_notifications_for_budget(account: Account, call: Call) -> Facts:
    """DescribeNotificationsForBudget: nothing is spent, so all are OK."""
    return {"Notifications": [when | {"NotificationState": "OK"} for when, _ in _of(account, call).notifications]}


def create_notification(account: Account, call: Call) -> Facts:
    """CreateNotification."""
    _notify(_of(account, call), call.parameters["Notification"], call.parameters["Subscribers"])
    return {}


def _found(account: Account, call: Call) -> Iterator[tuple[Facts, list[Facts]]]:
    wanted = {name: value for name, value in call.parameters["Notification"].items() if name != "NotificationState"}
    for when, people in _of(account, call).notifications:
        if when == wanted:
            yield when, people


def describe_subscribers_for_notification(account: Account, call: Call) -> Facts:
    """DescribeSubscribersForNotification."""
    for _, people in _found(account, call):
        return {"Subscribers": people}
    raise AwsError("NotFoundException", "Unable to get subscribers - the notification doesn't exist.")


def delete_notification(account: Account, call: Call) -> Facts:
    """DeleteNotification, with its subscribers."""
    for found in list(_found(account, call)):
        _of(account, call).notifications.remove(found)
        return {}
    raise AwsError("NotFoundException", "Unable to delete notification - the notification doesn't exist.")


def list_tags_for_resource(account: Account, call: Call) -> Facts:
    """ListTagsForResource."""
    return {"ResourceTags": [{"Key": key, "Value": value} for key, value in _tagged(account, call).tags.items()]}


def tag_resource(account: Account, call: Call) -> Facts:
    """TagResource."""
    _tagged(account, call).tags |= {pair["Key"]: pair["Value"] for pair in call.parameters["ResourceTags"]}
    return {}


def untag_resource(account: Account, call: Call) -> Facts:
    """UntagResource."""
    for key in call.parameters["ResourceTagKeys"]:
        _tagged(account, call).tags.pop(key, None)
    return {}
