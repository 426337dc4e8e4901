"""Redis in a stack file: what is taken, and the sentence with which the rest is refused."""

from typing import Any

import pytest
from pydantic import ValidationError

from components.data.ground import DataGround
from stacks.check_redis import check_redis, redis_needs
from stacks.images import image_problem
from stacks.redis_args import redis_args
from stacks.redis_settings import RedisSettings
from stacks.settings import RegionSettings
from tests.stacks.sample import changed, region

PATH = "regions.us-east.data.redis"
ZONES = ["us-east-1a", "us-east-1b", "us-east-1c"]
DATABASE = {
    "workload": "database",
    "instance_types": ["r7i.xlarge"],
    "min_size": 3,
    "desired_size": 3,
    "max_size": 6,
    "disk_gib": 500,
}
GIB = 1024**2  # in KiB


def settings(**redis: Any) -> RedisSettings:
    return RedisSettings.model_validate(redis)


def problems(redis: dict[str, Any] | None = None, **changes: Any) -> list[str]:
    raw = changed(region({"network.zones": ZONES, "platform": {}}), {"node_pools.database": dict(DATABASE)})
    changed(raw, {path.replace("__", "."): value for path, value in changes.items()})
    return list(check_redis(PATH, RegionSettings.model_validate(raw), settings(**(redis or {}))))


def test_the_usual_figures_suit_a_region_of_three_zones():
    assert problems() == []
    usual = settings()
    assert (usual.masters, usual.servers, usual.storage_gib) == (3, 6, 5)
    assert (usual.requests.cpu, usual.requests.memory) == ("250m", "512Mi")
    assert (usual.limits.cpu, usual.limits.memory) == ("500m", "1Gi")


@pytest.mark.parametrize("masters", [0, 1, 2, 101])
def test_fewer_than_three_masters_are_no_setting(masters: int):
    with pytest.raises(ValidationError):
        settings(masters=masters)


def test_masters_of_which_a_zone_holds_half_are_refused():
    (found,) = problems({"masters": 4})
    assert found == (
        f"{PATH}.masters: 4 masters in 3 zones: one of these holds 2, and the other 2 are no majority when it is lost; "
        "give one master more or less"
    )
    assert problems({"masters": 5}) == []


def test_two_zones_are_refused():
    (found,) = problems(network__zones=ZONES[:2])
    assert found == (f"{PATH}.masters: 3 masters in 2 zones keep no majority when one is lost; give the region 3 zones")


def test_servers_need_a_database_node_in_each_zone():
    (found,) = problems(node_pools__database__min_size=2)
    assert "keep 2 nodes, and servers stand in each of 3 zones; give such a pool min_size 3" in found
    (found,) = problems(node_pools__database__workload=None)
    assert "workload: database keep 0 nodes" in found


def test_nobody_signs_certificates_without_the_platform():
    (found,) = problems(platform=None)
    assert found == f"{PATH}: nobody makes its certificates; give the region platform, which brings cert-manager"


@pytest.mark.parametrize(
    ("name", "value", "end"),
    [
        ("hash-max-ziplist-entries", "512", "use hash-max-listpack-entries"),
        ("maxmemory", "2gb", "is the cluster's own, and its failover or its data rest on it; remove it"),
        ("cluster-node-timeout", "100", "is the cluster's own"),
        ("maxmemorypolicy", "noeviction", "is not known"),
        ("hz", "many", "is not a whole number"),
    ],
)
def test_a_line_that_redis_conf_must_not_have_is_refused(name: str, value: str, end: str):
    (found,) = problems({"settings": {name: value}})
    assert found.startswith(f'{PATH}.settings.{name}: "{value}" ')
    assert end in found


def test_a_line_that_it_may_have_is_taken():
    assert problems({"settings": {"maxmemory-policy": "noeviction", "hz": "20"}}) == []


def test_a_volume_is_within_the_namespaces_claims():
    (found,) = problems({"storage_gib": 101})
    assert found == (
        f"{PATH}.storage_gib: 101 is outside the namespace's claims of 1Gi to 100Gi; change it or "
        "namespace.limits.claim"
    )


def test_a_server_is_within_the_namespaces_containers_and_its_own_limits():
    (found,) = problems({"requests": {"cpu": "250m", "memory": "2Gi"}})
    assert 'requests.memory "2Gi" is above limits "1Gi"' in found
    assert any("namespace.limits.container.max" in each for each in problems({"limits": {"cpu": "5", "memory": "1Gi"}}))
    (found,) = problems({"requests": {"cpu": "100m", "memory": "128Mi"}, "limits": {"cpu": "500m", "memory": "128Mi"}})
    assert "leaves too little for keys" in found


def test_fewer_masters_take_two_steps():
    assert problems({"masters": 5, "scale_in_to": 3}) == []
    (found,) = problems({"masters": 3, "scale_in_to": 3})
    assert "scale_in_to: 3 is not below masters 3" in found
    (found,) = problems({"masters": 5, "scale_in_to": 4})
    assert found.startswith(f"{PATH}.scale_in_to: 4 masters in 3 zones")


def test_what_redis_takes_of_the_namespace_is_all_servers_and_a_job():
    amounts = redis_needs(settings(storage_gib=10))
    assert (amounts["claims"], amounts["pods"], amounts["storage"]) == (6, 7, 60 * GIB)
    assert amounts["requests.cpu"] == 6 * 350 + 100, "server, healer and exporter"
    assert amounts["requests.memory"] == 6 * (512 + 128 + 128) * 1024 + 256 * 1024
    assert amounts["requests.memory"] / 6 < 1.0 * GIB, "two on a node leave room for MySQL"


def test_the_component_gets_the_settings_figures_and_pinned_images():
    ground = DataGround(
        game="mmorpg",
        prefix="mmorpg-us-east",
        namespace="mmorpg-game",
        zones=tuple(ZONES),
        storage_class="fast-ssd",
        priority_class="game-databases",
        issuer="data-issuer",
        protect=True,
    )
    fetched: list[str] = []

    def image(reference: str) -> str:
        fetched.append(reference)
        return f"cache/{reference}"

    args = redis_args(ground, settings(masters=5, rotation=2, settings={"hz": "20"}), image)
    assert (args.masters, args.pods, args.rotation) == (5, 10, 2)
    assert args.config.memory_limit_bytes == 1024**3
    assert args.config.extra == {"hz": "20"}
    assert args.images.server == "cache/valkey/valkey:8.1.11"
    assert [image_problem(reference) for reference in fetched] == [None, None, None]
