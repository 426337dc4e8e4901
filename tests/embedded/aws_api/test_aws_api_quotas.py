"""How many of a thing EC2 and IAM take, and what a policy of the account may be."""

from __future__ import annotations

import json

ALLOW = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}


def document(*statements):
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def beside(aws):
    """Moto's own EC2: what fills a quota is made faster beside the endpoint than through it."""
    return aws.endpoint.account.moto("ec2", aws.region)


def table(aws, vpc):
    return aws.ec2.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"]


def test_a_vpc_takes_two_hundred_subnets(aws, refused):
    vpc = aws.vpc()
    for number in range(200):
        beside(aws).create_subnet(vpc, f"10.0.{number}.0/24", availability_zone="us-east-1a")
    with refused("SubnetLimitExceeded", "maximum number of subnets"):
        aws.ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.200.0/24")
    aws.ec2.create_subnet(VpcId=aws.vpc("10.1.0.0/16"), CidrBlock="10.1.0.0/24")


def test_a_vpc_takes_two_hundred_route_tables_with_its_main_one(aws, refused):
    vpc = aws.vpc()
    for _ in range(199):
        beside(aws).create_route_table(vpc)
    with refused("RouteTableLimitExceeded", "maximum limit of 200"):
        table(aws, vpc)


def test_a_table_takes_five_hundred_routes_the_local_one_among_them(aws, refused):
    vpc = aws.vpc()
    gateway, held = aws.internet_gateway(vpc), table(aws, vpc)
    for number in range(499):
        block = f"20.{number // 256}.{number % 256}.0/24"
        beside(aws).create_route(held, block, gateway_id=gateway)
    with refused("RouteLimitExceeded", "routes per route table of 500"):
        aws.ec2.create_route(RouteTableId=held, DestinationCidrBlock="21.0.0.0/24", GatewayId=gateway)


def test_a_group_takes_sixty_rules_in_each_direction(aws, refused):
    group = aws.group(aws.vpc())

    def rules(count):
        ranges = [{"CidrIp": f"10.9.{number}.0/24"} for number in range(count)]
        return [{"IpProtocol": "tcp", "FromPort": 1, "ToPort": 2, "IpRanges": ranges}]

    with refused("RulesPerSecurityGroupLimitExceeded", "maximum number of rules"):
        aws.ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=rules(61))
    aws.ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=rules(60))
    more = [{"IpProtocol": "tcp", "FromPort": 3, "ToPort": 3, "IpRanges": [{"CidrIp": "10.8.0.0/16"}]}]
    with refused("RulesPerSecurityGroupLimitExceeded", "maximum number of rules"):
        aws.ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=more)
    pair = [{"IpProtocol": "tcp", "FromPort": 3, "ToPort": 3, "UserIdGroupPairs": [{"GroupId": group}]}]
    with refused("RulesPerSecurityGroupLimitExceeded", "maximum number of rules"):
        aws.ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=pair)
    aws.ec2.authorize_security_group_egress(GroupId=group, IpPermissions=rules(59))


def test_an_interface_takes_five_groups(aws, refused):
    vpc = aws.vpc()
    groups, subnet = [aws.group(vpc, f"group-{number}") for number in range(6)], aws.subnet(vpc)
    with refused("SecurityGroupsPerInterfaceLimitExceeded", "security groups per interface"):
        aws.ec2.create_network_interface(SubnetId=subnet, Groups=groups)
    aws.ec2.create_network_interface(SubnetId=subnet, Groups=groups[:5])


def test_a_zone_takes_five_nat_gateways_and_a_deleted_one_makes_room(aws, refused):
    vpc = aws.vpc()
    here, there = aws.subnet(vpc, 0, "a"), aws.subnet(vpc, 1, "b")
    made = [
        aws.ec2.create_nat_gateway(SubnetId=here, ConnectivityType="private")["NatGateway"]["NatGatewayId"]
        for _ in range(5)
    ]
    with refused("NatGatewayLimitExceeded", "limit of 5 NAT gateways in us-east-1a"):
        aws.ec2.create_nat_gateway(SubnetId=here, ConnectivityType="private")
    aws.ec2.create_nat_gateway(SubnetId=there, ConnectivityType="private")
    aws.ec2.delete_nat_gateway(NatGatewayId=made[0])
    aws.ec2.create_nat_gateway(SubnetId=here, ConnectivityType="private")


def test_a_role_takes_ten_managed_policies(aws, refused):
    aws.role("controller", "pods.eks.amazonaws.com")
    arns = [
        aws.iam.create_policy(PolicyName=f"p{number}", PolicyDocument=document(ALLOW))["Policy"]["Arn"]
        for number in range(11)
    ]
    for arn in arns[:10]:
        aws.iam.attach_role_policy(RoleName="controller", PolicyArn=arn)
    aws.iam.attach_role_policy(RoleName="controller", PolicyArn=arns[0])
    with refused("LimitExceeded", "PoliciesPerRole: 10"):
        aws.iam.attach_role_policy(RoleName="controller", PolicyArn=arns[10])


def test_a_policy_has_at_most_6144_characters_beside_its_white_space(aws, refused):
    large = document(ALLOW | {"Resource": "arn:aws:s3:::" + "x" * 6144})
    with refused("LimitExceeded", "PolicySize: 6144"):
        aws.iam.create_policy(PolicyName="large", PolicyDocument=large)
    aws.iam.create_policy(PolicyName="airy", PolicyDocument=document(ALLOW) + " " * 7000)


def test_a_policy_stays_while_it_has_more_versions_than_one(aws, refused):
    arn = aws.iam.create_policy(PolicyName="reads", PolicyDocument=document(ALLOW))["Policy"]["Arn"]
    aws.iam.create_policy_version(PolicyArn=arn, PolicyDocument=document(ALLOW), SetAsDefault=True)
    with refused("DeleteConflict", "more than one version"):
        aws.iam.delete_policy(PolicyArn=arn)
    aws.iam.delete_policy_version(PolicyArn=arn, VersionId="v1")
    aws.iam.delete_policy(PolicyArn=arn)
