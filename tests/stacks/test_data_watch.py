"""A region with every data system: each is watched, each is promised, and every alert leads somewhere."""

import re
from typing import Any

import pytest

from components.monitoring.alerts import rule_groups
from stacks.data_promises import data_promises
from stacks.data_settings import DataSettings
from stacks.data_watch import watched
from tests.docs.test_docs import anchors
from tests.shipped import ROOT

NAMESPACE = "mmorpg-game"
EVERYTHING = DataSettings.model_validate(
    {
        "mysql": {"storage_gib": 20, "replica_of": {"region": "eu-west", "host": "10.40.1.2"}},
        "redis": {},
        "postgres": {},
        "rabbitmq": {},
        "kafka": {"brokers": ["b-1.events.example.com:9094"]},
        "backup": {},
    }
)
ELSEWHERE = {"kafka"}  # others run it, and watch it
SYSTEMS = sorted(DataSettings.model_fields.keys() - ELSEWHERE)


def groups() -> list[dict[str, Any]]:
    own = [dict(group) for system in watched(EVERYTHING, NAMESPACE, 3) for group in system.groups]
    return [*rule_groups(NAMESPACE, "game-world-server", 2000), *own]


def rules() -> list[dict[str, Any]]:
    return [rule for group in groups() for rule in group["rules"]]


def alone(system: str) -> DataSettings:
    return DataSettings(**{system: getattr(EVERYTHING, system)})


@pytest.mark.parametrize("system", SYSTEMS)
def test_each_system_that_is_on_is_read_has_alerts_and_a_dashboard(system: str):
    (found,) = watched(alone(system), NAMESPACE, 3)
    assert found.name == system
    assert found.targets
    assert all(target.namespace == NAMESPACE for target in found.targets)
    assert all(group["rules"] for group in found.groups)
    assert list(found.dashboard) == [f"{system}.json"]


@pytest.mark.parametrize("system", SYSTEMS)
def test_each_system_that_is_on_is_promised(system: str):
    promises = data_promises(alone(system), NAMESPACE, 3)
    assert promises
    assert len({(one.namespace, one.kind, one.name) for one in promises}) == len(promises)


def test_what_is_off_is_neither_watched_nor_promised():
    assert watched(None, NAMESPACE, 3) == watched(DataSettings(), NAMESPACE, 3) == ()
    assert data_promises(DataSettings(), NAMESPACE, 3) == ()
    assert watched(alone("kafka"), NAMESPACE, 3) == data_promises(alone("kafka"), NAMESPACE, 3) == ()


def test_a_copy_of_another_region_is_watched_and_promised_beside_the_group():
    assert EVERYTHING.mysql is not None
    group_alone = DataSettings(mysql=EVERYTHING.mysql.model_copy(update={"replica_of": None}))
    with_copy, without = (watched(data, NAMESPACE, 3)[0] for data in (alone("mysql"), group_alone))
    assert len(with_copy.targets) == len(without.targets) + 1
    assert len(with_copy.groups) > len(without.groups)
    assert len(data_promises(alone("mysql"), NAMESPACE, 3)) == 2


def test_redis_is_missed_in_backups_only_where_there_is_redis():
    def names(data: DataSettings) -> set[str]:
        return {
            rule["alert"]
            for system in watched(data, NAMESPACE, 3)
            for group in system.groups
            for rule in group["rules"]
        }

    assert "RedisDumpOld" in names(EVERYTHING)
    assert "RedisDumpOld" not in names(alone("backup"))


def test_no_two_alerts_or_groups_of_a_region_have_one_name():
    alerts, named = [rule["alert"] for rule in rules()], [group["name"] for group in groups()]
    assert sorted(set(alerts)) == sorted(alerts)
    assert sorted(set(named)) == sorted(named)
    assert not [name for name in alerts if re.match("Kube|Node|Prometheus|Alertmanager", name)], "the chart's own"


def test_no_two_systems_are_read_by_one_monitor():
    targets = [target.name for system in watched(EVERYTHING, NAMESPACE, 3) for target in system.targets]
    assert sorted(set(targets)) == sorted(targets)


@pytest.mark.parametrize("system", SYSTEMS)
def test_every_alert_of_a_system_leads_to_a_heading_of_a_runbook(system: str):
    for found in watched(alone(system), NAMESPACE, 3):
        for rule in (rule for group in found.groups for rule in group["rules"]):
            page, _, heading = rule["annotations"]["runbook_url"].partition("#")
            assert page.startswith("docs/runbooks/"), rule["alert"]
            assert heading in anchors(ROOT / page), f"{rule['alert']} leads to #{heading} of {page}"
