"""The real engine in an unsteady cloud: seeds of which it is known what befalls the stack `local`."""

import json

import pytest

from tests.end_to_end.conftest import one_sentence, wait_for

pytestmark = pytest.mark.engine
NO_NODES = "23"  # the seed by which no zone of `local` has capacity for its system pool


def met(project) -> dict:
    """What the cloud met in its last run; it writes that down as it leaves, and this takes it away."""
    path = project.folder("local") / "cloud" / "faults.json"
    wait_for(path.exists)
    told = json.loads(path.read_text())
    path.unlink()
    return told["met"]


def test_a_seed_that_is_none_is_refused_before_anything_is_done(project):
    done = project.run("up", "local", environment={"GAME_REGIONS_FAULTS": "seven"})
    assert done.returncode == 1
    assert "GAME_REGIONS_FAULTS is 'seven': it must be a whole number" in one_sentence(done)


@pytest.mark.drill
def test_a_run_without_capacity_fails_in_one_sentence_and_the_next_one_converges(project):
    faults = {"GAME_REGIONS_FAULTS": NO_NODES}
    failed = project.run("up", "local", environment=faults)
    assert failed.returncode == 1
    error = one_sentence(failed)
    assert "mmorpg-local:mmorpg-local-system-" in error
    assert "CREATE_FAILED: AsgInstanceLaunchFailures" in error
    assert met(project)["InsufficientInstanceCapacity"] == 1

    again = project.ok("up", "local", environment=faults)
    assert "deleted, as its create had failed for good: urn:pulumi:local::" in again.stdout + again.stderr
    assert met(project)["ThrottlingException"] >= 1
    assert not [it["urn"] for it in project.state("local")["resources"] if it.get("initErrors")]

    gone = json.loads(project.ok("destroy", "local", "--json", environment=faults).stdout)
    assert [item["note"] for item in gone["left"]] == ["deletion is scheduled"], "only the key, which AWS keeps a while"
    assert met(project)["ThrottlingException"] >= 1
