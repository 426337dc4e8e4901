"""The virtual clock: graphs small enough to reckon by hand, then the shipped stacks."""

from collections.abc import Callable
from typing import Any

import pulumi
import pulumi_aws as aws
import pulumi_kubernetes as kubernetes
import pytest

from components.charts import CERT_MANAGER, ISTIO_BASE, PROMETHEUS_CRDS, install
from plan.makespan import Makespan, Wait, lines, makespans
from plan.necessary import necessary_edges
from plan.recorder import Recording, record
from tests.shipped import leaves

VPC, SUBNET, ROLE, ATTACHMENT, KEY = 22, 7, 2, 1, 10
CLUSTER, CNI, NODES, ADDON, CHART = 583, 20, 115, 45, 45


class Part(pulumi.ComponentResource):
    """A component that children stand under."""

    def __init__(self, name: str, parent: pulumi.Resource | None = None) -> None:
        super().__init__("gameregions:test:Part", f"us-east-{name}", None, pulumi.ResourceOptions(parent=parent))
        self.register_outputs({})

    def after(self, *resources: pulumi.Resource) -> pulumi.ResourceOptions:
        """Options of a child."""
        return pulumi.ResourceOptions(parent=self, depends_on=list(resources))


def recorded(program: Callable[[], Any]) -> Recording:
    return record(program, stack="dev", regions=["us-east"])


def timed(program: Callable[[], Any]) -> Makespan:
    """The only region of a program."""
    (found,) = makespans(recorded(program))
    return found


def network(part: Part) -> tuple[aws.ec2.Vpc, list[aws.ec2.Subnet]]:
    vpc = aws.ec2.Vpc("us-east-vpc", cidr_block="10.0.0.0/16", opts=part.after())
    ranges = ("10.0.0.0/24", "10.0.1.0/24")
    return vpc, [
        aws.ec2.Subnet(f"us-east-{index}", vpc_id=vpc.id, cidr_block=block, opts=part.after())
        for index, block in enumerate(ranges)
    ]


def role(part: Part, name: str) -> tuple[aws.iam.Role, aws.iam.RolePolicyAttachment]:
    made = aws.iam.Role(f"us-east-{name}", name=name, assume_role_policy="{}", opts=part.after())
    arn = "arn:aws:iam::aws:policy/AmazonEKSClusterPolicy"
    return made, aws.iam.RolePolicyAttachment(f"us-east-{name}", role=made.name, policy_arn=arn, opts=part.after())


def cluster(part: Part, *after: pulumi.Resource) -> tuple[aws.eks.Cluster, list[aws.ec2.Subnet]]:
    """A cluster of two subnets, made once its role has its rights."""
    _, subnets = network(part)
    made, attachment = role(part, "cluster")
    ids = [subnet.id for subnet in subnets]
    return (
        aws.eks.Cluster(
            "us-east-cluster",
            name="games",
            role_arn=made.arn,
            vpc_config=aws.eks.ClusterVpcConfigArgs(subnet_ids=ids),
            opts=part.after(attachment, *after),
        ),
        subnets,
    )


def addon(part: Part, name: str, *after: pulumi.Resource) -> aws.eks.Addon:
    return aws.eks.Addon(f"us-east-{name}", cluster_name="games", addon_name=name, opts=part.after(*after))


def nodes(
    part: Part, made: aws.eks.Cluster, subnets: list[aws.ec2.Subnet], *after: pulumi.Resource, **more: Any
) -> aws.eks.NodeGroup:
    machine, attachment = role(part, "node")
    return aws.eks.NodeGroup(
        "us-east-pool",
        cluster_name=made.name,
        node_role_arn=machine.arn,
        subnet_ids=[subnet.id for subnet in subnets],
        scaling_config=aws.eks.NodeGroupScalingConfigArgs(desired_size=1, min_size=1, max_size=1),
        opts=part.after(attachment, *after),
        **more,
    )


def region(wire: Callable[[Part, aws.eks.Cluster, list[aws.ec2.Subnet]], Any]) -> Makespan:
    """A cluster and what `wire` makes in it."""

    def program() -> None:
        part = Part("all")
        wire(part, *cluster(part))

    return timed(program)


