"""How much the engine does at once on AWS is the stack's, and not the machine's."""

from contextlib import contextmanager
from typing import Any

import pytest
from rich.console import Console

from automation import lifecycle, operations
from automation.stacks_of_project import choose
from automation.workspace import Workspace


@contextmanager
def opened(workspace: Workspace, engine: Any, **options: Any) -> Any:
    del workspace, engine
    yield options["at_once"]


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> Any:
    """What a command says of a stack to whoever opens it."""
    monkeypatch.setattr(lifecycle, "ensure_engine", lambda _: None)
    monkeypatch.setattr(lifecycle, "open_stack", opened)
    monkeypatch.setattr(lifecycle, "choose_clusters", lambda *_, **__: None)

    def said(stack: str, *, embedded: bool) -> Any:
        with lifecycle._opened(choose(stack, embedded=embedded), Console(), create=True) as found:
            return found

    return said


def test_each_region_has_sixteen_operations_at_once(at_once: Any):
    assert at_once("dev", embedded=False) == 16
    assert at_once("prod", embedded=False) == 64


def test_a_rehearsal_in_which_nothing_takes_time_is_left_to_the_engine(at_once: Any):
    assert at_once("local", embedded=True) is None


@pytest.mark.parametrize(
    ("own", "asked", "given"),
    [(None, 64, {"PULUMI_PARALLEL": "64"}), ("5", 64, {}), (None, None, {})],
    ids=["the stack's", "whoever runs it has chosen", "left to the engine"],
)
def test_the_engine_is_told_by_its_own_variable(
    monkeypatch: pytest.MonkeyPatch, own: str | None, asked: int | None, given: dict[str, str]
):
    seen: list[dict[str, str]] = []
    monkeypatch.delenv("PULUMI_PARALLEL", raising=False)
    if own is not None:
        monkeypatch.setenv("PULUMI_PARALLEL", own)
    monkeypatch.setattr(operations, "_stack", lambda _workspace, _engine, environment, **_: seen.append(environment))
    engine: Any = None
    with operations.open_stack(Workspace("prod", None), engine, create=True, with_cloud=False, at_once=asked):
        assert seen == [given]
