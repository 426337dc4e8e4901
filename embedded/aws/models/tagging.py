"""Resource Groups Tagging API: what is tagged, over all services, from the one inventory."""

from __future__ import annotations

from typing import Any

from moto.core.resource_tagging import make_tag_matcher, match_resource_type

from embedded.aws.account import Account
from embedded.aws.inventory import Item, inventory
from embedded.aws.protocol import Call

# Global things answer in us-east-1. Roles and users cannot be found by this API at all.
# https://docs.aws.amazon.com/resourcegroupstagging/latest/APIReference/supported-services.html
_GLOBAL_REGION = "us-east-1"
_UNSUPPORTED = {("iam", "role"), ("iam", "user")}
_ARN_NAMESPACES = {"elbv2": "elasticloadbalancing"}


def _seen(item: Item, region: str) -> bool:
    here = (item.region or _GLOBAL_REGION) == region
    return here and bool(item.tags) and (item.service, item.type) not in _UNSUPPORTED


def _kind(item: Item) -> str:
    return f"{_ARN_NAMESPACES.get(item.service, item.service)}:{item.type}"


def get_resources(account: Account, call: Call) -> dict[str, Any]:
    """GetResources: by tag filters, types and ARNs; pages of ResourcesPerPage (100)."""
    given = call.parameters
    matches = make_tag_matcher(given.get("TagFilters"))
    found = [
        item
        for item in inventory(account)
        if _seen(item, call.region)
        and matches(item.tags)
        and match_resource_type(_kind(item), given.get("ResourceTypeFilters"))
        and item.arn in (given.get("ResourceARNList") or [item.arn])
    ]
    start = int(given.get("PaginationToken") or 0)
    end = start + int(given.get("ResourcesPerPage", 100))
    return {
        "PaginationToken": str(end) if end < len(found) else "",
        "ResourceTagMappingList": [
            {"ResourceARN": item.arn, "Tags": [{"Key": key, "Value": value} for key, value in item.tags.items()]}
            for item in found[start:end]
        ],
    }
