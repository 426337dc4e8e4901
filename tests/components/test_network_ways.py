"""The ways of a network: endpoints, flow logs, what the CNI is told, and peering between regions."""

import dataclasses
import json
from typing import Any

import pulumi
import pulumi_aws as aws

from components.network.cni import cni_configuration
from components.network.endpoints import Endpoints, EndpointsArgs
from components.network.flow_logs import FlowLogs, FlowLogsArgs
from components.network.flows import FLOWS
from components.network.peering import Peering, PeeringArgs, PeeringSide, pairs
from plan.recorder import Recording
from tests.engine import all_of, build, named, only

ENDPOINT = "aws:ec2/vpcEndpoint:VpcEndpoint"
RULE = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
ROUTE = "aws:ec2/route:Route"
ENDPOINTS = EndpointsArgs(
    prefix="mmorpg-us-east",
    region="us-east-1",
    vpc_id="vpc-1",
    blocks={"vpc": "10.10.0.0/16", "pods": "100.64.0.0/16"},
    route_tables={"public": "rtb-1", "private-us-east-1a": "rtb-2"},
    subnets={"us-east-1a": "subnet-1", "us-east-1b": "subnet-2"},
)


def endpoints(*services: str) -> Recording:
    return build(lambda: Endpoints("us-east", dataclasses.replace(ENDPOINTS, services=services)))


def test_s3_is_always_reached_without_nat_and_for_nothing():
    built = endpoints()
    assert only(built, ENDPOINT).inputs["serviceName"] == "com.amazonaws.us-east-1.s3"
    assert only(built, ENDPOINT).inputs["vpcEndpointType"] == "Gateway"
    assert only(built, ENDPOINT).inputs["routeTableIds"] == ["rtb-1", "rtb-2"]
    assert [r.type for r in built.resources if r.custom] == [ENDPOINT], "a gateway has no security group"


def test_each_service_named_has_an_interface_in_every_zone_under_its_public_name():
    built = endpoints("ecr.api", "sts")
    endpoint = named(built, "us-east-endpoint-ecr-api", ENDPOINT)
    assert endpoint.inputs["serviceName"] == "com.amazonaws.us-east-1.ecr.api"
    assert endpoint.inputs["vpcEndpointType"] == "Interface"
    assert endpoint.inputs["subnetIds"] == ["subnet-1", "subnet-2"]
    assert endpoint.inputs["privateDnsEnabled"] is True
    group = only(built, "aws:ec2/securityGroup:SecurityGroup")
    for name in ("ecr-api", "sts"):
        assert named(built, f"us-east-endpoint-{name}", ENDPOINT).inputs["securityGroupIds"] == [
            {"$ref": group.urn, "property": "id"}
        ]


def test_interfaces_take_https_from_the_vpc_and_nothing_else():
    rules = all_of(endpoints("sts"), RULE)
    assert {
        (r.inputs["cidrIpv4"], r.inputs["ipProtocol"], r.inputs["fromPort"], r.inputs["toPort"]) for r in rules
    } == {
        ("10.10.0.0/16", "tcp", 443, 443),
        ("100.64.0.0/16", "tcp", 443, 443),
    }


def flow_logs() -> Recording:
    args = FlowLogsArgs(
        prefix="mmorpg-us-east",
        region="us-east-1",
        account_id="123456789012",
        vpc_id="vpc-1",
        traffic="REJECT",
        retention_days=30,
    )
    return build(lambda: FlowLogs("us-east", args))


def test_flow_logs_go_to_a_group_with_an_end_to_their_keeping():
    built = flow_logs()
    group = only(built, "aws:cloudwatch/logGroup:LogGroup")
    assert group.inputs["name"] == "/aws/vpc/mmorpg-us-east/flow-logs"
    assert group.inputs["retentionInDays"] == 30
    log = only(built, "aws:ec2/flowLog:FlowLog")
    assert log.inputs["logDestination"] == {"$ref": group.urn, "property": "arn"}
    assert log.inputs["iamRoleArn"] == {"$ref": only(built, "aws:iam/role:Role").urn, "property": "arn"}
    assert (log.inputs["trafficType"], log.inputs["vpcId"], log.inputs["maxAggregationInterval"]) == (
        "REJECT",
        "vpc-1",
        600,
    )
    assert only(built, "aws:iam/rolePolicy:RolePolicy").urn in log.depends_on, "else the first records are lost"


def test_only_flow_logs_of_the_same_account_and_region_take_the_role():
    (statement,) = json.loads(only(flow_logs(), "aws:iam/role:Role").resolved["assumeRolePolicy"])["Statement"]
    assert statement["Principal"] == {"Service": "vpc-flow-logs.amazonaws.com"}
    assert statement["Condition"] == {
        "StringEquals": {"aws:SourceAccount": "123456789012"},
        "ArnLike": {"aws:SourceArn": "arn:aws:ec2:us-east-1:123456789012:vpc-flow-log/*"},
    }


