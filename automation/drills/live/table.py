"""The drills on real control planes: name, what each one does, and the module whose `run(stack, verdict)` is it."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

LIVE: Final[Mapping[str, str]] = MappingProxyType(
    {
        "az-loss": "Lose a zone of each region: who keeps running, who waits and for what, and was it foreseen.",
        "node-loss": "Lose a node of each managed pool with all that stands on it.",
        "drain": "Drain the nodes of a busy and an idle world: only the idle one goes.",
        "rolling-update": "Give everything new images: never fewer ready pods than promised, worlds one at a time.",
        "quota": "Scale something without end in the game's namespace: its quota stops it.",
        "upgrade": "Swap every managed node for one of a new generation.",
        "drift": "Edit live objects by hand: refresh shows it, up repairs it.",
        "restart": "Kill an API server in the middle of an up: the next up converges.",
    }
)


def module_of(name: str) -> str:
    """The drill's module."""
    return f"automation.drills.live.{name.replace('-', '_')}"
