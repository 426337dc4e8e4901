"""Which clusters a rehearsal has is chosen once, and refused where it can't be had."""

import fcntl
import json

import pytest
from rich.console import Console

from automation import live_clusters
from automation.errors import BadUsage, Refused
from automation.live_clusters import choose_clusters, end_of_stack, live_lines
from automation.stacks_of_project import choose
from automation.workspace import Workspace
from embedded.control_plane_choice import chosen
from embedded.stack_folder import StackFolder

CLUSTER = "aws:eks/cluster:Cluster"


@pytest.fixture
def local(monkeypatch, tmp_path):
    """The workspace of `local`, with its programs built already and memory for it."""
    program = tmp_path / "etcd"
    program.touch()
    built = []

    def ensure(console):
        del console
        built.append("etcd")
        return {"etcd": program}

    monkeypatch.setattr(live_clusters, "ensure_programs", ensure)
    monkeypatch.setattr(live_clusters, "free_memory", lambda: 2**33)
    folder = StackFolder(tmp_path / "local")
    folder.cloud.mkdir(parents=True)
    return Workspace("local", folder), built


def settle(workspace, wanted):
    choose_clusters(choose("local", embedded=True), workspace, Console(quiet=True), wanted=wanted)


def state_of(folder, *types, pending=()):
    folder.state_file.parent.mkdir(parents=True, exist_ok=True)
    latest = {
        "resources": [{"type": type_} for type_ in types],
        "pending_operations": [{"resource": {"type": type_}} for type_ in pending],
    }
    folder.state_file.write_text(json.dumps({"checkpoint": {"latest": latest}}))


def test_without_the_flag_nothing_is_chosen_or_built(local):
    workspace, built = local
    settle(workspace, wanted=False)
    assert (chosen(workspace.folder), built) == (None, [])


def test_the_choice_names_programs_clusters_and_places_and_is_kept(local):
    workspace, built = local
    settle(workspace, wanted=True)
    settle(workspace, wanted=False)
    choice = chosen(workspace.folder)
    assert choice is not None
    assert (choice.regions, choice.aws_regions) == ({"mmorpg-local": "local"}, ("us-east-1",))
    assert choice.programs.keys() == {"etcd"}
    assert built == ["etcd"]  # the second time they are where they were


def test_programs_that_are_gone_are_built_again(local):
    workspace, built = local
    settle(workspace, wanted=True)
    choice = chosen(workspace.folder)
    assert choice is not None
    choice.programs["etcd"].unlink()
    settle(workspace, wanted=False)
    assert built == ["etcd", "etcd"]


@pytest.mark.parametrize("types", [(CLUSTER,), ("kubernetes:core/v1:Namespace",)])
def test_a_stack_that_has_clusters_does_not_change_their_sort(local, types):
    workspace, _ = local
    state_of(workspace.folder, "pulumi:pulumi:Stack", *types)
    with pytest.raises(Refused, match="the stack has clusters of the embedded cloud"):
        settle(workspace, wanted=True)
    state_of(workspace.folder, "pulumi:pulumi:Stack", pending=types)
    with pytest.raises(Refused, match="the stack has clusters of the embedded cloud"):
        settle(workspace, wanted=True)


def test_a_real_cloud_has_its_own_control_planes():
    with pytest.raises(BadUsage, match="whose clusters have their own: add --embedded"):
        settle(Workspace("prod", None), wanted=True)


def test_more_regions_than_fit_into_memory_are_refused_before_anything_is_started(local, monkeypatch):
    workspace, built = local
    monkeypatch.setattr(live_clusters, "free_memory", lambda: 2**29)
    with pytest.raises(Refused, match=r"local: 1 .*MiB"):
        settle(workspace, wanted=True)
    assert (chosen(workspace.folder), built) == (None, [])


def test_a_cloud_that_still_serves_the_former_clusters_is_waited_for(local, monkeypatch):
    workspace, _ = local
    monkeypatch.setattr(live_clusters, "_LEAVING_SECONDS", 0.1)
    with (workspace.folder.cloud / "lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(Refused, match="the embedded cloud of local is in use by another command"):
            settle(workspace, wanted=True)
    settle(workspace, wanted=True)


def test_a_destroyed_stack_may_choose_anew_but_not_one_that_holds_something(local):
    workspace, _ = local
    settle(workspace, wanted=True)
    state_of(workspace.folder, CLUSTER)
    end_of_stack(workspace)
    assert chosen(workspace.folder) is not None
    state_of(workspace.folder)
    end_of_stack(workspace)
    assert chosen(workspace.folder) is None


def test_unchecked_kinds_and_warnings_of_api_servers_are_said():
    said = {"permissive": ["widgets.example.org"], "warnings": ["v1 Endpoints is deprecated"], "problems": ["no nodes"]}
    assert live_lines(said) == [
        "kinds without a true schema, taken as they came: widgets.example.org",
        "[yellow]warning:[/] the API server: v1 Endpoints is deprecated",
        "[yellow]warning:[/] no nodes",
    ]
    assert live_lines({"permissive": [], "warnings": [], "problems": []}) == [
        "kinds without a true schema, taken as they came: none"
    ]
