"""Patches of objects made elsewhere: fields tracked by owner, conflicts, and what a delete lets go of."""

import pytest

from embedded.kubernetes.api import ClusterFacts
from embedded.provider import ProviderError, Replacement
from tests.embedded.kubernetes.cluster_world import CONFIG_MAP, HOST, STATEFUL_SET, stateful_set, target

CLASS_PATCH = "kubernetes:storage.k8s.io/v1:StorageClassPatch"
NAMESPACE_PATCH = "kubernetes:core/v1:NamespacePatch"
MAP_PATCH = "kubernetes:core/v1:ConfigMapPatch"
DEFAULT = "storageclass.kubernetes.io/is-default-class"
GP2 = {"metadata": {"name": "gp2", "annotations": {DEFAULT: "false"}}}
FORCE = {"pulumi.com/patchForce": "true"}


def on_map(data, **annotations):
    metadata = {"name": "settings", "namespace": "game"} | ({"annotations": annotations} if annotations else {})
    return {"metadata": metadata, "data": data}


def live_map(world):
    return world.get("v1", "ConfigMap", "settings", "game")


def drop(world, made):
    world.handler.delete(made.target, made.id, made.inputs, made.outputs)


def test_a_patch_changes_what_the_cluster_brought_and_lets_go_of_it_when_deleted(world):
    before = world.get("storage.k8s.io/v1", "StorageClass", "gp2")
    made = world.make(CLASS_PATCH, GP2)
    assert (made.id, made.inputs["kind"]) == ("gp2", "StorageClass")
    assert made.outputs["metadata"]["annotations"] == {DEFAULT: "false"}
    assert made.outputs["provisioner"] == "kubernetes.io/aws-ebs"
    assert world.refresh(made) == (made.id, made.inputs, made.outputs)
    assert world.import_(made) == made.inputs
    for _ in range(2):
        drop(world, made)
    after = world.get("storage.k8s.io/v1", "StorageClass", "gp2")
    assert DEFAULT not in after["metadata"].get("annotations", {})
    assert (after["metadata"]["uid"], after["parameters"]) == (before["metadata"]["uid"], before["parameters"])
    assert world.clusters.inventory() == [], "a patch makes no object of its own"


def test_an_update_changes_its_own_fields_and_gives_up_those_it_no_longer_states(world):
    labels = {"pod-security.kubernetes.io/enforce": "privileged", "team": "ops"}
    made = world.make(NAMESPACE_PATCH, {"metadata": {"name": "kube-system", "labels": labels}})
    changed = world.change(made, {"metadata": {"name": "kube-system", "labels": {"team": "games"}}})
    found = changed.outputs["metadata"]["labels"]
    assert found == {"kubernetes.io/metadata.name": "kube-system", "team": "games"}


def test_a_patch_of_what_is_not_there_is_refused_and_makes_nothing(game):
    with pytest.raises(ProviderError, match='configmaps "gone" not found'):
        game.make(MAP_PATCH, {"metadata": {"name": "gone", "namespace": "game"}, "data": {"a": "1"}})
    assert game.names("v1", "ConfigMap", "game") == ["settings"]


def test_a_patch_without_a_name_or_with_an_unknown_field_is_refused_and_required_fields_are_the_objects(world):
    assert "a patch names the object" in world.failures(CLASS_PATCH, {"metadata": {}})["metadata.name"]
    assert world.failures(CLASS_PATCH, {**GP2, "provisoner": "x"}) == {"provisoner": "unknown field"}
    assert world.failures(CLASS_PATCH, GP2) == {}, "a whole StorageClass would need a provisioner"


def test_what_the_result_may_not_be_is_refused_as_for_any_update(world):
    with pytest.raises(ProviderError, match="provisioner: field is immutable"):
        world.make(CLASS_PATCH, {"metadata": {"name": "gp2", "annotations": FORCE}, "provisioner": "ebs.csi.aws.com"})
    assert world.get("storage.k8s.io/v1", "StorageClass", "gp2")["provisioner"] == "kubernetes.io/aws-ebs"


def test_a_field_of_another_manager_is_a_conflict_unless_the_patch_takes_it_by_force(game):
    with pytest.raises(ProviderError, match=r'1 conflict: conflict with "pulumi-kubernetes" using v1: \.data\.world'):
        game.make(MAP_PATCH, on_map({"world.yaml": "size: 9"}))
    assert game.make(MAP_PATCH, on_map({"world.yaml": "size: 4"}), "same").id == "game/settings"
    taken = game.make(MAP_PATCH, on_map({"world.yaml": "size: 9"}, **FORCE), "forced")
    assert live_map(game)["data"] == {"world.yaml": "size: 9"}
    drop(game, taken)
    assert "data" not in live_map(game), "who took the field held it alone"


