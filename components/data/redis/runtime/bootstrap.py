"""The Job: `python -m runtime.bootstrap` makes one cluster of the pods, or of a standing one a larger one."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Mapping

from .acting import LOOK_POLL, perform, until_done
from .building import decide_bootstrap
from .kube import Zones, zones_from
from .pods import Place, Pods
from .steps import Decision
from .topology import View

WAIT_SECONDS = 600


def run(environment: Mapping[str, str], say: Callable[[str], None]) -> int:
    """0 where the cluster stands as it should; 1 where it does not, with a table of what there is."""
    place = Place.of(environment)
    return steer(place, environment, lambda view: decide_bootstrap(view, place.port), say)


def steer(
    place: Place, environment: Mapping[str, str], decide: Callable[[View], Decision], say: Callable[[str], None]
) -> int:
    """Do as `decide` says until it has nothing left to do."""
    seconds = float(environment.get("REDIS_WAIT_SECONDS", WAIT_SECONDS))
    pods = Pods(place)
    try:
        zones = wait_for_zones(zones_from(environment), place.pods, seconds, say)
        return until_done(
            lambda: pods.look(zones),
            decide,
            lambda view, step: perform(pods, view, step, say),
            seconds=seconds,
            say=say,
        )
    except (TimeoutError, ValueError) as problem:
        say(str(problem))
        return 1
    finally:
        pods.close()


def wait_for_zones(zones: Zones, pods: tuple[str, ...], seconds: float, say: Callable[[str], None]) -> dict[str, str]:
    """Zones of all `pods`. TimeoutError where they are not known in time."""
    deadline, told = time.monotonic() + seconds, ""
    while True:
        try:
            found = zones.of(pods)
            problem = f"no zone of {', '.join(pod for pod in pods if pod not in found)}"
            if len(found) == len(pods):
                return found
        except OSError as unknown:
            problem = f"no zones: {unknown}"
        if problem != told:
            told = problem
            say(told)
        if time.monotonic() > deadline:
            raise TimeoutError(f"{problem}, for {seconds:.0f} s")
        time.sleep(LOOK_POLL)


def say_aloud(text: str) -> None:
    """To the log."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(run(os.environ, say_aloud))
