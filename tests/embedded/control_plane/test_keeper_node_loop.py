"""The node loop against a small API in memory: groups are filled, replaced, shrunk, drained and grown."""

from copy import deepcopy
from typing import Any

import pytest

from embedded.control_plane.keeper import node_loop
from embedded.control_plane.keeper.drains import LEAVING, Drains, is_leaving
from embedded.control_plane.keeper.groups import Group, NodeGroups, Subnet
from embedded.control_plane.keeper.machines import Machine
from embedded.control_plane.keeper.node_loop import NodeLoop
from embedded.control_plane.keeper.nodes import GENERATION
from embedded.kubernetes.errors import ApiError

SUBNETS = tuple(Subnet(f"subnet-{z}", f"us-east-1{z}", f"use1-az{z}", f"10.0.{n}.0/24") for n, z in enumerate("ab"))
LARGE = Machine(name="m7i.large", arch="amd64", vcpus=2, memory_mib=8192, address_pods=29)


class Api:
    """Nodes that are ready at once, and pods that go when they are evicted, unless a budget keeps them."""

    def __init__(self) -> None:
        self.nodes: dict[str, Any] = {}
        self.pods: list[Any] = []
        self.kept: set[str] = set()

    def ask(
        self, method: str, path: str, query: Any = None, body: Any = None, content_type: str = ""
    ) -> dict[str, Any]:
        name = path.removeprefix("/api/v1/nodes").strip("/")
        if path == "/api/v1/pods":
            wanted = (query or {}).get("fieldSelector", "").removeprefix("spec.nodeName=")
            return {"items": [it for it in self.pods if it["spec"].get("nodeName", "status.phase=Pending") == wanted]}
        if path.endswith("/eviction"):
            return self._evict(body["metadata"]["name"])
        if path.startswith("/api/v1/namespaces/"):
            self.pods = [it for it in self.pods if not path.endswith(f"/{it['metadata']['name']}")]
            return {}
        if method == "POST":
            return self._make(body)
        if method == "PATCH":
            _merge(self.nodes[name], body)
        if method == "DELETE":
            del self.nodes[name]
        return {"items": deepcopy(list(self.nodes.values()))}

    def _make(self, node: Any) -> dict[str, Any]:
        node["metadata"] |= {"creationTimestamp": f"{len(self.nodes):04}", "resourceVersion": "1"}
        node["status"]["conditions"] = [{"type": "Ready", "status": "True"}]
        self.nodes[node["metadata"]["name"]] = node
        return deepcopy(node)

    def _evict(self, name: str) -> dict[str, Any]:
        if name in self.kept:
            raise ApiError(429, "TooManyRequests", "Cannot evict pod as it would violate the pod's disruption budget.")
        self.pods = [it for it in self.pods if it["metadata"]["name"] != name]
        return {}

    def put(self, name: str, node: str | None = None, cpu: str = "1500m") -> None:
        refused = {"type": "PodScheduled", "status": "False", "reason": "Unschedulable"}
        container = {"name": "c", "resources": {"requests": {"cpu": cpu}}}
        self.pods.append(
            {
                "metadata": {"name": name, "namespace": "game", "uid": name},
                "spec": {"containers": [container]} | ({"nodeName": node} if node else {}),
                "status": {"phase": "Running" if node else "Pending", "conditions": [] if node else [refused]},
            }
        )


def _merge(target: Any, change: Any) -> None:
    for key, value in change.items():
        if value is None:
            target.pop(key, None)
        elif isinstance(value, dict):
            _merge(target.setdefault(key, {}), value)
        else:
            target[key] = value


class Groups:
    """Stands for the reader of node groups."""

    def __init__(self, group: Group) -> None:
        self.cluster = NodeGroups({group.name: group}, prefixes=True, autoscaled=True)
        self.raised: list[tuple[str, int]] = []

    def read(self) -> NodeGroups:
        return self.cluster

    def raise_to(self, name: str, desired: int) -> None:
        self.raised.append((name, desired))

    def become(self, *groups: Group) -> None:
        self.cluster = NodeGroups({it.name: it for it in groups}, prefixes=True, autoscaled=True)


def group(**given: Any) -> Group:
    usual: dict[str, Any] = {
        "name": "game",
        "status": "ACTIVE",
        "issues": (),
        "least": 1,
        "desired": 3,
        "most": 5,
        "unavailable": 1,
        "labels": {},
        "taints": (),
        "spot": False,
        "subnets": SUBNETS,
        "machines": (LARGE,),
        "disk_gib": 100,
        "template": None,
        "release": "1.35.0-20260101",
    }
    return Group(**(usual | given))


class Rehearsal:
    def __init__(self) -> None:
        self.api, self.groups = Api(), Groups(group())
        server: Any = self.api
        reader: Any = self.groups
        self.loop = NodeLoop(server, reader, Drains(server, pace=1.0), "us-east-1")

    def steps(self, count: int = 1) -> None:
        for _ in range(count):
            self.loop.step()

    def zones(self) -> list[str]:
        return sorted(it["metadata"]["labels"]["topology.kubernetes.io/zone"] for it in self.api.nodes.values())


@pytest.fixture
def rehearsal(monkeypatch: pytest.MonkeyPatch) -> Rehearsal:
    monkeypatch.setattr(node_loop, "_READ_SECONDS", 0.0)
    monkeypatch.setattr(node_loop, "_SETTLE_SECONDS", -1.0)
    return Rehearsal()


