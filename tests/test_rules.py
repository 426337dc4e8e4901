"""Rules over every resource of every shipped stack, checked here by other means than the program's own rules."""

import inspect
import json
import re
from collections.abc import Iterator
from typing import Any

import kubernetes_validate
import pytest

from bench.flat import class_of
from embedded.kubernetes.charts import known_crds
from plan.document import document
from plan.objects import KubernetesObject, matches, objects_of
from plan.recorder import Recording
from plan.values import SECRET, references
from stacks.settings import StackSettings
from tests.shipped import leaves

TAG = "game-regions/urn"
PINNED = re.compile(r".+(:v?\d+\.\d+\.\d+[^:@]*|@sha256:[0-9a-f]{64})")
SESSION_OF_A_PLAYER = ("busy", "unknown")
DEFINITION = "CustomResourceDefinition"
ELSEWHERE = ("-registry-", "-aws-copies")  # providers of what stands in another AWS region than its own
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


def test_no_finding_stands_against_a_shipped_stack(shipped: Recording, shipped_settings: StackSettings):
    assert document(shipped, shipped_settings)["findings"] == []


def test_every_resource_belongs_to_a_region_of_the_file_or_to_the_edge(
    shipped: Recording, shipped_settings: StackSettings
):
    found = {resource.region for resource in shipped.resources}
    assert found == {*shipped_settings.regions, *(["edge"] if shipped_settings.edge else [])}


def test_every_resource_carries_its_own_regions_provider(shipped: Recording):
    providers = {resource.urn: resource for resource in shipped.resources}
    for resource in leaves(shipped):
        assert resource.provider, f"{resource.urn} is left to a default provider, whose region is anybody's guess"
        provider = providers[resource.provider]
        assert provider.type == f"pulumi:providers:{resource.type.split(':')[0]}", resource.urn
        assert provider.region == resource.region, f"{resource.urn} uses {provider.name}"


def test_an_aws_provider_names_the_place_of_its_region(shipped: Recording, shipped_settings: StackSettings):
    places = {name: region.aws.region for name, region in shipped_settings.regions.items()}
    if shipped_settings.edge:
        places["edge"] = shipped_settings.edge.aws.region
    providers = [
        r
        for r in shipped.resources
        if r.type == "pulumi:providers:aws" and not any(kind in r.name for kind in ELSEWHERE)
    ]
    given = {r.region: r.inputs["region"] for r in providers}
    assert given == places


def test_a_kubernetes_provider_is_tied_to_its_cluster_by_a_name_that_never_changes(shipped: Recording):
    found = [r for r in shipped.resources if r.type == "pulumi:providers:kubernetes"]
    clusters = {r.region: r.inputs["name"] for r in shipped.resources if r.type == "aws:eks/cluster:Cluster"}
    assert {r.region for r in found} == set(clusters)
    for provider in found:
        # Known before the cluster is: without it a kubeconfig that changes replaces every object in the cluster.
        assert provider.inputs["clusterIdentifier"] == clusters[provider.region]


def test_every_leaf_stands_in_a_component(shipped: Recording):
    components = {resource.urn for resource in shipped.resources if not resource.custom}
    assert [r.urn for r in leaves(shipped) if r.parent not in components] == []


def test_every_component_has_a_token_of_the_project(shipped: Recording):
    tokens = {resource.type for resource in shipped.resources if not resource.custom}
    assert [token for token in sorted(tokens) if not re.fullmatch(r"gameregions:[a-z]+:[A-Z]\w+", token)] == []


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


PROTECTED = {
    "aws:ec2/vpc:Vpc",
    "aws:eks/cluster:Cluster",
    "aws:kms/key:Key",
    "kubernetes:apps/v1:StatefulSet",
    "random:index/randomPassword:RandomPassword",
}


def test_what_cannot_be_made_again_is_protected_where_the_stack_says_so(
    shipped: Recording, shipped_settings: StackSettings
):
    protected = {resource.urn for resource in shipped.resources if resource.protect}
    # Grafana keeps nothing: it takes a new password at its next start.
    precious = {r.urn for r in shipped.resources if r.type in PROTECTED and not r.name.endswith("-grafana-admin")}
    if shipped_settings.protect:
        assert precious <= protected
    else:
        assert protected == set()


