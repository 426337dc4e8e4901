"""The waits before a delete under the real engine: it runs them on the way down, and their word counts."""

import json
from pathlib import Path
from typing import Any

import pulumi
import pytest

from stacks.delete_hooks.registration import bind_waits
from stacks.delete_hooks.waits import Clock
from tests.stacks.plain_cli import plain_cli

pytestmark = [pytest.mark.engine, pytest.mark.drill]

SUBNET_ARN = "arn:aws:ec2:us-east-1:123456789012:subnet/subnet-1"


class World:
    """A file that the test and the program share: how often an interface is still seen, and what was done."""

    path = Path("world.json")

    @classmethod
    def read(cls) -> dict[str, Any]:
        return json.loads(cls.path.read_text())

    @classmethod
    def write(cls, **facts: Any) -> None:
        cls.path.write_text(json.dumps(cls.read() | facts))


class Ec2:
    """One interface that belongs to a load balancer until it has been looked at often enough."""

    def client(self, service: str) -> "Ec2":
        return self

    get_paginator = client

    def paginate(self, Filters: list[dict[str, Any]]) -> list[dict[str, Any]]:  # noqa: N803
        world = World.read()
        World.write(seen=world["seen"] - 1, looks=world["looks"] + 1)
        interface = {"NetworkInterfaceId": "eni-1", "Status": "in-use", "Description": "ELB net/players/1"}
        return [{"NetworkInterfaces": [interface] if world["seen"] > 0 else []}]


class Subnet(pulumi.ComponentResource):
    """Of a subnet's type, but a component: what the engine deletes without any provider."""

    def __init__(self) -> None:
        super().__init__("aws:ec2/subnet:Subnet", "us-east-public-us-east-1a")
        self.register_outputs({"arn": pulumi.Output.secret(SUBNET_ARN)})


def guarded_program() -> None:
    """A subnet under the real waits, on a clock that goes five minutes a pause; none where the world says so."""
    minutes = [0]

    async def pause(_seconds: float) -> None:
        minutes[0] += 5

    bind_waits(lambda name, place: Ec2(), Clock(warn=pulumi.log.warn, now=lambda: minutes[0] * 60, sleep=pause))
    if World.read()["subnet"]:
        Subnet()


@pytest.fixture
def cli(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """The plain CLI on a stack that has the guarded subnet."""
    run = plain_cli(tmp_path, guarded_program)
    (tmp_path / "world.json").write_text('{"subnet": true, "seen": 0, "looks": 0}')
    monkeypatch.chdir(tmp_path)
    assert run("up", "--yes", "--skip-preview").returncode == 0
    return run


def hooks_in_state(folder: Path) -> list[dict[str, list[str]]]:
    checkpoint = json.loads((folder / "state/.pulumi/stacks/game-regions/test.json").read_text())["checkpoint"]
    resources = checkpoint["latest"].get("resources", [])
    return [each["resourceHooks"] for each in resources if each["type"] == "aws:ec2/subnet:Subnet"]


def test_a_wait_that_runs_out_fails_the_delete_with_its_sentence_and_a_later_run_waits_and_goes_on(cli, tmp_path):
    """One stack through it all, as each run of the engine takes a second or more."""
    assert hooks_in_state(tmp_path) == [{"BeforeDelete": ["game-regions-network-interfaces-gone"]}]
    World.write(seen=1000)
    done = cli("destroy", "--yes", "--skip-preview", "--run-program")
    assert done.returncode != 0
    assert (
        "us-east-public-us-east-1a cannot go: after 15 minutes there are still network interfaces on it: "
        "eni-1 (in-use, ELB net/players/1); delete what they belong to, or the interfaces themselves, then run it again"
    ) in done.stdout + done.stderr
    assert "Traceback" not in done.stdout + done.stderr
    assert World.read()["looks"] == 4, "at 0, 5, 10 and 15 minutes"
    assert len(hooks_in_state(tmp_path)) == 1, "it is still there"

    # The settings lose it meanwhile: its hook is still registered, and needs nothing but what the state says.
    World.write(subnet=False, seen=2, looks=0)
    done = cli("up", "--yes")
    assert done.returncode == 0, done.stdout + done.stderr
    assert World.read()["looks"] == 3, "twice in the way, once to see that it is gone, and never in the preview"
    assert hooks_in_state(tmp_path) == []
