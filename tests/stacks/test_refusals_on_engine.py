"""The same refusals by the plain CLI as by the plan: one sentence, no traceback, nothing made."""

import pulumi
import pulumi_kubernetes as k8s
import pytest

from plan.recorder import record
from stacks.refusals import refuse_broken_rules
from tests.stacks.plain_cli import plain_cli

pytestmark = pytest.mark.engine


def broken_program() -> None:
    """A pod with a floating image and a default provider."""
    refuse_broken_rules(["us-east"])
    owner = pulumi.ComponentResource("gameregions:test:Owner", "us-east-owner")
    container = {"name": "a", "image": "game:latest"}
    k8s.core.v1.Pod("us-east-pod", spec={"containers": [container]}, opts=pulumi.ResourceOptions(parent=owner))


def test_preview_and_up_refuse_in_the_sentences_of_the_plan(tmp_path):
    cli = plain_cli(tmp_path, broken_program)
    sentences = [finding.message for finding in record(broken_program, stack="test", regions=["us-east"]).findings]
    assert {sentence.split(": ")[1].split(" ")[0] for sentence in sentences} == {"container", "it"}
    for command in (("preview",), ("up", "--yes", "--skip-preview")):
        done = cli(*command)
        assert done.returncode != 0
        assert all(sentence in done.stdout for sentence in sentences), done.stdout + done.stderr
        assert "Traceback" not in done.stdout + done.stderr
        assert "Invoke callback" not in done.stdout + done.stderr
    assert "us-east-pod" not in cli("stack", "export").stdout
