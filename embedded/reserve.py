"""Disk space put by, and given back when the disk is full, so that a run can still write down what it did.

The engine's file backend writes its checkpoint again for half a minute when a write fails, but each failed write
leaves a torn state file behind. Giving the reserve back lets the next of those writes succeed.
"""

from __future__ import annotations

import os
from pathlib import Path

RESERVE_BYTES = 32 * 2**20  # some ten checkpoints of the largest stack that a file backend takes, with their backups
FULL_BELOW_BYTES = 4 * 2**20


class Reserve:
    """A file that only takes space. OSError if there is no space to put by."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "reserve"
        self.given_back = False
        """True once the disk was full."""
        put_by(self._file, RESERVE_BYTES)

    def watch(self) -> None:
        """Give the space back if the disk is full; call often."""
        disk = os.statvfs(self._file.parent)
        if disk.f_bavail * disk.f_frsize < FULL_BELOW_BYTES:
            self.given_back = True
            self.release()

    def release(self) -> None:
        """Give the space back."""
        self._file.unlink(missing_ok=True)


def put_by(file: Path, size: int) -> None:
    """Make a file that has all its space on the disk, empty of content."""
    handle = os.open(file, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        os.posix_fallocate(handle, 0, size)
    finally:
        os.close(handle)
