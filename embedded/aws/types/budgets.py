"""Budgets: what a month may cost, and who is told when it costs more. They are the account's, not a region's."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from embedded.aws.kinds import TEXTS, Choice, Kind, ListOf, Text, stands_in
from embedded.aws.models.budgets import NOTIFICATIONS_PER_BUDGET
from embedded.aws.properties import Property, Struct
from embedded.aws.rows import Autoname, Call, Leaf, Read, Row, Scope, Tagging, Update, given
from embedded.aws.tags import dropped_keys, has_dropped_tags, has_new_tags, new_tags
from embedded.aws.types.sources import terraform
from embedded.provider import ProviderError, Values

_BUDGET = terraform("budgets/budget.go")


class Amount(Text):
    """An amount of money as a text; "100" and "100.0" mean the same."""

    def same(self, old: Any, new: Any) -> bool:
        try:
            return float(old) == float(new)
        except ValueError:
            return bool(old == new)


class Number(Kind):
    wanted = "a number"
    python = (int, float)


_FILTER = Struct((Property(name="name", required=True), Property(name="values", kind=TEXTS, required=True)))


class Filters(ListOf):
    """A list of names with their values, which the API takes as a map."""

    def to_api(self, value: Any) -> Any:
        return value if stands_in(value) else {item["name"]: item["values"] for item in value}

    def from_api(self, value: Any) -> Any:
        return [{"name": name, "values": values} for name, values in sorted(value.items())]


_SUBSCRIBERS = {"subscriberEmailAddresses": "EMAIL", "subscriberSnsTopicArns": "SNS"}


class Notification(Struct):
    """When somebody is told, and who; the API keeps the two apart."""

    def to_api(self, value: Any) -> Any:
        sent = super().to_api(value)
        people = [
            {"SubscriptionType": kind, "Address": address}
            for name, kind in _SUBSCRIBERS.items()
            for address in sent.pop(name, [])
        ]
        return {"Notification": sent, "Subscribers": people}

    def from_api(self, value: Any) -> Any:
        found = super().from_api(value["Notification"])
        for name, kind in _SUBSCRIBERS.items():
            people = [it["Address"] for it in value["Subscribers"] if it["SubscriptionType"] == kind]
            if people:
                found[name] = sorted(people)
        return found


_NOTIFICATION = Notification(
    (
        Property(
            name="comparisonOperator",
            api="ComparisonOperator",
            kind=Choice(("GREATER_THAN", "LESS_THAN", "EQUAL_TO")),
            required=True,
        ),
        Property(name="notificationType", api="NotificationType", kind=Choice(("ACTUAL", "FORECASTED")), required=True),
        Property(name="threshold", api="Threshold", kind=Number(), required=True),
        Property(
            name="thresholdType", api="ThresholdType", kind=Choice(("PERCENTAGE", "ABSOLUTE_VALUE")), required=True
        ),
        *(Property(name=name, kind=ListOf(Text(), ordered=False)) for name in _SUBSCRIBERS),
    )
)


def _account(scope: Scope) -> Any:
    said = scope.value("accountId") or scope.known.get("accountId")
    return said or ({"$result": "AccountId"} if scope.planned else scope.account())


class BudgetIdentity:
    """The account and the budget's name."""

    def of(self, scope: Scope) -> Any:
        if scope.planned:
            return {"$result": "BudgetName"}
        return f"{_account(scope)}:{scope.known.get('name') or scope.value('name')}"

    def parts(self, resource_id: str) -> Values:
        account, separator, name = resource_id.partition(":")
        if not separator:
            raise ProviderError(f"{resource_id!r} is no id of a budget; write ACCOUNT:NAME")
        return {"id": resource_id, "accountId": account, "name": name}


def _name(scope: Scope) -> Any:
    return scope.new.get("name") or scope.known.get("name")


def _arn(scope: Scope) -> str:
    return f"arn:aws:budgets::{_account(scope)}:budget/{_name(scope)}"


def _limit(scope: Scope) -> Any:
    amount, unit = scope.value("limitAmount"), scope.value("limitUnit")
    return None if amount is None else {"Amount": amount, "Unit": unit}