def test_a_chain_takes_the_sum_of_its_resources_and_what_stands_beside_it_nothing():
    found = timed(lambda: cluster(Part("all")))
    assert found.seconds == VPC + SUBNET + CLUSTER == 612
    assert found.necessary == 612
    assert found.ratio == 1.0
    assert [step.resource.name for step in found.path] == ["us-east-vpc", "us-east-1", "us-east-cluster"]
    assert [(step.start, step.finish) for step in found.path] == [(0, 22), (22, 29), (29, 612)]
    assert (found.waits, found.lacking) == ((), ()), "no order here is of our own making"


def test_an_order_that_aws_does_not_ask_for_is_listed_with_what_it_costs():
    def program() -> None:
        part = Part("all")
        bucket = aws.s3.Bucket("us-east-logs", opts=Part("logs").after())
        queue = aws.sqs.Queue("us-east-queue", opts=Part("queue").after(bucket))
        cluster(part, queue)

    found = timed(program)
    assert found.seconds == 19 + 25 + CLUSTER, "bucket and queue take longer than network and role"
    assert found.necessary == VPC + SUBNET + CLUSTER
    assert found.waits == (
        Wait("us-east-queue (Part)", "us-east-logs (Part)", 44 - 29),
        Wait("us-east-all (Part)", "us-east-queue (Part)", 0),
    )
    assert lines(found) == [
        "us-east: 10 min 27 s to come up on the virtual clock, 1.025 x the necessary 10 min 12 s",
        "  us-east-queue (Part) waits for us-east-logs (Part): 15 s",
        "  no cost of their own: us-east-all (Part) waits for us-east-queue (Part)",
    ]


def test_two_orders_that_cost_the_same_together_are_both_listed_and_add_up_to_the_difference():
    def program() -> None:
        queues = [aws.sqs.Queue(f"us-east-{name}", opts=Part(name).after()) for name in ("one", "two")]
        vpc = aws.ec2.Vpc("us-east-vpc", cidr_block="10.0.0.0/16", opts=Part("net").after(*queues))
        del vpc

    found = timed(program)
    assert (found.seconds, found.necessary) == (25 + VPC, 25)
    assert [wait.needed for wait in found.waits] == ["us-east-two (Part)", "us-east-one (Part)"]
    assert [wait.seconds for wait in found.waits] == [0, 22], "the second pays once the first is gone"
    assert lines(found)[2] == "  no cost of their own: us-east-net (Part) waits for us-east-two (Part)"


def test_within_one_component_an_order_is_told_by_the_kinds_of_resources():
    def program() -> None:
        part = Part("all")
        queue = aws.sqs.Queue("us-east-queue", opts=part.after())
        aws.ec2.Vpc("us-east-vpc", cidr_block="10.0.0.0/16", opts=part.after(queue))

    assert timed(program).waits == (Wait("Vpc of us-east-all (Part)", "us-east-queue (Queue)", 22),)


def test_a_component_waited_for_stands_for_its_children_and_takes_no_time_itself():
    def program() -> None:
        first = Part("first")
        aws.sqs.Queue("us-east-queue", opts=first.after())
        inner = Part("inner", parent=first)
        aws.s3.Bucket("us-east-logs", opts=inner.after())
        aws.ec2.Vpc("us-east-vpc", cidr_block="10.0.0.0/16", opts=Part("second").after(first))

    assert timed(program).seconds == 25 + VPC


def test_an_order_that_nothing_ensures_is_named():
    found = region(lambda part, made, subnets: addon(part, "vpc-cni"))
    ((dependent, needed),) = found.lacking
    assert dependent.endswith("aws:eks/addon:Addon::us-east-vpc-cni")
    assert needed.endswith("aws:eks/cluster:Cluster::us-east-cluster")
    assert lines(found)[1] == "  nothing makes us-east-vpc-cni (Addon) wait for us-east-cluster (Cluster)"


def test_the_necessary_chain_goes_from_the_cluster_over_cni_and_nodes_to_the_addons():
    def wire(part: Part, made: aws.eks.Cluster, subnets: list[aws.ec2.Subnet]) -> None:
        cni = addon(part, "vpc-cni", made)
        addon(part, "coredns", nodes(part, made, subnets, cni))

    found = region(wire)
    assert found.necessary == found.seconds == VPC + SUBNET + CLUSTER + CNI + NODES + ADDON
    assert [step.resource.name for step in found.necessary_path][2:] == [
        "us-east-cluster",
        "us-east-vpc-cni",
        "us-east-pool",
        "us-east-coredns",
    ]


