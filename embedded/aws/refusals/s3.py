"""S3: names, buckets that exist, versions under object lock, policies, lifecycle rules."""

from __future__ import annotations

import ipaddress
import json
import re
from typing import Any

from embedded.aws.account import Account
from embedded.aws.protocol import Call
from embedded.aws.refusals import Refusal, Verdict

_GUIDE = "https://docs.aws.amazon.com/AmazonS3/latest/userguide/"
_API = "https://docs.aws.amazon.com/AmazonS3/latest/API/"
_PREFIXES = ("xn--", "sthree-", "amzn-s3-demo-")
_SUFFIXES = ("-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3")
_LEAST_DAYS = {"STANDARD_IA": 30, "ONEZONE_IA": 30}


def _bucket(account: Account, call: Call) -> Any:
    return account.moto("s3", call.region).buckets.get(call.parameters["Bucket"])


def _bad_name(_: Account, call: Call) -> Verdict:
    name = call.parameters["Bucket"]
    fits = re.fullmatch(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]", name) and ".." not in name
    taken = name.startswith(_PREFIXES) or name.endswith(_SUFFIXES)
    return None if fits and not taken and not _is_address(name) else {}


def _is_address(name: str) -> bool:
    try:
        ipaddress.IPv4Address(name)
    except ValueError:
        return False
    return True


def _owned(account: Account, call: Call) -> Verdict:
    # In us-east-1 AWS lets the owner make it again; the real provider looks first, so that no bucket is taken over.
    return {} if _bucket(account, call) is not None else None


def _locked(account: Account, call: Call) -> Verdict:
    bucket = _bucket(account, call)
    suspends = call.parameters["VersioningConfiguration"].get("Status") == "Suspended"
    return {} if bucket is not None and bucket.object_lock_enabled and suspends else None


def _several(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _statements(call: Call) -> list[dict[str, Any]] | None:
    try:
        return _several(json.loads(call.parameters["Policy"])["Statement"])
    except (ValueError, KeyError, TypeError):
        return None


def _bad_policy(_: Account, call: Call) -> Verdict:
    statements, name = _statements(call), call.parameters["Bucket"]
    if statements is None:
        return {"fault": "Policies must be valid JSON and the first byte must be '{'"}
    for statement in statements:
        if "Principal" not in statement and "NotPrincipal" not in statement:
            return {"fault": "Missing required field Principal"}
        for resource in _several(statement.get("Resource", [])):
            if not re.fullmatch(rf"(\*|arn:aws[a-z-]*:s3:::({re.escape(name)}|\*)(/.*)?)", str(resource)):
                return {"fault": "Policy has invalid resource"}
    return None


def _public_policy(account: Account, call: Call) -> Verdict:
    bucket = _bucket(account, call)
    block = None if bucket is None else bucket.public_access_block
    if block is None or str(block.block_public_policy).lower() != "true":
        return None
    public = any(
        statement.get("Effect") == "Allow"
        and statement.get("Principal") in ("*", {"AWS": "*"}, {"AWS": ["*"]})
        and not statement.get("Condition")
        for statement in _statements(call) or []
    )
    return {"name": call.parameters["Bucket"]} if public else None


def _bad_rules(_: Account, call: Call) -> Verdict:
    rules = call.parameters["LifecycleConfiguration"].get("Rules", [])
    names = [rule.get("ID") for rule in rules]
    if len(set(names)) < len(names):
        return {"fault": "Rule ID must be unique. Found same ID for more than one rule"}
    for rule in rules:
        for transition in rule.get("Transitions", []):
            kind, days = transition.get("StorageClass"), transition.get("Days")
            least = _LEAST_DAYS.get(kind, 0)
            if days is not None and days < least:
                fault = f"'Days' in Transition action must be greater than or equal to {least} for storageClass"
                return {"fault": f"{fault} '{kind}'"}
    return None


TABLE = (
    Refusal(
        ("CreateBucket",),
        _bad_name,
        "InvalidBucketName",
        "The specified bucket is not valid.",
        f"{_GUIDE}bucketnamingrules.html",
    ),
    Refusal(
        ("CreateBucket",),
        _owned,
        "BucketAlreadyOwnedByYou",
        "Your previous request to create the named bucket succeeded and you already own it.",
        f"{_API}API_CreateBucket.html",
        409,
    ),
    Refusal(
        ("PutBucketVersioning",),
        _locked,
        "InvalidBucketState",
        "An Object Lock configuration is present on this bucket, so the versioning state cannot be changed.",
        f"{_GUIDE}object-lock-managing.html",
        409,
    ),
    Refusal(("PutBucketPolicy",), _bad_policy, "MalformedPolicy", "{fault}", f"{_API}API_PutBucketPolicy.html"),
    Refusal(
        ("PutBucketPolicy",),
        _public_policy,
        "AccessDenied",
        "The policy of '{name}' is public, and public policies are prevented by the BlockPublicPolicy setting in S3 "
        "Block Public Access.",
        f"{_GUIDE}access-control-block-public-access.html",
        403,
    ),
    Refusal(
        ("PutBucketLifecycleConfiguration",),
        _bad_rules,
        "InvalidArgument",
        "{fault}",
        f"{_API}API_PutBucketLifecycleConfiguration.html",
    ),
)
