"""Where images come from: the game's own registry, the cache, or as they are called; and how charts are told so."""

from collections.abc import Iterator, Mapping
from typing import Any

import pulumi
import pytest

from components import charts
from components.chart_images import IMAGES, images_from
from components.charts import Chart, install
from components.operations.image_cache import cached_folders
from components.operations.image_source import ImageSource
from tests.charts import RELEASE, check_release, defaults, merged, needs_charts
from tests.engine import all_of, build, only
from tests.shipped import recording_of

HOST = "123456789012.dkr.ecr.us-east-1.amazonaws.com"
DIGEST = f"@sha256:{'0a' * 32}"
SECRETS = {"hub": "arn:hub", "ghcr": "arn:ghcr"}
# Places of images that no pod of ours has, by chart, and the value that keeps each of them from being used.
UNUSED = {
    charts.PROMETHEUS_STACK: {
        "crds.upgradeJob.image.busybox.registry": "crds.upgradeJob.enabled",
        "crds.upgradeJob.image.kubectl.registry": "crds.upgradeJob.enabled",
        "grafana.downloadDashboardsImage.registry": "grafana.dashboards",
        "grafana.imageRenderer.image.registry": "grafana.imageRenderer.enabled",
        "grafana.initChownData.image.registry": "grafana.persistence.enabled",
        "grafana.testFramework.image.registry": "grafana.testFramework.enabled",
        "kube-state-metrics.kubeRBACProxy.image.registry": "kube-state-metrics.kubeRBACProxy.enabled",
        "prometheus-node-exporter.kubeRBACProxy.image.registry": "prometheus-node-exporter.kubeRBACProxy.enabled",
        "prometheus-node-exporter.permissionInitContainer.image.registry": (
            "prometheus-node-exporter.permissionInitContainer.enabled"
        ),
        "prometheusOperator.admissionWebhooks.deployment.image.registry": (
            "prometheusOperator.admissionWebhooks.deployment.enabled"
        ),
        "prometheusOperator.thanosImage.registry": "prometheus.prometheusSpec.thanos",
        "thanosRuler.thanosRulerSpec.image.registry": "thanosRuler.enabled",
    },
    charts.SNAPSHOT_CONTROLLER: {"webhook.image.repository": "webhook.enabled"},
}


def source(**credentials: str) -> ImageSource:
    return ImageSource(
        registry=HOST,
        own=frozenset({"mmorpg/game-server"}),
        cached=cached_folders("mmorpg-us-east", credentials),
    )


def called(image: str, **credentials: str) -> str:
    """What a region calls an image."""
    return str(build(lambda: {"image": source(**credentials).image(image)}).outputs["image"])


@pytest.mark.parametrize("image", ["mmorpg/game-server:v2.1.0", f"mmorpg/game-server:v2.1.0{DIGEST}"])
def test_a_region_pulls_the_games_images_from_its_own_registry(image: str):
    assert called(image) == f"{HOST}/{image}"


@pytest.mark.parametrize(
    ("image", "cached"),
    [
        (
            f"quay.io/jetstack/cert-manager-controller:v1.21.1{DIGEST}",
            f"quay/jetstack/cert-manager-controller:v1.21.1{DIGEST}",
        ),
        (f"public.ecr.aws/karpenter/controller:1.14.1{DIGEST}", f"ecr/karpenter/controller:1.14.1{DIGEST}"),
        ("registry.k8s.io/external-dns/external-dns:v0.21.0", "k8s/external-dns/external-dns:v0.21.0"),
        ("docker.io/istio/pilot:1.30.3", "hub/istio/pilot:1.30.3"),
        ("istio/pilot:1.30.3", "hub/istio/pilot:1.30.3"),
        ("redis:7.2.5", "hub/library/redis:7.2.5"),
        ("other/game-server:v2.1.0", "hub/other/game-server:v2.1.0"),
    ],
)
def test_a_cached_image_keeps_its_tag_and_its_digest(image: str, cached: str):
    assert called(image, hub="arn:hub") == f"{HOST}/mmorpg-us-east/{cached}"