def test_a_group_is_filled_evenly_over_its_zones_and_then_left_alone(rehearsal):
    rehearsal.steps(3)
    assert rehearsal.zones() == ["us-east-1a", "us-east-1a", "us-east-1b"]


def test_a_group_that_eks_could_not_make_has_no_nodes_and_its_issue_is_told(rehearsal):
    issue = "AsgInstanceLaunchFailures: Could not launch On-Demand Instances. InsufficientInstanceCapacity"
    rehearsal.groups.become(group(status="CREATE_FAILED", issues=(issue,)))
    rehearsal.steps()
    assert not rehearsal.api.nodes
    assert rehearsal.loop.problems == [f"node group game: {issue}"]


def test_nodes_of_a_lost_zone_come_back_in_the_others(rehearsal):
    rehearsal.steps()
    rehearsal.loop.lost_zones = frozenset({"us-east-1a"})
    for name in [name for name, it in rehearsal.api.nodes.items() if "us-east-1a" in it["spec"]["providerID"]]:
        del rehearsal.api.nodes[name]
    rehearsal.steps()
    assert rehearsal.zones() == ["us-east-1b"] * 3


def test_a_smaller_group_gives_back_the_newest_node_of_the_fullest_zone(rehearsal):
    rehearsal.steps()
    rehearsal.groups.become(group(desired=2))
    rehearsal.steps(2)
    assert sorted(rehearsal.api.nodes) == ["ip-10-0-0-4.ec2.internal", "ip-10-0-1-4.ec2.internal"]


def test_another_release_replaces_the_nodes_one_at_a_time_and_never_leaves_fewer_than_desired(rehearsal):
    rehearsal.steps()
    old, zones = generations(rehearsal), sorted(rehearsal.zones())
    rehearsal.groups.become(group(release="1.35.1-20260301"))
    leaving: list[int] = []
    for _ in range(12):
        rehearsal.steps()
        leaving.append(sum(is_leaving(it) for it in rehearsal.api.nodes.values()))
        assert sum(not is_leaving(it) for it in rehearsal.api.nodes.values()) >= 3
    assert max(leaving) == 1
    assert len(rehearsal.api.nodes) == 3
    assert not old & generations(rehearsal)
    assert sorted(rehearsal.zones()) == zones  # the new ones are spread as the old were


def generations(rehearsal):
    return {node["metadata"]["annotations"][GENERATION] for node in rehearsal.api.nodes.values()}


def test_a_budget_that_outlasts_an_update_makes_it_fail_and_the_old_node_stays(rehearsal):
    rehearsal.loop._drains._pace = -1.0
    rehearsal.steps()
    for number, name in enumerate(rehearsal.api.nodes):
        rehearsal.api.put(f"world-{number}", name)
        rehearsal.api.kept.add(f"world-{number}")
    old = set(rehearsal.api.nodes)
    rehearsal.groups.become(group(release="1.35.1-20260301"))
    rehearsal.steps(8)
    assert len(old & set(rehearsal.api.nodes)) >= 2
    assert not any(is_leaving(it) for it in rehearsal.api.nodes.values() if it["metadata"]["name"] in old)
    assert rehearsal.loop.problems == ["node group game: PodEvictionFailure: budgets kept pods on its old nodes"]


def test_the_nodes_of_a_group_that_is_gone_go_when_their_pods_have(rehearsal):
    rehearsal.steps()
    busy = "ip-10-0-0-4.ec2.internal"
    rehearsal.api.put("world-0", busy)
    rehearsal.api.kept.add("world-0")
    rehearsal.groups.become()
    rehearsal.steps(3)
    assert list(rehearsal.api.nodes) == [busy]
    assert rehearsal.api.nodes[busy]["spec"]["unschedulable"] is True
    rehearsal.api.kept.clear()
    rehearsal.steps(2)
    assert not rehearsal.api.nodes


def test_a_node_whose_time_is_up_goes_with_the_pods_that_budgets_kept(rehearsal):
    rehearsal.steps()
    rehearsal.api.put("world-0", "ip-10-0-0-4.ec2.internal")
    rehearsal.api.kept.add("world-0")
    rehearsal.groups.become()
    rehearsal.steps(2)
    rehearsal.api.nodes["ip-10-0-0-4.ec2.internal"]["metadata"]["annotations"][LEAVING] = "0"
    rehearsal.steps()
    assert not rehearsal.api.nodes
    assert not rehearsal.api.pods


def test_pods_that_fit_nowhere_make_their_group_larger_and_each_only_once(rehearsal):
    rehearsal.steps()
    rehearsal.api.put("service-0")
    rehearsal.api.put("service-1")
    rehearsal.steps(2)
    assert rehearsal.groups.raised == [("game", 5)]


def test_without_an_autoscaler_nobody_makes_a_group_larger(rehearsal):
    rehearsal.groups.cluster = NodeGroups({"game": group()}, prefixes=True, autoscaled=False)
    rehearsal.api.put("service-0")
    rehearsal.steps(2)
    assert rehearsal.groups.raised == []


def test_a_group_at_its_greatest_is_not_asked_for_more(rehearsal):
    rehearsal.groups.become(group(most=3))
    rehearsal.api.put("service-0")
    rehearsal.steps(2)
    assert rehearsal.groups.raised == []
