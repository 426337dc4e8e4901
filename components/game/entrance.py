"""Entrance: the one load balancer by which players come into a region, and what stands behind its listeners.

It belongs to the program and not to the cluster: its address outlives the cluster, and a destroy leaves none behind.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws
import pulumi_kubernetes as k8s

from components.game.entrance_spec import WAYS, Way, balancer_name, binding, default_action, target_group_name
from components.platform.dns_zone import DnsZone

# How fast a sick pod stops getting new players: three checks. UDP flows leave it with the next packet, so no faster.
HEALTH_INTERVAL_SECONDS, HEALTH_TIMEOUT_SECONDS = 10, 5
HEALTHY_CHECKS, UNHEALTHY_CHECKS = 2, 3


@dataclass(frozen=True, kw_only=True)
class Backend:
    """A Service's port: the pods behind it become targets. Its namespace need not be the game's.

    `selector` are the pods' labels where their namespace is closed, and a policy must let the load balancer in.
    """

    namespace: pulumi.Input[str]
    service: pulumi.Input[str]
    port: int
    selector: Mapping[str, str] | None = None


@dataclass(frozen=True, kw_only=True)
class EntranceArgs:
    """`prefix` is the region's `<game>-<region>`; `subnets` are the ids of the public ones, by zone.

    Players come from `client_cidrs`, health checks from `balancer_cidrs`, the blocks of the subnets. `security_group`
    is the id of the group that says so to AWS, see `EntranceSecurity`.
    `weights` gives each generation of the cluster its share (0 to 999); pods of this cluster join `generation`.
    `backends` has one for each `Way.key`: a listener with nobody behind it takes players and never answers.
    `zone` is the region's own, whose name and all names right below it lead here; None where there is none.
    `network` is what makes the subnets public, the internet gateway with its routes: AWS refuses such a load balancer
    before, and to detach the gateway while it stands. `after` is what bindings need: the controller that turns them
    into targets, and the Services bound.
    """

    prefix: str
    vpc_id: pulumi.Input[str]
    subnets: Mapping[str, pulumi.Input[str]]
    client_cidrs: tuple[str, ...]
    balancer_cidrs: tuple[str, ...]
    security_group: pulumi.Input[str]
    cross_zone: bool
    minimum_healthy: int
    weights: Mapping[str, int]
    generation: str
    backends: Mapping[str, Backend]
    protect: bool
    zone: DnsZone | None = None
    network: tuple[pulumi.Resource, ...] = ()
    after: tuple[pulumi.Resource, ...] = ()

    def __post_init__(self) -> None:
        if self.generation not in self.weights:
            raise ValueError(
                f"entrance generation: {self.generation} is none of the weighted ones "
                f"({', '.join(self.weights)}); give it a weight, 0 for no players"
            )
        unserved = [way.key for way in WAYS if way.key not in self.backends]
        if unserved:
            raise ValueError(
                f"entrance backends: nothing stands behind {', '.join(unserved)}; name the Service of its pods"
            )


class Entrance(pulumi.ComponentResource):
    """A network load balancer with TCP 8080, UDP 8081 and TCP 443; `dns_name` and `zone_id` are for alias records."""

    arn: pulumi.Output[str]
    dns_name: pulumi.Output[str]
    zone_id: pulumi.Output[str]

    def __init__(self, name: str, args: EntranceArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("gameregions:game:Entrance", name, None, opts)
        self._child = pulumi.ResourceOptions(parent=self)
        balancer = self._load_balancer(name, args)
        for way in WAYS:
            arns = {generation: self._target_group(name, args, way, generation).arn for generation in args.weights}
            self._listener(name, args, way, balancer, arns)
            self._binding(name, args, way, args.backends[way.key], arns[args.generation])

        if args.zone:
            self._names(name, args.zone, balancer)
        self.arn, self.dns_name, self.zone_id = balancer.arn, balancer.dns_name, balancer.zone_id
        self.register_outputs({"arn": self.arn, "dns_name": self.dns_name, "zone_id": self.zone_id})

    def _load_balancer(self, name: str, args: EntranceArgs) -> aws.lb.LoadBalancer:
        return aws.lb.LoadBalancer(
            f"{name}-entrance",
            # Fixed, as recovery finds by name what an interrupted run has made.
            name=balancer_name(args.prefix),
            load_balancer_type="network",
            internal=False,
            subnets=list(args.subnets.values()),
            # From birth: one made without a group can never get one.
            security_groups=[args.security_group],
            enable_cross_zone_load_balancing=args.cross_zone,
            enable_deletion_protection=args.protect,
            enable_zonal_shift=True,
            # Players ask from outside AWS, where no other policy has an effect; inside, any zone will do.
            dns_record_client_routing_policy="any_availability_zone",
            tags={"Name": balancer_name(args.prefix)},
            opts=pulumi.ResourceOptions(parent=self, depends_on=list(args.network), protect=args.protect),
        )

    def _names(self, name: str, zone: DnsZone, balancer: aws.lb.LoadBalancer) -> None:
        # The only record of its name: an address whose pods are unwell is better than none.
        alias = aws.route53.RecordAliasArgs(
            name=balancer.dns_name, zone_id=balancer.zone_id, evaluate_target_health=False
        )
        for label, domain in (("name", zone.domain), ("names-below", f"*.{zone.domain}")):
            aws.route53.Record(
                f"{name}-entrance-{label}",
                zone_id=zone.zone_id,
                name=domain,
                type="A",
                aliases=[alias],
                opts=self._child,
            )

    def _target_group(self, name: str, args: EntranceArgs, way: Way, generation: str) -> aws.lb.TargetGroup:
        physical = target_group_name(args.prefix, way, generation)
        # A target that only missed its checks keeps its players as long as one that is let go; AWS's own interval is 0.
        # UDP has no connections, and AWS refuses both figures for it.
        unhealthy = aws.lb.TargetGroupTargetHealthStateArgs(
            enable_unhealthy_connection_termination=False,
            unhealthy_draining_interval=way.deregistration_delay_seconds,
        )
        return aws.lb.TargetGroup(
            f"{name}-entrance-{way.key}-{generation}",
            name=physical,
            protocol=way.protocol,
            port=way.port,
            vpc_id=args.vpc_id,
            target_type="ip",
            preserve_client_ip="true",
            deregistration_delay=way.deregistration_delay_seconds,
            # The pod says goodbye itself when the delay is over; cut off here, its players would learn nothing.
            connection_termination=False,
            target_health_states=[unhealthy] if way.protocol == "TCP" else None,
            stickiness=aws.lb.TargetGroupStickinessArgs(type="source_ip", enabled=way.sticky),
            health_check=_health_check(way),
            target_group_health=_group_health(args.minimum_healthy),
            load_balancing_cross_zone_enabled="use_load_balancer_configuration",
            tags={"Name": physical},
            opts=self._child,
        )

    def _listener(
        self,
        name: str,
        args: EntranceArgs,
        way: Way,
        balancer: aws.lb.LoadBalancer,
        arns: Mapping[str, pulumi.Output[str]],
    ) -> None:
        aws.lb.Listener(
            f"{name}-entrance-{way.key}",
            load_balancer_arn=balancer.arn,
            protocol=way.protocol,
            port=way.port,
            default_actions=[default_action(way, arns, args.weights)],
            tags={"Name": f"{args.prefix}-{way.key}"},
            opts=self._child,
        )

    def _binding(self, name: str, args: EntranceArgs, way: Way, backend: Backend, arn: pulumi.Output[str]) -> None:
        after = pulumi.ResourceOptions(parent=self, depends_on=list(args.after))
        metadata = k8s.meta.v1.ObjectMetaArgs(name=f"entrance-{way.key}", namespace=backend.namespace)
        k8s.apiextensions.CustomResource(
            f"{name}-entrance-{way.key}",
            api_version="elbv2.k8s.aws/v1beta1",
            kind="TargetGroupBinding",
            metadata=metadata,
            spec=binding(arn, backend.service, backend.port),
            opts=after,
        )
        if backend.selector is not None:
            k8s.networking.v1.NetworkPolicy(
                f"{name}-entrance-{way.key}",
                metadata=metadata,
                spec=k8s.networking.v1.NetworkPolicySpecArgs(
                    pod_selector=k8s.meta.v1.LabelSelectorArgs(match_labels=backend.selector),
                    policy_types=["Ingress"],
                    ingress=[
                        # Packets keep the player's address; health checks come from the load balancer's own.
                        _from(args.client_cidrs, way.protocol, backend.port),
                        _from(args.balancer_cidrs, "TCP", way.health_port),
                    ],
                ),
                opts=after,
            )


def _from(cidrs: tuple[str, ...], protocol: str, port: int) -> k8s.networking.v1.NetworkPolicyIngressRuleArgs:
    blocks = [
        k8s.networking.v1.NetworkPolicyPeerArgs(ip_block=k8s.networking.v1.IPBlockArgs(cidr=cidr)) for cidr in cidrs
    ]
    ports = [k8s.networking.v1.NetworkPolicyPortArgs(protocol=protocol, port=port)]
    return k8s.networking.v1.NetworkPolicyIngressRuleArgs(from_=blocks, ports=ports)


def _health_check(way: Way) -> aws.lb.TargetGroupHealthCheckArgs:
    return aws.lb.TargetGroupHealthCheckArgs(
        protocol="HTTP",
        port=str(way.health_port),
        path=way.health_path,
        matcher="200",
        interval=HEALTH_INTERVAL_SECONDS,
        timeout=HEALTH_TIMEOUT_SECONDS,
        healthy_threshold=HEALTHY_CHECKS,
        unhealthy_threshold=UNHEALTHY_CHECKS,
    )


def _group_health(minimum: int) -> aws.lb.TargetGroupTargetGroupHealthArgs:
    """A zone with fewer healthy targets leaves DNS; with none at all its node sends to every target it knows."""
    return aws.lb.TargetGroupTargetGroupHealthArgs(
        dns_failover=aws.lb.TargetGroupTargetGroupHealthDnsFailoverArgs(minimum_healthy_targets_count=str(minimum)),
        unhealthy_state_routing=aws.lb.TargetGroupTargetGroupHealthUnhealthyStateRoutingArgs(
            minimum_healthy_targets_count=1
        ),
    )
