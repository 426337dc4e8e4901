"""Jobs that save and prove: when, with which rights, in which order, and within what the namespace allows."""

import json
from typing import Any

import pytest

from components.data.backup.access import BackupAccess, BackupAccessArgs
from components.data.backup.archiver import ArchiverArgs, archiver_container, archiver_volumes
from components.data.backup.component import DataBackup, DataBackupArgs
from components.data.backup.files import RUNTIME, config_map_data, paths
from components.data.backup.jobs import Redis, Work
from components.data.backup.shape import KEPT, SERVER, SHELL, SMALL, TRIES
from components.data.ground import DataGround
from plan.recorder import Recording
from tests.engine import all_of, build, named, only

CRON = "kubernetes:batch/v1:CronJob"
POLICY = "kubernetes:networking.k8s.io/v1:NetworkPolicy"
GROUND = DataGround(
    game="mmorpg",
    prefix="mmorpg-us-east",
    namespace="mmorpg-game",
    zones=("us-east-1a", "us-east-1b", "us-east-1c"),
    storage_class="gp3",
    priority_class="data",
    issuer="data-issuer",
    protect=True,
)
WORK = Work(
    mysql_image="mysql:8.4.11",
    tools_image="percona/percona-xtrabackup:8.4.0-6.1",
    bucket="mmorpg-us-east-backup-123456789012",
    region="us-east-1",
    storage_class="gp3",
    priority_class="data",
    work_gib=40,
    data_gib=60,
)
REDIS = Redis(
    image="redis:7.4.5",
    host="redis-cluster-service",
    users="redis-users",
    key="backup",
    user="backup",
    certificate="redis-tls",
)
ACCESS = BackupAccessArgs(
    ground=GROUND,
    cluster_name="mmorpg-us-east",
    bucket_arn="arn:aws:s3:::mmorpg-us-east-backup-123456789012",
    key_arn="arn:aws:kms:us-east-1:123456789012:key/0a1b2c3d-0000-0000-0000-000000000000",
)


def arguments(**changes: Any) -> DataBackupArgs:
    given: dict[str, Any] = {
        "ground": GROUND,
        "access": BackupAccess("us-east", ACCESS),
        "work": WORK,
        "hour": 2,
        "drill_day": 3,
        "limit_minutes": 120,
        "redis": REDIS,
    }
    return DataBackupArgs(**{**given, **changes})


def backup(**changes: Any) -> Recording:
    return build(lambda: DataBackup("us-east", arguments(**changes)))


def cron(name: str, **changes: Any) -> dict[str, Any]:
    found: dict[str, Any] = named(backup(**changes), f"us-east-{name}", CRON).resolved["spec"]
    return found


def pod(name: str) -> dict[str, Any]:
    found: dict[str, Any] = cron(name)["jobTemplate"]["spec"]["template"]["spec"]
    return found


def containers(spec: dict[str, Any]) -> list[dict[str, Any]]:
    return [*spec.get("initContainers", []), *spec["containers"]]


def variables(container: dict[str, Any]) -> dict[str, str]:
    return {one["name"]: one.get("value", "") for one in container["env"]}


def test_dumps_are_nightly_at_two_utc_and_the_drill_is_monthly_after_one():
    found = {name: (cron(name)["schedule"], cron(name)["timeZone"]) for name in ("mysql-dump", "redis-dump")}
    assert found == {"mysql-dump": ("0 2 * * *", "Etc/UTC"), "redis-dump": ("0 2 * * *", "Etc/UTC")}
    assert cron("mysql-restore-drill")["schedule"] == "0 4 3 * *"
    assert cron("mysql-restore-drill", hour=23)["schedule"] == "0 1 3 * *"
    assert {cron(name)["concurrencyPolicy"] for name in ("mysql-dump", "mysql-restore-drill")} == {"Forbid"}


def test_the_restore_never_runs_by_the_clock_nor_twice():
    found = cron("mysql-restore")
    assert found["suspend"] is True
    assert found["jobTemplate"]["spec"]["backoffLimit"] == 0, "a second try would wipe what the first left to be seen"
    assert not [name for name in ("mysql-dump", "redis-dump", "mysql-restore-drill") if cron(name)["suspend"]]


