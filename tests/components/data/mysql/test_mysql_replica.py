"""The copy of another region's data: one server that is in no group, takes no writes and follows its source."""

from typing import Any

from components.data.mysql.promises import replica_promise
from tests.components.data.mysql.recordings import REPLICA_ARGS, STATEFUL_SET, container, mysql, replica
from tests.engine import named, only

POLICY = "kubernetes:networking.k8s.io/v1:NetworkPolicy"


def pod() -> dict[str, Any]:
    found: dict[str, Any] = only(replica(), STATEFUL_SET).resolved["spec"]["template"]["spec"]
    return found


def test_one_server_follows_another_region():
    spec = only(replica(), STATEFUL_SET).resolved["spec"]
    assert spec["replicas"] == 1
    follower = container(spec["template"]["spec"], "follower")
    told = {item["name"]: item.get("value") for item in follower["env"]}
    assert told["SOURCE_HOST"] == REPLICA_ARGS.source_host
    assert follower["command"] == ["/bin/bash", "/etc/mysql-pod/follow.sh"]
    assert "follow.sh" in only(replica(), "kubernetes:core/v1:ConfigMap").resolved["data"]


def test_its_number_is_none_of_a_groups_members():
    command = container(pod(), "mysql")["command"]
    assert command == ["mysqld", "--defaults-file=/etc/mysql-rendered/my.cnf", "--server-id=900"]


def test_it_is_ready_while_it_answers_and_hands_nothing_over():
    server = container(pod(), "mysql")
    assert server["readinessProbe"]["exec"]["command"][-1] == "live"
    assert "lifecycle" not in server


def test_it_holds_no_token_and_no_right():
    assert "token" not in {volume["name"] for volume in pod()["volumes"]}
    assert not [item for item in replica().resources if ":Role" in item.type]


def test_it_knows_the_accounts_that_come_with_the_data():
    users = named(replica(), "us-east-mysql-replica-users").resolved["stringData"]
    assert set(users) == set(REPLICA_ARGS.passwords)


def test_it_goes_out_to_its_source_alone():
    spec = named(replica(), "us-east-mysql-replica-server", POLICY).resolved["spec"]
    assert spec["egress"] == [
        {"to": [{"ipBlock": {"cidr": "10.40.0.0/16"}}], "ports": [{"protocol": "TCP", "port": 3306}]}
    ]


def test_it_stands_beside_a_group_in_one_namespace_without_a_name_in_common():
    def objects(built: Any) -> set[tuple[str, str]]:
        found = [item for item in built.resources if item.type.startswith("kubernetes:")]
        return {(item.type, item.resolved["metadata"]["name"]) for item in found}

    def logical(built: Any) -> set[tuple[str, str]]:
        return {(item.type, item.name) for item in built.resources}

    assert not objects(mysql()) & objects(replica())
    assert not logical(mysql()) & logical(replica())


def test_the_groups_services_never_lead_to_it():
    labels = only(replica(), STATEFUL_SET).resolved["spec"]["template"]["metadata"]["labels"]
    assert labels["app"] == "mysql-replica"
    assert "role" not in labels


def test_it_is_promised_to_nobody_while_it_moves():
    promise = replica_promise("mmorpg-game")
    assert (promise.replicas, promise.minimum_ready, promise.after_zone_loss) == (1, 0, 0)
