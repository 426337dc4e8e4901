"""Pure: what is lost at most and how long a restore takes at most, part by part, by the settings and by measure.

The restore drill prints the rates (docs/backup.md says on what machine): they are of one thread of `mysqldump` and
`mysql`, where pods load with four of MySQL Shell's, so the promise errs on the safe side.
"""

from dataclasses import dataclass
from math import ceil

from components.operations.copies import COPY_MINUTES

RPO_SECONDS, RTO_SECONDS = 15 * 60, 30 * 60
MIB_PER_GIB = 1024
# FLUSH, reading one log of at most 1 GiB twice (its checksum, its upload), a busy bucket tried again.
UPLOAD_SECONDS = 60
# A node for the pod, images, volumes, a data directory made anew.
START_SECONDS = 240
# The dump is compressed to less, and S3 gives one pod far more; its disk is what bounds (gp3: 125 MiB/s).
FETCH_MIB_PER_SECOND = 100
LOAD_MIB_PER_SECOND = 13
REPLAY_MIB_PER_SECOND = 13
# Counting rows, a clean shutdown, the first member up and the others told.
PROVE_SECONDS = 120
# What the lowest claim of a namespace's disks must still hold beside data and logs: undo, redo, temporary files.
SPARE_GIB = 4


@dataclass(frozen=True, kw_only=True)
class Part:
    """Seconds that one step takes at most, and why."""

    what: str
    seconds: int


@dataclass(frozen=True, kw_only=True)
class Recovery:
    """`rpo`: what may be lost; `region_loss` besides, where only the copies in the other region are left; `rto`."""

    rpo: tuple[Part, ...]
    region_loss: tuple[Part, ...]
    rto: tuple[Part, ...]

    @property
    def rpo_seconds(self) -> int:
        """What may be lost while the region stands."""
        return sum(part.seconds for part in self.rpo)

    @property
    def region_loss_seconds(self) -> int:
        """What may be lost with the region."""
        return self.rpo_seconds + sum(part.seconds for part in self.region_loss)

    @property
    def rto_seconds(self) -> int:
        """From the order to restore to a group that takes writes."""
        return sum(part.seconds for part in self.rto)


def rpo_rto(archive_minutes: int, expected_gib: int, daily_log_gib: int) -> Recovery:
    """For data of `expected_gib` and logs of `daily_log_gib` since the last dump, archived every so many minutes."""
    fetched = (expected_gib + daily_log_gib) * MIB_PER_GIB / FETCH_MIB_PER_SECOND
    return Recovery(
        rpo=(
            Part(what="since the last round of the archiver", seconds=archive_minutes * 60),
            Part(what="its member is lost; the round of the next one", seconds=archive_minutes * 60),
            Part(what="upload of one log", seconds=UPLOAD_SECONDS),
        ),
        region_loss=(Part(what="copy to the other region", seconds=COPY_MINUTES * 60),),
        rto=(
            Part(what="start of the pod and its server", seconds=START_SECONDS),
            Part(what=f"fetch of {expected_gib + daily_log_gib} GiB", seconds=ceil(fetched)),
            Part(what=f"load of {expected_gib} GiB", seconds=_seconds(expected_gib, LOAD_MIB_PER_SECOND)),
            Part(what=f"replay of {daily_log_gib} GiB", seconds=_seconds(daily_log_gib, REPLAY_MIB_PER_SECOND)),
            Part(what="proof, and the group's start", seconds=PROVE_SECONDS),
        ),
    )


def arithmetic(parts: tuple[Part, ...]) -> str:
    """As in `300 s (since the last round) + 60 s (upload) = 360 s`."""
    terms = " + ".join(f"{part.seconds} s ({part.what})" for part in parts)
    return f"{terms} = {sum(part.seconds for part in parts)} s"


def work_gib(expected_gib: int, daily_log_gib: int) -> int:
    """The disk for a dump, and for what is fetched of one with its logs."""
    return expected_gib + daily_log_gib + SPARE_GIB


def data_gib(expected_gib: int, daily_log_gib: int) -> int:
    """The disk of a server that is restored into: rows with half as much for indexes and holes, and logs of its own."""
    return ceil(expected_gib * 1.5) + daily_log_gib + SPARE_GIB


def _seconds(gib: int, rate: int) -> int:
    return ceil(gib * MIB_PER_GIB / rate)
