"""DataBackup: saves MySQL and Redis outside of the cluster, brings MySQL back, and proves every month that it can."""

from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_aws as aws
import pulumi_kubernetes as k8s

from components.data.backup import jobs
from components.data.backup.files import config_map_data
from components.data.backup.jobs import Redis, Work
from components.data.backup.names import (
    ACCOUNT,
    CONFIG_MAP,
    CONTROLLER,
    DRILL,
    MYSQL_ACCOUNT,
    MYSQL_DUMP,
    MYSQL_ROOT,
    MYSQL_SELECTOR,
    REDIS_DUMP,
    REDIS_ROOT,
    RESTORE,
    SELECTOR,
)
from components.data.backup.policies import from_monitoring, to_bucket
from components.data.ground import DataGround
from components.game.world_pod import checksum
from components.kube.labels import client_of
from components.platform.pod_identity import pod_role
from components.policies import policy

# Later than this after its hour a run is left out: the next night's is near.
STARTING_SECONDS = 4 * 3600
# After the dump of the same night.
DRILL_AFTER_HOURS = 2


@dataclass(frozen=True, kw_only=True)
class DataBackupArgs:
    """`work` is what all pods are given; `bucket_arn` and `key_arn` are of the bucket that it names.

    `hour` (UTC) is when the nightly dumps begin; `drill_day` the day of the month of the restore drill, two hours
    later. `limit_minutes` ends a Job that hangs. `redis` is None where the region has none.
    """

    ground: DataGround
    cluster_name: pulumi.Input[str]
    bucket_arn: pulumi.Input[str]
    key_arn: pulumi.Input[str]
    work: Work
    hour: int
    drill_day: int
    limit_minutes: int
    redis: Redis | None = None

    def __post_init__(self) -> None:
        if not 1 <= self.drill_day <= 28:
            raise ValueError(
                f"backup drill_day: {self.drill_day} is not in every month, and a drill that is left out proves "
                "nothing; give 1 to 28"
            )


