"""Backup settings held against what is promised, against the namespace's disks and against AWS's regions."""

from collections.abc import Iterator

from components.data.backup.promises import RPO_SECONDS, RTO_SECONDS, arithmetic, data_gib, rpo_rto, work_gib
from components.data.backup.shape import ARCHIVER, KEPT, SERVER, SHELL, SMALL, TRIES
from components.kube.compute import Compute
from stacks.aws_regions import ZONES
from stacks.backup_settings import BackupSettings
from stacks.quantities import kibibytes, millicores
from stacks.settings_errors import nearest, shown

_GIB = 1024**2  # in KiB


def check_backup(path: str, backup: BackupSettings, *, aws_region: str, greatest_claim: str) -> Iterator[str]:
    """Problems of the settings at `path` of a region in `aws_region`; `greatest_claim` is its namespace's bound."""
    recovery = rpo_rto(backup.archive_minutes, backup.expected_gib, backup.daily_log_gib)
    if recovery.rpo_seconds > RPO_SECONDS:
        yield (
            f"{path}.archive_minutes: with {backup.archive_minutes} up to {arithmetic(recovery.rpo)} are lost, above "
            f"the promised {RPO_SECONDS} s; archive more often"
        )
    if recovery.rto_seconds > RTO_SECONDS:
        yield (
            f"{path}.expected_gib: to restore {backup.expected_gib} GiB and {backup.daily_log_gib} GiB of logs takes "
            f"{arithmetic(recovery.rto)}, above the promised {RTO_SECONDS} s; lower expected_gib or daily_log_gib, or "
            "part the data"
        )
    yield from _disks(path, backup, greatest_claim)
    yield from _copy(path, backup, aws_region)


def backup_needs(backup: BackupSettings, *, members: int, redis: bool) -> dict[str, int]:
    """What saving and restoring takes of the namespace's quota, by its fields, beside `members` of MySQL.

    Both dumps and a restore at once: nobody who restores may have to wait for a dump. A disk goes with its pod, and
    the pods of the last good run and of a first try stay. Failed runs before them are for a person to delete.
    """
    requests, limits = (_together(which, members, redis=redis) for which in (0, 1))
    dumps, standing = 1 + int(redis), KEPT + TRIES
    work = work_gib(backup.expected_gib, backup.daily_log_gib)
    data = data_gib(backup.expected_gib, backup.daily_log_gib)
    return {
        "requests.cpu": sum(millicores(one.cpu) for one in requests),
        "requests.memory": sum(kibibytes(one.memory) for one in requests),
        "limits.cpu": sum(millicores(one.cpu) for one in limits),
        "limits.memory": sum(kibibytes(one.memory) for one in limits),
        # Dumps have a disk each, a drill has two, a restore one beside the group's own.
        "storage": (standing * (dumps * work + work + data) + work) * _GIB,
        "claims": standing * (dumps + 2) + 1,
        "pods": dumps + 1,
        "config_maps": 1,
    }


def _together(which: int, members: int, *, redis: bool) -> list[Compute]:
    """Requests (0) or limits (1) of the archivers, of both dumps, and of a restore in its greatest step."""
    return [
        *[ARCHIVER[which]] * members,
        SHELL[which],
        *([SMALL[which]] if redis else []),
        SERVER[which],
        SHELL[which],
    ]


def _disks(path: str, backup: BackupSettings, greatest_claim: str) -> Iterator[str]:
    needs = {
        "a dump": work_gib(backup.expected_gib, backup.daily_log_gib),
        "a restored server": data_gib(backup.expected_gib, backup.daily_log_gib),
    }
    what, gib = max(needs.items(), key=lambda need: need[1])
    if gib * _GIB > kibibytes(greatest_claim):
        yield (
            f"{path}.expected_gib: {backup.expected_gib} takes a disk of {gib}Gi for {what}, above namespace.limits."
            f"claim.max {shown(greatest_claim)}; lower it or raise the claim"
        )


def _copy(path: str, backup: BackupSettings, aws_region: str) -> Iterator[str]:
    copy = backup.copy_to
    if copy is None:
        return
    if copy not in ZONES:
        yield f"{path}.copy_to: {shown(copy)} is not a known AWS region; {nearest(copy, list(ZONES))}"
    elif copy == aws_region:
        yield (
            f"{path}.copy_to: {shown(copy)} is the region of the backups themselves, whose loss takes both; name "
            "another one"
        )
