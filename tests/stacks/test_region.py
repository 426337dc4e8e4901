"""One region wired together from the shipped figures of `local`: order, ownership, and what leaves it."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import kubernetes_validate
import pulumi
import pulumi_aws as aws
import pulumi_random as random
import pytest

from plan.recorder import Recording
from plan.registration import RecordedResource
from stacks.edge import GlobalEdge, GlobalEdgeArgs
from stacks.region import GameRegion, GameRegionArgs
from stacks.region_args import limits, quota
from stacks.settings import EdgeSettings, RegionSettings, parse_settings
from stacks.stack_file import read_stack_file
from tests.engine import all_of, build, named, only

ADDON = "aws:eks/addon:Addon"
GROUP = "aws:eks/nodeGroup:NodeGroup"
NAMESPACE = "kubernetes:core/v1:Namespace"
STATEFUL_SET = "kubernetes:apps/v1:StatefulSet"
NAT_TYPES = ("aws:ec2/natGateway:NatGateway", "aws:ec2/eip:Eip")
LOCAL = read_stack_file(Path(__file__).parents[2] / "Pulumi.local.yaml")


def settings(change: Callable[[dict[str, Any]], None] | None = None) -> RegionSettings:
    """The shipped local region's settings, changed by a test before they are checked."""
    raw = json.loads(json.dumps(LOCAL))
    if change is not None:
        change(raw["regions"]["local"])
    return parse_settings(raw).regions["local"]


def region(change: Callable[[dict[str, Any]], None] | None = None, *, protect: bool = False) -> Recording:
    """The region as the stack makes it: with its own providers, and its outputs as the stack's."""

    def program() -> dict[str, Any]:
        providers = [aws.Provider("local-aws", region="us-east-1"), random.Provider("local-random")]
        args = GameRegionArgs(game="mmorpg", settings=settings(change), protect=protect, provider=providers[0])
        return GameRegion("local", args, pulumi.ResourceOptions(providers=providers)).facts()

    return build(program)


@pytest.fixture(scope="module")
def local() -> Recording:
    return region()


def upstream(built: Recording, resource: RecordedResource) -> set[str]:
    """URNs of all that a resource waits for, directly or through others, its provider included."""
    by_urn, seen, pending = built.by_urn(), set[str](), [resource]
    while pending:
        current = pending.pop()
        for urn in [*current.depends_on, *([current.provider] if current.provider else [])]:
            if urn not in seen:
                seen.add(urn)
                pending.append(by_urn[urn])
    return seen


def test_a_small_region_stays_lean(local: Recording):
    made = [r for r in local.resources if r.type.startswith(("aws:", "kubernetes:"))]
    assert 55 <= len(made) <= 90, "a first look at the program should fit on a screen or two"


def test_every_name_begins_with_the_regions(local: Recording):
    assert all(r.name == "local" or r.name.startswith("local-") for r in local.resources)


def test_everything_stands_in_the_region_and_names_the_regions_own_provider(local: Recording):
    root = only(local, "gameregions:stacks:GameRegion").urn
    owners = {"aws": "local-aws", "kubernetes": "local-kubernetes", "random": "local-random"}
    by_urn = local.by_urn()
    for resource in local.resources:
        if not resource.custom or resource.type.startswith("pulumi:providers:"):
            continue
        assert resource.provider is not None, resource.name
        assert by_urn[resource.provider].name == owners[resource.type.partition(":")[0]], resource.name
        parent = by_urn[resource.parent or ""]
        assert not parent.custom, f"{resource.name} hangs on a resource, not on a component"
        while parent.parent is not None:
            parent = by_urn[parent.parent]
        assert parent.urn == root


def test_a_region_is_built_in_the_order_in_which_it_can_live(local: Recording):
    groups = all_of(local, GROUP)
    addons = {addon.inputs["addonName"]: addon for addon in all_of(local, ADDON)}
    routes = {r.urn for r in all_of(local, "aws:ec2/route:Route")}
    types = ("iam/rolePolicyAttachment:RolePolicyAttachment", "eks/podIdentityAssociation:PodIdentityAssociation")
    cni_rights = {named(local, "local-vpc-cni", f"aws:{type_}").urn for type_ in types}
    for group in groups:
        before = upstream(local, group)
        needed = {addons[name].urn for name in ("vpc-cni", "kube-proxy", "eks-pod-identity-agent")}
        assert needed <= before, "a node without its CNI never becomes ready"
        assert routes <= before, "a node that cannot get out never joins"
        assert cni_rights <= before, "a CNI without its rights has no address to give"
    for name in ("coredns", "metrics-server", "aws-ebs-csi-driver"):
        assert {group.urn for group in groups} <= upstream(local, addons[name]), f"{name} needs nodes to run on"
    assert {addon.urn for addon in addons.values()} <= upstream(local, only(local, STATEFUL_SET))


