"""EC2 types: what a program would ask for, and how it would then change it in place."""

from __future__ import annotations

from collections.abc import Callable

from tests.embedded.aws_types.driver import Engine
from tests.embedded.aws_types.ground import (
    CIDR,
    TAGS,
    Example,
    gateway,
    subnets,
    vpc,
)


def _vpc(_: Engine) -> Example:
    wanted = {"cidrBlock": CIDR, "enableDnsSupport": True, "enableDnsHostnames": True, "tags": TAGS}
    return Example(wanted, wanted | {"enableDnsHostnames": False, "tags": {"Name": "two"}})


def _subnet(engine: Engine) -> Example:
    wanted = {"vpcId": vpc(engine).id, "cidrBlock": "10.10.0.0/20", "availabilityZone": "us-east-1b", "tags": TAGS}
    return Example(wanted | {"mapPublicIpOnLaunch": False}, wanted | {"mapPublicIpOnLaunch": True, "tags": {"a": "b"}})


def _internet_gateway(engine: Engine) -> Example:
    other = engine.make("aws:ec2/vpc:Vpc", "other", cidrBlock="10.20.0.0/16")
    return Example({"vpcId": vpc(engine).id, "tags": TAGS}, {"vpcId": other.id, "tags": {"a": "b"}})


def _eip(_: Engine) -> Example:
    return Example({"domain": "vpc", "tags": TAGS}, {"domain": "vpc", "tags": {"a": "b"}})


def _nat_gateway(engine: Engine) -> Example:
    network = vpc(engine)
    gateway(engine, network)
    address = engine.make("aws:ec2/eip:Eip", "nat", domain="vpc")
    wanted = {"subnetId": subnets(engine, network)[0], "allocationId": address.id, "tags": TAGS}
    return Example(wanted, wanted | {"tags": {"a": "b"}})


def _route_table(engine: Engine) -> Example:
    network = vpc(engine)
    return Example({"vpcId": network.id, "tags": TAGS}, {"vpcId": network.id, "tags": {"a": "b"}})


def _route(engine: Engine) -> Example:
    network = vpc(engine)
    internet = gateway(engine, network)
    address = engine.make("aws:ec2/eip:Eip", "nat", domain="vpc")
    public = subnets(engine, network)[0]
    nat = engine.make("aws:ec2/natGateway:NatGateway", "nat", subnetId=public, allocationId=address.id)
    table = engine.make("aws:ec2/routeTable:RouteTable", "table", vpcId=network.id)
    wanted = {"routeTableId": table.id, "destinationCidrBlock": "0.0.0.0/0"}
    return Example(
        wanted | {"natGatewayId": nat.id}, wanted | {"gatewayId": internet.id}, lambda _: f"{table.id}_0.0.0.0/0"
    )


def _route_table_association(engine: Engine) -> Example:
    network = vpc(engine)
    first, second = (engine.make("aws:ec2/routeTable:RouteTable", name, vpcId=network.id).id for name in "ab")
    subnet = subnets(engine, network)[0]
    return Example(
        {"routeTableId": first, "subnetId": subnet},
        {"routeTableId": second, "subnetId": subnet},
        lambda made: f"{subnet}/{made.inputs['routeTableId']}",
    )


def _security_group(engine: Engine) -> Example:
    wanted = {"name": "game", "description": "players", "vpcId": vpc(engine).id, "tags": TAGS}
    return Example(wanted, wanted | {"tags": {"a": "b"}})


def _default_security_group(engine: Engine) -> Example:
    network = vpc(engine)
    return Example({"vpcId": network.id, "tags": TAGS}, {"vpcId": network.id, "tags": {"a": "b"}})


def _rule(engine: Engine) -> Example:
    group = engine.make("aws:ec2/securityGroup:SecurityGroup", "g", vpcId=vpc(engine).id)
    wanted = {"securityGroupId": group.id, "ipProtocol": "tcp", "cidrIpv4": "10.0.0.0/8", "description": "world"}
    ports = {"fromPort": 7777, "toPort": 7787}
    return Example(wanted | ports | {"tags": TAGS}, wanted | {"fromPort": 7777, "toPort": 7800, "tags": {"a": "b"}})


def _launch_template(_: Engine) -> Example:
    volume = {"volumeType": "gp3", "volumeSize": 50, "encrypted": "true", "deleteOnTermination": "true"}
    wanted = {
        "name": "mmorpg-us-east-system",
        "metadataOptions": {"httpEndpoint": "enabled", "httpTokens": "required", "httpPutResponseHopLimit": 1},
        "blockDeviceMappings": [{"deviceName": "/dev/xvda", "ebs": volume}],
        "tagSpecifications": [{"resourceType": "instance", "tags": {"Name": "node"}}],
        "updateDefaultVersion": True,
        "tags": TAGS,
    }
    larger = [{"deviceName": "/dev/xvda", "ebs": volume | {"volumeSize": 100}}]
    return Example(wanted, wanted | {"blockDeviceMappings": larger, "tags": {"a": "b"}})


NETWORK: dict[str, Callable[[Engine], Example]] = {
    "aws:ec2/vpc:Vpc": _vpc,
    "aws:ec2/subnet:Subnet": _subnet,
    "aws:ec2/internetGateway:InternetGateway": _internet_gateway,
    "aws:ec2/eip:Eip": _eip,
    "aws:ec2/natGateway:NatGateway": _nat_gateway,
    "aws:ec2/routeTable:RouteTable": _route_table,
    "aws:ec2/route:Route": _route,
    "aws:ec2/routeTableAssociation:RouteTableAssociation": _route_table_association,
    "aws:ec2/securityGroup:SecurityGroup": _security_group,
    "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup": _default_security_group,
    "aws:ec2/launchTemplate:LaunchTemplate": _launch_template,
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": _rule,
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": _rule,
}
