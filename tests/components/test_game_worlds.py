"""GameWorlds: the worlds as specified, and what keeps their players and their data."""

import dataclasses
from typing import Any

import pulumi
import pytest

from components.game.world import GameWorlds, GameWorldsArgs
from components.kube.checksum import checksum
from components.kube.compute import Compute
from plan.recorder import Recording
from tests.engine import build, named, only

STATEFUL_SET = "kubernetes:apps/v1:StatefulSet"
ARGS = GameWorldsArgs(
    game="mmorpg",
    namespace="mmorpg-game",
    count=3,
    players_per_world=2000,
    image="mmorpg/game-server:v2.1.0",
    loader_image="mmorpg/world-data-loader:v1.2.0",
    requests=Compute(cpu="1", memory="2Gi"),
    limits=Compute(cpu="2", memory="4Gi"),
    storage_gib=10,
    storage_class="fast-ssd",
    priority_class="game-worlds",
    protect=True,
)
SELECTOR = {"app": "game-world-server", "component": "world-service"}
WORLD_ID = {
    "name": "WORLD_ID",
    "valueFrom": {"fieldRef": {"apiVersion": "v1", "fieldPath": "metadata.labels['apps.kubernetes.io/pod-index']"}},
}


def worlds(**changes: Any) -> Recording:
    return build(lambda: GameWorlds("us-east", dataclasses.replace(ARGS, **changes)))


def spec(**changes: Any) -> dict[str, Any]:
    found: dict[str, Any] = only(worlds(**changes), STATEFUL_SET).resolved["spec"]
    return found


def pod(**changes: Any) -> dict[str, Any]:
    found: dict[str, Any] = spec(**changes)["template"]["spec"]
    return found


def server(**changes: Any) -> dict[str, Any]:
    (container,) = pod(**changes)["containers"]
    found: dict[str, Any] = container
    return found


def loader() -> dict[str, Any]:
    (container,) = pod()["initContainers"]
    found: dict[str, Any] = container
    return found


def test_each_world_is_a_pod_of_one_stateful_set():
    built = worlds(count=5)
    stateful_set = only(built, STATEFUL_SET).resolved
    assert stateful_set["metadata"]["name"] == "game-world-servers"
    assert stateful_set["metadata"]["namespace"] == "mmorpg-game"
    assert stateful_set["spec"]["replicas"] == 5


def test_a_region_closed_to_players_keeps_its_stateful_set_at_zero():
    assert spec(count=0)["replicas"] == 0


def test_a_release_never_ends_a_world_by_itself():
    assert spec()["updateStrategy"] == {"type": "OnDelete"}


def test_a_world_that_does_not_start_keeps_no_other_down():
    assert spec()["podManagementPolicy"] == "Parallel"


def test_loader_and_server_know_the_world_by_the_same_number():
    assert loader()["env"][0] == server()["env"][0] == WORLD_ID


def test_the_server_gets_its_figures_its_config_and_its_secrets():
    container = server(players_per_world=1500)
    plain = {env["name"]: env["value"] for env in container["env"] if "value" in env}
    assert plain == {"LOG_LEVEL": "INFO", "MAX_PLAYERS_PER_WORLD": "1500"}
    assert container["envFrom"] == [
        {"configMapRef": {"name": "game-server-config"}},
        {"secretRef": {"name": "game-server-secrets"}},
    ]


def test_game_metrics_and_health_have_a_port_each():
    assert {port["name"]: (port["containerPort"], port["protocol"]) for port in server()["ports"]} == {
        "game-port": (8080, "TCP"),
        "game-udp": (8081, "UDP"),
        "metrics-port": (9090, "TCP"),
        "health-port": (8888, "TCP"),
    }
    config = only(worlds(), "kubernetes:core/v1:ConfigMap").resolved
    assert config["data"] == {"SERVER_PORT": "8080", "METRICS_PORT": "9090", "HEALTH_PORT": "8888"}


