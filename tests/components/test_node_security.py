"""NodeSecurity: every webhook can be called, nodes and players get through, and nothing else does."""

import dataclasses
from collections.abc import Iterable
from typing import Any

import pytest
import yaml

from components import charts
from components.addons import AFTER_NODES, BEFORE_NODES
from components.charts import Chart
from components.node_security import NodeSecurity, NodeSecurityArgs
from components.platform.ebs_csi import ADDON as EBS_CSI
from components.ports import CALLED_BY_API_SERVER, PortRule, Source, node_rules
from plan.recorder import Recording
from tests.charts import CHARTS, needs_charts
from tests.engine import all_of, build, named, only

GROUP = "aws:ec2/securityGroup:SecurityGroup"
INGRESS = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
EGRESS = "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule"
EVERYTHING = tuple(sorted(CALLED_BY_API_SERVER))
ARGS = NodeSecurityArgs(
    prefix="mmorpg-us-east",
    cluster_name="mmorpg-us-east",
    vpc_id="vpc-1",
    control_plane_group="sg-control",
    addons=EVERYTHING,
    load_balancer_group="sg-players",
)


def security(**changes: Any) -> Recording:
    return build(lambda: NodeSecurity("us-east", dataclasses.replace(ARGS, **changes)))


def reaches(source: Source, protocol: str, port: int, addons: Iterable[str] = EVERYTHING) -> bool:
    return any(
        rule.source == source and rule.ports.protocol == protocol and rule.ports.first <= port <= rule.ports.last
        for rule in node_rules(addons, load_balancer=True)
    )


def default_of(chart: str, path: str) -> object:
    value: Any = yaml.safe_load((CHARTS / chart / "values.yaml").read_text())
    for key in path.split("."):
        value = value[key]
    return value


def rule_of(built: Recording, name: str) -> dict[str, Any]:
    return named(built, name).inputs


@pytest.mark.parametrize(
    ("addon", "ports"),
    [
        ("istiod", {15017}),
        ("aws-load-balancer-controller", {9443}),
        ("cert-manager", {10250}),
        ("external-secrets", {10250}),
        ("keda", {6443, 9443}),
        ("cloudnative-pg", {9443}),
        ("plugin-barman-cloud", set()),
        ("kube-prometheus-stack", {10250}),
        ("metrics-server", {10251}),
    ],
)
def test_the_api_server_reaches_the_webhooks_and_apis_of_each_add_on(addon: str, ports: set[int]):
    assert all(reaches("control-plane", "tcp", port, [addon]) for port in ports)
    opened = {rule.ports.first for rule in node_rules([addon], load_balancer=False) if rule.source == "control-plane"}
    assert opened == ports | {443, 10250}, "what a region does not have is not opened"


@needs_charts
@pytest.mark.parametrize(
    ("directory", "path", "stated", "addon", "port"),
    [
        ("aws-load-balancer-controller", "webhookBindPort", None, "aws-load-balancer-controller", 9443),
        ("cert-manager", "webhook.securePort", 10250, "cert-manager", 10250),
        ("external-secrets", "webhook.port", 10250, "external-secrets", 10250),
        ("keda", "service.portHttpsTarget", 6443, "keda", 6443),
        ("keda", "webhooks.port", "", "keda", 9443),
        ("kube-prometheus-stack", "prometheusOperator.tls.internalPort", 10250, "kube-prometheus-stack", 10250),
        ("cloudnative-pg", "webhook.port", 9443, "cloudnative-pg", 9443),
    ],
)
def test_the_table_has_the_ports_that_the_charts_give_their_pods(
    directory: str, path: str, stated: object, addon: str, port: int
):
    assert default_of(directory, path) == stated, "an empty figure is the program's own, named in the chart's comment"
    assert port in CALLED_BY_API_SERVER[addon]


@needs_charts
def test_a_webhook_that_a_chart_leaves_off_has_no_port():
    assert default_of("snapshot-controller", "webhook.enabled") is False
    assert CALLED_BY_API_SERVER["snapshot-controller"] == ()


def test_the_ports_of_every_chart_and_add_on_that_the_program_installs_were_looked_up():
    pins = {value.name.rpartition("/")[2] for value in vars(charts).values() if isinstance(value, Chart)}
    assert pins | {*BEFORE_NODES, *AFTER_NODES, EBS_CSI} <= set(CALLED_BY_API_SERVER)


