"""Pure: sets of global transaction ids, as MySQL writes them: "uuid:1-3:5,uuid:tag:7"."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

Interval = tuple[int, int]  # first and last transaction, both included
Source = tuple[str, str]  # UUID in lower case and tag; "" where there is none

_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_TAG = re.compile(r"[a-z_][a-z0-9_]{0,31}")
_INTERVAL = re.compile(r"(\d+)(?:-(\d+))?")


@dataclass(frozen=True)
class GtidSet:
    """Intervals by source, each source's in order, apart from each other and never empty."""

    intervals: Mapping[Source, tuple[Interval, ...]]

    @classmethod
    def parse(cls, text: str) -> GtidSet:
        """What the server writes, line breaks included. Raises ValueError for anything else."""
        found: dict[Source, list[Interval]] = {}
        for part in "".join(text.split()).lower().split(","):
            if not part:
                continue
            uuid, *items = part.split(":")
            if not _UUID.fullmatch(uuid) or not items:
                raise ValueError(f"{part!r} is no part of a GTID set")
            tag = ""
            for item in items:
                interval = _INTERVAL.fullmatch(item)
                if interval:
                    first = int(interval[1])
                    found.setdefault((uuid, tag), []).append((first, int(interval[2] or first)))
                elif _TAG.fullmatch(item):
                    tag = item
                else:
                    raise ValueError(f"{part!r} is no part of a GTID set")
        return cls({source: merged for source, some in found.items() if (merged := _merged(some))})

    def __str__(self) -> str:
        return ",".join(
            ":".join([uuid, *([tag] if tag else []), *(_written(interval) for interval in some)])
            for (uuid, tag), some in sorted(self.intervals.items())
        )

    def __bool__(self) -> bool:
        return bool(self.intervals)

    def __or__(self, other: GtidSet) -> GtidSet:
        sources = {*self.intervals, *other.intervals}
        return GtidSet({source: _merged([*self._of(source), *other._of(source)]) for source in sources})

    def __sub__(self, other: GtidSet) -> GtidSet:
        left = {source: tuple(_without(some, other._of(source))) for source, some in self.intervals.items()}
        return GtidSet({source: some for source, some in left.items() if some})

    def __le__(self, other: GtidSet) -> bool:
        """Whether `other` holds everything that is in here."""
        return not self - other

    def _of(self, source: Source) -> tuple[Interval, ...]:
        return self.intervals.get(source, ())


EMPTY = GtidSet({})


def _merged(intervals: Iterable[Interval]) -> tuple[Interval, ...]:
    result: list[Interval] = []
    for first, last in sorted(interval for interval in intervals if interval[0] <= interval[1]):
        if result and first <= result[-1][1] + 1:
            result[-1] = (result[-1][0], max(result[-1][1], last))
        else:
            result.append((first, last))
    return tuple(result)


def _without(intervals: Iterable[Interval], taken: tuple[Interval, ...]) -> Iterator[Interval]:
    for first, last in intervals:
        at = first
        for start, end in taken:
            if end < at or start > last:
                continue
            if start > at:
                yield (at, start - 1)
            at = end + 1
        if at <= last:
            yield (at, last)


def _written(interval: Interval) -> str:
    first, last = interval
    return str(first) if first == last else f"{first}-{last}"
