"""Blocks, endpoints, flow logs and peerings of a VPC: what AWS refuses, makes and takes away and moto does not."""

from __future__ import annotations

import pytest

S3 = "com.amazonaws.us-east-1.s3"
REGISTRY = "com.amazonaws.us-east-1.ecr.api"


def routes(aws, table):
    (found,) = aws.ec2.describe_route_tables(RouteTableIds=[table])["RouteTables"]
    return [route.get("DestinationCidrBlock") or route["DestinationPrefixListId"] for route in found["Routes"]]


def table(aws, vpc):
    return aws.ec2.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"]


def endpoint(aws, vpc, service=S3, **given):
    return aws.ec2.create_vpc_endpoint(VpcId=vpc, ServiceName=service, **given)["VpcEndpoint"]["VpcEndpointId"]


def interface_endpoint(aws, vpc, *subnets, service=REGISTRY, **given):
    usual = {"VpcEndpointType": "Interface", "SubnetIds": list(subnets), "PrivateDnsEnabled": False}
    return endpoint(aws, vpc, service, **usual | given)


def named(aws, vpc):
    """Let names of endpoints be private ones."""
    aws.ec2.modify_vpc_attribute(VpcId=vpc, EnableDnsHostnames={"Value": True})


def test_a_further_block_reaches_every_table_of_the_vpc_and_goes_from_them(aws):
    vpc = aws.vpc()
    held = table(aws, vpc)
    made = aws.ec2.associate_vpc_cidr_block(VpcId=vpc, CidrBlock="100.64.0.0/16")["CidrBlockAssociation"]
    assert routes(aws, held) == ["10.0.0.0/16", "100.64.0.0/16"]
    aws.ec2.disassociate_vpc_cidr_block(AssociationId=made["AssociationId"])
    assert routes(aws, held) == ["10.0.0.0/16"]
    (found,) = aws.ec2.describe_vpcs(VpcIds=[vpc])["Vpcs"]
    assert [block["CidrBlock"] for block in found["CidrBlockAssociationSet"]] == ["10.0.0.0/16"]


def test_a_vpc_takes_five_blocks(aws, refused):
    vpc = aws.vpc()
    for number in range(1, 5):
        aws.ec2.associate_vpc_cidr_block(VpcId=vpc, CidrBlock=f"100.6{number + 3}.0.0/16")
    with refused("CidrLimitExceeded", "5"):
        aws.ec2.associate_vpc_cidr_block(VpcId=vpc, CidrBlock="100.70.0.0/16")


@pytest.mark.parametrize(
    ("first", "further", "fault"),
    [
        ("10.20.0.0/16", "172.16.0.0/16", "restricted"),
        ("10.20.0.0/16", "192.168.0.0/24", "restricted"),
        ("10.20.0.0/16", "198.19.0.0/20", "restricted"),
        ("10.1.0.0/16", "10.0.0.0/16", "restricted"),
        ("172.16.0.0/16", "172.31.0.0/16", "restricted"),
        ("192.168.0.0/16", "10.20.0.0/16", "restricted"),
        ("100.64.0.0/16", "10.20.0.0/16", "restricted"),
        ("10.20.0.0/16", "10.20.128.0/20", "overlaps"),
        ("10.20.0.0/16", "100.64.0.0/15", "invalid"),
        ("10.20.0.0/16", "100.64.0.0/29", "invalid"),
    ],
)
def test_a_block_that_does_not_go_with_the_first_one_is_refused(aws, refused, first, further, fault):
    vpc = aws.vpc(first)
    with refused("InvalidVpc.Range", fault):
        aws.ec2.associate_vpc_cidr_block(VpcId=vpc, CidrBlock=further)


@pytest.mark.parametrize(("first", "further"), [("10.20.0.0/16", "10.0.0.0/16"), ("192.168.0.0/20", "100.64.0.0/16")])
def test_a_block_that_goes_with_the_first_one_is_taken(aws, first, further):
    aws.ec2.associate_vpc_cidr_block(VpcId=aws.vpc(first), CidrBlock=further)


def test_a_block_stays_while_a_subnet_is_in_it(aws, refused):
    vpc = aws.vpc()
    made = aws.ec2.associate_vpc_cidr_block(VpcId=vpc, CidrBlock="100.64.0.0/16")["CidrBlockAssociation"]
    subnet = aws.ec2.create_subnet(VpcId=vpc, CidrBlock="100.64.0.0/20")["Subnet"]["SubnetId"]
    with refused("DependencyViolation", made["AssociationId"]):
        aws.ec2.disassociate_vpc_cidr_block(AssociationId=made["AssociationId"])
    aws.ec2.delete_subnet(SubnetId=subnet)
    aws.ec2.disassociate_vpc_cidr_block(AssociationId=made["AssociationId"])


def test_the_first_block_of_a_vpc_stays(aws, refused):
    vpc = aws.vpc()
    (block,) = aws.ec2.describe_vpcs(VpcIds=[vpc])["Vpcs"][0]["CidrBlockAssociationSet"]
    with refused("OperationNotPermitted", "primary"):
        aws.ec2.disassociate_vpc_cidr_block(AssociationId=block["AssociationId"])


