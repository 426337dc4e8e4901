"""The inventory: all that somebody made, nothing that an account or EKS brings with it; and the search by tags."""

from __future__ import annotations


def kinds(aws):
    return [f"{item.service}:{item.type}" for item in aws.endpoint.inventory()]


def test_an_account_nobody_used_is_empty_whatever_was_asked(aws):
    aws.iam.list_policies(MaxItems=10)
    for region in ("us-east-1", "eu-west-1"):
        client = aws.endpoint.client("ec2", region)
        assert client.describe_vpcs()["Vpcs"] == [], "no default VPC"
        assert client.describe_subnets()["Subnets"] == []
        assert client.describe_security_groups()["SecurityGroups"] == []
        assert client.describe_route_tables()["RouteTables"] == []
    assert aws.endpoint.inventory() == []
    assert aws.endpoint.is_empty()


def test_a_network_is_listed_without_what_aws_makes_for_it(aws):
    vpc = aws.vpc()
    aws.internet_gateway(vpc)
    gateway, _ = aws.nat_gateway(aws.subnet(vpc))
    assert kinds(aws) == ["ec2:elastic-ip", "ec2:internet-gateway", "ec2:natgateway", "ec2:subnet", "ec2:vpc"]
    aws.ec2.delete_nat_gateway(NatGatewayId=gateway)
    assert "ec2:natgateway" not in kinds(aws)


def test_a_cluster_is_listed_with_what_is_in_it_but_not_with_what_eks_made_itself(aws):
    aws.cluster(tags={"team": "games"})
    role = aws.nodegroup()["nodeRole"]
    pod = [{"serviceAccount": "aws-node", "roleArn": aws.role("cni", "pods.eks.amazonaws.com")}]
    aws.eks.create_addon(clusterName="game", addonName="vpc-cni", podIdentityAssociations=pod)
    aws.eks.create_access_entry(clusterName="game", principalArn="arn:aws:iam::123456789012:role/admin")
    found = [item for item in aws.endpoint.inventory() if item.service == "eks"]
    assert [item.type for item in found] == ["access-entry", "addon", "cluster", "nodegroup"]
    assert found[0].id == "game:arn:aws:iam::123456789012:role/admin"
    assert found[2].tags == {"team": "games"}
    assert f"game:{role}" not in [item.id for item in found], "the nodes' entry is EKS's"
    assert "ec2:security-group" not in kinds(aws), "the cluster's group is EKS's"


def test_everything_else_a_region_is_made_of_is_listed_by_region(aws):
    aws.kms.create_alias(AliasName="alias/game", TargetKeyId=aws.key())
    aws.logs.create_log_group(logGroupName="/game")
    aws.route53.create_hosted_zone(Name="game.example", CallerReference="1")
    aws.sqs.create_queue(QueueName="q")
    aws.events.put_rule(Name="r", EventPattern='{"source": ["aws.ec2"]}')
    aws.s3.create_bucket(Bucket="saves")
    subnets = aws.subnets()
    aws.elbv2.create_load_balancer(Name="web", Subnets=subnets, Scheme="internal")
    vpc = aws.ec2.describe_subnets(SubnetIds=subnets)["Subnets"][0]["VpcId"]
    aws.elbv2.create_target_group(Name="web", Protocol="HTTP", Port=80, VpcId=vpc)
    found = {(item.service, item.type): item.region for item in aws.endpoint.inventory()}
    assert found[("kms", "alias")] == found[("kms", "key")] == found[("logs", "log-group")] == "us-east-1"
    assert found[("sqs", "queue")] == found[("events", "rule")] == found[("elbv2", "targetgroup")] == "us-east-1"
    assert found[("route53", "hostedzone")] == found[("s3", "bucket")] == ""


def make_what_later_regions_may_hold(aws):
    """With a tag wherever the call that makes it takes one."""
    tags = [{"Key": "team", "Value": "games"}]
    subnets = aws.subnets()
    vpc = aws.ec2.describe_subnets(SubnetIds=subnets)["Subnets"][0]["VpcId"]
    aws.sns.create_topic(Name="alarms", Tags=tags)
    aws.ecr.create_repository(repositoryName="world", tags=tags)
    aws.secretsmanager.create_secret(Name="token", SecretString="x", Tags=tags)
    aws.acm.request_certificate(DomainName="game.example", Tags=tags)
    aws.iam.create_user(UserName="ci", Tags=tags)
    aws.iam.create_instance_profile(InstanceProfileName="nodes", Tags=tags)
    document = '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}'
    aws.iam.create_policy(PolicyName="saves", PolicyDocument=document, Tags=tags)
    aws.iam.create_open_id_connect_provider(Url="https://oidc.example/id", ThumbprintList=["a" * 40], Tags=tags)
    aws.route53.create_health_check(
        CallerReference="1", HealthCheckConfig={"Type": "TCP", "IPAddress": "203.0.113.1", "Port": 443}
    )
    template = aws.ec2.create_launch_template(LaunchTemplateName="lt", LaunchTemplateData={"InstanceType": "m7i.large"})
    aws.autoscaling.create_auto_scaling_group(
        AutoScalingGroupName="asg",
        MinSize=0,
        MaxSize=1,
        VPCZoneIdentifier=subnets[0],
        LaunchTemplate={"LaunchTemplateId": template["LaunchTemplate"]["LaunchTemplateId"]},
        Tags=[tags[0] | {"ResourceId": "asg", "ResourceType": "auto-scaling-group", "PropagateAtLaunch": False}],
    )
    aws.ec2.create_volume(AvailabilityZone="us-east-1a", Size=1)
    aws.ec2.create_vpc_endpoint(VpcId=vpc, ServiceName="com.amazonaws.us-east-1.s3")
    aws.ec2.create_network_acl(VpcId=vpc)
    aws.ec2.create_network_interface(SubnetId=subnets[0])
    aws.ec2.create_egress_only_internet_gateway(VpcId=vpc)


