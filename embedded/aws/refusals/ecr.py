"""ECR: replication that goes nowhere, upstreams it cannot cache, lifecycle policies that are none."""

from __future__ import annotations

import json
from typing import Any

from embedded.aws.account import ACCOUNT_ID, Account
from embedded.aws.protocol import Call
from embedded.aws.refusals import Refusal, Verdict

_GUIDE = "https://docs.aws.amazon.com/AmazonECR/latest/userguide/"

# Registries that give nothing without a credential.
_LOCKED = ("registry-1.docker.io", "ghcr.io", "registry.gitlab.com", ".azurecr.io", "cgr.dev")
_OPEN = ("public.ecr.aws", "registry.k8s.io", "quay.io")
_RULES_AT_MOST = 10
_DESTINATIONS_AT_MOST = 25


def _rules(call: Call) -> list[dict[str, Any]]:
    rules: list[dict[str, Any]] = call.parameters["replicationConfiguration"]["rules"]
    return rules


def _bad_replication(_: Account, call: Call) -> Verdict:
    rules = _rules(call)
    goals = {(it["region"], it["registryId"]) for rule in rules for it in rule["destinations"]}
    if (call.region, ACCOUNT_ID) in goals:
        return {"fault": "Replication destination cannot be the same as the source registry"}
    if len(rules) > _RULES_AT_MOST:
        return {"fault": f"There can be at most {_RULES_AT_MOST} rules, not {len(rules)}"}
    if len(goals) > _DESTINATIONS_AT_MOST:
        return {"fault": f"There can be at most {_DESTINATIONS_AT_MOST} unique destinations, not {len(goals)}"}
    return None


def _unknown_upstream(_: Account, call: Call) -> Verdict:
    url = call.parameters["upstreamRegistryUrl"]
    known = url in _OPEN or url.endswith(_LOCKED) or (".dkr.ecr." in url and url.endswith(".amazonaws.com"))
    return None if known else {"url": url}


def _no_credential(_: Account, call: Call) -> Verdict:
    given = call.parameters
    needed = given["upstreamRegistryUrl"].endswith(_LOCKED) and "credentialArn" not in given
    return {"url": given["upstreamRegistryUrl"]} if needed else None


def _bad_lifecycle(_: Account, call: Call) -> Verdict:
    try:
        rules = json.loads(call.parameters["lifecyclePolicyText"])["rules"]
        priorities = [rule["rulePriority"] for rule in rules]
        complete = all(rule["selection"]["tagStatus"] and rule["action"]["type"] for rule in rules)
        last = [rule["rulePriority"] for rule in rules if rule["selection"]["tagStatus"] == "any"]
    except (ValueError, KeyError, TypeError) as error:
        return {"fault": f"Lifecycle policy validation failure: {type(error).__name__} {error}"}
    if not complete or len(set(priorities)) < len(priorities):
        return {"fault": "Lifecycle policy validation failure: every rule needs a priority of its own"}
    if any(priority < max(priorities) for priority in last):
        return {
            "fault": "Lifecycle policy validation failure: the rule with tagStatus any must have the lowest priority"
        }
    return None


TABLE = (
    Refusal(
        ("PutReplicationConfiguration",),
        _bad_replication,
        "InvalidParameterException",
        "Invalid parameter at 'replicationConfiguration' failed to satisfy constraint: '{fault}'",
        f"{_GUIDE}replication.html",
    ),
    Refusal(
        ("CreatePullThroughCacheRule",),
        _unknown_upstream,
        "UnsupportedUpstreamRegistryException",
        "The specified upstream registry isn't supported: '{url}'",
        f"{_GUIDE}pull-through-cache.html",
    ),
    Refusal(
        ("CreatePullThroughCacheRule",),
        _no_credential,
        "InvalidParameterException",
        "Invalid parameter at 'credentialArn' failed to satisfy constraint: '{url}' needs a credential",
        f"{_GUIDE}pull-through-cache.html",
    ),
    Refusal(
        ("PutLifecyclePolicy",),
        _bad_lifecycle,
        "InvalidParameterException",
        "Invalid parameter at 'LifecyclePolicyText' failed to satisfy constraint: '{fault}'",
        f"{_GUIDE}lifecycle_policy_parameters.html",
    ),
)
