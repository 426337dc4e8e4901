"""`./regions control-plane`, with small programs in the places of the real ones."""

import json
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from automation import cli, stacks_of_project
from automation.engine import PROJECT
from embedded.control_plane import memory
from embedded.control_plane.plane import ControlPlane
from embedded.stack_folder import StackFolder
from tests.control_plane.stand_ins import stand_ins

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A project folder with the shipped stack files and programs that need not be built."""
    for path in PROJECT.glob("Pulumi*.yaml"):
        shutil.copy2(path, tmp_path)
    programs = stand_ins(tmp_path / "programs")
    monkeypatch.setattr(stacks_of_project, "ROOT", tmp_path)
    monkeypatch.setattr("automation.control_plane_build.ensure_programs", lambda console: programs)
    yield tmp_path
    for folder in tmp_path.glob(".regions/*/control-plane/*/"):
        ControlPlane(StackFolder(folder.parents[1]), folder.name).stop()


@pytest.fixture
def regions(root: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Exit code, standard output and standard error of `./regions control-plane ...`."""

    def run(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["regions", "control-plane", *arguments])
        with pytest.raises(SystemExit) as stop:
            cli.main()
        captured = capsys.readouterr()
        return int(stop.value.code or 0), captured.out, captured.err

    return run


def test_a_region_s_life_in_five_commands(regions: Run, root: Path) -> None:
    assert regions("status", "dev")[0] == 1
    code, _, said = regions("start", "dev")
    assert code == 0
    region = said.partition(":")[0]
    assert f"{region}: ready after " in said
    code, path, _ = regions("kubeconfig", "dev")
    assert (code, path) == (0, f"{root}/.regions/dev/control-plane/{region}/kubeconfig\n")
    code, _, said = regions("stop", "dev", "--erase")
    assert (code, said) == (0, f"{region}: 4 programs ended\n")
    assert not Path(path.strip()).exists()
    assert regions("stop", "dev")[2] == f"{region}: nothing was running\n"


def test_status_says_memory_and_start_of_every_program(regions: Run) -> None:
    regions("start", "dev")
    code, out, _ = regions("status", "dev", "--json")
    status = json.loads(out)
    assert code == 0
    assert sorted(row["program"] for row in status["programs"]) == [
        "etcd",
        "kube-apiserver",
        "kube-controller-manager",
        "kube-scheduler",
        "kwok",
    ]
    for row in status["programs"]:
        assert row["ready"]
        assert row["memory_bytes"] > 2**20
        assert row["started"].startswith("20")
        assert (row["region"] is None) == (row["program"] == "etcd")
    code, out, table = regions("status", "dev")
    assert (code, out) == (0, "")
    assert "5 programs" in table


def test_a_status_with_something_missing_fails_with_the_remedy(regions: Run) -> None:
    code, _, said = regions("status", "dev")
    assert code == 1
    assert "is not up; run ./regions control-plane start dev" in said


def test_all_regions_of_a_stack_start_or_none(regions: Run, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    room = memory.SPARE_BYTES + 2 * memory.REGION_BYTES
    monkeypatch.setattr(memory, "free_memory", lambda: room)
    code, _, said = regions("start", "prod")
    assert code == 1
    assert "control-plane start prod: 4 more regions" in said
    assert "enough for 2" in said
    assert not (root / ".regions" / "prod" / "control-plane").exists()


def test_one_region_of_several_can_be_named(regions: Run, root: Path) -> None:
    assert regions("start", "prod", "eu")[0] == 2
    names = list(stacks_of_project.choose("prod").settings.regions)
    assert regions("start", "prod", names[1])[0] == 0
    assert sorted(path.name for path in (root / ".regions" / "prod" / "control-plane").glob("[a-z]*/")) == [names[1]]
    assert regions("status", "prod", names[1])[0] == 0
    assert regions("status", "prod")[0] == 1


def test_a_kubeconfig_is_of_one_region_that_runs(regions: Run) -> None:
    code, out, said = regions("kubeconfig", "prod")
    assert (code, out) == (2, "")
    assert "name one of its regions" in said
    code, out, said = regions("kubeconfig", "dev")
    assert (code, out) == (1, "")
    assert "does not run; run ./regions control-plane start dev" in said


def test_a_region_that_the_stack_does_not_have_is_bad_usage(regions: Run) -> None:
    code, _, said = regions("start", "dev", "mars")
    assert code == 2
    assert "stack dev has no region 'mars': it has " in said
