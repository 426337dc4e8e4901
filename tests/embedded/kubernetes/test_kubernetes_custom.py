"""Custom resources: only where their definition is, held to their schema, over providers and HTTP."""

import copy
import json
from urllib.parse import parse_qs, urlsplit

import pytest

from embedded.kubernetes import structural
from embedded.kubernetes.charts import known_crds
from embedded.kubernetes.http import handle_http
from embedded.provider import UNKNOWN, ProviderError
from tests.embedded.kubernetes.cluster_world import HOST, STATEFUL_SET, stateful_set, target
from tests.embedded.kubernetes.test_kubernetes_releases import KARPENTER_CRD, NODE_POOL, POOL, RELEASE, release

SNAPSHOT_CLASS = "kubernetes:snapshot.storage.k8s.io/v1:VolumeSnapshotClass"
SNAPSHOTS = {"metadata": {"name": "ebs"}, "driver": "ebs.csi.aws.com", "deletionPolicy": "Retain"}
BINDING = "kubernetes:elbv2.k8s.aws/v1beta1:TargetGroupBinding"
CERTIFICATE = "kubernetes:cert-manager.io/v1:Certificate"
DEFINITION = "kubernetes:apiextensions.k8s.io/v1:CustomResourceDefinition"
POOLS = "/apis/karpenter.sh/v1/nodepools"

# The published schemas lie beside the project, not in it.
published = pytest.mark.skipif(
    structural.published("karpenter.sh", "NodePool", "v1") is None, reason="../shared/crds is not here"
)


def worlds(scope="Namespaced"):
    """A definition of a user's own, with a schema."""
    spec = {
        "type": "object",
        "required": ["size"],
        "properties": {
            "size": {"type": "integer", "minimum": 1, "default": 4},
            "port": {"x-kubernetes-int-or-string": True, "pattern": "^[a-z]+$"},
            "mode": {"type": "string", "enum": ["peace", "war"]},
            "anything": {"type": "object", "x-kubernetes-preserve-unknown-fields": True},
            "labels": {"type": "object", "additionalProperties": {"type": "string"}},
            "regions": {
                "type": "array",
                "x-kubernetes-list-type": "map",
                "x-kubernetes-list-map-keys": ["name"],
                "items": {
                    "type": "object",
                    "required": ["name"],
                    "properties": {"name": {"type": "string"}, "seats": {"type": "integer", "default": 10}},
                },
            },
        },
    }
    schema = {"type": "object", "properties": {"spec": spec}}
    version = {"served": True, "schema": {"openAPIV3Schema": schema}}
    return {
        "metadata": {"name": "worlds.example.com"},
        "spec": {
            "group": "example.com",
            "scope": scope,
            "names": {"kind": "World", "plural": "worlds", "singular": "world", "listKind": "WorldList"},
            "versions": [{"name": "v1", "storage": True, **version}, {"name": "v1beta1", "storage": False, **version}],
        },
    }


WORLD = "kubernetes:example.com/v1:World"


def ask(world, method, path, body=None, content_type="application/json"):
    parts = urlsplit(path)
    content = b"" if body is None else json.dumps(body).encode()
    return handle_http(world.clusters, HOST, method, parts.path, parse_qs(parts.query), content, content_type)


def test_without_its_definition_a_custom_resource_is_refused_in_the_api_servers_words(world):
    said = 'no matches for kind "NodePool" in version "karpenter.sh/v1"'
    with pytest.raises(ProviderError, match=said):
        world.make(NODE_POOL, POOL)
    assert ask(world, "GET", POOLS)[0] == 404


@pytest.mark.parametrize(
    ("token", "namespace"), [(NODE_POOL, None), (BINDING, "default"), ("kubernetes:unheard.of/v1:Thing", "default")]
)
def test_before_its_definition_is_there_a_kind_has_a_namespace_if_its_chart_says_so_or_nobody(world, token, namespace):
    checked, _ = world.handler.check(target(token), None, {"metadata": {"name": "a"}})
    assert checked["metadata"].get("namespace") == namespace


def test_a_refresh_and_an_import_give_back_what_the_program_said(world):
    world.make(RELEASE, release())
    made = world.make(NODE_POOL, copy.deepcopy(POOL))
    assert made.id == "stateless"
    assert made.outputs["metadata"]["generation"] == 1
    assert world.refresh(made) == (made.id, made.inputs, made.outputs)
    assert world.import_(made) == made.inputs


def test_a_change_is_made_in_place_and_counts_a_generation(world):
    world.make(RELEASE, release())
    made = world.make(NODE_POOL, copy.deepcopy(POOL))
    changed = copy.deepcopy(POOL)
    changed["spec"]["limits"]["cpu"] = 500
    after = world.change(made, changed)
    assert (after.outputs["spec"]["limits"]["cpu"], after.outputs["metadata"]["generation"]) == (500, 2)
    world.handler.delete(after.target, after.id, after.inputs, after.outputs)
    assert world.refresh(after) is None


