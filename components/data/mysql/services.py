"""MysqlServices: the addresses of the group's members, of the one that takes writes, and of all that can be read."""

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import pulumi_kubernetes as k8s

from components.data.ground import DataGround
from components.data.mysql.names import (
    EXPORT,
    HEADLESS,
    PORT,
    PORT_NAME,
    PRIMARY,
    READ,
    ROLE_LABEL,
    ROLE_PRIMARY,
    SELECTOR,
)

# Until an agent has labelled its pod, a Service for the label has no endpoint, and Pulumi would wait for one.
NOT_AWAITED = {"pulumi.com/skipAwait": "true"}
WRITES = {**SELECTOR, ROLE_LABEL: ROLE_PRIMARY}
NLB = "service.k8s.aws/nlb"


@dataclass(frozen=True, kw_only=True)
class MysqlServicesArgs:
    """`exported_to` are the blocks (CIDR) of other regions' pods that may copy the data; none: no way out."""

    ground: DataGround
    exported_to: tuple[str, ...] = ()
    after: tuple[pulumi.Resource, ...] = ()


class MysqlServices(pulumi.ComponentResource):
    """`headless` is the name that the StatefulSet is served under; `primary` what clients dial."""

    headless: pulumi.Output[str]
    primary: pulumi.Output[str]

    def __init__(self, name: str, args: MysqlServicesArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("gameregions:data:MysqlServices", name, None, opts)
        self._name, self._ground = name, args.ground
        self.headless = self._service("headless", HEADLESS, headless_spec())
        self.primary = self._service("primary", PRIMARY, service_spec(WRITES), NOT_AWAITED)
        self._service("read", READ, service_spec(SELECTOR), NOT_AWAITED)
        if args.exported_to:
            self._service("export", EXPORT, export_spec(args.exported_to), export_annotations(), args.after)
        self.register_outputs({"headless": self.headless, "primary": self.primary})

    def _service(
        self,
        role: str,
        object_name: str,
        spec: k8s.core.v1.ServiceSpecArgs,
        annotations: Mapping[str, str] | None = None,
        after: tuple[pulumi.Resource, ...] = (),
    ) -> pulumi.Output[str]:
        service = k8s.core.v1.Service(
            f"{self._name}-mysql-{role}",
            metadata=k8s.meta.v1.ObjectMetaArgs(
                name=object_name,
                namespace=self._ground.namespace,
                labels=self._ground.labels(SELECTOR),
                annotations=annotations,
            ),
            spec=spec,
            opts=pulumi.ResourceOptions(parent=self, depends_on=list(after)),
        )
        name: pulumi.Output[str] = service.metadata.name
        return name


def headless_spec() -> k8s.core.v1.ServiceSpecArgs:
    """Every member by its own name, ready or not: they must find each other before any of them is."""
    return k8s.core.v1.ServiceSpecArgs(
        cluster_ip="None",
        publish_not_ready_addresses=True,
        selector=SELECTOR,
        ports=[_port(PORT_NAME, PORT)],
    )


def service_spec(selector: Mapping[str, str]) -> k8s.core.v1.ServiceSpecArgs:
    """The ready pods that `selector` finds."""
    return k8s.core.v1.ServiceSpecArgs(selector=selector, ports=[_port(PORT_NAME, PORT)])


def export_spec(blocks: tuple[str, ...]) -> k8s.core.v1.ServiceSpecArgs:
    """The member that takes writes, behind a load balancer inside the VPC that `blocks` of other regions may reach."""
    return k8s.core.v1.ServiceSpecArgs(
        type="LoadBalancer",
        load_balancer_class=NLB,
        # Its targets are the pods themselves.
        allocate_load_balancer_node_ports=False,
        load_balancer_source_ranges=list(blocks),
        selector=WRITES,
        ports=[_port(PORT_NAME, PORT)],
    )


def export_annotations() -> dict[str, str]:
    """How the AWS Load Balancer Controller is to make it."""
    base = "service.beta.kubernetes.io/aws-load-balancer"
    return {**NOT_AWAITED, f"{base}-scheme": "internal", f"{base}-nlb-target-type": "ip"}


def _port(name: str, port: int) -> k8s.core.v1.ServicePortArgs:
    return k8s.core.v1.ServicePortArgs(name=name, port=port, target_port=name, protocol="TCP")
