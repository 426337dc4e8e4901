"""An embedded stack's file backend, from outside: locks that dead runs left, state that a full disk tore."""

from __future__ import annotations

import json
import os
import socket
from pathlib import Path

from automation.errors import Refused
from embedded.last_state import kept_state
from embedded.stack_folder import StackFolder, write_whole

_START_TIME = 19  # of /proc/PID/stat after the name in brackets, in ticks since the start of the machine
_CLOCK_SECONDS = 5.0  # the kernel's idea of that start is a whole second, and clocks are set


def mend_torn_state(folder: StackFolder) -> bool:
    """Replace a state file that a full disk tore by what the cloud kept, or else by the engine's copy of the checkpoint
    before it; True if it was so.

    Refused if neither can be read.
    """
    _drop_torn_attributes(folder)
    path = folder.state_file
    if not path.exists() or _reads(path):
        return False
    copy = path.with_name(f"{path.name}.bak")
    kept = kept_state(folder.last_state)
    if kept is None and not _reads(copy):
        raise Refused(
            f"stack {folder.root.name}: neither its state {path} nor the copy beside it can be read, as after a disk "
            "that was full: bring one of them back from a backup"
        )
    write_whole(path, kept or copy.read_text())
    return True


def _drop_torn_attributes(folder: StackFolder) -> None:
    """A kill can leave the attributes that the backend keeps beside each file half written; it does without them."""
    for attributes in (folder.state / ".pulumi").rglob("*.attrs"):
        if not _reads(attributes):
            attributes.unlink()


def _reads(path: Path) -> bool:
    try:
        json.loads(path.read_text())
    except (OSError, ValueError):
        return False
    return True


def clear_dead_locks(stack: str, folder: StackFolder) -> int:
    """Remove locks whose process is dead on this host; their number. Refused if one is alive."""
    locks = sorted((folder.state / ".pulumi" / "locks").rglob("*.json"))
    for lock in locks:
        _refuse_living(stack, lock)
    for lock in locks:
        lock.unlink(missing_ok=True)
    return len(locks)


def _refuse_living(stack: str, lock: Path) -> None:
    try:
        content = json.loads(lock.read_text())
    except (OSError, ValueError):
        return  # its writer died in the middle of writing it
    host, pid = content.get("hostname"), content.get("pid")
    if host != socket.gethostname():
        raise Refused(f"stack {stack} is locked by process {pid} on {host}: end that run there first")
    if isinstance(pid, int) and _is_engine(pid) and not _began_after(pid, lock.stat().st_mtime):
        raise Refused(f"stack {stack} is locked by process {pid}, which is alive: wait for it, or end it")


def _began_after(pid: int, moment: float) -> bool:
    """True if the process is younger than this: the id of a dead engine may by now be another engine's."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        booted = next(line for line in Path("/proc/stat").read_text().splitlines() if line.startswith("btime "))
    except OSError:
        return False  # no /proc here, or gone meanwhile: the lock is judged by the id alone
    began = int(booted.split()[1]) + int(fields[_START_TIME]) / os.sysconf("SC_CLK_TCK")
    return began > moment + _CLOCK_SECONDS


def _is_engine(pid: int) -> bool:
    """True if a process with this id lives and is an engine; ids of the dead are given to others in time."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    command = Path(f"/proc/{pid}/comm")
    return not command.exists() or "pulumi" in command.read_text()
