"""What drills on real control planes make of what an API server says, and how they judge it."""

from collections import Counter
from importlib import import_module
from types import SimpleNamespace

import pytest

from automation.drills.live.az_loss import compared, disagreements, worst_zone
from automation.drills.live.charts import budget, conforming
from automation.drills.live.drift import Edit, shown
from automation.drills.live.pods import misplaced, owner_of, pool_names, running, use, zones_of_volumes
from automation.drills.live.quota import counts, runaway
from automation.drills.live.rolling_update import newer_images
from automation.drills.live.table import LIVE, module_of
from automation.drills.live.verdict import Verdict
from automation.drills.live.waits import quiet, until, waited
from automation.drills.live.watch import Watch
from components.promises import Promise
from plan.placement.region import PoolUse
from plan.placement.report import estimate
from tests.shipped import recording_of, settings_of

ZONE = "topology.kubernetes.io/zone"
WORLDS = Promise(kind="StatefulSet", namespace="game", name="worlds", replicas=3, minimum_ready=2, after_zone_loss=1)


def node(name, zone="a", taints=(), **labels):
    return {
        "metadata": {"name": name, "labels": {ZONE: zone, "node.kubernetes.io/instance-type": "c7i.xlarge", **labels}},
        "spec": {"taints": list(taints)},
        "status": {"allocatable": {"cpu": "4", "memory": "8Gi", "pods": "110"}},
    }


def pod(name, on=None, kind="StatefulSet", owner="worlds", ready=True, cpu="1", **spec):
    container = {"name": "c", "resources": {"requests": {"cpu": cpu, "memory": "1Gi"}}}
    return {
        "metadata": {
            "name": name,
            "namespace": "game",
            "labels": {},
            "ownerReferences": [{"kind": kind, "name": owner}],
        },
        "spec": {"containers": [container], **({"nodeName": on} if on else {}), **spec},
        "status": {"phase": "Running" if on else "Pending", "conditions": [{"type": "Ready", "status": str(ready)}]},
    }


def test_a_pod_of_a_deployment_belongs_to_it_and_not_to_its_replica_set():
    one = pod("api-5f9c-x", kind="ReplicaSet", owner="api-5f9c")
    one["metadata"]["labels"]["pod-template-hash"] = "5f9c"
    assert owner_of(one) == "Deployment game/api"
    assert owner_of(pod("worlds-0")) == "StatefulSet game/worlds"


def test_a_pod_runs_only_while_it_is_ready_and_its_node_is_there():
    leaving = pod("worlds-3", on="n1")
    leaving["metadata"]["deletionTimestamp"] = "2026-01-01T00:00:00Z"
    pods = [pod("worlds-0", on="n1"), pod("worlds-1", on="gone"), pod("worlds-2", on="n1", ready=False), leaving]
    assert running(pods, [node("n1", zone="us-east-1a")]) == {"StatefulSet game/worlds": Counter({"us-east-1a": 1})}


def test_density_leaves_out_what_runs_on_every_node_and_use_is_of_what_is_allocatable():
    nodes = [
        node("n1", **{"eks.amazonaws.com/nodegroup": "game-group"}),
        node("n2", **{"karpenter.sh/nodepool": "spare"}),
    ]
    pods = [pod("worlds-0", on="n1"), pod("cni", on="n1", kind="DaemonSet", owner="cni"), pod("worlds-1")]
    game, spare = use(nodes, pods, {"game-group": "game"})
    assert (game.name, game.nodes, game.pods, game.pods_per_node) == ("game", 1, 2, 1.0)
    assert (game.cpu_percent, game.memory_percent) == (50.0, 25.0)
    assert (spare.name, spare.nodes, spare.pods) == ("spare", 1, 0)


