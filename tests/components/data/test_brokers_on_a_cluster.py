"""PostgreSQL and RabbitMQ on the embedded cluster: definitions before objects, and everything gone in reverse."""

import dataclasses
from pathlib import Path

import pytest

from components.data.authority import DataAuthority, DataAuthorityArgs
from components.data.kafka.component import Kafka
from components.data.postgres.component import Postgres
from components.data.postgres.operator import PostgresOperator, PostgresOperatorArgs
from components.data.rabbitmq.component import Rabbitmq
from components.data.rabbitmq.operator import RabbitmqOperator
from components.platform.cert_manager import CertManager, CertManagerArgs
from plan.registration import RecordedResource
from tests.components.data import test_kafka, test_postgres, test_rabbitmq
from tests.components.data.brokers_ground import GROUND, NAMESPACE
from tests.components.platform.test_platform_on_a_cluster import in_order
from tests.embedded.kubernetes.cluster_world import Made, World
from tests.engine import build


def program() -> None:
    certificates = CertManager(
        "us-east",
        CertManagerArgs(prefix="mmorpg-us-east", cluster_name="mmorpg-us-east", region="us-east-1", acme=None),
    )
    DataAuthority("us-east", DataAuthorityArgs(namespace=NAMESPACE, protect=True, after=(certificates.ready,)))
    postgres = PostgresOperator("us-east", PostgresOperatorArgs(cert_manager=certificates.ready))
    rabbitmq = RabbitmqOperator("us-east", test_rabbitmq.OPERATOR)
    ground = dataclasses.replace(GROUND, after=(certificates.ready, rabbitmq.ready, *postgres.ready))
    Postgres("us-east", dataclasses.replace(test_postgres.ARGS, ground=ground))
    Rabbitmq("us-east", dataclasses.replace(test_rabbitmq.ARGS, ground=ground))
    Kafka("us-east", dataclasses.replace(test_kafka.ARGS, ground=ground))


def resources() -> list[RecordedResource]:
    return in_order(build(program).resources)


@pytest.fixture
def world(tmp_path: Path) -> World:
    world = World(tmp_path)
    world.make("kubernetes:core/v1:Namespace", {"metadata": {"name": NAMESPACE}})
    return world


def test_everything_is_accepted_in_the_order_of_its_edges_and_deleted_in_reverse(world: World):
    made: list[Made] = [world.make(r.type, r.resolved) for r in resources()]
    cluster = world.get("postgresql.cnpg.io/v1", "Cluster", "postgres", NAMESPACE)
    assert cluster["spec"]["instances"] == 3
    assert world.get("barmancloud.cnpg.io/v1", "ObjectStore", "postgres-backup", NAMESPACE)
    broker = world.get("rabbitmq.com/v1beta1", "RabbitmqCluster", "rabbitmq", NAMESPACE)
    assert broker["spec"]["delayStartSeconds"] == 30, "a default of the definition"
    assert "rabbitmqclusters.rabbitmq.com" in world.names("apiextensions.k8s.io/v1", "CustomResourceDefinition")

    for one in reversed(made):
        world.handler.delete(one.target, one.id, one.inputs, one.outputs)
    # cert-manager lets go of no Secret, so that a certificate made anew is no new key for everybody.
    assert world.names("v1", "Secret", NAMESPACE) == ["data-authority", "postgres-tls", "rabbitmq-tls"]
    assert not {"cnpg-system", "rabbitmq-system"} & {*world.names("v1", "Namespace")}


def test_a_cluster_with_a_field_that_the_definition_does_not_have_is_refused(world: World):
    (definition,) = [r for r in resources() if r.type.endswith(":CustomResourceDefinition")]
    world.make(definition.type, definition.resolved)
    (broker,) = [r for r in resources() if r.type.endswith(":RabbitmqCluster")]
    wrong = {**broker.resolved, "spec": {**broker.resolved["spec"], "replica": 3}}
    assert world.failures(broker.type, wrong) == {"spec.replica": "unknown field"}
    assert world.failures(broker.type, broker.resolved) == {}