def _filters(scope: Scope) -> Any:
    # A budget is updated whole: filters that the program no longer mentions stay.
    known = scope.known.get("costFilters")
    return given("costFilters")(scope) or (Filters(_FILTER).to_api(known) if known else None)


_OF_BUDGET = {"AccountId": _account, "BudgetName": _name}
_SETTINGS = {
    "BudgetName": _name,
    "BudgetType": given("budgetType"),
    "TimeUnit": given("timeUnit"),
    "BudgetLimit": _limit,
    "CostFilters": _filters,
}
_TAGGED = {"ResourceARN": _arn}


def _told(scope: Scope, answer: Values) -> Values:
    # AWS adds in which state the notification is.
    when = {name: value for name, value in scope.item.items() if name != "NotificationState"}
    return {"Notification": when, "Subscribers": answer["Subscribers"]}


def _nth(index: int, part: str) -> Leaf:
    return lambda scope: (given("notifications")(scope) or [])[index][part]


def _has(index: int) -> Callable[[Scope], bool]:
    return lambda scope: len(scope.value("notifications") or []) > index


_RENOTIFY = (
    Call("DeleteNotification", {**_OF_BUDGET, "Notification": lambda scope: scope.item}, each="Known"),
    *(
        Call(
            "CreateNotification",
            {**_OF_BUDGET, "Notification": _nth(index, "Notification"), "Subscribers": _nth(index, "Subscribers")},
            when=_has(index),
        )
        for index in range(NOTIFICATIONS_PER_BUDGET)
    ),
)

BUDGET = Row(
    type="aws:budgets/budget:Budget",
    service="budgets",
    execution="modelled",
    regional=False,
    identity=BudgetIdentity(),
    properties=(
        Property(name="name", found="Budget.BudgetName", computed=True, replaces=_BUDGET),
        Property(name="accountId", found=_account, computed=True, replaces=_BUDGET),
        Property(name="budgetType", kind=Choice(("COST", "USAGE")), found="Budget.BudgetType", required=True),
        Property(
            name="timeUnit",
            kind=Choice(("DAILY", "MONTHLY", "QUARTERLY", "ANNUALLY")),
            found="Budget.TimeUnit",
            required=True,
        ),
        Property(name="limitAmount", kind=Amount(), found="Budget.BudgetLimit.Amount", required=True),
        Property(name="limitUnit", found="Budget.BudgetLimit.Unit", required=True),
        Property(name="costFilters", kind=Filters(_FILTER, ordered=False), found="Budget.CostFilters", computed=True),
        Property(name="notifications", kind=ListOf(_NOTIFICATION, ordered=False), found="Notifications"),
        Property(name="arn", found=_arn, output=True),
    ),
    autoname=Autoname("name", limit=100),
    create=(
        Call(
            "CreateBudget",
            {
                "AccountId": _account,
                "Budget": _SETTINGS,
                "NotificationsWithSubscribers": given("notifications"),
                "ResourceTags": new_tags("Key"),
            },
        ),
    ),
    read=(
        Read("DescribeBudget", _OF_BUDGET, "Budget", "Budget"),
        Read("DescribeNotificationsForBudget", _OF_BUDGET, "Notifications || `[]`", "Known"),
        Read(
            "DescribeSubscribersForNotification",
            {**_OF_BUDGET, "Notification": lambda scope: scope.item},
            _told,
            "Notifications",
            each="Known",
        ),
        Read("ListTagsForResource", _TAGGED, "ResourceTags || `[]`", "Tags"),
    ),
    # Like the real provider: notifications are not changed but all made anew.
    update=(
        Update(
            ("budgetType", "timeUnit", "limitAmount", "limitUnit", "costFilters"),
            (Call("UpdateBudget", {"AccountId": _account, "NewBudget": _SETTINGS}),),
        ),
        Update(("notifications",), _RENOTIFY),
    ),
    delete=(Call("DeleteBudget", _OF_BUDGET),),
    tagging=Tagging(
        "Tags",
        "Key",
        add=Call("TagResource", {**_TAGGED, "ResourceTags": new_tags("Key")}, when=has_new_tags),
        remove=Call("UntagResource", {**_TAGGED, "ResourceTagKeys": dropped_keys}, when=has_dropped_tags),
    ),
)

ROWS = (BUDGET,)
