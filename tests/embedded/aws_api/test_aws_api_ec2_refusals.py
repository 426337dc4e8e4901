"""What EC2 refuses and moto does not: one test per row of the tables."""

from __future__ import annotations


def test_a_security_group_on_a_network_interface_stays(aws, refused):
    vpc = aws.vpc()
    group = aws.group(vpc)
    interface = aws.ec2.create_network_interface(SubnetId=aws.subnet(vpc), Groups=[group])["NetworkInterface"]
    with refused("DependencyViolation", f"resource {group} has a dependent object"):
        aws.ec2.delete_security_group(GroupId=group)
    aws.ec2.delete_network_interface(NetworkInterfaceId=interface["NetworkInterfaceId"])
    aws.ec2.delete_security_group(GroupId=group)


def test_a_security_group_that_another_groups_rule_names_stays(aws, refused):
    vpc = aws.vpc()
    named, naming = aws.group(vpc, "named"), aws.group(vpc, "naming")
    rule = {"IpProtocol": "tcp", "FromPort": 1, "ToPort": 2, "UserIdGroupPairs": [{"GroupId": named}]}
    aws.ec2.authorize_security_group_ingress(GroupId=naming, IpPermissions=[rule])
    with refused("DependencyViolation", named):
        aws.ec2.delete_security_group(GroupId=named)
    aws.ec2.delete_security_group(GroupId=naming)
    aws.ec2.delete_security_group(GroupId=named)


def test_a_security_group_that_names_itself_can_go(aws):
    group = aws.group(aws.vpc())
    rule = {"IpProtocol": "-1", "UserIdGroupPairs": [{"GroupId": group}]}
    aws.ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[rule])
    aws.ec2.delete_security_group(GroupId=group)


def test_a_security_group_of_a_cluster_stays_until_the_cluster_is_gone(aws, refused):
    subnets = aws.subnets()
    group = aws.group(aws.ec2.describe_subnets(SubnetIds=subnets)["Subnets"][0]["VpcId"])
    cluster = aws.cluster(resourcesVpcConfig={"subnetIds": subnets, "securityGroupIds": [group]})
    for held in (group, cluster["resourcesVpcConfig"]["clusterSecurityGroupId"]):
        with refused("DependencyViolation", held):
            aws.ec2.delete_security_group(GroupId=held)
    aws.eks.delete_cluster(name="game")
    aws.ec2.delete_security_group(GroupId=group)


def test_a_security_group_of_a_launch_template_stays_while_nodes_run_on_it(aws, refused):
    cluster = aws.cluster()
    group = aws.group(cluster["resourcesVpcConfig"]["vpcId"])
    data = {"NetworkInterfaces": [{"DeviceIndex": 0, "Groups": [group]}]}
    template = aws.ec2.create_launch_template(LaunchTemplateName="nodes", LaunchTemplateData=data)["LaunchTemplate"]
    aws.nodegroup(launchTemplate={"id": template["LaunchTemplateId"], "version": "1"})
    with refused("DependencyViolation", group):
        aws.ec2.delete_security_group(GroupId=group)
    aws.eks.delete_nodegroup(clusterName="game", nodegroupName="nodes")
    aws.ec2.delete_security_group(GroupId=group)


def test_a_security_group_of_a_load_balancer_stays(aws, refused):
    subnets = aws.subnets()
    group = aws.group(aws.ec2.describe_subnets(SubnetIds=subnets)["Subnets"][0]["VpcId"])
    aws.elbv2.create_load_balancer(Name="web", Subnets=subnets, SecurityGroups=[group], Scheme="internal")
    with refused("DependencyViolation", group):
        aws.ec2.delete_security_group(GroupId=group)


def test_the_default_security_group_cannot_be_deleted(aws, refused):
    aws.vpc()
    (group,) = aws.ec2.describe_security_groups()["SecurityGroups"]
    with refused("CannotDelete", "cannot be deleted by a user"):
        aws.ec2.delete_security_group(GroupId=group["GroupId"])