@pytest.mark.parametrize(
    ("probe", "path", "initial_delay", "period", "timeout", "failures"),
    [
        ("livenessProbe", "/health/live", 30, 10, 5, 3),
        ("readinessProbe", "/health/ready", 10, 5, 3, 2),
        ("startupProbe", "/health/startup", 10, 10, 5, 10),
    ],
)
def test_health_is_asked_on_its_own_port(
    probe: str, path: str, initial_delay: int, period: int, timeout: int, failures: int
):
    assert server()[probe] == {
        "httpGet": {"path": path, "port": "health-port"},
        "initialDelaySeconds": initial_delay,
        "periodSeconds": period,
        "timeoutSeconds": timeout,
        "successThreshold": 1,
        "failureThreshold": failures,
    }


def test_prometheus_finds_the_metrics_port():
    annotations = spec()["template"]["metadata"]["annotations"]
    assert {key: value for key, value in annotations.items() if key.startswith("prometheus")} == {
        "prometheus.io/scrape": "true",
        "prometheus.io/port": "9090",
        "prometheus.io/path": "/metrics",
    }


def test_a_changed_config_shows_in_the_pods_annotation():
    annotation = spec()["template"]["metadata"]["annotations"]["checksum/config"]
    config = only(worlds(), "kubernetes:core/v1:ConfigMap").resolved["data"]
    assert annotation == checksum(config) == checksum(dict(reversed(config.items())))
    assert annotation != checksum({**config, "SERVER_PORT": "8081"})


def test_a_world_gets_what_it_is_promised():
    assert server()["resources"] == {"requests": {"cpu": "1", "memory": "2Gi"}, "limits": {"cpu": "2", "memory": "4Gi"}}
    assert loader()["resources"] == server()["resources"], "it runs before the server: the pod's share stays the same"


def test_worlds_stand_on_game_nodes_one_on_each_and_spread_over_the_zones():
    found = pod()
    assert found["nodeSelector"] == {"workload-type": "game-server"}
    assert found["tolerations"] == [
        {"key": "game-server", "operator": "Equal", "value": "true", "effect": "NoSchedule"}
    ]
    (term,) = found["affinity"]["podAntiAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"]
    assert term == {"labelSelector": {"matchLabels": SELECTOR}, "topologyKey": "kubernetes.io/hostname"}
    assert found["topologySpreadConstraints"] == [
        {
            "maxSkew": 1,
            "topologyKey": "topology.kubernetes.io/zone",
            "whenUnsatisfiable": "ScheduleAnyway",
            "labelSelector": {"matchLabels": SELECTOR},
        }
    ]
    assert found["priorityClassName"] == "game-worlds"


def test_server_and_loader_pass_pod_security_restricted():
    assert pod()["securityContext"] == {
        "runAsNonRoot": True,
        "runAsUser": 1000,
        "runAsGroup": 1000,
        "fsGroup": 1000,
        "fsGroupChangePolicy": "OnRootMismatch",
        "seccompProfile": {"type": "RuntimeDefault"},
    }
    for container in (server(), loader()):
        assert container["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "runAsNonRoot": True,
            "capabilities": {"drop": ["ALL"]},
        }


def test_no_world_holds_a_token_for_the_api_server():
    account = only(worlds(), "kubernetes:core/v1:ServiceAccount").resolved
    assert account["automountServiceAccountToken"] is pod()["automountServiceAccountToken"] is False
    assert pod()["serviceAccountName"] == account["metadata"]["name"] == "game-world-servers"


def test_a_world_can_write_its_data_and_its_logs_and_nothing_else():
    mounts = {mount["mountPath"]: mount for mount in server()["volumeMounts"]}
    assert set(mounts) == {"/data/world", "/app/config", "/app/logs"}
    assert mounts["/data/world"] == {"name": "world-data", "mountPath": "/data/world"}, "read-only would lose the game"
    assert mounts["/app/config"]["readOnly"] is True
    volumes = {volume["name"]: volume for volume in pod()["volumes"]}
    assert volumes["config"]["configMap"] == {"name": "game-server-config"}
    assert volumes["logs"]["emptyDir"] == {"sizeLimit": "1Gi"}
    assert loader()["volumeMounts"] == [{"name": "world-data", "mountPath": "/data/world"}]


def test_each_world_has_a_volume_of_its_own_that_outlives_it():
    (claim,) = spec(storage_gib=25)["volumeClaimTemplates"]
    assert claim["metadata"]["name"] == "world-data"
    assert claim["spec"] == {
        "accessModes": ["ReadWriteOnce"],
        "storageClassName": "fast-ssd",
        "resources": {"requests": {"storage": "25Gi"}},
    }
    assert spec()["persistentVolumeClaimRetentionPolicy"] == {"whenDeleted": "Retain", "whenScaled": "Retain"}


