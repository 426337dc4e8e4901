"""Pure: what the healer of a pod does next. See valkey.io/topics/cluster-spec for what members repair by themselves."""

from __future__ import annotations

from .membership import dead, forget_everywhere, with_data
from .roles import fail_back, ordinal, pair_up
from .steps import Command, FailOver, meet, replicate
from .topology import SLOTS, Member, View, count, shards


def decide_heal(view: View, me: str, port: int) -> tuple[Command, ...]:
    """Meetings with peers of my own cluster that I do not reach, at the addresses where they answer now.

    After an outage in which all addresses changed, members never find each other by themselves. A peer is of my cluster
    if we know an id in common. An empty one is the leader's to admit; any other is a stranger, and joining would make
    one cluster of two.
    """
    own = next((member for member in view.members if member.pod == me), None)
    if own is None:
        return ()
    steps = []
    for peer in view.members:
        if peer.pod == me or not peer.known & own.known:
            continue
        line = own.of(peer.id)
        if line is None or not line.connected or line.failed:
            steps.append(meet(me, peer.address, port))
    return tuple(steps)


def leads(view: View, me: str) -> bool:
    """One healer acts for all: that of the lowest pod that is in the cluster and answers."""
    in_cluster = [member.pod for member in view.members if not member.empty]
    return bool(in_cluster) and min(in_cluster, key=ordinal) == me


def decide_replace(view: View, me: str, port: int) -> tuple[Command, ...]:
    """A pod that has lost its disk comes back as a replica: its former id is forgotten, its new one met.

    The former id carries the pod's host name; it must have failed and own no slots: its replica must have
    taken over.
    """
    if len(with_data(view)) != 1:
        return ()
    members = [member for member in view.members if not member.empty]
    steps: list[Command] = []
    for newcomer in (member for member in view.members if member.empty):
        former = [node for node in dead(view).values() if node.hostname.partition(".")[0] == newcomer.pod]
        if former and all(node.failed and not node.slots for node in former):
            steps += [step for node in former for step in forget_everywhere(view, node.id)]
            steps.append(meet(me, newcomer.address, port))
    return tuple(steps) or tuple(_adopt(view, members))


def _adopt(view: View, members: list[Member]) -> list[Command]:
    """An empty member of the cluster becomes the replica of a master that has none, in another zone."""
    if sum(count(member.own.slots) for member in view.masters) != SLOTS:
        return []
    followed = {node.master_id for member in members for node in member.nodes}
    alone = {master.pod: master.id for master in view.masters if master.id not in followed and master.zone}
    idle = [member.pod for member in members if _idle(member) and member.id not in followed and member.zone]
    # As the bootstrap Job pairs them, which may be at work on the same ones.
    pairs = pair_up(list(alone), idle, view.zones, {})
    return [replicate(pod, alone[master]) for pod, master in pairs.items()]


def _idle(member: Member) -> bool:
    return member.own.is_master and not member.own.slots and not member.own.coming and not member.keys


def in_order(view: View) -> bool:
    """All pods are up and in sync, every slot has its master and every master its replica."""
    ids = {member.id for member in view.members}
    return (
        not view.missing
        and all(member.zone for member in view.members)
        and all(member.known == ids and member.state_ok and member.link_up for member in view.members)
        and all(node.well for member in view.members for node in member.nodes)
        and sum(count(master.own.slots) for master in view.masters) == SLOTS
        and not any(member.own.leaving or member.own.coming for member in view.members)
        and all(len(shard) > 1 for shard in shards(view).values())
    )


def layout(view: View) -> tuple[tuple[str, str], ...]:
    """Whose replica everyone is: as long as it is the same, the cluster is quiet."""
    return tuple((member.pod, member.own.master_id or "") for member in view.members)


def decide_fail_back(view: View) -> tuple[FailOver, ...]:
    """Back to one master per zone. After a failover one zone holds two masters, and its loss would stop the cluster."""
    if not in_order(view):
        return ()
    groups = [[member.pod for member in shard] for shard in shards(view).values()]
    return tuple(FailOver(pod) for pod in fail_back(groups, view.zones))
