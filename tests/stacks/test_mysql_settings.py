"""What a stack file may ask of MySQL, and the sentences by which the rest is refused."""

import copy
from typing import Any

import pytest
from pydantic import ValidationError

from components.data.ground import DataGround
from components.operations.image_source import ImageSource
from stacks import mysql_args
from stacks.check_mysql import check_mysql, check_mysql_sources, mysql_needs
from stacks.mysql_settings import MysqlSettings
from stacks.settings import RegionSettings
from stacks.settings_errors import sentences
from tests.stacks.sample import REGION, changed

PATH = "regions.us-east.data.mysql"
DATABASE_POOL = {
    "workload": "database",
    "instance_types": ["r7i.xlarge"],
    "min_size": 3,
    "desired_size": 3,
    "max_size": 6,
    "disk_gib": 500,
}
THREE_ZONES = {
    "network.zones": ["us-east-1a", "us-east-1b", "us-east-1c"],
    "node_pools.database": DATABASE_POOL,
    "platform": {},
}


def region(**changes: Any) -> RegionSettings:
    dotted = {path.replace("__", "."): value for path, value in changes.items()}
    return RegionSettings.model_validate(changed(copy.deepcopy(REGION), {**copy.deepcopy(THREE_ZONES), **dotted}))


def mysql(**settings: Any) -> MysqlSettings:
    return MysqlSettings.model_validate({"storage_gib": 50, **settings})


def refusals(settings: MysqlSettings, place: RegionSettings | None = None) -> list[str]:
    return list(check_mysql(PATH, place or region(), settings))


def refused_by_type(**settings: Any) -> str:
    with pytest.raises(ValidationError) as caught:
        mysql(**settings)
    (sentence,) = sentences(caught.value, MysqlSettings)
    return sentence


def test_the_games_figures_are_the_defaults_and_hold_together():
    settings = mysql()
    assert (settings.replicas, settings.buffer_pool, settings.max_connections) == (3, "1Gi", 1000)
    assert (settings.requests.memory, settings.limits.memory) == ("4Gi", "4Gi")
    assert refusals(settings) == []


@pytest.mark.parametrize("count", [0, 1, 2, 4, 6])
def test_a_group_has_three_members_or_five(count: int):
    assert refused_by_type(replicas=count) == (
        f"replicas: {count} is no size of a group that loses a member and still decides; give 3 or 5"
    )


def test_more_members_than_zones_are_refused():
    five = {**DATABASE_POOL, "min_size": 6, "desired_size": 6}
    (sentence,) = refusals(mysql(replicas=5), region(node_pools__database=five))
    assert sentence == (
        f"{PATH}.replicas: 5 servers are above the region's 3 zones, and a zone that holds two takes both with it; "
        "add zones to network.zones or give 3"
    )


def test_a_region_of_two_zones_holds_no_group():
    (sentence,) = refusals(mysql(), region(network__zones=["us-east-1a", "us-east-1b"]))
    assert sentence.endswith("add zones to network.zones")


def test_a_limit_below_what_the_server_needs_is_refused_with_the_sum():
    small = mysql(limits={"cpu": "2", "memory": "3Gi"}, requests={"cpu": "1", "memory": "3Gi"})
    (sentence,) = refusals(small)
    assert sentence == (
        f'{PATH}.limits.memory: "3Gi" is below 3852Mi: buffer pool 1Gi + server 700Mi + group 128Mi + 1000 connections '
        "of 2Mi; raise it, or lower buffer_pool or max_connections"
    )
    assert refusals(small.model_copy(update={"max_connections": 500})) == []


def test_a_buffer_pool_above_three_fifths_of_the_limit_is_refused():
    found = refusals(mysql(buffer_pool="2560Mi", max_connections=100))
    assert found == [
        f'{PATH}.buffer_pool: "2560Mi" is above 60% of limits.memory 4Gi; give at most 2457Mi or raise the limit'
    ]


