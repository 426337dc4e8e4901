"""Karpenter's settings: what is taken, what is refused in one sentence, and the peak in UTC."""

import copy
from typing import Any

import pytest
from pydantic import ValidationError

from components.kube.compute import Compute
from stacks.check_karpenter import density, karpenter_problems
from stacks.game_settings import Resources
from stacks.instance_types import INSTANCE_TYPES
from stacks.karpenter_args import karpenter_pools, peak_hours
from stacks.karpenter_settings import KarpenterSettings, PeakSettings
from stacks.settings import parse_settings
from tests.stacks.sample import GONE, changed, region, stack

RAW: dict[str, Any] = {
    "peak": {"start": "17:00", "hours": 6, "time_zone": "America/New_York"},
    "pools": {
        "services": {"families": ["c6i", "c7i", "m6i", "m7i", "r7i"], "sizes": ["xlarge", "2xlarge", "4xlarge"]},
        "worlds": {"workload": "game-server", "families": ["c7i", "c6i"], "sizes": ["xlarge"]},
        "data": {"workload": "database", "families": ["r7i"], "sizes": ["xlarge"]},
    },
}


def settings(changes: dict[str, Any] | None = None) -> KarpenterSettings:
    return KarpenterSettings.model_validate(changed(copy.deepcopy(RAW), changes or {}))


def problems(changes: dict[str, Any] | None = None, of_region: dict[str, Any] | None = None) -> list[str]:
    whole = parse_settings(stack(**{"us-east": region(of_region)}))
    return list(karpenter_problems("us-east", whole.regions["us-east"], settings(changes)))


def peak(start: str, hours: int, time_zone: str) -> tuple[str, int]:
    found = peak_hours(PeakSettings(start=start, hours=hours, time_zone=time_zone))
    return found.schedule, found.hours


def test_valid_settings_are_taken_with_the_specs_limits():
    assert problems() == []
    pools = karpenter_pools(settings())
    assert {pool.limits for pool in pools.values()} == {Compute(cpu="1000", memory="1000Gi")}
    assert {name: pool.workload for name, pool in pools.items()} == {
        "services": None,
        "worlds": "game-server",
        "data": "database",
    }


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"peak.start": "24:00"}, "is no time of day"),
        ({"peak.start": "5:00"}, "is no time of day"),
        ({"peak.time_zone": "America/Newyork"}, "is no time zone of the IANA database"),
        ({"peak.hours": 13}, "less than or equal to 12"),
        ({"pools": {}}, "at least 1 item"),
        ({"pools.services.families": ["c7i", "c7i"]}, "names c7i more than once"),
        ({"peak.zone": "UTC"}, "Extra inputs"),
    ],
)
def test_a_value_that_is_none_is_refused(changes: dict[str, Any], sentence: str):
    with pytest.raises(ValidationError, match=sentence):
        settings(changes)


@pytest.mark.parametrize(
    ("local", "utc"),
    [
        # 17:00 is 21:00 UTC in summer and 22:00 in winter: one window over both.
        (("17:00", 6, "America/New_York"), ("0 21 * * *", 7)),
        (("18:00", 5, "Asia/Seoul"), ("0 9 * * *", 5)),
        (("18:30", 5, "Asia/Kolkata"), ("0 13 * * *", 5)),
        # Local evening, the UTC day before and after.
        (("20:15", 4, "America/Los_Angeles"), ("15 3 * * *", 5)),
        (("05:00", 3, "Australia/Sydney"), ("0 18 * * *", 4)),
        (("18:00", 6, "UTC"), ("0 18 * * *", 6)),
        # Clocks go back in Ramadan, not in winter.
        (("19:00", 4, "Africa/Casablanca"), ("0 18 * * *", 5)),
    ],
)
def test_the_peak_is_told_in_utc_and_covers_both_halves_of_the_year(local: tuple[str, int, str], utc: tuple[str, int]):
    assert peak(*local) == utc


def test_a_family_or_size_that_is_unknown_or_of_another_architecture_is_refused_with_what_was_meant():
    assert problems({"pools.worlds.families": ["c7g"]}) == [
        (
            'regions.us-east.karpenter.pools.worlds.families[0]: "c7g" is none of the known amd64 instance families; '
            'did you mean "c7i"?'
        )
    ]
    (found,) = problems({"pools.data.sizes": ["xxlarge"]})
    assert found.startswith('regions.us-east.karpenter.pools.data.sizes[0]: "xxlarge" is none of the known')