def test_a_gateway_endpoint_is_a_route_in_its_tables_and_goes_from_them(aws):
    vpc = aws.vpc()
    first, second = table(aws, vpc), table(aws, vpc)
    made = endpoint(aws, vpc, RouteTableIds=[first])
    (found,) = aws.ec2.describe_vpc_endpoints(VpcEndpointIds=[made])["VpcEndpoints"]
    assert (found["VpcEndpointType"], found["PrivateDnsEnabled"]) == ("Gateway", False)
    aws.ec2.modify_vpc_endpoint(VpcEndpointId=made, AddRouteTableIds=[second], RemoveRouteTableIds=[first])
    assert (len(routes(aws, first)), len(routes(aws, second))) == (1, 2)
    assert aws.ec2.delete_vpc_endpoints(VpcEndpointIds=[made])["Unsuccessful"] == []
    assert len(routes(aws, second)) == 1
    assert aws.ec2.describe_vpc_endpoints()["VpcEndpoints"] == []
    (missing,) = aws.ec2.delete_vpc_endpoints(VpcEndpointIds=[made])["Unsuccessful"]
    assert missing["Error"]["Code"] == "InvalidVpcEndpoint.NotFound"


def test_an_interface_endpoint_stands_in_its_subnets_under_its_groups(aws):
    vpc = aws.vpc()
    first, second, group = aws.subnet(vpc, 3), aws.subnet(vpc, 4, "b"), aws.group(vpc)
    made = interface_endpoint(aws, vpc, first, SecurityGroupIds=[group])
    (card,) = aws.ec2.describe_network_interfaces()["NetworkInterfaces"]
    assert card["PrivateIpAddress"].startswith("10.0.3.")
    assert [it["GroupId"] for it in card["Groups"]] == [group]
    (found,) = aws.ec2.describe_vpc_endpoints(VpcEndpointIds=[made])["VpcEndpoints"]
    assert found["DnsEntries"][0]["DnsName"].endswith(".api.ecr.us-east-1.vpce.amazonaws.com")
    other = aws.group(vpc, "other")
    aws.ec2.modify_vpc_endpoint(
        VpcEndpointId=made,
        AddSubnetIds=[second],
        RemoveSubnetIds=[first],
        AddSecurityGroupIds=[other],
        RemoveSecurityGroupIds=[group],
    )
    (card,) = aws.ec2.describe_network_interfaces()["NetworkInterfaces"]
    assert (card["SubnetId"], [it["GroupId"] for it in card["Groups"]]) == (second, [other])
    assert "ec2:network-interface" not in [f"{it.service}:{it.type}" for it in aws.endpoint.inventory()]


def test_an_interface_endpoint_without_groups_has_the_default_one(aws):
    vpc = aws.vpc()
    made = interface_endpoint(aws, vpc, aws.subnet(vpc))
    (found,) = aws.ec2.describe_vpc_endpoints(VpcEndpointIds=[made])["VpcEndpoints"]
    assert [group["GroupName"] for group in found["Groups"]] == ["default"]


def test_groups_subnets_and_vpc_of_an_endpoint_stay_while_it_stands(aws, refused):
    vpc = aws.vpc()
    subnet, group = aws.subnet(vpc), aws.group(vpc)
    made = interface_endpoint(aws, vpc, subnet, SecurityGroupIds=[group])
    with refused("DependencyViolation", group):
        aws.ec2.delete_security_group(GroupId=group)
    with refused("DependencyViolation", subnet):
        aws.ec2.delete_subnet(SubnetId=subnet)
    aws.ec2.delete_vpc_endpoints(VpcEndpointIds=[made])
    aws.ec2.delete_security_group(GroupId=group)
    aws.ec2.delete_subnet(SubnetId=subnet)
    gateway = endpoint(aws, vpc)
    with refused("DependencyViolation", f"The vpc '{vpc}' has dependencies"):
        aws.ec2.delete_vpc(VpcId=vpc)
    aws.ec2.delete_vpc_endpoints(VpcEndpointIds=[gateway])
    aws.ec2.delete_vpc(VpcId=vpc)
    assert aws.endpoint.inventory() == []


def test_an_endpoint_of_an_unknown_service_is_refused(aws, refused):
    vpc = aws.vpc()
    for service in ("com.amazonaws.us-east-1.s4", "com.amazonaws.eu-west-1.s3", REGISTRY):
        with refused("InvalidServiceName", service):
            endpoint(aws, vpc, service)
    with refused("InvalidServiceName", "ecr.web"):
        interface_endpoint(aws, vpc, aws.subnet(vpc), service="com.amazonaws.us-east-1.ecr.web")


def test_a_table_has_one_endpoint_per_service(aws, refused):
    vpc = aws.vpc()
    held = table(aws, vpc)
    endpoint(aws, vpc, RouteTableIds=[held])
    with refused("RouteAlreadyExists", held):
        endpoint(aws, vpc, RouteTableIds=[held])
    second = endpoint(aws, vpc)
    with refused("RouteAlreadyExists", held):
        aws.ec2.modify_vpc_endpoint(VpcEndpointId=second, AddRouteTableIds=[held])
    endpoint(aws, vpc, "com.amazonaws.us-east-1.dynamodb", RouteTableIds=[held])


