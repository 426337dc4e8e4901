"""Members, agents and the API server in every order: a group is never founded beside another."""

from dataclasses import dataclass, field

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from components.data.mysql.runtime.agent import FOUND_WITHIN, LEASE_SECONDS
from components.data.mysql.runtime.decide import Founded, Kind, Known, Local, Server, ViewMember, decide
from components.data.mysql.runtime.group import START_SECONDS
from components.data.mysql.runtime.gtids import EMPTY, GtidSet

N = 3
UUID = "aaaaaaaa-0000-4000-8000-000000000000"
MEMBERS = st.integers(0, N - 1)


@dataclass
class Member:
    """What is on the disk and in the memory of one pod."""

    up: bool = True
    total: frozenset[int] = frozenset()
    group: int | None = None  # which founding it is a member of
    known: list[Kind] = field(default_factory=list)  # a decision that is not yet carried out
    leased: float | None = None


class Foundings(RuleBasedStateMachine):
    """Each agent's looks and acts are apart, so that anything can happen between them."""

    def __init__(self):
        super().__init__()
        self.now = 0.0
        self.members = [Member() for _ in range(N)]
        self.config_map = None  # what was recorded
        self.lease = (None, 0.0)  # holder, end
        self.foundings = 0
        self.acknowledged = frozenset()

    def gtids(self, numbers):
        return GtidSet.parse(",".join(f"{UUID}:{n}" for n in numbers)) if numbers else EMPTY

    def server(self, n):
        member = self.members[n]
        if not member.up:
            return None
        inside = [m for m in range(N) if member.group is not None and self.members[m].group == member.group]
        view = tuple(
            ViewMember(
                uuid=str(m),
                address=str(m),
                state="ONLINE" if self.members[m].up else "UNREACHABLE",
                primary=m == inside[0],
            )
            for m in inside
        )
        state = "OFFLINE" if member.group is None else "ONLINE"
        return Server(uuid=str(n), state=state, view=view, total=self.gtids(member.total))

    def majority(self, group):
        inside = [m for m in self.members if m.group == group]
        return bool(inside) and 2 * sum(m.up for m in inside) > len(inside)

    @rule(members=st.permutations(range(N)), blind=st.sampled_from([set(), set(), {0}, {1}, {2}]))
    def rounds(self, members, blind):
        """Nothing happens for a while: every agent looks and acts a few times."""
        for n in [*members] * 4:
            self.look(n, blind)
            if not {Kind.TAKE_LEASE, Kind.FOUND_FIRST, Kind.FOUND_AGAIN} & {*self.members[n].known}:
                self.release(n)
            self.act(n)

    @rule(n=MEMBERS, blind=st.sets(MEMBERS, max_size=1))
    def look(self, n, blind):
        """The agent looks, with some of the others out of its sight, and decides."""
        member = self.members[n]
        if not member.up:
            return
        peers = {m: None if m in blind else self.server(m) for m in range(N) if m != n}
        founded = None if self.config_map is None else Founded(recorded=self.gtids(self.config_map))
        held = member.leased is not None and self.now - member.leased < FOUND_WITHIN
        known = Known(members=N, founded=founded, lease_held=held)
        action = decide(Local(ordinal=n, server=self.server(n), label="primary"), peers, known)
        member.known = [action.kind]

    @rule(n=MEMBERS)
    def act(self, n):
        """The agent does what it decided, however long ago that was."""
        member = self.members[n]
        if not member.known or not member.up:
            return
        kind = member.known.pop()
        allowed = member.leased is not None and self.now - member.leased < FOUND_WITHIN
        if kind is Kind.TAKE_LEASE:
            holder, end = self.lease
            if holder in (None, n) or self.now >= end:
                self.lease, member.leased = (n, self.now + LEASE_SECONDS), self.now
        elif kind is Kind.FOUND_FIRST:
            if self.config_map is None:
                self.config_map = frozenset()
                self.found(n, allowed)
        elif kind is Kind.FOUND_AGAIN:
            self.found(n, allowed)
        elif kind is Kind.JOIN and member.group is None:
            groups = {m.group for m in self.members if m.group is not None and self.majority(m.group)}
            if groups:
                (group,) = groups
                donors = [m for m in self.members if m.group == group and m.up]
                if member.total <= donors[0].total:
                    member.group, member.total = group, donors[0].total

    def found(self, n, allowed):
        if not allowed or self.members[n].group is not None:
            return
        assert not any(self.majority(m.group) for m in self.members if m.group is not None), "a second group"
        assert self.acknowledged <= self.members[n].total, "a group without acknowledged transactions"
        self.foundings += 1
        self.members[n].group = self.foundings
        self.now += 1.0
        assert START_SECONDS + FOUND_WITHIN < LEASE_SECONDS

    @precondition(lambda self: any(self.majority(m.group) for m in self.members if m.group is not None))
    @rule()
    def write(self):
        """A transaction that a majority has is acknowledged."""
        group = next(m.group for m in self.members if m.group is not None and self.majority(m.group))
        number = len(self.acknowledged) + 1
        self.acknowledged |= {number}
        for member in self.members:
            if member.group == group and member.up:
                member.total |= {number}

    @precondition(lambda self: self.config_map is not None)
    @rule()
    def record(self):
        for member in self.members:
            if member.up and member.group is not None and self.majority(member.group):
                self.config_map = member.total

    @rule(some=st.sets(MEMBERS, min_size=1))
    def crash(self, some):
        """Pods are gone at once; a group with a majority expels them."""
        for n in some:
            member = self.members[n]
            member.up, member.known, member.leased = False, [], None
        self.settle()

    @rule(some=st.sets(MEMBERS, min_size=1))
    def come_back(self, some):
        for n in some:
            member = self.members[n]
            if not member.up:
                member.up, member.group = True, None
        self.settle()

    def settle(self):
        for group in {m.group for m in self.members if m.group is not None}:
            whole = self.majority(group)
            for member in self.members:
                if member.group == group and (not member.up) and whole:
                    member.group = None
            if not whole:  # mysqld leaves by itself after 20 s
                for member in self.members:
                    if member.group == group and member.up:
                        member.group = None

    @rule(seconds=st.sampled_from([1.0, FOUND_WITHIN, LEASE_SECONDS + 1.0]))
    def wait(self, seconds):
        self.now += seconds

    @rule(n=MEMBERS)
    def release(self, n):
        if self.members[n].leased is not None and self.lease[0] == n:
            self.lease, self.members[n].leased = (None, 0.0), None

    @invariant()
    def one_group(self):
        groups = {m.group for m in self.members if m.group is not None and self.majority(m.group)}
        assert len(groups) <= 1


Foundings.TestCase.settings = settings(max_examples=400, stateful_step_count=30, deadline=None)
TestNoOrderFoundsTwoGroups = Foundings.TestCase
