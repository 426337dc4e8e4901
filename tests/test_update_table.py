"""The table of changed settings against recordings of old and new, and against the guard of real updates."""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from functools import cache
from typing import Any
from unittest import mock

import pytest

import stacks.region
import stacks.region_services
from automation.guard import Step, objections
from components import charts
from plan.recorder import Recording
from tests.shipped import ROOT, recording_of
from tests.update_table import REFUSED, REGION, ROWS, Row, batches, markdown, together, whole
from tests.updates import Edit, operations, recorded, update

CHARTS = [chart for chart in vars(charts).values() if isinstance(chart, charts.Chart)]


def one_region(raw: dict[str, Any]) -> None:
    """prod's first region with every chart and data system there is: whole, prod takes seconds to record."""
    raw["regions"] = {REGION: raw["regions"][REGION]}
    raw["regions"][REGION]["data"] |= {"postgres": {}, "rabbitmq": {}}
    raw["regions"][REGION]["cluster"]["autoscaler"] = "cluster-autoscaler"
    del raw["regions"][REGION]["karpenter"]["pools"]["worlds"]  # the two never make nodes for the same pods


@cache
def before(stack: str) -> Recording:
    return recording_of(stack) if stack == "dev" else recorded(stack, one_region)


def after(stack: str, edit: Edit) -> list[Step]:
    def both(raw: dict[str, Any]) -> None:
        if stack == "prod":
            one_region(raw)
        edit(raw)

    return update(before(stack), recorded(stack, both))


def said(row: Row) -> str:
    return ", ".join(row.settings)


def name_of(batch: list[Row]) -> str:
    return f"{batch[0].stack}: {said(batch[0])} and {len(batch) - 1} more"


def test_the_table_is_of_about_seventy_rows_and_no_change_stands_twice():
    changes = [(row.stack, str(row.settings)) for row in ROWS]
    assert len(changes) == len(set(changes)) == 66


@pytest.mark.parametrize("batch", batches(ROWS), ids=name_of)
def test_a_changed_setting_does_what_the_table_says_and_the_guard_lets_the_rest_pass(batch: list[Row]):
    steps = after(batch[0].stack, together(batch))
    found = operations(steps)
    for row in batch:
        assert {label: found.get(label) for label in row.operations} == row.operations, said(row)
    expected = {label for row in batch for label in row.operations}
    assert found.keys() - expected == set(), "touched by none of the rows"
    # Nothing stateful is replaced or deleted, no node loses its network, no change is unknown to our tables; but for
    # the pools of players that a row says would be drained at once.
    refused = {whole(label).split()[1] for row in batch for label in row.refused}
    assert {objection.urn.rsplit("::", 1)[1] for objection in objections(steps, regions=[REGION])} == refused


@pytest.mark.parametrize("batch", batches(REFUSED), ids=name_of)
def test_a_change_that_would_take_what_cannot_be_made_again_is_refused_by_the_guard(batch: list[Row]):
    steps = after(batch[0].stack, together(batch))
    refused = {objection.urn.rsplit("::", 1)[1] for objection in objections(steps, regions=[REGION])}
    for row in batch:
        assert row.operations.items() <= operations(steps).items(), said(row)
        assert {label.split()[1] for label in row.operations} <= refused, said(row)


@contextmanager
def newer_pins() -> Iterator[None]:
    """Every version that the program pins for one minor, raised: charts, add-ons, the nodes' image."""

    def raised(versions: Mapping[str, Any]) -> dict[str, Any]:
        return {key: raised(of) if isinstance(of, Mapping) else f"{of}9" for key, of in versions.items()}

    with ExitStack() as stack:
        for chart in CHARTS:
            # The pins are frozen, and each component holds its own; this is the one place that changes them.
            stack.callback(object.__setattr__, chart, "version", chart.version)
            object.__setattr__(chart, "version", f"{chart.version}9")
        for module in (stacks.region, stacks.region_services):
            for name in {"ADDONS", "NODE_RELEASES", "CLUSTER_AUTOSCALERS"} & vars(module).keys():
                stack.enter_context(mock.patch.object(module, name, raised(vars(module)[name])))
        yield


def test_a_bump_of_every_pinned_version_replaces_nothing():
    before("prod")  # kept for all tests, so not with these pins
    with newer_pins():
        steps = after("prod", lambda _: None)
    releases = {
        *("cert-manager", "cluster-autoscaler", "external-dns", "external-secrets", "load-balancer-controller"),
        *("istio-base", "istiod", "istio-ingressgateway", "karpenter-crd", "karpenter", "keda"),
        *("monitoring", "prometheus-crds", "snapshot-controller"),
        *("cloudnative-pg", "plugin-barman-cloud", "velero"),
    }
    addons = {"addons-coredns", "addons-metrics-server", "ebs-csi"}
    addons |= {f"node-addons-{name}" for name in ("eks-pod-identity-agent", "kube-proxy", "vpc-cni")}
    pools = {"game", "system", *(f"database-us-east-1{letter}" for letter in "abc")}
    assert len(releases) == len(CHARTS), "each chart has its release"
    assert operations(steps) == {
        whole(label): "update"
        for label in (
            *(f"Release {name}" for name in releases),
            *(f"Addon {name}" for name in addons),
            *(f"NodeGroup pool-{name}" for name in pools),
            "EC2NodeClass karpenter-al2023",
        )
    }
    assert objections(steps, regions=[REGION]) == []


def test_a_new_kubernetes_version_changes_control_plane_nodes_and_addons_in_place():
    def older(raw: dict[str, Any]) -> None:
        raw["regions"][REGION]["cluster"]["version"] = "1.34"

    steps = update(recorded("dev", older), recording_of("dev"))
    assert operations(steps) == {
        whole(label): "update"
        for label in (
            "Addon addons-coredns",
            "Addon node-addons-kube-proxy",
            "Addon node-addons-vpc-cni",
            "Cluster cluster",
            "Namespace namespace",
            "NodeGroup pool-game",
            "NodeGroup pool-system",
            *(f"NodeGroup pool-database-us-east-1{letter}" for letter in "abc"),
        )
    }
    assert objections(steps, regions=[REGION]) == []


def test_the_page_on_upgrades_has_this_table():
    page = (ROOT / "docs" / "upgrading.md").read_text(encoding="utf-8")
    assert markdown() in page, f"the table is no longer the one that is tested; it is:\n{markdown()}"
