"""Redis loses masters, zones, disks and all its addresses: what real servers do about it, measured against promises."""

from __future__ import annotations

import shutil
import signal
import statistics
import time
from pathlib import Path

from automation.data_servers import DataServers
from automation.drills.data.redis_clients import Pulse, Writer, key_of, lost
from automation.drills.data.redis_servers import (
    ZONES,
    RedisPods,
    masters_by_zone,
)
from automation.drills.data.waiting import wait
from automation.drills.live.verdict import Verdict
from components.data.redis.config import NODE_TIMEOUT_MS
from components.data.redis.failover import failover_seconds

CRASH_SECONDS, PLANNED_SECONDS = 12.0, 1.0  # promised: writes of a shard are refused no longer
OUTAGE_SECONDS = 60.0
LIMIT_SECONDS = 60.0  # what has not happened by then counts as never
# Instead of ten minutes; longer than the four node timeouts in which one replica is not elected twice.
QUIET_SECONDS = 25.0
FAILOVERS = 10
_DRILL = "redis"


def run(servers: DataServers, place: Path, verdict: Verdict, *, failovers: int = FAILOVERS) -> None:
    """Everything on one cluster of six servers below `place`, one loss after the other."""
    verdict.told(f"Valkey {servers.valkey_version} (the pods run another patch of the same line)")
    verdict.measured(_DRILL, server=servers.valkey_version)
    with RedisPods(servers, place, quiet_seconds=QUIET_SECONDS) as pods:
        _bootstrap(pods, verdict)
        pods.heal()
        _failovers(pods, verdict, failovers)
        _planned(pods, verdict)
        _silence(pods, verdict)
        _new_addresses(pods, verdict)
        _lost_disk(pods, verdict)
        _two_zones(pods, verdict)
        _scale(pods, verdict)


def _bootstrap(pods: RedisPods, verdict: Verdict) -> None:
    pods.start()
    pods.wait_until_answering()
    began = time.monotonic()
    first = pods.job()
    seconds = time.monotonic() - began
    ids = {member.pod: member.id for member in pods.view().members}
    again = pods.job()
    problems = [f"bootstrap ended with {job.returncode}: {job.stdout}" for job in (first, again) if job.returncode]
    if {member.pod: member.id for member in pods.view().members} != ids or "act" in again.stdout:
        problems.append("a second bootstrap changed the cluster")
    verdict.measured(_DRILL, bootstrap_seconds=round(seconds, 1))
    verdict.judge("bootstrap makes one cluster over three zones, and changes nothing when it runs again", problems)


def _failovers(pods: RedisPods, verdict: Verdict, count: int) -> None:
    """kill -9 of a master, in turn of each zone's, while a client writes."""
    seconds = []
    with Writer(pods) as writer:
        for number in range(count):
            masters = sorted(pods.view().masters, key=lambda master: master.own.slots)
            master = masters[number % len(masters)].pod
            seconds.append(_killed(pods, master))
            pods.start(master)
            pods.wait_until_answering(master)
            pods.wait_until_well()
    gone = lost(pods, writer.acknowledged)
    figures = {"kill_seconds": [round(one, 1) for one in seconds], "kill_longest_seconds": round(max(seconds), 1)}
    computed = failover_seconds(NODE_TIMEOUT_MS)
    verdict.measured(
        _DRILL,
        **figures,
        kill_median_seconds=round(statistics.median(seconds), 1),
        computed_usual_seconds=computed.usual,
        computed_longest_seconds=computed.longest,
        acknowledged_writes=len(writer.acknowledged),
        lost_writes=len(gone),
    )
    slow = [
        f"{one:.1f} s without writes after kill -9, above {CRASH_SECONDS} s" for one in seconds if one > CRASH_SECONDS
    ]
    verdict.judge(f"after kill -9 of a master writes go on within {CRASH_SECONDS:.0f} s, {count} times", slow)
    verdict.told(f"       {len(gone)} of {len(writer.acknowledged)} acknowledged writes lost over {count} failovers")


def _killed(pods: RedisPods, master: str) -> float:
    with Pulse(pods, key_of(pods, master)) as pulse:
        pods.signal(signal.SIGKILL, master)
        return pulse.wait_for_write(LIMIT_SECONDS)


def _planned(pods: RedisPods, verdict: Verdict) -> None:
    """As the kubelet ends a pod: preStop, then SIGTERM."""
    time.sleep(QUIET_SECONDS)
    pods.wait_until_well()
    seconds = []
    for zone in ZONES:
        master = next((one.pod for one in pods.view().masters if one.zone == zone), None)
        if master is None:
            continue
        with Pulse(pods, key_of(pods, master)) as pulse:
            pods.script(master, "prestop.sh")
            pods.signal(signal.SIGTERM, master)
            seconds.append(pulse.wait_for_write(LIMIT_SECONDS))
        pods.start(master)
        pods.wait_until_answering(master)
        pods.wait_until_well()
    # The median: other programs on this machine may hold up one of them.
    usual = statistics.median(seconds)
    slow = [f"{usual:.2f} s without writes at a planned handover"] if usual > PLANNED_SECONDS else []
    figures = [round(one, 2) for one in seconds]
    verdict.measured(_DRILL, planned_seconds=figures, planned_median_seconds=round(usual, 2))
    verdict.judge(f"pods that go as planned hand over within {PLANNED_SECONDS:.0f} s (median of {len(seconds)})", slow)