def test_nothing_that_changes_can_replace_the_stateful_set_or_end_its_pods():
    stateful_set = only(worlds(), STATEFUL_SET)
    assert stateful_set.options["ignoreChanges"] == ["spec.volumeClaimTemplates"]
    assert stateful_set.inputs["metadata"]["annotations"] == {"pulumi.com/deletionPropagationPolicy": "orphan"}
    assert stateful_set.options["customTimeouts"] == {"create": "30m", "update": "30m"}


def test_a_world_is_reached_by_name_on_its_named_ports():
    built = worlds()
    service = only(built, "kubernetes:core/v1:Service").resolved
    assert service["metadata"]["name"] == spec()["serviceName"] == "game-world-service"
    assert service["spec"]["clusterIP"] == "None", "headless: a player is sent to one world, not to any"
    assert service["spec"]["selector"] == spec()["selector"]["matchLabels"] == SELECTOR
    assert service["spec"]["selector"].items() <= spec()["template"]["metadata"]["labels"].items()
    assert [
        (port["name"], port["port"], port["targetPort"], port["protocol"]) for port in service["spec"]["ports"]
    ] == [
        ("game-port", 8080, "game-port", "TCP"),
        ("game-udp", 8081, "game-udp", "UDP"),
        ("metrics-port", 9090, "metrics-port", "TCP"),
    ]


def test_worlds_talk_to_each_other_only():
    policy = only(worlds(), "kubernetes:networking.k8s.io/v1:NetworkPolicy").resolved["spec"]
    peers = [{"podSelector": {"matchLabels": SELECTOR}}]
    ports = [{"protocol": "TCP", "port": 8080}, {"protocol": "TCP", "port": 9090}]
    assert policy == {
        "podSelector": {"matchLabels": SELECTOR},
        "policyTypes": ["Ingress", "Egress"],
        "ingress": [{"from": peers, "ports": ports}],
        "egress": [{"to": peers, "ports": ports}],
    }


def test_the_signing_key_is_random_and_nowhere_in_plain():
    built = worlds()
    key = only(built, "random:index/randomPassword:RandomPassword")
    assert (key.inputs["length"], key.inputs["special"]) == (48, False)
    secret = only(built, "kubernetes:core/v1:Secret")
    assert secret.resolved["metadata"]["name"] == "game-server-secrets"
    assert secret.secrets, "the key is marked secret on its way into the Secret"
    assert "result" not in str(secret.resolved["stringData"])
    assert key.urn in secret.depends_on


def test_guards_and_all_it_is_given_stand_before_the_first_world():
    def program() -> None:
        nodes = pulumi.CustomResource("aws:eks/nodeGroup:NodeGroup", "us-east-pool-game", {})
        GameWorlds("us-east", dataclasses.replace(ARGS, after=(nodes,)))

    built = build(program)
    needs = {named(built, name).urn for name in ("us-east-pool-game", "us-east-sessions")}
    needs |= {only(built, f"kubernetes:{kind}").urn for kind in ("core/v1:ConfigMap", "core/v1:Secret")}
    needs |= {only(built, f"kubernetes:{kind}").urn for kind in ("core/v1:ServiceAccount", "core/v1:Service")}
    needs.add(only(built, "kubernetes:networking.k8s.io/v1:NetworkPolicy").urn)
    assert needs == set(only(built, STATEFUL_SET).depends_on)


@pytest.mark.parametrize("protect", [True, False])
def test_worlds_and_their_signing_key_are_protected_exactly_where_asked(protect: bool):
    protected = {resource.type for resource in worlds(protect=protect).resources if resource.protect}
    assert protected == ({STATEFUL_SET, "random:index/randomPassword:RandomPassword"} if protect else set())


def test_more_worlds_or_another_release_touch_only_the_stateful_set():
    old, new = worlds().by_urn(), worlds(count=5, image="mmorpg/game-server:v2.2.0").by_urn()
    assert {new[urn].type for urn, resource in old.items() if new[urn].inputs != resource.inputs} == {STATEFUL_SET}
    assert old.keys() == new.keys()
