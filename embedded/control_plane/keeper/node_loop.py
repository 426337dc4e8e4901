"""The nodes of a cluster's managed node groups: made, told anew, replaced, grown and taken back."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import partial
from typing import Final

from embedded.control_plane.keeper.attempts import attempt
from embedded.control_plane.keeper.drains import DELETION_SECONDS, EKS_SECONDS, MERGE, NODES, Drains, is_leaving
from embedded.control_plane.keeper.groups import Group, NodeGroups, Reader
from embedded.control_plane.keeper.nodes import (
    GENERATION,
    GROUP,
    free_address,
    is_ready,
    next_subnet,
    node_object,
    retold,
)
from embedded.control_plane.keeper.raising import Pending, is_unschedulable, nodes_for
from embedded.kubernetes.live.server import Server
from embedded.provider import Values

_READ_SECONDS: Final = 2.0  # AWS is asked less often than Kubernetes: every question takes the whole cloud's lock
_SETTLE_SECONDS: Final = 3.0  # for the scheduler to use new nodes before more are asked for
_AGAIN_SECONDS: Final = 60.0  # a pod that a raise did not help brings about no other one for so long


class NodeLoop:
    """What EKS, Auto Scaling and Cluster Autoscaler do. One pass at a time; `problems` are of the last one.

    A group only ever shrinks when its desired size is made smaller: the autoscaler's taking back of nodes that were
    idle for ten minutes is left out.
    """

    def __init__(self, server: Server, reader: Reader, drains: Drains, region: str) -> None:
        self._server = server
        self._reader = reader
        self._drains = drains
        self._region = region
        self._known: NodeGroups | None = None
        self._read_at = -_READ_SECONDS
        self._changed_at = 0.0
        self._helped: dict[str, float] = {}  # uid of a pod -> when a group was raised for it
        self._failed_updates: set[tuple[str, str]] = set()
        self.lost_zones: frozenset[str] = frozenset()
        self.problems: list[str] = []

    def step(self) -> None:
        """One pass. ApiError and ClientError if Kubernetes or AWS refuses; the next pass goes on."""
        if time.monotonic() - self._read_at >= _READ_SECONDS:
            self._known, self._read_at = self._reader.read(), time.monotonic()
        cluster = self._known
        if cluster is None:
            return
        nodes = self._server.ask("GET", NODES)["items"]
        taken = {node["metadata"]["name"] for node in nodes}
        mine = [node for node in nodes if GROUP in node["metadata"]["labels"]]
        self.problems = [f"node group {it.name}: {issue}" for it in cluster.groups.values() for issue in it.issues]
        for group in cluster.groups.values():
            if group.status == "ACTIVE":
                own = [it for it in mine if it["metadata"]["labels"][GROUP] == group.name]
                attempt(self.problems, f"node group {group.name}", partial(self._keep, group, cluster, own, taken))
        self._take_back([it for it in mine if it["metadata"]["labels"][GROUP] not in cluster.groups])
        if cluster.autoscaled and self._is_settled(cluster, mine):
            self._raise(cluster, mine)

    def _keep(self, group: Group, cluster: NodeGroups, nodes: Sequence[Values], taken: set[str]) -> None:
        staying = [node for node in nodes if not is_leaving(node)]
        for node in staying:
            change = retold(node, group)
            if change:
                self._server.ask("PATCH", f"{NODES}/{node['metadata']['name']}", body=change, content_type=MERGE)
        old = [] if self._has_failed(group) else [it for it in staying if _generation(it) != group.generation]
        wanted = group.desired + min(group.unavailable, len(old))
        for _ in range(wanted - len(staying)):
            # Beside old nodes new ones are spread by themselves: of the old ones none will stay.
            alike = [node for node in staying if not old or _generation(node) == group.generation]
            made = self._make(group, cluster, alike, taken)
            if made is None:
                break
            staying.append(made)
        if old:
            self._replace(group, nodes, staying, old)
        else:
            for node in _surplus(group, staying):
                self._drains.begin(node)
        self._finish(group, [node for node in nodes if is_leaving(node)])

    def _make(self, group: Group, cluster: NodeGroups, standing: Sequence[Values], taken: set[str]) -> Values | None:
        subnet = next_subnet(group, standing, self.lost_zones)
        if subnet is None:
            self.problems.append(f"node group {group.name}: none of its zones has capacity")
            return None
        node = node_object(group, cluster, subnet, free_address(subnet, taken, self._region), self._region)
        made = self._server.ask("POST", NODES, body=node)
        taken.add(made["metadata"]["name"])
        self._changed_at = time.monotonic()
        return made

    def _replace(self, group: Group, nodes: Sequence[Values], staying: Sequence[Values], old: Sequence[Values]) -> None:
        """As EKS updates a group: new nodes first, then at most `unavailable` old ones at a time are drained."""
        new = [node for node in staying if _generation(node) == group.generation]
        leaving = sum(is_leaving(node) for node in nodes)
        if new and all(is_ready(node) for node in new):
            for node in old[: max(0, group.unavailable - leaving)]:
                self._drains.begin(node)

    def _finish(self, group: Group, leaving: Iterable[Values]) -> None:
        for node in leaving:
            if self._drains.step(node):
                self._drains.end(node)
            elif self._drains.is_late(node, EKS_SECONDS):
                if _generation(node) == group.generation:
                    self._drains.end(node)
                else:
                    # EKS then says PodEvictionFailure, and the old nodes stay.
                    self._failed_updates.add((group.name, group.generation))
                    self._drains.give_up(node)

    def _has_failed(self, group: Group) -> bool:
        failed = (group.name, group.generation) in self._failed_updates
        if failed:
            self.problems.append(f"node group {group.name}: PodEvictionFailure: budgets kept pods on its old nodes")
        return failed

    def _take_back(self, nodes: Iterable[Values]) -> None:
        """The nodes of groups that are gone, all at once, as EKS deletes a group."""
        for node in nodes:
            if not is_leaving(node):
                self._drains.begin(node)
            elif self._drains.step(node) or self._drains.is_late(node, DELETION_SECONDS):
                self._drains.end(node)

    def _is_settled(self, cluster: NodeGroups, nodes: Sequence[Values]) -> bool:
        standing = Counter(node["metadata"]["labels"][GROUP] for node in nodes if is_ready(node))
        whole = all(standing[it.name] >= it.desired for it in cluster.groups.values() if it.status == "ACTIVE")
        return whole and time.monotonic() - self._changed_at > _SETTLE_SECONDS

    def _raise(self, cluster: NodeGroups, nodes: Sequence[Values]) -> None:
        """Have the group grow that takes most of the pods which fit nowhere."""
        now = time.monotonic()
        self._helped = {uid: when for uid, when in self._helped.items() if now - when < _AGAIN_SECONDS}
        pending = [it for it in self._pending() if it.pod["metadata"]["uid"] not in self._helped]
        best: tuple[int, int, str, list[Values]] = (0, 0, "", [])
        for group in cluster.groups.values():
            template = self._template(group, cluster, nodes)
            if pending and template and group.status == "ACTIVE" and group.desired < group.most:
                count, placed = nodes_for(pending, template, group.most - group.desired)
                best = max(best, (len(placed), -count, group.name, placed), key=lambda it: it[:3])
        placed_pods, count, name, placed = best
        if placed_pods:
            self._reader.raise_to(name, cluster.groups[name].desired - count)
            self._helped |= {pod["metadata"]["uid"]: now for pod in placed}
            self._read_at = -_READ_SECONDS

    def _pending(self) -> list[Pending]:
        pods = self._server.ask("GET", "/api/v1/pods", {"fieldSelector": "status.phase=Pending"})["items"]
        stuck = [pod for pod in pods if is_unschedulable(pod)]
        if not any(_claims(pod) for pod in stuck):
            return [Pending(pod) for pod in stuck]
        volumes = {
            (it["spec"]["claimRef"]["namespace"], it["spec"]["claimRef"]["name"]): it
            for it in self._server.ask("GET", "/api/v1/persistentvolumes")["items"]
            if it["spec"].get("claimRef")
        }
        return [
            Pending(pod, tuple(volumes[key] for claim in _claims(pod) if (key := (_namespace(pod), claim)) in volumes))
            for pod in stuck
        ]

    def _template(self, group: Group, cluster: NodeGroups, nodes: Sequence[Values]) -> Values | None:
        standing = [node for node in nodes if node["metadata"]["labels"][GROUP] == group.name]
        subnet = next_subnet(group, standing, self.lost_zones)
        if subnet is None:
            return None
        return node_object(group, cluster, subnet, free_address(subnet, (), self._region), self._region)


def _generation(node: Values) -> str:
    return str(node["metadata"].get("annotations", {}).get(GENERATION, ""))


def _surplus(group: Group, staying: Sequence[Values]) -> list[Values]:
    """Nodes beyond the desired size: the newest of the zones that have most."""
    left, gone = list(staying), []
    while len(left) > group.desired:
        zones = Counter(node["metadata"]["labels"]["topology.kubernetes.io/zone"] for node in left)
        worst = max(zones, key=lambda zone: (zones[zone], zone))
        inside = [node for node in left if node["metadata"]["labels"]["topology.kubernetes.io/zone"] == worst]
        victim = max(inside, key=lambda node: (node["metadata"]["creationTimestamp"], node["metadata"]["name"]))
        left.remove(victim)
        gone.append(victim)
    return gone


def _claims(pod: Values) -> list[str]:
    named = (volume.get("persistentVolumeClaim") for volume in pod["spec"].get("volumes", []))
    return [claim["claimName"] for claim in named if claim]


def _namespace(pod: Values) -> str:
    return str(pod["metadata"]["namespace"])
