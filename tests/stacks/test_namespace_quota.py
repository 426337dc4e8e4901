"""What a namespace's quota and limits must hold: its worlds, and what they share."""

from typing import Any

import pytest

from stacks.data_needs import data_needs
from stacks.settings import RegionSettings, parse_settings
from tests.stacks.sample import problems, refusal, region, stack
from tests.stacks.test_check_data import HOLDS


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


EVERYTHING: dict[str, Any] = {
    "mysql": {"storage_gib": 20},
    "redis": {},
    "postgres": {"storage_gib": 20},
    "rabbitmq": {},
    "backup": {},
}


def with_data(data: dict[str, Any], **quota: Any) -> dict[str, Any]:
    return region({**HOLDS, "data": data, **{f"namespace.quota.{field}": value for field, value in quota.items()}})


def needs(data: dict[str, Any], field: str) -> dict[str, int]:
    parts = data_needs(RegionSettings.model_validate(with_data(data)))
    return {system: part[field] for system, part in parts.items() if part.get(field)}


def test_data_systems_count_beside_the_worlds_and_the_sentence_has_every_part():
    assert needs(EVERYTHING, "claims") == {"mysql": 3, "redis": 6, "postgres": 6, "rabbitmq": 3, "backup": 13}
    parse_settings(stack(**{"us-east": with_data(EVERYTHING, claims=36)}))
    assert problems(stack(**{"us-east": with_data(EVERYTHING, claims=35)})) == [
        (
            'regions.us-east.namespace.quota.claims: "35" does not hold 5 worlds of 1 each beside 3 of mysql, 6 of '
            "redis, 6 of postgres, 3 of rabbitmq, 13 of backup; raise it to 36 or lower worlds.max_count"
        )
    ]


def test_each_system_that_is_on_needs_something_and_none_that_is_off():
    assert sorted(data_needs(RegionSettings.model_validate(with_data(EVERYTHING)))) == sorted(EVERYTHING)
    for system in sorted(EVERYTHING.keys() - {"backup"}):
        assert [*needs({system: EVERYTHING[system]}, "pods")] == [system]
    assert data_needs(RegionSettings.model_validate(region())) == {}


def test_processors_and_memory_are_told_in_the_units_of_the_settings():
    (line,) = problems(
        stack(**{"us-east": with_data({"mysql": {"storage_gib": 20}}, requests={"cpu": "8", "memory": "100Gi"})})
    )
    assert line == (
        'regions.us-east.namespace.quota.requests.cpu: "8" does not hold 5 worlds of 1 each beside 3450m of mysql; '
        "raise it to 8450m or lower worlds.max_count"
    )


@pytest.mark.parametrize(("field", "worlds"), [("services", 1), ("config_maps", 2), ("secrets", 1)])
def test_objects_of_data_systems_count_beside_those_of_the_worlds(field: str, worlds: int):
    parts = needs(EVERYTHING, field)
    whole = worlds + sum(parts.values())
    parse_settings(stack(**{"us-east": with_data(EVERYTHING, **{field: whole})}))
    listed = ", ".join(f"{amount} of {system}" for system, amount in parts.items())
    assert problems(stack(**{"us-east": with_data(EVERYTHING, **{field: whole - 1})})) == [
        (
            f"regions.us-east.namespace.quota.{field}: {whole - 1} is below the {whole} that the worlds ({worlds}) and "
            f"{listed} need; give at least {whole}"
        )
    ]


def test_an_exported_mysql_needs_a_load_balancer():
    exported = {"mysql": {"storage_gib": 20, "export": True}}
    found = problems(stack(**{"us-east": with_data(exported, load_balancers=0)}))
    assert (
        "regions.us-east.namespace.quota.load_balancers: 0 is below the 1 that the worlds (0) and 1 of mysql need; "
        "give at least 1"
    ) in found


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
