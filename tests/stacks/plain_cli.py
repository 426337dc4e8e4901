"""The plain Pulumi CLI on a program that a test of this folder has in one of its functions."""

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from automation.engine import find_engine

PROJECT = Path(__file__).parents[2]
PROGRAM = """
import sys
sys.path.insert(0, {path!r})
from tests.stacks.{module} import {name}
{name}()
"""


def plain_cli(folder: Path, program: Callable[[], None]) -> Callable[..., subprocess.CompletedProcess[str]]:
    """What runs the CLI on the stack `test`, which has nothing in it yet. Skips where there is no engine."""
    engine = find_engine()
    if engine is None:
        pytest.skip("no Pulumi engine on this machine: ./regions up local installs or builds one")
    (folder / "state").mkdir()
    (folder / "Pulumi.yaml").write_text("name: game-regions\nruntime: python\n")
    main = PROGRAM.format(path=str(PROJECT), module=program.__module__.rpartition(".")[2], name=program.__name__)
    (folder / "__main__.py").write_text(main)
    environment = {
        **os.environ,
        "PULUMI_HOME": str(folder / "home"),
        "PULUMI_BACKEND_URL": f"file://{folder}/state",
        "PULUMI_CONFIG_PASSPHRASE": "test",
        "PULUMI_SKIP_UPDATE_CHECK": "true",
    }

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [str(engine.path), *arguments, "--non-interactive", "--color", "never"]
        return subprocess.run(
            command, cwd=folder, env=environment, capture_output=True, text=True, timeout=120, check=False
        )

    assert run("stack", "init", "test").returncode == 0
    return run
