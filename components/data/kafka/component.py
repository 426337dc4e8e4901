"""Kafka: the address of brokers that somebody else runs, and the way to them."""

import ipaddress
from dataclasses import dataclass

import pulumi
import pulumi_kubernetes as k8s

from components.data import network_rules as rules
from components.data.ground import DataGround
from components.kube.labels import client_of, selector_labels

SYSTEM = "kafka"
CONFIG_MAP = "kafka-connection"
LABELS = selector_labels(SYSTEM, "address")


@dataclass(frozen=True, kw_only=True)
class Broker:
    """One bootstrap server, by name or address."""

    host: str
    port: int


@dataclass(frozen=True, kw_only=True)
class KafkaArgs:
    """`cidrs` are the brokers' addresses; without any, no policy is made and the closed namespace lets nobody out."""

    ground: DataGround
    brokers: tuple[Broker, ...]
    tls: bool
    cidrs: tuple[ipaddress.IPv4Network, ...] = ()

    def __post_init__(self) -> None:
        if not self.brokers:
            raise ValueError("kafka brokers: there is none; give one at least, or leave Kafka out")


class Kafka(pulumi.ComponentResource):
    """What pods read to find Kafka. `connection` names the ConfigMap: there is no secret in an address."""

    connection: pulumi.Output[str]

    def __init__(self, name: str, args: KafkaArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("gameregions:data:Kafka", name, None, opts)
        child = pulumi.ResourceOptions(parent=self, depends_on=list(args.ground.after))
        config = k8s.core.v1.ConfigMap(
            f"{name}-kafka",
            metadata=_metadata(CONFIG_MAP, args.ground),
            data=connection(args.brokers, tls=args.tls),
            opts=child,
        )
        if args.cidrs:
            blocks = [rules.block(str(cidr)) for cidr in args.cidrs]
            ports = rules.ports(*sorted({broker.port for broker in args.brokers}))
            rules.network_policy(
                f"{name}-kafka-clients",
                _metadata(f"{SYSTEM}-clients", args.ground),
                client_of(SYSTEM),
                egress=[rules.Egress(to=blocks, ports=ports)],
                opts=child,
            )
        self.connection = config.metadata.name
        self.register_outputs({"connection": self.connection})


def connection(brokers: tuple[Broker, ...], *, tls: bool) -> dict[str, str]:
    """In the words of Kafka's clients: kafka.apache.org/documentation, bootstrap.servers and security.protocol."""
    return {
        "bootstrap.servers": ",".join(f"{broker.host}:{broker.port}" for broker in brokers),
        "security.protocol": "SSL" if tls else "PLAINTEXT",
    }


def _metadata(object_name: str, ground: DataGround) -> k8s.meta.v1.ObjectMetaArgs:
    return k8s.meta.v1.ObjectMetaArgs(name=object_name, namespace=ground.namespace, labels=ground.labels(LABELS))
