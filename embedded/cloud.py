"""The embedded cloud of one stack: AWS, its Kubernetes clusters, the journal that keeps them, in one process.

Run as `python -m embedded.cloud .regions/<stack>`. It serves on loopback while somebody is attached, and exits by
itself when the last user goes.
"""

from __future__ import annotations

import fcntl
import os
import sys
import threading
import time
from pathlib import Path

from embedded.client import ALREADY_UP, saved_port
from embedded.stack_folder import StackFolder
from embedded.start_up import collect_rarely


def main(root: str) -> int:
    """Serve until the last user goes; the exit code."""
    folder = StackFolder(Path(root))
    folder.cloud.mkdir(parents=True, exist_ok=True)
    lock = os.open(folder.cloud / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    if not _locked(lock, folder):
        return ALREADY_UP
    # Only the process that will serve pays for the libraries.
    collect_rarely()
    from embedded.aws.faults import BadSeed
    from embedded.server import PortTaken, serve

    try:
        serve(folder)
    except (PortTaken, BadSeed, OSError) as error:
        (folder.cloud / "error").write_text(str(error))
        return 1
    return 0


def _locked(lock: int, folder: StackFolder) -> bool:
    """Take the lock; False if another cloud serves. One that is just leaving is waited for."""
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
        except BlockingIOError:
            if _serving(folder):
                return False
            time.sleep(0.02)


def _serving(folder: StackFolder) -> bool:
    import socket

    port = saved_port(folder)
    if port is None:
        return False
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


if __name__ == "__main__":
    threading.current_thread().name = "cloud"
    sys.exit(main(sys.argv[1]))
