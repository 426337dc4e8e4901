"""Pure: from whatever stands to one whole cluster.

Every decision is made anew from what is seen, so that a run that was killed, or two at once, come to the same.
"""

from __future__ import annotations

from .membership import dead, forget_everywhere, meetings, strangers, with_data
from .roles import assign_roles, ordinal, pair_up
from .slots import balance, bring_home, is_even, shares
from .steps import Command, Decision, act, add_slots, done, refuse, replicate, wait
from .topology import SLOTS, Member, View, slots_of


def decide_bootstrap(view: View, port: int) -> Decision:
    """The next steps to the cluster that `view.pods` should be: half of them masters, each with a replica elsewhere."""
    if view.missing:
        return wait(f"no answer from {', '.join(view.missing)}")
    return _danger(view) or _one_cluster(view, port) or _slots(view) or _pairs(view) or _even(view) or _verified(view)


def _danger(view: View) -> Decision | None:
    if len(groups := with_data(view)) > 1:
        names = "; ".join(", ".join(member.pod for member in group) for group in groups)
        return refuse(f"{len(groups)} clusters with slots or keys ({names}) would be joined\n{view.table()}")
    if found := strangers(view):
        known = ", ".join(node.hostname or node.address for node in found.values())
        return refuse(f"{known} belong to no pod of {len(view.pods)}; scale in first\n{view.table()}")
    lost = SLOTS - len(_assigned(view))
    if lost and any(member.keys for member in view.members):
        owners = [node for node in dead(view).values() if node.slots]
        if owners:
            # Its replica takes over within seconds, if there is one.
            return wait(f"{owners[0].hostname or owners[0].id} still owns slots and is gone")
        return refuse(f"there are keys, but {lost} slots belong to nobody\n{view.table()}")
    return None


def _one_cluster(view: View, port: int) -> Decision | None:
    gone = dead(view)
    if owners := [node for node in gone.values() if node.slots]:
        return wait(f"{owners[0].hostname or owners[0].id} still owns slots and is gone")
    if gone:
        return act("forget who is gone", (step for node_id in gone for step in forget_everywhere(view, node_id)))
    hub = view.masters[0] if view.masters else view[assign_roles(view.zones).masters[0]]
    if steps := meetings(view, hub, port):
        return act("meet", steps)
    ids = {member.id for member in view.members}
    if any(member.known != ids for member in view.members):
        return wait("not all know each other yet")
    return None


def _slots(view: View) -> Decision | None:
    """Only what nobody owns is given out, and only after all know each other: so no slot gets two owners."""
    assigned = _assigned(view)
    if len(assigned) == SLOTS:
        return None
    masters = assign_roles(view.zones).masters
    steps = []
    for pod, share in zip(masters, shares(len(masters)), strict=True):
        if not view[pod].own.is_master:
            return refuse(f"{pod} should own slots and is a replica\n{view.table()}")
        if free := [slot for slot in share if slot not in assigned]:
            steps.append(add_slots(pod, free))
    return act("give out slots", steps)


def _pairs(view: View) -> Decision | None:
    masters = chosen_masters(view)
    replicas = [member.pod for member in view.members if member.pod not in masters]
    ids = {pod: view[pod].id for pod in masters}
    now = {pod: master for pod in replicas for master, of in ids.items() if view[pod].own.master_id == of}
    wanted = pair_up(masters, replicas, view.zones, now)
    if len(wanted) < len(replicas):
        return refuse(f"not every master can have its replica in another zone\n{view.table()}")
    steps: list[Command] = [replicate(pod, ids[master]) for pod, master in wanted.items() if now.get(pod) != master]
    return act("replicate", steps) if steps else None


def _even(view: View) -> Decision | None:
    """New masters get their share: after they have a replica, so that what moves is never in one place only."""
    if steps := bring_home(view):
        return act("finish moves that were broken off", steps)
    owned = {pod: slots_of(view[pod].own.slots) for pod in chosen_masters(view)}
    if is_even(owned):
        return None
    # A new master takes no keys before it has seen, for some seconds, that the cluster is well.
    return _unready(view) or act("rebalance", balance(owned))


def _verified(view: View) -> Decision:
    whole = f"{len(view.masters)} masters own {SLOTS} slots, each with its replica in another zone\n{view.table()}"
    return _unready(view) or done(whole)


def _unready(view: View) -> Decision | None:
    behind = [member.pod for member in view.members if not member.state_ok or not member.link_up]
    return wait(f"{', '.join(behind)} not in sync, or the cluster is not ok yet") if behind else None


def chosen_masters(view: View) -> list[str]:
    """Pods that own slots or have a replica; more of the empty ones where there should be more masters.

    Of the empty ones those whose choice leaves a pair over two zones for everyone, in zones with the fewest masters.
    """
    followed = {member.own.master_id for member in view.members}
    masters = [
        member.pod for member in view.members if member.own.is_master and (member.own.slots or member.id in followed)
    ]
    empty = [member for member in view.members if member.own.is_master and member.pod not in masters]
    while len(masters) < len(view.pods) // 2 and empty:
        best = min(empty, key=lambda member: (_unpaired(view, [*masters, member.pod]), *_crowd(view, masters, member)))
        masters.append(best.pod)
        empty.remove(best)
    return masters


def _unpaired(view: View, masters: list[str]) -> int:
    replicas = [member.pod for member in view.members if member.pod not in masters]
    return len(replicas) - len(pair_up(masters, replicas, view.zones, {}))


def _crowd(view: View, masters: list[str], member: Member) -> tuple[int, int]:
    return sum(view.zones[pod] == member.zone for pod in masters), ordinal(member.pod)


def _assigned(view: View) -> set[int]:
    return {slot for member in view.members if member.own.is_master for slot in slots_of(member.own.slots)}
