"""Pure: how the last pods leave a cluster, with all their slots and keys handed over."""

from __future__ import annotations

from .membership import forget_everywhere
from .roles import pair_up
from .slots import balance, bring_home
from .steps import Command, Decision, FailOver, act, done, refuse, replicate, wait
from .topology import SLOTS, View, count, shards, slots_of

LEAST_PODS = 6  # three masters: fewer cannot elect a new one when one is lost


def decide_scale_in(view: View, left: int) -> Decision:
    """The next steps until only the first `left` of `view.pods` are in the cluster; the others end empty and alone."""
    if left < LEAST_PODS or left % 2 or left > len(view.pods):
        return refuse(f"{len(view.pods)} pods cannot become {left}; keep an even number of at least {LEAST_PODS}")
    if view.missing:
        return wait(f"no answer from {', '.join(view.missing)}")
    staying, leaving = view.pods[:left], view.pods[left:]
    if all(view[pod].empty for pod in leaving):
        return _forgotten(view, staying)
    if sum(count(master.own.slots) for master in view.masters) != SLOTS:
        return refuse(f"not every slot has its master; repair that first\n{view.table()}")
    if any(not member.link_up for member in view.members):
        return wait("not all are in sync")
    return _emptied(view, staying, leaving) or _paired(view, staying) or _gone(view, staying, leaving)


def _emptied(view: View, staying: tuple[str, ...], leaving: tuple[str, ...]) -> Decision | None:
    """Shards with most pods that leave end; the others get their masters among those who stay, and all slots."""
    if steps := bring_home(view):
        return act("finish moves that were broken off", steps)
    groups = {master: [member.pod for member in members] for master, members in shards(view).items()}
    ranked = sorted(groups, key=lambda master: (sum(pod in leaving for pod in groups[master]), view.pods.index(master)))
    kept, ended = ranked[: len(staying) // 2], ranked[len(staying) // 2 :]
    taking = [next(pod for pod in groups[master] if pod in staying) for master in kept if master in leaving]
    if taking:
        return act("take over from masters that leave", (FailOver(pod) for pod in taking))
    if ended:
        owned = {master: slots_of(view[master].own.slots) for master in groups}
        return act("hand over slots", balance(owned, frozenset(ended)))
    return None


def _paired(view: View, staying: tuple[str, ...]) -> Decision | None:
    ids = {master.pod: master.id for master in view.masters}
    replicas = [pod for pod in staying if pod not in ids]
    now = {pod: master for pod in replicas for master, of in ids.items() if view[pod].own.master_id == of}
    wanted = pair_up(list(ids), replicas, view.zones, now)
    if len(wanted) < len(replicas):
        return refuse(f"those who stay cannot be paired over two zones each\n{view.table()}")
    steps = [replicate(pod, ids[master]) for pod, master in wanted.items() if now.get(pod) != master]
    return act("replicate", steps) if steps else None


def _gone(view: View, staying: tuple[str, ...], leaving: tuple[str, ...]) -> Decision:
    """Forgotten first and reset at once: a reset pod has a new id, and the old one would count as a lost disk."""
    steps: list[Command] = []
    for pod in leaving:
        steps += [step for step in forget_everywhere(view, view[pod].id) if step.pod in staying]
        steps.append(Command(pod, ("CLUSTER", "RESET", "HARD")))
    return act("leave", steps)


def _forgotten(view: View, staying: tuple[str, ...]) -> Decision:
    ids = {view[pod].id for pod in staying}
    known = {node_id for pod in staying for node_id in view[pod].known} - ids
    if known:
        return act("forget who has left", (step for node_id in known for step in forget_everywhere(view, node_id)))
    return done(f"{len(staying)} pods are in the cluster, the others are empty\n{view.table()}")
