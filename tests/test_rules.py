"""Rules over every resource of every shipped stack, checked here by other means than the program's own rules."""

import inspect
import json
import re

import kubernetes_validate
import pytest

from bench.flat import class_of
from embedded.kubernetes.charts import known_crds
from plan.document import document
from plan.objects import objects_of
from plan.recorder import Recording
from plan.values import SECRET, references
from stacks.settings import StackSettings
from tests.shipped import leaves

TAG = "game-regions/urn"
DEFINITION = "CustomResourceDefinition"
ELSEWHERE = ("-registry-", "-aws-copies")  # providers of what stands in another AWS region than its own


def test_no_finding_stands_against_a_shipped_stack(shipped: Recording, shipped_settings: StackSettings):
    assert document(shipped, shipped_settings)["findings"] == []


def test_every_resource_belongs_to_a_region_of_the_file_or_to_the_edge(
    shipped: Recording, shipped_settings: StackSettings
):
    found = {resource.region for resource in shipped.resources}
    assert found == {*shipped_settings.regions, *(["edge"] if shipped_settings.edge else [])}


def test_every_resource_carries_its_own_regions_provider(shipped: Recording):
    providers = {resource.urn: resource for resource in shipped.resources}
    for resource in leaves(shipped):
        assert resource.provider, f"{resource.urn} is left to a default provider, whose region is anybody's guess"
        provider = providers[resource.provider]
        assert provider.type == f"pulumi:providers:{resource.type.split(':')[0]}", resource.urn
        assert provider.region == resource.region, f"{resource.urn} uses {provider.name}"


def test_an_aws_provider_names_the_place_of_its_region(shipped: Recording, shipped_settings: StackSettings):
    places = {name: region.aws.region for name, region in shipped_settings.regions.items()}
    if shipped_settings.edge:
        places["edge"] = shipped_settings.edge.aws.region
    providers = [
        r
        for r in shipped.resources
        if r.type == "pulumi:providers:aws" and not any(kind in r.name for kind in ELSEWHERE)
    ]
    given = {r.region: r.inputs["region"] for r in providers}
    assert given == places


def test_a_kubernetes_provider_is_tied_to_its_cluster_by_a_name_that_never_changes(shipped: Recording):
    found = [r for r in shipped.resources if r.type == "pulumi:providers:kubernetes"]
    clusters = {r.region: r.inputs["name"] for r in shipped.resources if r.type == "aws:eks/cluster:Cluster"}
    assert {r.region for r in found} == set(clusters)
    for provider in found:
        # Known before the cluster is: without it a kubeconfig that changes replaces every object in the cluster.
        assert provider.inputs["clusterIdentifier"] == clusters[provider.region]


def test_every_leaf_stands_in_a_component(shipped: Recording):
    components = {resource.urn for resource in shipped.resources if not resource.custom}
    assert [r.urn for r in leaves(shipped) if r.parent not in components] == []


def test_every_component_has_a_token_of_the_project(shipped: Recording):
    tokens = {resource.type for resource in shipped.resources if not resource.custom}
    assert [token for token in sorted(tokens) if not re.fullmatch(r"gameregions:[a-z]+:[A-Z]\w+", token)] == []


PROTECTED = {
    "aws:ec2/vpc:Vpc",
    "aws:eks/cluster:Cluster",
    "aws:kms/key:Key",
    "kubernetes:apps/v1:StatefulSet",
    "random:index/randomPassword:RandomPassword",
}


def test_what_cannot_be_made_again_is_protected_where_the_stack_says_so(
    shipped: Recording, shipped_settings: StackSettings
):
    protected = {resource.urn for resource in shipped.resources if resource.protect}
    # Grafana keeps nothing: it takes a new password at its next start.
    precious = {r.urn for r in shipped.resources if r.type in PROTECTED and not r.name.endswith("-grafana-admin")}
    if shipped_settings.protect:
        assert precious <= protected
    else:
        assert protected == set()


