"""Karpenter put together: valid charts and resources, and an order that comes down as cleanly as it goes up."""

import dataclasses
import json
from typing import Any

import pulumi
import pulumi_aws as aws
import pulumi_kubernetes as k8s
import pytest

from components.karpenter.component import Karpenter, KarpenterArgs
from components.karpenter.specs import KarpenterPool, PeakHours
from components.kube.compute import Compute
from plan.recorder import Recording
from plan.registration import RecordedResource
from tests.charts import RELEASE, check_custom_resource, check_release, needs_charts, needs_crds
from tests.engine import all_of, build, named, only

NODE_CLASS = "kubernetes:karpenter.k8s.aws/v1:EC2NodeClass"
NODE_POOL = "kubernetes:karpenter.sh/v1:NodePool"
LIMITS = Compute(cpu="1000", memory="1000Gi")
ARGS = KarpenterArgs(
    prefix="mmorpg-us-east",
    cluster_name="mmorpg-us-east",
    region="us-east-1",
    account_id="123456789012",
    zones=("us-east-1a", "us-east-1b"),
    release="1.35.4-20260512",
    pools={
        "services": KarpenterPool(
            workload=None, arch="amd64", families=("c7i", "m7i"), sizes=("large", "xlarge"), limits=LIMITS
        ),
        "worlds": KarpenterPool(
            workload="game-server", arch="amd64", families=("c7i",), sizes=("xlarge",), limits=LIMITS
        ),
        "data": KarpenterPool(workload="database", arch="arm64", families=("r7g",), sizes=("xlarge",), limits=LIMITS),
    },
    peak=PeakHours(schedule="0 21 * * *", hours=7),
    zonal_shift=True,
    tags={"CostCenter": "gaming"},
)


def karpenter(**changes: Any) -> Recording:
    return build(lambda: Karpenter("us-east", dataclasses.replace(ARGS, **changes)))


def release(built: Recording, name: str) -> RecordedResource:
    return named(built, f"us-east-{name}", RELEASE)


def before(built: Recording, resource: RecordedResource) -> set[str]:
    """URNs of all that must stand before a resource, however many steps away."""
    by_urn, found, left = built.by_urn(), set[str](), [resource.urn]
    while left:
        for urn in by_urn[left.pop()].depends_on:
            if urn not in found:
                found.add(urn)
                left.append(urn)
    return found


@needs_charts
def test_every_key_of_the_values_is_the_charts_own():
    for each in all_of(karpenter(), RELEASE):
        assert check_release(each.resolved) == []


@needs_crds
def test_every_pool_and_the_class_are_valid_under_their_crds():
    built = karpenter()
    resources = [*all_of(built, NODE_POOL), only(built, NODE_CLASS)]
    assert len(resources) == 5, "services, worlds, a database pool for each of two zones, and the class"
    for each in resources:
        assert check_custom_resource(each.resolved) == []


def test_the_controller_runs_twice_off_the_nodes_that_it_makes_and_without_cluster_dns():
    values = release(karpenter(), "karpenter").resolved["values"]
    assert values["replicas"] == 2
    assert values["dnsPolicy"] == "Default", "else it waits for the DNS that waits for its nodes"
    assert "affinity" not in values, "the chart's own keeps it off karpenter.sh/nodepool"
    settings = values["settings"]
    assert (settings["clusterName"], settings["interruptionQueue"]) == ("mmorpg-us-east", "mmorpg-us-east-karpenter")
    assert settings["enableZonalShift"] is True
    assert settings["reservedENIs"] == "1", "pods stand in subnets of their own"
    assert values["controller"]["env"] == [{"name": "AWS_REGION", "value": "us-east-1"}], "IMDS does not answer pods"
    resources = values["controller"]["resources"]
    assert resources["requests"]["memory"] == resources["limits"]["memory"] == "1Gi"


def test_crds_come_by_their_own_chart_which_is_upgraded_with_the_controller():
    built = karpenter()
    crds, controller = release(built, "karpenter-crd"), release(built, "karpenter")
    assert crds.inputs["version"] == controller.inputs["version"] == "1.14.1"
    assert controller.inputs["skipCrds"] is True
    assert crds.urn in controller.depends_on


def test_pools_go_before_the_class_the_controller_its_crds_and_then_its_rights_queue_and_entry():
    built = karpenter()
    node_class, controller = only(built, NODE_CLASS), release(built, "karpenter")
    crds = release(built, "karpenter-crd")
    for pool in all_of(built, NODE_POOL):
        assert {node_class.urn, controller.urn} <= set(pool.depends_on)
    assert controller.urn in node_class.depends_on
    last = {
        each.urn
        for type_ in (
            "aws:iam/role:Role",
            "aws:iam/rolePolicy:RolePolicy",
            "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
            "aws:eks/podIdentityAssociation:PodIdentityAssociation",
            "aws:eks/accessEntry:AccessEntry",
            "aws:sqs/queue:Queue",
            "aws:sqs/queuePolicy:QueuePolicy",
            "aws:cloudwatch/eventRule:EventRule",
            "aws:cloudwatch/eventTarget:EventTarget",
        )
        for each in all_of(built, type_)
    }
    assert len(last) == 20
    assert last <= before(built, crds), "a controller without rights or queue never lets its nodes go"
    assert last <= before(built, controller)