def test_what_later_regions_may_hold_is_listed_too_with_its_tags(aws):
    make_what_later_regions_may_hold(aws)
    found = {f"{item.service}:{item.type}": item for item in aws.endpoint.inventory()}
    tagged = {kind for kind, item in found.items() if item.tags == {"team": "games"}}
    assert tagged == {
        "acm:certificate",
        "autoscaling:autoScalingGroup",
        "ecr:repository",
        "iam:instance-profile",
        "iam:oidc-provider",
        "iam:policy",
        "iam:user",
        "secretsmanager:secret",
        "sns:topic",
    }
    assert {
        "ec2:egress-only-internet-gateway",
        "ec2:launch-template",
        "ec2:network-acl",
        "ec2:network-interface",
        "ec2:volume",
        "ec2:vpc-endpoint",
        "route53:healthcheck",
    } <= found.keys()


def test_a_key_that_waits_for_its_deletion_is_listed_apart(aws):
    key = aws.key()
    aws.kms.schedule_key_deletion(KeyId=key)
    assert aws.endpoint.inventory() == []
    assert [item.arn for item in aws.endpoint.pending_deletion()] == [key]


def test_things_are_found_by_tag_over_services_in_pages(aws):
    tag = {"Key": "game-regions/urn", "Value": "urn:1"}
    vpc = aws.vpc()
    aws.ec2.create_tags(Resources=[vpc], Tags=[tag])
    address = aws.ec2.allocate_address(Domain="vpc")["AllocationId"]
    aws.ec2.create_tags(Resources=[address], Tags=[tag | {"Value": "urn:2"}])
    cluster = aws.cluster(tags={"game-regions/urn": "urn:3"})
    tagging = aws.resourcegroupstaggingapi
    pages = tagging.get_paginator("get_resources").paginate(
        TagFilters=[{"Key": "game-regions/urn"}], PaginationConfig={"PageSize": 1}
    )
    found = [it["ResourceARN"].rsplit(":", 1)[1] for page in pages for it in page["ResourceTagMappingList"]]
    assert sorted(found) == sorted([f"vpc/{vpc}", f"elastic-ip/{address}", "cluster/game"])
    exact = tagging.get_resources(TagFilters=[{"Key": "game-regions/urn", "Values": ["urn:3"]}])
    assert [it["ResourceARN"] for it in exact["ResourceTagMappingList"]] == [cluster["arn"]]
    typed = tagging.get_resources(ResourceTypeFilters=["ec2:vpc"])
    assert len(typed["ResourceTagMappingList"]) == 1
    elsewhere = aws.endpoint.client("resourcegroupstaggingapi", "eu-west-1").get_resources()
    assert elsewhere["ResourceTagMappingList"] == []


def test_a_region_taken_down_in_order_leaves_nothing(aws):
    vpc = aws.vpc()
    internet = aws.internet_gateway(vpc)
    subnets = [aws.subnet(vpc, 0, "a"), aws.subnet(vpc, 1, "b")]
    gateway, address = aws.nat_gateway(subnets[0])
    aws.cluster(subnets=subnets)
    aws.nodegroup(nodeRole=aws.role("nodes-node", "ec2.amazonaws.com"))
    aws.eks.delete_nodegroup(clusterName="game", nodegroupName="nodes")
    aws.eks.delete_cluster(name="game")
    for role in ("game-cluster", "nodes-node"):
        aws.iam.delete_role(RoleName=role)
    aws.ec2.delete_nat_gateway(NatGatewayId=gateway)
    aws.ec2.release_address(AllocationId=address)
    for subnet in subnets:
        aws.ec2.delete_subnet(SubnetId=subnet)
    aws.ec2.detach_internet_gateway(InternetGatewayId=internet, VpcId=vpc)
    aws.ec2.delete_internet_gateway(InternetGatewayId=internet)
    aws.ec2.delete_vpc(VpcId=vpc)
    assert aws.endpoint.inventory() == []
