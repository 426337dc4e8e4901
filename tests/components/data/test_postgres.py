"""PostgreSQL: three instances in three zones, a commit on two of them, WAL in S3, and nobody let in but its clients."""

import dataclasses
import json
from pathlib import Path
from typing import Any

import jsonschema
import yaml

from components.data.postgres.cluster import (
    PostgresBackup,
    PostgresSize,
    backup_statements,
    connection,
    parameters,
    server_names,
)
from components.data.postgres.component import Postgres, PostgresArgs
from components.data.postgres.operator import PostgresOperator, PostgresOperatorArgs
from components.data.postgres.promises import postgres_promises
from plan.recorder import Recording
from stacks.data_images import POSTGRES
from tests.charts import check_custom_resource, needs_crds
from tests.components.data import object_store
from tests.components.data.brokers_ground import (
    CERTIFICATE,
    GROUND,
    NAMESPACE,
    SECRET,
    policy_of,
    problems,
    standing_in,
    way_in,
)
from tests.engine import all_of, build, named, only

CLUSTER = "kubernetes:postgresql.cnpg.io/v1:Cluster"
STORE = "kubernetes:barmancloud.cnpg.io/v1:ObjectStore"
DAILY = "kubernetes:postgresql.cnpg.io/v1:ScheduledBackup"
BACKUP = PostgresBackup(
    bucket="mmorpg-us-east-backup-123456789012",
    bucket_arn="arn:aws:s3:::mmorpg-us-east-backup-123456789012",
    key_arn="arn:aws:kms:us-east-1:123456789012:key/1",
    region="us-east-1",
    schedule="0 30 3 * * *",
    retention_days=30,
)
ARGS = PostgresArgs(
    ground=GROUND,
    namespace=NAMESPACE,
    cluster_name="mmorpg-us-east",
    image="ghcr.io/cloudnative-pg/postgresql:18.6@sha256:" + "0" * 64,
    size=PostgresSize(cpu="500m", cpu_limit="2", memory_gib=2, storage_gib=50, wal_gib=10),
    database="gamedb",
    owner="gameserver",
    rotation=0,
    backup=BACKUP,
)


def postgres(**changes: Any) -> Recording:
    return build(lambda: Postgres("us-east", dataclasses.replace(ARGS, **changes)))


def spec(**changes: Any) -> dict[str, Any]:
    found: dict[str, Any] = only(postgres(**changes), CLUSTER).resolved["spec"]
    return found


def test_three_instances_stand_in_three_zones_on_nodes_kept_for_databases():
    found = spec()
    assert found["instances"] == 3
    kept = found["affinity"]
    assert (kept["podAntiAffinityType"], kept["topologyKey"]) == ("required", "topology.kubernetes.io/zone")
    assert kept["nodeSelector"] == {"workload-type": "database"}
    away = {one["key"]: one.get("tolerationSeconds") for one in kept["tolerations"]}
    assert away == {"database": None, "node.kubernetes.io/not-ready": 60, "node.kubernetes.io/unreachable": 60}
    assert found["priorityClassName"] == "game-databases"


def test_a_commit_waits_for_one_standby_while_there_is_one():
    assert spec()["postgresql"]["synchronous"] == {"method": "any", "number": 1, "dataDurability": "preferred"}


def test_a_new_release_moves_the_primary_and_asks_nobody():
    found = spec()
    assert (found["primaryUpdateStrategy"], found["primaryUpdateMethod"]) == ("unsupervised", "switchover")
    assert found["stopDelay"] > found["smartShutdownTimeout"], "else no client is given time to finish"
    assert found["failoverDelay"] == 0


def test_data_and_wal_have_volumes_of_their_own_of_the_region_class():
    found = spec()
    assert found["storage"] == {"size": "50Gi", "storageClass": "fast-ssd"}
    assert found["walStorage"] == {"size": "10Gi", "storageClass": "fast-ssd"}


def test_at_most_five_minutes_of_wal_are_on_the_volumes_alone():
    found = spec()
    assert found["postgresql"]["parameters"]["archive_timeout"] == "5min"
    (archiver,) = found["plugins"]
    assert archiver == {
        "name": "barman-cloud.cloudnative-pg.io",
        "isWALArchiver": True,
        "parameters": {"barmanObjectName": only(postgres(), STORE).resolved["metadata"]["name"]},
    }


def test_buffers_are_a_quarter_of_the_memory_and_wal_held_back_fits_its_volume():
    assert parameters(2)["shared_buffers"] == "512MB"
    assert parameters(8)["effective_cache_size"] == "6144MB"
    assert parameters(2)["max_slot_wal_keep_size"] == "4GB", "half of the least WAL volume, 8 GiB"


