"""Findings about what others make of the program's objects: operators' pods, claims, certificates' Secrets, labels."""

from typing import Any

import pulumi_kubernetes as kubernetes
import pytest

from tests.plan.test_graph_rules import NOT_MADE, WORLDS, Region, budget, found, namespace, stateful_set


def operated(region: Region, group: str, kind: str, name: str) -> None:
    """An object whose operator makes pods of it."""
    kubernetes.apiextensions.CustomResource(
        f"us-east-{name}",
        api_version=f"{group}/v1",
        kind=kind,
        metadata={"name": name, "namespace": "game"},
        spec={"instances": 3},
        opts=region.child,
    )


@pytest.mark.parametrize(
    ("group", "kind", "label"),
    [
        ("postgresql.cnpg.io", "Cluster", "cnpg.io/cluster"),
        ("rabbitmq.com", "RabbitmqCluster", "app.kubernetes.io/name"),
    ],
)
def test_a_budget_over_an_operators_pods_selects_by_the_label_that_they_get(group: str, kind: str, label: str):
    def program(name: str) -> None:
        region = Region("us-east")
        namespace(region)
        operated(region, group, kind, "brokers")
        budget(region, "brokers-budget", {label: name})

    assert found(lambda: program("brokers"), "dangling-reference") == []
    (message,) = found(lambda: program("borkers"), "dangling-reference")
    assert message.startswith("PodDisruptionBudget brokers-budget selects")


def test_an_object_that_no_operator_turns_into_pods_is_nothing_to_select():
    def program() -> None:
        region = Region("us-east")
        namespace(region)
        operated(region, "postgresql.cnpg.io", "ScheduledBackup", "daily")
        budget(region, "daily-budget", {"cnpg.io/cluster": "daily"})

    assert len(found(program, "dangling-reference")) == 1


@pytest.mark.parametrize(
    ("claim", "missing"),
    [
        ("data-worlds-0", []),
        ("data-worlds-2", []),
        ("data-worlds-3", ["data-worlds-3"]),
        ("logs-worlds-0", ["logs-worlds-0"]),
        ("data-zones-0", ["data-zones-0"]),
    ],
)
def test_claims_of_a_stateful_sets_pods_are_made_one_for_each_and_no_more(claim: str, missing: list[str]):
    template: dict[str, Any] = {"metadata": {"name": "data"}, "spec": {}}
    volume = {"name": "data", "persistentVolumeClaim": {"claimName": claim}}

    def program() -> None:
        region = Region("us-east")
        namespace(region)
        stateful_set(region, "worlds", {}, replicas=3, volumeClaimTemplates=[template])
        kubernetes.batch.v1.CronJob(
            "us-east-restore",
            metadata={"name": "restore", "namespace": "game"},
            spec={"jobTemplate": {"spec": {"template": {"spec": {"volumes": [volume]}}}}},
            opts=region.child,
        )

    expected = [f"CronJob restore names PersistentVolumeClaim {name}{NOT_MADE}" for name in missing]
    assert found(program, "dangling-reference") == expected


def test_a_label_that_pods_get_later_may_be_selected_where_nobody_waits_for_it():
    def program(annotations: dict[str, str], labels: dict[str, str]) -> None:
        region = Region("us-east")
        namespace(region)
        stateful_set(region, "worlds", {})
        kubernetes.core.v1.Service(
            "us-east-service",
            metadata={"name": "primary", "namespace": "game", "annotations": annotations},
            spec={"selector": labels},
            opts=region.child,
        )

    primary, late = {**WORLDS, "role": "primary"}, {"pulumi.com/skipAwait": "true"}
    assert found(lambda: program(late, primary), "dangling-reference") == []
    assert len(found(lambda: program({}, primary), "dangling-reference")) == 1, "Pulumi would wait for an endpoint"
    assert len(found(lambda: program(late, {"role": "primary"}), "dangling-reference")) == 1, "of no pods at all"
    assert len(found(lambda: program(late, {**primary, "app": "wrold"}), "dangling-reference")) == 1


def test_the_secret_of_a_certificate_is_there_for_its_pods():
    def program(secret: str) -> None:
        region = Region("us-east")
        namespace(region)
        kubernetes.apiextensions.CustomResource(
            "us-east-certificate",
            api_version="cert-manager.io/v1",
            kind="Certificate",
            metadata={"name": "tls", "namespace": "game"},
            spec={"secretName": "world-tls"},
            opts=region.child,
        )
        stateful_set(region, "worlds", {"volumes": [{"name": "tls", "secret": {"secretName": secret}}]})

    assert found(lambda: program("world-tls"), "dangling-reference") == []
    assert found(lambda: program("worlds-tls"), "dangling-reference") == [
        f"StatefulSet worlds names Secret worlds-tls{NOT_MADE}"
    ]
