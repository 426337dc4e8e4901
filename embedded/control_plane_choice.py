"""Whether a stack's Kubernetes clusters are real ones: a file in `.regions/<stack>` that `up --control-plane` writes.

It stays until the stack is destroyed, so that every later command, and the plain CLI, goes on with the same clusters.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from embedded.stack_folder import StackFolder, write_whole


@dataclass(frozen=True, kw_only=True)
class ControlPlaneChoice:
    """What the cloud needs to give each EKS cluster a control plane."""

    programs: Mapping[str, Path]
    """Path of each program by its name."""
    regions: Mapping[str, str]
    """Our name of the region by the name of its EKS cluster."""
    aws_regions: tuple[str, ...]
    """Where the clusters are."""


def chosen(folder: StackFolder) -> ControlPlaneChoice | None:
    """The stack's choice; None where its clusters are those of the embedded cloud itself."""
    try:
        said = json.loads(_file(folder).read_text())
    except FileNotFoundError:
        return None
    programs = {name: Path(path) for name, path in said["programs"].items()}
    return ControlPlaneChoice(programs=programs, regions=said["regions"], aws_regions=tuple(said["aws_regions"]))


def choose(folder: StackFolder, choice: ControlPlaneChoice) -> None:
    """From now on the stack's clusters have control planes."""
    programs = {name: str(path) for name, path in choice.programs.items()}
    said = {"programs": programs, "regions": dict(choice.regions), "aws_regions": choice.aws_regions}
    write_whole(_file(folder), json.dumps(said, indent=2))


def give_up(folder: StackFolder) -> None:
    """The next stack may choose anew."""
    _file(folder).unlink(missing_ok=True)


def _file(folder: StackFolder) -> Path:
    return folder.root / "control-plane.json"