def test_a_subnet_stays_while_a_nat_gateway_stands_in_it(aws, refused):
    vpc = aws.vpc()
    subnet = aws.subnet(vpc)
    aws.internet_gateway(vpc)
    gateway, _ = aws.nat_gateway(subnet)
    with refused("DependencyViolation", f"The subnet '{subnet}' has dependencies"):
        aws.ec2.delete_subnet(SubnetId=subnet)
    aws.ec2.delete_nat_gateway(NatGatewayId=gateway)
    aws.ec2.delete_subnet(SubnetId=subnet)


def test_a_subnet_stays_while_an_interface_a_cluster_a_node_group_or_a_load_balancer_is_in_it(aws, refused):
    vpc = aws.vpc()
    interface, *clustered, noded, balanced, other = [aws.subnet(vpc, index, "ab"[index % 2]) for index in range(6)]
    aws.ec2.create_network_interface(SubnetId=interface)
    aws.cluster(subnets=clustered)
    aws.nodegroup(subnets=[noded])
    aws.elbv2.create_load_balancer(Name="web", Subnets=[balanced, other], Scheme="internal")
    for held in (interface, *clustered, noded, balanced):
        with refused("DependencyViolation", held):
            aws.ec2.delete_subnet(SubnetId=held)


def test_an_internet_gateway_stays_attached_while_addresses_are_mapped(aws, refused):
    vpc = aws.vpc()
    internet = aws.internet_gateway(vpc)
    gateway, allocation = aws.nat_gateway(aws.subnet(vpc))
    with refused("DependencyViolation", "mapped public address"):
        aws.ec2.detach_internet_gateway(InternetGatewayId=internet, VpcId=vpc)
    aws.ec2.delete_nat_gateway(NatGatewayId=gateway)
    aws.ec2.detach_internet_gateway(InternetGatewayId=internet, VpcId=vpc)
    aws.ec2.release_address(AllocationId=allocation)
    assert aws.ec2.describe_addresses()["Addresses"] == []


def test_an_address_of_a_nat_gateway_can_be_neither_released_nor_taken_away(aws, refused):
    vpc = aws.vpc()
    aws.internet_gateway(vpc)
    gateway, allocation = aws.nat_gateway(aws.subnet(vpc))
    (address,) = aws.ec2.describe_addresses()["Addresses"]
    with refused("InvalidIPAddress.InUse", address["PublicIp"]):
        aws.ec2.release_address(AllocationId=allocation)
    with refused("AuthFailure", "do not have permission"):
        aws.ec2.disassociate_address(AssociationId=address["AssociationId"])
    aws.ec2.delete_nat_gateway(NatGatewayId=gateway)
    (freed,) = aws.ec2.describe_addresses()["Addresses"]
    assert "AssociationId" not in freed, "deleting the gateway frees its address"
    assert aws.ec2.describe_network_interfaces()["NetworkInterfaces"] == [], "and takes its interface away"


def test_a_sixth_address_in_a_region_is_refused(aws, refused):
    for _ in range(5):
        aws.ec2.allocate_address(Domain="vpc")
    with refused("AddressLimitExceeded", "maximum number of addresses"):
        aws.ec2.allocate_address(Domain="vpc")
    aws.endpoint.client("ec2", "eu-west-1").allocate_address(Domain="vpc")


def test_a_sixth_vpc_in_a_region_is_refused(aws, refused):
    for _ in range(5):
        aws.vpc()
    with refused("VpcLimitExceeded", "maximum number of VPCs"):
        aws.vpc()


def test_a_subnet_below_a_slash_28_is_refused(aws, refused):
    vpc = aws.vpc()
    with refused("InvalidSubnet.Range", "10.0.1.0/29"):
        aws.ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.1.0/29")
    aws.ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.1.0/28")


def test_a_subnet_in_another_regions_zone_is_refused(aws, refused):
    vpc = aws.vpc()
    with refused(
        "InvalidParameterValue", r"Value \(eu-west-1a\) for parameter availabilityZone is invalid.*us-east-1a"
    ):
        aws.ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.1.0/24", AvailabilityZone="eu-west-1a")


