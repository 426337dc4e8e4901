"""The provider in an unsteady cloud: what passes by itself is waited for, what does not is told in one sentence."""

from __future__ import annotations

import threading

import pytest

from embedded.aws import faults, objects
from embedded.aws.account import Account
from embedded.aws.endpoint import AwsEndpoint
from embedded.aws.faults import Faults
from embedded.provider import PartialFailure
from tests.embedded.aws_types.conftest import NoJournal
from tests.embedded.aws_types.driver import Engine, Made
from tests.embedded.aws_types.ground import cluster, gateway, node_group, subnets, vpc

GROUP, ADDON = "aws:eks/nodeGroup:NodeGroup", "aws:eks/addon:Addon"
ALWAYS, NEVER = 2.0, 0.0


@pytest.fixture
def unsteady(monkeypatch: pytest.MonkeyPatch) -> Engine:
    """An engine before an account in which nothing goes wrong but what a test sets; it never pauses."""
    for share in ("THROTTLED_SHARE", "SHORT_SHARE", "DEGRADED_SHARE", "LINGERING_SHARE"):
        monkeypatch.setattr(faults, share, NEVER)
    monkeypatch.setattr(objects, "_POLL_SECONDS", 0.0)
    endpoint = AwsEndpoint(NoJournal(), threading.RLock(), Faults(7))
    endpoint.account = Account()
    return Engine(endpoint)


def with_cni(engine: Engine) -> Made:
    owner = cluster(engine)
    engine.make(ADDON, "cni", clusterName=owner.id, addonName="vpc-cni")
    return owner


def test_a_group_that_gets_no_instances_is_kept_with_awss_reason_and_its_next_create_succeeds(
    unsteady: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(faults, "SHORT_SHARE", ALWAYS)
    owner = with_cni(unsteady)
    target = unsteady.target(GROUP, "system")
    inputs = unsteady.checked(target, node_group(unsteady, owner))
    with pytest.raises(PartialFailure) as failure:
        unsteady.handler.create(target, inputs)
    (reason,) = failure.value.reasons
    assert reason.startswith(
        f"{owner.id}:mmorpg-us-east-system: CREATE_FAILED: AsgInstanceLaunchFailures: Could not launch On-Demand "
        "Instances. InsufficientInstanceCapacity - We currently do not have sufficient t3.medium capacity"
    )
    kept = Made(target, failure.value.resource_id, inputs, failure.value.outputs)
    assert (kept.id, kept.outputs["status"]) == (f"{owner.id}:mmorpg-us-east-system", "CREATE_FAILED")
    with pytest.raises(PartialFailure, match="CREATE_FAILED"):
        unsteady.handler.update(target, kept.id, inputs, kept.outputs, inputs)
    unsteady.drop(kept)
    assert unsteady.handler.create(target, inputs)[1]["status"] == "ACTIVE"


def test_an_addon_that_needs_a_while_is_waited_for_when_it_is_made_and_when_it_is_changed(
    unsteady: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(faults, "DEGRADED_SHARE", ALWAYS)
    owner = with_cni(unsteady)
    unsteady.make(GROUP, "system", **node_group(unsteady, owner))
    made = unsteady.make(ADDON, "coredns", clusterName=owner.id, addonName="coredns")
    unsteady.change(made, clusterName=owner.id, addonName="coredns", configurationValues='{"replicaCount": 3}')
    assert unsteady.endpoint._faults is not None
    assert unsteady.endpoint._faults.met == {"InsufficientNumberOfReplicas": 2}


def test_an_addon_without_nodes_ends_the_wait_in_ekss_words(unsteady: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(faults, "DEGRADED_SHARE", ALWAYS)
    owner = with_cni(unsteady)
    with pytest.raises(PartialFailure, match="coredns: DEGRADED: InsufficientNumberOfReplicas: The add-on"):
        unsteady.make(ADDON, "coredns", clusterName=owner.id, addonName="coredns")


def test_deletes_are_tried_again_while_interfaces_linger(unsteady: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(faults, "LINGERING_SHARE", ALWAYS)
    network = vpc(unsteady)
    ground = [
        unsteady.make("aws:ec2/subnet:Subnet", zone, vpcId=network.id, cidrBlock=block, availabilityZone=zone)
        for zone, block in (("us-east-1a", "10.10.0.0/20"), ("us-east-1b", "10.10.16.0/20"))
    ]
    door = gateway(unsteady, network)
    balancer = unsteady.make(
        "aws:lb/loadBalancer:LoadBalancer",
        "game",
        name="game",
        loadBalancerType="network",
        subnets=[subnet.id for subnet in ground],
    )
    unsteady.drop(balancer)
    for made in (door, *ground, network):
        unsteady.drop(made)
        assert unsteady.refreshed(made) is None
    assert unsteady.endpoint._faults is not None
    assert unsteady.endpoint._faults.met["DependencyViolation"] >= 3


def test_a_delete_in_the_wrong_order_is_refused_in_the_end(unsteady: Engine) -> None:
    owner = with_cni(unsteady)
    subnet = owner.outputs["vpcConfig"]["subnetIds"][0]
    kept = Made(unsteady.target("aws:ec2/subnet:Subnet", "a"), subnet, {}, {})
    tries: list[str] = []
    unsteady.endpoint.on_call.append(lambda stage, call: tries.append(call.operation) if stage == "received" else None)
    with pytest.raises(objects.Refused, match="AWS refuses DeleteSubnet: DependencyViolation"):
        unsteady.drop(kept)
    assert tries.count("DeleteSubnet") == 1 + objects.PATIENCE


def test_without_faults_a_delete_in_the_wrong_order_is_refused_at_once(engine: Engine) -> None:
    ids = subnets(engine, vpc(engine))
    engine.make(
        "aws:lb/loadBalancer:LoadBalancer", "game", name="game", internal=True, loadBalancerType="network", subnets=ids
    )
    tries: list[str] = []
    engine.endpoint.on_call.append(lambda stage, call: tries.append(call.operation) if stage == "received" else None)
    with pytest.raises(objects.Refused, match="AWS refuses DeleteSubnet: DependencyViolation"):
        engine.drop(Made(engine.target("aws:ec2/subnet:Subnet", "a"), ids[0], {}, {}))
    assert tries.count("DeleteSubnet") == 1
