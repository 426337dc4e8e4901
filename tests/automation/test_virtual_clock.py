"""What is told of the virtual clock: by `plan`, and by the report of a first `up`."""

import io
from dataclasses import replace

from rich.console import Console

from automation.virtual_clock import report, show_makespans
from plan.makespan import lines, makespans
from plan.recorder import Recording
from tests.shipped import recording_of


def shown(recording: Recording) -> list[str]:
    console = Console(file=io.StringIO(), width=60)
    show_makespans(recording, console)
    return console.file.getvalue().splitlines()


def test_each_region_has_a_line_with_both_times_and_lines_are_never_broken():
    recording = recording_of("dev")
    (found,) = makespans(recording)
    printed = shown(recording)
    assert printed == [*lines(found), "dev: 16 min 21 s in all, 16 operations at once"]
    assert printed[0].startswith("us-east: ")
    assert " to come up on the virtual clock, " in printed[0]


def test_a_type_without_a_figure_is_said_and_ends_no_plan():
    recording = recording_of("local")
    strange = [replace(item, type="aws:ec2/instance:Instance") for item in recording.resources if ":Vpc" in item.type]
    assert report(replace(recording, resources=strange)) is None
    assert shown(replace(recording, resources=strange)) == [
        "aws:ec2/instance:Instance has no typical duration; add one with its source to plan/durations.py"
    ]


def test_a_program_is_told_the_same_in_seconds():
    recording = recording_of("dev")
    (found,) = makespans(recording)
    (told,) = report(recording)
    assert (told["region"], told["seconds"], told["necessary"]) == ("us-east", found.seconds, found.necessary)
    assert told["ratio"] == round(found.ratio, 3) <= 1.05
    assert told["lacking"] == []
    assert sum(wait["seconds"] for wait in told["waits"]) == found.seconds - found.necessary
