"""The real engine on the embedded cloud, in a copy of the project of its own so that no one's stacks are touched."""

import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from automation.drills import rehearsal
from automation.drills.rehearsal import Rehearsal, clean_environment

COMMAND_SECONDS = 300


@dataclass(frozen=True)
class Project(Rehearsal):
    """A copy of the project, with what only tests do in it."""

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """Run a command beside others."""
        return subprocess.Popen(
            [sys.executable, "-m", "automation", *arguments],
            cwd=self.root,
            env=clean_environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def pulumi(self, stack: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        """The plain CLI in the environment that `./regions env STACK` prints."""
        script = f'eval "$({sys.executable} -m automation env {stack})" && exec pulumi "$@"'
        return subprocess.run(
            ["/bin/sh", "-c", script, "sh", *arguments],
            cwd=self.root,
            env=clean_environment(),
            capture_output=True,
            text=True,
            timeout=COMMAND_SECONDS,
            check=False,
        )

    def edit(self, stack: str, old: str, new: str) -> None:
        """Change one figure in a stack file."""
        path = self.root / f"Pulumi.{stack}.yaml"
        text = path.read_text()
        assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {path.name}"
        path.write_text(text.replace(old, new))

    def state_exists(self, stack: str) -> bool:
        """True once the engine has written a state."""
        return self.state_file(stack).exists()

    def locks(self, stack: str) -> set[Path]:
        """The locks on a stack's state, one file each."""
        return set((self.folder(stack) / "state" / ".pulumi" / "locks").rglob("*.json"))


def copy_project(into: Path) -> Project:
    """A copy with the same engine and the same stack files."""
    return Project(rehearsal.copy_project(into).root)


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
