"""The group as Kubernetes gets it: members that start together, change one by one, and keep their data."""

import dataclasses
from typing import Any

import kubernetes_validate
import pulumi
import pytest

from components.data.mysql import names, users
from components.data.mysql.component import Mysql
from components.data.mysql.runtime import kube
from components.data.mysql.runtime import users as agents
from plan.objects import matches
from tests.charts import check_custom_resource, needs_crds
from tests.components.data.mysql.recordings import ARGS, GROUND, STATEFUL_SET, container, mysql, replica
from tests.engine import all_of, build, named, only

CLAIM_PATCH = "kubernetes:core/v1:PersistentVolumeClaimPatch"
CERTIFICATE = "kubernetes:cert-manager.io/v1:Certificate"
BUDGET = "kubernetes:policy/v1:PodDisruptionBudget"
SECRET = "kubernetes:core/v1:Secret"
SERVICE = "kubernetes:core/v1:Service"
PASSWORD = "random:index/randomPassword:RandomPassword"


def stateful_set(**changes: Any) -> dict[str, Any]:
    found: dict[str, Any] = only(mysql(**changes), STATEFUL_SET).resolved
    return found


def pod(**changes: Any) -> dict[str, Any]:
    found: dict[str, Any] = stateful_set(**changes)["spec"]["template"]["spec"]
    return found


def test_members_start_together_and_change_one_by_one():
    spec = stateful_set()["spec"]
    assert spec["replicas"] == 3
    assert spec["podManagementPolicy"] == "Parallel", "in order, some full outages never end"
    assert (spec["updateStrategy"]["type"], spec["minReadySeconds"]) == ("RollingUpdate", 15)
    assert spec["serviceName"] == "mysql-headless"


def test_data_outlives_members_and_their_stateful_set():
    recorded = only(mysql(), STATEFUL_SET)
    assert recorded.resolved["spec"]["persistentVolumeClaimRetentionPolicy"] == {
        "whenDeleted": "Retain",
        "whenScaled": "Retain",
    }
    assert recorded.resolved["metadata"]["annotations"] == {"pulumi.com/deletionPropagationPolicy": "orphan"}
    assert recorded.protect
    assert recorded.options["ignoreChanges"] == ["spec.volumeClaimTemplates"]
    assert not only(mysql(ground=dataclasses.replace(GROUND, protect=False)), STATEFUL_SET).protect


def test_another_option_rolls_the_pods_and_another_password_does_not():
    def checksum(**changes: Any) -> str:
        text: str = stateful_set(**changes)["spec"]["template"]["metadata"]["annotations"]["checksum/config"]
        return text

    assert checksum() == checksum(rotation=2)
    assert checksum() != checksum(variables={"sort_buffer_size": 524_288})
    assert stateful_set()["spec"]["template"] == stateful_set(rotation=2)["spec"]["template"]


def test_members_are_told_who_they_are_and_how_many():
    for name in ("mysql-init", "mysql", "agent"):
        told = {item["name"]: item.get("value") for item in container(pod(), name)["env"]}
        assert {"POD_NAME", "POD_NAMESPACE", "POD_IP"} <= set(told), name
        assert (told["MYSQL_SERVICE"], told["MYSQL_REPLICAS"], told["MYSQL_DATABASE"]) == (
            "mysql-headless",
            "3",
            "game",
        )
        assert told["MYSQL_GROUP"].endswith("us-east-mysql-group#result}")
    assert container(pod(), "agent")["command"] == ["mysqlsh", "--pym", "runtime.agent"]


def test_the_groups_name_and_every_password_are_protected():
    built = mysql()
    precious = [only(built, "random:index/randomUuid:RandomUuid"), *all_of(built, PASSWORD)]
    assert len(precious) == 8
    assert all(item.protect for item in precious)


def test_another_rotation_makes_every_password_anew():
    keepers = [item.resolved["keepers"] for item in all_of(mysql(rotation=7), PASSWORD)]
    assert keepers == [{"rotation": "7"}] * 7


def test_passwords_are_files_and_never_an_environment_nor_a_config_map():
    built = mysql()
    assert set(named(built, "us-east-mysql-users", SECRET).resolved["stringData"]) == {
        "root",
        "gr_repl",
        "monitor",
        "exporter",
        "backup",
        "app",
        "migration",
    }
    for item in [*pod()["containers"], *pod()["initContainers"]]:
        assert not [value for value in item.get("env", []) if "secretKeyRef" in value.get("valueFrom", {})], item[
            "name"
        ]
    data = only(built, "kubernetes:core/v1:ConfigMap").resolved["data"]
    assert "@" in data["my.cnf"], "the options are a template until a pod fills them in"


def test_clients_find_all_they_need_under_the_games_names():
    found = named(mysql(), "us-east-mysql-connection", SECRET)
    assert found.resolved["metadata"]["name"] == "mysql-connection"
    assert set(found.resolved["stringData"]) == {
        "MYSQL_HOST",
        "MYSQL_PORT",
        "DB_HOST",
        "DB_NAME",
        "DB_USER",
        "DB_PASSWORD",
        "DB_SSL_CA",
    }


