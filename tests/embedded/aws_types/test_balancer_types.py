"""Load balancers, target groups and listeners: what the real provider does beyond plain create and delete."""

from __future__ import annotations

import pytest

from embedded.aws.objects import Refused
from embedded.provider import UNKNOWN
from tests.embedded.aws_types.driver import Engine
from tests.embedded.aws_types.examples_edge import (
    BALANCER,
    LISTENER,
    TARGETS,
    balancer,
    security_group,
    targets,
)
from tests.embedded.aws_types.ground import subnets, vpc


def test_a_subnet_is_added_in_place_and_taken_away_by_a_replacement(engine: Engine) -> None:
    network = vpc(engine)
    first, second = subnets(engine, network)
    made = balancer(engine, network, subnets=[first])
    assert engine.replaced_by(made, **made.inputs | {"subnets": [second, first]}).paths == ()
    assert engine.replaced_by(made, **made.inputs | {"subnets": [second]}).paths == ("subnets[0]",)
    assert engine.replaced_by(made, **made.inputs | {"subnets": [UNKNOWN]}).paths == ()


def test_security_groups_from_none_to_some_replace_and_more_do_not(engine: Engine) -> None:
    network = vpc(engine)
    first, second = (security_group(engine, network, name) for name in ("first", "second"))
    bare = balancer(engine, network)
    assert engine.replaced_by(bare, **bare.inputs | {"securityGroups": [first]}).paths == ("securityGroups",)
    places = bare.outputs["subnets"]
    guarded = balancer(engine, network, name="other", subnets=places, securityGroups=[first])
    assert engine.replaced_by(guarded, **guarded.inputs | {"securityGroups": [second]}).paths == ()
    assert engine.replaced_by(guarded, **guarded.inputs | {"securityGroups": []}).paths == ("securityGroups[0]",)


def test_a_protected_load_balancer_is_deleted_only_after_the_protection_is_off(engine: Engine) -> None:
    made = balancer(engine, vpc(engine), enableDeletionProtection=True)
    with pytest.raises(Refused, match="OperationNotPermitted"):
        engine.drop(made)
    engine.drop(engine.change(made, **made.inputs | {"enableDeletionProtection": False}))
    assert engine.refreshed(made) is None


def test_a_load_balancer_tells_its_address_and_its_zone(engine: Engine) -> None:
    outputs = balancer(engine, vpc(engine)).outputs
    assert outputs["dnsName"].endswith(".elb.us-east-1.amazonaws.com")
    assert (outputs["zoneId"], outputs["arnSuffix"][:18]) == ("Z26RNL4JYFTOTI", "net/mmorpg-us-east")


def test_one_group_alone_and_a_list_of_one_say_the_same(engine: Engine) -> None:
    network = vpc(engine)
    group = targets(engine, network, "blue").id
    wanted = {"loadBalancerArn": balancer(engine, network).id, "port": 443, "protocol": "TCP"}
    alone = [{"type": "forward", "targetGroupArn": group}]
    listed = [{"type": "forward", "forward": {"targetGroups": [{"arn": group, "weight": 7}]}}]
    made = engine.make(LISTENER, **wanted, defaultActions=listed)
    assert made.outputs["defaultActions"] == listed
    assert engine.checked(made.target, wanted | {"defaultActions": alone}, made.inputs)["defaultActions"] == listed


def test_a_shifted_weight_is_a_change_in_place(engine: Engine) -> None:
    network = vpc(engine)
    blue, green = (targets(engine, network, name).id for name in ("blue", "green"))

    def actions(share: int) -> list[object]:
        groups = [{"arn": blue, "weight": 100 - share}, {"arn": green, "weight": share}]
        return [{"type": "forward", "forward": {"targetGroups": groups}}]

    wanted = {"loadBalancerArn": balancer(engine, network).id, "port": 443, "protocol": "TCP"}
    made = engine.make(LISTENER, **wanted, defaultActions=actions(0))
    assert engine.replaced_by(made, **wanted, defaultActions=actions(30)).paths == ()
    engine.change(made, **wanted, defaultActions=actions(30))
    found = engine.client("elbv2").describe_listeners(ListenerArns=[made.id])["Listeners"][0]
    weights = [group["Weight"] for group in found["DefaultActions"][0]["ForwardConfig"]["TargetGroups"]]
    assert weights == [70, 30]


def test_a_tls_listener_keeps_its_certificate_and_policy(engine: Engine) -> None:
    network = vpc(engine)
    certificate = engine.client("acm").request_certificate(DomainName="game.example")["CertificateArn"]
    wanted = {"loadBalancerArn": balancer(engine, network).id, "port": 443, "protocol": "TLS"}
    secure = {"certificateArn": certificate, "sslPolicy": "ELBSecurityPolicy-TLS13-1-2-2021-06"}
    action = [{"type": "forward", "targetGroupArn": targets(engine, network, "login", "TLS").id}]
    made = engine.make(LISTENER, **wanted, **secure, defaultActions=action)
    again = engine.refreshed(made)
    assert again is not None
    assert again.inputs == made.inputs
    assert "tcpIdleTimeoutSeconds" not in made.outputs, "only TCP listeners have it"


def test_health_checks_by_udp_are_refused_before_any_call(engine: Engine) -> None:
    target = engine.target(TARGETS, "world")
    wanted = {"port": 7777, "protocol": "UDP", "vpcId": UNKNOWN, "healthCheck": {"protocol": "UDP"}}
    failures = engine.handler.check(target, None, wanted)[1]
    assert [failure.property for failure in failures] == ["healthCheck.protocol"]


def test_other_load_balancers_are_not_served(engine: Engine) -> None:
    wanted = {"loadBalancerType": "application", "subnets": [UNKNOWN]}
    failures = engine.handler.check(engine.target(BALANCER, "web"), None, wanted)[1]
    assert [failure.property for failure in failures] == ["loadBalancerType"]


def test_an_attribute_changed_behind_pulumis_back_is_seen(engine: Engine) -> None:
    made = targets(engine, vpc(engine), "blue", deregistrationDelay=3600)
    key = "deregistration_delay.timeout_seconds"
    engine.client("elbv2").modify_target_group_attributes(
        TargetGroupArn=made.id, Attributes=[{"Key": key, "Value": "30"}]
    )
    found = engine.refreshed(made)
    assert found is not None
    assert found.inputs["deregistrationDelay"] == 30