def test_an_arm_pool_takes_arm_families_only():
    arm = {"workload": "database", "arch": "arm64", "families": ["r7g"], "sizes": ["xlarge"]}
    assert problems({"pools.data": arm}) == []
    (found,) = problems({"pools.data": {**arm, "families": ["r7i"]}})
    assert '"r7i" is none of the known arm64 instance families' in found


def test_a_pool_with_the_name_of_a_managed_one_is_refused():
    raw = {"pools.game": RAW["pools"]["worlds"], "pools.worlds": GONE}
    assert problems(raw) == [
        (
            "regions.us-east.karpenter.pools.game: a managed pool of the region has this name too, so their nodes "
            "cannot be told apart; choose another name"
        )
    ]


def test_a_pool_with_the_name_of_a_zones_database_pool_is_refused():
    raw = {"pools.data-us-east-1a": RAW["pools"]["worlds"]}
    assert problems(raw) == [
        (
            'regions.us-east.karpenter.pools.data-us-east-1a: its pool "data-us-east-1a" has the name of pool "data"; '
            "rename one of them"
        )
    ]


def test_a_name_that_is_too_long_for_a_label_is_refused_with_its_zone():
    raw = {"pools.data": GONE, f"pools.{'d' * 55}": RAW["pools"]["data"]}
    found = problems(raw)
    assert len(found) == 2, "one for each zone"
    assert "has 66 characters, above the 63 of a label; shorten the pool's name" in found[0]


def test_a_spot_pool_of_few_types_is_refused():
    assert problems({"pools.services.sizes": ["xlarge", "2xlarge"]}) == [
        (
            "regions.us-east.karpenter.pools.services: 10 instance types are below the 15 that a spot pool needs to "
            "find capacity; add families or sizes"
        )
    ]


def test_a_type_that_holds_no_world_is_refused():
    found = problems({"pools.worlds.sizes": ["large", "xlarge"]}, {"worlds.requests": {"cpu": "2", "memory": "4Gi"}})
    assert found == [
        f'regions.us-east.karpenter.pools.worlds: "{kind}" (2 vCPU, 4Gi) does not hold a world and the node\'s own '
        "needs; take its size out of sizes"
        for kind in ("c7i.large", "c6i.large")
    ]


def test_limits_below_one_node_are_refused():
    found = problems({"pools.data.limits": {"cpu": "3", "memory": "1000Gi"}})
    assert found == [
        (
            'regions.us-east.karpenter.pools.data.limits: 3 vCPU and 1000Gi do not hold one "r7i.xlarge" (4 vCPU, '
            "32Gi); raise the limits or take the type out"
        )
    ]


def test_limits_below_all_worlds_at_once_are_refused():
    found = problems({"pools.worlds.limits": {"cpu": "16", "memory": "1000Gi"}})
    assert found == [
        (
            "regions.us-east.karpenter.pools.worlds.limits: 4 nodes of the smallest type do not hold 5 worlds, one "
            "each; raise the limits or lower worlds.max_count"
        )
    ]
    memory = problems({"pools.worlds.limits": {"cpu": "1000", "memory": "39Gi"}})
    assert "4 nodes of the smallest type do not hold 5 worlds" in memory[0], "8 GiB each"
    assert problems({"pools.worlds.limits": {"cpu": "20", "memory": "40Gi"}}) == []


def test_pods_of_2_cpu_and_4_gib_on_a_node_are_reckoned_with_what_the_node_keeps():
    pod = Resources(cpu="2", memory="4Gi")
    assert {kind: density(INSTANCE_TYPES[kind], pod) for kind in ("c5.large", "m5.large", "c5.2xlarge")} == {
        "c5.large": 0,  # not one, though 2 vCPU and 4 GiB are just what it has
        "m5.large": 0,
        "c5.2xlarge": 3,
    }
    ten = [kind for kind, room in INSTANCE_TYPES.items() if density(room, pod) >= 10]
    assert min(INSTANCE_TYPES[kind].vcpus for kind in ten) >= 24, "ten to a node, as promised, take 24 vCPUs"
