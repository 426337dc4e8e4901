"""One row of the table: new values of settings, and what they do to every resource that they touch."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from tests.stacks.sample import changed
from tests.updates import Edit, Operations

REGION = "us-east"
_OF_STACK = frozenset({"protect", "registry", "edge", "peering"})


@dataclass(frozen=True)
class Row:
    """New values by their settings (of the region, or of the stack), and the operations on all that they touch.

    `refused` are those of them that the guard refuses until they are named.
    """

    settings: Mapping[str, Any]
    update: Sequence[str] = ()
    replace: Sequence[str] = ()
    create: Sequence[str] = ()
    delete: Sequence[str] = ()
    refused: Sequence[str] = field(default=(), kw_only=True)
    stack: Literal["dev", "prod"] = field(default="dev", kw_only=True)

    @property
    def operations(self) -> Operations:
        """The operations by the resources' whole names."""
        found = {"update": self.update, "replace": self.replace, "create": self.create, "delete": self.delete}
        return {whole(label): operation for operation, names in found.items() for label in names}

    def edit(self, raw: dict[str, Any]) -> None:
        """Write the new values into a stack file's settings."""
        for path, value in self.settings.items():
            part = raw if path.split(".")[0] in _OF_STACK else raw["regions"][REGION]
            changed(part, {path: value})


def whole(label: str) -> str:
    """A resource's whole name; the edge's stands already."""
    type_, name = label.split()
    return label if name.startswith("edge-") else f"{type_} {REGION}-{name}"


def batches(rows: Sequence[Row]) -> list[list[Row]]:
    """The rows in as few groups as their order gives, no resource and no setting twice in a group."""
    groups: list[tuple[set[str], list[Row]]] = []
    for row in rows:
        touched = {*row.operations, *row.settings}
        for taken, group in groups:
            if group[0].stack == row.stack and not taken & touched:
                taken |= touched
                group.append(row)
                break
        else:
            groups.append((touched, [row]))
    return [group for _, group in groups]


def together(rows: Sequence[Row]) -> Edit:
    """One edit that makes all their changes."""

    def edit(raw: dict[str, Any]) -> None:
        for row in rows:
            row.edit(raw)

    return edit