def test_what_the_controller_runs_on_goes_after_it():
    def program() -> None:
        nodes = pulumi.CustomResource("aws:eks/nodeGroup:NodeGroup", "us-east-pool-system", {})
        Karpenter("us-east", dataclasses.replace(ARGS, after=(nodes,)))

    built = build(program)
    for chart in ("karpenter-crd", "karpenter"):
        assert named(built, "us-east-pool-system").urn in release(built, chart).depends_on


def test_the_driver_that_detaches_volumes_goes_after_the_pools_and_delays_no_controller():
    def program() -> None:
        driver = pulumi.CustomResource("aws:eks/addon:Addon", "us-east-ebs-csi", {})
        Karpenter("us-east", dataclasses.replace(ARGS, nodes_after=(driver,)))

    built = build(program)
    driver = named(built, "us-east-ebs-csi").urn
    assert all(driver in before(built, pool) for pool in all_of(built, NODE_POOL))
    assert driver not in before(built, release(built, "karpenter"))


def test_deleting_a_pool_waits_until_its_last_players_have_left():
    for pool in all_of(karpenter(), NODE_POOL):
        assert pool.options["customTimeouts"] == {"delete": "2725s"}, (
            "2125 s of grace and ten minutes for the instances"
        )


def test_the_controller_is_its_service_account_by_pod_identity():
    built = karpenter()
    association = only(built, "aws:eks/podIdentityAssociation:PodIdentityAssociation")
    role = named(built, "us-east-karpenter", "aws:iam/role:Role")
    assert (association.inputs["namespace"], association.inputs["serviceAccount"]) == ("kube-system", "karpenter")
    assert association.inputs["roleArn"] == {"$ref": role.urn, "property": "arn"}
    assert release(built, "karpenter").inputs["name"] == "karpenter", "the chart names the service account after it"
    (statement,) = json.loads(role.resolved["assumeRolePolicy"])["Statement"]
    assert statement["Principal"] == {"Service": "pods.eks.amazonaws.com"}
    assert statement["Action"] == ["sts:AssumeRole", "sts:TagSession"], "Pod Identity tags its sessions"


def test_its_nodes_may_join_by_an_entry_of_their_own_and_do_what_other_nodes_do():
    built = karpenter()
    role = named(built, "us-east-karpenter-node", "aws:iam/role:Role")
    entry = only(built, "aws:eks/accessEntry:AccessEntry").inputs
    assert entry["type"] == "EC2_LINUX"
    assert entry["principalArn"] == {"$ref": role.urn, "property": "arn"}
    assert only(built, NODE_CLASS).resolved["spec"]["role"] == "mmorpg-us-east-karpenter-node"
    attached = all_of(built, "aws:iam/rolePolicyAttachment:RolePolicyAttachment")
    assert {each.resolved["policyArn"].rpartition("/")[2] for each in attached} == {
        "AmazonEKSWorkerNodePolicy",
        "AmazonEC2ContainerRegistryPullOnly",
        "AmazonSSMManagedInstanceCore",
    }


def test_the_policy_in_the_program_is_scoped_to_this_cluster():
    text = only(karpenter(), "aws:iam/rolePolicy:RolePolicy").resolved["policy"]
    passing = [s for s in json.loads(text)["Statement"] if s["Sid"] == "AllowPassingInstanceRole"]
    assert len(passing) == 1
    assert "aws:RequestTag/kubernetes.io/cluster/mmorpg-us-east" in text


@pytest.mark.parametrize(
    "change", [{"release": "1.35.4-20260601"}, {"peak": PeakHours(schedule="30 20 * * *", hours=5)}]
)
def test_another_image_or_peak_updates_in_place(change: dict[str, Any]):
    old, new = karpenter().by_urn(), karpenter(**change).by_urn()
    assert old.keys() == new.keys()
    changed = {new[urn].type for urn, resource in old.items() if new[urn].inputs != resource.inputs}
    assert changed == ({NODE_CLASS} if "release" in change else {NODE_POOL})


def test_nothing_in_it_breaks_a_rule_of_the_program():
    def program() -> None:
        providers = [aws.Provider("us-east-aws", region="us-east-1"), k8s.Provider("us-east-kubernetes")]
        Karpenter("us-east", ARGS, pulumi.ResourceOptions(providers=providers))

    assert build(program).findings == []
