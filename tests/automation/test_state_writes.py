"""A state is written as the engine takes it, and no file with its secrets stays behind."""

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from pulumi.automation import CommandResult, Deployment
from pulumi.automation.errors import CommandError

from automation.errors import Refused
from automation.state_writes import write_state

STATE = Deployment(version=3, deployment={"resources": [{"plaintext": "secret"}]})


class Cli:
    """Takes a state in, or refuses it; keeps what it was asked and what the file held."""

    def __init__(self, refusal: str | None = None) -> None:
        self.refusal = refusal
        self.asked: list[str] = []
        self.held: Any = None

    def run(self, arguments: list[str], folder: str, environment: dict[str, str]) -> None:
        assert (folder, environment) == ("work", {"A": "b"})
        self.asked = arguments
        self.held = json.loads(self.file.read_text())
        if self.refusal is not None:
            raise CommandError(CommandResult(stdout="", stderr=self.refusal, code=255))

    @property
    def file(self) -> Path:
        return Path(self.asked[self.asked.index("--file") + 1])


def written(cli: Cli) -> None:
    workspace = SimpleNamespace(pulumi_command=cli, work_dir="work", env_vars={"A": "b"})
    session: Any = SimpleNamespace(
        stack=SimpleNamespace(name="prod", workspace=workspace), workspace=SimpleNamespace(stack="prod")
    )
    write_state(session, STATE)


def test_the_engine_is_given_version_and_deployment():
    cli = Cli()
    written(cli)
    assert cli.held == {"version": 3, "deployment": {"resources": [{"plaintext": "secret"}]}}
    assert (cli.asked[:2], cli.asked[-2:]) == (["stack", "import"], ["--stack", "prod"])
    assert not cli.file.exists()


def test_a_refusal_is_one_sentence_and_the_file_is_gone():
    cli = Cli("error: the stack is currently locked by 1 lock(s)")
    with pytest.raises(Refused, match=r"the state of prod was not written \(the stack is currently locked by 1 lock"):
        written(cli)
    assert not cli.file.exists()
