"""Pods that operators make of custom resources: counted as what comes nearest, with the figures of the object."""

import dataclasses
from typing import Any

from components.data.postgres.component import Postgres
from components.data.postgres.promises import postgres_promises
from components.data.rabbitmq.component import Rabbitmq
from components.data.rabbitmq.promises import rabbitmq_promises
from plan.placement.operators import manifest
from plan.placement.workloads import Workload, workloads
from tests.components.data import test_postgres, test_rabbitmq
from tests.components.data.brokers_ground import NAMESPACE
from tests.engine import build


def found(**changes: Any) -> dict[str, Workload]:
    def program() -> None:
        Postgres("us-east", dataclasses.replace(test_postgres.ARGS, **changes))
        Rabbitmq("us-east", test_rabbitmq.ARGS)

    return {one.owner: one for one in workloads(build(program), "us-east")}


def pod_of(workload: Workload) -> dict[str, Any]:
    spec: dict[str, Any] = workload.manifest["spec"]["template"]["spec"]
    return spec


def test_each_stands_for_three_pods_under_the_name_of_its_promise():
    promised = {one.owner: one.replicas for one in (postgres_promises(NAMESPACE)[0], rabbitmq_promises(NAMESPACE)[0])}
    assert {owner: workload.replicas for owner, workload in found().items()} == promised


def test_instances_of_postgres_ask_for_their_own_and_the_sidecars_share():
    pod = pod_of(found()["StatefulSet mmorpg-game/postgres"])
    assert [one["resources"]["requests"] for one in pod["containers"]] == [
        {"cpu": "500m", "memory": "2Gi"},
        {"cpu": "50m", "memory": "128Mi"},
    ]
    alone = pod_of(found(backup=None)["StatefulSet mmorpg-game/postgres"])
    assert len(alone["containers"]) == 1
    assert pod["nodeSelector"] == {"workload-type": "database"}
    (term,) = pod["affinity"]["podAntiAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"]
    assert term["topologyKey"] == "topology.kubernetes.io/zone"
    assert term["labelSelector"]["matchLabels"] == {"cnpg.io/cluster": "postgres"}


def test_both_volumes_of_an_instance_belong_to_a_zone():
    claims = found()["StatefulSet mmorpg-game/postgres"].manifest["spec"]["volumeClaimTemplates"]
    assert [claim["spec"]["storageClassName"] for claim in claims] == ["fast-ssd", "fast-ssd"]


def test_nodes_of_rabbitmq_have_what_the_override_puts_into_the_pod():
    workload = found()["StatefulSet mmorpg-game/rabbitmq-server"]
    pod = pod_of(workload)
    assert pod["priorityClassName"] == "game-databases"
    assert pod["topologySpreadConstraints"][0]["whenUnsatisfiable"] == "DoNotSchedule"
    assert pod["containers"][0]["resources"]["requests"] == {"cpu": "250m", "memory": "2Gi"}
    assert workload.manifest["spec"]["volumeClaimTemplates"][0]["spec"] == {"storageClassName": "fast-ssd"}


def test_an_object_of_which_nobody_makes_pods_is_no_workload():
    assert manifest("postgresql.cnpg.io", "ScheduledBackup", {"spec": {}}, NAMESPACE, "daily") is None
