"""The commands that need neither engine nor cloud: the plan, and its rendering as files."""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from automation.errors import Refused
from automation.stacks_of_project import ChosenStack
from automation.virtual_clock import show_makespans
from plan import document
from plan.document import record_stack
from plan.registration import RecordedResource


def plan(chosen: ChosenStack, *, as_json: bool, console: Console) -> None:
    """Print the plan of a stack; Refused if a finding forbids it."""
    recording = record_stack(chosen.name, chosen.settings)
    planned = document.document(recording, chosen.settings)
    if as_json:
        sys.stdout.write(document.to_json(planned))
    else:
        _show(planned, console)
        for sentence in recording.warnings:
            console.print(f"warning: {sentence}", highlight=False, markup=False, soft_wrap=True)
        show_makespans(recording, console)
    forbidding = document.errors(planned)
    if forbidding:
        raise Refused("\n".join(finding["message"] for finding in forbidding))


def _show(planned: dict[str, Any], console: Console) -> None:
    resources = planned["resources"]
    table = Table(show_edge=False, pad_edge=False)
    for heading in ("region", "resources", "AWS", "Kubernetes", "components", "protected"):
        table.add_column(heading, justify="left" if heading == "region" else "right")
    for region in dict.fromkeys([*planned["regions"], *(resource["region"] for resource in resources)]):
        own = [resource for resource in resources if resource["region"] == region]
        kinds = Counter(resource["type"].partition(":")[0] for resource in own)
        protected = sum(resource["protect"] for resource in own)
        counts = (len(own), kinds["aws"], kinds["kubernetes"], kinds["gameregions"], protected)
        table.add_row(region, *(str(count) for count in counts))
    console.print(table)
    _show_placement(planned["placement"], console)
    _show_recovery(planned["recovery"], console)
    for finding in planned["findings"]:
        if finding["severity"] == "error":
            continue  # these end the command, as its error
        console.print(f"{finding['severity']}: {finding['message']}", highlight=False, markup=False)
    console.print(f"{len(resources)} resources, {len(planned['findings'])} findings", highlight=False)


def _show_placement(placement: dict[str, Any], console: Console) -> None:
    """The estimate of each pool that has nodes, and what each region keeps when it loses a zone."""
    table = Table(show_edge=False, pad_edge=False)
    table.add_column("region", no_wrap=True)
    for heading in ("pool", "of type"):
        table.add_column(heading, overflow="fold")
    for heading in ("nodes", "pods", "own/node", "CPU %", "mem %"):  # own: not of a DaemonSet
        table.add_column(heading, justify="right")
    for region, figures in placement.items():
        for pool in figures["pools"]:
            if pool["nodes"]:
                keys = ("nodes", "pods", "podsPerNode", "cpuPercent", "memoryPercent")
                types = ", ".join(pool["instanceTypes"])
                table.add_row(region, pool["name"], types, *(str(pool[key]) for key in keys))
    console.print(table)
    for region, figures in placement.items():
        if figures["zoneLoss"]:
            zone, worst = min(figures["zoneLoss"].items(), key=_seats_and_pods)
            waiting = len(worst["pending"])
            text = f"{region}: {figures['seats']} seats; without {zone} {worst['seats']}, pods that wait: {waiting}"
            console.print(text, highlight=False, markup=False)


def _show_recovery(figures: dict[str, Any], console: Console) -> None:
    """What each region's data systems take to come back; regions that are alike are told together."""
    alike: dict[str, list[str]] = {}
    for region, found in figures.items():
        for figure in found:
            measured = f", measured {figure['measured']:g} s" if figure["measured"] is not None else ""
            text = f"{figure['what']} {figure['seconds']:g} s{measured}, promised {figure['promised']:g} s"
            alike.setdefault(text, []).append(region)
    for text, regions in alike.items():
        console.print(f"{', '.join(regions)}: {text}", highlight=False, markup=False, soft_wrap=True)


def _seats_and_pods(loss: tuple[str, dict[str, Any]]) -> tuple[int, int]:
    """Lower is worse: seats that are left, then the pods that wait."""
    return loss[1]["seats"], -len(loss[1]["pending"])


def render(chosen: ChosenStack, output: Path, *, console: Console) -> None:
    """Write the stack's manifests, chart values and AWS calls below `output`."""
    from plan.render import RenderError
    from plan.render import render as write

    recording = record_stack(chosen.name, chosen.settings)
    try:
        files = write(recording, list(chosen.settings.regions), output, _calls_of)
    except RenderError as refusal:
        raise Refused(str(refusal)) from refusal
    console.print(f"{files} files in {output}", highlight=False)


def _calls_of(resource: RecordedResource) -> list[dict[str, Any]]:
    """The API calls that the embedded cloud's own table makes for a resource."""
    from embedded.aws.calls import calls

    return calls(resource.type, resource.document()["inputs"])
