"""EventBridge: more rules and targets than there may be. That a rule with targets stays, moto knows itself."""

from __future__ import annotations

from typing import Any

from embedded.aws.account import Account
from embedded.aws.protocol import Call
from embedded.aws.refusals import Refusal, Verdict

RULES_PER_BUS = 300
TARGETS_PER_RULE = 5
_QUOTAS = "https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html"


def _rules(account: Account, call: Call) -> Any:
    buses = account.moto("events", call.region).event_buses
    bus = buses.get(call.parameters.get("EventBusName", "default").rsplit("/", 1)[-1])
    return {} if bus is None else bus.rules


def _too_many_rules(account: Account, call: Call) -> Verdict:
    rules = _rules(account, call)
    return {} if call.parameters["Name"] not in rules and len(rules) >= RULES_PER_BUS else None


def _too_many_targets(account: Account, call: Call) -> Verdict:
    rule = _rules(account, call).get(call.parameters["Rule"])
    here = [] if rule is None else [target["Id"] for target in rule.targets]
    return {} if len({*here, *(target["Id"] for target in call.parameters["Targets"])}) > TARGETS_PER_RULE else None


TABLE = (
    Refusal(
        ("PutRule",),
        _too_many_rules,
        "LimitExceededException",
        "The requested resource exceeds the maximum number allowed.",
        f"{_QUOTAS} (300 per event bus, adjustable)",
    ),
    Refusal(
        ("PutTargets",),
        _too_many_targets,
        "LimitExceededException",
        "The requested resource exceeds the maximum number allowed.",
        f"{_QUOTAS} (5 per rule, adjustable)",
    ),
)