def test_connections_without_tls_are_refused_before_any_password_is_asked():
    assert spec()["postgresql"]["pg_hba"] == ["hostnossl all all all reject"]
    certificate = only(postgres(), CERTIFICATE).resolved["spec"]
    assert spec()["certificates"] == {
        "serverTLSSecret": certificate["secretName"],
        "serverCASecret": certificate["secretName"],
    }
    assert {"postgres-rw", "postgres-ro.mmorpg-game.svc", "postgres-r.mmorpg-game.svc.cluster.local"} <= {
        *certificate["dnsNames"]
    }
    assert len(server_names("x")) == 12
    assert certificate["secretTemplate"]["labels"] == {"cnpg.io/reload": "true"}, "a renewed one is taken at once"


def test_clients_get_one_secret_from_which_the_operator_takes_the_password_too():
    built = postgres()
    secret = only(built, SECRET)
    assert secret.resolved["type"] == "kubernetes.io/basic-auth"
    data = connection("gameserver", "gamedb", "secret")
    assert {key: data[key] for key in ("username", "host", "port", "dbname")} == {
        "username": "gameserver",
        "host": "postgres-rw",
        "port": "5432",
        "dbname": "gamedb",
    }
    assert {*secret.resolved["stringData"]} == {*data, "uri"}
    initdb = only(built, CLUSTER).resolved["spec"]["bootstrap"]["initdb"]
    assert initdb["secret"]["name"] == secret.resolved["metadata"]["name"] == "postgres-connection"
    assert (initdb["database"], initdb["owner"]) == ("gamedb", "gameserver")


def test_another_rotation_is_another_password():
    first, second = (
        named(postgres(rotation=number), "us-east-postgres-password").resolved["keepers"] for number in (0, 1)
    )
    assert first != second


def test_only_clients_monitoring_the_operator_and_the_instances_themselves_come_in():
    built = postgres()
    assert way_in(policy_of(built, "postgres")) == {
        "clients": [5432],
        "own": [5432, 8000],
        "cnpg-system": [8000],
        "monitoring": [9187],
    }
    clients = policy_of(built, "postgres-clients").resolved["spec"]
    assert clients["podSelector"]["matchLabels"] == {"client-of-postgres": "true"}
    assert clients["policyTypes"] == ["Egress"]
    (way,) = clients["egress"]
    every = [{"key": "cnpg.io/cluster", "operator": "Exists"}]
    assert way["to"][0]["podSelector"]["matchExpressions"] == every, "those of a restored cluster too"
    assert [port["port"] for port in way["ports"]] == [5432]


def test_instances_reach_each_other_aws_by_tls_and_the_agent_that_gives_them_their_role():
    ways = policy_of(postgres(), "postgres").resolved["spec"]["egress"]
    assert [[port["port"] for port in way["ports"]] for way in ways] == [[5432, 8000], [443], [80]]
    assert ways[2]["to"] == [{"ipBlock": {"cidr": "169.254.170.23/32"}}]


def test_backups_may_touch_their_own_folder_of_the_bucket_and_no_other():
    policy = json.loads(only(postgres(), "aws:iam/rolePolicy:RolePolicy").resolved["policy"])
    by_action = {action: one["Resource"] for one in policy["Statement"] for action in one["Action"]}
    assert by_action["s3:PutObject"] == f"{BACKUP.bucket_arn}/postgres/*"
    assert by_action["s3:DeleteObject"] == f"{BACKUP.bucket_arn}/postgres/*"
    assert by_action["kms:GenerateDataKey"] == BACKUP.key_arn
    assert not {"s3:DeleteObjectVersion", "s3:BypassGovernanceRetention"} & {*by_action}, "old versions stay"
    assert len(backup_statements(BACKUP)) == 3
    association = only(postgres(), "aws:eks/podIdentityAssociation:PodIdentityAssociation").resolved
    assert (association["namespace"], association["serviceAccount"]) == (NAMESPACE, "postgres")


def test_the_object_store_is_what_the_plugin_takes():
    store = only(postgres(), STORE).resolved["spec"]
    jsonschema.Draft4Validator(object_store.SCHEMA).validate(store)
    assert store["configuration"]["destinationPath"] == "s3://mmorpg-us-east-backup-123456789012/postgres/"
    assert store["configuration"]["s3Credentials"] == {"inheritFromIAMRole": True}
    assert store["retentionPolicy"] == "30d"


