"""RabbitMQ loses nodes, its network and all nodes at once, while clients publish: what is refused, and what is lost."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from automation.data_servers import DataServers
from automation.drills.data.acknowledged import writing
from automation.drills.data.pod_network import PodNetwork
from automation.drills.data.rabbitmq_nodes import PODS, Nodes, host_of
from automation.drills.data.rabbitmq_publisher import Publisher, channel, taken
from automation.drills.data.waiting import wait
from automation.drills.live.verdict import Verdict
from components.data.rabbitmq.topology import DEAD_LETTERS, REDELIVERIES, REQUESTS, TRANSFERS

# Promised: after so long messages are confirmed again, for the client that fares worst.
KILLED_SECONDS, PLANNED_SECONDS, CUT_SECONDS, OUTAGE_SECONDS = 10.0, 5.0, 30.0, 60.0
WHOLE_SECONDS = 180.0
BACK_SECONDS = 120.0  # for messages to be confirmed again at all
CUT_FOR_SECONDS = 40.0
_DRILL = "rabbitmq"


def run(servers: DataServers, place: Path, verdict: Verdict) -> None:
    """Three fresh nodes in the caller's own network, one loss after the other."""
    verdict.told(f"RabbitMQ {servers.rabbitmq_version} (the pods run 4.2)")
    verdict.measured(_DRILL, server=servers.rabbitmq_version)
    network = PodNetwork(place, {pod: host_of(pod) for pod in PODS})
    with Nodes(servers, place, network) as nodes:
        _found(nodes, verdict)
        _dead_letter(nodes, verdict)
        publishers = [Publisher(nodes=nodes, number=number, first=pod) for number, pod in enumerate(PODS)]
        with writing(publishers, BACK_SECONDS):
            _lose(nodes, publishers, verdict, "killed", KILLED_SECONDS, "kill -9 of a queue's leader", nodes.kill)
            _lose(nodes, publishers, verdict, "planned", PLANNED_SECONDS, "a node that leaves as planned", nodes.drain)
            beside = _cut(nodes, publishers, verdict)
            _all(nodes, publishers, verdict)
        _count(nodes, [*publishers, beside], verdict)


def _found(nodes: Nodes, verdict: Verdict) -> None:
    began = time.monotonic()
    nodes.start()
    wait("every queue has a copy on each node", nodes.is_whole, WHOLE_SECONDS)
    verdict.measured(_DRILL, founded_seconds=round(time.monotonic() - began, 1))
    found = nodes.queues(PODS[0])
    problems = [f"{name} is a {queue['type']} queue" for name, queue in found.items() if queue["type"] != "quorum"]
    problems += [f"no policy holds for {name}" for name, queue in found.items() if not queue["policy"]]
    verdict.judge(f"three nodes import the definitions: {len(found)} queues with a copy on each", problems)


def _dead_letter(nodes: Nodes, verdict: Verdict) -> None:
    """A message that its consumer gives back every time."""
    deliveries = 0
    with channel(nodes, PODS[0]) as opened:
        opened.confirm_delivery()
        opened.basic_publish("", REQUESTS, b"poison", mandatory=True)
        for method, _, _ in opened.consume(REQUESTS, inactivity_timeout=2):
            if method is None or deliveries > REDELIVERIES + 1:
                break
            deliveries += 1
            opened.basic_reject(method.delivery_tag, requeue=True)
    problems = [] if taken(nodes, PODS[0], DEAD_LETTERS) == {b"poison"} else ["it is not among the dead letters"]
    if deliveries != REDELIVERIES + 1:
        problems.append(f"a message that nobody takes was delivered {deliveries} times")
    verdict.judge(f"what no consumer takes in {REDELIVERIES + 1} deliveries is a dead letter", problems)


def _outage(publishers: list[Publisher], event: Callable[[], object]) -> float:
    """For how long a client had no confirm around an event, at the worst; seconds."""
    since = time.monotonic()
    event()
    for publisher in publishers:
        wait("messages are confirmed again", partial(publisher.writes_since, since + 1), BACK_SECONDS)
    return max(publisher.outage(since) for publisher in publishers)


def _lose(
    nodes: Nodes,
    publishers: list[Publisher],
    verdict: Verdict,
    name: str,
    promised: float,
    what: str,
    event: Callable[[str], None],
) -> None:
    leader = nodes.leader(TRANSFERS)
    seconds = _outage(publishers, partial(event, leader))
    nodes.start(leader)
    wait("every queue has its copies again", nodes.is_whole, WHOLE_SECONDS)
    verdict.measured(_DRILL, **{f"{name}_seconds": round(seconds, 1)})
    verdict.judge_time(f"after {what} all clients have confirms", seconds, promised)


def _cut(nodes: Nodes, publishers: list[Publisher], verdict: Verdict) -> Publisher:
    """The leader's network, with one more client on its side."""
    leader = nodes.leader(TRANSFERS)
    beside = Publisher(nodes=nodes, number=len(PODS), first=leader, beside=True)
    with writing([beside], BACK_SECONDS):
        since = time.monotonic()
        with nodes.network.cut(leader):
            seconds = _outage(publishers, lambda: None)
            time.sleep(max(0.0, since + CUT_FOR_SECONDS - time.monotonic()))
        mended = time.monotonic()
        late = sum(since + 1 < moment < mended for moment in beside.moments)
        wait("the lost side has confirms again", partial(beside.writes_since, mended), BACK_SECONDS)
        wait("every queue has its copies again", nodes.is_whole, WHOLE_SECONDS)
        whole = time.monotonic() - mended
    verdict.measured(_DRILL, cut_seconds=round(seconds, 1), cut_whole_again_seconds=round(whole, 1))
    verdict.judge_time("after a cut of a leader's network the others' clients have confirms", seconds, CUT_SECONDS)
    verdict.judge(
        "the lost side confirms nothing while it is alone",
        [f"the lost side confirmed {late} messages while it was alone"] if late else [],
    )
    return beside


def _all(nodes: Nodes, publishers: list[Publisher], verdict: Verdict) -> None:
    def lose() -> None:
        for pod in PODS:
            nodes.kill(pod)
        nodes.start()

    seconds = _outage(publishers, lose)
    wait("every queue has its copies again", nodes.is_whole, WHOLE_SECONDS)
    verdict.measured(_DRILL, full_outage_seconds=round(seconds, 1))
    verdict.judge_time("after all nodes were killed all clients have confirms", seconds, OUTAGE_SECONDS)


def _count(nodes: Nodes, publishers: list[Publisher], verdict: Verdict) -> None:
    confirmed: set[bytes] = set().union(*(publisher.bodies() for publisher in publishers))
    missing = confirmed - taken(nodes, PODS[0], TRANSFERS)
    verdict.measured(_DRILL, messages_confirmed=len(confirmed), messages_lost=len(missing))
    verdict.judge(
        f"of {len(confirmed)} confirmed messages none is lost",
        [f"{len(missing)} of {len(confirmed)} confirmed messages are lost"] if missing else [],
    )
