"""The shipped stacks, each read and recorded once per test session: a recording of prod takes seconds."""

from functools import cache
from pathlib import Path

from plan.document import record_stack
from plan.recorder import Recording
from plan.registration import RecordedResource
from stacks.settings import StackSettings, parse_settings, read_stack_file

ROOT = Path(__file__).resolve().parent.parent
STACKS = ("local", "dev", "prod")


@cache
def settings_of(stack: str) -> StackSettings:
    """The settings in the stack's committed file."""
    return parse_settings(read_stack_file(ROOT / f"Pulumi.{stack}.yaml"))


@cache
def recording_of(stack: str) -> Recording:
    """The stack's program as registered; every test reads the same one, so none may change it."""
    return record_stack(stack, settings_of(stack))


def leaves(recording: Recording) -> list[RecordedResource]:
    """What a provider makes: no components, no provider resources."""
    return [r for r in recording.resources if r.is_leaf]
