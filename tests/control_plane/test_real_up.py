"""`up --control-plane` on the real engine: what the program says is accepted, run, kept, repaired and taken away."""

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from kubernetes import client, config
from rich.console import Console

from automation.control_plane_build import ensure_programs
from automation.errors import Refused
from tests.end_to_end.conftest import Project, copy_project, one_sentence

pytestmark = pytest.mark.control_plane
NAMESPACE = "mmorpg-game"
UP = ("up", "local", "--embedded", "--yes", "--json")


@pytest.fixture(scope="module")
def project(tmp_path_factory) -> Iterator[Project]:
    from automation.engine import find_engine

    if find_engine() is None:
        pytest.skip("no Pulumi engine on this machine: ./regions up local installs or builds one")
    try:
        ensure_programs(Console(stderr=True))
    except Refused as refused:
        pytest.skip(str(refused))
    made = copy_project(tmp_path_factory.mktemp("live") / "project")
    yield made
    made.run("control-plane", "stop", "local", "--erase")


def reported(done: subprocess.CompletedProcess[str]) -> dict:
    assert done.returncode == 0, done.stderr
    report: dict = json.loads(done.stdout)
    return report


def kubeconfig(project: Project) -> Path:
    """Of the control plane, which is started by hand so that it stays up between commands."""
    assert project.run("control-plane", "start", "local").returncode == 0
    return Path(project.run("control-plane", "kubeconfig", "local").stdout.strip())


@pytest.fixture(scope="module")
def first(project) -> dict:
    return reported(project.run(*UP, "--control-plane"))


def test_every_object_is_accepted_without_a_warning_and_the_worlds_run(first, project):
    assert first["changes"].keys() == {"create"}
    assert first["live"] == {"permissive": [], "warnings": [], "problems": []}
    api = client.AppsV1Api(config.new_client_from_config(str(kubeconfig(project))))
    worlds = api.read_namespaced_stateful_set("game-world-servers", NAMESPACE)
    assert (worlds.status.ready_replicas, worlds.spec.replicas) == (2, 2)


def test_a_second_up_changes_nothing_and_needs_no_flag(first, project):
    assert reported(project.run(*UP))["changes"].keys() == {"same"}


def test_an_edited_object_is_seen_by_refresh_and_mended_by_up(first, project):
    core = client.CoreV1Api(config.new_client_from_config(str(kubeconfig(project))))
    quota = core.list_namespaced_resource_quota(NAMESPACE).items[0]
    kept = dict(quota.spec.hard)
    changed = {"spec": {"hard": {"pods": "1"}}}
    # Statuses have moved on since their objects were made.
    reported(project.run("refresh", "local", "--embedded", "--json"))
    core.patch_namespaced_resource_quota(quota.metadata.name, NAMESPACE, changed, field_manager="kubectl-edit")
    assert reported(project.run("refresh", "local", "--embedded", "--json"))["changes"]["update"] == 1
    assert reported(project.run(*UP))["changes"]["update"] == 1
    assert dict(core.list_namespaced_resource_quota(NAMESPACE).items[0].spec.hard) == kept


def test_a_stack_with_real_clusters_has_them_until_it_is_destroyed(first, project):
    (project.root / ".regions/local/control-plane.json").rename(project.root / "aside")
    try:
        refused = project.run(*UP, "--control-plane")
        assert refused.returncode == 1
        assert "the stack has clusters of the embedded cloud" in one_sentence(refused)
    finally:
        (project.root / "aside").rename(project.root / ".regions/local/control-plane.json")


def test_a_destroy_leaves_nothing_in_the_cluster_and_no_process(first, project):
    report = reported(project.run("destroy", "local", "--embedded", "--yes", "--json"))
    assert [item for item in report["left"] if item["service"] == "kubernetes"] == []
    assert not (project.root / ".regions/local/control-plane.json").exists()
    assert not (project.root / ".regions/local/control-plane/local").exists()
