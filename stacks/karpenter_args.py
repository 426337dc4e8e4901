"""Pure: a region's Karpenter settings as the plain figures that its component wants."""

import math
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from components.karpenter.specs import KarpenterPool, PeakHours
from components.kube.compute import Compute
from stacks.karpenter_settings import KarpenterSettings, PeakSettings

# Any year would do; a fixed one, so that the same settings always give the same program.
_YEAR = 2026
_DAY = 24 * 60


def karpenter_pools(settings: KarpenterSettings) -> dict[str, KarpenterPool]:
    """The pools by name, as the settings have them."""
    return {
        name: KarpenterPool(
            workload=pool.workload,
            arch=pool.arch,
            families=pool.families,
            sizes=pool.sizes,
            limits=Compute(cpu=pool.limits.cpu, memory=pool.limits.memory),
        )
        for name, pool in settings.pools.items()
    }


def peak_hours(peak: PeakSettings) -> PeakHours:
    """The peak in UTC, wide enough for both halves of the year where clocks are put forward."""
    hour, minute = (int(part) for part in peak.start.split(":"))
    begins = [hour * 60 + minute - offset for offset in _offsets(peak.time_zone)]
    first = min(begins)
    hours = peak.hours + math.ceil((max(begins) - first) / 60)
    of_day = first % _DAY
    return PeakHours(schedule=f"{of_day % 60} {of_day // 60} * * *", hours=hours)


def _offsets(time_zone: str) -> set[int]:
    """Minutes that local time is ahead of UTC, in each month: not every zone changes in spring and autumn."""
    zone = ZoneInfo(time_zone)
    firsts = (datetime(_YEAR, month, 1, tzinfo=zone).utcoffset() or timedelta() for month in range(1, 13))
    return {int(offset.total_seconds()) // 60 for offset in firsts}
