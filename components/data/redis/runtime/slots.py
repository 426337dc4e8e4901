"""Pure: which slots belong to whom, and which move."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

from .steps import MoveSlots
from .topology import SLOTS, View

THRESHOLD_PERCENT = 2  # of a master's share; less is not worth a move


def shares(masters: int) -> list[range]:
    """As even as can be, in order: of three 0-5460, 5461-10922, 10923-16383."""
    bounds = [round(SLOTS * number / masters) for number in range(masters + 1)]
    return [range(first, last) for first, last in pairwise(bounds)]


def is_even(owned: Mapping[str, Sequence[int]]) -> bool:
    """No master is further from its share than the threshold, and none without slots."""
    share = SLOTS / len(owned)
    return all(abs(len(slots) - share) <= share * THRESHOLD_PERCENT / 100 for slots in owned.values())


def balance(owned: Mapping[str, Sequence[int]], leaving: frozenset[str] = frozenset()) -> list[MoveSlots]:
    """The fewest moves to even shares among those who stay; who is `leaving` gives all."""
    staying = [pod for pod in owned if pod not in leaving]
    total = sum(len(slots) for slots in owned.values())
    base, more = divmod(total, len(staying))
    # Who owns most keeps the odd slot, so that nothing moves for it.
    ranked = sorted(staying, key=lambda pod: (-len(owned[pod]), pod))
    target = {pod: base + (number < more) for number, pod in enumerate(ranked)} | dict.fromkeys(leaving, 0)
    spare = {pod: sorted(slots)[target[pod] :] for pod, slots in owned.items()}
    moves = []
    for pod in sorted(staying):
        lack = target[pod] - len(owned[pod])
        for giver in sorted(spare):
            if lack <= 0:
                break
            given, spare[giver] = spare[giver][:lack], spare[giver][lack:]
            lack -= len(given)
            if given:
                moves.append(MoveSlots(giver, pod, tuple(given)))
    return moves


def bring_home(view: View) -> list[MoveSlots]:
    """Moves that were broken off, to their end: a slot is on its way at its owner's, or only at its target's."""
    moves: dict[tuple[str, str], list[int]] = {}
    for member in view.masters:
        for slot, other in member.own.leaving:
            if target := view.by_id(other):
                moves.setdefault((member.pod, target.pod), []).append(slot)
    for member in view.members:
        for slot, other in member.own.coming:
            if (source := view.by_id(other)) and slot not in moves.get((source.pod, member.pod), ()):
                moves.setdefault((source.pod, member.pod), []).append(slot)
    return [MoveSlots(source, target, tuple(sorted(slots))) for (source, target), slots in sorted(moves.items())]
