"""What an agent keeps in mind between two looks, with stand-ins for its server and the API server."""

import os
from dataclasses import dataclass, field

import pytest

from components.data.mysql.runtime.agent import FOUND_WITHIN, LEASE_SECONDS, Agent
from components.data.mysql.runtime.decide import Founded
from components.data.mysql.runtime.group import START_SECONDS
from components.data.mysql.runtime.kube import KubeError
from components.data.mysql.runtime.settings import read_settings
from components.data.mysql.runtime.sql import SqlError

ADDRESS = "127.0.0.1"
UUIDS = [f"{n}aaaaaaa-0000-4000-8000-000000000000" for n in range(3)]


@dataclass
class Mysqld:
    """Answers the agent's questions, and keeps what it was told."""

    state: str = "OFFLINE"
    primary: bool = False
    refuses: str = ""  # the beginning of statements that fail
    bootstrap: int = 0
    offline_mode: int = 0
    told: list[str] = field(default_factory=list)

    def query(self, statement, values=()):
        text = " ".join(statement.split())
        if self.refuses and text.startswith(self.refuses):
            raise SqlError(3092, "not now")
        if text.startswith("SELECT @@GLOBAL.server_uuid"):
            return [(UUIDS[0], 0 if self.primary else 1, "")]
        if "replication_group_members" in text:
            role = "PRIMARY" if self.primary else "SECONDARY"
            return (
                [(UUIDS[0], ADDRESS, 3306, self.state, role)]
                if self.state != "OFFLINE"
                else [("", "", 0, "OFFLINE", "")]
            )
        if text.startswith("SELECT @@GLOBAL.offline_mode"):
            return [(self.offline_mode, self.bootstrap, "100")]
        if text.startswith("SELECT id FROM performance_schema.processlist"):
            return [(71,), (72,)]
        if text.startswith("SELECT @@GLOBAL.gtid_executed"):
            return [("",)]
        self.told.append(text.replace("?", "{}").format(*values))
        return []

    def close(self):
        pass


@dataclass
class Objects:
    """The API server's part."""

    roles: dict[str, str | None] = field(default_factory=dict)
    state: Founded | None = None
    holder: str | None = None
    silent: bool = False
    said: list[str | None] = field(default_factory=list)

    def role(self, pod):
        if self.silent:
            raise KubeError(0, "silent")
        return self.roles.get(pod)

    def set_role(self, pod, role):
        self.role(pod)
        self.roles[pod] = role

    def say(self, pod, condition):
        self.said.append(condition)

    def founded(self):
        return self.state

    def create_founded(self):
        created, self.state = self.state is None, self.state or Founded()
        return created

    def record(self, executed):
        self.state = Founded(recorded=executed)

    def take_lease(self, holder, seconds):
        self.holder = self.holder or holder
        return self.holder == holder

    def release_lease(self, holder):
        self.holder = None if self.holder == holder else self.holder


class Clock:
    now = 100.0

    def __call__(self):
        return self.now


@dataclass
class Pod:
    """An agent and what stands around it."""

    agent: Agent
    server: Mysqld
    kube: Objects
    clock: Clock


@pytest.fixture
def pod(tmp_path):
    for name in ("ca.crt", "tls.crt", "tls.key", "monitor", "gr_repl"):
        (tmp_path / name).write_text(name)
    environment = {
        "POD_NAME": "mysql-0",
        "POD_NAMESPACE": "game",
        "POD_IP": ADDRESS,
        "MYSQL_REPLICAS": "3",
        "MYSQL_HOST_PATTERN": ADDRESS,
        "KUBERNETES_SERVICE_HOST": ADDRESS,
        "KUBERNETES_SERVICE_PORT": "443",
        **{name: str(tmp_path) for name in ("MYSQL_RUN", "MYSQL_TLS", "MYSQL_USERS", "KUBE_ACCOUNT")},
    }
    server, kube, clock = Mysqld(), Objects(), Clock()

    def connect(target, *, seconds=3):
        if target.socket is None:
            raise SqlError(2003, "nobody there")
        return server

    agent = Agent(settings=read_settings(environment), connect=connect, kube=kube, clock=clock)
    return Pod(agent=agent, server=server, kube=kube, clock=clock)


def starts(server):
    return [told for told in server.told if told.startswith("START")]


def test_the_first_group_is_founded_after_a_second_look_and_the_switch_goes_off_again(pod):
    pod.agent.step()
    assert (pod.kube.holder, starts(pod.server)) == ("mysql-0", [])
    pod.agent.step()
    assert pod.kube.state == Founded()
    assert starts(pod.server) == ["START GROUP_REPLICATION USER = 'gr_repl', PASSWORD = 'gr_repl'"]
    told = [text for text in pod.server.told if "bootstrap_group" in text]
    assert told == [f"SET GLOBAL group_replication_bootstrap_group = {value}" for value in ("ON", "OFF")]