def test_every_manifest_is_valid_for_its_clusters_version(shipped: Recording, shipped_settings: StackSettings):
    # A patch is no whole object; custom resources are held against their own CRDs in tests/test_charts.py.
    every = [item for item in objects_of(shipped) if not item.is_patch]
    own = {
        (item.body["spec"]["group"], item.body["spec"]["names"]["kind"]) for item in every if item.kind == DEFINITION
    }
    custom = {*known_crds(), *own}
    items = [item for item in every if (item.group, item.kind) not in custom]
    assert items
    for item in items:
        version = shipped_settings.regions[item.resource.region or ""].cluster.version
        assert kubernetes_validate.validate(item.body, version, strict=True) == version


def test_no_secret_is_plain_anywhere(shipped: Recording):
    passwords = {r.urn for r in shipped.resources if r.type == "random:index/randomPassword:RandomPassword"}
    for resource in shipped.resources:
        text = json.dumps([resource.inputs, resource.resolved])
        leaked = [urn for urn, name in references(text) if urn in passwords and name in ("result", "bcryptHash")]
        assert leaked == [], f"{resource.urn} holds a password in plain sight"
        if resource.type == "kubernetes:core/v1:Secret":
            assert resource.secrets, resource.urn
            assert set(resource.resolved["stringData"].values()) == {SECRET}, resource.urn
        if resource.type == "pulumi:providers:kubernetes":
            assert resource.inputs["kubeconfig"] == SECRET, resource.urn
    for facts in shipped.outputs["regions"].values():
        assert facts["kubeconfig"] == SECRET


def test_ignored_changes_are_named_as_the_engine_names_them(shipped: Recording):
    paths = [path for resource in shipped.resources for path in resource.options["ignoreChanges"]]
    assert paths
    assert [path for path in paths if "_" in path] == [], "a path in snake_case matches nothing and ignores nothing"


def test_the_size_of_a_node_pool_is_left_to_its_autoscaler(shipped: Recording):
    for resource in shipped.resources:
        if resource.type == "aws:eks/nodeGroup:NodeGroup":
            assert resource.options["ignoreChanges"] == ["scalingConfig.desiredSize"], resource.urn


def test_everything_taggable_carries_its_urn_within_the_limit_of_a_tag(shipped: Recording):
    tagged = 0
    for resource in leaves(shipped):
        if not resource.type.startswith("aws:"):
            continue
        # The SDK's own constructor says what can be tagged; _internal_init has the arguments by name.
        takes_tags = "tags" in inspect.signature(vars(class_of(resource.type))["_internal_init"]).parameters
        tag = (resource.resolved.get("tags") or {}).get(TAG)
        assert (tag is not None) == takes_tags, resource.urn
        if tag is not None:
            tagged += 1
            assert tag == resource.urn.replace("$", "@")
            assert len(tag) <= 256, resource.urn
    assert tagged


@pytest.mark.parametrize("path", ["name", "bucket"])
def test_physical_names_of_aws_begin_with_the_game_and_the_region(
    shipped: Recording, shipped_settings: StackSettings, path: str
):
    for resource in leaves(shipped):
        name = resource.resolved.get(path)
        # An inline policy's name is its own within its role, whose name says the rest, and a record's within its zone.
        if resource.type in ("aws:iam/rolePolicy:RolePolicy", "aws:route53/record:Record"):
            continue
        if not isinstance(name, str) or name.startswith("${"):  # what another resource will say is judged there
            continue
        if resource.type.startswith("aws:") and resource.region != "edge":
            assert f"{shipped_settings.game}-{resource.region}" in name, resource.urn


def test_no_value_is_the_text_of_a_missing_one(shipped: Recording):
    for resource in shipped.resources:
        # A Service's clusterIP is "None" and nothing more; within a longer text the word is a missing value, but in
        # the scripts of a ConfigMap, which are Python.
        shown = {key: value for key, value in resource.resolved.items() if not resource.type.endswith(":ConfigMap")}
        assert not re.search(r'[^"\w]None\b|\bNone[^"\w]|<pulumi\.', json.dumps(shown)), resource.urn
