"""Entrance: players' ports, what stands behind them, who stays where, and names that AWS takes."""

import dataclasses
from typing import Any

import pulumi
import pytest

from components.game.entrance import Backend, Entrance, EntranceArgs
from components.game.entrance_security import EntranceSecurity, EntranceSecurityArgs
from components.game.entrance_spec import WAYS, balancer_name, target_group_name
from components.game.sessions import DRAIN
from components.platform.dns_zone import DnsZone
from components.ports import FROM_LOAD_BALANCER
from plan.recorder import Recording
from tests.charts import check_custom_resource, needs_crds
from tests.engine import all_of, build, named, only

BALANCER = "aws:lb/loadBalancer:LoadBalancer"
TARGET_GROUP = "aws:lb/targetGroup:TargetGroup"
LISTENER = "aws:lb/listener:Listener"
BINDING = "kubernetes:elbv2.k8s.aws/v1beta1:TargetGroupBinding"
POLICY = "kubernetes:networking.k8s.io/v1:NetworkPolicy"
RECORD = "aws:route53/record:Record"
INGRESS = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
EGRESS = "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule"
WORLDS = {"app": "game-world-server", "component": "world-service"}
ARGS = EntranceArgs(
    prefix="mmorpg-us-east",
    vpc_id="vpc-1",
    subnets={"us-east-1a": "subnet-a", "us-east-1b": "subnet-b"},
    client_cidrs=("0.0.0.0/0",),
    balancer_cidrs=("10.10.0.0/16",),
    security_group="sg-1",
    cross_zone=True,
    minimum_healthy=1,
    weights={"a": 100},
    generation="a",
    backends={
        "tcp": Backend(namespace="mmorpg-game", service="game-world-service", port=8080, selector=WORLDS),
        "udp": Backend(namespace="mmorpg-game", service="game-world-service", port=8081, selector=WORLDS),
        "https": Backend(namespace="istio-ingress", service="istio-ingressgateway", port=443),
    },
    protect=True,
)
SECURITY = EntranceSecurityArgs(
    prefix="mmorpg-us-east",
    vpc_id="vpc-1",
    client_cidrs=("0.0.0.0/0",),
    pod_blocks={"vpc": "10.10.0.0/16", "pods": "100.64.0.0/16"},
)


def entrance(**changes: Any) -> Recording:
    return build(lambda: Entrance("us-east", dataclasses.replace(ARGS, **changes)))


def security(**changes: Any) -> Recording:
    return build(lambda: EntranceSecurity("us-east", dataclasses.replace(SECURITY, **changes)))


def group(key: str, **changes: Any) -> dict[str, Any]:
    return named(entrance(**changes), f"us-east-entrance-{key}-a", TARGET_GROUP).inputs


def test_players_come_in_from_the_internet_by_one_network_load_balancer():
    balancer = only(entrance(), BALANCER).inputs
    assert balancer["loadBalancerType"] == "network"
    assert balancer["internal"] is False
    assert balancer["subnets"] == ["subnet-a", "subnet-b"]
    assert balancer["securityGroups"] == ["sg-1"], "one made without a group can never get one"
    assert balancer["enableZonalShift"] is True
    assert balancer["dnsRecordClientRoutingPolicy"] == "any_availability_zone"


@pytest.mark.parametrize("protect", [True, False])
def test_the_address_is_protected_as_the_stack_says(protect: bool):
    balancer = only(entrance(protect=protect), BALANCER)
    assert (balancer.inputs["enableDeletionProtection"], balancer.protect) == (protect, protect)


@pytest.mark.parametrize("cross_zone", [True, False])
def test_crossing_zones_is_a_setting_that_target_groups_follow(cross_zone: bool):
    built = entrance(cross_zone=cross_zone)
    assert only(built, BALANCER).inputs["enableCrossZoneLoadBalancing"] is cross_zone
    assert {found.inputs["loadBalancingCrossZoneEnabled"] for found in all_of(built, TARGET_GROUP)} == {
        "use_load_balancer_configuration"
    }


def test_there_are_three_listeners_each_with_its_own_target_group():
    built = entrance()
    listeners = {
        listener.name: (listener.inputs["protocol"], listener.inputs["port"]) for listener in all_of(built, LISTENER)
    }
    assert listeners == {
        "us-east-entrance-tcp": ("TCP", 8080),
        "us-east-entrance-udp": ("UDP", 8081),
        # TCP, not TLS: the mesh's gateway ends it, so a listener here must not.
        "us-east-entrance-https": ("TCP", 443),
    }
    for key in ("tcp", "udp", "https"):
        (action,) = named(built, f"us-east-entrance-{key}", LISTENER).inputs["defaultActions"]
        target = named(built, f"us-east-entrance-{key}-a", TARGET_GROUP)
        assert action == {"type": "forward", "targetGroupArn": {"$ref": target.urn, "property": "arn"}}