def test_every_manifest_is_valid_for_its_clusters_version(shipped: Recording, shipped_settings: StackSettings):
    # A patch is no whole object; custom resources are held against their own CRDs in tests/test_charts.py.
    every = [item for item in objects_of(shipped) if not item.is_patch]
    own = {
        (item.body["spec"]["group"], item.body["spec"]["names"]["kind"]) for item in every if item.kind == DEFINITION
    }
    custom = {*known_crds(), *own}
    items = [item for item in every if (item.group, item.kind) not in custom]
    assert items
    for item in items:
        version = shipped_settings.regions[item.resource.region or ""].cluster.version
        assert kubernetes_validate.validate(item.body, version, strict=True) == version


def test_no_secret_is_plain_anywhere(shipped: Recording):
    passwords = {r.urn for r in shipped.resources if r.type == "random:index/randomPassword:RandomPassword"}
    for resource in shipped.resources:
        text = json.dumps([resource.inputs, resource.resolved])
        leaked = [urn for urn, name in references(text) if urn in passwords and name in ("result", "bcryptHash")]
        assert leaked == [], f"{resource.urn} holds a password in plain sight"
        if resource.type == "kubernetes:core/v1:Secret":
            assert resource.secrets, resource.urn
            assert set(resource.resolved["stringData"].values()) == {SECRET}, resource.urn
        if resource.type == "pulumi:providers:kubernetes":
            assert resource.inputs["kubeconfig"] == SECRET, resource.urn
    for facts in shipped.outputs["regions"].values():
        assert facts["kubeconfig"] == SECRET


def test_ignored_changes_are_named_as_the_engine_names_them(shipped: Recording):
    paths = [path for resource in shipped.resources for path in resource.options["ignoreChanges"]]
    assert paths
    assert [path for path in paths if "_" in path] == [], "a path in snake_case matches nothing and ignores nothing"


def test_the_size_of_a_node_pool_is_left_to_its_autoscaler(shipped: Recording):
    for resource in shipped.resources:
        if resource.type == "aws:eks/nodeGroup:NodeGroup":
            assert resource.options["ignoreChanges"] == ["scalingConfig.desiredSize"], resource.urn


def test_everything_taggable_carries_its_urn_within_the_limit_of_a_tag(shipped: Recording):
    tagged = 0
    for resource in leaves(shipped):
        if not resource.type.startswith("aws:"):
            continue
        # The SDK's own constructor says what can be tagged; _internal_init has the arguments by name.
        takes_tags = "tags" in inspect.signature(vars(class_of(resource.type))["_internal_init"]).parameters
        tag = (resource.resolved.get("tags") or {}).get(TAG)
        assert (tag is not None) == takes_tags, resource.urn
        if tag is not None:
            tagged += 1
            assert tag == resource.urn.replace("$", "@")
            assert len(tag) <= 256, resource.urn
    assert tagged


@pytest.mark.parametrize("path", ["name", "bucket"])
def test_physical_names_of_aws_begin_with_the_game_and_the_region(
    shipped: Recording, shipped_settings: StackSettings, path: str
):
    for resource in leaves(shipped):
        name = resource.resolved.get(path)
        # An inline policy's name is its own within its role, whose name says the rest, and a record's within its zone.
        if resource.type in ("aws:iam/rolePolicy:RolePolicy", "aws:route53/record:Record"):
            continue
        if not isinstance(name, str) or name.startswith("${"):  # what another resource will say is judged there
            continue
        if resource.type.startswith("aws:") and resource.region != "edge":
            assert f"{shipped_settings.game}-{resource.region}" in name, resource.urn


def test_no_value_is_the_text_of_a_missing_one(shipped: Recording):
    for resource in shipped.resources:
        # A Service's clusterIP is "None" and nothing more; within a longer text the word is a missing value, but in
        # the scripts of a ConfigMap, which are Python.
        shown = {key: value for key, value in resource.resolved.items() if not resource.type.endswith(":ConfigMap")}
        assert not re.search(r'[^"\w]None\b|\bNone[^"\w]|<pulumi\.', json.dumps(shown)), resource.urn
