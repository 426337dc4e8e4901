"""RabbitMQ: three nodes in three zones, quorum queues by definitions, TLS for clients, one budget over its pods."""

import base64
import dataclasses
import hashlib
import json
import re
from pathlib import Path
from typing import Any

from components.data.rabbitmq.cluster import RabbitmqSize, checksum_of, conf, connection, server_names
from components.data.rabbitmq.component import Rabbitmq, RabbitmqArgs
from components.data.rabbitmq.operator import RabbitmqOperator, RabbitmqOperatorArgs
from components.data.rabbitmq.promises import rabbitmq_promises
from components.data.rabbitmq.topology import definitions, password_hash
from plan.recorder import Recording
from tests.charts import needs_crds
from tests.components.data.brokers_ground import CERTIFICATE, GROUND, NAMESPACE, SECRET, policy_of, problems, way_in
from tests.engine import all_of, build, named, only

CLUSTER = "kubernetes:rabbitmq.com/v1beta1:RabbitmqCluster"
BUDGET = "kubernetes:policy/v1:PodDisruptionBudget"
ARGS = RabbitmqArgs(
    ground=GROUND,
    namespace=NAMESPACE,
    image="rabbitmq:4.2.9-management",
    size=RabbitmqSize(cpu="250m", cpu_limit="2", memory_gib=2, storage_gib=20),
    rotation=0,
)
OPERATOR = RabbitmqOperatorArgs(image="ghcr.io/rabbitmq/cluster-operator:2.22.3", watched=NAMESPACE, protect=True)
POD_LABELS = {"app.kubernetes.io/name": "rabbitmq"}  # the operator's: <cluster's name>


def rabbitmq(**changes: Any) -> Recording:
    return build(lambda: Rabbitmq("us-east", dataclasses.replace(ARGS, **changes)))


def spec() -> dict[str, Any]:
    found: dict[str, Any] = only(rabbitmq(), CLUSTER).resolved["spec"]
    return found


def settings() -> dict[str, str]:
    lines = spec()["rabbitmq"]["additionalConfig"].splitlines()
    return dict(line.split(" = ") for line in lines)


def pod() -> dict[str, Any]:
    found: dict[str, Any] = spec()["override"]["statefulSet"]["spec"]["template"]
    return found


def topology() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(definitions("admin-password", "game-password"))
    return found


def test_three_nodes_stand_in_three_zones_on_nodes_kept_for_databases():
    found, own = spec(), pod()["spec"]
    assert found["replicas"] == 3
    (spread,) = own["topologySpreadConstraints"]
    assert (spread["topologyKey"], spread["minDomains"], spread["whenUnsatisfiable"]) == (
        "topology.kubernetes.io/zone",
        3,
        "DoNotSchedule",
    )
    assert spread["labelSelector"]["matchLabels"] == POD_LABELS
    assert own["nodeSelector"] == {"workload-type": "database"}
    away = {one["key"]: one.get("tolerationSeconds") for one in found["tolerations"]}
    assert away == {"database": None, "node.kubernetes.io/not-ready": 60, "node.kubernetes.io/unreachable": 60}


def test_queues_without_a_type_are_quorum_queues():
    assert settings()["default_queue_type"] == "quorum"


def test_queues_that_were_made_while_a_node_was_away_grow_to_three_copies():
    base = "quorum_queue.continuous_membership_reconciliation"
    found = settings()
    assert (found[f"{base}.enabled"], found[f"{base}.target_group_size"]) == ("true", "3")


def test_publishers_wait_while_as_much_disk_is_free_as_there_is_memory():
    assert settings()["disk_free_limit.absolute"] == "2GiB"
    assert "disk_free_limit.absolute = 8GiB\n" in conf(8)
    assert "disk_free_limit.relative" not in conf(8), "the operator sets the other one, and two exclude each other"


def test_a_node_has_ten_minutes_to_leave_and_not_a_week():
    assert spec()["terminationGracePeriodSeconds"] == 600


