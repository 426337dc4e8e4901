"""What a command says at the end: to a person as tables, to a program as one JSON object."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from automation.declared import Declared
from automation.leftovers import Leftovers
from automation.live_clusters import live_lines
from automation.operations import Outcome
from automation.recovery import Recovered
from automation.stacks_of_project import ChosenStack
from embedded.aws.types import declared_types
from embedded.kubernetes.kinds import RELEASE

_WORDS = {
    "create": "created",
    "update": "updated",
    "delete": "deleted",
    "replace": "replaced",
    "create-replacement": "replacements created",
    "delete-replaced": "replaced deleted",
    "import": "imported",
    "same": "unchanged",
}
_WOULD = {
    "create": "to create",
    "update": "to update",
    "delete": "to delete",
    "replace": "to replace",
    "create-replacement": "replacements to create",
    "delete-replaced": "replaced to delete",
    "import": "to import",
    "same": "unchanged",
}


def show_up(
    chosen: ChosenStack,
    outcome: Outcome,
    *,
    as_json: bool,
    console: Console,
    live: Mapping[str, list[str]] | None = None,
) -> None:
    """Regions, endpoints, nodes, worlds and seats, duration, and what was rehearsed rather than done.

    `live`: what real API servers behind the embedded clusters said; None where there are none.
    """
    regions: Mapping[str, Any] = outcome.outputs.get("regions") or {}
    how = executed(outcome.resource_types) if chosen.cloud == "embedded" else None
    # Of a stack that comes up from nothing: what a smaller change takes, the clock does not reckon.
    first = how is not None and outcome.changes.get("create") and not outcome.changes.get("same")
    if as_json:
        makespan = _makespan(chosen, None) if first else None
        facts = {"regions": regions, "executed": how, "makespan": makespan, "live": live}
        print_json(_report(chosen, "up", outcome) | facts)
        return
    console.print(_regions_table(chosen, regions))
    for name in chosen.settings.regions:
        console.print(f"{name}: {regions[name]['endpoint']}", highlight=False, soft_wrap=True)
    if how is not None:
        console.print(_how_sentence(how, live is not None), highlight=False)
    for line in live_lines(live) if live is not None else ():
        console.print(line, highlight=False, soft_wrap=True)
    if first:
        _makespan(chosen, console)
    _say_end(outcome, "up", console)


def _makespan(chosen: ChosenStack, console: Console | None) -> list[dict[str, Any]] | None:
    """What the virtual clock says: to a person at the console, or without one to a program."""
    # Only a first `up` records the program here; the SDKs behind it would cost every other command a second.
    from automation.virtual_clock import report, show_makespans
    from plan.document import record_stack

    recording = record_stack(chosen.name, chosen.settings)
    if console is None:
        return report(recording)
    show_makespans(recording, console)
    return None


def show_changes(chosen: ChosenStack, verb: str, outcome: Outcome, *, as_json: bool, console: Console) -> None:
    """Counts of changes of a preview or refresh."""
    if as_json:
        print_json(_report(chosen, verb, outcome))
    else:
        _say_end(outcome, verb, console)


def show_destroy(
    chosen: ChosenStack,
    outcome: Outcome,
    left: list[dict[str, str]] | None,
    found: Leftovers | None,
    *,
    as_json: bool,
    console: Console,
) -> None:
    """What was deleted, what AWS still holds of it (None: it would not tell), and all that the embedded cloud holds
    (None: a real cloud, not asked).
    """
    if as_json:
        print_json(_report(chosen, "destroy", outcome) | {"left": left} | _leftovers_report(found))
        return
    _say_end(outcome, "destroy", console)
    for item in left or []:
        note = f" ({item['note']})" if item["note"] else ""
        console.print(f"left: {item['service']} {item['type']} {item['id']}{note}", highlight=False, markup=False)
    if left == []:
        console.print("nothing is left in the embedded cloud", highlight=False)
    if found is not None:
        _say_leftovers(found, console)


def show_orphans(chosen: ChosenStack, found: Leftovers, *, as_json: bool, console: Console) -> None:
    """What is left beside the stack's state."""
    if as_json:
        print_json({"stack": chosen.name, "cloud": chosen.cloud, "command": "orphans"} | _leftovers_report(found))
    else:
        _say_leftovers(found, console)


def _leftovers_report(found: Leftovers | None) -> dict[str, Any]:
    if found is None:
        return {"declared": None, "orphans": None, "unseen": None}
    return {
        "declared": [one.report() for one in found.declared],
        "orphans": [asdict(one) for one in found.orphans],
        "unseen": found.unseen,
    }


def _say_leftovers(found: Leftovers, console: Console) -> None:
    for one in found.declared:
        end = f", until {one.expires.isoformat()}" if one.expires else ""
        console.print(
            f"declared: {one.service} {one.type} {one.id}, {_cost(one)}{end}: {one.sentence}",
            highlight=False,
            soft_wrap=True,
        )
    if found.declared:
        total = sum(one.monthly_usd or 0 for one in found.declared)
        by_size = sum(one.monthly_usd is None for one in found.declared)
        rest = f", and by the GiB for {by_size} of them" if by_size else ""
        console.print(
            f"declared: {len(found.declared)} in all, {total:,.2f} USD a month by list prices of us-east-1{rest}",
            highlight=False,
        )
    for orphan in found.orphans:
        console.print(
            f"[bold red]orphan:[/] {orphan.service} {orphan.type} {orphan.id} {orphan.region}, made by "
            f"{escape(orphan.made_by)}; delete it by hand",
            highlight=False,
            soft_wrap=True,
        )
    for place in found.unseen:
        once = f"the stack stood there once: {escape(place)}"
        console.print(f"[yellow]warning:[/] {once}", highlight=False, soft_wrap=True)
    if not found.orphans:
        console.print("orphans: none", highlight=False)


