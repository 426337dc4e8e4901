"""Pure: who belongs together, who is gone for good, and who is a stranger."""

from __future__ import annotations

from collections.abc import Iterator

from .steps import Command, forget, meet
from .topology import Member, Node, View


def clusters(view: View) -> list[list[Member]]:
    """Members in groups that know each other, directly or over others."""
    groups: list[tuple[set[str], list[Member]]] = []
    for member in view.members:
        ids, joined = set(member.known), [member]
        apart = []
        for known, members in groups:
            if known & ids:
                ids |= known
                joined = members + joined
            else:
                apart.append((known, members))
        groups = [*apart, (ids, joined)]
    return [sorted(members, key=lambda member: view.pods.index(member.pod)) for _, members in groups]


def with_data(view: View) -> list[list[Member]]:
    """The clusters that hold slots or keys: more than one must never be joined."""
    return [group for group in clusters(view) if any(member.own.slots or member.keys for member in group)]


def strangers(view: View) -> dict[str, Node]:
    """By id: nodes that members are connected to although they are none of the pods that there should be."""
    ids = {member.id for member in view.members}
    return {node.id: node for node in _others(view) if node.id not in ids and node.connected and not node.failed}


def dead(view: View) -> dict[str, Node]:
    """By id: nodes that nobody is any more, with slots where they still own some."""
    ids = {member.id for member in view.members}
    found: dict[str, Node] = {}
    for node in _others(view):
        if node.id not in ids and (node.failed or not node.connected) and (node.id not in found or node.slots):
            found[node.id] = node
    return found


def forget_everywhere(view: View, node_id: str) -> list[Command]:
    """Within a minute, or those who still know it would tell the others of it again."""
    return [forget(member.pod, node_id) for member in view.members if node_id in member.known]


def meetings(view: View, hub: Member, port: int) -> list[Command]:
    """`hub` meets everyone with whom it does not know each other."""
    others = (member for member in view.members if member.id != hub.id)
    return [
        meet(hub.pod, other.address, port) for other in others if other.id not in hub.known or hub.id not in other.known
    ]


def _others(view: View) -> Iterator[Node]:
    for member in view.members:
        for node in member.nodes:
            if "myself" not in node.flags and "handshake" not in node.flags:
                yield node
