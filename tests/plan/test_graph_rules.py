"""Findings over the whole graph, each by a program that breaks one rule and its neighbour that does not."""

from typing import Any

import pulumi
import pulumi_aws as aws
import pulumi_kubernetes as kubernetes
import pytest

from plan import rules
from plan.objects import matches
from plan.recorder import record
from plan.rules import graph_findings

WORLDS = {"app": "world"}
NOT_MADE = ", which the program does not make in its cluster; create it or correct the name"


class Region(pulumi.ComponentResource):
    """A component that children stand under."""

    def __init__(self, name: str) -> None:
        super().__init__("gameregions:test:Region", name, None)
        self.child = pulumi.ResourceOptions(parent=self)


def found(program: Any, rule: str, regions: tuple[str, ...] = ("us-east",)) -> list[str]:
    """The messages of one rule over a program."""
    recording = record(program, stack="dev", regions=regions)
    return [finding.message for finding in graph_findings(recording, list(regions)) if finding.rule == rule]


def namespace(region: Region, name: str = "game") -> None:
    kubernetes.core.v1.Namespace(f"us-east-{name}", metadata={"name": name}, opts=region.child)


def stateful_set(region: Region, name: str, pod: dict[str, Any], **spec: Any) -> None:
    """A StatefulSet in namespace game whose pods carry the labels WORLDS."""
    kubernetes.apps.v1.StatefulSet(
        f"us-east-{name}",
        metadata={"name": name, "namespace": "game"},
        spec={
            "selector": {"matchLabels": WORLDS},
            "template": {"metadata": {"labels": WORLDS}, "spec": pod},
            **spec,
        },
        opts=region.child,
    )


def budget(region: Region, name: str, labels: dict[str, str]) -> None:
    kubernetes.policy.v1.PodDisruptionBudget(
        f"us-east-{name}",
        metadata={"name": name, "namespace": "game"},
        spec={"selector": {"matchLabels": labels}, "maxUnavailable": 1},
        opts=region.child,
    )


def test_a_region_above_its_limit_is_refused_with_the_count(monkeypatch: pytest.MonkeyPatch):
    def program() -> None:
        region = Region("us-east")
        for name in "abc":
            aws.ec2.Vpc(f"us-east-{name}", cidr_block="10.0.0.0/16", opts=region.child)

    monkeypatch.setattr(rules, "REGION_LIMIT", 4)
    assert found(program, "region-size") == []
    monkeypatch.setattr(rules, "REGION_LIMIT", 3)
    (message,) = found(program, "region-size")
    assert message.startswith("region us-east has 4 resources, more than the 3 a region may have; take systems out")


def test_a_large_stack_is_warned_of_and_a_huge_one_refused(monkeypatch: pytest.MonkeyPatch):
    def severities() -> list[str]:
        recording = record(lambda: Region("us-east"), stack="dev", regions=["us-east"])
        return [finding.severity for finding in graph_findings(recording, ["us-east"])]

    assert severities() == []
    monkeypatch.setattr(rules, "STACK_WARNING", 0)
    assert severities() == ["warning"]
    monkeypatch.setattr(rules, "STACK_LIMIT", 0)
    assert severities() == ["error"]


def test_the_limits_are_those_that_were_decided():
    assert (rules.REGION_LIMIT, rules.STACK_WARNING, rules.STACK_LIMIT) == (500, 2_200, 5_000)


def test_a_logical_name_without_its_region_is_refused():
    (message,) = found(lambda: Region("somewhere"), "region-prefix")
    assert message.startswith('the logical name "somewhere" begins with no region of the stack file (us-east)')
    assert found(lambda: Region("us-east-network"), "region-prefix") == []


def test_a_leaf_without_a_component_is_refused_and_a_provider_is_not():
    def program() -> None:
        provider = aws.Provider("us-east-aws", region="us-east-1")
        vpc = aws.ec2.Vpc("us-east-vpc", cidr_block="10.0.0.0/16", opts=pulumi.ResourceOptions(provider=provider))
        aws.ec2.Subnet("us-east-sub", vpc_id=vpc.id, opts=pulumi.ResourceOptions(parent=vpc, provider=provider))

    assert [message.split(" has")[0] for message in found(program, "component-parent")] == [
        "us-east-sub",
        "us-east-vpc",
    ]


def test_two_objects_of_one_kind_and_name_are_refused_in_one_namespace_only():
    def program(second: str) -> None:
        region = Region("us-east")
        for number, space in enumerate(("game", second)):
            kubernetes.core.v1.ConfigMap(
                f"us-east-config-{number}", metadata={"name": "config", "namespace": space}, opts=region.child
            )

    assert found(lambda: program("other"), "duplicate-name") == []
    assert found(lambda: program("game"), "duplicate-name") == [
        "us-east-config-1 has the same ConfigMap name as us-east-config-0, config; name one of them differently"
    ]


def test_aws_names_collide_within_a_region_and_role_names_within_the_account():
    def program() -> None:
        region = Region("us-east")
        for place in ("us-east-1", "us-west-2"):
            provider = aws.Provider(f"us-east-{place}", region=place)
            opts = pulumi.ResourceOptions(parent=region, provider=provider)
            aws.cloudwatch.LogGroup(f"us-east-log-{place}", name="/log", opts=opts)
            aws.iam.Role(f"us-east-role-{place}", name="worlds", assume_role_policy="{}", opts=opts)

    assert found(program, "duplicate-name") == [
        "us-east-role-us-west-2 has the same Role name as us-east-role-us-east-1, worlds; name one of them differently"
    ]