def test_the_pods_keep_to_the_strictest_level_of_pod_security():
    own = pod()["spec"]
    assert own["securityContext"]["runAsNonRoot"] is True
    assert own["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    by_name = {one["name"]: one["securityContext"] for one in (*own["initContainers"], *own["containers"])}
    assert {*by_name} == {"setup-container", "rabbitmq"}, "as the operator calls them: others would be added beside"
    for context in by_name.values():
        assert (context["allowPrivilegeEscalation"], context["capabilities"]) == (False, {"drop": ["ALL"]})
    assert own["automountServiceAccountToken"] is False


def test_definitions_are_read_from_where_they_are_mounted():
    own = pod()["spec"]
    (volume,), (mount,) = own["volumes"], own["containers"][0]["volumeMounts"]
    (item,) = volume["secret"]["items"]
    found = settings()
    assert found["definitions.local.path"] == f"{mount['mountPath']}/{item['path']}"
    assert found["definitions.import_backend"] == "local_filesystem"
    assert "load_definitions" not in found, "a node that has both does not start"
    assert volume["secret"]["secretName"] == "rabbitmq-admin"
    assert "definitions.json" in named(rabbitmq(), "us-east-rabbitmq-admin-secret", SECRET).resolved["stringData"]


def test_other_definitions_roll_the_nodes():
    assert "checksum/definitions" in pod()["metadata"]["annotations"]
    assert checksum_of(definitions("a", "b")) != checksum_of(definitions("a", "c"))
    assert definitions("a", "b") == definitions("a", "b"), "a run without changes restarts nobody"


def test_passwords_stand_in_definitions_as_rabbitmq_hashes_them():
    raw = base64.b64decode(password_hash("game-password"))
    salt, rest = raw[:4], raw[4:]
    assert rest == hashlib.sha256(salt + b"game-password").digest()
    text = definitions("admin-password", "game-password")
    assert "game-password" not in text
    assert "admin-password" not in text


def test_every_queue_is_a_quorum_queue_and_is_reached_by_an_exchange():
    found = topology()
    assert {queue["arguments"]["x-queue-type"] for queue in found["queues"]} == {"quorum"}
    assert found["vhosts"] == [{"name": "/", "metadata": {"default_queue_type": "quorum"}}]
    names = {queue["name"] for queue in found["queues"]}
    assert names == {"zones.transfers", "matchmaking.requests", "matchmaking.results", "dead-letters"}
    exchanges = {exchange["name"]: exchange["type"] for exchange in found["exchanges"]}
    assert exchanges == {"zones": "topic", "matchmaking": "direct", "dead-letters": "fanout"}
    assert {binding["destination"] for binding in found["bindings"]} == names
    assert {binding["source"] for binding in found["bindings"]} == {*exchanges}


def test_a_full_queue_refuses_publishers_and_what_nobody_takes_becomes_a_dead_letter():
    work, worlds, dead = topology()["policies"]
    assert work["definition"]["overflow"] == "reject-publish"
    assert work["definition"]["dead-letter-exchange"] == "dead-letters"
    assert work["definition"]["delivery-limit"] == 5
    assert re.match(work["pattern"], "matchmaking.requests")
    assert re.match(worlds["pattern"], "zones.world-7")
    assert not re.match(worlds["pattern"], "zones.transfers"), "it would be deleted when nobody reads it for a day"
    assert worlds["priority"] > work["priority"], "one policy holds for a queue"
    assert {**worlds["definition"], "expires": None} == {**work["definition"], "expires": None}
    assert re.match(dead["pattern"], "dead-letters")
    assert "dead-letter-exchange" not in dead["definition"], "else dead letters would go in a circle"


def test_the_game_declares_queues_of_its_worlds_and_changes_none_that_stand_here():
    found = topology()
    (rule,) = [one for one in found["permissions"] if one["user"] == "game"]
    kept = [one["name"] for kind in ("queues", "exchanges") for one in found[kind]]
    assert not [name for name in kept if re.search(rule["configure"], name)]
    assert re.search(rule["configure"], "zones.world-7")
    assert {user["name"]: user["tags"] for user in found["users"]} == {"admin": ["administrator"], "game": []}


def test_clients_get_an_address_with_tls_and_gateways_the_key_they_read():
    data = connection("secret")
    assert (data["host"], data["port"], data["username"], data["vhost"]) == ("rabbitmq", "5671", "game", "/")
    built = rabbitmq()
    by_name = {one.resolved["metadata"]["name"]: one.resolved for one in all_of(built, SECRET)}
    assert {*by_name} == {"rabbitmq-admin", "rabbitmq-connection", "rabbitmq-credentials"}
    assert {*by_name["rabbitmq-credentials"]["stringData"]} == {"url"}
    assert {*by_name["rabbitmq-connection"]["stringData"]} == {*data}


def test_the_operator_sees_the_secrets_that_it_needs():
    built = rabbitmq()
    admin = named(built, "us-east-rabbitmq-admin-secret", SECRET).resolved
    assert spec()["secretBackend"] == {"externalSecret": {"name": admin["metadata"]["name"]}}
    assert {"username", "password", "default_user.conf"} <= {*admin["stringData"]}
    assert admin["metadata"]["labels"]["app.kubernetes.io/part-of"] == "rabbitmq"
    certificate = only(built, CERTIFICATE).resolved["spec"]
    assert certificate["secretTemplate"]["labels"] == {"app.kubernetes.io/part-of": "rabbitmq"}
    assert spec()["tls"]["secretName"] == certificate["secretName"]


def test_the_certificate_has_the_names_of_the_service_and_of_each_node():
    names = server_names("mmorpg-game")
    assert {"rabbitmq", "rabbitmq.mmorpg-game.svc", "*.rabbitmq-nodes.mmorpg-game"} <= {*names}
    assert only(rabbitmq(), CERTIFICATE).resolved["spec"]["dnsNames"] == names


def test_exactly_one_budget_holds_for_the_pods_and_one_may_be_missing():
    budget = only(rabbitmq(), BUDGET).resolved["spec"]
    assert budget["maxUnavailable"] == 1
    assert budget["selector"]["matchLabels"] == POD_LABELS


def test_only_clients_monitoring_the_operator_and_the_nodes_themselves_come_in():
    built = rabbitmq()
    nodes = policy_of(built, "rabbitmq")
    assert way_in(nodes) == {
        "clients": [5671],
        "own": [4369, 25672, 35672],
        "rabbitmq-system": [15671],
        "monitoring": [15692],
    }
    spec = nodes.resolved["spec"]
    assert spec["podSelector"]["matchLabels"] == POD_LABELS
    (way,) = spec["egress"]
    assert way["to"][0]["podSelector"]["matchLabels"] == POD_LABELS, "to each other, and to nobody else"
    clients = policy_of(built, "rabbitmq-clients").resolved["spec"]
    assert clients["podSelector"]["matchLabels"] == {"client-of-rabbitmq": "true"}
    assert [port["port"] for port in clients["egress"][0]["ports"]] == [5671], "never plain 5672"


def test_the_nodes_come_after_the_operator_their_secrets_and_their_policies():
    def program() -> None:
        operator = RabbitmqOperator("us-east", OPERATOR)
        Rabbitmq("us-east", dataclasses.replace(ARGS, ground=dataclasses.replace(GROUND, after=(operator.ready,))))

    built = build(program)
    wanted = {
        only(built, "kubernetes:apps/v1:Deployment").urn,
        named(built, "us-east-rabbitmq-admin-secret", SECRET).urn,
        only(built, CERTIFICATE).urn,
        only(built, BUDGET).urn,
        named(built, "us-east-rabbitmq", "kubernetes:networking.k8s.io/v1:NetworkPolicy").urn,
    }
    assert wanted <= {*only(built, CLUSTER).depends_on}


def test_the_messages_and_the_passwords_are_protected():
    built = rabbitmq()
    protected = {resource.name for resource in built.resources if resource.protect}
    assert protected == {"us-east-rabbitmq", "us-east-rabbitmq-admin", "us-east-rabbitmq-game"}


def test_two_of_three_nodes_always_run():
    nodes, operator = rabbitmq_promises(NAMESPACE)
    assert (nodes.owner, nodes.quorum) == ("StatefulSet mmorpg-game/rabbitmq-server", True)
    assert nodes.needed(zone_lost=False) == nodes.needed(zone_lost=True) == 2
    assert (operator.owner, operator.replicas) == ("Deployment rabbitmq-system/rabbitmq-cluster-operator", 1)


@needs_crds
def test_every_object_is_what_the_api_server_takes():
    assert problems(rabbitmq()) == []


def test_the_system_is_at_most_twenty_resources():
    def program() -> None:
        RabbitmqOperator("us-east", OPERATOR)
        Rabbitmq("us-east", ARGS)

    assert len(build(program).resources) <= 20


def test_the_dashboard_reads_metrics_of_the_plugin():
    board = json.loads(Path("components/files/dashboards/rabbitmq.json").read_text())
    assert board["schemaVersion"] >= 39
    expressions = [target["expr"] for panel in board["panels"] for target in panel["targets"]]
    assert all("rabbitmq_" in one or "erlang_vm_" in one for one in expressions)
