"""The estimate in the plan: figures in the document, and findings where pods find no node or a promise breaks."""

import copy
import json
from typing import Any

import pytest

from components.promises import stateless
from plan.document import document, errors, plan
from plan.placement.region import place_pods
from plan.placement.report import RegionEstimate, findings
from plan.placement.shapes import Choice, Pod, Pool, Room
from plan.recorder import Recording
from stacks.settings import StackSettings, parse_settings, read_stack_file
from tests.shipped import ROOT

SMALL = Choice(instance_type="m7i.large", room=Room(1930, 7000, 29), machine=Room(2000, 8000, 29), labels={})


def pool(*zones: str, nodes: int) -> Pool:
    return Pool(
        name="system", of="system", labels={}, taints=(), zones=zones, choices=(SMALL,), nodes=nodes, most=nodes
    )


def gateways(count: int, cpu: int, **more: Any) -> list[Pod]:
    owner = "Deployment mesh/gateway"
    return [
        Pod(
            name=f"gateway-{index}",
            namespace="mesh",
            owner=owner,
            urn="urn:gateway",
            labels={},
            asks=Room(cpu, 1, 1),
            **more,
        )
        for index in range(count)
    ]


@pytest.fixture(scope="module")
def crowded() -> dict[str, Any]:
    """The plan of dev with one system node, too small for all add-ons."""
    values = copy.deepcopy(read_stack_file(ROOT / "Pulumi.dev.yaml"))
    values["regions"]["us-east"]["node_pools"]["system"].update(min_size=1, desired_size=1, max_size=1)
    return plan("dev", parse_settings(values))


def test_each_pool_of_each_region_is_in_the_document(shipped: Recording, shipped_settings: StackSettings):
    placement = document(shipped, shipped_settings)["placement"]
    assert list(placement) == list(shipped_settings.regions)
    for name, figures in placement.items():
        settings = shipped_settings.regions[name]
        karpenter = settings.karpenter.pools if settings.karpenter else {}
        assert {one["name"] for one in figures["pools"]} == {*settings.node_pools, *karpenter}
        assert list(figures["zoneLoss"]) == list(settings.network.zones)
        assert figures["seats"] == settings.worlds.player_capacity
    json.dumps(placement)


def test_pods_without_a_node_forbid_the_plan_and_are_named_with_the_reason(crowded: dict[str, Any]):
    found = {error["message"] for error in errors(crowded)}
    assert (
        "us-east: Deployment kube-system/karpenter has 1 of its pods without a node: of 7 nodes 3 tainted "
        "database=true, 3 tainted game-server=true, 1 with a pod that it must not stand beside; make room in the pool "
        "they belong to, or let them ask for less"
    ) in found
    assert {error["rule"] for error in errors(crowded)} == {"unschedulable-pods"}
    urns = {resource["urn"] for resource in crowded["resources"]}
    assert {error["urn"] for error in errors(crowded)} <= urns


def test_pending_pods_stand_in_the_document_with_their_reasons(crowded: dict[str, Any]):
    pending = crowded["placement"]["us-east"]["pending"]
    assert pending[0].keys() == {"pod", "reason", "volumeZone"}
    assert "kube-system/karpenter-1" in {one["pod"] for one in pending}


def test_a_promise_that_a_lost_zone_breaks_is_a_warning_with_the_zone():
    claims = [f"mesh/data-{index}" for index in range(2)]
    pods = [pod for claim in claims for pod in gateways(1, 100, volumes=(claim,))]
    before = place_pods("us-east", [pool("a", nodes=1)], pods)
    estimate = RegionEstimate(
        placement=before, without={"a": place_pods("us-east", [], [])}, promises=(stateless("mesh", "gateway", 2),)
    )
    (finding,) = findings({"us-east": estimate})
    assert (finding.rule, finding.severity, finding.urn) == ("broken-promise", "warning", "urn:gateway")
    assert finding.message == (
        "us-east without a: Deployment mesh/gateway: 0 of 2 pods run (none anywhere), fewer than the promised 2"
    )


def test_pods_of_one_workload_are_one_finding():
    placement = place_pods("us-east", [pool("a", nodes=1)], gateways(3, 1000))
    (finding,) = findings({"us-east": RegionEstimate(placement=placement, without={}, promises=())})
    assert finding.message == (
        "us-east: Deployment mesh/gateway has 2 of its pods without a node: of 1 nodes 1 short of CPU (1000m asked); "
        "make room in the pool they belong to, or let them ask for less"
    )
