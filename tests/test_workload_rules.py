"""Rules over every workload of every shipped stack: what its pods ask for, may do, and are guarded by."""

import re
from collections.abc import Iterator
from typing import Any

from plan.objects import KubernetesObject, matches, objects_of
from plan.recorder import Recording
from stacks.settings import StackSettings

PINNED = re.compile(r".+(:v?\d+\.\d+\.\d+[^:@]*|@sha256:[0-9a-f]{64})")
SESSION_OF_A_PLAYER = ("busy", "unknown")
JOBS = ("CronJob", "Job")
OPERATORS = ("rabbitmq-system",)  # namespaces of what serves no player and may stand on any node


def workloads(recording: Recording) -> list[KubernetesObject]:
    return [item for item in objects_of(recording) if item.template]


def containers(recording: Recording, *kinds: str) -> Iterator[tuple[str, dict[str, Any], dict[str, Any]]]:
    """(place for a message, pod spec, container) for the named lists of each pod."""
    for item in workloads(recording):
        pod = (item.template or {})["spec"]
        for kind in kinds:
            for container in pod.get(kind) or []:
                yield f"{item.resource.name} {container['name']}", pod, container


def born_with(selector: dict[str, str]) -> dict[str, str]:
    """A Service's selector without the label that a pod is given when it becomes the primary."""
    return {key: value for key, value in selector.items() if key != "role"}


def test_every_container_says_what_it_needs_and_may_use(shipped: Recording):
    for place, _, container in containers(shipped, "containers", "initContainers"):
        for bound in ("requests", "limits"):
            assert set(container["resources"][bound]) >= {"cpu", "memory"}, f"{place}: {bound}"


# Beside a server, and none of them serves anybody: a kubelet that restarted one would heal nothing that the container
# does not heal itself, and a pod must not leave its Service because its exporter hangs.
HELPERS = {"agent", "exporter", "healer", "archiver"}


def test_every_container_that_serves_is_probed(shipped: Recording):
    for workload in (item for item in workloads(shipped) if item.kind not in JOBS):
        for container in (workload.template or {})["spec"]["containers"]:
            if container["name"] in HELPERS:
                continue
            ports = {port["name"] for port in container["ports"]}
            for probe in ("livenessProbe", "readinessProbe"):
                asked = container[probe]
                port = asked["httpGet"]["port"] if "httpGet" in asked else 0
                # A probe on a port name that no port has fails for ever.
                assert isinstance(port, int | float) or port in ports, f"{workload.resource.urn}: {probe}"


def test_no_container_runs_as_root_or_can_become_it(shipped: Recording):
    for place, pod, container in containers(shipped, "containers", "initContainers"):
        own, whole = container["securityContext"], pod["securityContext"]
        assert own.get("runAsNonRoot", whole.get("runAsNonRoot")) is True, place
        assert own["allowPrivilegeEscalation"] is False, place
        assert own["capabilities"]["drop"] == ["ALL"], place
        assert own.get("seccompProfile", whole.get("seccompProfile")) == {"type": "RuntimeDefault"}, place
        assert not pod.get("hostNetwork"), place
        assert not pod.get("hostPID"), place


def test_every_image_is_pinned(shipped: Recording):
    images = {container["image"] for _, _, container in containers(shipped, "containers", "initContainers")}
    assert images
    assert [image for image in sorted(images) if not PINNED.fullmatch(image)] == []


def test_every_workload_is_covered_by_exactly_one_budget_while_players_are_on_it(shipped: Recording):
    budgets = [item for item in objects_of(shipped) if item.kind == "PodDisruptionBudget"]
    for workload in workloads(shipped):
        if workload.kind in JOBS or workload.body["spec"].get("replicas") == 1:
            continue  # over a single pod a budget would only keep its node from being drained
        players = "session" in workload.pod_labels
        mine = [
            budget
            for budget in budgets
            if (budget.cluster, budget.namespace) == (workload.cluster, workload.namespace)
            and any(
                matches(
                    budget.body["spec"]["selector"], workload.pod_labels | ({"session": session} if players else {})
                )
                for session in SESSION_OF_A_PLAYER
            )
        ]
        assert len(mine) == 1, f"{workload.resource.urn}: {[budget.name for budget in mine]}"
        # A pod with a session on it is never evicted; of all others one may go at a time.
        assert mine[0].body["spec"]["maxUnavailable"] == (0 if players else 1), workload.resource.urn


def test_a_selector_matches_its_own_pods_and_a_service_its_ports(shipped: Recording):
    items = objects_of(shipped)
    for workload in workloads(shipped):
        if workload.kind not in JOBS:  # their selectors are the API server's
            assert matches(workload.body["spec"]["selector"], workload.pod_labels), workload.resource.urn
    for service in (item for item in items if item.kind == "Service"):
        ports = {
            port["name"]
            for workload in workloads(shipped)
            if workload.cluster == service.cluster
            and matches({"matchLabels": born_with(service.body["spec"]["selector"])}, workload.pod_labels)
            for container in (workload.template or {})["spec"]["containers"]
            for port in container.get("ports", [])
        }
        named = {port["targetPort"] for port in service.body["spec"]["ports"]}
        assert named <= ports, f"{service.resource.urn} sends to ports that no container opens"


def test_a_pod_stays_where_its_node_pool_lets_it(shipped: Recording, shipped_settings: StackSettings):
    for workload in workloads(shipped):
        pod = (workload.template or {})["spec"]
        if "nodeSelector" not in pod:
            anywhere = workload.namespace in OPERATORS or workload.kind in JOBS  # a dump waits for any node with room
            assert anywhere, f"{workload.resource.urn} may stand anywhere"
            continue
        kind = pod["nodeSelector"]["workload-type"]
        pools = shipped_settings.regions[workload.resource.region or ""].node_pools.values()
        assert kind in {pool.workload for pool in pools}, f"no pool takes {workload.resource.urn}"
        assert {"key": kind, "operator": "Equal", "value": "true", "effect": "NoSchedule"} in pod["tolerations"]


def test_data_outlives_its_workload(shipped: Recording):
    claims = [item for item in objects_of(shipped) if item.body.get("spec", {}).get("volumeClaimTemplates")]
    classes = {item.name: item.body for item in objects_of(shipped) if item.kind == "StorageClass"}
    assert claims
    for item in claims:
        spec = item.body["spec"]
        assert spec["persistentVolumeClaimRetentionPolicy"] == {"whenDeleted": "Retain", "whenScaled": "Retain"}
        for claim in spec["volumeClaimTemplates"]:
            found = classes[claim["spec"]["storageClassName"]]
            assert found["reclaimPolicy"] == "Retain"
            assert found["parameters"]["encrypted"] == "true"
