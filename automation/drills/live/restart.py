"""The API server of a region killed in the middle of an up: that up fails, the next finishes what it had begun."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from typing import Final

from automation.drills.live.stack import LiveStack
from automation.drills.live.verdict import Verdict
from automation.drills.live.waits import until
from automation.drills.rehearsal import clean_environment
from embedded.control_plane.plane import API
from embedded.kubernetes.errors import ApiError

_BEGUN_SECONDS: Final = 300.0
_ENDED_SECONDS: Final = 900.0


def run(stack: LiveStack, verdict: Verdict) -> None:
    """Kill the first region's API server as soon as the game's namespace is there."""
    region, settings = next(iter(stack.settings.regions.items()))
    command = [sys.executable, "-m", "automation", "up", stack.name, "--embedded", "--control-plane", "--yes", "--json"]
    with subprocess.Popen(
        command,
        cwd=stack.rehearsal.root,
        env=clean_environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    ) as first:
        try:
            until("the up does not get there", _BEGUN_SECONDS, lambda: _before(stack, region, settings.namespace.name))
            _kill(stack, region)
            _, said = first.communicate(timeout=_ENDED_SECONDS)
        finally:
            first.kill()
    errors = [line for line in said.splitlines() if line.startswith("error: ")]
    verdict.told(f"{region}: API server killed, the up ended with {first.returncode}: {' '.join(errors)[:300]}")
    verdict.judge(
        "an up whose API server dies says so", [] if first.returncode else ["the up went on as if nothing had been"]
    )
    if left := stack.rehearsal.processes_left():
        raise AssertionError(f"processes left by the up whose API server died: {left}")
    began = time.monotonic()
    finished = stack.up("--control-plane")["changes"]
    seconds = round(time.monotonic() - began, 1)
    again = {kind: count for kind, count in stack.up()["changes"].items() if kind != "same"}
    verdict.judge(
        f"{region}: the next up made the other {finished.get('create', 0)} resources in {seconds} s, then none changed",
        [f"a third up still changes {again}"] if again else [],
    )
    orphans = stack.rehearsal.report("orphans", stack.name, "--embedded")["orphans"]
    verdict.judge("nothing was made twice or forgotten: no orphans", [f"orphan: {one}" for one in orphans])
    verdict.measured(region, made_by_the_next_up=finished.get("create", 0), next_up_seconds=seconds)


def _before(stack: LiveStack, region: str, namespace: str) -> list[str]:
    """What is still to come before the kill."""
    server = stack.answering(region)
    if server is None:
        return ["the API server does not answer"]
    try:
        server.ask("GET", f"/api/v1/namespaces/{namespace}")
    except ApiError as refusal:
        return [refusal.message]
    return []


def _kill(stack: LiveStack, region: str) -> None:
    (process,) = (process for process in stack.plane(region).processes() if process.name == API)
    pid = process.pid()
    if pid is None:
        raise AssertionError(f"the API server of {region} ended by itself")
    os.kill(pid, signal.SIGKILL)
