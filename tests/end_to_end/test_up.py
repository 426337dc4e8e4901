"""A region's life on the real engine: up, unchanged, changed, looked at by the plain CLI, refreshed, destroyed.

It begins badly: the first `up` is killed while a create has begun, and the second finishes it.
"""

import json
import signal

import pytest

from tests.end_to_end.conftest import one_sentence

pytestmark = pytest.mark.engine


@pytest.fixture(scope="module")
def region(engine, tmp_path_factory):
    """One copy with `local` up; the tests of this module go through its life in order."""
    from tests.end_to_end.conftest import copy_project

    del engine
    project = copy_project(tmp_path_factory.mktemp("life") / "project")
    killed = project.run("up", "local", environment={"GAME_REGIONS_DRILL": "kill:inside:9"})
    assert killed.returncode == -signal.SIGKILL
    begun = project.state("local")["pending_operations"]
    return project, begun, project.report("up", "local")


def test_a_run_killed_inside_a_create_is_finished_by_the_next(region):
    project, begun, _ = region
    assert [operation["type"] for operation in begun] == ["creating"] * len(begun) != []
    assert not project.state("local").get("pending_operations")


def test_up_ends_with_a_report_of_regions_nodes_worlds_and_seats(region):
    _, _, report = region
    facts = report["regions"]["local"]
    assert facts["worlds"] == 2
    assert facts["players"] == 4000
    assert facts["endpoint"].startswith("https://")
    assert set(facts["nodes"]) == {"system", "game"}
    assert facts["kubeconfig"] == "[secret]"
    assert report["executed"]["modelled"], "what ran on our own model must be said"


def test_a_second_up_changes_nothing(region):
    project, _, _ = region
    changes = project.report("up", "local")["changes"]
    assert set(changes) == {"same"}


def test_the_plain_cli_sees_the_same_stack_and_no_changes(region):
    project, _, _ = region
    done = project.pulumi("local", "up", "--yes", "--expect-no-changes")  # previews first
    assert done.returncode == 0, done.stdout + done.stderr


def test_outputs_hide_the_kubeconfig_wherever_it_stands(region):
    project, _, _ = region
    shown = project.ok("outputs", "local", "--json").stdout
    assert json.loads(shown)["regions"]["local"]["kubeconfig"] == "[secret]"
    assert "certificate-authority-data" not in shown


def test_a_refresh_finds_nothing_that_the_cloud_has_otherwise(region):
    project, _, _ = region
    assert set(project.report("refresh", "local")["changes"]) == {"same"}


def test_fewer_seats_update_the_worlds_and_protection_the_cluster_in_place_and_nothing_else(region):
    project, _, _ = region
    project.edit("local", "players_per_world: 2000", "players_per_world: 1500")
    project.edit("local", "protect: false", "protect: true")
    report = project.report("up", "local")
    assert report["changes"] == {"same": 89, "update": 2}
    assert report["regions"]["local"]["players"] == 3000


def test_what_is_protected_is_not_replaced(region):
    project, _, _ = region
    project.edit("local", "cidr: 10.0.0.0/16", "cidr: 10.1.0.0/16")
    refused = project.run("up", "local")
    project.edit("local", "cidr: 10.1.0.0/16", "cidr: 10.0.0.0/16")
    assert refused.returncode == 1
    assert "local-vpc is protected and would be replaced" in one_sentence(refused)


def test_secrets_stand_nowhere_in_the_state_in_plain_text(region):
    project, _, _ = region
    shown = project.pulumi("local", "stack", "export", "--show-secrets")
    secrets = [
        resource["outputs"]["result"]
        for resource in json.loads(shown.stdout)["deployment"]["resources"]
        if resource["type"].startswith("random:")
    ]
    passwords = [json.loads(secret["plaintext"]) for secret in secrets]
    assert passwords
    state = json.dumps(project.state("local"))
    assert not [password for password in passwords if password in state]


def test_destroy_names_what_is_protected_and_then_leaves_state_and_both_clouds_empty_and_no_process(region):
    project, _, _ = region
    refused = project.run("destroy", "local")
    assert (refused.returncode, "5 protected resources would be lost" in one_sentence(refused)) == (1, True)
    named = [line.split("'")[1] for line in refused.stderr.splitlines() if "--unprotect" in line]
    report = project.report("destroy", "local", *(word for urn in named for word in ("--unprotect", urn)))
    assert [item for item in report["left"] if not item["note"]] == []
    assert not project.state("local").get("resources")
    assert project.processes_left() == []
