"""Who reaches MySQL's pods, whom they reach, and what their agents may ask of the API server."""

import dataclasses
from typing import Any

import pulumi

from components.data.mysql.component import Mysql, MysqlExport
from tests.components.data.mysql.recordings import ARGS, mysql
from tests.engine import build, named, names

POLICY = "kubernetes:networking.k8s.io/v1:NetworkPolicy"
ROLE = "kubernetes:rbac.authorization.k8s.io/v1:Role"
OWN = {"app": "mysql", "component": "database"}
CLIENTS = {"client-of-mysql": "true"}


def exported() -> MysqlExport:
    controller = pulumi.CustomResource("kubernetes:helm.sh/v3:Release", "us-east-aws-load-balancer-controller", {})
    return MysqlExport(from_blocks=("10.40.0.0/16",), vpc_blocks=("10.20.0.0/16",), controller=controller)


def policy(role: str, **changes: Any) -> dict[str, Any]:
    found: dict[str, Any] = named(mysql(**changes), f"us-east-mysql-{role}", POLICY).resolved["spec"]
    return found


def test_clients_members_and_monitoring_come_in_and_nobody_else():
    spec = policy("servers")
    assert spec["podSelector"] == {"matchLabels": OWN}
    assert sorted(spec["policyTypes"]) == ["Egress", "Ingress"]
    assert spec["ingress"] == [
        {
            "from": [{"podSelector": {"matchLabels": CLIENTS}}, {"podSelector": {"matchLabels": OWN}}],
            "ports": [{"protocol": "TCP", "port": 3306}],
        },
        {
            "from": [{"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "monitoring"}}}],
            "ports": [{"protocol": "TCP", "port": 9104}],
        },
    ]


def test_servers_go_out_to_each_other_and_to_the_api_server_alone():
    assert policy("servers")["egress"] == [
        {"to": [{"podSelector": {"matchLabels": OWN}}], "ports": [{"protocol": "TCP", "port": 3306}]},
        {
            "to": [{"ipBlock": {"cidr": "10.20.0.0/16"}}, {"ipBlock": {"cidr": "172.20.0.0/16"}}],
            "ports": [{"protocol": "TCP", "port": 443}],
        },
    ]


def test_clients_are_let_out_to_the_servers_port():
    spec = policy("clients")
    assert spec["podSelector"] == {"matchLabels": CLIENTS}
    assert spec["egress"] == [
        {"to": [{"podSelector": {"matchLabels": OWN}}], "ports": [{"protocol": "TCP", "port": 3306}]}
    ]


def test_an_agent_may_touch_its_own_pods_one_record_and_one_lease():
    rules = named(mysql(), "us-east-mysql", ROLE).resolved["rules"]
    assert [(rule["resources"], rule.get("resourceNames"), rule["verbs"]) for rule in rules] == [
        (["pods"], ["mysql-0", "mysql-1", "mysql-2"], ["get", "patch"]),
        (["configmaps"], ["mysql-cluster-state"], ["get", "patch"]),
        (["configmaps"], None, ["create"]),
        (["leases"], ["mysql-bootstrap"], ["get", "update"]),
        (["leases"], None, ["create"]),
    ]


def test_nobody_elsewhere_copies_the_data_unless_the_settings_say_so():
    assert "us-east-mysql-export" not in {name for _, name in names(mysql())}


def test_an_export_is_an_internal_load_balancer_to_the_member_that_writes():
    def program() -> None:
        Mysql("us-east", dataclasses.replace(ARGS, export=exported()))

    built = build(program)
    service = named(built, "us-east-mysql-export", "kubernetes:core/v1:Service")
    spec, annotations = service.resolved["spec"], service.resolved["metadata"]["annotations"]
    assert spec["selector"] == {**OWN, "role": "primary"}
    assert (spec["type"], spec["loadBalancerClass"]) == ("LoadBalancer", "service.k8s.aws/nlb")
    assert spec["allocateLoadBalancerNodePorts"] is False, "the namespace's quota of node ports is small"
    assert spec["loadBalancerSourceRanges"] == ["10.40.0.0/16"]
    assert annotations["service.beta.kubernetes.io/aws-load-balancer-scheme"] == "internal"
    assert annotations["service.beta.kubernetes.io/aws-load-balancer-nlb-target-type"] == "ip"
    assert annotations["pulumi.com/skipAwait"] == "true"
    assert named(built, "us-east-aws-load-balancer-controller").urn in service.depends_on
    allowed = named(built, "us-east-mysql-servers", POLICY).resolved["spec"]["ingress"][0]["from"]
    assert allowed[2:] == [{"ipBlock": {"cidr": "10.20.0.0/16"}}, {"ipBlock": {"cidr": "10.40.0.0/16"}}]
