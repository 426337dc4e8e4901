"""Masters that die, go as planned, or all come back somewhere else, on real servers."""

import signal
import subprocess

import pytest

from automation.drills.data.redis import CRASH_SECONDS, PLANNED_SECONDS
from automation.drills.data.redis_clients import Pulse, Writer, key_of, lost
from automation.drills.data.redis_servers import RedisPods
from components.data.redis.config import NODE_TIMEOUT_MS
from components.data.redis.failover import failover_seconds

pytestmark = pytest.mark.servers


def test_after_kill_9_of_a_master_its_replica_takes_writes(cluster: RedisPods):
    master = cluster.view().masters[0].pod
    with Pulse(cluster, key_of(cluster, master)) as pulse:
        cluster.signal(signal.SIGKILL, master)
        seconds = pulse.wait_for_write(60)
    cluster.start(master)
    cluster.wait_until_answering(master)
    cluster.wait_until_well()
    assert NODE_TIMEOUT_MS / 1000 < seconds <= CRASH_SECONDS
    assert failover_seconds(NODE_TIMEOUT_MS).longest <= CRASH_SECONDS


def test_a_master_that_goes_as_planned_hands_over_and_loses_nothing(cluster: RedisPods):
    master = cluster.view().masters[1].pod
    with Writer(cluster) as writer, Pulse(cluster, key_of(cluster, master)) as pulse:
        told = cluster.script(master, "prestop.sh")
        cluster.signal(signal.SIGTERM, master)
        seconds = pulse.wait_for_write(60)
    assert told.stdout.startswith("hand over to 127.")
    cluster.start(master)
    cluster.wait_until_answering(master)
    cluster.wait_until_well()
    assert seconds <= PLANNED_SECONDS
    assert lost(cluster, writer.acknowledged) == []


def test_prestop_of_a_replica_hands_over_nothing(cluster: RedisPods):
    replica = next(member.pod for member in cluster.view().members if not member.own.is_master)
    told = cluster.script(replica, "prestop.sh")
    assert (told.returncode, told.stdout) == (0, "")


def test_all_pods_come_back_with_other_addresses_and_find_each_other(cluster: RedisPods):
    ids = {member.pod: member.id for member in cluster.view().members}
    cluster.signal(signal.SIGKILL)
    cluster.new_addresses(cluster.pods)
    cluster.start()
    seconds = cluster.wait_until_well()
    assert {member.pod: member.id for member in cluster.view().members} == ids
    assert seconds <= 60


def test_the_healers_alone_repair_addresses_that_no_name_told_at_the_start(cluster: RedisPods):
    """DNS lags: every server starts with the former addresses of its peers."""
    cluster.signal(signal.SIGKILL)
    cluster.new_addresses(cluster.pods)
    told = cluster.names.command
    cluster.names.command = "false"
    cluster.start()
    cluster.names.command = told
    cluster.wait_until_answering()
    assert not cluster.well(), "nobody knows where anybody is"
    assert cluster.wait_until_well() <= 60


def test_a_server_that_does_not_answer_is_said_and_not_waited_for(cluster: RedisPods):
    environment = cluster.environment(cluster.pods[0], REDIS_PORT="1")
    command = ["sh", str(cluster.files / "prestop.sh")]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=10)
    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr == "the server does not say whether it is a master: nothing is handed over\n"
