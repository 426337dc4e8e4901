"""A region moves to another stack on the real engine: its objects stay, and neither stack has anything to do for it."""

import json
import shutil

import pytest

from tests.end_to_end.conftest import copy_project, one_sentence

pytestmark = [pytest.mark.engine, pytest.mark.drill]


@pytest.fixture(scope="module")
def moved(engine, tmp_path_factory):
    """A copy of the project in which `local` came up, and its region went to `twin` in a move that was cut off."""
    del engine
    project = copy_project(tmp_path_factory.mktemp("move") / "project")
    shutil.copy2(project.root / "Pulumi.local.yaml", project.root / "Pulumi.twin.yaml")
    project.ok("up", "local")
    before = project.state_file("local").read_bytes()
    cloud = project.folder("local") / "cloud" / "journal.jsonl"
    journal = cloud.read_bytes()
    project.ok("move", "local", "--from", "local", "--to", "twin")
    # Cut off between its two writes, a move leaves the source as it was.
    project.state_file("local").write_bytes(before)
    cloud.write_bytes(journal)
    project.ok("move", "local", "--from", "local", "--to", "twin")
    return project


def test_a_move_that_was_cut_off_is_finished_by_the_next_with_nothing_lost_or_doubled(moved):
    assert [found["type"] for found in moved.state("local")["resources"]] == ["pulumi:pulumi:Stack"]
    urns = [found["urn"] for found in moved.state("twin")["resources"]]
    assert len(urns) == len(set(urns)) == 95
    assert not [urn for urn in urns if not urn.startswith("urn:pulumi:twin::")]


def test_the_secrets_of_a_moved_region_are_the_targets_own(moved):
    state = json.dumps(moved.state("twin"))
    assert '"plaintext"' not in state
    assert '"ciphertext"' in state


def test_the_target_has_nothing_to_create_replace_or_delete(moved):
    changes = moved.report("preview", "twin")["changes"]
    assert set(changes) == {"same", "update"}  # the tags that name the stack


def test_a_region_that_has_moved_is_not_there_to_move_again(moved):
    again = moved.run("move", "local", "--from", "local", "--to", "twin")
    assert (again.returncode, "has no such region; it has none" in one_sentence(again)) == (1, True)
