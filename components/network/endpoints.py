"""Endpoints: ways from the VPC to AWS's own services that need neither NAT nor the internet."""

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

HTTPS = 443


@dataclass(frozen=True, kw_only=True)
class EndpointsArgs:
    """`route_tables` (ids by name), if any, get the way to S3; `subnets` (ids by zone) hold the `services`' interfaces.

    `services` are the last part of AWS's service names, such as ecr.api. `blocks` are the VPC's addresses, by name.
    """

    prefix: str
    region: str
    vpc_id: pulumi.Input[str]
    blocks: Mapping[str, str]
    route_tables: Mapping[str, pulumi.Input[str]]
    subnets: Mapping[str, pulumi.Input[str]]
    services: tuple[str, ...] = ()


class Endpoints(pulumi.ComponentResource):
    """A gateway endpoint for S3, which costs nothing, and an interface endpoint for each service named."""

    def __init__(self, name: str, args: EndpointsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("gameregions:network:Endpoints", name, None, opts)
        self._child = pulumi.ResourceOptions(parent=self)
        # Image layers lie in S3: without this each pull by a private node pays NAT by the gigabyte.
        if args.route_tables:
            self._gateway(name, args, "s3")
        if args.services:
            group = self._security_group(name, args)
            for service in args.services:
                self._interface(name, args, service, group)
        self.register_outputs({})

    def _gateway(self, name: str, args: EndpointsArgs, service: str) -> None:
        aws.ec2.VpcEndpoint(
            f"{name}-endpoint-{service}",
            vpc_id=args.vpc_id,
            service_name=service_name(args.region, service),
            vpc_endpoint_type="Gateway",
            route_table_ids=list(args.route_tables.values()),
            tags={"Name": f"{args.prefix}-{service}"},
            opts=self._child,
        )

    def _security_group(self, name: str, args: EndpointsArgs) -> aws.ec2.SecurityGroup:
        group = aws.ec2.SecurityGroup(
            f"{name}-endpoints",
            name=f"{args.prefix}-endpoints",
            description=f"Interface endpoints of {args.prefix}",
            vpc_id=args.vpc_id,
            tags={"Name": f"{args.prefix}-endpoints"},
            opts=self._child,
        )
        for block_name, block in args.blocks.items():
            aws.vpc.SecurityGroupIngressRule(
                f"{name}-endpoints-{block_name}",
                security_group_id=group.id,
                description="HTTPS from the VPC",
                ip_protocol="tcp",
                from_port=HTTPS,
                to_port=HTTPS,
                cidr_ipv4=block,
                tags={"Name": f"{args.prefix}-endpoints"},
                opts=self._child,
            )
        return group

    def _interface(self, name: str, args: EndpointsArgs, service: str, group: aws.ec2.SecurityGroup) -> None:
        aws.ec2.VpcEndpoint(
            f"{name}-endpoint-{service.replace('.', '-')}",
            vpc_id=args.vpc_id,
            service_name=service_name(args.region, service),
            vpc_endpoint_type="Interface",
            subnet_ids=list(args.subnets.values()),
            security_group_ids=[group.id],
            # The service's public name then leads here, and no client needs to know of the endpoint.
            private_dns_enabled=True,
            tags={"Name": f"{args.prefix}-{service}"},
            opts=self._child,
        )


def service_name(region: str, service: str) -> str:
    """AWS's name of a service's endpoint in a region of the commercial partition."""
    return f"com.amazonaws.{region}.{service}"
