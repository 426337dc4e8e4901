"""What runs as `pulumi-resource-aws|kubernetes|random`: a stand-in that asks the stack's cloud to serve the engine.

The engine starts one such process per provider resource and reads a gRPC port from its output. This one has the
embedded cloud open that port and then only waits: for the engine to go, or for the cloud to.
Run as `python -IS plugin.py PROVIDER ENGINE_ADDRESS`; standard library only, so that it starts in milliseconds.
"""

from __future__ import annotations

import os
import select
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from embedded.client import CloudError, attach
from embedded.stack_folder import Interlock, StackFolder

WATCH_SECONDS = 0.3


def main(provider: str) -> int:
    """Serve until either side goes; the exit code."""
    engine = os.getppid()
    try:
        folder = StackFolder.of_environment(os.environ)
        attachment = attach(folder, provider, pids=(engine, os.getpid()))
    except (Interlock, CloudError) as refusal:
        sys.stderr.write(f"{refusal}\n")
        return 1
    sys.stdout.write(f"{attachment.provider_port}\n")
    sys.stdout.flush()
    while os.getppid() == engine:
        readable, _, _ = select.select([attachment.connection], [], [], WATCH_SECONDS)
        if readable and not attachment.connection.recv(4096):
            return 0
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
