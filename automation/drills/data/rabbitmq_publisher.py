"""A client that publishes with confirms, counts what was confirmed, and measures for how long nothing was."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib import import_module
from itertools import cycle
from typing import Any

from automation.drills.data.acknowledged import Acknowledged
from automation.drills.data.rabbitmq_nodes import PODS, Nodes, host_of
from components.data.rabbitmq.names import PORT, USER, VHOST
from components.data.rabbitmq.topology import ZONES

# Not typed.
_pika: Any = import_module("pika")
HEARTBEAT_SECONDS = 5  # a client hears of a node that is silent after two of them
ANSWER_SECONDS, PAUSE_SECONDS = 5.0, 0.005
BROKEN = (_pika.exceptions.AMQPError, OSError)


def connect(nodes: Nodes, pod: str) -> Any:
    """pika's own connection of user `game`, over TLS. Raises one of BROKEN."""
    tls = ssl.create_default_context(cafile=str(nodes.tls / "ca.crt"))
    parameters = _pika.ConnectionParameters(
        host=host_of(pod),
        port=PORT,
        virtual_host=VHOST,
        credentials=_pika.PlainCredentials(USER, nodes.passwords[USER]),
        ssl_options=_pika.SSLOptions(tls, host_of(pod)),
        heartbeat=HEARTBEAT_SECONDS,
        socket_timeout=ANSWER_SECONDS,
        stack_timeout=ANSWER_SECONDS,
        blocked_connection_timeout=ANSWER_SECONDS,
    )
    return _pika.BlockingConnection(parameters)


@contextmanager
def channel(nodes: Nodes, pod: str) -> Iterator[Any]:
    """A channel of a connection of its own."""
    connection = connect(nodes, pod)
    try:
        yield connection.channel()
    finally:
        with suppress(*BROKEN):
            connection.close()


@dataclass(kw_only=True)
class Publisher(Acknowledged):
    """One message at a time to the zones' exchange, each with a number of its own, confirmed before the next.

    It dials `first`, and the next node where one does not answer; with `beside` it stands in the pod's own network and
    dials no other.
    """

    nodes: Nodes
    number: int
    first: str
    beside: bool = False

    def bodies(self) -> set[bytes]:
        """Of all messages that were confirmed."""
        return {self._body(number) for number in self.acknowledged}

    def _run(self) -> None:
        if self.beside:
            self.nodes.network.enter(self.first)
        start = PODS.index(self.first)
        pods = cycle([self.first] if self.beside else [*PODS[start:], *PODS[:start]])
        while not self._ended.is_set():
            with suppress(*BROKEN), channel(self.nodes, next(pods)) as opened:
                opened.confirm_delivery()
                while not self._ended.wait(PAUSE_SECONDS):
                    self._publish(opened)
            self._ended.wait(PAUSE_SECONDS)

    def _publish(self, opened: Any) -> None:
        self._next += 1
        persistent = _pika.BasicProperties(delivery_mode=_pika.DeliveryMode.Persistent)
        opened.basic_publish(ZONES, "transfer.drill", self._body(self._next), persistent, mandatory=True)
        self._acknowledge()

    def _body(self, number: int) -> bytes:
        return f"{self.number}:{number}".encode()


def taken(nodes: Nodes, pod: str, queue: str) -> set[bytes]:
    """Bodies of all messages in a queue, which is empty afterwards."""
    found: set[bytes] = set()
    with channel(nodes, pod) as opened:
        for method, _, body in opened.consume(queue, auto_ack=True, inactivity_timeout=ANSWER_SECONDS):
            if method is None:
                return found
            found.add(body)
    return found
