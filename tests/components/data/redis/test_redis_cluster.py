"""Redis Cluster's servers: six over three zones, made one cluster by a Job, on volumes that only grow."""

import dataclasses
import re
from typing import Any

import pulumi
import pytest

from components.data.redis.component import RedisCluster
from components.data.redis.config import RedisConfig
from embedded.kubernetes.checks import problems_of
from embedded.kubernetes.schemas import schemas_of
from tests.components.data.redis.redis_sample import (
    ARGS,
    GROUND,
    OWN,
    STATEFUL_SET,
    cluster,
    container,
    pod,
    stateful_set,
    variables,
)
from tests.engine import all_of, build, named, only

JOB = "kubernetes:batch/v1:Job"
CLAIM = "kubernetes:core/v1:PersistentVolumeClaimPatch"


# Servers


def test_three_masters_have_three_replicas_and_all_start_at_once():
    spec = stateful_set().resolved["spec"]
    assert spec["replicas"] == 6
    assert spec["podManagementPolicy"] == "Parallel", "after an outage none is ready before the others are there"
    assert spec["updateStrategy"] == {"type": "RollingUpdate"}
    assert spec["persistentVolumeClaimRetentionPolicy"] == {"whenDeleted": "Retain", "whenScaled": "Retain"}


def test_servers_are_even_over_the_zones_by_rule_and_apart_on_hosts_by_wish():
    spec = pod()
    (spread,) = spec["topologySpreadConstraints"]
    assert (spread["maxSkew"], spread["minDomains"], spread["whenUnsatisfiable"]) == (1, 3, "DoNotSchedule")
    assert spread["topologyKey"] == "topology.kubernetes.io/zone"
    assert spread["labelSelector"] == {"matchLabels": OWN}
    assert list(spec["affinity"]["podAntiAffinity"]) == ["preferredDuringSchedulingIgnoredDuringExecution"], (
        "a zone has one node for databases and two servers"
    )


def test_servers_stand_on_database_nodes_and_leave_a_lost_one_after_a_minute():
    spec = pod()
    assert spec["nodeSelector"] == {"workload-type": "database"}
    taints = {each["key"]: each for each in spec["tolerations"]}
    assert taints["database"]["value"] == "true"
    for lost in ("not-ready", "unreachable"):
        assert taints[f"node.kubernetes.io/{lost}"]["tolerationSeconds"] == 60
    assert spec["priorityClassName"] == "game-databases"


def test_neither_karpenter_nor_the_mesh_touches_a_server():
    metadata = stateful_set().resolved["spec"]["template"]["metadata"]
    assert metadata["annotations"]["karpenter.sh/do-not-disrupt"] == "true"
    assert metadata["labels"]["sidecar.istio.io/inject"] == "false"
    assert OWN.items() <= metadata["labels"].items()


def test_a_drain_takes_one_server_at_a_time():
    budget = only(cluster(), "kubernetes:policy/v1:PodDisruptionBudget").resolved["spec"]
    assert budget == {"maxUnavailable": 1, "selector": {"matchLabels": OWN}}


def test_a_server_has_time_to_hand_over_and_to_write_what_is_left():
    assert pod()["terminationGracePeriodSeconds"] == 90, "20 s of hand-over and 20 s of shutdown-timeout at the most"
    assert container("redis")["lifecycle"]["preStop"]["exec"]["command"] == ["sh", "/etc/redis-pod/prestop.sh"]


@pytest.mark.parametrize(
    ("probe", "what", "period", "failures"),
    [("startupProbe", "startup", 5, 120), ("livenessProbe", "liveness", 10, 6), ("readinessProbe", "readiness", 5, 2)],
)
def test_a_server_is_asked_by_the_script_that_knows_the_answers(probe: str, what: str, period: int, failures: int):
    found = container("redis")[probe]
    assert found["exec"]["command"] == ["sh", "/etc/redis-pod/probe.sh", what]
    assert (found["periodSeconds"], found["failureThreshold"]) == (period, failures)


def test_every_container_is_bounded_and_may_do_nothing_besides():
    for found in pod()["containers"]:
        assert set(found["resources"]) == {"requests", "limits"}, found["name"]
        assert found["securityContext"]["capabilities"] == {"drop": ["ALL"]}
        assert found["securityContext"]["readOnlyRootFilesystem"] is True
    assert pod()["securityContext"]["runAsUser"] == 999, "the image's own user, who owns its volume"
    assert container("redis")["resources"] == {
        "requests": {"cpu": "250m", "memory": "512Mi"},
        "limits": {"cpu": "500m", "memory": "1Gi"},
    }


