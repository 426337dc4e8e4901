"""Pulumi's official installer, run so that it can neither hang nor leave half a CLI behind."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

from automation.network import reachable
from automation.progress import Progress

HOST = "get.pulumi.com"
INSTALL_SECONDS = 180.0
STEP = f"installing the Pulumi CLI from {HOST}:"

# A process of its own: PulumiCommand.install downloads without any timeout.
_PROGRAM = "import sys; from pulumi.automation import PulumiCommand; PulumiCommand.install(root=sys.argv[1])"


def install(target: Path, progress: Progress, *, log: Path) -> bool:
    """Put the release that fits the SDK into the folder `target`; False if that did not work, the reason in `log`.

    The host is asked for first, so that a machine without network waits 2 seconds, not a download's timeout.
    """
    if not reachable(HOST):
        return False
    progress(STEP, f"at most {INSTALL_SECONDS / 60:.0f} minutes")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=target.parent) as folder:
            if not _run([sys.executable, "-c", _PROGRAM, folder], log):
                return False
            # What is in the way is unusable, or nobody would be installing.
            shutil.rmtree(target, ignore_errors=True)
            (Path(folder) / "bin").replace(target)
    except OSError:
        return False
    return True


def _run(command: list[str], log: Path) -> bool:
    with log.open("w") as report:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=report, stderr=report, start_new_session=True
        )
        try:
            return process.wait(timeout=INSTALL_SECONDS) == 0
        except subprocess.TimeoutExpired:
            return False
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
