"""RedisCluster: masters over all zones, each with its replicas in other zones, founded once and healed for ever."""

from dataclasses import dataclass, replace

import pulumi
import pulumi_kubernetes as k8s

from components.data.authority import API_VERSION, certificate_spec
from components.data.clients import DataClient
from components.data.ground import DataGround
from components.data.redis.config import RedisConfig, pod_files
from components.data.redis.job import RedisJob, RedisJobArgs
from components.data.redis.names import (
    PORT,
    SELECTOR,
    SERVER_CONFIG,
    SERVICE,
    STATEFUL_SET,
    SYSTEM,
    TLS,
    certificate_names,
)
from components.data.redis.pod import RedisImages, RedisPod, pod_template
from components.data.redis.policies import RedisPolicies, RedisPoliciesArgs
from components.data.redis.rights import RedisRights, RedisRightsArgs
from components.data.redis.server_files import as_config_map
from components.data.redis.services import RedisServices, RedisServicesArgs
from components.data.redis.shape import quorum_problem, servers_of
from components.data.redis.users import RedisUsers, RedisUsersArgs
from components.data.shrink import BY_NAME
from components.data.volumes import GrownVolumes, GrownVolumesArgs, data_claim
from components.kube.checksum import checksum
from components.kube.compute import Compute


@dataclass(frozen=True, kw_only=True)
class RedisClusterArgs:
    """`masters` share all keys, each with a replica; `storage_gib` sizes each pod's volume.

    `scale_in_to` takes all keys off the masters above it, and their servers out of the cluster; they go when `masters`
    is lowered after that.
    `config` is what redis.conf is made from, its memory limit that of `limits`. `rotation` counts up for new passwords.
    """

    ground: DataGround
    images: RedisImages
    masters: int
    storage_gib: int
    requests: Compute
    limits: Compute
    config: RedisConfig
    rotation: int = 0
    scale_in_to: int | None = None

    def __post_init__(self) -> None:
        if problem := quorum_problem(self.masters, len(self.ground.zones)):
            raise ValueError(f"redis masters: {self.masters} {problem}")

    @property
    def pods(self) -> int:
        """Masters and replicas together."""
        return servers_of(self.masters)


