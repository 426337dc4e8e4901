"""Postgres: the game's relational database where it is PostgreSQL: three instances, WAL in S3, nobody else let in."""

from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_kubernetes as k8s
import pulumi_random as random

from components.data import network_rules as rules
from components.data.authority import API_VERSION as CERTIFICATES
from components.data.authority import certificate_spec
from components.data.clients import DataClient
from components.data.ground import DataGround
from components.data.postgres import operator
from components.data.postgres.cluster import (
    PostgresBackup,
    PostgresSize,
    backup_statements,
    client_labels,
    cluster_spec,
    connection,
    object_store_spec,
    scheduled_backup_spec,
    server_names,
)
from components.data.postgres.names import (
    API_VERSION,
    CLUSTER,
    CLUSTER_LABEL,
    CONNECTION_SECRET,
    METRICS_PORT,
    OBJECT_STORE,
    PORT,
    PRIMARY_SERVICE,
    RELOAD,
    SCHEDULED_BACKUP,
    STATUS_PORT,
    STORE_API_VERSION,
    SYSTEM,
    TLS_SECRET,
)
from components.kube.labels import selector_labels
from components.platform.pod_identity import PodIdentity, pod_identity

LABELS = selector_labels(SYSTEM, "database")
PASSWORD_LENGTH = 40


@dataclass(frozen=True, kw_only=True)
class PostgresArgs:
    """`namespace` is the name of the ground's namespace; `cluster_name` EKS's. Another `rotation` is another password.

    `ground.after` holds what the operator's component calls `ready`, beside nodes, volumes and the authority.
    """

    ground: DataGround
    namespace: str
    cluster_name: pulumi.Input[str]
    image: pulumi.Input[str]
    size: PostgresSize
    database: str
    owner: str
    rotation: int
    backup: PostgresBackup | None