def _cost(one: Declared) -> str:
    if one.monthly_usd is None:
        price = one.usd_per_gib_month
        return "at a price that depends on its kind" if price is None else f"{price} USD per GiB and month"
    return f"{one.monthly_usd:,.2f} USD a month ({one.yearly_usd:,.2f} a year)" if one.monthly_usd else "free"


def show_recovered(chosen: ChosenStack, done: Recovered, *, as_json: bool, console: Console) -> None:
    """What a recovery did."""
    if as_json:
        print_json(
            {
                "stack": chosen.name,
                "adopted": done.adopted,
                "forgotten": done.forgotten,
                "reread": done.reread,
                "locks": done.locks,
            }
        )
    elif done.anything:
        say_recovered(done, console)
    else:
        console.print("nothing to recover")


def say_recovered(done: Recovered, console: Console) -> None:
    """One line per kind of thing that a killed run had left."""
    lines = (
        (done.locks, "lock of a dead run removed"),
        (len(done.adopted), "object that an interrupted run had made, taken into the state"),
        (len(done.forgotten), "interrupted create that had made nothing, forgotten"),
        (len(done.reread), "interrupted update or delete, settled by reading the cloud"),
    )
    for count, what in lines:
        if count:
            console.print(f"recovered: {count} x {what}", highlight=False)


def show_outputs(values: Mapping[str, Any], *, as_json: bool, console: Console) -> None:
    """Outputs by name."""
    if as_json:
        print_json(values)
        return
    for name, value in values.items():
        console.print_json(json.dumps({name: value}, default=str))


def executed(types: Mapping[str, int]) -> dict[str, dict[str, int]]:
    """How many of the embedded resources were executed by moto, modelled by us, checked, or only recorded."""
    declared = declared_types()
    ways: dict[str, dict[str, int]] = {"executed": {}, "modelled": {}, "validated": {}, "recorded": {}}
    for type_, count in sorted(types.items()):
        if type_.startswith("aws:"):
            ways[declared[type_]][type_] = count
        elif type_ == RELEASE:
            ways["recorded"][type_] = count
        elif type_.startswith("kubernetes:"):
            ways["validated"][type_] = count
        elif type_.startswith("random:"):
            ways["executed"][type_] = count
    return ways


def _how_sentence(how: Mapping[str, Mapping[str, int]], live: bool) -> str:
    modelled = ", ".join(sorted(type_.rsplit(":", 1)[-1] for type_ in how["modelled"]))
    objects = "accepted by real API servers" if live else "validated and stored"
    rest = "nothing ran in the pods that were placed" if live else "no pod ran and no node booted"
    return (
        f"embedded: {sum(how['executed'].values())} resources executed, {sum(how['modelled'].values())} on our own "
        f"model of AWS ({modelled or 'none'}), {sum(how['validated'].values())} Kubernetes objects {objects}, "
        f"{sum(how['recorded'].values())} Helm releases recorded and not run; {rest}"
    )


def _regions_table(chosen: ChosenStack, regions: Mapping[str, Any]) -> Table:
    """One row per region, in the order of the stack file."""
    table = Table(show_edge=False, pad_edge=False)
    for heading in ("region", "in", "cluster", "nodes (min-max)", "worlds", "players"):
        table.add_column(heading, justify="right" if heading in ("worlds", "players") else "left")
    for name in chosen.settings.regions:
        facts = regions[name]
        zones = "".join(zone[-1] for zone in facts["zones"])
        table.add_row(
            name,
            f"{facts['aws_region']}[{zones}]".replace("[", "\\["),
            facts["cluster_name"],
            _nodes(facts["nodes"]),
            str(facts["worlds"]),
            f"{facts['players']:,}",
        )
    return table


def _nodes(pools: Mapping[str, Mapping[str, int]]) -> str:
    return "\n".join(f"{name} {pool['desired']} ({pool['min']}-{pool['max']})" for name, pool in pools.items())


def _report(chosen: ChosenStack, verb: str, outcome: Outcome) -> dict[str, Any]:
    return {
        "stack": chosen.name,
        "cloud": chosen.cloud,
        "command": verb,
        "changes": outcome.changes,
        "seconds": round(outcome.seconds, 1),
        "warnings": outcome.warnings,
    }


def _say_end(outcome: Outcome, verb: str, console: Console) -> None:
    for warning in outcome.warnings:
        console.print(f"[yellow]warning:[/] {escape(warning)}", highlight=False, soft_wrap=True)
    words = _WOULD if verb == "preview" else _WORDS
    counts = ", ".join(f"{count} {words.get(name, name)}" for name, count in sorted(outcome.changes.items()))
    changes = "0 changes" if outcome.changed == 0 else f"{outcome.changed} changes"
    console.print(
        f"[bold green]{verb}:[/] {changes} ({counts or 'nothing there'}) in {outcome.seconds:.1f} s", highlight=False
    )


def print_json(value: Mapping[str, Any]) -> None:
    """One JSON object on standard output, keys sorted."""
    print(json.dumps(value, ensure_ascii=False, sort_keys=True, indent=2))  # noqa: T201 - programs read it
