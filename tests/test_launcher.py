"""`./regions`, with a Python and a pip that only pretend, so that nothing is downloaded."""

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]

# Stands for the project's own Python: tells what it was asked, and notes installations like pip.
OWN_PYTHON = """#!/bin/sh
case "$*" in
    *"pip install"*) echo "$*" >> "$LOG"; {pip}; exit ;;
esac
echo "python $*"
echo "in $(pwd)"
echo "path $PYTHONPATH"
echo "bytecode ${{PYTHONDONTWRITEBYTECODE-unset}}"
"""

# Stands for the module `venv`, found before the real one because the launcher puts the project first.
VENV = """import pathlib, shutil, sys
target = pathlib.Path(sys.argv[-1], "bin", "python")
target.parent.mkdir(parents=True)
shutil.copy2({own!r}, target)
"""


def script(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o755)
    return path


class Machine:
    """A checkout in a folder with a space in its name, and a PATH of its own."""

    def __init__(self, folder: Path) -> None:
        self.project = folder / "a checkout"
        self.bin = folder / "bin"
        self.elsewhere = folder / "elsewhere"
        self.log = folder / "pip.log"
        self._folder = folder
        for place in (self.project / "automation", self.bin, self.elsewhere):
            place.mkdir(parents=True)
        shutil.copy2(ROOT / "regions", self.project / "regions")
        for name in ("__init__.py", "environment.py", "locks.py"):
            shutil.copy2(ROOT / "automation" / name, self.project / "automation" / name)
        for name in ("constraints.txt", "requirements.txt", "requirements-dev.txt"):
            (self.project / name).write_text(f"{name}==1\n")
        self.give_python("python3.11")
        self.environment = {"PATH": f"{self.bin}:/usr/bin:/bin", "LOG": str(self.log), "HOME": str(folder)}

    def give_python(self, name: str, *, pip: str = "exit 0") -> None:
        """A base Python on PATH whose environments have this pip."""
        own = script(self._folder / "own" / "python", OWN_PYTHON.format(pip=pip))
        (self.project / "venv.py").write_text(VENV.format(own=str(own)))
        script(self.bin / name, f'#!/bin/sh\nexec {sys.executable} "$@"\n')

    def start(self, *arguments: str, as_: Path | None = None) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [str(as_ or self.project / "regions"), *arguments],
            cwd=self.elsewhere,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, *arguments: str, as_: Path | None = None) -> subprocess.CompletedProcess[str]:
        process = self.start(*arguments, as_=as_)
        out, err = process.communicate(timeout=60)
        return subprocess.CompletedProcess(arguments, process.returncode, out, err)

    def installations(self) -> list[str]:
        return self.log.read_text().splitlines() if self.log.exists() else []


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def test_the_first_start_installs_and_then_runs_the_command_line_where_the_user_stands(machine: Machine) -> None:
    done = machine.run("plan", "local file", "--json")
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [
        "python -P -m automation plan local file --json",
        f"in {machine.elsewhere}",
        f"path {machine.project}",
        "bytecode unset",
    ]
    assert done.stderr.splitlines() == ["installing the Python packages (once, about half a minute)"]
    (installed,) = machine.installations()
    assert installed.endswith(f"-r {machine.project / 'requirements.txt'}")


def test_the_second_start_installs_nothing_and_costs_next_to_nothing(machine: Machine) -> None:
    machine.run("plan")
    times = []
    for _ in range(10):
        started = time.monotonic()
        done = machine.run("plan")
        times.append(time.monotonic() - started)
        assert done.stderr == ""
    assert len(machine.installations()) == 1
    assert min(times) < 0.05, "a second start has 50 ms of shell"


def test_a_changed_requirement_installs_again(machine: Machine) -> None:
    machine.run("plan")
    (machine.project / "constraints.txt").write_text("changed==2\n")
    machine.run("plan")
    assert len(machine.installations()) == 2


def test_only_the_tests_need_the_packages_of_developers(machine: Machine) -> None:
    machine.run("plan")
    machine.run("test", "-k", "network")
    machine.run("plan")
    machine.run("test")
    assert [re.split("[/ ]", line)[-1] for line in machine.installations()] == [
        "requirements.txt",
        "requirements-dev.txt",
    ]


def test_it_finds_its_project_through_links_from_anywhere(machine: Machine) -> None:
    (machine.elsewhere / "one").symlink_to(machine.project / "regions")
    (machine.bin / "two").symlink_to(Path("..") / "elsewhere" / "one")
    done = machine.run("doctor", as_=machine.bin / "two")
    assert f"path {machine.project}" in done.stdout.splitlines()


def test_a_python_that_is_too_old_or_broken_gives_way_to_the_next(machine: Machine) -> None:
    machine.give_python("python3.12")
    script(machine.bin / "python3.11", "#!/bin/sh\nexit 1\n")
    assert machine.run("plan").returncode == 0


def test_without_any_python_one_sentence_says_so(machine: Machine) -> None:
    for name in ("python3.11", "python3.12", "python3.13", "python3"):
        script(machine.bin / name, "#!/bin/sh\nexit 1\n")
    done = machine.run("plan")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "regions: no Python 3.11 or newer on PATH; install one and run this again\n"


@pytest.mark.parametrize(
    ("says", "reason"),
    [
        ("Failed to establish a new connection", "because the package index cannot be reached"),
        ("No space left on device", "because the disk is full"),
        ("ERROR: no wheel", "installed, see"),
    ],
)
def test_a_failed_installation_is_one_sentence_with_the_log_and_is_tried_again(
    machine: Machine, says: str, reason: str
) -> None:
    machine.give_python("python3.11", pip=f"echo '{says}' >&2; exit 1")
    done = machine.run("plan")
    assert (done.returncode, done.stdout) == (1, "")
    sentence = done.stderr.splitlines()[-1]
    log = machine.project / ".regions" / "environment.log"
    assert reason in sentence
    assert sentence.endswith(str(log))
    assert says in log.read_text()
    machine.run("plan")
    assert len(machine.installations()) == 2


def test_two_starts_at_once_install_once(machine: Machine) -> None:
    machine.give_python("python3.11", pip="sleep 0.7")
    both = [machine.start("plan"), machine.start("plan")]
    said = [process.communicate(timeout=60) for process in both]
    assert [process.returncode for process in both] == [0, 0], said
    assert len(machine.installations()) == 1
    assert sum("waiting for another ./regions" in err for _, err in said) == 1


def test_a_start_that_was_killed_leaves_nothing_that_blocks_the_next(machine: Machine) -> None:
    machine.give_python("python3.11", pip='[ -e "$HOME/second" ] || { : > "$HOME/second"; sleep 30; }')
    killed = subprocess.Popen(
        [str(machine.project / "regions"), "plan"],
        env=machine.environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    deadline = time.monotonic() + 20
    while not (Path(machine.environment["HOME"]) / "second").exists():
        assert time.monotonic() < deadline
        time.sleep(0.02)
    os.killpg(killed.pid, signal.SIGKILL)
    killed.wait()
    assert machine.run("plan").returncode == 0


def test_uv_installs_where_it_is_there(machine: Machine) -> None:
    script(machine.bin / "uv", '#!/bin/sh\necho "uv $*" >> "$LOG"\n')
    assert machine.run("plan").returncode == 0
    (installed,) = machine.installations()
    python = machine.project / ".venv" / "bin" / "python"
    assert installed == f"uv pip install --quiet --python {python} -r {machine.project / 'requirements.txt'}"