class Postgres(pulumi.ComponentResource):
    """A Cluster of CloudNativePG. `client` is what its clients need, `host` its primary's name."""

    host: pulumi.Output[str]
    client: DataClient

    def __init__(self, name: str, args: PostgresArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("gameregions:data:Postgres", name, None, opts)
        self._name, self._args = name, args
        self._after = list(args.ground.after)

        secret = self._connection_secret()
        certificate = self._certificate()
        policies = self._policies()
        store = [] if args.backup is None else self._store(args.backup)
        cluster = self._cluster([secret, certificate, *policies, *store])
        if args.backup is not None:
            self._custom(
                "postgres-daily",
                API_VERSION,
                "ScheduledBackup",
                SCHEDULED_BACKUP,
                scheduled_backup_spec(args.backup.schedule),
                [cluster],
            )
        self.host = pulumi.Output.from_input(PRIMARY_SERVICE)
        self.client = DataClient(system=SYSTEM, connection=secret.metadata.name, tls=TLS_SECRET, ready=(certificate,))
        self.register_outputs({"host": self.host})

    def _connection_secret(self) -> k8s.core.v1.Secret:
        args = self._args
        password = random.RandomPassword(
            f"{self._name}-postgres-password",
            length=PASSWORD_LENGTH,
            special=False,
            keepers={"rotation": str(args.rotation)},
            opts=pulumi.ResourceOptions(parent=self, protect=args.ground.protect),
        )
        return k8s.core.v1.Secret(
            f"{self._name}-postgres-connection",
            metadata=self._metadata(CONNECTION_SECRET, dict(RELOAD)),
            # The operator takes the owner's name and password from here, and no Secret of its own is made.
            type="kubernetes.io/basic-auth",
            string_data=connection(args.owner, args.database, password.result),
            opts=pulumi.ResourceOptions(parent=self, depends_on=self._after),
        )

    def _certificate(self) -> pulumi.Resource:
        names: list[pulumi.Input[str]] = [*server_names(self._args.namespace)]
        spec = certificate_spec(TLS_SECRET, names, self._args.ground.issuer)
        spec["secretTemplate"] = {"labels": dict(RELOAD)}
        return self._custom("postgres-tls", CERTIFICATES, "Certificate", TLS_SECRET, spec, self._after)

    def _policies(self) -> tuple[pulumi.Resource, ...]:
        # Those of a cluster that somebody restores beside this one too, which has another name.
        every = rules.labelled(CLUSTER_LABEL)
        own, clients = rules.pods(every), rules.pods(client_labels())
        controller = rules.namespace(operator.NAMESPACE, operator.LABELS)
        egress = [rules.Egress(to=[own], ports=rules.ports(PORT, STATUS_PORT)), rules.to_https()]
        if self._args.backup is not None:
            agent = rules.block(rules.POD_IDENTITY_AGENT)
            egress.append(rules.Egress(to=[agent], ports=rules.ports(rules.POD_IDENTITY_PORT)))
        opts = pulumi.ResourceOptions(parent=self, depends_on=self._after)
        instances = rules.network_policy(
            f"{self._name}-postgres",
            self._metadata(SYSTEM),
            every,
            ingress=[
                rules.Ingress(from_=[clients], ports=rules.ports(PORT)),
                rules.Ingress(from_=[own], ports=rules.ports(PORT, STATUS_PORT)),
                rules.Ingress(from_=[controller], ports=rules.ports(STATUS_PORT)),
                rules.Ingress(from_=[rules.namespace(rules.MONITORING)], ports=rules.ports(METRICS_PORT)),
            ],
            egress=egress,
            opts=opts,
        )
        to_postgres = rules.Egress(to=[own], ports=rules.ports(PORT))
        way_in = rules.network_policy(
            f"{self._name}-postgres-clients",
            self._metadata(f"{SYSTEM}-clients"),
            client_labels(),
            egress=[to_postgres],
            opts=opts,
        )
        return instances, way_in

    def _store(self, backup: PostgresBackup) -> list[pulumi.Resource]:
        identity = PodIdentity(
            prefix=self._args.ground.prefix,
            cluster_name=self._args.cluster_name,
            controller=SYSTEM,
            namespace=self._args.namespace,
            service_account=CLUSTER,
            rights=backup_statements(backup),
        )
        # Credentials are put into a pod at its birth, so they come before the Cluster that makes the pods.
        spec = object_store_spec(backup)
        store = self._custom("postgres-store", STORE_API_VERSION, "ObjectStore", OBJECT_STORE, spec, self._after)
        return [*pod_identity(self._name, identity, self), store]

    def _cluster(self, after: list[pulumi.Resource]) -> pulumi.Resource:
        args = self._args
        spec = cluster_spec(
            image=args.image,
            size=args.size,
            database=args.database,
            owner=args.owner,
            storage_class=args.ground.storage_class,
            priority_class=args.ground.priority_class,
            backup=args.backup is not None,
        )
        after = [*after, *self._after]
        return self._custom("postgres", API_VERSION, "Cluster", CLUSTER, spec, after, protect=args.ground.protect)

    def _custom(
        self,
        role: str,
        api_version: str,
        kind: str,
        object_name: str,
        spec: dict[str, Any],
        after: list[pulumi.Resource],
        *,
        protect: bool = False,
    ) -> pulumi.Resource:
        made: pulumi.Resource = k8s.apiextensions.CustomResource(
            f"{self._name}-{role}",
            api_version=api_version,
            kind=kind,
            metadata=self._metadata(object_name),
            spec=spec,
            opts=pulumi.ResourceOptions(parent=self, depends_on=after, protect=protect),
        )
        return made

    def _metadata(self, object_name: str, labels: dict[str, str] | None = None) -> k8s.meta.v1.ObjectMetaArgs:
        ground = self._args.ground
        return k8s.meta.v1.ObjectMetaArgs(
            name=object_name, namespace=ground.namespace, labels={**ground.labels(LABELS), **(labels or {})}
        )
