"""What a drill found: sentences of what held and what broke, and figures for programs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(kw_only=True)
class Verdict:
    """`told` hears each sentence as it comes. `figures` are by region."""

    told: Callable[[str], None]
    held: list[str] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)
    figures: dict[str, dict[str, Any]] = field(default_factory=dict)

    def judge(self, promise: str, problems: Sequence[str]) -> None:
        """`promise` holds if there are no problems; each of them is a sentence of its own."""
        for problem in problems:
            self.broken.append(problem)
            self.told(f"BROKEN {problem}")
        if not problems:
            self.held.append(promise)
            self.told(f"held   {promise}")

    def judge_time(self, what: str, seconds: float, promised: float) -> None:
        """`what` took `seconds`, and holds if no more are promised."""
        late = f"{what} after {seconds:.1f} s, promised are {promised:.0f} s"
        self.judge(f"{what} within {promised:.0f} s ({seconds:.1f} s)", [late] if seconds > promised else [])

    def measured(self, region: str, **figures: Any) -> None:
        """Figures of a region, by name."""
        self.figures.setdefault(region, {}).update(figures)

    def report(self) -> dict[str, Any]:
        """As programs read it."""
        return {"held": self.held, "broken": self.broken, "figures": self.figures}