class DataBackup(pulumi.ComponentResource):
    """CronJobs with rights to their keys of the bucket. The archivers stand in MySQL's own pods.

    `ready` is what a pod with an archiver needs before it starts, `scripts` the checksum of what it mounts.
    """

    ready: tuple[pulumi.Resource, ...]
    scripts: str

    def __init__(self, name: str, args: DataBackupArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("gameregions:data:DataBackup", name, None, opts)
        self._name, self._args, self._ground = name, args, args.ground
        self._child = pulumi.ResourceOptions(parent=self)
        data = config_map_data()
        self.scripts = checksum(data)
        config_map = k8s.core.v1.ConfigMap(
            f"{name}-{CONFIG_MAP}", metadata=self._metadata(CONFIG_MAP), data=data, opts=self._child
        )
        account = k8s.core.v1.ServiceAccount(
            f"{name}-{ACCOUNT}",
            metadata=self._metadata(ACCOUNT),
            automount_service_account_token=False,
            opts=self._child,
        )
        rights = self._rights()
        self.ready = (config_map, *rights, *self._policies())
        self._after = [*self.ready, account, *self._ground.after]
        self._cron_jobs()
        self.register_outputs({})

    def _rights(self) -> tuple[pulumi.Resource, ...]:
        """One role for the Jobs and for MySQL's own pods: both write what the other may read."""
        logical_name = f"{self._name}-{CONTROLLER}"
        prefix = self._ground.prefix
        role = pod_role(logical_name, f"{prefix}-{CONTROLLER}", f"Backups of the data of {prefix}", self._child)
        statements = backup_statements(self._args.bucket_arn, self._args.key_arn)
        rights = aws.iam.RolePolicy(
            logical_name, role=role.name, name=CONTROLLER, policy=policy(statements), opts=self._child
        )
        associations = (
            aws.eks.PodIdentityAssociation(
                f"{self._name}-{CONTROLLER}-{account}",
                cluster_name=self._args.cluster_name,
                namespace=self._ground.namespace,
                service_account=account,
                role_arn=role.arn,
                opts=self._child,
            )
            for account in (ACCOUNT, MYSQL_ACCOUNT)
        )
        return (rights, *associations)

    def _policies(self) -> tuple[pulumi.Resource, ...]:
        out = k8s.networking.v1.NetworkPolicySpecArgs(
            pod_selector=k8s.meta.v1.LabelSelectorArgs(match_labels=SELECTOR),
            policy_types=["Egress"],
            egress=to_bucket(),
        )
        archivers = k8s.networking.v1.NetworkPolicySpecArgs(
            pod_selector=k8s.meta.v1.LabelSelectorArgs(match_labels=MYSQL_SELECTOR),
            policy_types=["Egress", "Ingress"],
            egress=to_bucket(),
            ingress=from_monitoring(),
        )
        return (self._policy("data-backup", out), self._policy("mysql-archivers", archivers))

    def _policy(
        self, object_name: str, spec: k8s.networking.v1.NetworkPolicySpecArgs
    ) -> k8s.networking.v1.NetworkPolicy:
        return k8s.networking.v1.NetworkPolicy(
            f"{self._name}-{object_name}", metadata=self._metadata(object_name), spec=spec, opts=self._child
        )

    def _cron_jobs(self) -> None:
        work, hour = self._args.work, self._args.hour
        nightly, monthly = f"0 {hour} * * *", f"0 {(hour + DRILL_AFTER_HOURS) % 24} {self._args.drill_day} * *"
        self._cron_job(MYSQL_DUMP, nightly, jobs.mysql_dump(work), client_of("mysql"))
        if self._args.redis is not None:
            self._cron_job(REDIS_DUMP, nightly, jobs.redis_dump(work, self._args.redis), client_of("redis"))
        self._cron_job(DRILL, monthly, jobs.restore_drill(work), {})
        # Never by the clock: `kubectl create job --from=cronjob/mysql-restore` runs it, see docs/runbooks/backup.md.
        self._cron_job(RESTORE, monthly, jobs.restore(work), {}, suspended=True)

    def _cron_job(
        self,
        object_name: str,
        schedule: str,
        pod: k8s.core.v1.PodSpecArgs,
        labels: dict[str, str],
        *,
        suspended: bool = False,
    ) -> k8s.batch.v1.CronJob:
        template = k8s.core.v1.PodTemplateSpecArgs(
            metadata=k8s.meta.v1.ObjectMetaArgs(
                labels={**self._ground.labels(SELECTOR), **labels, "sidecar.istio.io/inject": "false"},
                annotations={"game-regions/scripts": self.scripts, "karpenter.sh/do-not-disrupt": "true"},
            ),
            spec=pod,
        )
        job = k8s.batch.v1.JobSpecArgs(
            backoff_limit=0 if suspended else 1,
            active_deadline_seconds=self._args.limit_minutes * 60,
            template=template,
        )
        return k8s.batch.v1.CronJob(
            f"{self._name}-{object_name}",
            metadata=self._metadata(object_name),
            spec=k8s.batch.v1.CronJobSpecArgs(
                schedule=schedule,
                time_zone="Etc/UTC",
                suspend=suspended,
                concurrency_policy="Forbid",
                starting_deadline_seconds=STARTING_SECONDS,
                successful_jobs_history_limit=1,
                failed_jobs_history_limit=2,
                job_template=k8s.batch.v1.JobTemplateSpecArgs(spec=job),
            ),
            opts=pulumi.ResourceOptions(parent=self, depends_on=self._after),
        )

    def _metadata(self, object_name: str) -> k8s.meta.v1.ObjectMetaArgs:
        return k8s.meta.v1.ObjectMetaArgs(
            name=object_name, namespace=self._ground.namespace, labels=self._ground.labels(SELECTOR)
        )


def backup_statements(bucket_arn: pulumi.Input[str], key_arn: pulumi.Input[str]) -> list[dict[str, Any]]:
    """Writing and reading the data's own keys; deleting none: the bucket itself drops what is old."""
    prefixes = (MYSQL_ROOT, REDIS_ROOT)
    objects = [pulumi.Output.concat(bucket_arn, f"/{prefix}/*") for prefix in prefixes]
    return [
        {"Effect": "Allow", "Action": ["s3:PutObject", "s3:GetObject"], "Resource": objects},
        {
            "Effect": "Allow",
            "Action": ["s3:ListBucket"],
            "Resource": bucket_arn,
            "Condition": {"StringLike": {"s3:prefix": [f"{prefix}/*" for prefix in prefixes]}},
        },
        {"Effect": "Allow", "Action": ["kms:Decrypt", "kms:GenerateDataKey"], "Resource": key_arn},
    ]
