"""A region's network: the VPC, made or found, with its ways to AWS's services and the records of its traffic."""

import pulumi

from components.network.endpoints import Endpoints, EndpointsArgs
from components.network.existing import ExistingNetwork
from components.network.facts import RegionNetwork
from components.network.flow_logs import FlowLogs, FlowLogsArgs
from components.network.network import Network, NetworkArgs
from stacks.region_args import existing_network
from stacks.settings import RegionSettings


def region_network(
    name: str, prefix: str, region: RegionSettings, options: pulumi.ResourceOptions, *, protect: bool
) -> tuple[RegionNetwork, Endpoints]:
    """The network of region `name`, whose physical names begin with `prefix`, and its ways to AWS's services."""
    settings = region.network
    network = _vpc(name, prefix, region, options, protect=protect)
    endpoints = EndpointsArgs(
        prefix=prefix,
        region=region.aws.region,
        vpc_id=network.vpc_id,
        blocks=network.blocks,
        route_tables=network.route_tables,
        subnets=network.private_subnets,
        services=settings.interface_endpoints,
    )
    ways = Endpoints(name, endpoints, options)
    if settings.flow_logs:
        flow_logs = FlowLogsArgs(
            prefix=prefix,
            region=region.aws.region,
            account_id=network.account_id,
            vpc_id=network.vpc_id,
            traffic=settings.flow_logs.traffic,
            retention_days=settings.flow_logs.retention_days,
        )
        FlowLogs(name, flow_logs, options)
    return network, ways


def _vpc(
    name: str, prefix: str, region: RegionSettings, options: pulumi.ResourceOptions, *, protect: bool
) -> RegionNetwork:
    settings = region.network
    if settings.existing:
        return ExistingNetwork(name, existing_network(region), options)
    arguments = NetworkArgs(
        prefix=prefix,
        cidr=settings.cidr,
        zones=settings.zones,
        nat=settings.nat,
        cluster_name=prefix,
        protect=protect,
        pods=settings.pods,
        own_subnets=settings.own_subnets,
    )
    return Network(name, arguments, options)
