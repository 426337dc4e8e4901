"""How many regions' control planes this machine has room for."""

from __future__ import annotations

from pathlib import Path

MEBIBYTE = 2**20
REGION_BYTES = 768 * MEBIBYTE
SPARE_BYTES = 512 * MEBIBYTE  # for etcd, the engine and the embedded cloud beside them
_MEMINFO = Path("/proc/meminfo")
_GROUP = Path("/sys/fs/cgroup")


class NoRoom(Exception):
    """More control planes are asked for than fit into memory; one sentence."""


def refuse_beyond_memory(wanted: int, free: int) -> None:
    """NoRoom if `wanted` more regions do not fit into `free` bytes."""
    fit = regions_that_fit(free)
    if wanted > fit:
        need = SPARE_BYTES + wanted * REGION_BYTES
        raise NoRoom(
            f"{wanted} more {'region' if wanted == 1 else 'regions'} at {REGION_BYTES // MEBIBYTE} MiB each, and "
            f"{SPARE_BYTES // MEBIBYTE} MiB beside them, need {need // MEBIBYTE} MiB and this machine has "
            f"{free // MEBIBYTE} MiB of memory free, enough for {fit}: name the region you need, or stop another's "
            "control plane"
        )


def regions_that_fit(free: int) -> int:
    """How many more regions' control planes fit into so many bytes."""
    return max(0, (free - SPARE_BYTES) // REGION_BYTES)


def free_memory(meminfo: Path = _MEMINFO, group: Path = _GROUP) -> int:
    """Bytes that programs begun now can have without others being swapped out, within the container's limit."""
    free = _figure(meminfo, "MemAvailable:") * 1024
    try:
        limit, used = (int((group / name).read_text()) for name in ("memory.max", "memory.current"))
        # Files read once and not since count as used and are given back at once, as in MemAvailable.
        return min(free, limit - used + _figure(group / "memory.stat", "inactive_file"))
    except (OSError, ValueError):
        return free  # no container, or one without a limit ("max")


def _figure(file: Path, name: str) -> int:
    line = next(line for line in file.read_text().splitlines() if line.startswith(f"{name} "))
    return int(line.split()[1])
