"""EC2 types by which a network is enlarged, reached and watched: what a program would ask for and later change."""

from __future__ import annotations

import json
from collections.abc import Callable

from tests.embedded.aws_types.driver import ACCOUNT, Engine, Made
from tests.embedded.aws_types.ground import TAGS, Example, role, vpc


def _block(engine: Engine) -> Example:
    return Example({"vpcId": vpc(engine).id, "cidrBlock": "100.64.0.0/16"})


def _policy(action: str) -> str:
    statement = {"Effect": "Allow", "Principal": "*", "Action": [action], "Resource": "*"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]}, indent=1)


def _endpoint(engine: Engine) -> Example:
    network = vpc(engine)
    tables = [engine.make("aws:ec2/routeTable:RouteTable", name, vpcId=network.id).id for name in "abc"]
    wanted = {"vpcId": network.id, "serviceName": "com.amazonaws.us-east-1.s3", "vpcEndpointType": "Gateway"}
    return Example(
        wanted | {"routeTableIds": tables[:2], "policy": _policy("s3:*"), "tags": TAGS},
        wanted | {"routeTableIds": tables[1:], "policy": _policy("s3:GetObject"), "tags": {"a": "b"}},
    )


def _flow_log(engine: Engine) -> Example:
    engine.make("aws:cloudwatch/logGroup:LogGroup", "flow", name="/mmorpg/flow")
    wanted = {
        "vpcId": vpc(engine).id,
        "trafficType": "REJECT",
        "logDestination": f"arn:aws:logs:us-east-1:{ACCOUNT}:log-group:/mmorpg/flow",
        "iamRoleArn": role(engine, "flow", "vpc-flow-logs.amazonaws.com").outputs["arn"],
        "maxAggregationInterval": 60,
    }
    return Example(wanted | {"tags": TAGS}, wanted | {"tags": {"a": "b"}})


def elsewhere(engine: Engine) -> Engine:
    """The same cloud through the provider of another region."""
    return Engine(engine.endpoint, {"region": "eu-west-1"})


def peering(engine: Engine) -> Made:
    """A connection that a VPC of another region asks for."""
    other = elsewhere(engine)
    far = other.make("aws:ec2/vpc:Vpc", "far", cidrBlock="10.20.0.0/16")
    wanted = {"vpcId": far.id, "peerVpcId": vpc(engine).id, "peerRegion": "us-east-1"}
    return other.make("aws:ec2/vpcPeeringConnection:VpcPeeringConnection", "far", **wanted)


def _peering(engine: Engine) -> Example:
    far = elsewhere(engine).make("aws:ec2/vpc:Vpc", "far", cidrBlock="10.20.0.0/16")
    wanted = {"vpcId": vpc(engine).id, "peerVpcId": far.id, "peerRegion": "eu-west-1"}
    return Example(wanted | {"tags": TAGS}, wanted | {"tags": {"a": "b"}})


def _accepter(engine: Engine) -> Example:
    wanted = {"vpcPeeringConnectionId": peering(engine).id, "autoAccept": True}
    return Example(wanted | {"tags": TAGS}, wanted | {"tags": {"a": "b"}})


REACH: dict[str, Callable[[Engine], Example]] = {
    "aws:ec2/vpcIpv4CidrBlockAssociation:VpcIpv4CidrBlockAssociation": _block,
    "aws:ec2/vpcEndpoint:VpcEndpoint": _endpoint,
    "aws:ec2/flowLog:FlowLog": _flow_log,
    "aws:ec2/vpcPeeringConnection:VpcPeeringConnection": _peering,
    "aws:ec2/vpcPeeringConnectionAccepter:VpcPeeringConnectionAccepter": _accepter,
}
