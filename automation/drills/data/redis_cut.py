"""A master of Redis is cut off from the others while clients write on both sides."""

from __future__ import annotations

import ssl
import threading
import time
from contextlib import closing, suppress
from dataclasses import dataclass
from functools import partial
from itertools import count
from pathlib import Path

from automation.data_servers import DataServers
from automation.drills.data.pod_network import PodNetwork
from automation.drills.data.redis_clients import (
    PAUSE_SECONDS,
    Pulse,
    connect,
    key_of,
    lost,
    slot_of,
)
from automation.drills.data.redis_servers import DOMAIN, PODS, RedisPods
from automation.drills.data.waiting import DrillFailed, wait
from automation.drills.live.verdict import Verdict
from components.data.redis.config import NODE_TIMEOUT_MS
from components.data.redis.runtime.resp import RedisError, Unreachable
from components.data.redis.runtime.topology import Member

CUT_SECONDS = 12.0  # promised: clients on the others' side write again
# A master that hears no majority for a node timeout takes no more writes; it looks ten times a second, and asks
# each peer at least every half of it. valkey.io/topics/cluster-spec
REFUSED_SECONDS = NODE_TIMEOUT_MS / 1000 * 1.5 + 0.5
LIMIT_SECONDS = 60.0
SILENT_SECONDS = 3.0  # without a write taken: it refuses them
_HEADING = "network cut"


def run(servers: DataServers, place: Path, verdict: Verdict) -> None:
    """Six fresh servers in the caller's own network."""
    network = PodNetwork(place, {pod: f"{pod}.{DOMAIN}" for pod in PODS})
    with RedisPods(servers, place, network=network) as pods:
        pods.start()
        pods.wait_until_answering()
        founded = pods.job()
        if founded.returncode:
            raise DrillFailed(f"bootstrap ended with {founded.returncode}: {founded.stdout}")
        pods.heal()
        pods.wait_until_well()
        master = pods.view().masters[0]
        with Pulse(pods, key_of(pods, master.pod)) as outside, Beside(pods, network, master) as inside:
            wait("a client beside the master writes", lambda: inside.acknowledged, LIMIT_SECONDS)
            began = time.monotonic()
            with network.cut(master.pod):
                outage = outside.wait_for_write(LIMIT_SECONDS)
                wait("the lost side refuses writes", partial(_is_silent, inside), LIMIT_SECONDS)
            whole = pods.wait_until_well()
        _judge(pods, verdict, master.pod, inside, Cut(began=began, outage=outage, whole=whole))


@dataclass(frozen=True, kw_only=True)
class Cut:
    """When it began, how long the others' side took no writes, and how long after its end all was well; seconds."""

    began: float
    outage: float
    whole: float


def _is_silent(inside: Beside) -> bool:
    return time.monotonic() - inside.last > SILENT_SECONDS


class Beside:
    """A client on the side of one master: it writes keys of that master, each once, and keeps when each was taken."""

    def __init__(self, pods: RedisPods, network: PodNetwork, master: Member) -> None:
        self._pods, self._network, self._pod, self._slots = pods, network, master.pod, master.own.slots
        self._tls = ssl.create_default_context(cafile=str(pods.tls / "ca.crt"))
        self.acknowledged: dict[str, float] = {}  # moments by key
        self.last = 0.0  # the moment of the last write that was taken
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Beside:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    def _run(self) -> None:
        self._network.enter(self._pod)
        keys = (f"game:beside:{number}" for number in count())
        own = (key for key in keys if any(first <= slot_of(key) <= last for first, last in self._slots))
        while not self._ended.is_set():
            with suppress(RedisError, Unreachable), closing(connect(self._pods, self._pod, self._tls)) as connection:
                while not self._ended.wait(PAUSE_SECONDS):
                    key = next(own)
                    connection.ask("SET", key, "1")
                    self.acknowledged[key] = self.last = time.monotonic()
            time.sleep(PAUSE_SECONDS)


def _judge(pods: RedisPods, verdict: Verdict, master: str, inside: Beside, cut: Cut) -> None:
    late = [key for key, moment in inside.acknowledged.items() if moment > cut.began]
    early = [key for key, moment in inside.acknowledged.items() if moment <= cut.began]
    refused = inside.last - cut.began
    gone = lost(pods, late)
    verdict.measured(
        _HEADING,
        outage_seconds=round(cut.outage, 1),
        last_write_of_lost_side_seconds=round(refused, 1),
        whole_again_seconds=round(cut.whole, 1),
        writes_taken_by_lost_side=len(late),
        of_these_lost=len(gone),
        lost_of_those_before=len(lost(pods, early)),
    )
    after = "after a cut of a master's network"
    verdict.judge_time(f"{after} clients on the others' side write again", cut.outage, CUT_SECONDS)
    verdict.judge_time(f"{after} the lost side takes its last write", refused, REFUSED_SECONDS)
    verdict.told(f"       {len(gone)} of {len(late)} writes that the lost side took after the cut are lost")
    own = next(member for member in pods.view().members if member.pod == master).own
    problems = [f"{master} came back as a master"] if own.is_master else []
    verdict.judge("the master that was cut off comes back as a replica", problems)