def test_a_base_backup_is_made_at_once_and_by_schedule_from_a_standby():
    built = postgres()
    daily = only(built, DAILY)
    assert daily.resolved["spec"]["schedule"] == "0 30 3 * * *"
    assert (daily.resolved["spec"]["immediate"], daily.resolved["spec"]["target"]) == (True, "prefer-standby")
    assert only(built, CLUSTER).urn in daily.depends_on


def test_the_pods_come_after_their_role_their_policies_their_certificate_and_the_operator():
    def program() -> None:
        operator = PostgresOperator("us-east", PostgresOperatorArgs(cert_manager=standing_in("us-east-cert-manager")))
        Postgres("us-east", dataclasses.replace(ARGS, ground=dataclasses.replace(GROUND, after=operator.ready)))

    built = build(program)
    cluster = only(built, CLUSTER)
    wanted = {
        *(one.urn for one in all_of(built, "kubernetes:helm.sh/v3:Release")),
        named(built, "us-east-postgres", "aws:eks/podIdentityAssociation:PodIdentityAssociation").urn,
        named(built, "us-east-postgres", "aws:iam/rolePolicy:RolePolicy").urn,
        only(built, CERTIFICATE).urn,
        only(built, SECRET).urn,
        only(built, STORE).urn,
        named(built, "us-east-postgres", "kubernetes:networking.k8s.io/v1:NetworkPolicy").urn,
    }
    assert wanted <= {*cluster.depends_on}


def test_the_database_and_its_password_are_protected():
    built = postgres()
    assert only(built, CLUSTER).protect
    assert named(built, "us-east-postgres-password").protect
    free = build(
        lambda: Postgres("us-east", dataclasses.replace(ARGS, ground=dataclasses.replace(GROUND, protect=False)))
    )
    assert not only(free, CLUSTER).protect


def test_without_backup_nothing_of_aws_is_made_and_nothing_archives():
    built = postgres(backup=None)
    assert not [resource for resource in built.resources if resource.type.startswith("aws:")]
    assert [*all_of(built, STORE), *all_of(built, DAILY)] == []
    assert "plugins" not in only(built, CLUSTER).resolved["spec"]
    ways = policy_of(built, "postgres").resolved["spec"]["egress"]
    assert [[port["port"] for port in way["ports"]] for way in ways] == [[5432, 8000], [443]]


def test_two_instances_are_always_there_and_two_are_left_without_a_zone():
    instances, operator, plugin = postgres_promises(NAMESPACE)
    assert (instances.owner, instances.quorum) == ("StatefulSet mmorpg-game/postgres", True)
    assert instances.needed(zone_lost=False) == instances.needed(zone_lost=True) == 2
    assert (operator.owner, operator.replicas) == ("Deployment cnpg-system/cloudnative-pg", 2)
    assert (plugin.owner, plugin.replicas) == ("Deployment cnpg-system/plugin-barman-cloud", 1)


@needs_crds
def test_every_object_is_what_the_api_server_takes():
    assert problems(postgres()) == []


@needs_crds
def test_the_manifest_of_a_restore_is_what_the_operator_takes_and_reads_this_archive():
    restore = yaml.safe_load(Path("components/files/postgres/restore.yaml").read_text())
    assert check_custom_resource(restore) == []
    (source,) = restore["spec"]["externalClusters"]
    assert source["name"] == restore["spec"]["bootstrap"]["recovery"]["source"]
    built = postgres()
    assert source["plugin"]["parameters"] == {
        "barmanObjectName": only(built, STORE).resolved["metadata"]["name"],
        "serverName": only(built, CLUSTER).resolved["metadata"]["name"],
    }
    association = only(built, "aws:eks/podIdentityAssociation:PodIdentityAssociation").resolved
    assert restore["spec"]["serviceAccountName"] == association["serviceAccount"], "which has the right to read S3"
    assert restore["spec"]["imageName"] == POSTGRES


def test_the_system_is_at_most_twenty_resources():
    def program() -> None:
        PostgresOperator("us-east", PostgresOperatorArgs(cert_manager=standing_in("us-east-cert-manager")))
        Postgres("us-east", ARGS)

    own = [one for one in build(program).resources if one.name != "us-east-cert-manager"]
    assert len(own) <= 20


def test_the_dashboard_reads_metrics_of_the_exporter():
    board = json.loads(Path("components/files/dashboards/postgres.json").read_text())
    assert board["schemaVersion"] >= 39
    expressions = [target["expr"] for panel in board["panels"] for target in panel.get("targets", [])]
    assert expressions
    assert all("cnpg_" in one or "kubelet_volume" in one or "barman_cloud" in one for one in expressions)
