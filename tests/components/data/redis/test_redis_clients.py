"""Who reaches Redis Cluster: names, certificate, ways through a closed namespace, passwords in turns."""

import json
from typing import Any

from components.data.redis.users import connection_hosts, current_slot, exporter_file, keepers
from tests.charts import check_custom_resource, needs_crds
from tests.components.data.redis.redis_sample import OWN, cluster, container, variables
from tests.engine import all_of, named, only

POLICY = "kubernetes:networking.k8s.io/v1:NetworkPolicy"
SECRET = "kubernetes:core/v1:Secret"
PASSWORD = "random:index/randomPassword:RandomPassword"


# Clients


def test_pods_find_each_other_before_they_are_ready_and_the_bus_has_its_port():
    headless = named(cluster(), "us-east-redis-headless").resolved
    assert headless["metadata"]["name"] == "redis-cluster-headless"
    assert (headless["spec"]["clusterIP"], headless["spec"]["publishNotReadyAddresses"]) == ("None", True)
    assert {port["name"]: port["port"] for port in headless["spec"]["ports"]} == {
        "tcp-redis": 6379,
        "tcp-redis-bus": 16379,
    }
    assert headless["spec"]["selector"] == OWN


def test_games_find_redis_by_the_names_that_they_know():
    built = cluster()
    service = named(built, "us-east-redis-service").resolved
    assert service["metadata"]["name"] == "redis-cluster-service"
    assert [port["port"] for port in service["spec"]["ports"]] == [6379]
    config = named(built, "us-east-redis-client-config").resolved
    assert config["metadata"]["name"] == "redis-config"
    assert config["data"] == {"cluster-endpoint": "redis-cluster-service:6379"}


@needs_crds
def test_the_certificate_covers_every_name_by_which_a_server_is_dialled():
    found = only(cluster(), "kubernetes:cert-manager.io/v1:Certificate").resolved
    assert check_custom_resource(found) == []
    assert found["spec"]["secretName"] == "redis-tls"
    assert {
        "localhost",
        "redis-cluster-service",
        "*.redis-cluster-headless.mmorpg-game.svc.cluster.local",
    } <= set(found["spec"]["dnsNames"])
    assert found["spec"]["issuerRef"]["name"] == "data-issuer"


def rules(policy: dict[str, Any], way: str) -> list[tuple[Any, set[int]]]:
    ends = "from" if way == "ingress" else "to"
    return [
        (rule.get(ends, "anybody"), {int(port["port"]) for port in rule["ports"]})
        for rule in policy["spec"].get(way) or []
    ]


def pods(labels: dict[str, str]) -> dict[str, Any]:
    return {"podSelector": {"matchLabels": labels}}


CLIENTS = pods({"client-of-redis": "true"})
JOBS = pods({"app": "redis-bootstrap", "component": "database"})


def test_the_bus_is_open_to_the_servers_alone():
    ingress = rules(named(cluster(), "us-east-redis-pods", POLICY).resolved, "ingress")
    assert [ends for ends, ports in ingress if 16379 in ports] == [[pods(OWN)]]


def test_clients_and_jobs_reach_the_servers_and_monitoring_reaches_their_figures():
    ingress = rules(named(cluster(), "us-east-redis-pods", POLICY).resolved, "ingress")
    monitoring = {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "monitoring"}}}
    assert ([CLIENTS, JOBS], {6379}) in ingress
    assert ([monitoring], {9121}) in ingress
    assert len(ingress) == 3


def test_servers_and_jobs_reach_servers_and_the_api_server_and_nothing_else():
    built = cluster()
    servers, jobs = (named(built, f"us-east-redis-{whose}", POLICY).resolved for whose in ("pods", "bootstrap"))
    assert rules(servers, "egress") == [([pods(OWN)], {6379, 16379}), ("anybody", {443})]
    assert rules(jobs, "egress") == [([pods(OWN)], {6379}), ("anybody", {443})]
    assert rules(jobs, "ingress") == []
    assert "Ingress" in jobs["spec"]["policyTypes"]


def test_who_carries_the_clients_label_may_reach_redis_and_keeps_its_own_ways_in():
    clients = named(cluster(), "us-east-redis-clients", POLICY).resolved
    assert clients["spec"]["podSelector"] == CLIENTS["podSelector"]
    assert clients["spec"]["policyTypes"] == ["Egress"]
    assert rules(clients, "egress") == [([pods(OWN)], {6379})]


# Passwords


def test_a_rotation_renews_the_former_password_and_the_current_one_stays_valid():
    for rotation in range(6):
        before, after = keepers(rotation), keepers(rotation + 1)
        renewed = [slot for slot, (old, new) in enumerate(zip(before, after, strict=True)) if old != new]
        assert renewed == [current_slot(rotation + 1)], rotation
        assert current_slot(rotation) != current_slot(rotation + 1)


def test_both_passwords_are_kept_by_the_rotation_that_they_are_of():
    made = {found.name: found.resolved["keepers"]["rotation"] for found in all_of(cluster(rotation=3), PASSWORD)}
    assert (made["us-east-redis-app-even"], made["us-east-redis-app-odd"]) == tuple(map(str, keepers(3)))


def test_passwords_are_long_plain_letters_and_protected():
    made = all_of(cluster(), PASSWORD)
    assert len(made) == 10, "two of each of app, repl, exporter, admin and backup"
    for found in made:
        assert (found.resolved["length"], found.resolved["special"]) == (32, False)
        assert found.protect


def test_pods_get_a_file_for_each_user_and_clients_all_that_they_dial_with():
    built = cluster()
    users = named(built, "us-east-redis-users", SECRET)
    assert set(users.resolved["stringData"]) == {
        *("app", "repl", "exporter", "admin", "backup"),
        *("users.acl", "exporter.json"),
    }
    connection = named(built, "us-east-redis-connection", SECRET)
    assert set(connection.resolved["stringData"]) == {
        "host",
        "port",
        "hosts",
        "username",
        "password",
        "uri",
        "ca_secret",
    }
    hosts = connection_hosts("mmorpg-game", 6).split(",")
    assert hosts[5] == "redis-cluster-5.redis-cluster-headless.mmorpg-game.svc.cluster.local:6379"


def test_the_exporters_file_names_what_it_dials_with_its_user_in_it():
    # github.com/oliver006/redis_exporter, exporter/redis.go: it looks its own address up, with the user put in.
    address = variables(container("exporter"))["REDIS_ADDR"]
    assert json.loads(exporter_file("word")) == {address.replace("//", "//exporter@"): "word"}


def test_nothing_secret_is_plain():
    built = cluster()
    assert [found for found in built.findings if found.rule in ("plain-secret", "image-not-pinned")] == []