def test_a_pod_where_taints_forbid_it_is_misplaced_but_a_daemon_named_its_node():
    nodes = [node("n1", taints=[{"key": "workload", "value": "game-server", "effect": "NoSchedule"}])]
    own = {"matchFields": [{"key": "metadata.name", "operator": "In", "values": ["n1"]}]}
    rule = {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": [own]}}}
    daemon = pod("cni", on="n1", kind="DaemonSet", owner="cni", affinity=rule)
    assert misplaced([pod("api", on="n1"), daemon], nodes) == ["game/api"]
    assert misplaced([pod("api", on="n1", tolerations=[{"operator": "Exists"}])], nodes) == []


def test_a_pod_is_tied_to_the_zones_of_its_own_claims_only():
    def volume(claim, zone):
        terms = [{"matchExpressions": [{"key": ZONE, "operator": "In", "values": [zone]}]}]
        reference = {"namespace": "game", "name": claim}
        return {"spec": {"claimRef": reference, "nodeAffinity": {"required": {"nodeSelectorTerms": terms}}}}

    waiting = pod("worlds-0", volumes=[{"name": "data", "persistentVolumeClaim": {"claimName": "data-worlds-0"}}])
    volumes = [volume("data-worlds-0", "us-east-1a"), volume("data-worlds-1", "us-east-1b")]
    assert zones_of_volumes(waiting, volumes) == {"us-east-1a"}
    assert zones_of_volumes(pod("api"), volumes) == set()


def pool_use(name, nodes):
    figures = {"pods": 0, "pods_per_node": 0.0, "cpu_percent": 0.0, "memory_percent": 0.0}
    return PoolUse(name=name, nodes=nodes, instance_types={}, **figures)


def test_plan_and_cluster_may_differ_by_one_node_of_a_pool_and_by_no_more():
    planned = [pool_use("game", 3), pool_use("system", 2)]
    assert disagreements([pool_use("game", 4), pool_use("system", 1), pool_use("spare", 1)], planned) == []
    assert disagreements([pool_use("game", 5), pool_use("spare", 2)], planned) == [
        "game has 5 nodes, the plan says 3",
        "spare has 2 nodes, the plan says 0",
    ]
    assert [row["planned"] and row["planned"]["nodes"] for row in compared([pool_use("game", 4)], planned)] == [3]


def test_the_zone_that_takes_most_seats_is_lost_and_its_groups_are_known_by_their_labels():
    settings = settings_of("dev")
    region = estimate(recording_of("dev"), settings)["us-east"]
    assert worst_zone(region) == "us-east-1a"
    assert {"database", "game", "system", "services", "worlds"} == {*pool_names(region.placement.pools).values()}


def test_the_worst_moment_of_a_workload_counts():
    region = SimpleNamespace(name="us-east", estimate=SimpleNamespace(promises=(WORLDS,)))
    watch = Watch(region)
    for ready in (3, 1, 3):
        watch.see({WORLDS.owner: Counter({"us-east-1a": ready})})
    assert watch.least(WORLDS.owner) == 1
    (sentence,) = watch.broken()
    assert sentence.startswith("us-east, at the worst moment: StatefulSet game/worlds: 1 of 3 pods run")
    calm = Watch(region)
    calm.see({WORLDS.owner: Counter({"us-east-1a": 2})})
    assert calm.broken() == []


def test_a_time_breaks_its_promise_only_above_it():
    verdict = Verdict(told=lambda _: None)
    verdict.judge_time("clients write again", 10.0, 10.0)
    verdict.judge_time("clients write again", 10.1, 10.0)
    assert verdict.held == ["clients write again within 10 s (10.0 s)"]
    assert verdict.broken == ["clients write again after 10.1 s, promised are 10 s"]


def test_a_verdict_holds_what_held_and_every_problem():
    heard = []
    verdict = Verdict(told=heard.append)
    verdict.judge("all run", [])
    verdict.judge("none waits", ["a waits", "b waits"])
    verdict.measured("us-east", seats=2)
    verdict.measured("us-east", nodes=3)
    assert verdict.report() == {
        "held": ["all run"],
        "broken": ["a waits", "b waits"],
        "figures": {"us-east": {"seats": 2, "nodes": 3}},
    }
    assert heard == ["held   all run", "BROKEN a waits", "BROKEN b waits"]


def test_waits_end_with_what_is_missing_or_as_soon_as_nothing_is():
    looks = iter([["a"], []])
    assert until("it", 5, lambda: next(looks)) < 5
    assert waited(0, lambda: ["b"]) == ["b"]
    with pytest.raises(AssertionError, match=r"^it: after 0 s c, d$"):
        until("it", 0, lambda: ["c", "d"])


def test_what_moves_on_and_on_is_not_quiet():
    moving = iter(range(1000))
    assert quiet(0.1, 5, lambda: "same")
    assert not quiet(1, 0.5, lambda: next(moving))


def test_charts_pods_fit_into_a_restricted_namespace_and_get_new_images():
    manifest = runaway("game", 2, {"cpu": "100m", "memory": "256Mi"})
    made = conforming(manifest)
    spec = made["spec"]["template"]["spec"]
    assert spec["securityContext"]["runAsNonRoot"] is True
    assert spec["containers"][0]["securityContext"]["capabilities"] == {"drop": ["ALL"]}
    assert budget(manifest)["metadata"] == {"name": "runaway", "namespace": "game"}
    assert budget(manifest)["spec"] == {"maxUnavailable": 1, "selector": {"matchLabels": {"app": "runaway"}}}
    assert "securityContext" not in manifest["spec"]["template"]["spec"]
    assert newer_images(made)["spec"]["template"]["spec"]["containers"][0]["image"] == "runaway:drill-drill"


def test_an_edit_is_shown_only_by_its_own_region_and_object():
    region = SimpleNamespace(name="us-east")
    edit = Edit(region, "ConfigMap", "/api/v1/namespaces/game/configmaps/config", ("data", "PORT"), "1")

    def resource(name, value, object_name="config"):
        outputs = {"metadata": {"name": object_name}, "data": {"PORT": value}}
        return {"type": "kubernetes:core/v1:ConfigMap", "urn": f"urn:pulumi::x::{name}", "outputs": outputs}

    assert shown(edit, [resource("us-east-worlds-config", "1")])
    others = [resource("us-west-config", "1"), resource("us-east-config", "7777"), resource("us-east-b", "1", "other")]
    assert not shown(edit, others)


def test_every_drill_of_the_table_can_be_run():
    assert [callable(import_module(module_of(name)).run) for name in LIVE] == [True] * len(LIVE)


@pytest.mark.parametrize(("phase", "counted"), [("Running", True), ("Pending", True), ("Succeeded", False)])
def test_a_pod_that_has_ended_takes_nothing_of_the_quota(phase: str, counted: bool):
    ended = {"metadata": {"namespace": "mmorpg-game"}, "status": {"phase": phase}}
    assert counts(ended, "mmorpg-game") is counted
    assert not counts(ended, "kube-system")
