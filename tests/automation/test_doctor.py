"""What `./regions doctor` finds; it looks and changes nothing."""

import fcntl
from pathlib import Path

import pytest

from automation import doctor, go_build
from automation.doctor import Fact, examine


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project on a machine with nothing on PATH and no network."""
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.setattr(doctor, "reachable", lambda host: host == "nowhere")
    monkeypatch.setattr(go_build, "USUAL_GO_FOLDER", str(tmp_path / "none"))
    modules = tmp_path / "project" / "tools" / "pulumi"
    modules.mkdir(parents=True)
    (modules / "go.mod").write_text("module x\n\ngo 1.25.6\n\nrequire github.com/pulumi/pulumi/pkg/v3 v3.225.0\n")
    return tmp_path / "project"


def facts(project: Path) -> dict[str, Fact]:
    return {fact.name: fact for fact in examine(project)}


def test_whatever_is_not_well_comes_with_a_remedy(project: Path) -> None:
    found = facts(project)
    for name in ("Pulumi CLI", "Python language host", "Go", "Network", "AWS CLI", "kubectl"):
        assert found[name].status != "ok", name
    assert all(fact.remedy for fact in found.values() if fact.status != "ok")
    assert all(fact.remedy is None for fact in found.values() if fact.status == "ok")


def test_only_what_the_embedded_cloud_cannot_do_without_counts_as_missing(project: Path) -> None:
    missing = {name for name, fact in facts(project).items() if fact.status == "missing"}
    assert missing == {"Pulumi CLI", "Python language host"}


def test_a_cli_that_is_too_old_is_named_with_its_version(project: Path) -> None:
    old = project.parent / "bin" / "pulumi"
    old.parent.mkdir()
    old.write_text("#!/bin/sh\necho v3.100.0\n")
    old.chmod(0o755)
    assert f"{old} is version 3.100.0" in facts(project)["Pulumi CLI"].detail


def test_a_running_embedded_cloud_is_told_from_one_that_has_ended(project: Path) -> None:
    for name in ("ended", "running"):
        (project / ".regions" / name / "cloud").mkdir(parents=True)
        (project / ".regions" / name / "state").mkdir()
        (project / ".regions" / name / "cloud" / "lock").touch()
    with (project / ".regions" / "running" / "cloud" / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        found = facts(project)
    assert found["Embedded stacks"].detail == "ended, running"
    assert (found["Embedded clouds"].status, found["Embedded clouds"].detail) == ("warn", "running for running")
    assert facts(project)["Embedded clouds"].detail == "none is running"


def test_looking_changes_nothing(project: Path) -> None:
    before = sorted(project.rglob("*"))
    examine(project)
    assert sorted(project.rglob("*")) == before


def test_a_disk_with_less_than_a_first_start_takes_is_a_warning(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "ENOUGH_DISK", 0)
    assert facts(project)["Disk"].status == "ok"
    monkeypatch.setattr(doctor, "ENOUGH_DISK", 2**60)
    assert facts(project)["Disk"].status == "warn"