def test_a_dump_and_a_drill_are_tried_twice_and_the_last_good_run_stays():
    for name in ("mysql-dump", "redis-dump", "mysql-restore-drill"):
        found = cron(name)
        assert found["jobTemplate"]["spec"]["backoffLimit"] == TRIES - 1 == 1
        assert found["successfulJobsHistoryLimit"] == KEPT == 1, "the quota is reckoned with its disks"


def test_the_quota_is_reckoned_with_what_the_containers_ask_for():
    server, load, _, _ = containers(pod("mysql-restore-drill"))
    (dump,) = containers(pod("mysql-dump"))
    take, upload = containers(pod("redis-dump"))
    asked = [(server, SERVER), (load, SHELL), (dump, SHELL), (take, SMALL), (upload, SMALL)]
    for found, (requests, limits) in asked:
        assert found["resources"] == {"requests": requests.quantities(), "limits": limits.quantities()}


def test_a_region_without_redis_saves_none():
    assert [job.name for job in all_of(backup(redis=None), CRON) if "redis" in job.name] == []


@pytest.mark.parametrize("name", ["mysql-restore-drill", "mysql-restore"])
def test_a_restore_is_a_server_a_load_a_replay_and_a_proof_one_after_another(name: str):
    spec = pod(name)
    assert [one["name"] for one in containers(spec)] == ["server", "load", "replay", "prove"]
    server, load, replay, prove = containers(spec)
    assert server["restartPolicy"] == "Always", "it runs beside the others"
    assert "startupProbe" in server, "the load waits for it"
    assert replay["image"] == WORK.tools_image, "MySQL's own image has no mysqlbinlog"
    assert load["command"] == ["mysqlsh", "--no-defaults", "--py", "--pym", "runtime.restore"]
    assert {variables(one)["BACKUP_SOCKET"] for one in (load, replay, prove)} == {"/var/run/mysqld/mysqld.sock"}
    assert variables(load)["RESTORE_POINT"] == "", "the newest that there is"


def test_the_drills_server_goes_with_its_pod_and_the_restores_is_the_first_members():
    drill = {one["name"]: one for one in pod("mysql-restore-drill")["volumes"]}
    restore = {one["name"]: one for one in pod("mysql-restore")["volumes"]}
    claim = drill["data"]["ephemeral"]["volumeClaimTemplate"]["spec"]
    assert (claim["storageClassName"], claim["resources"]["requests"]) == ("gp3", {"storage": "60Gi"})
    assert restore["data"] == {"name": "data", "persistentVolumeClaim": {"claimName": "data-mysql-0"}}
    assert "users" not in drill, "a scratch server has no password of the real one"
    assert variables(containers(pod("mysql-restore"))[-1])["RESTORE_KEEP"] == "/var/lib/mysql"
    assert "RESTORE_KEEP" not in variables(containers(pod("mysql-restore-drill"))[-1])


def test_passwords_are_files_of_which_each_job_has_its_own_alone():
    (users,) = (one for one in pod("mysql-dump")["volumes"] if one["name"] == "users")
    assert users["secret"]["items"] == [{"key": "backup", "path": "backup"}]
    (authority,) = (one for one in pod("mysql-dump")["volumes"] if one["name"] == "ca")
    assert [item["key"] for item in authority["secret"]["items"]] == ["ca.crt"], "never the key of a certificate"
    assert {finding.rule for finding in backup().findings} == {"not-own-provider"}, "no plain secret, no loose image"


def test_jobs_may_write_and_read_their_own_keys_and_delete_none():
    built = backup()
    statements = json.loads(only(built, "aws:iam/rolePolicy:RolePolicy").resolved["policy"])["Statement"]
    assert statements[0]["Action"] == ["s3:PutObject", "s3:GetObject"]
    assert statements[0]["Resource"] == [f"{ACCESS.bucket_arn}/mysql/*", f"{ACCESS.bucket_arn}/redis/*"]
    assert statements[1]["Condition"] == {"StringLike": {"s3:prefix": ["mysql/*", "redis/*"]}}
    accounts = {
        one.resolved["serviceAccount"] for one in all_of(built, "aws:eks/podIdentityAssociation:PodIdentityAssociation")
    }
    assert accounts == {"data-backup", "mysql"}, "the archivers stand in MySQL's own pods"