def test_a_region_is_destroyed_from_the_players_down_to_the_network(local: Recording):
    """Deletion runs against the edges: pods and claims, then controllers and nodes, then the cluster, then the VPC."""
    namespace = upstream(local, only(local, NAMESPACE))
    owned = [*all_of(local, GROUP), *all_of(local, ADDON)]
    assert {resource.urn for resource in owned} <= namespace, "claims need the driver that detaches their volumes"
    entry = only(local, "aws:eks/accessEntry:AccessEntry").urn
    for resource in local.resources:
        if resource.type.startswith("kubernetes:"):
            assert entry in upstream(local, resource), "else nobody may delete it any more"


def test_worlds_wait_for_all_that_their_pods_name(local: Recording):
    before = {urn.split("::")[2].rpartition("$")[2] for urn in upstream(local, only(local, STATEFUL_SET))}
    assert {
        "kubernetes:core/v1:Namespace",
        "kubernetes:core/v1:LimitRange",
        "kubernetes:core/v1:ResourceQuota",
        "kubernetes:storage.k8s.io/v1:StorageClass",
        "kubernetes:scheduling.k8s.io/v1:PriorityClass",
        "kubernetes:core/v1:ServiceAccount",
        "kubernetes:policy/v1:PodDisruptionBudget",
    } <= before


def test_every_kubernetes_object_is_valid_at_the_clusters_version(local: Recording):
    version = settings().cluster.version
    # A patch is no whole object: it says what it changes and no more.
    objects = [r.resolved for r in local.resources if r.type.startswith("kubernetes:") and not r.type.endswith("Patch")]
    assert len(objects) >= 14
    for body in objects:
        kubernetes_validate.validate(body, version, strict=True)


def test_physical_names_are_those_of_game_and_region_so_that_recovery_finds_them(local: Recording):
    names = {
        r.resolved.get("name") or r.resolved.get("nodeGroupName")
        for r in local.resources
        if r.type.startswith(("aws:eks/cluster", "aws:eks/nodeGroup", "aws:iam/role:", "aws:ec2/launchTemplate"))
    }
    assert len(names) == 9
    assert all(name.startswith("mmorpg-local") for name in names)
    assert only(local, "aws:kms/alias:Alias").inputs["name"] == "alias/mmorpg-local-secrets"


def test_the_cluster_runs_the_pinned_add_ons_of_its_version(local: Recording):
    versions = {addon.inputs["addonName"]: addon.inputs["addonVersion"] for addon in all_of(local, ADDON)}
    assert set(versions) == {
        "vpc-cni",
        "kube-proxy",
        "eks-pod-identity-agent",
        "coredns",
        "metrics-server",
        "aws-ebs-csi-driver",
    }
    assert versions["kube-proxy"].startswith("v1.35."), "kube-proxy goes with the control plane"


def test_the_regions_outputs_say_what_a_person_wants_to_know(local: Recording):
    facts = local.outputs
    assert facts["cluster_name"] == "mmorpg-local"
    assert facts["endpoint"].endswith("::local-cluster#endpoint}")
    assert facts["kubeconfig"] == "[secret]"
    assert facts["namespace"] == "mmorpg-game"
    assert (facts["worlds"], facts["players"]) == (2, 4000)
    assert facts["nodes"]["game"] == {
        "workload": "game-server",
        "instance_types": ["c7i.xlarge"],
        "min": 2,
        "desired": 2,
        "max": 3,
    }
    assert facts["nodes"]["system"]["workload"] == "system"


def test_nothing_secret_leaves_the_region_in_plain(local: Recording):
    secret = only(local, "kubernetes:core/v1:Secret").resolved
    assert secret["stringData"] == {"SESSION_SIGNING_KEY": "[secret]"}
    assert only(local, "pulumi:providers:kubernetes").resolved["kubeconfig"] == "[secret]"


def test_what_cannot_be_made_again_is_protected_exactly_where_asked(local: Recording):
    assert not [resource.name for resource in local.resources if resource.protect], "a rehearsal is destroyed at will"
    assert {resource.type for resource in region(protect=True).resources if resource.protect} == {
        "aws:ec2/vpc:Vpc",
        "aws:eks/cluster:Cluster",
        "aws:kms/key:Key",
        STATEFUL_SET,
        "random:index/randomPassword:RandomPassword",
    }


def test_nodes_without_nat_stand_in_public_subnets_and_the_control_plane_stays_private():
    built = region(lambda raw: raw["network"].update(nat="none"))
    subnets = {urn["$ref"].rpartition("::")[2] for urn in named(built, "local-pool-game", GROUP).inputs["subnetIds"]}
    assert subnets == {"local-public-us-east-1a", "local-public-us-east-1b"}
    control_plane = only(built, "aws:eks/cluster:Cluster").inputs["vpcConfig"]["subnetIds"]
    assert {each["$ref"].rpartition("::")[2] for each in control_plane} == {
        "local-private-us-east-1a",
        "local-private-us-east-1b",
    }


