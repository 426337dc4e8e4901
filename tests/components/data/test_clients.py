"""What a pod that asks data systems is given: its labels, addresses, and files without any server's key."""

import dataclasses
from typing import Any

import pulumi

from components.data.clients import (
    DataClient,
    client_environment,
    client_labels,
    client_mounts,
    client_volumes,
    folder,
)
from components.game.world import GameWorlds
from components.kube.labels import client_of
from tests.components.test_game_worlds import ARGS as WORLDS
from tests.components.test_game_worlds import STATEFUL_SET
from tests.engine import build, named, only

MYSQL = DataClient(
    system="mysql", connection="mysql-connection", tls="mysql-tls", environment=(("MYSQL_HOST", "mysql-primary"),)
)
REDIS = DataClient(system="redis", connection="redis-connection", tls="redis-tls")


def test_a_client_carries_the_label_that_each_systems_policies_select_by():
    assert client_labels((MYSQL, REDIS)) == {**client_of("mysql"), **client_of("redis")}
    assert client_labels(()) == {}


def test_addresses_are_variables_by_the_names_that_the_game_knows():
    assert [(one.name, one.value) for one in client_environment((MYSQL, REDIS))] == [("MYSQL_HOST", "mysql-primary")]


def test_a_clients_volume_has_its_connection_and_of_the_certificate_the_authority_alone():
    (volume,) = client_volumes((MYSQL,))
    connection, authority = (source.secret for source in volume.projected.sources)
    assert (connection.name, connection.items) == ("mysql-connection", None)
    assert authority.name == "mysql-tls"
    assert [(item.key, item.path) for item in authority.items] == [("ca.crt", "ca.crt")], "never the servers' key"


def test_every_system_has_a_folder_of_its_own_that_nobody_writes_to():
    mounts = client_mounts((MYSQL, REDIS))
    assert [(mount.mount_path, mount.read_only) for mount in mounts] == [
        ("/app/connections/mysql", True),
        ("/app/connections/redis", True),
    ]
    assert mounts[0].mount_path == folder("mysql")
    assert [mount.name for mount in mounts] == [volume.name for volume in client_volumes((MYSQL, REDIS))]


def template(*clients: DataClient) -> dict[str, Any]:
    built = build(lambda: GameWorlds("us-east", dataclasses.replace(WORLDS, clients=clients)))
    found: dict[str, Any] = only(built, STATEFUL_SET).resolved["spec"]["template"]
    return found


def test_worlds_may_ask_each_system_and_find_it():
    found = template(MYSQL, REDIS)
    assert {**client_of("mysql"), **client_of("redis")}.items() <= found["metadata"]["labels"].items()
    (server,) = found["spec"]["containers"]
    assert {"name": "MYSQL_HOST", "value": "mysql-primary"} in server["env"]
    places = {mount["name"]: mount["mountPath"] for mount in server["volumeMounts"]}
    for client in (MYSQL, REDIS):
        assert places[f"connection-{client.system}"] == folder(client.system)
    assert set(places) - {"world-data"} <= {volume["name"] for volume in found["spec"]["volumes"]}


def test_a_world_without_data_systems_is_nobodys_client():
    found = template()
    assert not [label for label in found["metadata"]["labels"] if label.startswith("client-of-")]
    assert not [volume for volume in found["spec"]["volumes"] if volume["name"].startswith("connection-")]


def test_what_clients_mount_is_there_before_the_worlds():
    def program() -> None:
        issued = pulumi.CustomResource("kubernetes:cert-manager.io/v1:Certificate", "us-east-mysql-certificate", {})
        client = dataclasses.replace(MYSQL, ready=(issued,))
        GameWorlds("us-east", dataclasses.replace(WORLDS, clients=(client,)))

    built = build(program)
    assert named(built, "us-east-mysql-certificate").urn in only(built, STATEFUL_SET).depends_on