def test_pods_reach_the_bucket_the_agent_of_their_rights_and_nothing_else_by_these_policies():
    for name in ("data-backup", "mysql-archivers"):
        rules = named(backup(), f"us-east-{name}", POLICY).resolved["spec"]["egress"]
        found = {(rule["to"][0]["ipBlock"]["cidr"], rule["ports"][0]["port"]) for rule in rules}
        assert found == {("0.0.0.0/0", 443), ("169.254.170.23/32", 80)}
        assert rules[0]["to"][0]["ipBlock"]["except"] == ["169.254.169.254/32"], "never a node's own rights"
    (rule,) = named(backup(), "us-east-mysql-archivers", POLICY).resolved["spec"]["ingress"]
    assert rule["ports"][0]["port"] == 9105


def test_a_dump_is_a_client_of_what_it_dumps_and_no_other_job_is():
    def labels(name: str) -> dict[str, str]:
        found: dict[str, str] = cron(name)["jobTemplate"]["spec"]["template"]["metadata"]["labels"]
        return {key: value for key, value in found.items() if key.startswith("client-of-")}

    assert labels("mysql-dump") == {"client-of-mysql": "true"}
    assert labels("redis-dump") == {"client-of-redis": "true"}
    assert labels("mysql-restore-drill") == labels("mysql-restore") == {}


def test_every_container_keeps_the_bounds_of_the_namespace_and_of_restricted():
    quantities = {"m": 0.001}
    for job in all_of(backup(), CRON):
        spec = job.resolved["spec"]["jobTemplate"]["spec"]["template"]["spec"]
        assert spec["securityContext"]["runAsNonRoot"] is True
        assert spec["automountServiceAccountToken"] is False
        for one in containers(spec):
            assert one["securityContext"]["readOnlyRootFilesystem"] is True
            assert one["securityContext"]["capabilities"] == {"drop": ["ALL"]}
            for bound in ("requests", "limits"):
                cpu = one["resources"][bound]["cpu"]
                assert 0.05 <= (float(cpu[:-1]) * quantities["m"] if cpu.endswith("m") else float(cpu)) <= 4
                assert one["resources"][bound]["memory"].endswith(("Mi", "Gi"))


def test_scripts_rights_and_ways_are_there_before_any_pod_that_needs_them():
    built = backup()
    access = [one for one in built.resources if one.is_leaf and one.type != CRON]
    assert len(access) == 8, "scripts, account, role, its rights, two associations, two policies"
    for job in all_of(built, CRON):
        assert {one.urn for one in access} <= set(job.depends_on), job.name


def test_twelve_resources_are_all_that_it_takes():
    assert len([one for one in backup().resources if one.is_leaf]) == 12


def test_every_module_is_mounted_where_its_package_is():
    found = paths()
    assert {path for path in found.values() if path.startswith("runtime/")} == {
        f"runtime/{module.name}" for module in RUNTIME.glob("*.py")
    }
    assert {path for path in found.values() if "/" not in path} == {"redis-dump.sh", "replay.sh", "server.sh"}
    assert found.keys() == config_map_data().keys()
    assert sum(map(len, config_map_data().values())) < 2**20, "a ConfigMap holds a mebibyte"


def test_a_day_that_not_every_month_has_is_refused():
    def program() -> None:
        with pytest.raises(ValueError, match="29 is not in every month"):
            arguments(drill_day=29)

    build(program)


def test_the_sidecar_reads_the_data_and_writes_nothing_but_a_folder_in_memory():
    args = ArchiverArgs(image="mysql:8.4.11", bucket="b", region="us-east-1", interval_minutes=5)
    container = archiver_container(args)
    writable = {one.mount_path for one in container.volume_mounts if not one.read_only}
    assert writable == {"/tmp"}
    found = {one.name: one.value for one in container.env}
    assert found["BACKUP_INTERVAL_SECONDS"] == "300"
    assert found["BACKUP_PASSWORD_FILE"] == "/etc/mysql-users/backup"
    assert {volume.name for volume in archiver_volumes()} == {"archiver-scripts", "archiver-temporary"}
    assert {one.name for one in container.volume_mounts} == {
        *("archiver-scripts", "archiver-temporary", "data", "users", "tls")
    }
