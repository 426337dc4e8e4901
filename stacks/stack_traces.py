"""The SDK's stack traces, left out of what the engine keeps."""

from pulumi.runtime import resource
from pulumi.runtime.proto import source_pb2


def leave_out_stack_traces() -> None:
    """Register resources without the Python stack that made them.

    The SDK sends some twenty frames with each resource, by the paths of the machine it runs on, and has no switch for
    it. The engine keeps them in the state and writes the state anew at every step: they were half of it
    (docs/decisions/0016-no-stack-traces-in-the-state.md).
    """
    resource._get_stack_trace = source_pb2.StackTrace