def test_a_vpc_stays_while_a_security_group_or_an_internet_gateway_is_in_it(aws, refused):
    vpc = aws.vpc()
    group, gateway = aws.group(vpc), aws.internet_gateway(vpc)
    with refused("DependencyViolation", f"The vpc '{vpc}' has dependencies"):
        aws.ec2.delete_vpc(VpcId=vpc)
    aws.ec2.delete_security_group(GroupId=group)
    with refused("DependencyViolation", f"The vpc '{vpc}' has dependencies"):
        aws.ec2.delete_vpc(VpcId=vpc)
    aws.ec2.detach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
    aws.ec2.delete_vpc(VpcId=vpc)
    assert aws.ec2.describe_network_acls()["NetworkAcls"] == [], "its default network ACL goes with it"


def test_a_vpc_takes_one_internet_gateway(aws, refused):
    vpc = aws.vpc()
    aws.internet_gateway(vpc)
    with refused("InvalidParameterValue", "already has an internet gateway attached"):
        aws.internet_gateway(vpc)


def test_a_public_nat_gateway_needs_an_internet_gateway_and_an_address(aws, refused):
    vpc = aws.vpc()
    subnet = aws.subnet(vpc)
    with refused("Gateway.NotAttached", "has no Internet gateway attached"):
        aws.nat_gateway(subnet)
    aws.internet_gateway(vpc)
    with refused("MissingParameter", "AllocationId"):
        aws.ec2.create_nat_gateway(SubnetId=subnet)
    aws.ec2.create_nat_gateway(SubnetId=subnet, ConnectivityType="private")


def test_a_route_to_no_nat_gateway_or_to_a_gateway_of_no_network_is_refused(aws, refused):
    table = aws.ec2.create_route_table(VpcId=aws.vpc())["RouteTable"]["RouteTableId"]
    everywhere = {"RouteTableId": table, "DestinationCidrBlock": "0.0.0.0/0"}
    with refused("InvalidNatGatewayID.NotFound", "nat-0123456789abcdef0"):
        aws.ec2.create_route(NatGatewayId="nat-0123456789abcdef0", **everywhere)
    gateway = aws.ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    with refused("InvalidParameterValue", "belong to different networks"):
        aws.ec2.create_route(GatewayId=gateway, **everywhere)


def test_a_subnet_has_one_route_table(aws, refused):
    vpc = aws.vpc()
    subnet = aws.subnet(vpc)
    tables = [aws.ec2.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"] for _ in range(2)]
    aws.ec2.associate_route_table(RouteTableId=tables[0], SubnetId=subnet)
    with refused("Resource.AlreadyAssociated", tables[0]):
        aws.ec2.associate_route_table(RouteTableId=tables[1], SubnetId=subnet)


def test_a_security_group_without_a_vpc_is_refused_since_there_is_no_default_one(aws, refused):
    with refused("VPCIdNotSpecified", "No default VPC"):
        aws.ec2.create_security_group(GroupName="lost", Description="lost")


def test_tags_of_aws_itself_are_refused(aws, refused):
    with refused("InvalidParameterValue", "reserved for internal use"):
        aws.ec2.create_tags(Resources=[aws.vpc()], Tags=[{"Key": "aws:owner", "Value": "me"}])


def test_a_new_subnet_is_no_default_subnet_and_gives_no_public_addresses(aws):
    subnet = aws.subnet(aws.vpc())
    (found,) = aws.ec2.describe_subnets(SubnetIds=[subnet])["Subnets"]
    assert (found["DefaultForAz"], found["MapPublicIpOnLaunch"]) == (False, False)


def test_a_nat_gateways_private_address_is_one_of_its_subnet(aws):
    vpc = aws.vpc()
    aws.internet_gateway(vpc)
    gateway, _ = aws.nat_gateway(aws.subnet(vpc, 7))
    (found,) = aws.ec2.describe_nat_gateways(NatGatewayIds=[gateway])["NatGateways"]
    assert found["NatGatewayAddresses"][0]["PrivateIp"].startswith("10.0.7.")