def test_a_new_zone_leaves_every_name_and_every_subnet_of_the_others(local: Recording):
    grown = region(lambda raw: raw["network"]["zones"].insert(0, "us-east-1d")).by_urn()
    old = local.by_urn()
    assert old.keys() - grown.keys() == {named(local, "local-nat-us-east-1a", t).urn for t in NAT_TYPES}, (
        "one NAT stands in the first zone listed, so a zone put first takes it over"
    )
    for urn, resource in old.items():
        if resource.type == "aws:ec2/subnet:Subnet":
            assert grown[urn].inputs == resource.inputs


def test_a_zone_added_at_the_end_only_adds(local: Recording):
    grown = region(lambda raw: raw["network"]["zones"].append("us-east-1d")).by_urn()
    old = local.by_urn()
    assert old.keys() <= grown.keys()
    changed = {resource.type for urn, resource in old.items() if grown[urn].inputs != resource.inputs}
    endpoint = "aws:ec2/vpcEndpoint:VpcEndpoint"
    assert changed == {GROUP, "aws:eks/cluster:Cluster", endpoint}, (
        "nodes, control plane and S3 reach into the new zone"
    )


def test_another_kubernetes_version_moves_no_other_kubernetes_object(local: Recording):
    """Nothing but the version pin of Pod Security, which follows the cluster."""
    older = region(lambda raw: raw["cluster"].update(version="1.34")).by_urn()
    changed = {r.type for urn, r in local.by_urn().items() if older[urn].inputs != r.inputs}
    assert changed == {"aws:eks/cluster:Cluster", GROUP, ADDON, NAMESPACE}


def test_a_region_of_another_name_shares_no_urn_and_no_physical_name():
    def program() -> None:
        for name in ("east", "west"):
            providers = [aws.Provider(f"{name}-aws", region="us-east-1"), random.Provider(f"{name}-random")]
            args = GameRegionArgs(game="mmorpg", settings=settings(), protect=False, provider=providers[0])
            GameRegion(name, args, pulumi.ResourceOptions(providers=providers))

    built = build(program)
    east = [r for r in built.resources if r.name.startswith("east")]
    west = [r for r in built.resources if r.name.startswith("west")]
    assert len(east) == len(west) == len(built.resources) / 2
    clusters = all_of(built, "aws:eks/cluster:Cluster")
    assert [cluster.inputs["name"] for cluster in clusters] == ["mmorpg-east", "mmorpg-west"]


def test_quota_and_limits_carry_every_figure_of_the_settings():
    namespace = settings(lambda raw: raw["namespace"].update(quota={"claims": 33, "storage": "2Ti"})).namespace
    assert quota(namespace.quota) == {
        "requests.cpu": "50",
        "requests.memory": "100Gi",
        "limits.cpu": "100",
        "limits.memory": "200Gi",
        "requests.storage": "2Ti",
        "persistentvolumeclaims": "33",
        "pods": "200",
        "services": "50",
        "secrets": "100",
        "configmaps": "100",
        "services.loadbalancers": "10",
        "services.nodeports": "20",
    }
    container, pod, claim = limits(namespace.limits)
    assert (container.default, container.default_request) == (
        {"cpu": "500m", "memory": "1Gi"},
        {"cpu": "100m", "memory": "256Mi"},
    )
    assert (container.min, container.max) == ({"cpu": "50m", "memory": "128Mi"}, {"cpu": "4", "memory": "8Gi"})
    assert (pod.min, pod.max) == ({"cpu": "100m", "memory": "256Mi"}, {"cpu": "8", "memory": "16Gi"})
    assert (claim.min, claim.max) == ({"storage": "1Gi"}, {"storage": "100Gi"})


def test_the_edge_gives_its_name_servers_for_the_registrar():
    edge = EdgeSettings.model_validate({"aws": {"region": "us-east-1"}, "domain": "mmorpg-game.com"})

    def program() -> dict[str, Any]:
        provider = aws.Provider("edge-aws", region="us-east-1")
        args = GlobalEdgeArgs(settings=edge, regions=("us-east",))
        return GlobalEdge("edge", args, pulumi.ResourceOptions(providers=[provider])).facts()

    built = build(program)
    assert built.outputs["domain"] == "mmorpg-game.com"
    assert len(built.outputs["name_servers"]) == 4
    assert all(r.provider == only(built, "pulumi:providers:aws").urn for r in built.resources if r.type[:4] == "aws:")
    assert len(all_of(built, "aws:route53/zone:Zone")) == 2
