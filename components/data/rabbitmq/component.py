"""Rabbitmq: messages between zones and of matchmaking, on three nodes of which one may be missing."""

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
from components.data.rabbitmq import operator
from components.data.rabbitmq.cluster import (
    DEFINITIONS_KEY,
    RabbitmqSize,
    checksum_of,
    cluster_spec,
    connection,
    server_names,
)
from components.data.rabbitmq.names import (
    ADMIN,
    ADMIN_SECRET,
    API_VERSION,
    CLUSTER,
    CONNECTION_SECRET,
    CREDENTIALS_SECRET,
    DISTRIBUTION_PORT,
    EPMD_PORT,
    MANAGEMENT_PORT,
    METRICS_PORT,
    PORT,
    SEEN,
    SELECTOR,
    SYSTEM,
    TLS_SECRET,
    TOOL_PORTS,
    USER,
)
from components.data.rabbitmq.topology import definitions
from components.kube.labels import client_of, selector_labels

LABELS = selector_labels(SYSTEM, "broker")
PASSWORD_LENGTH = 40


@dataclass(frozen=True, kw_only=True)
class RabbitmqArgs:
    """`namespace` is the name of the ground's namespace. Another `rotation` is another password of each user.

    `ground.after` holds what the operator's component calls `ready`, beside nodes, volumes and the authority.
    """

    ground: DataGround
    namespace: str
    image: pulumi.Input[str]
    size: RabbitmqSize
    rotation: int


