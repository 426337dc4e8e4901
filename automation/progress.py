"""What long work is doing now: one moving line on a terminal, a few plain lines elsewhere."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console

Progress = Callable[[str, str], None]  # (step, detail); the step is a phrase that stays, the detail moves on

PLAIN_LINE_SECONDS = 20.0  # a build log wants to show life, not every package


@contextmanager
def terminal_progress(console: Console) -> Iterator[Progress]:
    """A Progress that writes to `console` (standard error, so that --json output stays clean)."""
    if not console.is_terminal:
        yield _plain(console)
        return
    with console.status("") as status:
        yield lambda step, detail: status.update(f"{step} [dim]{detail}[/dim]")


def _plain(console: Console) -> Progress:
    shown = ""
    last = 0.0

    def report(step: str, detail: str) -> None:
        nonlocal shown, last
        now = time.monotonic()
        if step == shown and now - last < PLAIN_LINE_SECONDS:
            return
        shown, last = step, now
        console.print(f"{step} {detail}".rstrip(), markup=False, highlight=False, soft_wrap=True)

    return report
