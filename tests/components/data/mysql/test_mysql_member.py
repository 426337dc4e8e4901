"""The pod of one member: where it stands, what it may, what it mounts and how long it has to go."""

from typing import Any

from tests.components.data.mysql.recordings import STATEFUL_SET, container, mysql
from tests.engine import only


def stateful_set(**changes: Any) -> dict[str, Any]:
    found: dict[str, Any] = only(mysql(**changes), STATEFUL_SET).resolved
    return found


def pod(**changes: Any) -> dict[str, Any]:
    found: dict[str, Any] = stateful_set(**changes)["spec"]["template"]["spec"]
    return found


def test_no_two_members_stand_on_a_node_or_in_a_zone():
    found = pod()
    selector = {"matchLabels": {"app": "mysql", "component": "database"}}
    (term,) = found["affinity"]["podAntiAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"]
    assert term == {"labelSelector": selector, "topologyKey": "kubernetes.io/hostname"}
    assert found["topologySpreadConstraints"] == [
        {
            "maxSkew": 1,
            "minDomains": 3,
            "topologyKey": "topology.kubernetes.io/zone",
            "whenUnsatisfiable": "DoNotSchedule",
            "labelSelector": selector,
        }
    ]
    assert found["nodeSelector"] == {"workload-type": "database"}


def test_a_member_leaves_a_node_that_is_gone_after_a_minute_and_a_healthy_one_only_when_asked():
    found = stateful_set()["spec"]["template"]
    seconds = {item["key"]: item.get("tolerationSeconds") for item in found["spec"]["tolerations"]}
    assert seconds == {"database": None, "node.kubernetes.io/not-ready": 60, "node.kubernetes.io/unreachable": 60}
    assert found["metadata"]["annotations"]["karpenter.sh/do-not-disrupt"] == "true"
    assert found["spec"]["priorityClassName"] == "game-databases"


def test_a_member_has_time_to_hand_over_and_to_end_cleanly():
    found = pod()
    server = container(found, "mysql")
    assert server["lifecycle"]["preStop"]["exec"]["command"] == ["/bin/bash", "/etc/mysql-pod/prestop.sh"]
    assert found["terminationGracePeriodSeconds"] == 300


def test_health_is_a_ping_and_readiness_is_the_groups_word():
    server = container(pod(), "mysql")
    probes = {
        kind: (server[kind]["exec"]["command"][-1], server[kind]["periodSeconds"], server[kind]["failureThreshold"])
        for kind in ("startupProbe", "livenessProbe", "readinessProbe")
    }
    assert probes == {
        "startupProbe": ("startup", 10, 180),
        "livenessProbe": ("live", 10, 6),
        "readinessProbe": ("ready", 5, 2),
    }
    script = only(mysql(), "kubernetes:core/v1:ConfigMap").resolved["data"]["probe.sh"]
    for word in ("startup", "live", "ready"):
        assert f"{word})" in script or f"{word} |" in script or f"| {word}" in script, f"probe.sh knows no {word}"


def test_pods_are_as_the_strictest_level_wants_them_and_born_outside_the_mesh():
    found = stateful_set()["spec"]["template"]
    security = found["spec"]["securityContext"]
    assert (security["runAsUser"], security["runAsGroup"], security["fsGroup"]) == (999, 999, 999)
    assert security["seccompProfile"] == {"type": "RuntimeDefault"}
    for item in [*found["spec"]["containers"], *found["spec"]["initContainers"]]:
        assert item["securityContext"]["readOnlyRootFilesystem"], item["name"]
        assert item["securityContext"]["capabilities"] == {"drop": ["ALL"]}, item["name"]
    assert found["metadata"]["labels"]["sidecar.istio.io/inject"] == "false"
    assert "role" not in found["metadata"]["labels"], "who writes is the agents' word"


def test_a_node_keeps_room_beside_a_member_for_two_of_redis_and_the_backups():
    milli, mebi = 0, 0
    for item in pod()["containers"]:
        request = item["resources"]["requests"]
        milli += int(request["cpu"][:-1]) if request["cpu"].endswith("m") else int(request["cpu"]) * 1000
        amount, unit = int(request["memory"][:-2]), request["memory"][-2:]
        mebi += amount * {"Mi": 1, "Gi": 1024}[unit]
    assert milli <= 1500
    assert mebi <= 5 * 1024


def test_only_the_agent_and_the_hand_over_hold_a_token():
    found = pod()
    assert found["automountServiceAccountToken"] is False
    holders = {
        item["name"]
        for item in [*found["containers"], *found["initContainers"]]
        if "/var/run/secrets/kubernetes.io/serviceaccount" in {mount["mountPath"] for mount in item["volumeMounts"]}
    }
    assert holders == {"mysql", "agent"}


def test_every_mount_is_a_volume_of_the_pod_and_every_mounted_file_a_key():
    built = mysql()
    found = only(built, STATEFUL_SET).resolved["spec"]
    volumes = {item["name"]: item for item in found["template"]["spec"]["volumes"]}
    claimed = {item["metadata"]["name"] for item in found["volumeClaimTemplates"]}
    mounted = {
        mount["name"]
        for item in [*found["template"]["spec"]["containers"], *found["template"]["spec"]["initContainers"]]
        for mount in item["volumeMounts"]
    }
    assert mounted == set(volumes) | claimed
    data = only(built, "kubernetes:core/v1:ConfigMap").resolved["data"]
    items = volumes["scripts"]["configMap"]["items"]
    assert {item["key"] for item in items} == set(data)
    places = {item["path"] for item in items}
    assert {"my.cnf", "init.sh", "probe.sh", "prestop.sh", "runtime/__init__.py"} <= places
    assert {volumes[name]["secret"]["secretName"] for name in ("users", "exporter", "tls")} == {
        "mysql-users",
        "mysql-exporter",
        "mysql-tls",
    }