def test_what_the_cluster_brought_is_taken_by_force_only(world):
    world.facts[HOST.lower()] = ClusterFacts("game", "1.29")  # where gp2 still is the default class
    with pytest.raises(ProviderError, match=r'conflict with "eks" using storage\.k8s\.io/v1'):
        world.make(CLASS_PATCH, GP2)
    forced = {"metadata": {"name": "gp2", "annotations": {DEFAULT: "false", **FORCE}}}
    assert world.make(CLASS_PATCH, forced).outputs["metadata"]["annotations"][DEFAULT] == "false"


def test_a_patch_deep_in_a_workload_lets_go_of_its_own_fields_only(game):
    game.make(STATEFUL_SET, stateful_set())
    before = game.get("apps/v1", "StatefulSet", "worlds", "game")["spec"]
    container = {"name": "world", "env": [{"name": "A", "value": "1"}], "securityContext": {"runAsUser": 1000}}
    tuner = {"name": "tuner", "image": "registry.example/tuner:1"}
    pod = {"containers": [container, tuner], "nodeSelector": {"pool": "game"}}
    patch = {"metadata": {"name": "worlds", "namespace": "game"}, "spec": {"template": {"spec": pod}}}
    made = game.make("kubernetes:apps/v1:StatefulSetPatch", patch)
    live = game.get("apps/v1", "StatefulSet", "worlds", "game")["spec"]["template"]["spec"]
    assert [item["name"] for item in live["containers"]] == ["world", "tuner"]
    assert live["containers"][0]["env"] == [{"name": "A", "value": "1"}]
    assert live["containers"][0]["ports"] == before["template"]["spec"]["containers"][0]["ports"]
    drop(game, made)
    assert game.get("apps/v1", "StatefulSet", "worlds", "game")["spec"] == before


def test_two_patches_of_one_object_do_not_disturb_each_other(game):
    one = game.make(MAP_PATCH, on_map({"a": "1", "shared": "x"}), "one")
    two = game.make(MAP_PATCH, on_map({"b": "2", "shared": "x"}), "two")
    assert one.outputs["__fieldManager"] != two.outputs["__fieldManager"]
    drop(game, one)
    assert live_map(game)["data"] == {"world.yaml": "size: 4", "b": "2", "shared": "x"}
    drop(game, two)
    assert live_map(game)["data"] == {"world.yaml": "size: 4"}


def test_a_patch_may_name_its_manager_and_a_new_name_takes_the_fields_along(game):
    made = game.make(MAP_PATCH, on_map({"a": "1"}, **{"pulumi.com/patchFieldManager": "tuner"}))
    assert made.outputs["__fieldManager"] == "tuner"
    moved = game.change(made, on_map({"b": "2"}, **{"pulumi.com/patchFieldManager": "other"}))
    assert live_map(game)["data"] == {"world.yaml": "size: 4", "b": "2"}
    managers = {entry["manager"] for entry in live_map(game)["metadata"]["managedFields"]}
    assert managers == {"pulumi-kubernetes", "other"}
    drop(game, moved)
    assert live_map(game)["data"] == {"world.yaml": "size: 4"}


def test_a_hand_made_change_shows_as_drift_of_the_patched_fields_only(game):
    made = game.make(MAP_PATCH, on_map({"a": "1"}))
    live = live_map(game)
    live["data"] |= {"a": "9", "c": "3"}
    game.api.replace(live)
    assert game.refresh(made)[1]["data"] == {"a": "9"}


def test_name_and_namespace_replace_a_patch(world):
    paths = ["metadata.name", "metadata.namespace", "data.a", 'metadata.annotations["x"]']
    found = world.handler.replacement(target(MAP_PATCH), "game/settings", {}, {}, paths)
    assert found == Replacement(("metadata.name", "metadata.namespace"))


def test_a_patch_goes_quietly_when_its_object_has_gone(game):
    made = game.make(MAP_PATCH, on_map({"a": "1"}))
    whole = target(CONFIG_MAP)
    game.handler.delete(whole, "game/settings", {}, {})
    assert game.refresh(made) is None
    drop(game, made)
