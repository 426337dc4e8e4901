"""Network load balancers over the API: what moto does otherwise than AWS, and what AWS refuses."""

from __future__ import annotations

import pytest


@pytest.fixture
def vpc(aws):
    return aws.vpc()


def balancer(aws, vpc, name="edge", **more):
    places = {"Subnets": [aws.subnet(vpc)]} if "Subnets" not in more else {}
    given = {"Name": name, "Type": "network", "Scheme": "internal"} | places | more
    return aws.elbv2.create_load_balancer(**given)["LoadBalancers"][0]


def group(aws, vpc, protocol="TCP", name="worlds", **more):
    given = {"Name": name, "Protocol": protocol, "Port": 7777, "VpcId": vpc, "TargetType": "ip"} | more
    return aws.elbv2.create_target_group(**given)["TargetGroups"][0]["TargetGroupArn"]


def listener(aws, owner, *groups, port=443, protocol="TCP", **more):
    action = {"Type": "forward", "TargetGroupArn": groups[0]}
    if len(groups) > 1:
        weighted = [{"TargetGroupArn": arn, "Weight": 1} for arn in groups]
        action = {"Type": "forward", "ForwardConfig": {"TargetGroups": weighted}}
    given = {"LoadBalancerArn": owner["LoadBalancerArn"], "Protocol": protocol, "Port": port}
    return aws.elbv2.create_listener(**given, DefaultActions=[action], **more)["Listeners"][0]["ListenerArn"]


def attributes(answer):
    return {pair["Key"]: pair["Value"] for pair in answer["Attributes"]}


def test_a_network_load_balancer_has_the_names_of_its_kind(aws, vpc):
    made = balancer(aws, vpc, Tags=[{"Key": "a", "Value": "b"}])
    arn = made["LoadBalancerArn"]
    assert ":loadbalancer/net/edge/" in arn
    assert made["DNSName"] == f"edge-{arn.rsplit('/', 1)[1]}.elb.us-east-1.amazonaws.com"
    assert made["CanonicalHostedZoneId"] == "Z26RNL4JYFTOTI"
    assert ":listener/net/edge/" in listener(aws, made, group(aws, vpc))
    assert aws.elbv2.describe_tags(ResourceArns=[arn])["TagDescriptions"][0]["Tags"] == [{"Key": "a", "Value": "b"}]


def test_a_deregistration_may_take_an_hour_and_no_second_more(aws, vpc, refused):
    arn, key = group(aws, vpc), "deregistration_delay.timeout_seconds"
    aws.elbv2.modify_target_group_attributes(TargetGroupArn=arn, Attributes=[{"Key": key, "Value": "3600"}])
    assert attributes(aws.elbv2.describe_target_group_attributes(TargetGroupArn=arn))[key] == "3600"
    with refused("ValidationError", "must be between '0-3600' inclusive"):
        aws.elbv2.modify_target_group_attributes(TargetGroupArn=arn, Attributes=[{"Key": key, "Value": "3601"}])


def test_datagrams_keep_the_clients_address_and_have_no_unhealthy_state(aws, vpc):
    found = {
        protocol: attributes(
            aws.elbv2.describe_target_group_attributes(TargetGroupArn=group(aws, vpc, protocol, protocol[:3]))
        )
        for protocol in ("TCP", "UDP")
    }
    preserved = {protocol: told["preserve_client_ip.enabled"] for protocol, told in found.items()}
    assert preserved == {"TCP": "false", "UDP": "true"}
    state = "target_health_state.unhealthy.connection_termination.enabled"
    assert [protocol for protocol, told in found.items() if state in told] == ["TCP"]


def test_an_attribute_that_the_group_does_not_have_is_refused(aws, vpc, refused):
    wanted = [{"Key": "target_health_state.unhealthy.draining_interval_seconds", "Value": "1"}]
    with refused("ValidationError", "is not recognized"):
        aws.elbv2.modify_target_group_attributes(TargetGroupArn=group(aws, vpc, "UDP"), Attributes=wanted)