class Rabbitmq(pulumi.ComponentResource):
    """A RabbitmqCluster with its users, exchanges and queues. `client` is what its clients need."""

    client: DataClient

    def __init__(self, name: str, args: RabbitmqArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("gameregions:data:Rabbitmq", name, None, opts)
        self._name, self._args = name, args
        self._child = pulumi.ResourceOptions(parent=self, depends_on=list(args.ground.after))

        admin, user = self._password(ADMIN), self._password(USER)
        topology = pulumi.Output.all(admin, user).apply(lambda both: definitions(*both))
        secret = self._admin_secret(admin, topology)
        connection, certificate = self._connection_secrets(user), self._certificate()
        guards = (certificate, self._budget(), *self._policies())
        self._cluster(topology.apply(checksum_of), (secret, *guards))
        self.client = DataClient(
            system=SYSTEM, connection=connection.metadata.name, tls=TLS_SECRET, ready=(certificate,)
        )
        self.register_outputs({})

    def _password(self, user: str) -> pulumi.Output[str]:
        password: pulumi.Output[str] = random.RandomPassword(
            f"{self._name}-rabbitmq-{user}",
            length=PASSWORD_LENGTH,
            special=False,
            keepers={"rotation": str(self._args.rotation)},
            opts=pulumi.ResourceOptions(parent=self, protect=self._args.ground.protect),
        ).result
        return password

    def _admin_secret(self, password: pulumi.Output[str], topology: pulumi.Output[str]) -> k8s.core.v1.Secret:
        # The operator speaks to the cluster as this user. default_user.conf has no effect where definitions are
        # loaded, and the operator mounts it all the same.
        return self._secret(
            "rabbitmq-admin-secret",
            ADMIN_SECRET,
            {
                "username": ADMIN,
                "password": password,
                "default_user.conf": pulumi.Output.concat(f"default_user = {ADMIN}\ndefault_pass = ", password, "\n"),
                DEFINITIONS_KEY: topology,
            },
            dict(SEEN),
        )

    def _connection_secrets(self, password: pulumi.Output[str]) -> k8s.core.v1.Secret:
        client = connection(password)
        # The name and key that gateways and zones read their RABBITMQ_URL from.
        self._secret("rabbitmq-credentials", CREDENTIALS_SECRET, {"url": client["url"]})
        return self._secret("rabbitmq-connection", CONNECTION_SECRET, client)

    def _secret(
        self, role: str, name: str, data: dict[str, pulumi.Input[str]], labels: dict[str, str] | None = None
    ) -> k8s.core.v1.Secret:
        return k8s.core.v1.Secret(
            f"{self._name}-{role}",
            metadata=self._metadata(name, labels),
            type="Opaque",
            string_data=data,
            opts=self._child,
        )

    def _certificate(self) -> pulumi.Resource:
        names: list[pulumi.Input[str]] = [*server_names(self._args.namespace)]
        spec = certificate_spec(TLS_SECRET, names, self._args.ground.issuer)
        spec["secretTemplate"] = {"labels": dict(SEEN)}
        return self._custom("rabbitmq-tls", CERTIFICATES, "Certificate", TLS_SECRET, spec, self._child)

    def _budget(self) -> k8s.policy.v1.PodDisruptionBudget:
        # The operator makes none.
        return k8s.policy.v1.PodDisruptionBudget(
            f"{self._name}-rabbitmq",
            metadata=self._metadata(CLUSTER),
            spec=k8s.policy.v1.PodDisruptionBudgetSpecArgs(
                max_unavailable=1, selector=k8s.meta.v1.LabelSelectorArgs(match_labels=SELECTOR)
            ),
            opts=self._child,
        )

    def _policies(self) -> tuple[pulumi.Resource, ...]:
        own, clients = rules.pods(SELECTOR), rules.pods(client_of(SYSTEM))
        controller = rules.namespace(operator.NAMESPACE, operator.LABELS)
        first, last = TOOL_PORTS
        tools = k8s.networking.v1.NetworkPolicyPortArgs(protocol="TCP", port=first, end_port=last)
        between = [*rules.ports(EPMD_PORT, DISTRIBUTION_PORT), tools]
        nodes = rules.network_policy(
            f"{self._name}-rabbitmq",
            self._metadata(SYSTEM),
            SELECTOR,
            ingress=[
                rules.Ingress(from_=[clients], ports=rules.ports(PORT)),
                rules.Ingress(from_=[own], ports=between),
                rules.Ingress(from_=[controller], ports=rules.ports(MANAGEMENT_PORT)),
                rules.Ingress(from_=[rules.namespace(rules.MONITORING)], ports=rules.ports(METRICS_PORT)),
            ],
            egress=[rules.Egress(to=[own], ports=between)],
            opts=self._child,
        )
        way_in = rules.network_policy(
            f"{self._name}-rabbitmq-clients",
            self._metadata(f"{SYSTEM}-clients"),
            client_of(SYSTEM),
            egress=[rules.Egress(to=[own], ports=rules.ports(PORT))],
            opts=self._child,
        )
        return nodes, way_in

    def _cluster(self, checksum: pulumi.Output[str], after: tuple[pulumi.Resource, ...]) -> None:
        ground = self._args.ground
        spec = cluster_spec(
            image=self._args.image,
            size=self._args.size,
            storage_class=ground.storage_class,
            priority_class=ground.priority_class,
            checksum=checksum,
        )
        opts = pulumi.ResourceOptions(parent=self, depends_on=[*after, *ground.after], protect=ground.protect)
        self._custom("rabbitmq", API_VERSION, "RabbitmqCluster", CLUSTER, spec, opts)

    def _custom(
        self,
        role: str,
        api_version: str,
        kind: str,
        object_name: str,
        spec: dict[str, Any],
        opts: pulumi.ResourceOptions,
    ) -> pulumi.Resource:
        made: pulumi.Resource = k8s.apiextensions.CustomResource(
            f"{self._name}-{role}",
            api_version=api_version,
            kind=kind,
            metadata=self._metadata(object_name),
            spec=spec,
            opts=opts,
        )
        return made

    def _metadata(self, object_name: str, labels: dict[str, str] | None = None) -> k8s.meta.v1.ObjectMetaArgs:
        ground = self._args.ground
        return k8s.meta.v1.ObjectMetaArgs(
            name=object_name, namespace=ground.namespace, labels={**ground.labels(LABELS), **(labels or {})}
        )