def test_fields_beside_spec_are_kept(world):
    chart = {"chart": "snapshot-controller", "repositoryOpts": {"repo": "https://piraeus.io/helm-charts/"}}
    world.make(RELEASE, release(**chart, version="5.2.0"))
    made = world.make(SNAPSHOT_CLASS, copy.deepcopy(SNAPSHOTS))
    assert (made.outputs["driver"], made.outputs["deletionPolicy"]) == ("ebs.csi.aws.com", "Retain")
    assert world.refresh(made)[1] == made.inputs
    changed = world.change(made, SNAPSHOTS | {"deletionPolicy": "Delete"})
    assert changed.outputs["deletionPolicy"] == "Delete"


@published
@pytest.mark.parametrize(
    ("path", "value", "field", "said"),
    [
        (("spec", "limit"), {"cpu": 1}, "spec.limit", "unknown field"),
        (("spec", "template", "spec", "nodeClassRef"), None, "spec.template.spec.nodeClassRef", "required value"),
        (("spec", "disruption", "consolidateAfter"), "30 s", "spec.disruption.consolidateAfter", "must match ^(("),
        (("spec", "disruption", "consolidationPolicy"), "Never", "spec.disruption.consolidationPolicy", "one of"),
        (("spec", "weight"), "1", "spec.weight", "must be integer, not string"),
        (("spec", "limits", "cpu"), [], "spec.limits.cpu", "must be integer or string, not array"),
        (("metadata", "label"), {}, "metadata.label", "unknown field"),
        (("metadata", "namespace"), "game", "metadata.namespace", "belongs to no namespace"),
    ],
)
def test_a_published_schema_is_held_to_strictly_even_before_its_chart_is_there(world, path, value, field, said):
    inputs = copy.deepcopy(POOL)
    place = inputs
    for step in path[:-1]:
        place = place[step]
    if value is None:
        del place[path[-1]]
    else:
        place[path[-1]] = value
    assert said in world.failures(NODE_POOL, inputs)[field]
    assert world.failures(NODE_POOL, POOL) == {}


@published
def test_values_that_are_not_known_yet_fit_everywhere(world):
    inputs = copy.deepcopy(POOL)
    inputs["spec"]["limits"] = UNKNOWN
    inputs["spec"]["template"]["spec"]["requirements"][0]["values"] = [UNKNOWN]
    assert world.failures(NODE_POOL, inputs) == {}
    binding = {"metadata": {"name": "a"}, "spec": {"targetGroupARN": UNKNOWN, "serviceRef": {"name": "a", "port": 80}}}
    assert world.failures(BINDING, binding) == {}


@published
def test_defaults_of_a_schema_are_filled_in_and_are_no_drift(world):
    world.make(RELEASE, release())
    inputs = copy.deepcopy(POOL)
    del inputs["spec"]["disruption"]["consolidationPolicy"]
    made = world.make(NODE_POOL, inputs)
    assert made.outputs["spec"]["disruption"]["consolidationPolicy"] == "WhenEmptyOrUnderutilized"
    assert world.refresh(made)[1] == made.inputs


@published
def test_the_table_names_the_versions_that_the_projects_serve(world):
    """Kinds that are not stored (two of KEDA, two of Prometheus, five of PostgreSQL) are taken as they are."""
    index = {
        (kind["group"], kind["kind"]): set(kind["served"])
        for row in json.loads((structural.FOLDER / "index.json").read_text())
        for kind in row["kinds"]
    }
    stored = [crd for key, crd in known_crds().items() if key in index]
    assert (len(known_crds()), len(stored)) == (85, 76)
    assert [crd for crd in stored if index[crd.group, crd.kind] != set(crd.versions)] == []


@pytest.mark.parametrize(
    ("spec", "problems"),
    [
        ({}, {}),
        ({"size": 0}, {"spec.size": "does not fit minimum 1"}),
        ({"port": "game"}, {}),
        ({"port": 7777}, {}),
        ({"port": "7"}, {"spec.port": "must match ^[a-z]+$"}),
        ({"mode": "truce"}, {"spec.mode": "must be one of peace, war"}),
        ({"anything": {"a": {"b": [1]}}}, {}),
        ({"labels": {"a": "b"}}, {}),
        ({"labels": {"a": 1}}, {"spec.labels.a": "must be string, not integer"}),
        ({"sise": 4}, {"spec.sise": "unknown field"}),
        ({"regions": [{"seats": 4}]}, {"spec.regions[0].name": "required value"}),
    ],
)
def test_a_definition_of_the_users_own_holds_its_objects_to_its_schema(world, spec, problems):
    world.make(DEFINITION, worlds())
    assert world.failures(WORLD, {"metadata": {"name": "a"}, "spec": spec}) == problems


