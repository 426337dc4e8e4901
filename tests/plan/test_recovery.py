"""Failover, loss and restore in the plan: reckoned from the settings, held against what is promised and measured."""

import copy

from automation.stacks_of_project import ROOT
from plan.recovery import Figure, findings, recovery
from stacks.settings import StackSettings, parse_settings, read_stack_file


def dev() -> StackSettings:
    return parse_settings(read_stack_file(ROOT / "Pulumi.dev.yaml"))


def test_a_failover_stays_below_23_s_by_the_settings_and_as_measured():
    found = {figure.what: figure for figure in recovery(dev())["us-east"]}
    assert found["failover of MySQL"].seconds < 23
    assert found["failover of Redis"].seconds == 11.0
    for name in ("MySQL", "Redis"):
        figure = found[f"failover of {name}"]
        assert figure.measured is not None
        assert figure.measured < figure.seconds, "what was measured is no longer than what the settings allow for"


def test_what_is_lost_and_how_long_a_restore_takes_are_told_with_their_sums():
    found = {figure.what: figure for figure in recovery(dev())["us-east"]}
    assert (found["data lost (RPO)"].seconds, found["data lost (RPO)"].promised) == (660, 900)
    assert (found["restore (RTO)"].seconds, found["restore (RTO)"].promised) == (1696, 1800)
    assert found["data lost (RPO)"].sum_of.endswith("= 660 s")


def test_a_region_without_data_has_nothing_to_tell():
    raw = copy.deepcopy(dict(read_stack_file(ROOT / "Pulumi.dev.yaml")))
    del raw["regions"]["us-east"]["data"]
    assert recovery(parse_settings(raw)) == {"us-east": []}


def test_a_broken_promise_is_an_error_with_its_arithmetic():
    figure = Figure(what="restore (RTO)", seconds=2000, promised=1800, sum_of="1000 s + 1000 s")
    (finding,) = findings("dev", {"us-east": [figure]})
    assert finding.severity == "error"
    assert finding.message == (
        "us-east: restore (RTO) takes 2000 s (1000 s + 1000 s), above the promised 1800 s; lower what the sum is made "
        "of"
    )