def test_requests_above_limits_are_refused():
    (sentence,) = refusals(
        mysql(requests={"cpu": "3", "memory": "4Gi"}), region(node_pools__database__instance_types=["r7i.2xlarge"])
    )
    assert sentence == f'{PATH}.requests.cpu: "3" is above limits.cpu 2; lower the one or raise the other'


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("query_cache_size", 0, "was removed, and MySQL 8.4 does not start with it"),
        ("expire_logs_days", 3, "use binlog_expire_logs_seconds instead"),
        ("sort_bufer_size", 524288, 'did you mean "sort_buffer_size"?'),
        ("sort_buffer_size", 5, "'5' is not a whole number from 32768"),
        ("group_replication_bootstrap_group", True, "is decided by the design of the group"),
        ("max_connections", 5000, "is set by a setting of its own"),
    ],
)
def test_a_variable_that_is_unknown_removed_or_out_of_bounds_is_refused(name: str, value: object, words: str):
    (sentence,) = refusals(mysql(variables={name: value}))
    assert sentence.startswith(f"{PATH}.variables.{name}")
    assert words in sentence


def test_variables_that_tune_are_taken():
    assert (
        refusals(mysql(variables={"sort_buffer_size": 524288, "long_query_time": 0.2, "event_scheduler": False})) == []
    )


@pytest.mark.parametrize("size", [9, 16385])
def test_a_volume_has_a_size_that_ebs_gives(size: int):
    assert refused_by_type(storage_gib=size).startswith(f"storage_gib: {size} is ")


def test_a_volume_outside_the_namespaces_claims_is_refused():
    (sentence,) = refusals(mysql(storage_gib=200))
    assert sentence == (
        f"{PATH}.storage_gib: 200 is outside the namespace's claims of 1Gi to 100Gi; change it or "
        "namespace.limits.claim"
    )


def test_a_region_without_database_nodes_is_refused():
    place = RegionSettings.model_validate(
        changed(copy.deepcopy(REGION), {"network.zones": THREE_ZONES["network.zones"], "platform": {}})
    )
    assert refusals(mysql(), place) == [f"{PATH}: no node pool takes databases; add one with workload: database"]


def test_fewer_nodes_than_members_are_refused():
    (sentence,) = refusals(mysql(), region(node_pools__database__desired_size=2, node_pools__database__min_size=2))
    assert "3 servers do not fit on 2 database nodes, one server each; raise desired_size of the pool to 3" in sentence


def test_nodes_too_small_for_a_member_are_refused():
    place = region(node_pools__database__instance_types=["m7i.large", "r7i.xlarge"])
    (sentence,) = refusals(mysql(requests={"cpu": "2", "memory": "4Gi"}), place)
    assert sentence == (
        f"{PATH}.requests: with its agent and exporter and the node's own needs a server takes 2650m vCPU and 5504Mi, "
        "more than a m7i.large of node_pools.database has (2 vCPU, 8Gi); lower requests or take a larger type"
    )


def test_a_variable_has_one_value_and_a_whole_number_may_be_written_with_a_point():
    assert refusals(mysql(variables={"sort_buffer_size": 524288.0})) == []
    with pytest.raises(ValidationError, match="is neither text, a number, true nor false"):
        mysql(variables={"sort_buffer_size": [1]})


def test_a_region_where_nobody_signs_certificates_is_refused():
    place = RegionSettings.model_validate(
        changed(
            copy.deepcopy(REGION),
            {"network.zones": THREE_ZONES["network.zones"], "node_pools.database": DATABASE_POOL},
        )
    )
    (sentence,) = refusals(mysql(), place)
    assert sentence.endswith("nothing signs any; add platform to the region")


def test_limits_above_the_namespaces_bounds_are_refused():
    (sentence,) = refusals(mysql(limits={"cpu": "5", "memory": "4Gi"}))
    assert sentence == (
        f'{PATH}.limits.cpu: "5" is above namespace.limits.container.max.cpu 4; lower it or raise the bound'
    )


