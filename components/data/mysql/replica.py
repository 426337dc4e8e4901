"""MysqlReplica: a copy of another region's data, one server that follows it over the private way between regions.

It takes no part in any group and no writes. Whether it ever takes them is a person's decision: docs/runbooks/mysql.md.
"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field

import pulumi
import pulumi_kubernetes as k8s

from components.data.authority import API_VERSION, certificate_spec
from components.data.ground import DataGround
from components.data.mysql.config import ServerFigures
from components.data.mysql.containers import Server
from components.data.mysql.files import FOLLOWER, config_map_data, follower_data, paths
from components.data.mysql.names import PORT, PORT_NAME
from components.data.mysql.pod import PodParts
from components.data.mysql.replica_names import (
    REPLICA,
    REPLICA_CERTIFICATE,
    REPLICA_CONFIG,
    REPLICA_EXPORTER_LOGIN,
    REPLICA_SELECTOR,
    REPLICA_USERS,
)
from components.data.mysql.replica_pod import replica_template
from components.data.mysql.replica_policies import MysqlReplicaPolicies, MysqlReplicaPoliciesArgs
from components.data.mysql.users import exporter_login
from components.data.volumes import GrownVolumes, GrownVolumesArgs, data_claim
from components.kube.checksum import checksum
from components.kube.compute import Compute

WAIT = "60m"  # for the first time it copies everything, from another region


@dataclass(frozen=True, kw_only=True)
class MysqlReplicaArgs:
    """`source_host` is the address of the other region's export, `source_blocks` (CIDR) where that stands.

    `passwords` are those of the other region's accounts, by account: with the data come its accounts.
    """

    ground: DataGround
    image: pulumi.Input[str]
    exporter_image: pulumi.Input[str]
    storage_gib: int
    requests: Compute
    limits: Compute
    source_host: str
    source_blocks: tuple[str, ...]
    passwords: Mapping[str, pulumi.Input[str]]
    figures: ServerFigures = field(default_factory=ServerFigures)
    variables: Mapping[str, str | int | float | bool] = field(default_factory=dict)


class MysqlReplica(pulumi.ComponentResource):
    """One server that copies all of its source at its birth and follows it from then on. Reads go to `host`."""

    host: pulumi.Output[str]

    def __init__(self, name: str, args: MysqlReplicaArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("gameregions:data:MysqlReplica", name, None, opts)
        self._name, self._args, self._ground = name, args, args.ground
        self._child = pulumi.ResourceOptions(parent=self)
        service = self._service()
        policies = MysqlReplicaPolicies(
            name, MysqlReplicaPoliciesArgs(ground=args.ground, source_blocks=args.source_blocks), self._child
        )
        stateful_set = self._stateful_set(service, (policies, self._disruption_budget(), self._certificate()))
        GrownVolumes(
            f"{name}-replica",
            GrownVolumesArgs(
                namespace=self._ground.namespace,
                stateful_set=REPLICA,
                pods=1,
                storage_class=self._ground.storage_class,
                storage_gib=args.storage_gib,
                owner=stateful_set,
            ),
            self._child,
        )
        self.host = service
        self.register_outputs({"host": self.host})

    def _service(self) -> pulumi.Output[str]:
        port = k8s.core.v1.ServicePortArgs(name=PORT_NAME, port=PORT, target_port=PORT_NAME, protocol="TCP")
        name: pulumi.Output[str] = k8s.core.v1.Service(
            f"{self._name}-mysql-replica",
            metadata=self._metadata(REPLICA),
            spec=k8s.core.v1.ServiceSpecArgs(cluster_ip="None", selector=REPLICA_SELECTOR, ports=[port]),
            opts=self._child,
        ).metadata.name
        return name

    def _disruption_budget(self) -> k8s.policy.v1.PodDisruptionBudget:
        return k8s.policy.v1.PodDisruptionBudget(
            f"{self._name}-mysql-replica",
            metadata=self._metadata(REPLICA),
            spec=k8s.policy.v1.PodDisruptionBudgetSpecArgs(
                max_unavailable=1, selector=k8s.meta.v1.LabelSelectorArgs(match_labels=REPLICA_SELECTOR)
            ),
            opts=self._child,
        )

    def _certificate(self) -> k8s.apiextensions.CustomResource:
        within = pulumi.Output.concat(REPLICA, ".", self._ground.namespace, ".svc")
        return k8s.apiextensions.CustomResource(
            f"{self._name}-mysql-replica-certificate",
            api_version=API_VERSION,
            kind="Certificate",
            metadata=self._metadata(REPLICA_CERTIFICATE),
            spec=certificate_spec(REPLICA_CERTIFICATE, [REPLICA, within, "localhost"], self._ground.issuer),
            opts=pulumi.ResourceOptions(parent=self, depends_on=list(self._ground.after)),
        )

    def _secret(self, role: str, object_name: str, data: Mapping[str, pulumi.Input[str]]) -> pulumi.Output[str]:
        name: pulumi.Output[str] = k8s.core.v1.Secret(
            f"{self._name}-mysql-replica-{role}",
            metadata=self._metadata(object_name),
            type="Opaque",
            string_data=data,
            opts=self._child,
        ).metadata.name
        return name

    def _pod_parts(self) -> PodParts:
        args = self._args
        data = {**config_map_data(args.figures, args.variables), **follower_data()}
        config_map = k8s.core.v1.ConfigMap(
            f"{self._name}-mysql-replica-config", metadata=self._metadata(REPLICA_CONFIG), data=data, opts=self._child
        )
        account = k8s.core.v1.ServiceAccount(
            f"{self._name}-mysql-replica",
            metadata=self._metadata(REPLICA),
            automount_service_account_token=False,
            opts=self._child,
        )
        return PodParts(
            labels=self._ground.labels(REPLICA_SELECTOR),
            selector=REPLICA_SELECTOR,
            config_map=config_map.metadata.name,
            scripts={**paths(), FOLLOWER: FOLLOWER},
            checksum=checksum(data),
            users=self._secret("users", REPLICA_USERS, args.passwords),
            exporter_login=self._secret(
                "exporter", REPLICA_EXPORTER_LOGIN, {"my.cnf": exporter_login(args.passwords["exporter"])}
            ),
            certificate=REPLICA_CERTIFICATE,
            account=account.metadata.name,
            priority_class=self._ground.priority_class,
        )

    def _stateful_set(
        self, service: pulumi.Output[str], guards: tuple[pulumi.Resource, ...]
    ) -> k8s.apps.v1.StatefulSet:
        args, ground = self._args, self._ground
        server = Server(
            image=args.image,
            environment={
                "MYSQL_SERVICE": service,
                "SOURCE_HOST": args.source_host,
                # The options want a group's name; this server never starts one.
                "MYSQL_GROUP": str(uuid.uuid5(uuid.NAMESPACE_DNS, f"{REPLICA}.{ground.prefix}")),
            },
            requests=args.requests,
            limits=args.limits,
        )
        return k8s.apps.v1.StatefulSet(
            f"{self._name}-mysql-replica",
            metadata=self._metadata(REPLICA, {"pulumi.com/deletionPropagationPolicy": "orphan"}),
            spec=k8s.apps.v1.StatefulSetSpecArgs(
                replicas=1,
                service_name=service,
                selector=k8s.meta.v1.LabelSelectorArgs(match_labels=REPLICA_SELECTOR),
                pod_management_policy="Parallel",
                persistent_volume_claim_retention_policy=(
                    k8s.apps.v1.StatefulSetPersistentVolumeClaimRetentionPolicyArgs(
                        when_deleted="Retain", when_scaled="Retain"
                    )
                ),
                template=replica_template(self._pod_parts(), server, args.exporter_image),
                volume_claim_templates=[data_claim(REPLICA_SELECTOR, ground.storage_class, args.storage_gib)],
            ),
            opts=pulumi.ResourceOptions(
                parent=self,
                depends_on=[*guards, *ground.after],
                protect=ground.protect,
                ignore_changes=["spec.volumeClaimTemplates"],
                custom_timeouts=pulumi.CustomTimeouts(create=WAIT, update=WAIT),
            ),
        )

    def _metadata(self, object_name: str, annotations: dict[str, str] | None = None) -> k8s.meta.v1.ObjectMetaArgs:
        return k8s.meta.v1.ObjectMetaArgs(
            name=object_name,
            namespace=self._ground.namespace,
            labels=self._ground.labels(REPLICA_SELECTOR),
            annotations=annotations,
        )