def test_an_endpoint_stands_once_in_a_zone(aws, refused):
    vpc = aws.vpc()
    first, same, other = aws.subnet(vpc, 0), aws.subnet(vpc, 1), aws.subnet(vpc, 2, "b")
    with refused("DuplicateSubnetsInSameZone", same):
        interface_endpoint(aws, vpc, first, same)
    made = interface_endpoint(aws, vpc, first, other)
    with refused("DuplicateSubnetsInSameZone", same):
        aws.ec2.modify_vpc_endpoint(VpcEndpointId=made, AddSubnetIds=[same])
    aws.ec2.modify_vpc_endpoint(VpcEndpointId=made, AddSubnetIds=[same], RemoveSubnetIds=[first])


def test_private_names_need_dns_host_names_and_one_endpoint_has_them(aws, refused):
    vpc = aws.vpc()
    subnet = aws.subnet(vpc)
    with refused("InvalidParameter", f"enableDnsSupport and enableDnsHostnames.*{vpc}"):
        interface_endpoint(aws, vpc, subnet, PrivateDnsEnabled=True)
    named(aws, vpc)
    interface_endpoint(aws, vpc, subnet, PrivateDnsEnabled=True)
    with refused("InvalidParameter", "conflicting DNS domain"):
        interface_endpoint(aws, vpc, subnet, PrivateDnsEnabled=True)
    second = interface_endpoint(aws, vpc, subnet)
    with refused("InvalidParameter", "conflicting DNS domain"):
        aws.ec2.modify_vpc_endpoint(VpcEndpointId=second, PrivateDnsEnabled=True)


def test_an_endpoint_takes_five_groups_and_a_region_twenty_of_gateways(aws, refused):
    vpc = aws.vpc()
    groups, subnet = [aws.group(vpc, f"group-{number}") for number in range(6)], aws.subnet(vpc)
    with refused("SecurityGroupsPerInterfaceLimitExceeded", "per interface"):
        interface_endpoint(aws, vpc, subnet, SecurityGroupIds=groups)
    made = interface_endpoint(aws, vpc, subnet, SecurityGroupIds=groups[:5])
    with refused("SecurityGroupsPerInterfaceLimitExceeded", "per interface"):
        aws.ec2.modify_vpc_endpoint(VpcEndpointId=made, AddSecurityGroupIds=groups[5:])
    for _ in range(20):
        endpoint(aws, vpc)
    with refused("VpcEndpointLimitExceeded", "maximum number of VPC endpoints"):
        endpoint(aws, vpc)
    for _ in range(49):
        interface_endpoint(aws, vpc)
    with refused("VpcEndpointLimitExceeded", "maximum number of VPC endpoints"):
        interface_endpoint(aws, vpc)


def flow_log(aws, vpc, group):
    aws.ec2.create_flow_logs(
        ResourceIds=[vpc],
        ResourceType="VPC",
        TrafficType="ALL",
        LogDestination=f"arn:aws:logs:us-east-1:123456789012:log-group:{group}",
        DeliverLogsPermissionArn="arn:aws:iam::123456789012:role/flow",
    )


def test_a_vpc_has_one_flow_log_per_destination(aws, refused):
    vpc = aws.vpc()
    flow_log(aws, vpc, "/flow")
    with refused("FlowLogAlreadyExists", "existing Flow Log"):
        flow_log(aws, vpc, "/flow")
    flow_log(aws, aws.vpc("10.1.0.0/16"), "/flow")


def test_a_flow_log_says_whether_its_log_group_is_there(aws):
    vpc = aws.vpc()
    aws.logs.create_log_group(logGroupName="/flow")
    for group in ("/flow", "/none"):
        flow_log(aws, vpc, group)
    found = {log["LogGroupName"]: log["DeliverLogsStatus"] for log in aws.ec2.describe_flow_logs()["FlowLogs"]}
    assert found == {"/flow": "SUCCESS", "/none": "FAILED"}


def test_a_flow_log_to_a_bucket_keeps_its_files_options(aws):
    aws.s3.create_bucket(Bucket="flows")
    options = {"FileFormat": "parquet", "HiveCompatiblePartitions": True, "PerHourPartition": True}
    made = aws.ec2.create_flow_logs(
        ResourceIds=[aws.vpc()],
        ResourceType="VPC",
        TrafficType="ALL",
        LogDestinationType="s3",
        LogDestination="arn:aws:s3:::flows",
        DestinationOptions=options,
        TagSpecifications=[{"ResourceType": "vpc-flow-log", "Tags": [{"Key": "a", "Value": "b"}]}],
    )["FlowLogIds"]
    (found,) = aws.ec2.describe_flow_logs(FlowLogIds=made)["FlowLogs"]
    assert found["DestinationOptions"] == options
    aws.ec2.delete_flow_logs(FlowLogIds=made)
    assert aws.ec2.describe_tags()["Tags"] == []