@pytest.mark.parametrize("protocol", ["UDP", "TCP_UDP", "TLS"])
def test_targets_cannot_be_asked_for_their_health_by_every_protocol(aws, vpc, refused, protocol):
    with refused("InvalidConfigurationRequest", "must be one of .HTTP, HTTPS, TCP."):
        group(aws, vpc, "UDP", HealthCheckProtocol=protocol)


def test_the_fifty_first_listener_is_refused(aws, vpc, refused):
    owner, worlds = balancer(aws, vpc), group(aws, vpc)
    for port in range(7000, 7050):
        listener(aws, owner, worlds, port=port)
    with refused("TooManyListeners", "'50' has been reached"):
        listener(aws, owner, worlds, port=7050)


def test_a_port_has_one_listener_whatever_the_protocol(aws, vpc, refused):
    owner = balancer(aws, vpc)
    listener(aws, owner, group(aws, vpc))
    other = listener(aws, owner, group(aws, vpc, "UDP", "chat"), port=444, protocol="UDP")
    with refused("DuplicateListener", "already exists on this port"):
        listener(aws, owner, group(aws, vpc, "UDP", "voice"), protocol="UDP")
    with refused("DuplicateListener", "already exists on this port"):
        aws.elbv2.modify_listener(ListenerArn=other, Port=443)
    aws.elbv2.modify_listener(ListenerArn=other, Port=445)
    assert aws.elbv2.describe_listeners(ListenerArns=[other])["Listeners"][0]["Port"] == 445


@pytest.mark.parametrize(("protocol", "fits"), [("TCP", "TCP_UDP"), ("UDP", "TCP_UDP"), ("TCP_UDP", "TCP_UDP")])
def test_a_listener_forwards_only_to_groups_of_its_protocol(aws, vpc, refused, protocol, fits):
    owner = balancer(aws, vpc)
    wrong = {"TCP": "UDP", "UDP": "TCP", "TCP_UDP": "TCP"}[protocol]
    with refused("IncompatibleProtocols", f"'{protocol}' and '{wrong}'"):
        listener(aws, owner, group(aws, vpc, wrong), protocol=protocol)
    listener(aws, owner, group(aws, vpc, fits, "fits"), protocol=protocol)


def test_a_listener_is_not_moved_to_a_group_of_another_protocol(aws, vpc, refused):
    made = listener(aws, balancer(aws, vpc), group(aws, vpc))
    wrong = [{"Type": "forward", "TargetGroupArn": group(aws, vpc, "UDP", "chat")}]
    with refused("IncompatibleProtocols", "'TCP' and 'UDP'"):
        aws.elbv2.modify_listener(ListenerArn=made, DefaultActions=wrong)


def test_an_action_forwards_to_five_weighted_groups_at_most(aws, vpc, refused):
    owner, worlds = balancer(aws, vpc), [group(aws, vpc, name=f"w{number}") for number in range(6)]
    with refused("ValidationError", "at most 5 target groups, not 6"):
        listener(aws, owner, *worlds)
    listener(aws, owner, *worlds[:5])


def test_a_tls_listener_has_a_certificate_and_no_other_has(aws, vpc, refused):
    owner, worlds = balancer(aws, vpc), group(aws, vpc)
    certificate = aws.acm.request_certificate(DomainName="game.example")["CertificateArn"]
    with refused("ValidationError", "A certificate must be specified for TLS listeners"):
        listener(aws, owner, worlds, protocol="TLS")
    with refused("ValidationError", "cannot be specified for TCP listeners"):
        listener(aws, owner, worlds, Certificates=[{"CertificateArn": certificate}])
    made = listener(aws, owner, worlds, protocol="TLS", Certificates=[{"CertificateArn": certificate}])
    with refused("ResourceInUseException", "in use"):
        aws.acm.delete_certificate(CertificateArn=certificate)
    aws.elbv2.delete_listener(ListenerArn=made)
    aws.acm.delete_certificate(CertificateArn=certificate)


def test_a_target_group_stays_while_a_listener_forwards_to_it(aws, vpc, refused):
    owner, worlds = balancer(aws, vpc), group(aws, vpc)
    made = listener(aws, owner, worlds)
    with refused("ResourceInUse", "currently in use by a listener"):
        aws.elbv2.delete_target_group(TargetGroupArn=worlds)
    aws.elbv2.delete_listener(ListenerArn=made)
    assert aws.elbv2.describe_target_groups(TargetGroupArns=[worlds])["TargetGroups"][0]["LoadBalancerArns"] == []
    aws.elbv2.delete_target_group(TargetGroupArn=worlds)


