"""Endpoints, flow logs, peerings and policies: what the real provider does beyond plain create and delete."""

from __future__ import annotations

import json

import pytest

from embedded.aws.objects import Refused
from embedded.provider import UNKNOWN, PartialFailure, ProviderError
from tests.embedded.aws_types.driver import ACCOUNT, Engine, Made
from tests.embedded.aws_types.examples_reach import elsewhere, peering
from tests.embedded.aws_types.ground import subnets, vpc

ENDPOINT = "aws:ec2/vpcEndpoint:VpcEndpoint"
FLOW_LOG = "aws:ec2/flowLog:FlowLog"
PEERING = "aws:ec2/vpcPeeringConnection:VpcPeeringConnection"
ACCEPTER = "aws:ec2/vpcPeeringConnectionAccepter:VpcPeeringConnectionAccepter"
POLICY = "aws:iam/policy:Policy"
ROUTE = "aws:ec2/route:Route"


def document(action: str) -> str:
    statement = {"Effect": "Allow", "Action": action, "Resource": "*"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def group(engine: Engine, network: Made, name: str) -> str:
    return engine.make("aws:ec2/securityGroup:SecurityGroup", name, vpcId=network.id).id


def test_an_interface_endpoint_is_changed_by_what_differs(engine: Engine) -> None:
    network = engine.make("aws:ec2/vpc:Vpc", "net", cidrBlock="10.10.0.0/16", enableDnsHostnames=True)
    first, second = subnets(engine, network)
    before, after = group(engine, network, "before"), group(engine, network, "after")
    service = {"serviceName": "com.amazonaws.us-east-1.sts", "vpcEndpointType": "Interface", "vpcId": network.id}
    made = engine.make(ENDPOINT, **service, subnetIds=[first], securityGroupIds=[before])
    assert made.outputs["privateDnsEnabled"] is False, "the provider's default is not AWS's"
    assert made.outputs["dnsEntries"][0]["dnsName"].endswith(".sts.us-east-1.vpce.amazonaws.com")
    wanted = {"subnetIds": [second], "securityGroupIds": [before, after], "privateDnsEnabled": True}
    preview = engine.handler.preview_update(made.target, made.outputs, made.inputs | wanted)
    assert preview["networkInterfaceIds"] is UNKNOWN
    changed = engine.change(made, **service, **wanted)
    (card,) = engine.client("ec2").describe_network_interfaces()["NetworkInterfaces"]
    assert (changed.outputs["networkInterfaceIds"], card["SubnetId"]) == ([card["NetworkInterfaceId"]], second)
    assert sorted(it["GroupId"] for it in card["Groups"]) == sorted([before, after])
    assert engine.refreshed(changed) == changed


def test_a_gateway_endpoint_tells_its_list_of_prefixes_and_its_policy(engine: Engine) -> None:
    made = engine.make(ENDPOINT, vpcId=vpc(engine).id, serviceName="com.amazonaws.us-east-1.s3")
    assert made.outputs["prefixListId"].startswith("pl-")
    assert json.loads(made.outputs["policy"])["Statement"][0]["Effect"] == "Allow"
    assert engine.replaced_by(made, **made.inputs | {"serviceName": "com.amazonaws.us-east-1.dynamodb"}).paths == (
        "serviceName",
    )


def test_a_flow_log_to_a_bucket_reads_back_and_every_change_replaces_it(engine: Engine) -> None:
    engine.client("s3").create_bucket(Bucket="flows")
    wanted = {
        "vpcId": vpc(engine).id,
        "trafficType": "ALL",
        "logDestinationType": "s3",
        "logDestination": "arn:aws:s3:::flows",
        "destinationOptions": {"fileFormat": "parquet", "perHourPartition": True},
    }
    made = engine.make(FLOW_LOG, **wanted)
    assert engine.refreshed(made) == made
    plain = engine.replaced_by(made, **wanted | {"destinationOptions": {"perHourPartition": True}})
    assert plain.paths == ("destinationOptions.fileFormat",)
    assert engine.replaced_by(made, **wanted | {"trafficType": "REJECT"}).paths == ("trafficType",)


def test_a_flow_log_that_aws_did_not_make_is_no_flow_log(engine: Engine) -> None:
    wanted = {"vpcId": vpc(engine).id, "trafficType": "ALL", "logDestinationType": "s3"}
    with pytest.raises(ProviderError, match=r"AWS made nothing, and says: .*LogDestination: flows does not exist"):
        engine.make(FLOW_LOG, **wanted, logDestination="arn:aws:s3:::flows")


def test_a_peering_is_accepted_on_its_other_side_and_routes_go_over_it(engine: Engine) -> None:
    asked = peering(engine)
    unaccepted = engine.make(ACCEPTER, vpcPeeringConnectionId=asked.id)
    assert unaccepted.outputs["acceptStatus"] == "pending-acceptance"
    accepted = engine.change(unaccepted, vpcPeeringConnectionId=asked.id, autoAccept=True)
    figures = [accepted.outputs[name] for name in ("acceptStatus", "peerRegion", "peerOwnerId", "peerVpcId")]
    assert figures == ["active", "eu-west-1", ACCOUNT, asked.inputs["vpcId"]]
    assert engine.change(accepted, vpcPeeringConnectionId=asked.id, autoAccept=True).outputs == accepted.outputs
    table = engine.make("aws:ec2/routeTable:RouteTable", "t", vpcId=accepted.outputs["vpcId"])
    way = {"routeTableId": table.id, "destinationCidrBlock": "10.20.0.0/16", "vpcPeeringConnectionId": asked.id}
    assert engine.refreshed(engine.make(ROUTE, **way)) is not None
    assert elsewhere(engine).refreshed(asked) == asked, "the acceptance is no drift of the side that asked"


def test_letting_go_of_an_accepter_leaves_the_connection(engine: Engine) -> None:
    asked = peering(engine)
    accepter = engine.make(ACCEPTER, vpcPeeringConnectionId=asked.id, autoAccept=True)
    engine.drop(accepter)
    assert elsewhere(engine).refreshed(asked) is not None
    elsewhere(engine).drop(asked)
    assert engine.refreshed(accepter) is None


def test_peers_of_one_region_accept_by_themselves(engine: Engine) -> None:
    other = engine.make("aws:ec2/vpc:Vpc", "other", cidrBlock="10.20.0.0/16")
    engine.make(PEERING, vpcId=vpc(engine).id, peerVpcId=other.id, autoAccept=True)
    (found,) = engine.client("ec2").describe_vpc_peering_connections()["VpcPeeringConnections"]
    assert found["Status"]["Code"] == "active"


def test_a_peering_of_overlapping_networks_is_kept_with_awss_reason(engine: Engine) -> None:
    far = elsewhere(engine).make("aws:ec2/vpc:Vpc", "far", cidrBlock="10.10.0.0/20")
    with pytest.raises(PartialFailure, match=r"the peering failed: .*overlapping CIDR range") as failure:
        engine.make(PEERING, vpcId=vpc(engine).id, peerVpcId=far.id, peerRegion="eu-west-1")
    assert failure.value.resource_id.startswith("pcx-")


def test_a_sixth_document_makes_room_by_the_oldest_and_all_go_with_the_policy(engine: Engine) -> None:
    made = engine.make(POLICY, name="controller", policy=document("ec2:Action0"))
    for number in range(1, 7):
        made = engine.change(made, name="controller", policy=document(f"ec2:Action{number}"))
    iam = engine.client("iam")
    versions = iam.list_policy_versions(PolicyArn=made.id)["Versions"]
    figures = {version["VersionId"]: version["IsDefaultVersion"] for version in versions}
    assert figures == {"v3": False, "v4": False, "v5": False, "v6": False, "v7": True}
    engine.drop(made)
    assert engine.refreshed(made) is None


def test_an_attached_policy_cannot_be_deleted(engine: Engine) -> None:
    made = engine.make(POLICY, name="controller", policy=document("ec2:RunInstances"))
    trusted = json.dumps(
        {"Statement": [{"Effect": "Allow", "Principal": {"Service": "x"}, "Action": "sts:AssumeRole"}]}
    )
    engine.make("aws:iam/role:Role", "r", name="r", assumeRolePolicy=trusted)
    engine.make("aws:iam/rolePolicyAttachment:RolePolicyAttachment", "r", role="r", policyArn=made.outputs["arn"])
    with pytest.raises(Refused, match="AWS refuses DeletePolicy: DeleteConflict"):
        engine.drop(made)
