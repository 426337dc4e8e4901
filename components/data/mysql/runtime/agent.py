"""The agent of a member: looks, decides and acts, until it is ended."""

from __future__ import annotations

import contextlib
import hashlib
import logging
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import FrameType

from .decide import PRIMARY, Action, Kind, Known, Local, Server, decide
from .group import found, join, kill_clients
from .kube import ApiServer, Kube, KubeError
from .observe import Switches, read_executed, read_server, read_switches
from .settings import Settings, read_settings
from .sql import Connector, Session, SqlError, shell_connector
from .users import apply_users, passwords

SETTLED_SECONDS, UNSETTLED_SECONDS = 1.0, 0.5  # between two looks
RECORD_SECONDS = 60.0  # between two records of what the primary has executed
LONGEST_BACK_OFF = 60.0
# The Lease outlives the longest START, and a group is founded only while most of it is left: an agent that was
# stopped in between must not found one beside another's.
LEASE_SECONDS, FOUND_WITHIN = 180, 30.0

log = logging.getLogger("mysql-agent")


@dataclass(kw_only=True)
class Agent:
    """`step` is one look and what follows from it."""

    settings: Settings
    connect: Connector
    kube: Kube
    clock: Callable[[], float] = time.monotonic
    _leased: float | None = None  # when the Lease was taken, by the clock
    _not_before: float = 0.0  # of the next START
    _back_off: float = 0.0
    _wrote: bool = False  # whether this member was the primary at the last look
    _recorded: float | None = None
    _said: str | None = ""  # the condition on the pod; "" is not known yet
    _tls: str = ""  # digest of the files that the server has read
    _secrets: str = ""  # digest of the passwords that were applied
    _told: str = ""

    def step(self) -> float:
        """One look; returns after how many seconds the next is due."""
        try:
            session = self.connect(self.settings.local)
        except SqlError as error:
            self._tell(f"mysqld does not answer: {error}")
            return UNSETTLED_SECONDS
        try:
            return self._step(session)
        except SqlError as error:
            self._tell(f"the server refused: {error}")
        except KubeError as error:
            self._tell(f"the API server refused: {error}")
        finally:
            session.close()
        return UNSETTLED_SECONDS

    def _step(self, session: Session) -> float:
        server, switches = read_server(session), read_switches(session)
        local = Local(
            ordinal=self.settings.ordinal,
            server=server,
            resolves=_resolves(self.settings),
            leaving=self._is_leaving(switches),
            label=self._own_label(),
        )
        # What is certain without others is done without asking them: labels must not wait for a dead peer.
        peers = self._peers(server) if local.must_ask else {}
        # A member joins without the API server, too.
        alone = local.must_ask and server.at_rest and not any(peer and peer.in_group for peer in peers.values())
        founded = self.kube.founded() if alone else None
        known = Known(members=len(self.settings.hosts), founded=founded, lease_held=self._holds_lease())
        action = decide(local, peers, known)
        self._tell(f"{action.kind.value}: {action.reason}")
        self._label(session, local, action)
        self._say(f"{action.condition}: {action.reason}" if action.condition else None)
        self._tidy(session, action, switches)
        self._act(session, action, server, switches)
        settled = action.kind is Kind.SERVE and all(member.state == "ONLINE" for member in server.view)
        return SETTLED_SECONDS if settled and len(server.view) == known.members else UNSETTLED_SECONDS

    def _act(self, session: Session, action: Action, server: Server, switches: Switches) -> None:
        if action.kind is Kind.SERVE:
            self._back_off = self._not_before = 0.0
            self._serve(session, action, switches.offline_mode)
        elif action.kind is Kind.JOIN:
            self._join(server, action)
        elif action.kind is Kind.TAKE_LEASE:
            began = self.clock()
            if self.kube.take_lease(self.settings.pod, LEASE_SECONDS):
                self._leased = began  # all others are looked at again before anything is founded
        elif action.kind in (Kind.FOUND_FIRST, Kind.FOUND_AGAIN):
            self._found(server, action)

    def _serve(self, session: Session, action: Action, offline_mode: bool) -> None:
        if offline_mode:
            session.query("SET GLOBAL offline_mode = OFF")
        if action.role != PRIMARY:
            self._recorded, self._secrets = None, ""
            return
        for ordinal in self.settings.others:
            pod = self.settings.pod_of(ordinal)
            if self.kube.role(pod) == PRIMARY:
                self.kube.set_role(pod, None)
        if action.accounts:
            self._apply_accounts(session)
        if self._recorded is None or self.clock() - self._recorded >= RECORD_SECONDS:
            self.kube.create_founded()  # somebody may have deleted it under a group that runs
            self.kube.record(read_executed(session))
            self._recorded = self.clock()

    def _apply_accounts(self, session: Session) -> None:
        secrets = passwords(self.settings.users)
        digest = _digest(*secrets.keys(), *secrets.values())
        if digest == self._secrets:
            return
        changed = apply_users(session, secrets, self.settings.database)
        log.info("accounts that changed: %s", ", ".join(changed) or "none")
        self._secrets = digest

    def _join(self, server: Server, action: Action) -> None:
        seeds = [f"{self.settings.hosts[ordinal]}:{self.settings.port_of(ordinal)}" for ordinal in action.seeds]
        with self._backing_off() as due:
            if due:
                join(self.connect, self.settings, seeds, failed=server.state == "ERROR")

    def _found(self, server: Server, action: Action) -> None:
        if action.kind is Kind.FOUND_FIRST and not self.kube.create_founded():
            return  # somebody else was faster: from now on it is a group that was founded
        with self._backing_off() as due:
            if due:
                found(self.connect, self.settings, failed=server.state == "ERROR", allowed=self._holds_lease)

    @contextlib.contextmanager
    def _backing_off(self) -> Iterator[bool]:
        """Whether a START is due. One that failed, or has not led to ONLINE yet, puts the next one off ever longer."""
        if self.clock() < self._not_before:
            yield False
            return
        self._back_off = min(max(1.0, 2 * self._back_off), LONGEST_BACK_OFF)
        try:
            yield True
        finally:
            self._not_before = self.clock() + self._back_off

    def _holds_lease(self) -> bool:
        return self._leased is not None and self.clock() - self._leased < FOUND_WITHIN

    def _label(self, session: Session, local: Local, action: Action) -> None:
        wrote, self._wrote = self._wrote or local.label == PRIMARY, local.writes and action.role == PRIMARY
        if not action.keeps_label and local.label != action.role:
            log.info("role: %s, was %s", action.role, local.label)
            try:
                self.kube.set_role(self.settings.pod, action.role)
            except KubeError as error:
                log.info("the label could not be set: %s", error)
        if wrote and not self._wrote and not local.leaving:
            # Idle clients would stay on a server that refuses their writes.
            kill_clients(session)

    def _own_label(self) -> str | None:
        try:
            return self.kube.role(self.settings.pod)
        except KubeError as error:
            # Without the API server a member still leaves, joins and sends clients away.
            log.info("the label could not be read: %s", error)
            return None

    def _say(self, condition: str | None) -> None:
        if condition != self._said:
            self.kube.say(self.settings.pod, condition)
            self._said = condition

    def _tidy(self, session: Session, action: Action, switches: Switches) -> None:
        founding = action.kind in (Kind.TAKE_LEASE, Kind.FOUND_FIRST, Kind.FOUND_AGAIN)
        if switches.bootstrap and not founding:
            session.query("SET GLOBAL group_replication_bootstrap_group = OFF")
        if self._leased is not None and not founding:
            self.kube.release_lease(self.settings.pod)
            self._leased = None
        files = _digest(*((self.settings.tls / name).read_text() for name in ("ca.crt", "tls.crt", "tls.key")))
        if files != self._tls:
            session.query("ALTER INSTANCE RELOAD TLS")
            self._tls = files

    def _peers(self, server: Server) -> dict[int, Server | None]:
        """All others; of a group only those that it can reach, so that nobody waits for a member that is lost."""
        password = passwords(self.settings.users)["monitor"]
        reachable = {member.address for member in server.view if member.state in ("ONLINE", "RECOVERING")}
        return {
            ordinal: self._peer(ordinal, password) if server.at_rest or address in reachable else None
            for ordinal in self.settings.others
            for address in [f"{self.settings.hosts[ordinal]}:{self.settings.port_of(ordinal)}"]
        }

    def _peer(self, ordinal: int, password: str) -> Server | None:
        try:
            session = self.connect(self.settings.peer(ordinal, password))
        except SqlError:
            return None
        try:
            return read_server(session)
        except SqlError:
            return None
        finally:
            session.close()

    def _is_leaving(self, switches: Switches) -> bool:
        mark = self.settings.run / "leaving"
        try:
            began = mark.stat().st_mtime
        except FileNotFoundError:
            return False
        # The container was restarted, and the pod stays: the server is younger than the mark.
        if time.time() - switches.uptime > began + 1:
            mark.unlink(missing_ok=True)
            return False
        return True

    def _tell(self, line: str) -> None:
        if line != self._told:
            log.info(line)
            self._told = line


def _resolves(settings: Settings) -> bool:
    try:
        found = socket.getaddrinfo(settings.hosts[settings.ordinal], None, type=socket.SOCK_STREAM)
    except OSError:
        return False
    return any(address[4][0] == settings.ip for address in found)


def _digest(*texts: str) -> str:
    return hashlib.sha256("\0".join(texts).encode()).hexdigest()


def main(connect: Connector) -> None:
    """Runs until SIGTERM or SIGINT. The label stays: the pod goes, or the agent comes back."""
    logging.basicConfig(level=logging.INFO, stream=sys.stdout, format="%(asctime)s %(name)s %(message)s")
    settings = read_settings(os.environ)
    kube = ApiServer(url=settings.api, namespace=settings.namespace, account=settings.account)
    ended = threading.Event()

    def end(_number: int, _frame: FrameType | None) -> None:
        ended.set()

    with contextlib.suppress(ValueError):  # where the host of the interpreter keeps signals to itself
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, end)
    agent = Agent(settings=settings, connect=connect, kube=kube)
    while not ended.wait(agent.step()):
        pass


if __name__ == "__main__":
    main(shell_connector())
