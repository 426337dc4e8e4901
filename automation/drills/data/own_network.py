"""Drills in a network of pods: a process that has its network to itself runs them, and reports to the caller's."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType

from automation.data_servers import DataServers, find_servers
from automation.drills.data import mysql_cut, rabbitmq, redis_cut
from automation.drills.data.pod_network import own_network, refusal
from automation.drills.data.waiting import DrillFailed
from automation.drills.live.verdict import Verdict

ROOT = Path(__file__).parents[3]
LIMIT_SECONDS = 900

_DRILLS: Mapping[str, Callable[[DataServers, Path, Verdict], None]] = MappingProxyType(
    {"mysql": mysql_cut.run, "rabbitmq": rabbitmq.run, "redis": redis_cut.run}
)


def cut(name: str, place: Path, verdict: Verdict) -> None:
    """The cut of `mysql` or `redis`, as `drill` does it; where none can be made it says so."""
    reason = refusal()
    if reason is None:
        drill(name, place, verdict)
    else:
        verdict.told(reason)


def drill(name: str, place: Path, verdict: Verdict) -> None:
    """One of the drills, with files in `place`, a new folder, on a machine where `refusal` is None."""
    place.mkdir()
    command = own_network([sys.executable, "-P", "-m", __name__, name, str(place)])
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, timeout=LIMIT_SECONDS, check=False)
    if done.returncode:
        verdict.judge("", [f"the drill {name} in a network of its own ended with {done.returncode}"])
        return
    report = json.loads(done.stdout)
    verdict.held += report["held"]
    verdict.broken += report["broken"]
    for heading, figures in report["figures"].items():
        verdict.measured(heading, **figures)


def main(name: str, place: Path) -> None:
    """In the network that `drill` gave: the report goes to standard output, sentences to standard error."""
    verdict = Verdict(told=_say)
    servers = find_servers()
    assert isinstance(servers, DataServers), servers
    try:
        _DRILLS[name](servers, place, verdict)
    except DrillFailed as failure:
        verdict.judge("", [str(failure)])
    json.dump(verdict.report(), sys.stdout)


def _say(line: str) -> None:
    sys.stderr.write(f"{line}\n")


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
