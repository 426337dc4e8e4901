"""Data systems that need each other, or what only the region has: each refused in one sentence."""

import copy
from typing import Any

import pytest

from stacks.settings import parse_settings
from tests.stacks.sample import GONE, problems, region, stack

HOLDS: dict[str, Any] = {
    "network.zones": ["us-east-1a", "us-east-1b", "us-east-1c"],
    "platform": {},
    "buckets": {},
    "node_pools.database": {
        "workload": "database",
        "instance_types": ["r7i.2xlarge"],
        "min_size": 3,
        "desired_size": 3,
        "max_size": 6,
        "disk_gib": 100,
    },
    "namespace.quota.claims": 40,
    "data": {"mysql": {"storage_gib": 20}, "redis": {}, "backup": {}},
}


def changed(**changes: Any) -> dict[str, Any]:
    dotted = {path.replace("__", "."): value for path, value in changes.items()}
    given = {path: value for path, value in {**copy.deepcopy(HOLDS), **dotted}.items() if value is not GONE}
    return stack(**{"us-east": region(given)})


def test_backups_of_mysql_into_the_regions_buckets_are_taken():
    parse_settings(changed())


def test_backups_without_buckets_are_refused_with_what_to_add():
    assert problems(changed(buckets=GONE)) == [
        "regions.us-east.data.backup: the region has no buckets to put backups in; add buckets: {}"
    ]


@pytest.mark.parametrize("data", [{"backup": {}}, {"redis": {}, "backup": {}}])
def test_backups_of_nothing_are_refused(data: dict[str, Any]):
    assert problems(changed(data=data)) == [
        "regions.us-east.data.backup: there is no MySQL to back up; add data.mysql or take data.backup out"
    ]


def test_every_systems_own_checks_are_asked_by_its_path():
    wrong = {
        "mysql": {"storage_gib": 20, "export": True},
        "redis": {"masters": 4},
        "backup": {"archive_minutes": 8},
        "postgres": {"cpu": "3"},
        "rabbitmq": {"cpu": "3"},
    }
    found = problems(changed(data=wrong, namespace__quota__claims=60))
    for system in wrong:
        assert any(line.startswith(f"regions.us-east.data.{system}.") for line in found), (system, found)