def test_scripts_know_their_pod_and_how_many_there_are():
    for name in ("redis", "healer"):
        found = container(name, masters=5)
        assert variables(found)["REDIS_SERVICE"] == "redis-cluster-headless"
        assert variables(found)["REDIS_REPLICAS"] == "10", "masters and replicas"
        fields = {
            each["name"]: each["valueFrom"]["fieldRef"]["fieldPath"] for each in found["env"] if "valueFrom" in each
        }
        assert fields == {
            "POD_NAME": "metadata.name",
            "POD_NAMESPACE": "metadata.namespace",
            "POD_IP": "status.podIP",
        }


def test_every_file_that_a_script_needs_is_mounted_at_its_own_path():
    built = cluster()
    keys = set(named(built, "us-east-redis-server-config").resolved["data"])
    (volume,) = [each["configMap"] for each in pod()["volumes"] if "configMap" in each]
    paths = {item["path"]: item["key"] for item in volume["items"]}
    assert set(paths.values()) == keys
    assert {"redis.conf", "entrypoint.sh", "probe.sh", "prestop.sh", "runtime/__init__.py", "runtime/healer.py"} <= set(
        paths
    )
    assert all(re.fullmatch(r"[-._a-zA-Z0-9]+", key) for key in keys), "a ConfigMap takes no other keys"
    healer = container("healer")
    assert (healer["command"], healer["workingDir"]) == (["python", "-m", "runtime.healer"], "/etc/redis-pod")


def test_another_redis_conf_or_rotation_rolls_the_servers():
    def checksum(**changes: Any) -> str:
        return str(stateful_set(**changes).resolved["spec"]["template"]["metadata"]["annotations"]["checksum/config"])

    same = {checksum(), checksum()}
    assert len(same) == 1
    assert checksum(config=RedisConfig(extra={"hz": "20"})) not in same
    assert checksum(rotation=1) not in same, "the exporter reads its password when it starts"


def test_the_exporter_asks_its_own_server_by_tls_and_as_its_own_user():
    found = container("exporter")
    assert variables(found) == {
        "REDIS_ADDR": "rediss://localhost:6379",
        "REDIS_USER": "exporter",
        "REDIS_PASSWORD_FILE": "/etc/redis-users/exporter.json",
        "REDIS_EXPORTER_TLS_CA_CERT_FILE": "/etc/redis/tls/ca.crt",
    }
    assert found["ports"] == [{"containerPort": 9121, "name": "http-metrics", "protocol": "TCP"}]
    assert "readinessProbe" not in found, "a server whose figures cannot be read still serves"


# Volumes


def test_a_replaced_stateful_set_orphans_its_pods_and_a_changed_claim_template_replaces_nothing():
    found = stateful_set()
    assert found.resolved["metadata"]["annotations"]["pulumi.com/deletionPropagationPolicy"] == "orphan"
    assert found.protect
    assert found.options["ignoreChanges"] == ["spec.volumeClaimTemplates"]
    (template,) = found.resolved["spec"]["volumeClaimTemplates"]
    assert template["metadata"]["name"] == "data"
    assert template["spec"]["resources"] == {"requests": {"storage": "5Gi"}}
    assert template["spec"]["storageClassName"] == "fast-ssd"


def test_more_storage_reaches_every_servers_own_claim():
    built = cluster(storage_gib=10)
    claims = {claim.resolved["metadata"]["name"]: claim for claim in all_of(built, CLAIM)}
    assert sorted(claims) == [f"data-redis-cluster-{ordinal}" for ordinal in range(6)]
    for claim in claims.values():
        assert claim.resolved["spec"]["resources"] == {"requests": {"storage": "10Gi"}}
        assert only(built, STATEFUL_SET).urn in claim.depends_on, "its controller makes the claims"
        assert claim.resolved["metadata"]["annotations"] == {"pulumi.com/patchForce": "true"}
        assert claim.options["retainOnDelete"] is True, "a claim without a size is refused"


def test_a_shrink_is_marked_as_one_to_be_asked_for():
    assert stateful_set().resolved["metadata"]["annotations"]["game-regions/shrinks"] == "by-name"


# Foundation


