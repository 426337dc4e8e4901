"""A region's life on the real engine: up, unchanged, changed, looked at by the plain CLI, refreshed, destroyed.

It begins badly: the first `up` is killed while a create has begun, the second finishes it, and a third comes meanwhile.
"""

import json
import re
import signal
import subprocess
from dataclasses import dataclass

import pytest

from tests.end_to_end.conftest import Project, copy_project, one_sentence, wait_for

pytestmark = pytest.mark.engine


@dataclass(frozen=True)
class Life:
    """One copy with `local` up, and how it came up; the tests of this module go through its life in order."""

    project: Project
    begun: list[dict]
    """What the killed first run had begun and not finished."""
    report: dict
    """Of the second run, which finishes it."""
    third: subprocess.CompletedProcess[str]
    """A run that came while the second was at work."""


@pytest.fixture(scope="module")
def region(engine, tmp_path_factory):
    del engine
    project = copy_project(tmp_path_factory.mktemp("life") / "project")
    killed = project.run("up", "local", environment={"GAME_REGIONS_DRILL": "kill:inside:9"})
    assert killed.returncode == -signal.SIGKILL
    begun = project.state("local")["pending_operations"]
    dead = project.locks("local")
    with project.start("up", "local", "--json") as second:
        stood = len(project.state("local")["resources"])
        wait_for(lambda: project.locks("local") - dead and len(project.state("local")["resources"]) > stood + 3)
        third = project.run("up", "local")
        report, errors = second.communicate()
    assert second.returncode == 0, errors
    return Life(project, begun, json.loads(report), third)


def test_a_run_killed_inside_a_create_is_finished_by_the_next(region):
    assert [operation["type"] for operation in region.begun] == ["creating"] * len(region.begun) != []
    assert not region.project.state("local").get("pending_operations")


def test_a_living_run_holds_its_lock_and_the_next_is_refused(region):
    assert region.third.returncode == 1
    assert "which is alive: wait for it, or end it" in one_sentence(region.third)


def test_up_ends_with_a_report_of_regions_nodes_worlds_and_seats(region):
    facts = region.report["regions"]["local"]
    assert facts["worlds"] == 2
    assert facts["players"] == 4000
    assert facts["endpoint"].startswith("https://")
    assert set(facts["nodes"]) == {"system", "game"}
    assert facts["kubeconfig"] == "[secret]"
    assert region.report["executed"]["modelled"], "what ran on our own model must be said"


def test_a_second_up_changes_nothing(region):
    project = region.project
    changes = project.report("up", "local")["changes"]
    assert set(changes) == {"same"}


def test_the_plain_cli_sees_the_same_stack_and_no_changes(region):
    project = region.project
    done = project.pulumi("local", "up", "--yes", "--expect-no-changes")  # previews first
    assert done.returncode == 0, done.stdout + done.stderr


def test_outputs_hide_the_kubeconfig_wherever_it_stands(region):
    project = region.project
    shown = project.ok("outputs", "local", "--json").stdout
    assert json.loads(shown)["regions"]["local"]["kubeconfig"] == "[secret]"
    assert "certificate-authority-data" not in shown


def test_a_refresh_finds_nothing_that_the_cloud_has_otherwise(region):
    project = region.project
    assert set(project.report("refresh", "local")["changes"]) == {"same"}


def test_fewer_seats_update_the_worlds_and_protection_the_cluster_in_place_and_nothing_else(region):
    project = region.project
    project.edit("local", "players_per_world: 2000", "players_per_world: 1500")
    project.edit("local", "protect: false", "protect: true")
    report = project.report("up", "local")
    assert report["changes"].keys() == {"same", "update"}
    assert report["changes"]["update"] == 2
    assert report["regions"]["local"]["players"] == 3000


def test_what_is_protected_is_not_replaced(region):
    project = region.project
    project.edit("local", "cidr: 10.0.0.0/16", "cidr: 10.1.0.0/16")
    refused = project.run("up", "local")
    project.edit("local", "cidr: 10.1.0.0/16", "cidr: 10.0.0.0/16")
    assert refused.returncode == 1
    assert "local-vpc is protected and would be replaced" in one_sentence(refused)


def test_all_that_is_protected_and_would_be_deleted_is_named_at_once(region):
    project = region.project
    file = project.root / "Pulumi.local.yaml"
    before = file.read_text()
    project.edit("local", "    local:\n", "    other:\n")
    refused = project.run("up", "local")
    file.write_text(before)
    assert refused.returncode == 1
    protected = sorted(project.protected("local"))
    assert f"{len(protected)} protected resources would be lost; nothing was changed" in refused.stderr
    assert re.findall(r"--allow '(.*)'", refused.stderr) == protected


def test_no_object_that_carries_the_stacks_tag_is_missing_from_its_state(region):
    report = region.project.report("orphans", "local")
    assert (report["declared"], report["orphans"]) == ([], [])


def test_secrets_stand_nowhere_in_the_state_in_plain_text(region):
    project = region.project
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


def test_the_state_holds_no_stack_trace_of_what_the_program_registers(region):
    with_trace = [each["type"] for each in region.project.state("local")["resources"] if "stackTrace" in each]
    assert with_trace in ([], ["pulumi:pulumi:Stack"]), "the SDK registers the stack itself before the program runs"


def test_destroy_names_what_is_protected_and_then_leaves_state_and_both_clouds_empty_and_no_process(region):
    project = region.project
    refused = project.run("destroy", "local")
    assert (refused.returncode, "5 protected resources would be lost" in one_sentence(refused)) == (1, True)
    named = [line.split("'")[1] for line in refused.stderr.splitlines() if "--unprotect" in line]
    report = project.report("destroy", "local", *(word for urn in named for word in ("--unprotect", urn)))
    assert [item for item in report["left"] if not item["note"]] == []
    assert report["orphans"] == []
    assert [(one["type"], one["monthly_usd"], bool(one["expires"])) for one in report["declared"]] == [
        ("key", 0.0, True)
    ]
    assert not project.state("local").get("resources")
    assert project.processes_left() == []
