"""Pure: what a member's agent does next, from what it sees. No clock, no network, no server."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from .gtids import EMPTY, GtidSet

PRIMARY, REPLICA = "primary", "replica"


@dataclass(frozen=True, kw_only=True)
class ViewMember:
    """A line of replication_group_members."""

    uuid: str
    address: str  # host:port
    state: str  # ONLINE, RECOVERING, UNREACHABLE, ERROR, OFFLINE
    primary: bool = False


@dataclass(frozen=True, kw_only=True)
class Server:
    """A server that answers. `total` is what it executed or has received and not yet executed."""

    uuid: str
    state: str  # its own, in its own view; OFFLINE where it is in no group
    view: tuple[ViewMember, ...] = ()
    total: GtidSet = EMPTY
    super_read_only: bool = True

    @property
    def has_majority(self) -> bool:
        """Whether more than half of its view is reachable for it."""
        reachable = sum(member.state in ("ONLINE", "RECOVERING") for member in self.view)
        return 2 * reachable > len(self.view)

    @property
    def in_group(self) -> bool:
        """Whether it is an accepted member of a group that can decide."""
        return self.state == "ONLINE" and self.has_majority

    @property
    def primary(self) -> str | None:
        """UUID of the primary in its view."""
        return next((member.uuid for member in self.view if member.primary), None)

    @property
    def at_rest(self) -> bool:
        """Whether it takes part in no group."""
        return self.state in ("OFFLINE", "ERROR")


@dataclass(frozen=True, kw_only=True)
class Local:
    """This member. `server` is None while its mysqld does not answer."""

    ordinal: int
    server: Server | None
    resolves: bool = True  # whether its own name already leads to its own address
    leaving: bool = False  # whether preStop has begun
    label: str | None = None  # of its pod, as it stands

    @property
    def writes(self) -> bool:
        """Whether it is the primary in its own view."""
        return self.server is not None and self.server.primary == self.server.uuid

    @property
    def must_ask(self) -> bool:
        """Whether it needs to know how the others are: it is in no group, or about to take the label of the primary."""
        if self.server is None or self.leaving:
            return False
        if self.server.state == "ONLINE":
            return self.server.has_majority and self.writes and self.label != PRIMARY
        return self.resolves and self.server.at_rest


@dataclass(frozen=True, kw_only=True)
class Founded:
    """The ConfigMap `mysql-cluster-state`: there once a group was ever founded."""

    recorded: GtidSet = EMPTY  # what the primary had executed when it last wrote it down
    allow_missing: frozenset[int] = frozenset()  # members that a human has given up for lost


@dataclass(frozen=True, kw_only=True)
class Known:
    """What the API server says. `founded` is None while the ConfigMap does not exist."""

    members: int  # N, the replicas of the StatefulSet
    founded: Founded | None
    lease_held: bool = False  # by this member, and long enough to found a group


class Kind(Enum):
    """What to do."""

    WAIT = "wait"
    SERVE = "serve"  # keep labels, offline mode and, on the primary, accounts and the record as they must be
    JOIN = "join"
    TAKE_LEASE = "take the lease"
    FOUND_FIRST = "found the first group"  # creates the ConfigMap first
    FOUND_AGAIN = "found the group again"
    STOP = "stop"  # a human must decide


@dataclass(frozen=True, kw_only=True)
class Action:
    """`role` is the label that this member's pod must carry before anything else is done; None is no label."""

    kind: Kind
    reason: str
    role: str | None = None
    keeps_label: bool = False  # whatever label there is stays
    seeds: tuple[int, ...] = ()  # JOIN: ordinals of members that are in the group
    accounts: bool = False  # SERVE: whether accounts may be changed now
    condition: str = ""  # STOP: one word for programs


Peers = Mapping[int, "Server | None"]


def decide(local: Local, peers: Peers, known: Known) -> Action:
    """The next action of this member; `peers` are all others by ordinal, None where one does not answer."""
    server = local.server
    if server is None:
        # The label stays: the next primary's agent takes it, and readiness is gone anyhow.
        return Action(kind=Kind.WAIT, reason="mysqld does not answer", keeps_label=True)
    if local.leaving:
        # Until the writes are handed over, they are still taken here.
        role = PRIMARY if server.in_group and local.writes else None
        return Action(kind=Kind.WAIT, reason="the pod is being stopped", role=role)
    if server.state == "ONLINE":
        return _online(local, server, peers, known)
    if not local.resolves:
        return Action(kind=Kind.WAIT, reason="the member's own name does not lead to its address yet")
    if server.state == "RECOVERING":
        return Action(kind=Kind.WAIT, reason="the member recovers")
    seeds = tuple(ordinal for ordinal, peer in sorted(peers.items()) if peer is not None and peer.in_group)
    if seeds:
        return _join(server, peers, seeds)
    if known.founded is None:
        return _first(local, peers, known)
    return _again(local, server, peers, known, known.founded)


