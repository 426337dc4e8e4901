"""Sets of global transaction ids: what a server has executed, what a binary log holds, what is missing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

# Both ends belong to it.
Interval = tuple[int, int]


@dataclass(frozen=True)
class GtidSet:
    """Intervals by source: a server's or group's UUID, with ":tag" behind it for tagged ids (MySQL 8.3 and later)."""

    intervals: Mapping[str, tuple[Interval, ...]] = field(default_factory=dict)

    @classmethod
    def parse(cls, text: str) -> GtidSet:
        """As MySQL writes it: `uuid:1-5:9,uuid:1:tag:4-6`; ValueError for anything else."""
        found: dict[str, list[Interval]] = {}
        for part in filter(None, "".join(text.split()).split(",")):
            uuid, *pieces = part.split(":")
            source = uuid.lower()
            if not pieces:
                raise ValueError(f"GTID set: {part!r} has no interval")
            for piece in pieces:
                if piece[:1].isdigit():
                    first, _, last = piece.partition("-")
                    found.setdefault(source, []).append((int(first), int(last or first)))
                else:
                    source = f"{uuid.lower()}:{piece.lower()}"
        return cls({source: _joined(several) for source, several in sorted(found.items())})

    def __str__(self) -> str:
        parts = []
        for source, intervals in self.intervals.items():
            numbers = (str(first) if first == last else f"{first}-{last}" for first, last in intervals)
            parts.append(":".join([source, *numbers]))
        return ",".join(parts)

    def __bool__(self) -> bool:
        return bool(self.intervals)

    def __or__(self, other: GtidSet) -> GtidSet:
        sources = sorted({*self.intervals, *other.intervals})
        return GtidSet(
            {source: _joined([*self.intervals.get(source, ()), *other.intervals.get(source, ())]) for source in sources}
        )

    def __sub__(self, other: GtidSet) -> GtidSet:
        left = {
            source: _without(intervals, other.intervals.get(source, ())) for source, intervals in self.intervals.items()
        }
        return GtidSet({source: intervals for source, intervals in left.items() if intervals})

    def __le__(self, other: GtidSet) -> bool:
        """True if every transaction is one of the other set's."""
        return not self - other


def _joined(intervals: Iterable[Interval]) -> tuple[Interval, ...]:
    """Sorted, with what touches made one."""
    joined: list[Interval] = []
    for first, last in sorted(intervals):
        if joined and first <= joined[-1][1] + 1:
            joined[-1] = (joined[-1][0], max(joined[-1][1], last))
        else:
            joined.append((first, last))
    return tuple(joined)


def _without(intervals: Iterable[Interval], others: Iterable[Interval]) -> tuple[Interval, ...]:
    left = list(intervals)
    for cut_first, cut_last in others:
        kept: list[Interval] = []
        for first, last in left:
            if cut_last < first or last < cut_first:
                kept.append((first, last))
                continue
            if first < cut_first:
                kept.append((first, cut_first - 1))
            if cut_last < last:
                kept.append((cut_last + 1, last))
        left = kept
    return tuple(left)
