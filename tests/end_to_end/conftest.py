"""The real engine on the embedded cloud, in a copy of the project of its own so that no one's stacks are touched."""

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from embedded.stack_folder import StackFolder

ROOT = Path(__file__).resolve().parents[2]
PARTS = ("automation", "components", "embedded", "plan", "stacks", "tools", "__main__.py")
COMMAND_SECONDS = 300
LEAVE_SECONDS = 10


@dataclass(frozen=True)
class Project:
    """A copy of the project; `run` is `./regions` in it."""

    root: Path

    def run(self, *arguments: str, environment: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
        """Run a command to its end, whatever its exit code."""
        return subprocess.run(
            [sys.executable, "-m", "automation", *arguments],
            cwd=self.root,
            env=_clean_environment() | (environment or {}),
            capture_output=True,
            text=True,
            timeout=COMMAND_SECONDS,
            check=False,
        )

    def ok(self, *arguments: str, environment: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
        """Run a command that must succeed."""
        done = self.run(*arguments, environment=environment)
        assert done.returncode == 0, (
            f"regions {' '.join(arguments)} ended with {done.returncode}:\n{done.stderr}\n{done.stdout}"
        )
        return done

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """Run a command beside others."""
        return subprocess.Popen(
            [sys.executable, "-m", "automation", *arguments],
            cwd=self.root,
            env=_clean_environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def report(self, *arguments: str) -> dict:
        """The JSON report of a command that must succeed."""
        return json.loads(self.ok(*arguments, "--json").stdout)

    def pulumi(self, stack: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        """The plain CLI in the environment that `./regions env STACK` prints."""
        script = f'eval "$({sys.executable} -m automation env {stack})" && exec pulumi "$@"'
        return subprocess.run(
            ["/bin/sh", "-c", script, "sh", *arguments],
            cwd=self.root,
            env=_clean_environment(),
            capture_output=True,
            text=True,
            timeout=COMMAND_SECONDS,
            check=False,
        )

    def folder(self, stack: str) -> Path:
        """`.regions/STACK` of this copy."""
        return self.root / ".regions" / stack

    def edit(self, stack: str, old: str, new: str) -> None:
        """Change one figure in a stack file."""
        path = self.root / f"Pulumi.{stack}.yaml"
        text = path.read_text()
        assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {path.name}"
        path.write_text(text.replace(old, new))

    def state(self, stack: str) -> dict:
        """The engine's state of a stack, as its file backend keeps it."""
        return json.loads(self._state_file(stack).read_text())["checkpoint"].get("latest") or {}

    def state_exists(self, stack: str) -> bool:
        """True once the engine has written a state."""
        return self._state_file(stack).exists()

    def locks(self, stack: str) -> set[Path]:
        """The locks on a stack's state, one file each."""
        return set((self.folder(stack) / "state" / ".pulumi" / "locks").rglob("*.json"))

    def _state_file(self, stack: str) -> Path:
        return StackFolder(self.folder(stack)).state_file

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


def _clean_environment() -> dict[str, str]:
    return {
        name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "PULUMI_", "GAME_REGIONS_"))
    }


def copy_project(into: Path) -> Project:
    """A copy with the same engine and the same stack files."""
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
    return Project(into)


def _engine_is_here() -> bool:
    from automation.engine import find_engine

    return find_engine() is not None


@pytest.fixture(scope="session")
def engine() -> None:
    """Skips where no engine is installed or built yet."""
    if not _engine_is_here():
        pytest.skip("no Pulumi engine on this machine: ./regions up local installs or builds one")


@pytest.fixture
def project(engine: None, tmp_path: Path) -> Project:
    """A fresh copy of the project."""
    del engine
    return copy_project(tmp_path / "project")


def one_sentence(done: subprocess.CompletedProcess[str]) -> str:
    """The error of a refused command: one line, no traceback."""
    assert "Traceback" not in done.stderr
    errors = [line for line in done.stderr.splitlines() if line.startswith("error: ")]
    assert len(errors) == 1, done.stderr
    return errors[0]


def wait_for(condition: Callable[[], object], seconds: float = 90) -> None:
    """Wait until something holds."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)
