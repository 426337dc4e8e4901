"""Every state that an agent may find its member in, and what it does there."""

from dataclasses import replace

import pytest

from components.data.mysql.runtime.decide import Founded, Kind, Known, Local, Server, ViewMember, decide
from components.data.mysql.runtime.gtids import EMPTY, GtidSet

GROUP = "aaaaaaaa-0000-4000-8000-000000000000"
FRESH = Known(members=3, founded=None)
OLD = Known(members=3, founded=Founded())


def gtids(last):
    return GtidSet.parse(f"{GROUP}:1-{last}") if last else EMPTY


def view(*states, primary=0):
    return tuple(
        ViewMember(uuid=f"uuid-{n}", address=f"mysql-{n}:3306", state=state, primary=n == primary)
        for n, state in enumerate(states)
    )


def server(ordinal, state, *, last=0, members=None):
    return Server(uuid=f"uuid-{ordinal}", state=state, view=members or (), total=gtids(last))


def resting(ordinal, last=0, state="OFFLINE"):
    return server(ordinal, state, last=last)


def online(ordinal, *, last=0, primary=0, states=("ONLINE", "ONLINE", "ONLINE")):
    return server(ordinal, "ONLINE", last=last, members=view(*states, primary=primary))


def local(own, ordinal=0, **rest):
    return Local(ordinal=ordinal, server=own, **rest)


def test_a_server_that_does_not_answer_is_left_alone_with_its_label():
    action = decide(local(None), {}, OLD)
    assert (action.kind, action.keeps_label) == (Kind.WAIT, True)


def test_a_member_whose_name_does_not_lead_to_it_yet_waits():
    action = decide(local(resting(1), ordinal=1, resolves=False), {0: online(0), 2: online(2)}, OLD)
    assert action.kind is Kind.WAIT
    assert "name" in action.reason


def test_a_member_that_recovers_is_waited_for_without_a_label():
    action = decide(local(server(1, "RECOVERING", members=view("ONLINE", "RECOVERING")), ordinal=1), {}, OLD)
    assert (action.kind, action.role) == (Kind.WAIT, None)


def test_a_replica_is_labelled_so():
    action = decide(local(online(1), ordinal=1), {}, OLD)
    assert (action.kind, action.role) == (Kind.SERVE, "replica")


def test_a_primary_keeps_its_label_without_asking_anybody():
    action = decide(local(online(0), label="primary"), {}, OLD)
    assert (action.kind, action.role) == (Kind.SERVE, "primary")


def test_a_new_primary_takes_the_label_when_a_majority_agrees():
    own = online(0, states=("ONLINE", "ONLINE", "UNREACHABLE"))
    action = decide(local(own, label="replica"), {1: online(1), 2: None}, OLD)
    assert (action.kind, action.role) == (Kind.SERVE, "primary")


def test_a_former_primary_that_stood_still_does_not_take_the_label_back():
    others = {1: online(1, primary=1, states=("OFFLINE", "ONLINE", "ONLINE")), 2: online(2, primary=1)}
    action = decide(local(online(0)), others, OLD)
    assert (action.kind, action.role) == (Kind.WAIT, None)


@pytest.mark.parametrize(
    ("states", "allowed"),
    [
        (("ONLINE",), False),  # two may join at once, and would be the majority
        (("ONLINE", "RECOVERING", "RECOVERING"), False),
        (("ONLINE", "ONLINE"), True),
        (("ONLINE", "ONLINE", "RECOVERING"), True),
    ],
)
def test_accounts_are_changed_only_where_members_that_join_cannot_be_half_of_the_group(states, allowed):
    own = replace(online(0, states=states), super_read_only=False)
    assert decide(local(own, label="primary"), {}, OLD).accounts is allowed
    assert decide(local(replace(own, super_read_only=True), label="primary"), {}, OLD).accounts is False


def test_a_group_of_one_needs_nobody_s_consent():
    assert decide(local(online(0, states=("ONLINE",))), {}, OLD).role == "primary"


def test_a_member_without_a_majority_gives_its_label_up_and_touches_nothing_else():
    own = online(0, states=("ONLINE", "UNREACHABLE", "UNREACHABLE"))
    action = decide(local(own, label="primary"), {1: None, 2: None}, OLD)
    assert (action.kind, action.role) == (Kind.WAIT, None)


def test_a_pod_that_is_stopped_keeps_its_label_until_the_writes_are_handed_over_and_never_joins():
    assert decide(local(online(0), label="primary", leaving=True), {}, OLD).role == "primary"
    assert decide(local(online(0, primary=1), leaving=True), {}, OLD).role is None
    assert decide(local(resting(0), leaving=True), {1: online(1), 2: online(2)}, OLD).kind is Kind.WAIT


@pytest.mark.parametrize("state", ["OFFLINE", "ERROR"])
def test_a_member_joins_by_those_that_are_in_the_group(state):
    two = view("ONLINE", "OFFLINE", "RECOVERING")[::2]
    peers = {0: server(0, "ONLINE", last=9, members=two), 2: server(2, "RECOVERING", members=two)}
    action = decide(local(resting(1, 5, state), ordinal=1), peers, OLD)
    assert (action.kind, action.seeds, action.role) == (Kind.JOIN, (0,), None)


