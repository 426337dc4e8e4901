"""Mysql: a group of three or five servers, one of which takes writes, and all that its clients need."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import pulumi
import pulumi_kubernetes as k8s
import pulumi_random as random

from components.data.authority import API_VERSION, certificate_spec
from components.data.backup.archiver import Archiver
from components.data.clients import DataClient
from components.data.ground import DataGround
from components.data.mysql.agent import agent, group_environment
from components.data.mysql.config import ServerFigures
from components.data.mysql.containers import Server
from components.data.mysql.files import config_map_data, paths
from components.data.mysql.names import (
    CERTIFICATE,
    CONFIG_MAP,
    PRIMARY,
    SELECTOR,
    STATEFUL_SET,
    server_names,
)
from components.data.mysql.pod import PodParts, member_template
from components.data.mysql.policies import MysqlPolicies, MysqlPoliciesArgs
from components.data.mysql.rights import MysqlRights, MysqlRightsArgs
from components.data.mysql.services import MysqlServices, MysqlServicesArgs
from components.data.mysql.shape import SIZES
from components.data.mysql.users import MysqlUsers, MysqlUsersArgs
from components.data.volumes import GrownVolumes, GrownVolumesArgs, data_claim
from components.kube.checksum import checksum
from components.kube.compute import Compute

# A volume is attached, a member copies another's data, a new node comes: longer than the default ten minutes.
WAIT = "30m"


@dataclass(frozen=True, kw_only=True)
class MysqlExport:
    """Who copies the data from other regions: `from_blocks` (CIDR) are their pods'; `vpc_blocks` the own VPC's.

    `controller` makes the load balancer and must outlive it.
    """

    from_blocks: tuple[str, ...]
    vpc_blocks: tuple[str, ...]
    controller: pulumi.Resource


@dataclass(frozen=True, kw_only=True)
class MysqlArgs:
    """`requests` and `limits` are the server container's; its agent and exporter have their own.

    `api_server` are the blocks (CIDR) in which the API server answers. `figures` are the server's sizes,
    `variables` what else it is told. Another `rotation` gives new passwords. `archiver` saves binary logs.
    """

    ground: DataGround
    image: pulumi.Input[str]
    exporter_image: pulumi.Input[str]
    storage_gib: int
    database: str
    requests: Compute
    limits: Compute
    api_server: tuple[str, ...]
    replicas: int = 3
    figures: ServerFigures = field(default_factory=ServerFigures)
    variables: Mapping[str, str | int | float | bool] = field(default_factory=dict)
    rotation: int = 1
    export: MysqlExport | None = None
    archiver: Archiver | None = None

    def __post_init__(self) -> None:
        if self.replicas not in SIZES:
            raise ValueError(
                f"mysql replicas: {self.replicas} is no size of a group that loses a member and still decides; "
                "give 3 or 5"
            )
        zones = len(self.ground.zones)
        if self.replicas > zones:
            raise ValueError(
                f"mysql replicas: {self.replicas} are above the {zones} zones, and no zone may hold two members"
            )


class Mysql(pulumi.ComponentResource):
    """MySQL Group Replication with a single primary. Clients dial `host` with what `client` gives them.

    `passwords` are those of the accounts, for a copy of the data in another region.
    """

    host: pulumi.Output[str]
    client: DataClient
    passwords: dict[str, pulumi.Output[str]]

    def __init__(self, name: str, args: MysqlArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("gameregions:data:Mysql", name, None, opts)
        self._name, self._args, self._ground = name, args, args.ground
        self._child = pulumi.ResourceOptions(parent=self)
        users = MysqlUsers(
            name, MysqlUsersArgs(ground=args.ground, database=args.database, rotation=args.rotation), self._child
        )
        services = MysqlServices(name, self._services_args(), self._child)
        certificate = self._certificate()
        guards = (self._policies(), self._disruption_budget(), certificate)
        stateful_set = self._stateful_set(services, users, guards)
        GrownVolumes(
            name,
            GrownVolumesArgs(
                namespace=self._ground.namespace,
                stateful_set=STATEFUL_SET,
                pods=args.replicas,
                storage_class=self._ground.storage_class,
                storage_gib=args.storage_gib,
                owner=stateful_set,
            ),
            self._child,
        )
        self.host, self.passwords = services.primary, users.passwords
        self.client = DataClient(
            system="mysql",
            connection=users.connection,
            tls=CERTIFICATE,
            environment=(("MYSQL_HOST", PRIMARY),),
            ready=(certificate,),
        )
        self.register_outputs({"host": self.host})

    def _services_args(self) -> MysqlServicesArgs:
        export = self._args.export
        if export is None:
            return MysqlServicesArgs(ground=self._ground)
        return MysqlServicesArgs(ground=self._ground, exported_to=export.from_blocks, after=(export.controller,))

    def _policies(self) -> pulumi.Resource:
        export = self._args.export
        arguments = MysqlPoliciesArgs(
            ground=self._ground,
            api_server=self._args.api_server,
            exported_to=(*export.vpc_blocks, *export.from_blocks) if export else (),
        )
        return MysqlPolicies(self._name, arguments, self._child)

    def _disruption_budget(self) -> k8s.policy.v1.PodDisruptionBudget:
        # One at a time: two of three gone, and nobody can write. No other budget of the namespace matches these pods.
        return k8s.policy.v1.PodDisruptionBudget(
            f"{self._name}-mysql",
            metadata=self._metadata(STATEFUL_SET),
            spec=k8s.policy.v1.PodDisruptionBudgetSpecArgs(
                max_unavailable=1, selector=k8s.meta.v1.LabelSelectorArgs(match_labels=SELECTOR)
            ),
            opts=self._child,
        )

    def _certificate(self) -> k8s.apiextensions.CustomResource:
        return k8s.apiextensions.CustomResource(
            f"{self._name}-mysql-certificate",
            api_version=API_VERSION,
            kind="Certificate",
            metadata=self._metadata(CERTIFICATE),
            spec=certificate_spec(CERTIFICATE, server_names(self._ground.namespace), self._ground.issuer),
            opts=pulumi.ResourceOptions(parent=self, depends_on=list(self._ground.after)),
        )

    def _group(self) -> pulumi.Output[str]:
        # Protected: members of one name never join a group of another, so all of them would stay outside for ever.
        group: pulumi.Output[str] = random.RandomUuid(
            f"{self._name}-mysql-group", opts=pulumi.ResourceOptions(parent=self, protect=self._ground.protect)
        ).result
        return group

    def _pod_parts(self, users: MysqlUsers) -> PodParts:
        data = config_map_data(self._args.figures, self._args.variables)
        config_map = k8s.core.v1.ConfigMap(
            f"{self._name}-mysql-config", metadata=self._metadata(CONFIG_MAP), data=data, opts=self._child
        )
        rights = MysqlRights(self._name, MysqlRightsArgs(ground=self._ground, members=self._args.replicas), self._child)
        return PodParts(
            labels=self._ground.labels(SELECTOR),
            selector=SELECTOR,
            config_map=config_map.metadata.name,
            scripts=paths(),
            checksum=checksum(data),
            users=users.users,
            exporter_login=users.exporter,
            certificate=CERTIFICATE,
            account=rights.account,
            priority_class=self._ground.priority_class,
        )

    def _stateful_set(
        self, services: MysqlServices, users: MysqlUsers, guards: tuple[pulumi.Resource, ...]
    ) -> k8s.apps.v1.StatefulSet:
        args = self._args
        server = Server(
            image=args.image,
            environment=group_environment(args.replicas, self._group(), args.database),
            requests=args.requests,
            limits=args.limits,
        )
        template = member_template(
            self._pod_parts(users), server, agent(server), args.exporter_image, args.replicas, args.archiver
        )
        first = () if args.archiver is None else (args.archiver.access,)
        return k8s.apps.v1.StatefulSet(
            f"{self._name}-mysql",
            # Orphan: should the StatefulSet ever be replaced, its pods serve on and the new one adopts them.
            metadata=self._metadata(STATEFUL_SET, {"pulumi.com/deletionPropagationPolicy": "orphan"}),
            spec=stateful_set_spec(args, self._ground, services.headless, template),
            opts=pulumi.ResourceOptions(
                parent=self,
                depends_on=[*guards, *first, *self._ground.after],
                protect=self._ground.protect,
                # A change would replace the StatefulSet and leave each volume as it is; volumes grow by their claims.
                ignore_changes=["spec.volumeClaimTemplates"],
                custom_timeouts=pulumi.CustomTimeouts(create=WAIT, update=WAIT),
            ),
        )

    def _metadata(self, object_name: str, annotations: dict[str, str] | None = None) -> k8s.meta.v1.ObjectMetaArgs:
        return k8s.meta.v1.ObjectMetaArgs(
            name=object_name,
            namespace=self._ground.namespace,
            labels=self._ground.labels(SELECTOR),
            annotations=annotations,
        )


def stateful_set_spec(
    args: MysqlArgs,
    ground: DataGround,
    service: pulumi.Input[str],
    template: k8s.core.v1.PodTemplateSpecArgs,
) -> k8s.apps.v1.StatefulSetSpecArgs:
    """All members start at once, and change one by one, each when the one before it has been ONLINE for 15 s."""
    return k8s.apps.v1.StatefulSetSpecArgs(
        replicas=args.replicas,
        service_name=service,
        selector=k8s.meta.v1.LabelSelectorArgs(match_labels=SELECTOR),
        # In order, mysql-0 would wait for ever after a full outage that left the newest data on mysql-2.
        pod_management_policy="Parallel",
        update_strategy=k8s.apps.v1.StatefulSetUpdateStrategyArgs(type="RollingUpdate"),
        min_ready_seconds=15,
        persistent_volume_claim_retention_policy=k8s.apps.v1.StatefulSetPersistentVolumeClaimRetentionPolicyArgs(
            when_deleted="Retain", when_scaled="Retain"
        ),
        template=template,
        volume_claim_templates=[data_claim(SELECTOR, ground.storage_class, args.storage_gib)],
    )
