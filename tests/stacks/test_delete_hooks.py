"""The waits before a delete, against the embedded cloud's AWS: what each finds, clears away and waits for."""

from typing import Any

import pytest

from stacks.delete_hooks.karpenter_nodes import KARPENTER_NODES
from stacks.delete_hooks.load_balancers import LOAD_BALANCERS
from stacks.delete_hooks.network_interfaces import NETWORK_INTERFACES
from stacks.delete_hooks.registration import WAITS
from stacks.delete_hooks.waits import Doomed, Place, StillStanding, Wait
from tests.delete_waits import (
    ACCOUNT,
    BALANCERS,
    CLUSTER,
    GROUP,
    KARPENTER,
    REGION,
    RELEASE,
    SUBNET,
    Aws,
    Time,
    pairs,
    refusal,
    subnet,
    wait,
)
from tests.shipped import recording_of, settings_of


@pytest.fixture
def aws() -> Aws:
    return Aws()


def test_with_nothing_in_the_way_a_delete_waits_for_one_look_alone(aws: Aws):
    for one, doomed in (
        (NETWORK_INTERFACES, subnet(aws)),
        (LOAD_BALANCERS, BALANCERS),
        (KARPENTER_NODES, KARPENTER),
    ):
        assert wait(one, doomed, aws).pauses == 0
    assert [place for _, place in aws.asked] == [Place(REGION, ACCOUNT), Place(REGION), Place(REGION)]


@pytest.mark.parametrize(("one", "doomed"), [(LOAD_BALANCERS, BALANCERS), (KARPENTER_NODES, KARPENTER)])
def test_an_account_without_the_cluster_proves_nothing(aws: Aws, one: Wait, doomed: Doomed):
    aws.client("eks").delete_cluster(name=CLUSTER)
    [warning] = wait(one, doomed, aws).warnings
    assert warning == (
        f"eu-west-controller goes without a look for {one.what}: there is no cluster {CLUSTER} where the credentials "
        "at hand lead"
    )


def test_what_was_seen_goes_though_its_cluster_is_gone(aws: Aws):
    aws.client("eks").delete_cluster(name=CLUSTER)
    node = aws.instance(CLUSTER)
    time = wait(KARPENTER_NODES, KARPENTER, aws, Time({1: lambda: aws.ec2.terminate_instances(InstanceIds=[node])}))
    assert (time.pauses, time.warnings) == (1, [])


def test_free_interfaces_of_the_cni_are_deleted_by_description_or_tag_and_no_others(aws: Aws):
    aws.interface("aws-K8S-i-0123456789")
    aws.interface("its description was changed", **{"cluster.k8s.amazonaws.com/name": CLUSTER})
    someones = aws.interface("a database's")
    with pytest.raises(StillStanding) as caught:
        wait(NETWORK_INTERFACES, subnet(aws), aws, Time(stride=30))
    assert str(caught.value) == (
        "eu-west-private-a cannot go: after 15 minutes there are still network interfaces on it: "
        f"{someones} (available, a database's); delete what they belong to, or the interfaces themselves, "
        "then run it again"
    )
    assert aws.interfaces() == [someones]


def test_an_interface_in_use_is_waited_for_and_left_alone(aws: Aws):
    instance = aws.instance("another")
    (used,) = aws.interfaces()
    aws.ec2.create_tags(Resources=[used], Tags=pairs({"cluster.k8s.amazonaws.com/name": CLUSTER}))
    seen: list[str] = []
    time = Time(
        then={
            3: lambda: (seen.extend(aws.interfaces()), aws.ec2.terminate_instances(InstanceIds=[instance])),
            4: lambda: aws.ec2.delete_network_interface(NetworkInterfaceId=used),
        }
    )
    wait(NETWORK_INTERFACES, subnet(aws), aws, time)
    assert seen == [used]
    assert (time.pauses, time.seconds) == (4, 40.0), "a look every ten seconds"


def test_a_security_group_waits_for_the_interfaces_that_carry_it_alone(aws: Aws):
    nodes, other = aws.group("nodes"), aws.group("other")
    aws.interface("aws-K8S-i-1", nodes)
    elsewhere = aws.interface("aws-K8S-i-2", other)
    arn = f"arn:aws:ec2:{REGION}:{ACCOUNT}:security-group/{nodes}"
    wait(NETWORK_INTERFACES, Doomed(name="eu-west-nodes", type=GROUP, id=nodes, inputs={}, outputs={"arn": arn}), aws)
    assert aws.interfaces() == [elsewhere]


def test_the_balancer_controller_waits_for_all_that_it_made_for_its_own_cluster(aws: Aws):
    balancer = aws.balancer("of-a-service", CLUSTER)
    aws.balancer("players", None)
    aws.balancer("of-another", "another")
    target = aws.elbv2.create_target_group(
        Name="of-a-service", Protocol="TCP", Port=80, VpcId=aws.vpc, Tags=pairs({"elbv2.k8s.aws/cluster": CLUSTER})
    )["TargetGroups"][0]["TargetGroupArn"]
    group = aws.group("k8s-traffic", **{"elbv2.k8s.aws/cluster": CLUSTER})
    with pytest.raises(StillStanding) as caught:
        wait(LOAD_BALANCERS, BALANCERS, aws, Time(stride=30))
    named = ", ".join((balancer.split(":", 5)[5], target.split(":", 5)[5], group))
    assert f"after 20 minutes there are still things of its cluster on AWS that the controller made: {named}; " in str(
        caught.value
    )
    time = Time(
        then={
            1: lambda: aws.elbv2.delete_load_balancer(LoadBalancerArn=balancer),
            2: lambda: aws.elbv2.delete_target_group(TargetGroupArn=target),
            3: lambda: aws.ec2.delete_security_group(GroupId=group),
        }
    )
    assert wait(LOAD_BALANCERS, BALANCERS, aws, time).pauses == 3


