"""What is kept of one engine run, from its events: counts, types, error sentences; and a line of progress meanwhile."""

from __future__ import annotations

import re
import time
from collections import Counter

from pulumi.automation import EngineEvent, OpType, StepEventMetadata

from automation.guard import Step
from automation.progress import Progress

_ENGINE_NOISE = re.compile(r"^(update|preview|destroy|refresh) failed$", re.IGNORECASE)


class RunEvents:
    """Follows one engine run; hand `take` to the Automation API as `on_event`."""

    def __init__(self, verb: str, progress: Progress) -> None:
        self.errors: list[str] = []
        self.warnings: list[str] = []
        self.changes: Counter[str] = Counter()
        """Operation -> how many resources, as the engine's own summary counts them."""
        self.types: Counter[str] = Counter()
        """Resource type -> how many resources of it the run touched or found unchanged."""
        self.steps: list[Step] = []
        """What the run does, or a preview would do, to each resource."""
        self._verb = verb
        self._progress = progress
        self._started = time.monotonic()

    @property
    def seconds(self) -> float:
        """Since the run began."""
        return time.monotonic() - self._started

    def take(self, event: EngineEvent) -> None:
        """Take one event of the engine."""
        if event.diagnostic_event is not None:
            self._diagnostic(event.diagnostic_event.severity, event.diagnostic_event.message)
        elif event.summary_event is not None:
            self.changes.update({OpType(op).value: n for op, n in event.summary_event.resource_changes.items()})
        elif event.resource_pre_event is not None:
            self.steps.append(_step(event.resource_pre_event.metadata))
        elif event.res_outputs_event is not None:
            metadata = event.res_outputs_event.metadata
            self.types[metadata.type] += 1
            self._progress(self._verb, f"{self.types.total()} resources, last {metadata.urn.rsplit('::', 1)[-1]}")

    def _diagnostic(self, severity: str, message: str) -> None:
        text = _plain(message)
        kept = {"error": self.errors, "warning": self.warnings}.get(severity)
        if kept is not None and text and text not in kept and not _ENGINE_NOISE.match(text):
            kept.append(text)


def _step(metadata: StepEventMetadata) -> Step:
    changed = metadata.diffs or [path.partition(".")[0].partition("[")[0] for path in metadata.detailed_diff or {}]
    return Step(
        operation=OpType(metadata.op).value,
        urn=metadata.urn,
        type=metadata.type,
        changed=tuple(sorted(set(changed))),
        old=metadata.old.inputs if metadata.old else None,
        new=metadata.new.inputs if metadata.new else None,
    )


def _plain(message: str) -> str:
    """The engine's message without its colour marks and the wrappers it puts around one error."""
    text = re.sub(r"<\{%[^%]*%\}>", "", message).strip()
    return re.sub(r'^(error: )?(1 error occurred:\s*\*\s*)?(before hook "[^"]*" failed: )?', "", text)