@pytest.mark.parametrize(
    "image",
    ["ghcr.io/kedacore/keda:2.20.2", "redis:7.2.5", "mmorpg/world:v2.1.0", f"{HOST}/mmorpg/game-server:v2.1.0"],
)
def test_an_image_that_is_neither_the_games_own_nor_cached_keeps_its_name(image: str):
    assert called(image) == image


def release(chart: Chart, values: dict[str, Any], **credentials: str) -> dict[str, Any]:
    """A release below a component that takes its images from the cache."""

    def program() -> None:
        options = pulumi.ResourceOptions(transformations=images_from(source(**credentials)))
        component = pulumi.ComponentResource("test:index:Component", "us-east", None, options)
        install("us-east-it", chart, name="it", namespace="it", values=values, parent=component)

    return only(build(program), RELEASE).resolved


def at(values: Any, path: str) -> Any:
    for key in path.split("."):
        values = values.get(key, {})
    return values


def named_places(values: Mapping[str, Any], *path: str) -> Iterator[tuple[str, str]]:
    """Key and value of everything in a chart's values that names one of the registries, or images in it."""
    for key, value in values.items():
        if isinstance(value, Mapping):
            yield from named_places(value, *path, key)
        elif isinstance(value, str) and value.partition("/")[0] in source(**SECRETS).cached:
            yield ".".join((*path, key)), value


@needs_charts
@pytest.mark.parametrize("chart", [chart for chart in vars(charts).values() if isinstance(chart, Chart)])
def test_every_place_of_images_that_a_chart_names_is_moved_or_never_used(chart: Chart):
    moved = dict(IMAGES.get(chart, {}))
    if chart == charts.ISTIOD:
        assert moved.pop("global.hub") == "docker.io/istio", "the chart's own default is a registry of test builds"
    found, unused = dict(named_places(defaults(chart))), UNUSED.get(chart, {})
    assert unused.keys() <= found.keys()
    assert {path: place for path, place in found.items() if path not in unused} == moved


@needs_charts
@pytest.mark.parametrize("chart", UNUSED)
def test_what_is_not_moved_is_switched_off(chart: Chart):
    for resource in all_of(recording_of("prod"), RELEASE):
        if resource.resolved["chart"] == chart.name:
            values = merged(defaults(chart), resource.resolved["values"])
            assert [switch for switch in UNUSED[chart].values() if at(values, switch)] == []


@needs_charts
@pytest.mark.parametrize("chart", IMAGES)
def test_a_chart_takes_all_its_images_from_the_cache(chart: Chart):
    resolved = release(chart, {}, **SECRETS)
    assert check_release(resolved) == []
    for path, place in IMAGES[chart].items():
        host, _, rest = place.partition("/")
        assert at(resolved["values"], path) == f"{HOST}/{source(**SECRETS).cached[host]}{'/' * bool(rest)}{rest}"


def test_other_values_stay_as_they_were_given():
    given = {"global": {"hub": "docker.io/istio", "tag": "1.30.3"}, "autoscaleMin": 2}
    moved = release(charts.ISTIOD, given, **SECRETS)["values"]
    hub = f"{HOST}/mmorpg-us-east/hub/istio"
    assert moved == {"global": {"hub": hub, "tag": "1.30.3"}, "autoscaleMin": 2}
    assert given["global"] == {"hub": "docker.io/istio", "tag": "1.30.3"}


def test_a_chart_of_a_closed_registry_without_a_credential_is_left_alone():
    assert release(charts.KEDA, {"image": {"pullPolicy": "Always"}})["values"] == {"image": {"pullPolicy": "Always"}}


def test_without_a_cache_no_release_is_touched():
    assert images_from(ImageSource(registry=HOST)) == []
