"""The figures of docs/makespan.md are those of the shipped stacks."""

import re
from itertools import chain

import pytest

from plan.at_once import operations_at_once
from plan.makespan import lines, makespans, minutes
from plan.turns import seconds_with
from tests.shipped import ROOT, recording_of, settings_of

PAGE = (ROOT / "docs" / "makespan.md").read_text(encoding="utf-8")
NO_LIMIT = 1_000_000


@pytest.mark.parametrize("stack", ["local", "dev", "prod"])
def test_a_stack_takes_as_long_as_the_page_says_with_each_limit(stack: str):
    limits = (8, operations_at_once(len(settings_of(stack).regions)), NO_LIMIT)
    told = [minutes(seconds_with(recording_of(stack), at_once)) for at_once in limits]
    assert f"| `{stack}` | {' | '.join(told)} |" in PAGE


def test_what_a_plan_prints_is_shown_as_it_prints_it():
    (shown,) = re.findall(r"```text\n(us-east: .*?)```", PAGE, re.DOTALL)
    recording = recording_of("prod")
    printed = {*chain(*map(lines, makespans(recording)))}
    *of_region, whole = shown.splitlines()
    assert {line for line in of_region if not line.endswith("; ...")} <= printed
    assert whole == f"prod: {minutes(seconds_with(recording, 64))} in all, 64 operations at once"
