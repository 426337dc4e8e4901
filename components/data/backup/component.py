"""DataBackup: saves MySQL and Redis outside of the cluster, brings MySQL back, and proves every month that it can."""

from dataclasses import dataclass

import pulumi
import pulumi_kubernetes as k8s

from components.data.backup import jobs
from components.data.backup.access import BackupAccess
from components.data.backup.jobs import Redis, Work
from components.data.backup.names import DRILL, MYSQL_DUMP, REDIS_DUMP, RESTORE, SELECTOR
from components.data.backup.shape import KEPT, TRIES
from components.data.ground import DataGround
from components.kube.labels import client_of

# Later than this after its hour a run is left out: the next night's is near.
STARTING_SECONDS = 4 * 3600
# After the dump of the same night.
DRILL_AFTER_HOURS = 2


@dataclass(frozen=True, kw_only=True)
class DataBackupArgs:
    """`work` is what all pods are given, `access` their account and their rights.

    `ground.after` holds the systems themselves, whose Secrets and claims the Jobs name. `hour` (UTC) is when dumps
    begin, `drill_day` the day of the month of the restore drill, two hours later. `limit_minutes` ends a Job that
    hangs. `redis` is None where the region has none.
    """

    ground: DataGround
    access: BackupAccess
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
    """CronJobs: dumps every night, a restore that is proved every month, and one that only a person starts."""

    def __init__(self, name: str, args: DataBackupArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("gameregions:data:DataBackup", name, None, opts)
        self._name, self._args, self._ground = name, args, args.ground
        self._after = [args.access, *self._ground.after]
        self._cron_jobs()
        self.register_outputs({})

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
                annotations={"game-regions/scripts": self._args.access.scripts, "karpenter.sh/do-not-disrupt": "true"},
            ),
            spec=pod,
        )
        job = k8s.batch.v1.JobSpecArgs(
            backoff_limit=0 if suspended else TRIES - 1,
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
                successful_jobs_history_limit=KEPT,
                failed_jobs_history_limit=2,
                job_template=k8s.batch.v1.JobTemplateSpecArgs(spec=job),
            ),
            opts=pulumi.ResourceOptions(parent=self, depends_on=self._after),
        )

    def _metadata(self, object_name: str) -> k8s.meta.v1.ObjectMetaArgs:
        return k8s.meta.v1.ObjectMetaArgs(
            name=object_name, namespace=self._ground.namespace, labels=self._ground.labels(SELECTOR)
        )