def test_the_switch_goes_off_where_the_start_fails_too(pod):
    pod.server.refuses = "START"
    pod.agent.step()
    pod.agent.step()
    assert pod.server.told[-1] == "SET GLOBAL group_replication_bootstrap_group = OFF"


def test_a_switch_that_a_killed_agent_left_on_is_put_off(pod):
    pod.server.bootstrap, pod.kube.holder = 1, "mysql-1"
    pod.kube.state = Founded()
    pod.agent.step()
    assert "SET GLOBAL group_replication_bootstrap_group = OFF" in pod.server.told


def test_a_lease_that_was_taken_long_ago_founds_nothing(pod):
    pod.agent.step()
    pod.clock.now += FOUND_WITHIN
    pod.agent.step()  # takes the lease anew instead
    assert (pod.kube.state, starts(pod.server)) == (None, [])
    assert START_SECONDS + FOUND_WITHIN < LEASE_SECONDS


def test_a_record_that_another_made_in_between_founds_nothing(pod):
    pod.agent.step()
    pod.kube.create_founded = lambda: False
    pod.agent.step()
    assert starts(pod.server) == []


def test_a_start_that_fails_is_put_off_ever_longer_up_to_a_minute(pod):
    pod.server.refuses, pod.kube.state = "START", Founded(allow_missing=frozenset({1, 2}))
    tried, waited = 0, []
    last = pod.clock.now
    for _ in range(2000):
        before = len([text for text in pod.server.told if text.endswith("bootstrap_group = ON")])
        pod.agent.step()
        pod.clock.now += 0.5
        if len([text for text in pod.server.told if text.endswith("bootstrap_group = ON")]) > before:
            tried += 1
            waited.append(pod.clock.now - last)
            last = pod.clock.now
    assert tried > 8
    assert waited[1] <= 3
    assert 59 <= max(waited) <= 62


def test_an_agent_gives_the_lease_back_once_its_member_serves(pod):
    pod.agent.step()
    pod.server.state, pod.server.primary = "ONLINE", True
    pod.agent.step()
    assert (pod.kube.holder, pod.kube.roles["mysql-0"]) == (None, "primary")


def test_the_primary_takes_the_label_from_every_other_pod_and_records_what_it_has(pod):
    pod.server.state, pod.server.primary, pod.kube.roles = "ONLINE", True, {"mysql-2": "primary"}
    pod.agent.step()
    assert pod.kube.roles == {"mysql-0": "primary", "mysql-2": None}
    assert pod.kube.state is not None


def test_a_member_that_no_longer_writes_loses_its_label_before_its_clients(pod):
    pod.server.state, pod.server.primary = "ONLINE", True
    pod.agent.step()
    pod.server.primary, pod.server.told = False, []
    pod.agent.step()
    assert pod.kube.roles["mysql-0"] == "replica"
    assert [text for text in pod.server.told if text.startswith("KILL")] == ["KILL 71", "KILL 72"]
    pod.server.told = []
    pod.agent.step()
    assert [text for text in pod.server.told if text.startswith("KILL")] == []


def test_without_the_api_server_clients_of_a_former_primary_are_sent_away_all_the_same(pod):
    pod.server.state, pod.server.primary = "ONLINE", True
    pod.agent.step()
    pod.kube.silent, pod.server.primary = True, False
    pod.agent.step()
    assert "KILL 71" in pod.server.told


def test_a_member_that_is_back_in_its_group_lets_clients_in_again(pod):
    pod.server.state, pod.server.offline_mode = "ONLINE", 1
    pod.agent.step()
    assert "SET GLOBAL offline_mode = OFF" in pod.server.told


def test_a_new_certificate_is_read_once(pod, tmp_path):
    pod.server.state = "ONLINE"
    reload = "ALTER INSTANCE RELOAD TLS"
    pod.agent.step()
    pod.agent.step()
    assert pod.server.told.count(reload) == 1
    (tmp_path / "tls.crt").write_text("renewed")
    pod.agent.step()
    pod.agent.step()
    assert pod.server.told.count(reload) == 2


def test_what_a_human_must_decide_is_said_once_and_taken_back(pod):
    pod.kube.state = Founded()
    pod.agent.step()
    assert pod.kube.said == [None]
    pod.agent.step()
    assert pod.kube.said == [None]


def test_a_pod_that_is_stopped_does_not_join_and_one_whose_server_was_restarted_does(pod, tmp_path):
    (tmp_path / "leaving").touch()
    pod.agent.step()
    assert pod.kube.holder is None
    long_ago = (tmp_path / "leaving").stat().st_mtime - 200  # the server is up for 100 s
    os.utime(tmp_path / "leaving", (long_ago, long_ago))
    pod.agent.step()
    assert not (tmp_path / "leaving").exists()
    assert pod.kube.holder == "mysql-0"
