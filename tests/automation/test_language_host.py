"""Our Python language host under the real engine, on a tiny program without any provider."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
from pulumi import automation

from automation import language_host
from automation.engine import Engine, find_engine

pytestmark = pytest.mark.engine

PROGRAM = """
import asyncio, os, sys, time
import pulumi
print("a line of the program")
config = pulumi.Config()

class Thing(pulumi.ComponentResource):
    def __init__(self, name):
        super().__init__("tests:host:Thing", name)
        async def later():
            await asyncio.sleep(0.05)
            from beside import greeting  # imported after the program's last line has run
            return greeting(config.require("who"))
        self.said = pulumi.Output.from_input(later())
        self.register_outputs({"said": self.said})

thing = Thing("thing")
pulumi.log.warn("a warning of the program")
pulumi.export("said", thing.said)
pulumi.export("organization", pulumi.get_organization())
pulumi.export("folder", os.getcwd())
pulumi.export("python", sys.executable)
pulumi.export("secret", config.get_secret("secret"))
what = config.get("what")
if what == "refuse":
    raise pulumi.RunError("min_size 3 is above max_size 2; lower min_size")
if what == "crash":
    {}["nothing here"]
if what == "wait":
    open("pid", "w").write(str(os.getpid()))
    time.sleep(60)
"""


@pytest.fixture(scope="module")
def cli(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    """The CLI alone in a folder, with nothing of a release beside it but our language host."""
    found = find_engine()
    if found is None:
        pytest.skip("no Pulumi engine on this machine: ./regions up local installs or builds one")
    folder = tmp_path_factory.mktemp("cli") / "bin"
    folder.mkdir()
    path = Path(shutil.copy2(found.path.resolve(), folder / "pulumi"))
    language_host.install(folder)
    return Engine(path=path, version=found.version, origin="project")


@pytest.fixture
def work(tmp_path: Path) -> Path:
    folder = tmp_path / "a program"
    folder.mkdir()
    (folder / "Pulumi.yaml").write_text("name: tiny\nruntime: python\n")
    (folder / "__main__.py").write_text(PROGRAM)
    (folder / "beside.py").write_text("def greeting(who): return 'hello ' + who\n")
    return folder


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    (tmp_path / "state").mkdir()
    return {
        "PULUMI_BACKEND_URL": f"file://{tmp_path / 'state'}",
        "PULUMI_CONFIG_PASSPHRASE": "open sesame",
        "PULUMI_HOME": str(tmp_path / "home"),
        "PULUMI_SKIP_UPDATE_CHECK": "true",
        "PATH": "/usr/bin:/bin",  # neither the CLI nor a language host: what stands beside the CLI must do
    }


def run(cli: Engine, work: Path, environment: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    """The plain CLI, by its absolute path."""
    command = [str(cli.path), *arguments, "--non-interactive"]
    return subprocess.run(
        command, cwd=work, env={**os.environ, **environment}, capture_output=True, text=True, timeout=120
    )


@pytest.fixture
def stack(cli: Engine, work: Path, environment: dict[str, str]) -> automation.Stack:
    options = automation.LocalWorkspaceOptions(pulumi_command=cli.command(), env_vars=environment)
    made = automation.create_stack("dev", work_dir=str(work), opts=options)
    made.set_config("who", automation.ConfigValue("world"))
    made.set_config("secret", automation.ConfigValue("pa55", secret=True))
    return made


def test_the_automation_api_runs_the_program_on_disk(stack: automation.Stack, work: Path) -> None:
    assert stack.preview().change_summary == {"create": 2}
    first = stack.up()
    values = {name: output.value for name, output in first.outputs.items()}
    assert values == {
        "said": "hello world",
        "organization": "organization",
        "folder": str(work),
        "python": sys.executable,
        "secret": "pa55",
    }
    assert first.outputs["secret"].secret
    assert stack.up(expect_no_changes=True).summary.resource_changes == {"same": 2}
    assert stack.refresh(run_program=True).summary.result == "succeeded"
    stack.destroy(run_program=True)
    left = stack.export_stack().deployment
    assert left is not None
    assert "resources" not in left


def test_the_plain_cli_runs_it_too_and_shows_its_lines_once(
    stack: automation.Stack, cli: Engine, work: Path, environment: dict[str, str]
) -> None:
    del stack  # made it
    done = run(cli, work, environment, "up", "--yes", "--skip-preview")
    assert done.returncode == 0, done.stderr
    shown = done.stdout.split("Diagnostics:")[1]
    assert shown.count("a line of the program") == 1
    assert shown.count("a warning of the program") == 1
    assert "$PATH" not in done.stdout, "the engine took a language host from elsewhere"


def test_a_refusal_reaches_the_user_as_its_sentence_alone(
    stack: automation.Stack, cli: Engine, work: Path, environment: dict[str, str]
) -> None:
    stack.set_config("what", automation.ConfigValue("refuse"))
    shown = run(cli, work, environment, "preview")
    assert shown.returncode != 0
    diagnostics = (shown.stdout + shown.stderr).split("Diagnostics:")[1]
    assert diagnostics.count("min_size 3 is above max_size 2; lower min_size") == 1
    assert "Traceback" not in shown.stdout + shown.stderr


def test_an_unexpected_error_comes_with_the_program_s_own_traceback(
    stack: automation.Stack, cli: Engine, work: Path, environment: dict[str, str]
) -> None:
    stack.set_config("what", automation.ConfigValue("crash"))
    shown = run(cli, work, environment, "preview")
    assert shown.returncode != 0
    diagnostics = (shown.stdout + shown.stderr).split("Diagnostics:")[1]
    assert f'File "{work / "__main__.py"}"' in diagnostics
    assert diagnostics.count("KeyError: 'nothing here'") == 1
    assert "language_host.py" not in diagnostics, "frames above the program say nothing about its error"


def test_about_names_the_interpreter_and_the_sdk(
    stack: automation.Stack, cli: Engine, work: Path, environment: dict[str, str]
) -> None:
    del stack
    about: dict[str, Any] = json.loads(run(cli, work, environment, "about", "--json").stdout)
    assert about["runtime"]["executable"] == sys.executable
    assert {"name": "pulumi", "version": version("pulumi")} in about["dependencies"]


def test_the_host_ends_when_the_engine_is_killed(
    stack: automation.Stack, cli: Engine, work: Path, environment: dict[str, str]
) -> None:
    stack.set_config("what", automation.ConfigValue("wait"))
    command = [str(cli.path), "preview", "--non-interactive"]
    with subprocess.Popen(
        command, cwd=work, env={**os.environ, **environment}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as engine:
        pid = int(_eventually(lambda: (work / "pid").exists() and (work / "pid").read_text()))
        engine.send_signal(signal.SIGKILL)
    assert _eventually(lambda: not _is_alive(pid))


def _eventually(condition: Any, seconds: float = 20.0) -> Any:
    deadline = time.monotonic() + seconds
    while not (answer := condition()):
        assert time.monotonic() < deadline, "it did not come true in time"
        time.sleep(0.05)
    return answer


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    # A zombie has ended; whoever adopted it has only not yet asked.
    return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
