"""Settings of PostgreSQL, RabbitMQ and Kafka: what is taken, and what is refused in one sentence."""

import copy
from typing import Any

import pytest
from pydantic import BaseModel, ValidationError

from components.data.kafka.component import Broker
from stacks import data_images
from stacks.broker_args import brokers, postgres_size, rabbitmq_size
from stacks.check_brokers import broker_problems
from stacks.images import image_problem
from stacks.kafka_settings import KafkaSettings
from stacks.postgres_settings import PostgresSettings
from stacks.rabbitmq_settings import RabbitmqSettings
from stacks.settings import parse_settings
from tests.stacks.sample import GONE, region, stack

KAFKA = {"brokers": ["b-1.events.example.com:9094"]}
TWO = ["us-east-1a", "us-east-1b"]
HOLDS = {
    "network.zones": ["us-east-1a", "us-east-1b", "us-east-1c"],
    "platform": {},
    "buckets": {},
    "node_pools.data": {
        "workload": "database",
        "instance_types": ["r7i.xlarge"],
        "min_size": 3,
        "desired_size": 3,
        "max_size": 3,
        "disk_gib": 50,
    },
}


def sizes(count: int) -> dict[str, Any]:
    return {f"node_pools.data.{size}": count for size in ("min_size", "desired_size", "max_size")}


def problems(
    changes: dict[str, Any] | None = None,
    *,
    postgres: dict[str, Any] | None = None,
    rabbitmq: dict[str, Any] | None = None,
    kafka: dict[str, Any] | None = None,
) -> list[str]:
    given = {path: value for path, value in {**copy.deepcopy(HOLDS), **(changes or {})}.items() if value is not GONE}
    whole = parse_settings(stack(**{"us-east": region(given)}))
    return list(
        broker_problems(
            "us-east",
            whole.regions["us-east"],
            postgres=None if postgres is None else PostgresSettings.model_validate(postgres),
            rabbitmq=None if rabbitmq is None else RabbitmqSettings.model_validate(rabbitmq),
            kafka=None if kafka is None else KafkaSettings.model_validate(kafka),
        )
    )


def test_the_defaults_of_all_three_fit_a_region_that_has_what_they_need():
    assert problems(postgres={}, rabbitmq={}, kafka=KAFKA) == []


def test_each_system_is_off_where_it_is_not_named():
    assert problems({"network.zones": TWO, "platform": GONE, "buckets": GONE, "node_pools.data": GONE}) == []


@pytest.mark.parametrize(
    ("changes", "system", "sentence"),
    [
        (
            {"network.zones": TWO, **sizes(2)},
            {"rabbitmq": {}},
            (
                "rabbitmq: RabbitMQ has 3 pods, each in a zone of its own, but network.zones are 2; "
                "give 3 zones or leave it out"
            ),
        ),
        (
            {"node_pools.data": GONE},
            {"postgres": {}},
            "postgres: no node pool takes databases; add one with workload: database",
        ),
        (
            {"platform": GONE},
            {"postgres": {}},
            ("postgres: its certificates come from cert-manager, and the region has no platform; add platform: {}"),
        ),
        (
            {"buckets": GONE},
            {"postgres": {}},
            ("postgres.backup: the region has no buckets to put it in; add buckets: {} or set backup: null"),
        ),
        (
            {},
            {"postgres": {"cpu": "3"}},
            'postgres.cpu: "3" is above cpu_limit "2"; lower it or raise cpu_limit',
        ),
        (
            {},
            {"rabbitmq": {"cpu_limit": "6"}},
            ('rabbitmq.cpu_limit: "6" is above namespace.limits.container.max.cpu "4"; lower it or raise that'),
        ),
        (
            {},
            {"postgres": {"storage_gib": 200}},
            (
                "postgres.storage_gib: 200 is outside the namespace's claims of 1Gi to 100Gi; change "
                "it or namespace.limits.claim"
            ),
        ),
        (
            {},
            {"postgres": {"wal_gib": 101}},
            (
                "postgres.wal_gib: 101 is outside the namespace's claims of 1Gi to 100Gi; change it "
                "or namespace.limits.claim"
            ),
        ),
        (
            {},
            {"rabbitmq": {"memory_gib": 4, "storage_gib": 7}},
            ("rabbitmq.storage_gib: 7 is below twice memory_gib 4, of which once must stay free; give at least 8"),
        ),
        (
            {},
            {"kafka": {"brokers": ["b-1.example.com:9092"]}},
            (
                "kafka.tls: true, but b-1.example.com:9092 is the usual port of brokers without TLS; "
                "give their port of TLS or set tls: false"
            ),
        ),
    ],
)
def test_what_a_region_cannot_hold_is_refused_in_one_sentence(
    changes: dict[str, Any], system: dict[str, Any], sentence: str
):
    assert problems(changes, **system) == [f"regions.us-east.data.{sentence}"]