class Elb:
    """45 balancers of the cluster, of which one is deleted once they are listed; DescribeTags then fails as AWS's."""

    arns = [f"arn:aws:elasticloadbalancing:{REGION}:{ACCOUNT}:loadbalancer/net/{number}/0" for number in range(45)]
    gone = arns[7]
    calls = 0

    def get_paginator(self, operation: str) -> "Elb":
        return self

    def paginate(self) -> list[dict[str, Any]]:
        return [{"LoadBalancers": [{"LoadBalancerArn": arn} for arn in self.arns], "TargetGroups": []}]

    def describe_tags(self, ResourceArns: list[str]) -> dict[str, Any]:  # noqa: N803
        self.calls += 1
        assert 1 <= len(ResourceArns) <= 20, "AWS takes no more"
        if self.gone in ResourceArns:
            raise refusal("LoadBalancerNotFound")
        tags = pairs({"elbv2.k8s.aws/cluster": CLUSTER})
        return {"TagDescriptions": [{"ResourceArn": arn, "Tags": tags} for arn in ResourceArns]}


def test_a_balancer_that_goes_between_two_calls_hides_none_of_the_others(aws: Aws):
    elb = Elb()

    class Late:
        def client(self, service: str) -> Any:
            return elb if service == "elbv2" else aws.client(service)

    found = LOAD_BALANCERS.standing(Late(), BALANCERS)
    assert len(found) == 44
    assert elb.gone.split(":", 5)[5] not in found
    assert elb.calls <= 3 + 2 * 5, "halved at most five times"


def test_karpenter_waits_for_every_living_instance_of_its_own_cluster(aws: Aws):
    first, second = aws.instance(CLUSTER), aws.instance(CLUSTER)
    aws.instance("another")
    aws.ec2.stop_instances(InstanceIds=[second])
    with pytest.raises(StillStanding, match="nodes of its cluster that Karpenter made") as caught:
        wait(KARPENTER_NODES, KARPENTER, aws, Time(stride=30))
    assert f"{first} (running), {second} (stopped); delete the NodeClaims" in str(caught.value)
    assert KARPENTER_NODES.seconds == 2125 + 600, "the grace of a world's node, and ten minutes for its instance"
    time = Time(then={2: lambda: aws.ec2.terminate_instances(InstanceIds=[first, second])})
    assert wait(KARPENTER_NODES, KARPENTER, aws, time).pauses == 2


def test_no_more_than_five_are_named(aws: Aws):
    for number in range(7):
        aws.interface(f"number {number}")
    with pytest.raises(StillStanding, match=r"number 4\) and 2 more; delete"):
        wait(NETWORK_INTERFACES, subnet(aws), aws, Time(stride=30))


def test_in_a_shipped_stack_the_controllers_and_all_subnets_and_groups_wait_and_nothing_else():
    bound = {
        (each.type, each.name): each.options["hooks"] for each in recording_of("dev").resources if each.options["hooks"]
    }
    releases = {name: hooks for (type_, name), hooks in bound.items() if type_ == RELEASE}
    assert set(releases) == {
        f"{region}-{release}"
        for region in settings_of("dev").regions
        for release in ("karpenter", "load-balancer-controller")
    }
    for name, hooks in releases.items():
        expected = KARPENTER_NODES if name.endswith("karpenter") else LOAD_BALANCERS
        assert hooks == {"beforeDelete": [expected.hook]}
    others = {key: hooks for key, hooks in bound.items() if key[0] != RELEASE}
    assert all(hooks == {"beforeDelete": [NETWORK_INTERFACES.hook]} for hooks in others.values())
    standing = {(each.type, each.name) for each in recording_of("dev").resources if each.type in (SUBNET, GROUP)}
    assert set(others) == standing


@pytest.mark.parametrize("one", [KARPENTER_NODES, LOAD_BALANCERS], ids=lambda one: one.hook)
def test_the_values_of_a_shipped_release_say_where_its_cluster_is(one: Wait):
    for each in recording_of("dev").resources:
        if each.options["hooks"] == {"beforeDelete": [one.hook]}:
            doomed = Doomed(name=each.name, type=each.type, id="", inputs=each.resolved, outputs={})
            settings = settings_of("dev").regions[each.region or ""]
            assert one.place(doomed) == Place(settings.aws.region)


def test_the_names_in_the_state_are_what_they_always_were():
    assert [wait.hook for wait in WAITS] == [
        "game-regions-karpenter-nodes-gone",
        "game-regions-load-balancers-gone",
        "game-regions-network-interfaces-gone",
    ]