def test_three_members_take_three_claims_and_pods_of_the_quota():
    needs = mysql_needs(mysql())
    assert needs["claims"] == needs["pods"] == 3
    assert needs["requests.cpu"] == 3 * 1150
    assert needs["storage"] == 150 * 1024**2


def test_a_copy_takes_its_share_of_the_quota():
    with_copy = mysql_needs(mysql(replica_of={"region": "eu-west", "host": "10.40.1.2"}, export=True))
    alone = mysql_needs(mysql())
    assert with_copy["pods"] - alone["pods"] == 1
    assert with_copy["load_balancers"] - alone["load_balancers"] == 1
    assert with_copy["requests.cpu"] > alone["requests.cpu"]


@pytest.mark.parametrize(
    ("sources", "peering", "words"),
    [
        ({"us-east": mysql(export=True)}, False, "set peering: true or leave export out"),
        (
            {"us-east": mysql(replica_of={"region": "us-east", "host": "a"})},
            True,
            '"us-east" is the region itself; name another one',
        ),
        (
            {"us-east": mysql(replica_of={"region": "eu-wets", "host": "a"}), "eu-west": mysql(export=True)},
            True,
            'is no region of the stack with MySQL; did you mean "eu-west"?',
        ),
        (
            {"us-east": mysql(replica_of={"region": "eu-west", "host": "a"}), "eu-west": mysql()},
            True,
            '"eu-west" lets nobody copy its data; set export: true in regions.eu-west.data.mysql',
        ),
    ],
)
def test_a_copy_of_nobody_is_refused(sources: dict[str, MysqlSettings], peering: bool, words: str):
    (sentence,) = check_mysql_sources(sources, lambda name: f"regions.{name}.data.mysql", peering=peering)
    assert words in sentence


def test_a_copy_of_a_region_that_exports_is_taken():
    sources = {
        "us-east": mysql(replica_of={"region": "eu-west", "host": "mysql.internal"}),
        "eu-west": mysql(export=True),
    }
    assert list(check_mysql_sources(sources, lambda name: name, peering=True)) == []


@pytest.mark.parametrize("name", ["mysql", "Game", "1game", "game;drop"])
def test_a_database_has_a_plain_name_that_is_not_mysqls_own(name: str):
    assert "is no name of a database" in refused_by_type(database=name)


@pytest.mark.parametrize("host", ["a host", "host:3306", "", "-a", "a'b"])
def test_a_source_is_a_host_without_a_port(host: str):
    assert "is no host" in refused_by_type(replica_of={"region": "eu-west", "host": host})


def test_settings_become_the_components_arguments():
    place = region(network__pods="100.64.0.0/16")
    ground = DataGround(
        game="mmorpg",
        prefix="mmorpg-us-east",
        namespace="mmorpg-game",
        zones=place.network.zones,
        storage_class="fast-ssd",
        priority_class="game-databases",
        issuer="data-issuer",
        protect=True,
    )
    settings = mysql(buffer_pool="2Gi", max_connections=100, replica_of={"region": "eu-west", "host": "mysql.internal"})
    images = ImageSource(registry="registry.example")
    arguments = mysql_args.mysql(ground, settings, images, place.network)
    assert arguments.figures.buffer_pool == 2 * 1024**3
    assert arguments.api_server == ("10.10.0.0/16", "10.100.0.0/16", "172.20.0.0/16")
    assert arguments.image == "mysql:8.4.11"
    assert arguments.export is None
    copy_of = mysql_args.replica(ground, settings, images, place.network, {"exporter": "secret"})
    assert copy_of.source_host == "mysql.internal"
    assert copy_of.source_blocks == ("10.10.0.0/16", "100.64.0.0/16"), "nodes and pods have blocks of their own"
    with pytest.raises(ValueError, match="no replica_of"):
        mysql_args.replica(ground, mysql(), images, place.network, {})