@pytest.mark.parametrize(
    ("name", "fault"),
    [("n" * 33, "longer than '32'"), ("a_b", "alphanumeric"), ("-a", "begin or end"), ("internal-a", "'internal-'")],
)
def test_a_name_that_a_load_balancer_cannot_have_is_refused(aws, vpc, refused, name, fault):
    with refused("ValidationError", fault):
        balancer(aws, vpc, name)


def test_a_name_is_given_once(aws, vpc, refused):
    balancer(aws, vpc)
    with refused("DuplicateLoadBalancerName", "'edge' exists"):
        balancer(aws, vpc, Subnets=[aws.subnet(vpc, 1)])


def test_a_public_load_balancer_needs_a_way_out(aws, vpc, refused):
    with refused("InvalidSubnet", f"VPC {vpc} has no internet gateway"):
        balancer(aws, vpc, Scheme="internet-facing")
    aws.internet_gateway(vpc)
    balancer(aws, vpc, Scheme="internet-facing", Subnets=[aws.subnet(vpc, 1)])


def test_a_load_balancer_stands_once_in_a_zone(aws, vpc, refused):
    twice = [aws.subnet(vpc, index, "a") for index in range(2)]
    with refused("InvalidConfigurationRequest", "multiple subnets in the same Availability Zone"):
        balancer(aws, vpc, Subnets=twice)


def test_security_groups_come_with_a_network_load_balancer_or_never(aws, vpc, refused):
    players = aws.group(vpc)
    bare = balancer(aws, vpc)["LoadBalancerArn"]
    guarded = balancer(aws, vpc, "other", Subnets=[aws.subnet(vpc, 1)], SecurityGroups=[players])["LoadBalancerArn"]
    with refused("InvalidSecurityGroup", "'sg-0' does not exist"):
        balancer(aws, vpc, "third", Subnets=[aws.subnet(vpc, 2)], SecurityGroups=["sg-0"])
    for arn, wanted in ((bare, [players]), (guarded, [])):
        with refused("InvalidConfigurationRequest", "security groups must be associated when"):
            aws.elbv2.set_security_groups(LoadBalancerArn=arn, SecurityGroups=wanted)
    aws.elbv2.set_security_groups(LoadBalancerArn=guarded, SecurityGroups=[aws.group(vpc, "more")])


def test_what_a_load_balancer_stands_on_stays(aws, vpc, refused):
    subnet, players, internet = aws.subnet(vpc), aws.group(vpc), aws.internet_gateway(vpc)
    made = balancer(aws, vpc, Subnets=[subnet], SecurityGroups=[players], Scheme="internet-facing")
    with refused("DependencyViolation", "has dependencies"):
        aws.ec2.delete_subnet(SubnetId=subnet)
    with refused("DependencyViolation", "dependent object"):
        aws.ec2.delete_security_group(GroupId=players)
    with refused("DependencyViolation", "mapped public address"):
        aws.ec2.detach_internet_gateway(InternetGatewayId=internet, VpcId=vpc)
    aws.elbv2.delete_load_balancer(LoadBalancerArn=made["LoadBalancerArn"])
    aws.ec2.detach_internet_gateway(InternetGatewayId=internet, VpcId=vpc)
    aws.ec2.delete_security_group(GroupId=players)
    aws.ec2.delete_subnet(SubnetId=subnet)


def test_listeners_are_in_the_inventory_and_go_with_their_load_balancer(aws, vpc):
    owner = balancer(aws, vpc)
    listener(aws, owner, group(aws, vpc))
    kinds = [item.type for item in aws.endpoint.inventory() if item.service == "elbv2"]
    assert kinds == ["listener", "loadbalancer", "targetgroup"]
    aws.elbv2.delete_load_balancer(LoadBalancerArn=owner["LoadBalancerArn"])
    assert [item.type for item in aws.endpoint.inventory() if item.service == "elbv2"] == ["targetgroup"]