def test_the_role_writes_its_own_group_and_makes_none():
    built = flow_logs()
    write, find = json.loads(only(built, "aws:iam/rolePolicy:RolePolicy").resolved["policy"])["Statement"]
    assert write["Resource"] == f"${{{only(built, 'aws:cloudwatch/logGroup:LogGroup').urn}#arn}}:*"
    assert write["Action"] == ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"]
    assert (find["Action"], find["Resource"]) == (["logs:DescribeLogGroups"], "*")


def test_pods_of_each_zone_take_prefixes_of_their_own_subnet():
    assert cni_configuration("us-east-1", {"us-east-1a": "subnet-1", "us-east-1b": "subnet-2"}) == {
        "env": {
            "AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG": "true",
            "ENI_CONFIG_LABEL_DEF": "topology.kubernetes.io/zone",
            "ENABLE_PREFIX_DELEGATION": "true",
            "WARM_PREFIX_TARGET": "1",
        },
        "eniConfig": {
            "create": True,
            "region": "us-east-1",
            "subnets": {"us-east-1a": {"id": "subnet-1"}, "us-east-1b": {"id": "subnet-2"}},
        },
    }


def test_without_pod_subnets_the_cni_is_told_nothing_of_them():
    assert cni_configuration("us-east-1", {}) == {}


def side(region: str, aws_region: str, **changes: Any) -> PeeringSide:
    figures: dict[str, Any] = {
        "region": region,
        "aws_region": aws_region,
        "prefix": f"mmorpg-{region}",
        "provider": aws.Provider(f"{region}-aws", region=aws_region),
        "vpc_id": f"vpc-{region}",
        "account_id": f"account-of-{region}",
        "blocks": {"vpc": "10.10.0.0/16"},
        "route_tables": {"public": f"rtb-{region}-1", "private": f"rtb-{region}-2"},
        "security_group_id": f"sg-{region}",
    }
    return PeeringSide(**(figures | changes))


def peering() -> Recording:
    def program() -> pulumi.Resource:
        east = side("us-east", "us-east-1", blocks={"vpc": "10.20.0.0/16", "pods": "100.65.0.0/16"})
        return Peering("eu-west-peer-us-east", PeeringArgs(requester=side("eu-west", "eu-west-1"), accepter=east))

    return build(program, regions=("us-east", "eu-west"))


def test_one_region_asks_and_the_other_accepts_each_in_its_own_place():
    built = peering()
    connection = only(built, "aws:ec2/vpcPeeringConnection:VpcPeeringConnection")
    assert (connection.inputs["vpcId"], connection.inputs["peerVpcId"]) == ("vpc-eu-west", "vpc-us-east")
    assert (connection.inputs["peerRegion"], connection.inputs["autoAccept"]) == ("us-east-1", False)
    assert connection.inputs["peerOwnerId"] == "account-of-us-east", "else AWS looks for it in the asker's account"
    accepter = only(built, "aws:ec2/vpcPeeringConnectionAccepter:VpcPeeringConnectionAccepter")
    assert accepter.inputs["autoAccept"] is True
    assert accepter.inputs["vpcPeeringConnectionId"] == {"$ref": connection.urn, "property": "id"}


def test_every_resource_has_the_provider_of_the_region_it_is_named_by():
    built = peering()
    providers = {r.urn: r.name for r in built.resources}
    for resource in built.resources:
        if resource.custom and not resource.type.startswith("pulumi:"):
            assert providers[resource.provider or ""] == f"{resource.region}-aws", resource.name
    assert built.findings == []


def test_every_route_table_leads_to_every_block_of_the_other_side_once_it_has_accepted():
    built = peering()
    routes = all_of(built, ROUTE)
    assert {(r.inputs["routeTableId"], r.inputs["destinationCidrBlock"]) for r in routes} == {
        *((f"rtb-eu-west-{n}", block) for n in (1, 2) for block in ("10.20.0.0/16", "100.65.0.0/16")),
        *((f"rtb-us-east-{n}", "10.10.0.0/16") for n in (1, 2)),
    }
    accepter = only(built, "aws:ec2/vpcPeeringConnectionAccepter:VpcPeeringConnectionAccepter").urn
    assert all(accepter in r.depends_on for r in routes)


def test_only_the_flows_of_the_table_pass_between_regions():
    rules = all_of(peering(), RULE)
    assert FLOWS == {"mysql": 3306, "mysql-group": 33061, "mesh": 15443, "https": 443, "metrics": 9090}
    assert {(r.inputs["securityGroupId"], r.inputs["cidrIpv4"], r.inputs["fromPort"]) for r in rules} == {
        *(("sg-eu-west", "10.20.0.0/16", port) for port in FLOWS.values()),  # pods come under their nodes' addresses
        *(("sg-us-east", "10.10.0.0/16", port) for port in FLOWS.values()),
    }
    assert all(r.inputs["toPort"] == r.inputs["fromPort"] and r.inputs["ipProtocol"] == "tcp" for r in rules)


def test_every_two_regions_are_one_pair_whatever_their_order():
    assert list(pairs(["us-west", "eu-west", "us-east"])) == list(pairs(["us-east", "us-west", "eu-west"]))
    assert list(pairs(["us-west", "eu-west", "us-east"])) == [
        ("eu-west", "us-east"),
        ("eu-west", "us-west"),
        ("us-east", "us-west"),
    ]