def test_lists_and_free_fields_of_a_custom_resource_are_owned_item_by_item(world):
    world.make(DEFINITION, worlds())
    spec = {"regions": [{"name": "us"}, {"name": "eu", "seats": 5}], "anything": {"mine": {"a": 1}}}
    made = world.make(WORLD, {"metadata": {"name": "a"}, "spec": spec})
    assert made.outputs["spec"]["regions"] == [{"name": "us", "seats": 10}, {"name": "eu", "seats": 5}]
    live = world.get("example.com/v1", "World", "a")
    live["spec"]["regions"].append({"name": "asia"})
    live["spec"]["anything"]["theirs"] = 2
    world.api.replace(live)
    changed = {"regions": [{"name": "us", "seats": 7}], "anything": {}}
    after = world.change(made, {"metadata": {"name": "a"}, "spec": changed}).outputs["spec"]
    assert after["regions"] == [{"name": "us", "seats": 7}, {"name": "asia", "seats": 10}]
    assert after["anything"] == {"theirs": 2}


def test_deleting_a_definition_takes_its_objects_unless_finalizers_hold_one(world):
    definition = world.make(DEFINITION, worlds())
    made = world.make(WORLD, {"metadata": {"name": "a", "finalizers": ["example.com/hold"]}, "spec": {}})
    with pytest.raises(ProviderError, match='holds World "a", whose finalizers keep it'):
        world.handler.delete(definition.target, definition.id, definition.inputs, definition.outputs)
    live = world.get("example.com/v1", "World", "a")
    del live["metadata"]["finalizers"]
    world.api.replace(live)
    world.handler.delete(definition.target, definition.id, definition.inputs, definition.outputs)
    assert world.refresh(made) is None
    assert world.clusters.inventory() == []


def test_http_serves_custom_kinds_at_their_plural_and_in_every_version_of_theirs(world):
    world.make(DEFINITION, worlds())
    path = "/apis/example.com/v1/namespaces/default/worlds"
    assert ask(world, "POST", path, {"metadata": {"name": "a"}, "spec": {}})[1]["spec"] == {"size": 4}
    assert ask(world, "GET", f"{path}/a")[1]["apiVersion"] == "example.com/v1"
    older = ask(world, "GET", "/apis/example.com/v1beta1/worlds")[1]
    assert (older["kind"], [item["apiVersion"] for item in older["items"]]) == ("WorldList", ["example.com/v1beta1"])
    merged = ask(world, "PATCH", f"{path}/a", {"spec": {"size": 9}}, "application/merge-patch+json")
    assert (merged[0], merged[1]["spec"]) == (200, {"size": 9})
    assert ask(world, "PATCH", f"{path}/a", {"spec": {"sise": 9}}, "application/merge-patch+json")[0] == 422
    assert ask(world, "DELETE", f"{path}/a")[1]["status"] == "Success"
    group = ask(world, "GET", "/apis/example.com")[1]
    assert group["preferredVersion"]["version"] == "v1", "stable versions come before beta ones"
    [kind] = ask(world, "GET", "/apis/example.com/v1")[1]["resources"]
    assert (kind["name"], kind["kind"], kind["namespaced"]) == ("worlds", "World", True)


def test_http_serves_the_kinds_of_a_release(world):
    assert ask(world, "POST", POOLS, POOL)[0] == 404
    world.make(RELEASE, release(chart=KARPENTER_CRD))
    status, made = ask(world, "POST", POOLS, copy.deepcopy(POOL))
    assert (status, made["kind"], "namespace" in made["metadata"]) == (201, "NodePool", False)
    assert ask(world, "DELETE", f"{POOLS}/stateless")[0] == 200


def test_a_certificates_secret_is_there_for_the_pods_that_mount_it(game):
    chart = {"repositoryOpts": {"repo": "https://charts.jetstack.io"}, "values": {"crds": {"enabled": True}}}
    game.make(RELEASE, release("cert-manager", "v1.21.1", **chart))
    spec = {"secretName": "world-tls", "dnsNames": ["world"], "issuerRef": {"name": "authority"}}
    game.make(
        "kubernetes:cert-manager.io/v1:Certificate", {"metadata": {"name": "t", "namespace": "game"}, "spec": spec}
    )
    inputs = stateful_set()
    tls = {"secretName": "world-tls", "items": [{"key": "ca.crt", "path": "ca.crt"}]}
    inputs["spec"]["template"]["spec"]["volumes"] = [{"name": "tls", "secret": tls}]
    assert game.make(STATEFUL_SET, inputs).id == "game/worlds"
    assert all(item["name"] != "world-tls" for item in game.clusters.inventory()), "cert-manager made it, no user"
