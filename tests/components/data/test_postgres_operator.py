"""CloudNativePG and its plugin: one namespace, the operator first, two of it of which one may be missing."""

import pulumi

from components.chart_images import IMAGES
from components.charts import BARMAN_CLOUD, CLOUDNATIVE_PG
from components.data.postgres.operator import LABELS, PostgresOperator, PostgresOperatorArgs, operator_values
from plan.recorder import Recording
from tests.charts import RELEASE, check_release, needs_charts
from tests.components.data.brokers_ground import standing_in
from tests.engine import all_of, build, named, only

CERT_MANAGER = "us-east-cert-manager"


def operators() -> Recording:
    return build(lambda: PostgresOperator("us-east", PostgresOperatorArgs(cert_manager=standing_in(CERT_MANAGER))))


def test_the_plugin_comes_after_the_operator_in_the_same_namespace():
    built = operators()
    operator, plugin = (named(built, f"us-east-{name}", RELEASE) for name in ("cloudnative-pg", "plugin-barman-cloud"))
    assert operator.urn in plugin.depends_on
    assert operator.resolved["namespace"] == plugin.resolved["namespace"] == "cnpg-system"


def test_only_the_plugin_waits_for_the_certificates_by_which_the_operator_knows_it():
    built = operators()
    awaited = named(built, CERT_MANAGER).urn
    found = {one.name for one in built.resources if awaited in one.depends_on}
    assert found == {"us-east-plugin-barman-cloud"}


def test_the_namespace_is_of_the_strictest_level_and_goes_before_the_nodes():
    def program() -> None:
        nodes = pulumi.CustomResource("aws:eks/nodeGroup:NodeGroup", "us-east-pool-system", {})
        PostgresOperator("us-east", PostgresOperatorArgs(cert_manager=standing_in(CERT_MANAGER), after=(nodes,)))

    built = build(program)
    namespace = only(built, "kubernetes:core/v1:Namespace")
    assert namespace.inputs["metadata"]["labels"]["pod-security.kubernetes.io/enforce"] == "restricted"
    assert named(built, "us-east-pool-system").urn in namespace.depends_on


def test_one_of_two_operators_may_be_missing_and_each_stands_in_another_zone_if_it_can():
    values = operator_values()
    assert values["replicaCount"] == 2
    (spread,) = values["topologySpreadConstraints"]
    budget = only(operators(), "kubernetes:policy/v1:PodDisruptionBudget").resolved["spec"]
    assert budget["maxUnavailable"] == 1
    assert budget["selector"]["matchLabels"] == spread["labelSelector"]["matchLabels"] == LABELS


def test_a_cache_serves_the_sidecar_too():
    assert IMAGES[BARMAN_CLOUD] == {"image.registry": "ghcr.io", "sidecarImage.registry": "ghcr.io"}
    assert IMAGES[CLOUDNATIVE_PG]["image.repository"].startswith("ghcr.io/")


@needs_charts
def test_every_value_is_one_that_its_chart_knows():
    for release in all_of(operators(), RELEASE):
        assert check_release(release.resolved) == []
