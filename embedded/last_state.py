"""The engine's last readable state, kept where a full disk cannot reach it.

When the disk is full the engine's file backend tears its state file, and its own copy beside it as well. Before each
change the cloud looks at that file, in which the engine has by then written down what it is about to do. From the
moment the disk is full each look goes into space that was put by, and a change whose state cannot be read is not made.
"""

from __future__ import annotations

import errno
import json
import os
import threading
from pathlib import Path

from embedded.reserve import Reserve, put_by
from embedded.stack_folder import StackFolder

SLOT_BYTES = 32 * 2**20  # the state of some fifty regions of today's size
_LENGTH = 16  # bytes of the slot that hold the length of what follows
_END = b"\n}\n"  # the backend indents: only the last line of a whole state is a brace alone


class LastState:
    """Looks at one stack's state and keeps it. OSError if there is no space to put by."""

    def __init__(self, folder: StackFolder, reserve: Reserve) -> None:
        self._source = folder.state_file
        self._slot = folder.last_state
        self._reserve = reserve
        self._lock = threading.Lock()
        self._content = b""
        self._kept = b""
        put_by(self._slot, SLOT_BYTES)

    def before_change(self) -> None:
        """A change is about to be made. OSError if the state that names it cannot be read."""
        with self._lock:
            self._look()
            if self._reserve.given_back:
                self._keep()

    def watch(self) -> None:
        """Keep what was seen as soon as the disk is full; call often."""
        self._reserve.watch()
        if self._reserve.given_back:
            with self._lock:
                self._keep()

    def close(self) -> None:
        """Give the space back, unless what it holds is all that can be read."""
        if not self._source.exists() or _whole(self._source.read_bytes()):
            self._slot.unlink(missing_ok=True)
        else:
            os.truncate(self._slot, _LENGTH + len(self._kept))

    def _look(self) -> None:
        try:
            content = self._source.read_bytes()
        except FileNotFoundError:
            return  # the very first checkpoint is yet to come
        if not _whole(content):
            raise OSError(errno.ENOSPC, "the engine's state is torn")
        self._content = content

    def _keep(self) -> None:
        if self._content == self._kept:
            return
        with self._slot.open("r+b", buffering=0) as slot:
            slot.write(f"{len(self._content):0{_LENGTH}d}".encode() + self._content)
        self._kept = self._content


def kept_state(slot: Path) -> str | None:
    """The state in a slot; None where there is none."""
    try:
        with slot.open("rb") as file:
            content = file.read(int(file.read(_LENGTH))).decode()
        json.loads(content)
    except (OSError, ValueError):
        return None
    return content


def _whole(content: bytes) -> bool:
    return content.endswith(_END)