def test_memory_is_bound_by_the_container_and_with_the_sidecar_by_the_pod():
    (only,) = problems(postgres={"memory_gib": 9})
    assert "namespace.limits.container.max.memory" in only
    both = problems(postgres={"memory_gib": 16})
    assert [one for one in both if "namespace.limits.pod.max.memory" in one], "16 GiB and the sidecar's half"


def test_without_backup_no_bucket_is_needed():
    assert problems({"buckets": GONE}, postgres={"backup": None}) == []


def test_a_pool_of_karpenter_takes_databases_as_well():
    karpenter = {
        "peak": {"start": "17:00", "hours": 6, "time_zone": "America/New_York"},
        "pools": {"data": {"workload": "database", "families": ["r7i"], "sizes": ["xlarge"]}},
    }
    assert (
        problems({"node_pools.data": GONE, "karpenter": karpenter, "network.pods": "100.64.0.0/16"}, rabbitmq={}) == []
    )


@pytest.mark.parametrize(
    ("model", "raw", "reason"),
    [
        (PostgresSettings, {"database": "Game"}, "is no plain name"),
        (PostgresSettings, {"database": "game-db"}, "is no plain name"),
        (PostgresSettings, {"owner": "postgres"}, "is a name of the server's own"),
        (PostgresSettings, {"owner": "pg_monitor"}, "is a name of the server's own"),
        (PostgresSettings, {"wal_gib": 7}, "greater than or equal to 8"),
        (PostgresSettings, {"backup": {"schedule": "30 3 * * *"}}, "is no schedule of six fields"),
        (PostgresSettings, {"backup": {"retention_days": 6}}, "greater than or equal to 7"),
        (PostgresSettings, {"instances": 5}, "Extra inputs are not permitted"),
        (RabbitmqSettings, {"memory_gib": 0}, "greater than or equal to 1"),
        (KafkaSettings, {"brokers": []}, "at least 1 item"),
        (KafkaSettings, {"brokers": ["example.com"]}, "is no broker"),
        (KafkaSettings, {"brokers": ["example.com:0"]}, "is no broker"),
        (KafkaSettings, {"brokers": ["example.com:65536"]}, "is no broker"),
        (KafkaSettings, {"brokers": ["kafka://example.com:9092"]}, "is no broker"),
        (KafkaSettings, {"brokers": ["a:9093", "a:9093"]}, "more than once"),
        (KafkaSettings, {"brokers": ["a:9093"], "cidrs": ["10.0.0.1"]}, "is no IPv4 block"),
    ],
)
def test_what_no_server_would_take_is_refused(model: type[BaseModel], raw: dict[str, Any], reason: str):
    with pytest.raises(ValidationError, match=reason):
        model.model_validate(raw)


def test_brokers_are_hosts_and_ports():
    found = KafkaSettings.model_validate({"brokers": ["10.0.0.1:9094", "b.example.com:65535"]})
    assert brokers(found) == (Broker(host="10.0.0.1", port=9094), Broker(host="b.example.com", port=65535))


def test_sizes_reach_the_components_as_they_are():
    postgres, rabbitmq = postgres_size(PostgresSettings()), rabbitmq_size(RabbitmqSettings())
    assert (postgres.cpu, postgres.memory_gib, postgres.storage_gib, postgres.wal_gib) == ("500m", 2, 50, 10)
    assert (rabbitmq.cpu, rabbitmq.memory_gib, rabbitmq.storage_gib) == ("250m", 2, 20)


@pytest.mark.parametrize("name", [name for name in vars(data_images) if name.isupper()])
def test_images_are_pinned(name: str):
    assert image_problem(getattr(data_images, name)) is None