def test_an_add_on_whose_ports_nobody_looked_up_is_refused():
    with pytest.raises(ValueError, match=r"ports: falco has no row in CALLED_BY_API_SERVER; add one"):
        node_rules(["falco", "istiod"], load_balancer=False)


@pytest.mark.parametrize(
    ("protocol", "port"),
    [
        ("tcp", 53),
        ("udp", 53),
        ("tcp", 15012),
        ("tcp", 15017),
        ("tcp", 15443),
        ("tcp", 8080),
        ("udp", 8081),
        ("tcp", 10250),
        ("tcp", 443),
    ],
)
def test_nodes_reach_each_other_for_names_the_mesh_scrapes_and_games(protocol: str, port: int):
    assert reaches("nodes", protocol, port)


def test_no_node_reaches_another_nodes_shell():
    assert not reaches("nodes", "tcp", 22)
    assert not reaches("control-plane", "tcp", 22)


def test_players_come_through_the_load_balancer_to_games_and_the_gateway_only():
    rules = [rule for rule in node_rules((), load_balancer=True) if rule.source == "load-balancer"]
    assert {(rule.ports.protocol, rule.ports.first, rule.ports.last) for rule in rules} == {
        ("tcp", 8080, 8080),
        ("udp", 8081, 8081),
        ("tcp", 8888, 8888),
        ("tcp", 443, 443),
        ("tcp", 15021, 15021),
    }
    built = security()
    assert rule_of(built, "us-east-nodes-from-load-balancer-udp-8081")["referencedSecurityGroupId"] == "sg-players"


def test_without_a_load_balancer_nothing_is_open_to_one():
    built = security(load_balancer_group=None)
    assert not [rule for rule in all_of(built, INGRESS) if "load-balancer" in rule.name]


def test_add_ons_of_the_same_port_share_one_rule_which_names_them_all():
    built = security()
    shared = rule_of(built, "us-east-nodes-from-control-plane-tcp-10250")
    assert shared["description"] == "API server: cert-manager, external-secrets, kube-prometheus-stack, kubelet"
    assert shared["referencedSecurityGroupId"] == "sg-control"
    ranges = [(rule.source, rule.ports) for rule in node_rules(EVERYTHING, load_balancer=True)]
    assert len(ranges) == len(set(ranges)), "AWS refuses a second rule of the same source and range"
    assert len(ranges) <= 60, "the quota of rules per group and direction"


def test_another_add_on_leaves_the_rules_of_the_first_as_they_are():
    old, new = security(addons=("istiod",)).by_urn(), security(addons=("istiod", "keda")).by_urn()
    assert {urn: resource.inputs for urn, resource in old.items()} == {urn: new[urn].inputs for urn in old}


def test_nodes_carry_exactly_one_group_with_the_clusters_tag_and_karpenter_finds_it():
    assert only(security(), GROUP).inputs["tags"] == {
        "Name": "mmorpg-us-east-nodes",
        "kubernetes.io/cluster/mmorpg-us-east": "owned",
        "karpenter.sh/discovery": "mmorpg-us-east",
    }


def test_nodes_reach_the_api_server_and_everything_outside():
    built = security()
    group = only(built, GROUP)
    inside = rule_of(built, "us-east-control-plane-from-nodes")
    assert inside["securityGroupId"] == "sg-control"
    assert inside["referencedSecurityGroupId"] == {"$ref": group.urn, "property": "id"}
    assert (inside["ipProtocol"], inside["fromPort"], inside["toPort"]) == ("tcp", 443, 443)
    out = only(built, EGRESS).inputs
    assert (out["ipProtocol"], out["cidrIpv4"]) == ("-1", "0.0.0.0/0")
    assert "fromPort" not in out


def test_every_rule_of_the_table_is_a_rule_of_the_group():
    built = security()
    group = only(built, GROUP)
    rules: tuple[PortRule, ...] = node_rules(EVERYTHING, load_balancer=True)
    made = [rule for rule in all_of(built, INGRESS) if rule.inputs["securityGroupId"] != "sg-control"]
    assert len(made) == len(rules)
    assert {rule.inputs["securityGroupId"]["$ref"] for rule in made} == {group.urn}
    allowed = set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789. _-:/()#,@[]+=&;{}!$*")
    assert all(set(rule.inputs["description"]) <= allowed for rule in all_of(built, INGRESS))
