"""The same refusals by the plain CLI as by the plan: one sentence, no traceback, nothing made."""

import os
import subprocess
from pathlib import Path

import pulumi
import pulumi_kubernetes as k8s
import pytest

from automation.engine import find_engine
from plan.recorder import record
from stacks.refusals import refuse_broken_rules

pytestmark = pytest.mark.engine

PROJECT = Path(__file__).parents[2]
PROGRAM = """
import sys
sys.path.insert(0, {path!r})
from tests.stacks.test_refusals_on_engine import broken_program
broken_program()
"""


def broken_program() -> None:
    """A pod with a floating image and a default provider."""
    refuse_broken_rules(["us-east"])
    owner = pulumi.ComponentResource("gameregions:test:Owner", "us-east-owner")
    container = {"name": "a", "image": "game:latest"}
    k8s.core.v1.Pod("us-east-pod", spec={"containers": [container]}, opts=pulumi.ResourceOptions(parent=owner))


@pytest.fixture
def cli(tmp_path: Path):
    engine = find_engine()
    if engine is None:
        pytest.skip("no Pulumi engine on this machine: ./regions up local installs or builds one")
    (tmp_path / "state").mkdir()
    (tmp_path / "Pulumi.yaml").write_text("name: game-regions\nruntime: python\n")
    (tmp_path / "__main__.py").write_text(PROGRAM.format(path=str(PROJECT)))
    environment = {
        **os.environ,
        "PULUMI_HOME": str(tmp_path / "home"),
        "PULUMI_BACKEND_URL": f"file://{tmp_path}/state",
        "PULUMI_CONFIG_PASSPHRASE": "test",
        "PULUMI_SKIP_UPDATE_CHECK": "true",
    }

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [str(engine.path), *arguments, "--non-interactive", "--color", "never"]
        return subprocess.run(
            command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=120, check=False
        )

    assert run("stack", "init", "test").returncode == 0
    return run


def test_preview_and_up_refuse_in_the_sentences_of_the_plan(cli):
    sentences = [finding.message for finding in record(broken_program, stack="test", regions=["us-east"]).findings]
    assert {sentence.split(": ")[1].split(" ")[0] for sentence in sentences} == {"container", "it"}
    for command in (("preview",), ("up", "--yes", "--skip-preview")):
        done = cli(*command)
        assert done.returncode != 0
        assert all(sentence in done.stdout for sentence in sentences), done.stdout + done.stderr
        assert "Traceback" not in done.stdout + done.stderr
        assert "Invoke callback" not in done.stdout + done.stderr
    assert "us-east-pod" not in cli("stack", "export").stdout
