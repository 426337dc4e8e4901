"""RedisServices: how pods find each other and how clients find them."""

from dataclasses import dataclass

import pulumi
import pulumi_kubernetes as k8s

from components.data.ground import DataGround
from components.data.redis.names import (
    BUS_PORT,
    BUS_PORT_NAME,
    CLIENT_CONFIG,
    ENDPOINT_KEY,
    HEADLESS,
    PORT,
    PORT_NAME,
    SELECTOR,
    SERVICE,
)


@dataclass(frozen=True, kw_only=True)
class RedisServicesArgs:
    """`ground` is where the region's data systems stand."""

    ground: DataGround


class RedisServices(pulumi.ComponentResource):
    """`headless` gives every pod its name, `service` is the address for clients."""

    headless: pulumi.Output[str]
    service: pulumi.Output[str]

    def __init__(self, name: str, args: RedisServicesArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("gameregions:data:RedisServices", name, None, opts)
        self._ground = args.ground
        self._child = pulumi.ResourceOptions(parent=self, depends_on=list(args.ground.after))
        self.headless = self._headless(name).metadata.name
        self.service = self._service(name).metadata.name
        self._client_config(name)
        self.register_outputs({"headless": self.headless, "service": self.service})

    def _headless(self, name: str) -> k8s.core.v1.Service:
        return k8s.core.v1.Service(
            f"{name}-redis-headless",
            metadata=self._metadata(HEADLESS),
            spec=k8s.core.v1.ServiceSpecArgs(
                cluster_ip="None",
                # Pods must find each other before they are ready: readiness is the cluster's own doing.
                publish_not_ready_addresses=True,
                selector=SELECTOR,
                ports=[_port(PORT_NAME, PORT), _port(BUS_PORT_NAME, BUS_PORT)],
            ),
            opts=self._child,
        )

    def _service(self, name: str) -> k8s.core.v1.Service:
        return k8s.core.v1.Service(
            f"{name}-redis-service",
            # It has no endpoint before the StatefulSet, which comes later.
            metadata=self._metadata(SERVICE, {"pulumi.com/skipAwait": "true"}),
            spec=k8s.core.v1.ServiceSpecArgs(type="ClusterIP", selector=SELECTOR, ports=[_port(PORT_NAME, PORT)]),
            opts=self._child,
        )

    def _client_config(self, name: str) -> None:
        k8s.core.v1.ConfigMap(
            f"{name}-redis-client-config",
            metadata=self._metadata(CLIENT_CONFIG),
            data={ENDPOINT_KEY: f"{SERVICE}:{PORT}"},
            opts=self._child,
        )

    def _metadata(self, object_name: str, annotations: dict[str, str] | None = None) -> k8s.meta.v1.ObjectMetaArgs:
        return k8s.meta.v1.ObjectMetaArgs(
            name=object_name,
            namespace=self._ground.namespace,
            labels=self._ground.labels(SELECTOR),
            annotations=annotations,
        )


def _port(name: str, number: int) -> k8s.core.v1.ServicePortArgs:
    return k8s.core.v1.ServicePortArgs(name=name, port=number, target_port=name, protocol="TCP")