class RedisCluster(pulumi.ComponentResource):
    """A sharded, replicated Redis with TLS and accounts. Clients dial `host` with what `client` gives them."""

    host: pulumi.Output[str]
    client: DataClient

    def __init__(self, name: str, args: RedisClusterArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("gameregions:data:RedisCluster", name, None, opts)
        self._name, self._args, self._ground = name, args, args.ground
        self._child = pulumi.ResourceOptions(parent=self, depends_on=list(args.ground.after))
        child = pulumi.ResourceOptions(parent=self)
        self._files = pod_files(args.config)

        services = RedisServices(name, RedisServicesArgs(ground=self._ground), child)
        users = RedisUsers(name, RedisUsersArgs(ground=self._ground, rotation=args.rotation, pods=args.pods), child)
        policies = RedisPolicies(name, RedisPoliciesArgs(ground=self._ground), child)
        rights = RedisRights(name, RedisRightsArgs(ground=self._ground), child)
        config_map = self._server_config().metadata.name
        certificate = self._certificate()
        guards = (policies, *rights.ready, certificate, self._disruption_budget())
        pod = self._pod(config_map, users, rights)
        servers = self._stateful_set(pod, services, guards)
        GrownVolumes(name, self._volumes_args(servers), child)
        self._jobs(config_map, users, rights, (servers, *guards))

        self.host = services.service
        self.client = DataClient(
            system=SYSTEM,
            connection=users.connection,
            tls=TLS,
            environment=(("REDIS_HOST", SERVICE), ("REDIS_CLUSTER_ENDPOINT", f"{SERVICE}:{PORT}")),
            ready=(certificate,),
        )
        self.register_outputs({"host": self.host})

    def _server_config(self) -> k8s.core.v1.ConfigMap:
        return k8s.core.v1.ConfigMap(
            f"{self._name}-redis-server-config",
            metadata=self._metadata(SERVER_CONFIG),
            data=as_config_map(self._files),
            opts=self._child,
        )

    def _certificate(self) -> k8s.apiextensions.CustomResource:
        names = pulumi.Output.from_input(self._ground.namespace).apply(certificate_names)
        return k8s.apiextensions.CustomResource(
            f"{self._name}-redis-certificate",
            api_version=API_VERSION,
            kind="Certificate",
            metadata=self._metadata(TLS),
            spec=names.apply(lambda found: certificate_spec(TLS, list(found), self._ground.issuer)),
            opts=self._child,
        )

    def _disruption_budget(self) -> k8s.policy.v1.PodDisruptionBudget:
        return k8s.policy.v1.PodDisruptionBudget(
            f"{self._name}-redis-budget",
            metadata=self._metadata(STATEFUL_SET),
            spec=k8s.policy.v1.PodDisruptionBudgetSpecArgs(
                max_unavailable=1, selector=k8s.meta.v1.LabelSelectorArgs(match_labels=SELECTOR)
            ),
            opts=self._child,
        )

    def _pod(self, config_map: pulumi.Output[str], users: RedisUsers, rights: RedisRights) -> RedisPod:
        args = self._args
        return RedisPod(
            labels=self._ground.labels(SELECTOR),
            files=self._files,
            # Servers take new passwords as they run; the exporter reads its own when it starts.
            checksum=checksum({"files": self._files, "rotation": args.rotation}),
            config_map=config_map,
            users=users.users,
            service_account=rights.pods,
            priority_class=self._ground.priority_class,
            images=args.images,
            zones=len(self._ground.zones),
            servers=args.pods,
            requests=args.requests,
            limits=args.limits,
        )

    def _stateful_set(
        self, pod: RedisPod, services: RedisServices, after: tuple[pulumi.Resource, ...]
    ) -> k8s.apps.v1.StatefulSet:
        return k8s.apps.v1.StatefulSet(
            f"{self._name}-redis",
            # Orphan: should the StatefulSet ever be replaced, its pods serve on and the new one adopts them.
            metadata=self._metadata(STATEFUL_SET, {"pulumi.com/deletionPropagationPolicy": "orphan", **BY_NAME}),
            spec=k8s.apps.v1.StatefulSetSpecArgs(
                replicas=self._args.pods,
                service_name=services.headless,
                selector=k8s.meta.v1.LabelSelectorArgs(match_labels=SELECTOR),
                # After a full outage none is ready before the others are there.
                pod_management_policy="Parallel",
                update_strategy=k8s.apps.v1.StatefulSetUpdateStrategyArgs(type="RollingUpdate"),
                persistent_volume_claim_retention_policy=(
                    k8s.apps.v1.StatefulSetPersistentVolumeClaimRetentionPolicyArgs(
                        when_deleted="Retain", when_scaled="Retain"
                    )
                ),
                template=pod_template(pod),
                volume_claim_templates=[data_claim(pod.labels, self._ground.storage_class, self._args.storage_gib)],
            ),
            opts=pulumi.ResourceOptions(
                parent=self,
                depends_on=[*after, *self._ground.after],
                protect=self._ground.protect,
                # A change would replace the StatefulSet; GrownVolumes makes the volumes grow.
                ignore_changes=["spec.volumeClaimTemplates"],
                # Six pods one after the other, each with a log of writes to read.
                custom_timeouts=pulumi.CustomTimeouts(create="30m", update="30m"),
            ),
        )

    def _volumes_args(self, servers: k8s.apps.v1.StatefulSet) -> GrownVolumesArgs:
        return GrownVolumesArgs(
            namespace=self._ground.namespace,
            stateful_set=STATEFUL_SET,
            pods=self._args.pods,
            storage_class=self._ground.storage_class,
            storage_gib=self._args.storage_gib,
            owner=servers,
        )

    def _jobs(
        self,
        config_map: pulumi.Output[str],
        users: RedisUsers,
        rights: RedisRights,
        after: tuple[pulumi.Resource, ...],
    ) -> None:
        bootstrap = RedisJobArgs(
            module="bootstrap",
            ground=self._ground,
            files=self._files,
            config_map=config_map,
            users=users.users,
            service_account=rights.jobs,
            image=self._args.images.python,
            servers=self._args.pods,
            after=after,
        )
        child = pulumi.ResourceOptions(parent=self)
        founded = RedisJob(self._name, bootstrap, child)
        if self._args.scale_in_to is not None:
            left = {"REDIS_REPLICAS_LEFT": str(servers_of(self._args.scale_in_to))}
            scale_in = replace(bootstrap, module="scale_in", extra=left, after=(founded, *after))
            RedisJob(self._name, scale_in, child)

    def _metadata(self, object_name: str, annotations: dict[str, str] | None = None) -> k8s.meta.v1.ObjectMetaArgs:
        return k8s.meta.v1.ObjectMetaArgs(
            name=object_name,
            namespace=self._ground.namespace,
            labels=self._ground.labels(SELECTOR),
            annotations=annotations,
        )