def test_a_member_does_not_join_while_the_group_still_counts_what_it_was_before():
    peers = {0: online(0, last=9, states=("ONLINE", "UNREACHABLE", "ONLINE")), 2: None}
    action = decide(local(resting(1, 5), ordinal=1), peers, OLD)
    assert action.kind is Kind.WAIT
    assert "let go" in action.reason


def test_a_group_that_has_lost_its_majority_is_no_group_to_join():
    stuck = online(0, last=9, states=("ONLINE", "UNREACHABLE", "UNREACHABLE"))
    action = decide(local(resting(1, 9), ordinal=1), {0: stuck, 2: resting(2, 9)}, OLD)
    assert action.kind is Kind.WAIT


def test_a_member_with_transactions_that_the_group_has_not_stays_out():
    action = decide(local(resting(1, 10), ordinal=1), {0: online(0, last=9), 2: None}, OLD)
    assert (action.kind, action.condition) == (Kind.STOP, "ErrantTransactions")
    assert f"{GROUP}:10" in action.reason


def test_what_one_member_of_the_group_has_not_received_yet_is_not_errant():
    two = view("ONLINE", "OFFLINE", "ONLINE")[::2]
    peers = {n: server(n, "ONLINE", last=last, members=two) for n, last in ((0, 9), (2, 10))}
    action = decide(local(resting(1, 10), ordinal=1), peers, OLD)
    assert action.kind is Kind.JOIN


def test_only_member_0_founds_the_first_group_and_only_with_the_lease():
    peers = {1: resting(1), 2: None}
    assert decide(local(resting(0)), peers, FRESH).kind is Kind.TAKE_LEASE
    assert decide(local(resting(0)), peers, replace(FRESH, lease_held=True)).kind is Kind.FOUND_FIRST
    assert decide(local(resting(1), ordinal=1), {0: resting(0), 2: None}, FRESH).kind is Kind.WAIT


def test_no_first_group_is_founded_beside_members_that_have_data():
    action = decide(local(resting(0)), {1: resting(1, 7), 2: None}, FRESH)
    assert (action.kind, action.condition) == (Kind.STOP, "DataWithoutRecord")


def test_a_restored_backup_on_member_0_founds_the_first_group():
    assert decide(local(resting(0, 7)), {1: resting(1), 2: resting(2)}, FRESH).kind is Kind.TAKE_LEASE


def test_after_an_outage_of_all_the_member_with_every_transaction_founds_the_group_again():
    peers = {0: resting(0, 8), 1: resting(1, 9)}
    assert decide(local(resting(2, 10), ordinal=2), peers, OLD).kind is Kind.TAKE_LEASE
    held = replace(OLD, lease_held=True)
    assert decide(local(resting(2, 10), ordinal=2), peers, held).kind is Kind.FOUND_AGAIN
    others = {1: resting(1, 9), 2: resting(2, 10)}
    assert decide(local(resting(0, 8)), others, held).kind is Kind.WAIT


def test_of_equals_the_lowest_member_founds():
    assert decide(local(resting(0, 9)), {1: resting(1, 9), 2: resting(2, 9)}, OLD).kind is Kind.TAKE_LEASE
    assert decide(local(resting(1, 9), ordinal=1), {0: resting(0, 9), 2: resting(2, 9)}, OLD).kind is Kind.WAIT


def test_nobody_founds_while_a_member_is_silent_unless_a_human_gave_it_up():
    peers = {1: resting(1, 9), 2: None}
    assert "member 2 does not answer" in decide(local(resting(0, 9)), peers, OLD).reason
    given_up = Known(members=3, founded=Founded(allow_missing=frozenset({2})))
    assert decide(local(resting(0, 9)), peers, given_up).kind is Kind.TAKE_LEASE


def test_nobody_founds_while_another_member_is_still_in_a_view():
    stuck = online(1, last=9, states=("UNREACHABLE", "ONLINE", "UNREACHABLE"))
    assert decide(local(resting(0, 9)), {1: stuck, 2: resting(2, 9)}, OLD).kind is Kind.WAIT


def test_sets_of_which_none_holds_all_others_are_left_to_a_human():
    other = replace(resting(1), total=GtidSet.parse(f"{GROUP}:1-5:1000001"))
    action = decide(local(resting(0, 9)), {1: other, 2: resting(2, 5)}, OLD)
    assert (action.kind, action.condition) == (Kind.STOP, "DivergedGtids")


def test_lost_disks_never_become_an_empty_group():
    known = Known(members=3, founded=Founded(recorded=gtids(50)))
    action = decide(local(resting(0)), {1: resting(1), 2: resting(2)}, known)
    assert (action.kind, action.condition) == (Kind.STOP, "DataLost")
    assert "restore a backup" in action.reason