def test_the_cluster_is_founded_after_its_servers_are_ready_and_by_a_job_that_stays():
    built = cluster()
    job = only(built, JOB)
    assert only(built, STATEFUL_SET).urn in job.depends_on
    spec = job.resolved["spec"]
    assert spec["backoffLimit"] == 6
    assert "ttlSecondsAfterFinished" not in spec, "each up would make it again"
    assert job.resolved["metadata"]["annotations"] == {"pulumi.com/replaceUnready": "true"}
    (founder,) = spec["template"]["spec"]["containers"]
    assert founder["command"] == ["python", "-m", "runtime.bootstrap"]
    assert variables(founder)["REDIS_REPLICAS"] == "6"


def test_another_number_of_servers_is_another_job_and_another_redis_conf_is_not():
    def name(**changes: Any) -> str:
        return str(only(cluster(**changes), JOB).resolved["metadata"]["name"])

    assert re.fullmatch(r"redis-bootstrap-[0-9a-f]{8}", name())
    assert name(masters=5) != name()
    assert name(config=RedisConfig(extra={"hz": "20"})) == name()


def test_servers_that_are_to_go_are_emptied_while_they_are_all_there():
    built = cluster(masters=5, scale_in_to=3)
    emptied, founded = named(built, "us-east-redis-scale-in"), named(built, "us-east-redis-bootstrap", JOB)
    (found,) = emptied.resolved["spec"]["template"]["spec"]["containers"]
    assert found["command"] == ["python", "-m", "runtime.scale_in"]
    assert (variables(found)["REDIS_REPLICAS"], variables(found)["REDIS_REPLICAS_LEFT"]) == ("10", "6")
    assert only(built, STATEFUL_SET).resolved["spec"]["replicas"] == 10
    assert any(urn.endswith("us-east-bootstrap") or urn == founded.urn for urn in emptied.depends_on)


def test_pods_and_jobs_may_look_at_zones_and_at_nothing_else():
    built = cluster()
    (role,) = all_of(built, "kubernetes:rbac.authorization.k8s.io/v1:Role")
    (cluster_role,) = all_of(built, "kubernetes:rbac.authorization.k8s.io/v1:ClusterRole")
    assert role.resolved["rules"] == [{"apiGroups": [""], "resources": ["pods"], "verbs": ["list"]}]
    assert cluster_role.resolved["rules"] == [{"apiGroups": [""], "resources": ["nodes"], "verbs": ["get"]}]
    (binding,) = all_of(built, "kubernetes:rbac.authorization.k8s.io/v1:RoleBinding")
    assert {subject["name"] for subject in binding.resolved["subjects"]} == {"redis-cluster", "redis-bootstrap"}


# Refusals


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"masters": 2}, "redis masters: 2 is below the quorum of 3"),
        ({"masters": 4}, "4 masters in 3 zones: one of these holds 2, and the other 2 are no majority"),
        ({"ground": dataclasses.replace(GROUND, zones=("a", "b"))}, "3 masters in 2 zones keep no majority"),
    ],
)
def test_a_shape_that_loses_its_majority_with_a_zone_is_refused(changes: dict[str, Any], message: str):
    with pytest.raises(ValueError, match=re.escape(message)):
        dataclasses.replace(ARGS, **changes)


def test_every_object_is_one_that_the_api_takes():
    found = [
        resource.resolved
        for resource in cluster(masters=5, scale_in_to=3).resources
        if resource.type.startswith("kubernetes:")
        and "cert-manager" not in resource.type
        and not resource.type.endswith("Patch")  # no whole object
    ]
    assert len(found) == 19
    schemas = schemas_of("1.35")
    for body in found:
        assert problems_of(schemas, schemas.kind(body["apiVersion"], body["kind"]), body) == []


def test_everything_comes_after_the_ground():
    def program() -> None:
        nodes = pulumi.CustomResource("aws:eks/nodeGroup:NodeGroup", "us-east-pool-database", {})
        RedisCluster("us-east", dataclasses.replace(ARGS, ground=dataclasses.replace(GROUND, after=(nodes,))))

    built = build(program)
    nodes = named(built, "us-east-pool-database").urn
    # Secrets need their namespace alone, and stand in it.
    kinds = ("StatefulSet", "Certificate", "NetworkPolicy", "Service")
    for found in built.resources:
        if found.type.rpartition(":")[2] in kinds:
            assert nodes in found.depends_on, found.name