@pytest.mark.parametrize(("key", "protocol", "port"), [("tcp", "TCP", 8080), ("udp", "UDP", 8081)])
def test_a_players_address_stays_on_one_game_pod_whose_health_is_asked_on_8888(key: str, protocol: str, port: int):
    found = group(key)
    assert (found["protocol"], found["port"], found["targetType"]) == (protocol, port, "ip")
    assert found["stickiness"] == {"type": "source_ip", "enabled": True}
    check = found["healthCheck"]
    assert (check["protocol"], check["port"], check["path"]) == ("HTTP", "8888", "/health/ready")
    assert found["deregistrationDelay"] == DRAIN.deregistration_delay_seconds == 1800


def test_requests_go_to_any_gateway_pod_whose_health_is_asked_on_15021():
    found = group("https")
    assert found["stickiness"] == {"type": "source_ip", "enabled": False}
    check = found["healthCheck"]
    assert (check["protocol"], check["port"], check["path"]) == ("HTTP", "15021", "/healthz/ready")
    assert found["deregistrationDelay"] == 120, "the least that a network load balancer keeps"


def test_a_sick_pod_gets_no_new_players_after_three_checks():
    check = group("tcp")["healthCheck"]
    assert check["interval"] * check["unhealthyThreshold"] == 30
    assert check["timeout"] < check["interval"]


@pytest.mark.parametrize(("key", "seconds"), [("tcp", 1800), ("udp", None), ("https", 120)])
def test_the_load_balancer_itself_never_cuts_a_player_off_before_the_drain_is_over(key: str, seconds: int | None):
    found = group(key)
    assert found["connectionTermination"] is False
    assert found["preserveClientIp"] == "true"
    # AWS knows these for TCP and TLS only, and refuses them for UDP.
    kept = [{"enableUnhealthyConnectionTermination": False, "unhealthyDrainingInterval": seconds}] if seconds else None
    assert found.get("targetHealthStates") == kept


def test_a_zone_with_too_few_healthy_pods_leaves_dns():
    health = group("tcp", minimum_healthy=2)["targetGroupHealth"]
    assert health["dnsFailover"] == {"minimumHealthyTargetsCount": "2"}
    assert health["unhealthyStateRouting"] == {"minimumHealthyTargetsCount": 1}


def test_two_generations_share_players_by_weight_and_keep_those_they_have():
    built = entrance(weights={"a": 90, "b": 10})
    assert len(all_of(built, TARGET_GROUP)) == 6
    (action,) = named(built, "us-east-entrance-udp", LISTENER).resolved["defaultActions"]
    arns = [f"${{{named(built, f'us-east-entrance-udp-{one}', TARGET_GROUP).urn}#arn}}" for one in "ab"]
    assert action["type"] == "forward"
    assert action["forward"]["targetGroups"] == [{"arn": arns[0], "weight": 90}, {"arn": arns[1], "weight": 10}]
    assert action["forward"]["stickiness"] == {"enabled": True, "duration": 3600}
    (requests,) = named(built, "us-east-entrance-https", LISTENER).resolved["defaultActions"]
    assert "stickiness" not in requests["forward"]


def test_another_generation_leaves_the_first_ones_target_groups_alone():
    old, new = entrance().by_urn(), entrance(weights={"a": 50, "b": 50}).by_urn()
    groups = {urn for urn, resource in old.items() if resource.type == TARGET_GROUP}
    assert {urn: old[urn].inputs for urn in groups} == {urn: new[urn].inputs for urn in groups}


def test_pods_join_the_target_groups_of_their_own_clusters_generation():
    built = entrance(weights={"a": 0, "b": 100}, generation="b")
    binding = named(built, "us-east-entrance-tcp", BINDING).inputs
    target = named(built, "us-east-entrance-tcp-b", TARGET_GROUP)
    assert binding["metadata"] == {"name": "entrance-tcp", "namespace": "mmorpg-game"}
    assert binding["spec"] == {
        "targetGroupARN": {"$ref": target.urn, "property": "arn"},
        "targetType": "ip",
        "serviceRef": {"name": "game-world-service", "port": 8080},
    }


def test_a_generation_without_a_weight_is_refused():
    with pytest.raises(ValueError, match="entrance generation: b is none of the weighted ones"):
        dataclasses.replace(ARGS, generation="b")


@pytest.mark.parametrize("way", ["tcp", "udp", "https"])
def test_a_listener_with_nobody_behind_it_is_refused(way: str):
    backends = {key: backend for key, backend in ARGS.backends.items() if key != way}
    with pytest.raises(ValueError, match=f"entrance backends: nothing stands behind {way}; name the Service"):
        dataclasses.replace(ARGS, backends=backends)


def test_every_listener_has_a_binding():
    built = entrance()
    assert {found.name for found in all_of(built, BINDING)} == {found.name for found in all_of(built, LISTENER)}


