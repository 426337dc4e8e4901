"""Processes that outlive the command which starts them, known again by process id and the time they began."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

BOOT_ID = Path("/proc/sys/kernel/random/boot_id")  # another one after each start of the machine
_PROC = Path("/proc")
_BEGUN_SECONDS = 30.0  # for a shell to write one line; a crowded machine takes its time
_GRACE_SECONDS = 10.0  # between the polite signal and the other one
_POLL_SECONDS = 0.02
# Of /proc/PID/stat after the name in brackets.
_STATE, _START_TICKS = 0, 19
_DEAD_STATES = ("Z", "X")

# The record is written before the program begins, by the very process that becomes it: a command killed in between
# leaves no process that nobody knows. The shell reads its own line, for `<` takes no other process; and it is put into
# the background, so that the program is nobody's child and never waits to be reaped by us.
_BEGIN = """{
record=$1; shift
read -r boot <"$BOOT_ID"
read -r stat </proc/self/stat
printf '%s\\n%s\\n' "$boot" "$stat" >"$record.new"
mv "$record.new" "$record"
exec "$@"
} &"""


@dataclass(frozen=True)
class Process:
    """One program of a control plane: where it is recorded and logs. It may or may not run."""

    name: str
    folder: Path

    @property
    def record(self) -> Path:
        """Boot id and /proc/PID/stat of the process, one line each."""
        return self.folder / f"{self.name}.process"

    @property
    def log(self) -> Path:
        """What the program says, from its last start on."""
        return self.folder / f"{self.name}.log"

    def pid(self) -> int | None:
        """Its process id while it runs; None if it does not, though its id may by now be somebody else's."""
        try:
            boot, recorded = self.record.read_text().splitlines()
            pid, _, began = _parse(recorded)
            _, state, now = _parse((_PROC / str(pid) / "stat").read_text())
            same_boot = boot == BOOT_ID.read_text().strip()
        except (OSError, ValueError, IndexError):
            return None
        return pid if same_boot and began == now and state not in _DEAD_STATES else None

    def start(self, command: Sequence[str], variables: Mapping[str, str] | None = None) -> None:
        """Begin the program in a session of its own; of our environment it is given nothing but these variables."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self.record.unlink(missing_ok=True)
        # kwok reads settings, and Kubernetes' clients a kubeconfig, from the home folder of whoever starts them.
        environment = {"PATH": "/usr/bin:/bin", "HOME": str(self.folder), "BOOT_ID": str(BOOT_ID)}
        environment.update(variables or {})
        with self.log.open("wb") as log:
            subprocess.run(
                ["/bin/sh", "-c", _BEGIN, "sh", str(self.record), *command],
                cwd=self.folder,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,  # an interrupt at the terminal is the command's to handle
                check=True,
            )
        deadline = time.monotonic() + _BEGUN_SECONDS
        while not self.record.exists() and time.monotonic() < deadline:
            time.sleep(_POLL_SECONDS)

    def memory(self) -> int:
        """Bytes of memory it holds now, pages of its program file included (RSS); 0 if it does not run."""
        pid = self.pid()
        try:
            pages = (_PROC / str(pid) / "statm").read_text().split()[1] if pid else "0"
        except OSError:
            return 0
        return int(pages) * os.sysconf("SC_PAGE_SIZE")

    def began(self) -> float | None:
        """When it began, in seconds since 1970; None if it does not run."""
        if self.pid() is None:
            return None
        ticks = _parse(self.record.read_text().splitlines()[1])[2]
        since_boot = float((_PROC / "uptime").read_text().split()[0])
        return time.time() - since_boot + ticks / os.sysconf("SC_CLK_TCK")

    def last_words(self) -> str:
        """The last line of its log that is not empty."""
        try:
            lines = [line for line in self.log.read_text(errors="replace").splitlines() if line.strip()]
        except OSError:
            return ""
        return lines[-1].strip() if lines else ""


def end(processes: Sequence[Process]) -> None:
    """End them together: politely, and after ten seconds for good."""
    for signal_number in (signal.SIGTERM, signal.SIGKILL):
        for process in processes:
            _send(process, signal_number)
        deadline = time.monotonic() + _GRACE_SECONDS
        while any(process.pid() for process in processes) and time.monotonic() < deadline:
            time.sleep(_POLL_SECONDS)
    for process in processes:
        process.record.unlink(missing_ok=True)


def _send(process: Process, signal_number: int) -> None:
    pid = process.pid()
    if pid is not None:
        with contextlib.suppress(ProcessLookupError):  # it ended meanwhile
            os.kill(pid, signal_number)


def _parse(stat: str) -> tuple[int, str, int]:
    """Process id, state and start in ticks since boot; a program's name may hold spaces and brackets."""
    head, _, tail = stat.rpartition(")")
    fields = tail.split()
    return int(head.split(" ", 1)[0]), fields[_STATE], int(fields[_START_TICKS])
