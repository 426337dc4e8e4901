"""The program run on Pulumi's mock monitor, every registration kept as the engine would get it.

What differs from plain mocks: URNs are the engine's own, a URN may be registered once, resource transforms
run, nothing is ever looked up, and an output that no provider is known to compute is refused where it is
used. Runs are independent of each other and of the order in which registrations arrive.
"""

import asyncio
import contextvars
import gc
import logging
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pulumi
from pulumi.runtime import mocks, set_all_config, settings
from pulumi.runtime.stack import run_in_stack

from plan.monitor import LocalCallbacks, OneThreadLoop, Recorder
from plan.registration import RecordedResource
from stacks.check_names import EDGE
from stacks.rules import Finding

PROJECT = "game-regions"

Program = Callable[[], Mapping[str, Any] | object | None]


@dataclass(frozen=True)
class Recording:
    """A program as it was registered: resources sorted by URN, stack outputs, findings over single resources.

    In `outputs` secrets are "[secret]" and what only a cloud knows is `${URN#property}`. `warnings` is what an engine
    would have shown as a warning or an error, as the program logged it.
    """

    stack: str
    resources: list[RecordedResource]
    outputs: dict[str, Any]
    findings: list[Finding] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    def by_urn(self) -> dict[str, RecordedResource]:
        """The resources by URN."""
        return {resource.urn: resource for resource in self.resources}


def record(
    program: Program,
    *,
    project: str = PROJECT,
    stack: str,
    config: Mapping[str, str] | None = None,
    regions: Iterable[str] = (),
) -> Recording:
    """Run `program` and return all that it registered; a mapping it returns becomes the stack's outputs.

    `config` holds the stack's configuration by full key ("game-regions:cloud"), `regions` the names that
    logical names begin with. Whatever the program raises is raised here; RecorderError says what no engine
    would accept.
    """
    context = contextvars.copy_context()
    with _collector_off():
        return context.run(_record, program, project, stack, dict(config or {}), [*regions, EDGE])


@contextmanager
def _collector_off() -> Iterator[None]:
    # Nearly all that a run makes lives to its end, and walking it again and again takes as long as the run itself;
    # what is not collected in time was measured as 12 KB per resource.
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def _record(program: Program, project: str, stack: str, config: dict[str, str], regions: list[str]) -> Recording:
    loop = OneThreadLoop()
    # A refusal is raised once, below; asyncio would log it again for every output that waits for it.
    loop.set_exception_handler(lambda _loop, _context: None)
    recorder = Recorder(project, stack, regions)
    warnings = _Warnings()
    try:
        _configure(recorder, warnings, project, stack, config)
        loop.run_until_complete(run_in_stack(lambda: _run(program)))
    finally:
        _close(loop)
    return Recording(
        stack=stack,
        resources=sorted(recorder.recorded.values(), key=lambda resource: resource.urn),
        outputs=recorder.outputs,
        findings=sorted(set(recorder.findings), key=lambda finding: (finding.urn, finding.rule, finding.message)),
        warnings=warnings.said,
    )


class _Warnings(logging.Handler):
    """Keeps what an engine would show as a warning or an error."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.said: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.said.append(record.getMessage())


def _configure(recorder: Recorder, warnings: logging.Handler, project: str, stack: str, config: dict[str, str]) -> None:
    logger = logging.Logger(project)  # of this run alone, and not the process's
    logger.addHandler(warnings)
    fresh = settings.Settings(
        project=project,
        stack=stack,
        monitor=recorder,
        engine=mocks.MockEngine(logger),
        dry_run=False,
    )
    settings.configure(fresh)
    settings.SETTINGS.callbacks = LocalCallbacks(recorder)
    # The root belongs to a run; one left over from a program run before would refuse the next.
    settings.ROOT.set(None)
    set_all_config({"pulumi:disable-default-providers": '["*"]', **config}, [])


async def _run(program: Program) -> None:
    outputs = program()
    if isinstance(outputs, Mapping):
        for name, value in outputs.items():
            pulumi.export(name, value)
    # The SDK would wait for the first of all pending outputs, over and over: the square of their number.
    while pending := list(settings.SETTINGS.outputs):
        await asyncio.gather(*pending)


def _close(loop: asyncio.AbstractEventLoop) -> None:
    loop.run_until_complete(_cancel_all(asyncio.all_tasks(loop)))
    loop.close()


async def _cancel_all(tasks: set[asyncio.Task[Any]]) -> None:
    # After a refusal, registrations still wait for outputs that never come.
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
