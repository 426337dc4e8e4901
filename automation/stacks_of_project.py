"""Which stack a command is about, its settings, and the cloud it will touch."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from automation.errors import BadUsage
from stacks.settings import StackSettings, parse_settings, read_stack_file

ROOT = Path(__file__).resolve().parent.parent
# What the engine accepts, without the organisation's slash: a name is also a file name.
_NAME = re.compile(r"^[a-z0-9][a-z0-9._-]{0,99}$")


@dataclass(frozen=True)
class ChosenStack:
    """A stack of this project with valid settings."""

    name: str
    settings: StackSettings
    cloud: Literal["embedded", "aws"]

    @property
    def where(self) -> str:
        """The cloud in words, said before anything is touched."""
        if self.cloud == "embedded":
            return "the embedded cloud on this machine; nothing real is touched"
        places = ", ".join(f"{name} in {region.aws.region}" for name, region in self.settings.regions.items())
        return f"AWS ({places})"


def choose(stack: str, embedded: bool = False) -> ChosenStack:
    """The stack and its cloud. BadUsage for an unknown name, SettingsError for a file that cannot be used."""
    settings = parse_settings(read_stack_file(stack_file(stack)))
    return ChosenStack(stack, settings, "embedded" if embedded else settings.cloud)


def stack_file(stack: str) -> Path:
    """The committed file of a stack; BadUsage if there is none."""
    if not _NAME.match(stack):
        raise BadUsage(
            f"stack {stack!r}: a stack's name has 1 to 100 lower-case letters, digits, dots, hyphens or underscores; "
            f"this project has {_known()}"
        )
    path = ROOT / f"Pulumi.{stack}.yaml"
    if not path.is_file():
        raise BadUsage(f"stack {stack!r}: there is no {path.name}; this project has {_known()}")
    return path


def _known() -> str:
    return ", ".join(sorted(path.name.split(".", 1)[1].removesuffix(".yaml") for path in ROOT.glob("Pulumi.*.yaml")))
