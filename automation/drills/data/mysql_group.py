"""Members of a group and what stands around them: authority, accounts, the API server's stand-in, the Service."""

from __future__ import annotations

import secrets
import socket
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

from automation.data_servers import DataServers
from automation.drills.data.certificates import Authority
from automation.drills.data.mysql_api_server import TOKEN, StandIn
from automation.drills.data.mysql_connect import BROKEN, connect, open_connection
from automation.drills.data.mysql_member import LOOPBACK, PORT, Member, Place, host_of, write_pod_files
from automation.drills.data.pod_network import GATEWAY, PodNetwork
from automation.drills.data.waiting import DrillFailed
from components.data.mysql.config import MIB, ServerFigures, render_config
from components.data.mysql.runtime.kube import CONDITION, ROLE
from components.data.mysql.runtime.observe import read_server
from components.data.mysql.runtime.sql import Row, SqlError
from components.data.mysql.runtime.users import ACCOUNTS

PODS = "/api/v1/namespaces/game/pods"
MEMBERS = 3
DATABASE = "game"
ANSWER_SECONDS = 5.0  # what a client waits for an answer before it connects anew
# Three servers on one machine: the smallest pool and log that the server takes without a word.
SMALL = ServerFigures(buffer_pool=64 * MIB, redo_log=128 * MIB)
# Not for pods: saves some 200 MB of each server, and the wait for a disk that other tests share.
FEWER = "performance_schema_max_table_instances = 500\ntable_definition_cache = 400\n"


class Group:
    """`members` by ordinal, none of which is started yet: on loopback, or in a network of pods."""

    def __init__(self, servers: DataServers, folder: Path, *, network: PodNetwork | None = None) -> None:
        self.shared = folder / "shared"
        self.authority = Authority()
        self.issue()
        (self.shared / "users").mkdir()
        for account in ACCOUNTS:
            self.rotate(account.name)
        (self.shared / "account").mkdir()
        (self.shared / "account" / "token").write_text(TOKEN)
        (self.shared / "account" / "ca.crt").write_bytes((self.shared / "tls" / "ca.crt").read_bytes())
        write_pod_files(self.shared / "pod", render_config(SMALL) + FEWER)
        own = LOOPBACK if network is None else GATEWAY
        self.api = StandIn(self.shared / "tls" / "tls.crt", self.shared / "tls" / "tls.key", own)
        self.api.start()
        port, group = _free_ports(MEMBERS) if network is None else PORT, str(uuid.uuid4())
        self.members = [
            Member(
                Place(
                    servers=servers,
                    folder=folder,
                    shared=self.shared,
                    ordinal=ordinal,
                    members=MEMBERS,
                    group=group,
                    port=port,
                    api_port=self.api.port,
                    network=network,
                )
            )
            for ordinal in range(MEMBERS)
        ]
        for member in self.members:
            self.api.objects.create(PODS, {"metadata": {"name": member.pod, "labels": {"app": "mysql"}}})

    def start(self) -> None:
        """All pods at once, as podManagementPolicy Parallel does."""
        with ThreadPoolExecutor(len(self.members)) as pool:
            list(pool.map(Member.start, self.members))

    def stop(self) -> None:
        """All processes end."""
        for member in self.members:
            member.kill()
        self.api.stop()

    def issue(self) -> None:
        """A new certificate in the mounted Secret."""
        self.authority.issue(self.shared / "tls", ["localhost", host_of("*")], [LOOPBACK, GATEWAY])

    def rotate(self, account: str) -> str:
        """A new password in the mounted Secret."""
        password = secrets.token_urlsafe(24)
        (self.shared / "users" / account).write_text(password)
        return password

    def primary(self) -> Member | None:
        """Where mysql-primary-service leads: the pod with the label, None while there is none or more than one."""
        labelled = [member for member in self.members if self.label(member) == "primary"]
        return labelled[0] if len(labelled) == 1 else None

    def primary_now(self) -> Member:
        """The primary. Raises DrillFailed while there is none."""
        found = self.primary()
        if found is None:
            raise DrillFailed("no pod, or more than one, is labelled primary")
        return found

    def label(self, member: Member) -> str | None:
        """The role that the member's pod carries."""
        labels = self.api.objects.get(f"{PODS}/{member.pod}")["metadata"].get("labels", {})
        value = labels.get(ROLE)
        return None if value is None else str(value)

    def condition(self, member: Member) -> str:
        """What a human must decide, as the pod says it."""
        annotations = self.api.objects.get(f"{PODS}/{member.pod}")["metadata"].get("annotations") or {}
        return str(annotations.get(CONDITION, ""))

    def online(self, member: Member) -> int:
        """How many members are ONLINE in this one's view; 0 where it does not answer."""
        try:
            session = connect(member.local)
        except SqlError:
            return 0
        try:
            return sum(other.state == "ONLINE" for other in read_server(session).view)
        except SqlError:
            return 0
        finally:
            session.close()

    def query(self, member: Member, statement: str) -> list[Row]:
        """On a member's socket, with all rights."""
        session = connect(member.local, seconds=60)
        try:
            session.query("SET SESSION group_replication_consistency = 'EVENTUAL'")
            return session.query(statement)
        finally:
            session.close()

    def client(self, *, seconds: float = ANSWER_SECONDS, user: str = "migration") -> Any:
        """A client's own connection through the Service. Raises ConnectionError while it leads nowhere."""
        member = self.primary()
        if member is None:
            raise ConnectionError("no endpoint")
        return open_connection(member.target(user), seconds=seconds, database=DATABASE)

    def is_whole(self) -> bool:
        """Whether every member counts every member ONLINE, and one of them is labelled primary."""
        count = len(self.members)
        return self.primary() is not None and all(self.online(member) == count for member in self.members)

    def is_ready(self) -> bool:
        """Whether it is whole, every pod has its label, and a client is let in: agents do these after they join."""
        if self.is_whole() and all(self.label(member) for member in self.members):
            with suppress(*BROKEN):
                self.client().close()
                return True
        return False


@contextmanager
def running(servers: DataServers, folder: Path, *, network: PodNetwork | None = None) -> Iterator[Group]:
    """A group whose pods are started; all of it ends with the block."""
    group = Group(servers, folder, network=network)
    try:
        group.start()
        yield group
    finally:
        group.stop()


def _free_ports(count: int) -> int:
    """The first of so many ports in a row, below those that the kernel hands out."""
    while True:
        first = secrets.randbelow(10_000) + 20_000
        with ExitStack() as stack, suppress(OSError):
            for port in range(first, first + count):
                stack.enter_context(socket.socket()).bind((LOOPBACK, port))
            return first
