"""S3 replication: where copies may go, and which parts of a rule need each other."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from embedded.aws.account import Account
from embedded.aws.protocol import Call
from embedded.aws.refusals import Refusal, Verdict

_API = "https://docs.aws.amazon.com/AmazonS3/latest/API/"
_GUIDE = "https://docs.aws.amazon.com/AmazonS3/latest/userguide/"
_ARN = "arn:aws:s3:::"
# S3 knows one service level for copies, 15 minutes: API_ReplicationTimeValue.html.
_MINUTES = 15


def _rules(call: Call) -> list[dict[str, Any]]:
    rules: list[dict[str, Any]] = call.parameters["ReplicationConfiguration"].get("Rules", [])
    return rules


def _destinations(call: Call) -> Iterator[dict[str, Any]]:
    for rule in _rules(call):
        yield rule["Destination"]


def _place(destination: dict[str, Any]) -> str:
    return str(destination["Bucket"]).removeprefix(_ARN)


def _nowhere(account: Account, call: Call) -> Verdict:
    buckets = account.moto("s3", call.region).buckets
    return next(({} for to in _destinations(call) if buckets.get(_place(to)) is None), None)


def _unversioned(account: Account, call: Call) -> Verdict:
    buckets = account.moto("s3", call.region).buckets
    found = (buckets.get(_place(to)) for to in _destinations(call))
    return next(({} for bucket in found if bucket is not None and not bucket.is_versioned), None)


def _unlocked(account: Account, call: Call) -> Verdict:
    buckets = account.moto("s3", call.region).buckets
    source = buckets.get(call.parameters["Bucket"])
    if source is None or not source.object_lock_enabled:
        return None
    found = (buckets.get(_place(to)) for to in _destinations(call))
    return next(({} for bucket in found if bucket is not None and not bucket.object_lock_enabled), None)


def _itself(_: Account, call: Call) -> Verdict:
    return next(({} for to in _destinations(call) if _place(to) == call.parameters["Bucket"]), None)


def _same_priority(_: Account, call: Call) -> Verdict:
    given = [rule.get("Priority", 0) for rule in _rules(call)]
    return {} if len(set(given)) < len(given) else None


def _enabled(part: dict[str, Any] | None) -> bool:
    return part is not None and part.get("Status") == "Enabled"


def _threshold_alone(_: Account, call: Call) -> Verdict:
    for to in _destinations(call):
        if "EventThreshold" in to.get("Metrics", {}) and not _enabled(to.get("ReplicationTime")):
            return {}
    return None


def _time_alone(_: Account, call: Call) -> Verdict:
    for to in _destinations(call):
        if _enabled(to.get("ReplicationTime")) and not _enabled(to.get("Metrics")):
            return {}
    return None


def _other_minutes(_: Account, call: Call) -> Verdict:
    for to in _destinations(call):
        for part, name in (("ReplicationTime", "Time"), ("Metrics", "EventThreshold")):
            if to.get(part, {}).get(name, {}).get("Minutes", _MINUTES) != _MINUTES:
                return {"part": name}
    return None


def _no_replica_key(_: Account, call: Call) -> Verdict:
    for rule in _rules(call):
        encrypted = rule.get("SourceSelectionCriteria", {}).get("SseKmsEncryptedObjects")
        if _enabled(encrypted) and "EncryptionConfiguration" not in rule["Destination"]:
            return {}
    return None


def _filter_without_markers(_: Account, call: Call) -> Verdict:
    for rule in _rules(call):
        if "Filter" in rule and not {"DeleteMarkerReplication", "Priority"} <= rule.keys():
            return {}
    return None


_PUT = ("PutBucketReplication",)
_RULE = f"{_API}API_ReplicationRule.html"
TABLE = (
    Refusal(_PUT, _itself, "InvalidRequest", "Destination bucket cannot be the same as the source bucket.", _RULE),
    Refusal(_PUT, _nowhere, "InvalidRequest", "Destination bucket must exist.", f"{_API}API_PutBucketReplication.html"),
    Refusal(
        _PUT,
        _unversioned,
        "InvalidRequest",
        "Destination bucket must have versioning enabled.",
        f"{_GUIDE}replication-requirements.html",
    ),
    Refusal(
        _PUT,
        _unlocked,
        "InvalidRequest",
        "Object Lock must be enabled on the destination bucket of a source bucket with Object Lock enabled.",
        f"{_GUIDE}object-lock-managing.html#object-lock-managing-replication",
    ),
    Refusal(
        _PUT, _same_priority, "InvalidRequest", "Found duplicate priority. Rules must have unique priority.", _RULE
    ),
    Refusal(
        _PUT,
        _filter_without_markers,
        "InvalidRequest",
        "DeleteMarkerReplication and Priority must be specified for this version of Cross Region Replication "
        "configuration schema.",
        _RULE,
    ),
    Refusal(
        _PUT,
        _threshold_alone,
        "InvalidArgument",
        "Metrics cannot contain an event threshold when ReplicationTime is not specified or Disabled",
        "https://github.com/crossplane-contrib/provider-aws/issues/1117",
    ),
    Refusal(
        _PUT,
        _time_alone,
        "InvalidRequest",
        "Metrics must be enabled where ReplicationTime is enabled.",
        f"{_API}API_Destination.html",
    ),
    Refusal(
        _PUT,
        _other_minutes,
        "InvalidArgument",
        "The <Minutes> of <{part}> must be 15.",
        f"{_API}API_ReplicationTimeValue.html",
    ),
    Refusal(
        _PUT,
        _no_replica_key,
        "InvalidRequest",
        "EncryptionConfiguration must be specified where SseKmsEncryptedObjects is enabled.",
        f"{_API}API_Destination.html",
    ),
)
