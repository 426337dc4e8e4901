"""Budgets over the API: modelled whole, in the one place that budgets have."""

from __future__ import annotations

ACCOUNT = "123456789012"
MONTH = {
    "BudgetName": "dev",
    "BudgetType": "COST",
    "TimeUnit": "MONTHLY",
    "BudgetLimit": {"Amount": "500", "Unit": "USD"},
}
OF_DEV = {"AccountId": ACCOUNT, "BudgetName": "dev"}


def when(threshold, kind="ACTUAL"):
    return {
        "NotificationType": kind,
        "ComparisonOperator": "GREATER_THAN",
        "Threshold": float(threshold),
        "ThresholdType": "PERCENTAGE",
    }


def people(count, kind="EMAIL"):
    return [{"SubscriptionType": kind, "Address": f"ops{number}@mmorpg-game.com"} for number in range(count)]


def notify(aws, threshold, kind="ACTUAL", subscribers=None):
    subscribers = people(1) if subscribers is None else subscribers
    aws.budgets.create_notification(**OF_DEV, Notification=when(threshold, kind), Subscribers=subscribers)


def test_a_budget_has_one_name_in_all_regions(aws, refused):
    aws.budgets.create_budget(AccountId=ACCOUNT, Budget=MONTH)
    elsewhere = aws.endpoint.client("budgets", "eu-west-1")
    assert elsewhere.describe_budget(**OF_DEV)["Budget"]["BudgetLimit"]["Amount"] == "500"
    with refused("DuplicateRecordException", "already exists"):
        elsewhere.create_budget(AccountId=ACCOUNT, Budget=MONTH)


def test_an_update_keeps_the_notifications(aws):
    both = [{"Notification": when(80), "Subscribers": people(2)}]
    aws.budgets.create_budget(AccountId=ACCOUNT, Budget=MONTH, NotificationsWithSubscribers=both)
    aws.budgets.update_budget(AccountId=ACCOUNT, NewBudget=MONTH | {"TimeUnit": "ANNUALLY"})
    assert aws.budgets.describe_budget(**OF_DEV)["Budget"]["TimeUnit"] == "ANNUALLY"
    assert aws.budgets.describe_notifications_for_budget(**OF_DEV)["Notifications"][0]["Threshold"] == 80
    found = aws.budgets.describe_subscribers_for_notification(**OF_DEV, Notification=when(80))
    assert found["Subscribers"] == people(2)


def test_a_budget_without_a_limit_is_refused(aws, refused):
    unlimited = {name: value for name, value in MONTH.items() if name != "BudgetLimit"}
    with refused("InvalidParameterException", "provide a budget limit"):
        aws.budgets.create_budget(AccountId=ACCOUNT, Budget=unlimited)


def test_a_budget_has_five_notifications_at_most(aws, refused):
    aws.budgets.create_budget(AccountId=ACCOUNT, Budget=MONTH)
    for threshold in (50, 60, 70, 80, 90):
        notify(aws, threshold)
    with refused("CreationLimitExceededException", "at most 5 notifications"):
        notify(aws, 100)
    aws.budgets.delete_notification(**OF_DEV, Notification=when(50))
    with refused("DuplicateRecordException", "already exists"):
        notify(aws, 60)
    notify(aws, 100)


def test_a_notification_needs_the_right_number_of_people_and_a_day_no_forecast(aws, refused):
    aws.budgets.create_budget(AccountId=ACCOUNT, Budget=MONTH | {"TimeUnit": "DAILY"})
    topics = [{"SubscriptionType": "SNS", "Address": f"arn:aws:sns:us-east-1:{ACCOUNT}:{name}"} for name in "ab"]
    with refused("InvalidParameterException", "one SNS subscriber"):
        notify(aws, 80, subscribers=topics)
    with refused("InvalidParameterException", "do not support forecasted"):
        notify(aws, 80, "FORECASTED")


def test_a_budget_is_in_the_inventory_and_is_found_by_its_tag(aws):
    tags = [{"Key": "team", "Value": "games"}]
    aws.budgets.create_budget(AccountId=ACCOUNT, Budget=MONTH, ResourceTags=tags)
    assert [(item.service, item.id, item.tags) for item in aws.endpoint.inventory()] == [
        ("budgets", "dev", {"team": "games"})
    ]
    aws.budgets.delete_budget(**OF_DEV)
    assert aws.endpoint.is_empty()
    aws.budgets.create_budget(AccountId=ACCOUNT, Budget=MONTH)
    arn = f"arn:aws:budgets::{ACCOUNT}:budget/dev"
    assert aws.budgets.list_tags_for_resource(ResourceARN=arn)["ResourceTags"] == []
