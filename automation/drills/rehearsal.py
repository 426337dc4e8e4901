"""A copy of the project with stacks of its own, so that a drill or a test touches nobody's."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from automation.stacks_of_project import ROOT
from embedded.stack_folder import StackFolder

PARTS = ("automation", "components", "embedded", "plan", "stacks", "tools", "__main__.py")
COMMAND_SECONDS = 3600
LEAVE_SECONDS = 60  # the cloud of a large stack puts away all that it holds; on a loaded machine that takes a while
UNBROKEN = {"PULUMI_SKIP_CHECKPOINTS": "true"}
"""For a run that nobody kills: the engine writes its state once, at the end. After each step the whole is written, so
that the 1400 steps of prod take ten minutes; so they take one."""


@dataclass(frozen=True)
class Rehearsal:
    """A copy of the project; `run` is `./regions` in it, always on the embedded cloud."""

    root: Path

    def run(self, *arguments: str, environment: Mapping[str, str] | None = None) -> subprocess.CompletedProcess[str]:
        """Run a command to its end, whatever its exit code."""
        return subprocess.run(
            [sys.executable, "-m", "automation", *arguments],
            cwd=self.root,
            env=clean_environment() | dict(environment or {}),
            capture_output=True,
            text=True,
            timeout=COMMAND_SECONDS,
            check=False,
        )

    def ok(self, *arguments: str, environment: Mapping[str, str] | None = None) -> subprocess.CompletedProcess[str]:
        """Run a command that must succeed; AssertionError with what it said if it does not."""
        done = self.run(*arguments, environment=environment)
        if done.returncode != 0:
            raise AssertionError(
                f"regions {' '.join(arguments)} ended with {done.returncode}:\n{done.stderr}\n{done.stdout}"
            )
        return done

    def report(self, *arguments: str, environment: Mapping[str, str] | None = None) -> dict[str, Any]:
        """The JSON report of a command that must succeed."""
        answer: dict[str, Any] = json.loads(self.ok(*arguments, "--json", environment=environment).stdout)
        return answer

    def folder(self, stack: str) -> Path:
        """`.regions/STACK` of this copy."""
        return self.root / ".regions" / stack

    def state_file(self, stack: str) -> Path:
        """Where the engine keeps a stack's state."""
        return StackFolder(self.folder(stack)).state_file

    def state(self, stack: str) -> dict[str, Any]:
        """The engine's state of a stack, as its file backend keeps it; empty where it has none yet."""
        file = self.state_file(stack)
        state: dict[str, Any] = json.loads(file.read_text())["checkpoint"].get("latest") or {} if file.exists() else {}
        return state

    def protected(self, stack: str) -> list[str]:
        """URNs of what the engine protects in a stack."""
        return [each["urn"] for each in self.state(stack).get("resources") or [] if each.get("protect")]

    def processes_left(self) -> list[str]:
        """Command lines of processes that still work for this copy when they have had time to notice its end."""
        deadline = time.monotonic() + LEAVE_SECONDS
        while (found := self._processes()) and time.monotonic() < deadline:
            time.sleep(0.1)
        return found

    def _processes(self) -> list[str]:
        found = []
        for entry in Path("/proc").glob("[0-9]*/cmdline"):
            try:
                line = entry.read_bytes().replace(b"\0", b" ").decode(errors="replace")
            except OSError:
                continue
            if str(self.root) in line:
                found.append(line)
        return found


def clean_environment() -> dict[str, str]:
    """The environment without what would name a cloud, an engine or a drill."""
    return {
        name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "PULUMI_", "GAME_REGIONS_"))
    }


def copy_project(into: Path) -> Rehearsal:
    """A copy with the same engine and the same stack files, in a folder that does not exist yet."""
    into.mkdir(parents=True)
    for part in (*PARTS, *(path.name for path in ROOT.glob("Pulumi*.yaml"))):
        source = ROOT / part
        if source.is_dir():
            shutil.copytree(source, into / part)  # with what Python has compiled: each start would do it again
        else:
            shutil.copy2(source, into / part)
    engine = ROOT / ".regions" / "bin" / "pulumi"
    if engine.exists():
        (into / ".regions" / "bin").mkdir(parents=True)
        shutil.copy2(engine, into / ".regions" / "bin" / "pulumi")
    return Rehearsal(into)
