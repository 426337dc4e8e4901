"""The bootstrap Job on real servers."""

import subprocess
import sys

import pytest

from automation.data_servers import DataServers
from automation.drills.data.redis_servers import RedisPods, masters_by_zone
from components.data.redis.runtime.acting import perform, until_done
from components.data.redis.runtime.building import decide_bootstrap
from components.data.redis.runtime.steps import Step
from components.data.redis.runtime.topology import View
from stacks.data_images import REDIS

pytestmark = pytest.mark.servers


def test_the_servers_are_of_the_line_that_pods_run(servers: DataServers):
    line = REDIS.rpartition(":")[2].rpartition(".")[0]
    assert servers.valkey_version.startswith(f"{line}.")


class Killed(Exception):
    """What ends a run in the middle."""


def test_runs_that_are_killed_after_each_step_come_to_one_cluster(pods: RedisPods):
    with pods.reach() as reach:

        def do_one(view: View, step: Step) -> None:
            perform(reach, view, step, lambda _: None)
            raise Killed

        def run() -> bool:
            """False where it was killed."""
            try:
                until_done(
                    lambda: reach.look(pods.zones),
                    lambda view: decide_bootstrap(view, pods.port),
                    do_one,
                    seconds=60,
                    say=lambda _: None,
                )
            except Killed:
                return False
            return True

        kills = 0
        while not run():
            kills += 1
    view = pods.view()
    assert kills >= 6, "three shares of slots and three replicas, besides the meetings"
    assert set(masters_by_zone(view).values()) == {1}
    assert all(len(member.known) == 6 for member in view.members)


def test_two_jobs_at_once_make_one_cluster_and_a_third_changes_nothing(pods: RedisPods):
    command = [sys.executable, "-m", "runtime.bootstrap"]
    both = [
        subprocess.Popen(command, cwd=pods.files, env=pods.environment(), stdout=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    told = [job.communicate(timeout=90)[0] for job in both]
    assert [job.returncode for job in both] == [0, 0], told
    before = pods.view()
    again = pods.job()
    assert again.returncode == 0
    assert again.stdout.startswith("done: 3 masters own 16384 slots, each with its replica in another zone")
    assert pods.view().table() == before.table()
    for member in before.members:
        master = before.by_id(member.own.master_id)
        assert master is None or master.zone != member.zone


def test_probes_let_a_pod_be_ready_before_and_after_but_not_while_its_master_is_away(cluster: RedisPods):
    replica = next(member for member in cluster.view().members if not member.own.is_master)
    for probe in ("startup", "liveness", "readiness"):
        assert cluster.script(replica.pod, "probe.sh", probe).returncode == 0
    cluster.stop_healers(replica.pod)  # its first look would set the right password again
    with cluster.reach() as reach:
        reach.ask(replica.pod, "CONFIG", "SET", "masterauth", "wrong")
        reach.ask(replica.pod, "CLIENT", "KILL", "TYPE", "master")
        refused = cluster.script(replica.pod, "probe.sh", "readiness")
        assert (refused.returncode, refused.stderr) == (1, "the link to the master is down\n")
        assert cluster.script(replica.pod, "probe.sh", "liveness").returncode == 0, "it lives"
        reach.ask(replica.pod, "CONFIG", "SET", "masterauth", cluster.passwords["repl"][0])
    cluster.heal(replica.pod)
    cluster.wait_until_well()
