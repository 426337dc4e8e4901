"""Every release and every custom resource of every shipped stack, against the charts and CRDs they are made for."""

import copy
from typing import Any

import pytest

from components import charts
from plan.recorder import Recording
from tests.charts import EXCEPTIONS, RELEASE, check_release, evidence, needs_charts
from tests.custom_resources import check_custom_resource, closed, is_custom, needs_crds
from tests.engine import all_of

PINS = {name: pin for name, pin in vars(charts).items() if isinstance(pin, charts.Chart)}


def release(chart: charts.Chart, values: dict[str, Any]) -> dict[str, Any]:
    """A release as the recorder resolves it."""
    address = {"repositoryOpts": {"repo": chart.repository}} if chart.repository else {}
    return {"name": "it", "chart": chart.name, "version": chart.version, "values": values, **address}


def wrong(chart: charts.Chart, values: dict[str, Any]) -> list[str]:
    """Problems, each without the words that name the release."""
    return [problem.split(f"{chart.version}: ", 1)[-1] for problem in check_release(release(chart, values))]


@needs_charts
def test_every_release_of_a_shipped_stack_is_one_its_chart_understands(shipped: Recording):
    assert [problem for found in all_of(shipped, RELEASE) for problem in check_release(found.resolved)] == []


@needs_crds
def test_every_custom_resource_of_a_shipped_stack_is_one_its_crd_accepts(shipped: Recording):
    found = [resource for resource in shipped.resources if is_custom(resource.type)]
    assert [problem for resource in found for problem in check_custom_resource(resource.resolved)] == []


@needs_charts
@pytest.mark.parametrize("name", PINS)
def test_every_pin_is_a_saved_chart_at_its_own_address(name: str):
    assert check_release(release(PINS[name], {})) == []


@needs_charts
@pytest.mark.parametrize(("chart", "path"), EXCEPTIONS)
def test_every_exception_is_needed_and_the_charts_own_text_leads_to_it(chart: str, path: str):
    pin = next(pin for pin in PINS.values() if pin.name == chart)
    words, _ = EXCEPTIONS[chart, path]
    assert words in evidence(chart)
    values: dict[str, Any] = {}
    *parents, last = path.split(".")
    place = values
    for key in parents:
        place = place.setdefault(key, {})
    place[last] = {}
    assert wrong(pin, values) == []
    assert wrong(pin, {parents[0]: {f"{last}X": {}}}) == [f"{parents[0]}.{last}X is no key of chart {chart}"]


# What is refused


@needs_charts
def test_a_key_that_no_chart_has_is_found():
    assert wrong(charts.ISTIOD, {"global": {"multiCluster": {"enabled": True}}}) == [
        "global.multiCluster.enabled is no key of chart istiod"
    ]
    adapter = charts.Chart(
        name="prometheus-adapter", version="5.3.0", repository="https://prometheus-community.github.io/helm-charts"
    )
    assert wrong(adapter, {"rules": {"externl": []}}) == ["rules.externl is no key of chart prometheus-adapter"]
    assert wrong(adapter, {"rules": {"external": []}}) == []


@needs_charts
def test_istios_wrapper_key_is_never_set_and_its_profile_may_be():
    assert wrong(charts.ISTIOD, {"_internal_defaults_do_not_set": {"autoscaleMin": 2}}) == [
        "_internal_defaults_do_not_set is no key of chart istiod"
    ]
    assert wrong(charts.ISTIOD, {"profile": "ambient", "autoscaleMin": 2}) == []


@needs_charts
def test_a_strict_schema_refuses_what_the_chart_would():
    (key, schema) = sorted(wrong(charts.CERT_MANAGER, {"replicacount": 2}))
    assert key == "replicacount is no key of chart cert-manager"
    assert "Additional properties are not allowed" in schema
    # Gone since 1.21, as the chart's release notes say.
    assert wrong(charts.CERT_MANAGER, {"prometheus": {"servicemonitor": {"path": "/metrics"}}}) != []


@needs_charts
def test_a_key_that_only_the_schema_has_is_known():
    assert wrong(charts.CERT_MANAGER, {"serviceAccount": {"name": "cert-manager"}}) == []


@needs_charts
def test_a_value_of_another_type_is_found():
    assert wrong(charts.LOAD_BALANCER_CONTROLLER, {"replicaCount": "2"}) == [
        "replicaCount is text ('2'), where the default is a number (2)"
    ]
    (mapping,) = wrong(charts.LOAD_BALANCER_CONTROLLER, {"serviceAccount": True})
    assert mapping.startswith("serviceAccount is a truth value (True), where the default is a mapping (")
    (refused,) = wrong(charts.EXTERNAL_DNS, {"policy": "everything"})
    assert refused.startswith("policy: 'everything' is not one of")


