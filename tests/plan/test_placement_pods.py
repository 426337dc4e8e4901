"""What is read of a workload: what its pods ask for, how many there are, and which volumes tie them to a zone."""

from typing import Any

import pytest

from plan.placement.pods import Defaults, asked, pods_of
from plan.placement.quantities import kibibytes, millicores
from plan.placement.shapes import Room
from plan.placement.workloads import Workload, workloads
from plan.recorder import Recording
from plan.registration import RecordedResource

MIB = 1024
KNOWN = Defaults(priorities={"high": 900}, requests={"game": {"cpu": "100m"}}, zonal_classes=frozenset({"fast"}))


def container(cpu: str, memory: str, **more: Any) -> dict[str, Any]:
    return {"resources": {"requests": {"cpu": cpu, "memory": memory}}, **more}


def resource(kind: str, name: str, spec: dict[str, Any]) -> RecordedResource:
    """A recorded object of namespace game."""
    body = {"kind": kind, "apiVersion": "apps/v1", "metadata": {"name": name, "namespace": "game"}, "spec": spec}
    return RecordedResource(
        urn=f"urn:{kind}:{name}",
        type=f"kubernetes:apps/v1:{kind}",
        name=f"us-east-{name}",
        parent=None,
        provider=None,
        region="us-east",
        custom=True,
        inputs=body,
        resolved=body,
        secrets=[],
        depends_on=[],
        protect=False,
        options={},
    )


def replicas(*resources: RecordedResource) -> dict[str, int]:
    found = workloads(Recording(stack="dev", resources=list(resources), outputs={}), "us-east")
    return {workload.owner: workload.replicas for workload in found}


@pytest.mark.parametrize(
    ("quantity", "cores"), [("500m", 500), ("2", 2000), (2, 2000), ("0.5", 500), (0.25, 250), ("1", 1000)]
)
def test_processor_time_is_read_in_every_form(quantity: str | float, cores: int):
    assert millicores(quantity) == cores


@pytest.mark.parametrize(
    ("quantity", "size"), [("1.5Gi", 1536 * MIB), ("64Mi", 64 * MIB), ("1Ki", 1), ("1M", 977), (1_048_576, 1024)]
)
def test_memory_is_read_in_every_form_and_rounded_up(quantity: str | int, size: int):
    assert kibibytes(quantity) == size


def test_a_pod_asks_for_all_its_containers():
    spec = {"containers": [container("100m", "64Mi"), container("50m", "32Mi")]}
    assert asked(spec, {}) == Room(150, 96 * MIB, 1)


def test_an_init_container_counts_only_where_it_is_greater_than_what_runs_later():
    spec = {"containers": [container("100m", "64Mi")], "initContainers": [container("50m", "256Mi")]}
    assert asked(spec, {}) == Room(100, 256 * MIB, 1)


def test_a_sidecar_runs_beside_the_containers_and_beside_later_init_containers():
    sidecar = container("20m", "10Mi", restartPolicy="Always")
    spec = {"containers": [container("100m", "64Mi")], "initContainers": [sidecar, container("300m", "1Mi")]}
    assert asked(spec, {}) == Room(320, 74 * MIB, 1)


def test_a_limit_alone_is_a_request_and_nothing_at_all_is_the_namespaces_default():
    limited = {"containers": [{"resources": {"limits": {"cpu": "2"}}}]}
    assert asked(limited, {"cpu": "100m", "memory": "256Mi"}) == Room(2000, 256 * MIB, 1)
    assert asked({"containers": [{}]}, {"cpu": "100m"}) == Room(100, 0, 1)


def test_pods_of_a_stateful_set_have_a_volume_each_and_those_of_other_classes_tie_them_to_no_zone():
    claims = [
        {"metadata": {"name": "data"}, "spec": {"storageClassName": "fast"}},
        {"metadata": {"name": "shared"}, "spec": {"storageClassName": "efs"}},
    ]
    template = {"metadata": {"labels": {"app": "world"}}, "spec": {"priorityClassName": "high", "containers": [{}]}}
    manifest = {
        "kind": "StatefulSet",
        "metadata": {"name": "world", "namespace": "game"},
        "spec": {"template": template, "volumeClaimTemplates": claims},
    }
    first, second = pods_of(Workload(manifest, "urn", 2), KNOWN)
    assert (first.name, first.volumes) == ("world-0", ("game/data-world-0",))
    assert second.volumes == ("game/data-world-1",)
    assert (first.priority, first.asks) == (900, Room(100, 0, 1))


def test_as_many_pods_run_at_first_as_the_owner_of_replicas_says():
    target = {"scaleTargetRef": {"kind": "Deployment", "name": "chat"}}
    empty = {"template": {"spec": {}}}
    assert replicas(resource("Deployment", "chat", {**empty, "replicas": 4})) == {"Deployment game/chat": 4}
    scaler = resource("HorizontalPodAutoscaler", "chat", {**target, "minReplicas": 3})
    assert replicas(resource("Deployment", "chat", empty), scaler) == {"Deployment game/chat": 3}
    events = resource("ScaledObject", "chat", {"scaleTargetRef": {"name": "chat"}})
    assert replicas(resource("Deployment", "chat", empty), events) == {"Deployment game/chat": 0}
    assert replicas(resource("Deployment", "chat", empty)) == {"Deployment game/chat": 1}
    assert replicas(resource("Job", "seed", {**empty, "parallelism": 2})) == {"Job game/seed": 2}