def test_the_service_for_writes_finds_the_labelled_member_and_nobody_waits_for_it():
    built = mysql()
    primary = named(built, "us-east-mysql-primary", SERVICE).resolved
    assert primary["metadata"]["name"] == "mysql-primary-service"
    assert primary["metadata"]["annotations"] == {"pulumi.com/skipAwait": "true"}
    assert primary["spec"]["selector"] == {"app": "mysql", "component": "database", "role": "primary"}
    read = named(built, "us-east-mysql-read", SERVICE).resolved
    assert (read["metadata"]["name"], read["spec"]["selector"]) == (
        "mysql-read-service",
        {"app": "mysql", "component": "database"},
    )
    headless = named(built, "us-east-mysql-headless", SERVICE).resolved["spec"]
    assert (headless["clusterIP"], headless["publishNotReadyAddresses"]) == ("None", True)


def test_one_budget_lets_one_member_go_at_a_time():
    budget = only(mysql(), BUDGET).resolved["spec"]
    labels = stateful_set()["spec"]["template"]["metadata"]["labels"]
    assert budget["maxUnavailable"] == 1
    assert matches(budget["selector"], labels)
    assert "session" not in labels, "the namespace's budget of players would match too, and nobody could evict the pod"


def test_volumes_grow_by_patches_that_stay_when_they_go():
    patches = all_of(mysql(storage_gib=80), CLAIM_PATCH)
    assert [item.resolved["metadata"]["name"] for item in patches] == [f"data-mysql-{n}" for n in range(3)]
    for item in patches:
        assert item.resolved["spec"]["resources"]["requests"] == {"storage": "80Gi"}
        assert item.resolved["metadata"]["annotations"] == {"pulumi.com/patchForce": "true"}
        assert item.options["retainOnDelete"], "a claim that asks for nothing is refused"
        assert item.depends_on == [only(mysql(), STATEFUL_SET).urn], "the claims are its controller's"


def test_the_certificate_names_every_member_and_every_service():
    spec = only(mysql(), CERTIFICATE).resolved["spec"]
    assert spec["dnsNames"] == [
        "*.mysql-headless.mmorpg-game.svc.cluster.local",
        "*.mysql-headless.mmorpg-game.svc",
        "mysql-primary-service",
        "mysql-read-service",
        "mysql-primary-service.mmorpg-game.svc",
        "mysql-read-service.mmorpg-game.svc",
        "localhost",
    ]
    assert (spec["secretName"], spec["issuerRef"]["name"]) == ("mysql-tls", "data-issuer")


def test_members_wait_for_what_they_stand_on():
    def program() -> None:
        nodes = pulumi.CustomResource("aws:eks/nodeGroup:NodeGroup", "us-east-pool-database", {})
        Mysql("us-east", dataclasses.replace(ARGS, ground=dataclasses.replace(GROUND, after=(nodes,))))

    built = build(program)
    needed = only(built, STATEFUL_SET).depends_on
    assert named(built, "us-east-pool-database").urn in needed
    assert only(built, CERTIFICATE).urn in needed
    assert only(built, BUDGET).urn in needed


def test_nothing_makes_what_only_the_agents_may_make():
    kinds = {(item.type, (item.resolved.get("metadata") or {}).get("name")) for item in mysql().resources}
    names = {name for _, name in kinds}
    assert not names & {"mysql-cluster-state", "mysql-bootstrap"}
    assert not [kind for kind, _ in kinds if kind.endswith(":Lease")]


@pytest.mark.parametrize("count", [0, 1, 2, 4, 6])
def test_a_group_that_cannot_lose_a_member_and_decide_is_refused(count: int):
    with pytest.raises(ValueError, match=f"mysql replicas: {count} is no size of a group"):
        dataclasses.replace(ARGS, replicas=count)


def test_more_members_than_zones_are_refused():
    with pytest.raises(ValueError, match="5 are above the 3 zones"):
        dataclasses.replace(ARGS, replicas=5)
    wide = dataclasses.replace(GROUND, zones=tuple("abcde"))
    assert stateful_set(ground=wide, replicas=5)["spec"]["replicas"] == 5


@pytest.mark.parametrize("built", [mysql, replica])
def test_every_manifest_is_one_that_the_api_server_takes(built: Any):
    checked = 0
    for item in built().resources:
        if item.type.startswith("kubernetes:") and not item.type.endswith("Patch") and "cert-manager" not in item.type:
            body = {key: value for key, value in item.resolved.items() if not key.startswith("__")}
            assert kubernetes_validate.validate(body, "1.35", strict=True) == "1.35"
            checked += 1
    assert checked >= 9


@needs_crds
@pytest.mark.parametrize("built", [mysql, replica])
def test_certificates_are_what_cert_manager_takes(built: Any):
    assert check_custom_resource(only(built(), CERTIFICATE).resolved) == []


def test_accounts_objects_and_paths_are_those_that_the_agents_use():
    assert set(users.ACCOUNTS) == {account.name for account in agents.ACCOUNTS}
    assert (names.STATE, names.LEASE, names.ROLE_LABEL) == (kube.STATE, kube.LEASE, kube.ROLE)
    assert (kube.ACCOUNT, names.ROLE_PRIMARY) == ("/var/run/secrets/kubernetes.io/serviceaccount", "primary")