def test_nodes_that_come_before_the_cni_lack_it():
    def wire(part: Part, made: aws.eks.Cluster, subnets: list[aws.ec2.Subnet]) -> None:
        addon(part, "vpc-cni", made)
        nodes(part, made, subnets)

    found = region(wire)
    assert [needed.rpartition("::")[2] for _, needed in found.lacking] == ["us-east-vpc-cni"]
    assert found.ratio < 1, "times without a necessary order are too good to be true"


@pytest.mark.parametrize(("taints", "waits"), [(None, True), ([("game-server", "NO_SCHEDULE")], False)])
def test_the_pods_of_a_chart_need_nodes_that_take_them(taints: list[tuple[str, str]] | None, waits: bool):
    given = [aws.eks.NodeGroupTaintArgs(key=key, value="true", effect=effect) for key, effect in taints or []]

    def program() -> None:
        part = Part("all")
        made, subnets = cluster(part)
        pool = nodes(part, made, subnets, taints=given or None)
        chart(part, made, "cert-manager", CERT_MANAGER, pool)

    recording = recorded(program)
    needed = necessary_edges(recording)[urn_of(recording, "us-east-cert-manager")]
    assert (urn_of(recording, "us-east-pool") in needed) is waits


def test_a_chart_of_definitions_alone_needs_no_node():
    def program() -> None:
        part = Part("all")
        made, subnets = cluster(part)
        nodes(part, made, subnets)
        chart(part, made, "base", ISTIO_BASE)

    recording = recorded(program)
    needed = necessary_edges(recording)[urn_of(recording, "us-east-base")]
    assert needed == {urn_of(recording, "us-east-cluster")}


def test_a_custom_resource_needs_the_chart_that_defines_its_kind():
    def program() -> None:
        part = Part("all")
        made, _ = cluster(part)
        chart(part, made, "definitions", PROMETHEUS_CRDS)
        chart(part, made, "base", ISTIO_BASE)
        kubernetes.apiextensions.CustomResource(
            "us-east-monitor",
            api_version="monitoring.coreos.com/v1",
            kind="ServiceMonitor",
            metadata={"name": "world", "namespace": "default"},
            spec={},
            opts=part.after(),
        )

    recording = recorded(program)
    found = makespans(recording)[0].lacking
    assert {needed.rpartition("::")[2] for urn, needed in found if urn.endswith("us-east-monitor")} == {
        "us-east-cluster",
        "us-east-definitions",
    }


def chart(part: Part, made: aws.eks.Cluster, name: str, what: Any, *after: pulumi.Resource) -> None:
    install(f"us-east-{name}", what, name=name, namespace="default", values={}, parent=part, after=(made, *after))


def urn_of(recording: Recording, name: str) -> str:
    (found,) = (r.urn for r in leaves(recording) if r.name == name and ":iam/" not in r.type)
    return found


def test_a_shipped_region_takes_hardly_more_than_aws_makes_it_wait(shipped: Recording):
    for found in makespans(shipped):
        assert 1 <= found.ratio <= 1.02, "\n".join(lines(found))
        assert found.necessary == found.seconds - sum(wait.seconds for wait in found.waits)


def test_no_shipped_region_leaves_a_necessary_order_to_luck(shipped: Recording):
    assert [lines(found) for found in makespans(shipped) if found.lacking] == []


def test_the_necessary_chain_of_a_shipped_region_is_cluster_cni_nodes_addon_workload(shipped: Recording):
    for found in makespans(shipped):
        if found.region == "edge":
            continue
        chain = [step.resource for step in found.necessary_path]
        kinds = [resource.type.rpartition(":")[2] for resource in chain]
        assert kinds[:6] == ["Vpc", "Subnet", "Cluster", "Addon", "NodeGroup", "Addon"]
        assert chain[3].resolved["addonName"] == "vpc-cni"
        assert kinds[6] in ("Release", "StatefulSet")
