"""A drill's files go with it, but for those of a drill that failed: these say why."""

import json
from pathlib import Path

import pytest

from automation import stacks_of_project as project
from automation.drills.live.verdict import Verdict
from automation.drills.places import drill_place, end
from automation.errors import Refused


@pytest.fixture
def drills(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of all drills of a project that has had none yet."""
    monkeypatch.setattr(project, "ROOT", tmp_path)
    return tmp_path / ".regions" / "drills"


def ran(ending: BaseException | None = None) -> None:
    with drill_place("drill kill local", "local") as place:
        assert place.name.startswith("local-")
        (place / "state").write_text("of the drill")
        if ending:
            raise ending


def test_the_files_of_a_drill_that_held_are_gone(drills: Path):
    ran()
    assert [*drills.iterdir()] == []


@pytest.mark.parametrize("failure", [AssertionError("2 points did not converge"), Refused("2 points did not converge")])
def test_the_files_of_a_drill_that_failed_are_kept_and_named(drills: Path, failure: Exception):
    with pytest.raises(Refused) as caught:
        ran(failure)
    (kept,) = drills.iterdir()
    assert (kept / "state").exists()
    assert str(caught.value) == f"drill kill local: 2 points did not converge; its files are kept in {kept}"


@pytest.mark.parametrize("ending", [KeyboardInterrupt(), ValueError("a mistake of ours")])
def test_whatever_else_ends_a_drill_leaves_nothing_and_is_not_hidden(drills: Path, ending: BaseException):
    with pytest.raises(type(ending)):
        ran(ending)
    assert [*drills.iterdir()] == []


def test_a_drill_with_a_broken_promise_fails_after_it_has_reported(capsys: pytest.CaptureFixture[str]):
    verdict = Verdict(told=lambda _: None)
    verdict.judge("one primary", [])
    verdict.judge("", ["two primaries", "no primary"])
    with pytest.raises(AssertionError, match=r"^2 promises broke, the first: two primaries$"):
        end(verdict, {"drill": "mysql"}, as_json=True)
    assert json.loads(capsys.readouterr().out) == {
        "drill": "mysql",
        "held": ["one primary"],
        "broken": ["two primaries", "no primary"],
        "figures": {},
    }