@needs_charts
def test_both_halves_of_container_resources_are_known_and_no_third():
    assert wrong(charts.ISTIOD, {"resources": {"limits": {"memory": "4Gi"}}}) == []
    assert wrong(charts.ISTIOD, {"resources": {"limit": {"memory": "4Gi"}}}) == [
        "resources.limit is no key of chart istiod"
    ]


@needs_charts
def test_the_values_of_a_dependency_are_held_against_its_own_chart():
    assert wrong(charts.PROMETHEUS_STACK, {"grafana": {"persistence": {"enabled": True}}}) == []
    assert wrong(charts.PROMETHEUS_STACK, {"grafana": {"persistance": {"enabled": True}}}) == [
        "grafana: persistance is no key of chart grafana"
    ]
    assert wrong(charts.PROMETHEUS_STACK, {"kube-state-metrics": {"replicas": "2"}}) == [
        "kube-state-metrics: replicas is text ('2'), where the default is a number (1)"
    ]


@needs_charts
def test_a_range_of_versions_another_version_and_another_address_are_found():
    right = release(charts.KEDA, {})
    assert "is not one exact version" in check_release({**right, "version": ">=2.20"})[0]
    assert "version 2.20.1 is not the saved one" in check_release({**right, "version": "2.20.1"})[0]
    elsewhere = {**right, "repositoryOpts": {"repo": "https://example.com/charts"}}
    assert "is not its address, https://kedacore.github.io/charts" in check_release(elsewhere)[0]
    assert "no chart of this name" in check_release({**right, "chart": "kedda"})[0]


# Custom resources

ISSUER: dict[str, Any] = {
    "apiVersion": "cert-manager.io/v1",
    "kind": "ClusterIssuer",
    "metadata": {"name": "letsencrypt-prod"},
    "spec": {
        "acme": {
            "server": "https://acme-v02.api.letsencrypt.org/directory",
            "privateKeySecretRef": {"name": "letsencrypt-prod"},
        }
    },
}


def refusals(changes: dict[str, Any]) -> list[str]:
    return check_custom_resource({**copy.deepcopy(ISSUER), **changes})


@needs_crds
def test_a_right_custom_resource_is_accepted():
    assert check_custom_resource(ISSUER) == []


@needs_crds
@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"apiVersion": "cert-manager.io/v1beta1"}, "version v1beta1 of cert-manager.io is not served, only v1"),
        ({"kind": "ClusterIssuers"}, "no CRD of cert-manager.io/ClusterIssuers is saved"),
        ({"spec": {"acme": {"server": "x"}}}, "spec.acme: 'privateKeySecretRef' is a required property"),
        ({"spec": {"acem": {}}}, "spec: Additional properties are not allowed ('acem' was unexpected)"),
        ({"specs": {}}, "the object: Additional properties are not allowed ('specs' was unexpected)"),
        ({"spec": {"selfSigned": {"crlDistributionPoints": "x"}}}, "is not of type 'array'"),
        ({"metadata": {"name": "a", "namespace": "b"}}, "the kind belongs to the whole cluster"),
        ({"metadata": {"name": "a", "lables": {}}}, "metadata.lables is no field to write"),
    ],
)
def test_a_wrong_custom_resource_is_refused(changes: dict[str, Any], problem: str):
    (found,) = refusals(changes)
    assert problem in found


@needs_crds
def test_top_level_fields_beside_the_spec_are_judged_too():
    snapshots = {
        "apiVersion": "snapshot.storage.k8s.io/v1",
        "kind": "VolumeSnapshotClass",
        "metadata": {"name": "a"},
        "driver": "ebs.csi.aws.com",
        "deletionPolicy": "Retain",
    }
    assert check_custom_resource(snapshots) == []
    assert "'Keep' is not one of" in check_custom_resource({**snapshots, "deletionPolicy": "Keep"})[0]


def test_a_field_that_the_api_server_would_drop_is_refused_unless_the_schema_keeps_it():
    text = {"type": "string"}
    strict = closed({"type": "object", "properties": {"a": {"type": "object", "properties": {"b": text}}}})
    assert strict["additionalProperties"] is False
    assert strict["properties"]["a"]["additionalProperties"] is False
    kept = closed({"type": "object", "x-kubernetes-preserve-unknown-fields": True})
    assert "additionalProperties" not in kept
    assert closed({"type": "object", "additionalProperties": text})["additionalProperties"] == text
    assert closed({"x-kubernetes-int-or-string": True})["type"] == ["integer", "string"]
    assert closed({"type": "string", "nullable": True})["type"] == ["string", "null"]


def test_a_pattern_in_gos_own_words_is_left_out_rather_than_misread():
    assert closed({"type": "string", "pattern": "^((?i)sun)day$"}) == {"type": "string"}
    assert closed({"type": "string", "pattern": "^[a-z]+$"})["pattern"] == "^[a-z]+$"