def test_a_namespace_that_nobody_makes_is_refused():
    def program(make: bool) -> None:
        region = Region("us-east")
        if make:
            namespace(region)
        kubernetes.core.v1.ConfigMap(
            "us-east-config", metadata={"name": "config", "namespace": "game"}, opts=region.child
        )

    assert found(lambda: program(True), "dangling-reference") == []
    assert found(lambda: program(False), "dangling-reference") == [f"ConfigMap config names namespace game{NOT_MADE}"]


def test_a_release_in_a_namespace_that_nobody_makes_is_refused():
    def program(**inputs: Any) -> None:
        region = Region("us-east")
        chart = {"chart": "oci://charts.example/keda", "version": "2.20.2", "name": "keda"}
        kubernetes.helm.v3.Release("us-east-keda", **chart, **inputs, opts=region.child)

    assert found(lambda: program(namespace="keda"), "dangling-reference") == [
        f"Release keda names namespace keda{NOT_MADE}"
    ]
    assert found(lambda: program(namespace="keda", create_namespace=True), "dangling-reference") == []
    assert found(lambda: program(namespace="kube-system"), "dangling-reference") == []


def test_what_a_program_only_patches_it_does_not_make():
    def program() -> None:
        region = Region("us-east")
        namespace(region)
        kubernetes.core.v1.ServiceAccountPatch(
            "us-east-account", metadata={"name": "runner", "namespace": "game"}, opts=region.child
        )
        stateful_set(region, "worlds", {"serviceAccountName": "runner"})

    assert found(program, "dangling-reference") == [f"StatefulSet worlds names ServiceAccount runner{NOT_MADE}"]


@pytest.mark.parametrize(
    ("pod", "missing"),
    [
        ({"serviceAccountName": "worlds"}, "ServiceAccount worlds"),
        ({"priorityClassName": "players"}, "PriorityClass players"),
        ({"volumes": [{"name": "v", "configMap": {"name": "settings"}}]}, "ConfigMap settings"),
        ({"volumes": [{"name": "v", "secret": {"secretName": "login"}}]}, "Secret login"),
        ({"imagePullSecrets": [{"name": "pull"}]}, "Secret pull"),
        ({"containers": [{"name": "c", "envFrom": [{"configMapRef": {"name": "settings"}}]}]}, "ConfigMap settings"),
        (
            {
                "initContainers": [
                    {
                        "name": "c",
                        "env": [{"name": "E", "valueFrom": {"secretKeyRef": {"name": "login", "key": "k"}}}],
                    }
                ]
            },
            "Secret login",
        ),
    ],
)
def test_a_pod_that_needs_what_nobody_makes_is_refused(pod: dict[str, Any], missing: str):
    def program() -> None:
        region = Region("us-east")
        namespace(region)
        stateful_set(region, "worlds", pod)

    assert found(program, "dangling-reference") == [f"StatefulSet worlds names {missing}{NOT_MADE}"]


def test_what_is_optional_or_always_there_is_not_missing():
    pod = {
        "serviceAccountName": "default",
        "priorityClassName": "system-cluster-critical",
        "volumes": [
            {"name": "v", "configMap": {"name": "settings", "optional": True}},
            {"name": "w", "secret": {"secretName": "login", "optional": True}},
            {"name": "x", "projected": {"sources": [{"configMap": {"name": "kube-root-ca.crt"}}]}},
        ],
    }

    def program() -> None:
        region = Region("us-east")
        namespace(region)
        stateful_set(region, "worlds", pod)

    assert found(program, "dangling-reference") == []


def test_a_volume_claim_and_a_service_name_must_exist_too():
    def program() -> None:
        region = Region("us-east")
        namespace(region)
        claim = {"metadata": {"name": "data"}, "spec": {"storageClassName": "gp3-retain"}}
        stateful_set(region, "worlds", {}, serviceName="worlds", volumeClaimTemplates=[claim])

    assert [message.split(",")[0] for message in found(program, "dangling-reference")] == [
        "StatefulSet worlds names Service worlds",
        "StatefulSet worlds names StorageClass gp3-retain",
    ]


def test_a_service_that_selects_no_pod_is_refused():
    def program(labels: dict[str, str]) -> None:
        region = Region("us-east")
        namespace(region)
        stateful_set(region, "worlds", {})
        kubernetes.core.v1.Service(
            "us-east-service",
            metadata={"name": "worlds", "namespace": "game"},
            spec={"selector": labels},
            opts=region.child,
        )

    assert found(lambda: program(WORLDS), "dangling-reference") == []
    (message,) = found(lambda: program({"app": "wrold"}), "dangling-reference")
    assert message.startswith("Service worlds selects {'matchLabels': {'app': 'wrold'}} and no pod")


def test_pods_under_two_budgets_are_refused_as_no_drain_could_evict_them():
    def program(second: dict[str, str]) -> None:
        region = Region("us-east")
        namespace(region)
        stateful_set(region, "worlds", {})
        budget(region, "sessions", WORLDS)
        budget(region, "worlds-budget", second)

    assert found(lambda: program({"app": "zone"}), "overlapping-budgets") == []
    (message,) = found(lambda: program(WORLDS), "overlapping-budgets")
    assert "belong to 2 PodDisruptionBudgets (sessions, worlds-budget)" in message


@pytest.mark.parametrize(
    ("expression", "selected"),
    [
        ({"key": "app", "operator": "In", "values": ["world"]}, True),
        ({"key": "app", "operator": "NotIn", "values": ["world"]}, False),
        ({"key": "tier", "operator": "NotIn", "values": ["world"]}, True),
        ({"key": "app", "operator": "Exists"}, True),
        ({"key": "app", "operator": "DoesNotExist"}, False),
    ],
)
def test_selectors_with_expressions_select_as_the_api_does(expression: dict[str, Any], selected: bool):
    assert matches({"matchExpressions": [expression]}, WORLDS) is selected