def test_the_regions_name_and_all_names_below_it_lead_to_the_load_balancer():
    built = entrance(zone=DnsZone(zone_id="Z1", domain="us-east.mmorpg-game.com"))
    records = [found.inputs for found in all_of(built, RECORD)]
    assert {record["name"] for record in records} == {"us-east.mmorpg-game.com", "*.us-east.mmorpg-game.com"}
    balancer = only(built, BALANCER).urn
    for record in records:
        assert (record["zoneId"], record["type"]) == ("Z1", "A")
        (alias,) = record["aliases"]
        assert alias["name"] == {"$ref": balancer, "property": "dnsName"}
        assert alias["zoneId"] == {"$ref": balancer, "property": "zoneId"}
        assert alias["evaluateTargetHealth"] is False
    assert all_of(entrance(), RECORD) == []


@needs_crds
def test_every_binding_is_one_that_the_controllers_crd_accepts():
    bindings = all_of(entrance(), BINDING)
    assert bindings
    assert [problem for found in bindings for problem in check_custom_resource(found.resolved)] == []


def test_the_load_balancer_comes_after_the_way_to_the_internet_and_bindings_after_their_controller():
    def program() -> None:
        gateway = pulumi.CustomResource("aws:ec2/internetGateway:InternetGateway", "us-east-internet", {})
        controller = pulumi.CustomResource("kubernetes:helm.sh/v3:Release", "us-east-controller", {})
        Entrance("us-east", dataclasses.replace(ARGS, network=(gateway,), after=(controller,)))

    built = build(program)
    gateway, controller = named(built, "us-east-internet").urn, named(built, "us-east-controller").urn
    assert gateway in only(built, BALANCER).depends_on
    assert controller not in only(built, BALANCER).depends_on, "the load balancer needs no cluster"
    assert all(controller in binding.depends_on for binding in all_of(built, BINDING))


def test_the_closed_game_namespace_lets_in_players_and_health_checks_and_the_gateways_needs_no_policy():
    policies = all_of(entrance(client_cidrs=("203.0.113.0/24",)), POLICY)
    assert {policy.name for policy in policies} == {"us-east-entrance-tcp", "us-east-entrance-udp"}
    for policy, (protocol, port) in zip(policies, (("TCP", 8080), ("UDP", 8081)), strict=True):
        assert policy.resolved["metadata"]["namespace"] == "mmorpg-game"
        assert policy.resolved["spec"]["podSelector"] == {"matchLabels": WORLDS}
        assert policy.resolved["spec"]["ingress"] == [
            {"from": [{"ipBlock": {"cidr": "203.0.113.0/24"}}], "ports": [{"protocol": protocol, "port": port}]},
            {"from": [{"ipBlock": {"cidr": "10.10.0.0/16"}}], "ports": [{"protocol": "TCP", "port": 8888}]},
        ]


def test_the_security_group_admits_players_to_the_listeners_and_no_further():
    built = security(client_cidrs=("203.0.113.0/24", "198.51.100.0/24"))
    assert {
        (rule.inputs["ipProtocol"], rule.inputs["fromPort"], rule.inputs["toPort"], rule.inputs["cidrIpv4"])
        for rule in all_of(built, INGRESS)
    } == {
        (protocol, port, port, cidr)
        for protocol, port in (("tcp", 8080), ("udp", 8081), ("tcp", 443))
        for cidr in ("203.0.113.0/24", "198.51.100.0/24")
    }


def test_the_security_group_lets_the_load_balancer_reach_pods_and_their_health():
    rules = [rule.inputs for rule in all_of(security(), EGRESS)]
    assert {(rule["ipProtocol"], rule["fromPort"]) for rule in rules} == {
        ("tcp", 8080),
        ("udp", 8081),
        ("tcp", 8888),
        ("tcp", 443),
        ("tcp", 15021),
    }
    assert {rule["cidrIpv4"] for rule in rules} == {"10.10.0.0/16", "100.64.0.0/16"}
    assert len(rules) == 10


def test_twenty_blocks_of_players_fill_a_security_group_exactly():
    blocks = tuple(f"203.0.{block}.0/24" for block in range(20))
    assert len(all_of(security(client_cidrs=blocks), INGRESS)) == 60


def test_every_port_that_the_load_balancer_uses_is_one_that_the_nodes_admit():
    admitted = {(ports.protocol, ports.first) for ranges in FROM_LOAD_BALANCER.values() for ports in ranges}
    used = {(way.protocol.lower(), way.port) for way in WAYS} | {("tcp", way.health_port) for way in WAYS}
    assert used == admitted


def test_every_name_fits_aws_at_the_longest_prefix_that_settings_admit():
    prefix = "p" * 24
    names = [balancer_name(prefix), *(target_group_name(prefix, way, "b") for way in WAYS)]
    assert max(len(name) for name in names) == 32
    assert len(set(names)) == 4


def test_a_name_that_aws_would_refuse_is_refused_here():
    with pytest.raises(ValueError, match="33 characters, above AWS's 32"):
        balancer_name("p" * 25)