def _online(local: Local, server: Server, peers: Peers, known: Known) -> Action:
    if not server.has_majority:
        # mysqld itself leaves after 20 s and sends its clients away.
        return Action(kind=Kind.WAIT, reason="the member sees no majority of its group")
    if local.must_ask:
        # One that stood still for a while takes itself for the primary, and would take the label from the true one.
        agree = 1 + sum(
            peer is not None and peer.has_majority and peer.primary == server.uuid for peer in peers.values()
        )
        if 2 * agree <= len(server.view):
            return Action(kind=Kind.WAIT, reason="the member takes itself for the primary, and the others do not")
    role = PRIMARY if local.writes else REPLICA
    # While a statement about accounts waits for the group's consent, the server lets nobody log in, members that join
    # included. Where these could be half of the group, both would wait for each other until the majority is lost.
    firm = 2 * sum(member.state == "ONLINE" for member in server.view) > known.members
    accounts = firm and role == PRIMARY and not server.super_read_only
    return Action(kind=Kind.SERVE, reason=f"the member is ONLINE as {role}", role=role, accounts=accounts)


def _join(server: Server, peers: Peers, seeds: tuple[int, ...]) -> Action:
    group = EMPTY
    for ordinal in seeds:
        peer = peers[ordinal]
        group = group | (peer.total if peer is not None else EMPTY)
    errant = server.total - group
    if errant:
        return Action(
            kind=Kind.STOP,
            condition="ErrantTransactions",
            reason=f"the member has transactions that its group has not: {errant}",
        )
    views = [peer.view for ordinal in seeds if (peer := peers[ordinal]) is not None]
    if any(member.uuid == server.uuid for view in views for member in view):
        # A START now would wait for the better part of a minute; a few seconds later it succeeds at once.
        return Action(kind=Kind.WAIT, reason="the group has not yet let go of what this member was before")
    return Action(kind=Kind.JOIN, reason="a group is there", seeds=seeds)


def _first(local: Local, peers: Peers, known: Known) -> Action:
    if local.ordinal != 0:
        return Action(kind=Kind.WAIT, reason="member 0 founds the first group")
    # Member 0 itself may have data: a backup that was restored there.
    written = [ordinal for ordinal, peer in sorted(peers.items()) if peer is not None and peer.total]
    if written:
        return Action(
            kind=Kind.STOP,
            condition="DataWithoutRecord",
            reason=f"nothing says that a group was ever founded, but members {written} have transactions",
        )
    if any(peer is not None and not peer.at_rest for peer in peers.values()):
        return Action(kind=Kind.WAIT, reason="another member is on its way into a group")
    if not known.lease_held:
        return Action(kind=Kind.TAKE_LEASE, reason="no group was ever founded")
    return Action(kind=Kind.FOUND_FIRST, reason="no group was ever founded")


def _again(local: Local, server: Server, peers: Peers, known: Known, founded: Founded) -> Action:
    totals = {local.ordinal: server.total}
    for ordinal in range(known.members):
        peer = peers.get(ordinal)
        if ordinal == local.ordinal:
            continue
        if peer is None:
            if ordinal not in founded.allow_missing:
                return Action(kind=Kind.WAIT, reason=f"no group is there, and member {ordinal} does not answer")
        elif not peer.at_rest:
            return Action(kind=Kind.WAIT, reason=f"no group is there, and member {ordinal} is {peer.state}")
        else:
            totals[ordinal] = peer.total
    # Never by counting: members take ids in blocks, so that a smaller set can end in a greater number.
    best = [n for n, total in sorted(totals.items()) if all(other <= total for other in totals.values())]
    if not best:
        return Action(
            kind=Kind.STOP, condition="DivergedGtids", reason=f"no member has all transactions: {_told(totals)}"
        )
    missing = founded.recorded - totals[best[0]]
    if missing:
        return Action(
            kind=Kind.STOP,
            condition="DataLost",
            reason=f"no member has transactions that the group had: {missing}; restore a backup",
        )
    if best[0] != local.ordinal:
        return Action(kind=Kind.WAIT, reason=f"member {best[0]} founds the group again")
    if not known.lease_held:
        return Action(kind=Kind.TAKE_LEASE, reason="this member has all transactions")
    return Action(kind=Kind.FOUND_AGAIN, reason="this member has all transactions")


def _told(totals: Mapping[int, GtidSet]) -> str:
    return "; ".join(f"member {ordinal} has {total}" for ordinal, total in sorted(totals.items()))