def _silence(pods: RedisPods, verdict: Verdict) -> None:
    """A master that neither answers nor closes its connections, as on a node that hangs; then it comes back."""
    time.sleep(QUIET_SECONDS)
    master = pods.view().masters[0].pod
    with Pulse(pods, key_of(pods, master)) as pulse:
        pods.signal(signal.SIGSTOP, master)
        seconds = pulse.wait_for_write(LIMIT_SECONDS)
        pods.signal(signal.SIGCONT, master)
        pods.wait_until_well()
    came_back = next(member for member in pods.view().members if member.pod == master).own
    problems = [f"{seconds:.1f} s without writes"] if seconds > CRASH_SECONDS else []
    if came_back.is_master and came_back.slots:
        problems.append(f"{master} came back as a master")
    verdict.measured(_DRILL, silence_seconds=round(seconds, 1))
    verdict.judge("a master that stands still is replaced, and comes back as a replica", problems)


def _new_addresses(pods: RedisPods, verdict: Verdict) -> None:
    """All pods end at once and come back, none at its former address."""
    pods.stop_healers()
    roles = {member.pod: member.id for member in pods.view().members}
    key = key_of(pods, pods.view().masters[0].pod)
    with Pulse(pods, key) as pulse:
        pods.signal(signal.SIGKILL)
        pods.new_addresses(pods.pods)
        pods.start()
        pods.heal()
        seconds = pulse.wait_for_write(LIMIT_SECONDS)
    whole = pods.wait_until_well()
    problems = [] if seconds <= OUTAGE_SECONDS else [f"{seconds:.0f} s without writes"]
    if {member.pod: member.id for member in pods.view().members} != roles:
        problems.append("members have other ids than before")
    verdict.measured(_DRILL, outage_seconds=round(seconds, 1), outage_until_well_seconds=round(seconds + whole, 1))
    verdict.judge("all pods come back with new addresses and find each other", problems)


def _lost_disk(pods: RedisPods, verdict: Verdict) -> None:
    master = pods.view().masters[1].pod
    pods.stop_healers(master)
    pods.signal(signal.SIGKILL, master)
    shutil.rmtree(pods.folder / master)
    pods.new_addresses((master,))
    began = time.monotonic()
    pods.start(master)
    pods.heal(master)
    pods.wait_until_well()
    verdict.measured(_DRILL, lost_disk_seconds=round(time.monotonic() - began, 1))
    verdict.judge("a pod that has lost its disk comes back as a replica in another zone than its master", _pairs(pods))


def _two_zones(pods: RedisPods, verdict: Verdict) -> None:
    """A zone, and after the healers have moved its master back another one: a majority of masters stands each time."""
    seconds, back, problems = [], [], []
    for zone in ZONES[:2]:
        back.append(wait("one master in each zone", lambda: _one_each(pods), LIMIT_SECONDS, poll=0.5))
        there = [pod for pod, of in pods.zones.items() if of == zone]
        master = next(one.pod for one in pods.view().masters if one.zone == zone)
        with Pulse(pods, key_of(pods, master)) as pulse:
            pods.stop_healers(*there)
            pods.signal(signal.SIGKILL, *there)
            seconds.append(pulse.wait_for_write(LIMIT_SECONDS))
        if sum(masters_by_zone(pods.view()).values()) != len(ZONES):
            problems.append(f"with {zone} lost not every shard has its master")
        pods.start(*there)
        pods.heal(*there)
        pods.wait_until_answering()
        pods.wait_until_well()
    problems += [f"{one:.1f} s without writes after a zone's loss" for one in seconds if one > CRASH_SECONDS]
    figures = {"zone_seconds": seconds, "fail_back_seconds": back}
    verdict.measured(_DRILL, **{name: [round(one, 1) for one in some] for name, some in figures.items()})
    verdict.judge("two zones are lost in turn, with one master in each zone again between", problems)


def _scale(pods: RedisPods, verdict: Verdict) -> None:
    wait("one master in each zone", lambda: _one_each(pods), LIMIT_SECONDS, poll=0.5)
    with Writer(pods, "game:scaled") as writer:
        added = ("redis-cluster-6", "redis-cluster-7")
        pods.add(dict(zip(added, ZONES, strict=False)))
        began = time.monotonic()
        out = pods.job()
        out_seconds, pairs = time.monotonic() - began, _pairs(pods)
        began = time.monotonic()
        back = pods.job("scale_in", REDIS_REPLICAS_LEFT="6")
        in_seconds = time.monotonic() - began
    pods.remove(added)
    problems = [f"a Job ended with {job.returncode}: {job.stdout}" for job in (out, back) if job.returncode]
    gone = lost(pods, writer.acknowledged)
    problems += [f"{len(gone)} of {len(writer.acknowledged)} acknowledged writes lost"] if gone else []
    verdict.measured(_DRILL, scale_out_seconds=round(out_seconds, 1), scale_in_seconds=round(in_seconds, 1))
    verdict.judge("six servers become eight and six again, and no write is lost", [*problems, *pairs, *_pairs(pods)])


def _one_each(pods: RedisPods) -> bool:
    return pods.well() and set(masters_by_zone(pods.view()).values()) == {1}


def _pairs(pods: RedisPods) -> list[str]:
    view = pods.view()
    found = []
    for member in view.members:
        master = view.by_id(member.own.master_id)
        if master is not None and master.zone == member.zone:
            found.append(f"{member.pod} and its master {master.pod} stand both in {member.zone}")
    return found
