"""What a namespace's quota and limits must hold: its worlds, and what they share."""

from typing import Any

import pytest

from stacks.settings import parse_settings
from tests.stacks.sample import problems, refusal, region, stack


def many_worlds(count: int) -> dict[str, Any]:
    sizes = {f"node_pools.game.{name}": count for name in ("min_size", "desired_size", "max_size")}
    return {**sizes, "worlds.count": count, "worlds.max_count": count}


def test_a_quota_that_does_not_hold_the_largest_number_of_worlds_is_refused_with_the_sum():
    # The published quota of 50 CPU, 100 CPU of limits and 20 claims does not hold 60 worlds of 1 CPU (limit 2) each.
    needs = [
        ("claims", "20", "1", "60"),
        ("limits.cpu", "100", "2", "120"),
        ("limits.memory", "200Gi", "4Gi", "240Gi"),
        ("requests.cpu", "50", "1", "60"),
        ("requests.memory", "100Gi", "2Gi", "120Gi"),
    ]
    assert problems(stack(**{"us-east": region(many_worlds(60))})) == [
        f'regions.us-east.namespace.quota.{field}: "{given}" does not hold 60 worlds of {each} each; '
        f"raise it to {total} or lower worlds.max_count"
        for field, given, each, total in needs
    ]


def test_a_quota_raised_as_the_refusal_says_is_taken():
    quota = {
        "namespace.quota.claims": 60,
        "namespace.quota.requests": {"cpu": 60, "memory": "120Gi"},
        "namespace.quota.limits": {"cpu": 120, "memory": "240Gi"},
    }
    parse_settings(stack(**{"us-east": region({**many_worlds(60), **quota})}))


def test_a_storage_or_pod_quota_below_the_worlds_is_refused():
    assert 'storage: "40Gi" does not hold 5 worlds of 10Gi each' in refusal({"namespace.quota.storage": "40Gi"})
    assert 'pods: "4" does not hold 5 worlds' in refusal({"namespace.quota.pods": 4})


@pytest.mark.parametrize(("field", "need"), [("services", 1), ("config_maps", 2), ("secrets", 1)])
def test_a_quota_without_room_for_what_worlds_share_is_refused(field: str, need: int):
    found = refusal({f"namespace.quota.{field}": need - 1})
    assert found == (
        f"regions.us-east.namespace.quota.{field}: {need - 1} is below the {need} that the worlds need; "
        f"give at least {need}"
    )


@pytest.mark.parametrize(
    ("path", "value", "sentence"),
    [
        ("container.min", {"cpu": "2", "memory": "128Mi"}, 'container.min.cpu: "2" is above default_request "100m"'),
        ("container.default", {"cpu": "5", "memory": "1Gi"}, 'container.default.cpu: "5" is above max "4"'),
        ("container.max", {"cpu": "4", "memory": "32Gi"}, 'container.max.memory: "32Gi" is above pod.max "16Gi"'),
        ("claim.min", "200Gi", 'claim.min: "200Gi" is above max "100Gi"'),
    ],
)
def test_bounds_of_the_limit_range_rise(path: str, value: Any, sentence: str):
    found = problems(stack(**{"us-east": region({f"namespace.limits.{path}": value})}))
    assert any(line.startswith(f"regions.us-east.namespace.limits.{sentence}") for line in found), found


@pytest.mark.parametrize("size", [1, 100])
def test_a_world_volume_within_the_claims_is_taken(size: int):
    parse_settings(stack(**{"us-east": region({"worlds.storage_gib": size})}))


def test_a_world_volume_outside_the_claims_is_refused():
    assert refusal({"worlds.storage_gib": 101}) == (
        "regions.us-east.worlds.storage_gib: 101 is outside the namespace's claims of 1Gi to 100Gi; "
        "change it or namespace.limits.claim"
    )


def test_worlds_stay_within_their_own_limits_and_the_namespaces():
    big = {"cpu": "5", "memory": "4Gi"}
    assert 'worlds.limits.cpu: "5" is above namespace.limits.container.max "4"' in refusal({"worlds.limits": big})
    small = {"cpu": "500m", "memory": "4Gi"}
    assert 'worlds.requests.cpu: "1" is above limits "500m"' in refusal({"worlds.limits": small})
    found = problems(stack(**{"us-east": region({"worlds.requests": {"cpu": "10m", "memory": "2Gi"}})}))
    assert any('namespace.limits.container.min.cpu: "50m" is above worlds.requests "10m"' in line for line in found)
