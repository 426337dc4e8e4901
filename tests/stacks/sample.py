"""Settings for tests: one valid region, and ways to break it at a path."""

import copy
from collections.abc import Iterator
from typing import Any

import pytest

from stacks.settings import SettingsError, parse_settings

REGION: dict[str, Any] = {
    "aws": {"region": "us-east-1"},
    "network": {"cidr": "10.10.0.0/16", "zones": ["us-east-1a", "us-east-1b"], "nat": "one"},
    "cluster": {
        "version": "1.35",
        "public_access_cidrs": ["203.0.113.0/24"],
        "admins": ["arn:aws:iam::123456789012:role/platform-admin"],
        "log_retention_days": 30,
    },
    "node_pools": {
        "system": {"instance_types": ["m7i.large"], "min_size": 2, "desired_size": 2, "max_size": 4, "disk_gib": 50},
        "game": {
            "workload": "game-server",
            "instance_types": ["c7i.xlarge"],
            "min_size": 3,
            "desired_size": 3,
            "max_size": 6,
            "disk_gib": 100,
        },
    },
    "namespace": {"name": "mmorpg-game"},
    "worlds": {
        "count": 3,
        "max_count": 5,
        "players_per_world": 2000,
        "image": "mmorpg/game-server:v2.1.0",
        "loader_image": "mmorpg/world-data-loader:v1.2.0",
        "storage_gib": 10,
    },
}

SUBNETS = {
    "public": {"us-east-1a": "10.10.0.0/24", "us-east-1b": "10.10.1.0/24"},
    "private": {"us-east-1a": "10.10.4.0/22", "us-east-1b": "10.10.8.0/22"},
}

GONE = object()  # as a value: take the key away


def stack(**regions: dict[str, Any]) -> dict[str, Any]:
    """Plain settings of a stack with these regions, or with the one valid region `us-east`."""
    return {"cloud": "aws", "game": "mmorpg", "regions": regions or {"us-east": copy.deepcopy(REGION)}}


def region(changes: dict[str, Any] | None = None) -> dict[str, Any]:
    """The valid region with values changed at dotted paths ("network.cidr")."""
    return changed(copy.deepcopy(REGION), changes or {})


def changed(raw: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    """`raw` with values changed at dotted paths; missing mappings on the way are made."""
    for path, value in changes.items():
        *parents, last = path.split(".")
        place = raw
        for key in parents:
            place = place.setdefault(key, {})
        if value is GONE:
            del place[last]
        else:
            place[last] = value
    return raw


def problems(raw: dict[str, Any]) -> list[str]:
    """The sentences with which settings are refused."""
    with pytest.raises(SettingsError) as caught:
        parse_settings(raw)
    return str(caught.value).split("\n")


def refusal(changes: dict[str, Any]) -> str:
    """The one sentence about the valid region with `changes`."""
    found = problems(stack(**{"us-east": region(changes)}))
    assert len(found) == 1, found
    return found[0]


def existing(**changes: Any) -> dict[str, Any]:
    """`network.existing` with a subnet of each kind in each zone; the changes replace kinds or add them."""
    number: Iterator[int] = iter(range(100))
    kinds: dict[str, Any] = {**SUBNETS, **changes}
    return {
        "vpc": "vpc-0a1b2c3d4e5f60718",
        "account_id": "123456789012",
        "route_tables": ["rtb-0a1b2c3d4e5f60718"],
        **{
            kind: {zone: {"id": f"subnet-{next(number):08x}", "cidr": cidr} for zone, cidr in zones.items()}
            for kind, zones in kinds.items()
        },
    }
