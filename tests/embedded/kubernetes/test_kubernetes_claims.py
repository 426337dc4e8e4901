"""The claims of a StatefulSet: made with it, kept when it goes, grown by a patch, never made smaller."""

import pytest

from embedded.provider import ProviderError
from tests.embedded.kubernetes.cluster_world import STATEFUL_SET, World, stateful_set

PATCH = "kubernetes:core/v1:PersistentVolumeClaimPatch"


def sized(gib: int, **annotations: str) -> dict[str, object]:
    metadata = {"name": "data-worlds-0", "namespace": "game", "annotations": annotations}
    return {"metadata": metadata, "spec": {"resources": {"requests": {"storage": f"{gib}Gi"}}}}


def storage(world: World) -> str:
    claim = world.get("v1", "PersistentVolumeClaim", "data-worlds-0", "game")
    found: str = claim["spec"]["resources"]["requests"]["storage"]
    return found


def test_each_pod_has_its_claim_and_the_set_may_go_without_them(game: World):
    made = game.make(STATEFUL_SET, stateful_set(replicas=2))
    assert game.names("v1", "PersistentVolumeClaim", "game") == ["data-worlds-0", "data-worlds-1"]
    game.change(made, stateful_set(replicas=3))
    game.handler.delete(made.target, made.id, made.inputs, made.outputs)
    assert game.names("v1", "PersistentVolumeClaim", "game") == [f"data-worlds-{n}" for n in range(3)]
    assert all(item["kind"] != "PersistentVolumeClaim" for item in game.clusters.inventory()), "no user made them"


def test_a_claim_grows_by_force_since_its_size_is_the_controllers(game: World):
    game.make(STATEFUL_SET, stateful_set())
    made = game.make(PATCH, sized(10), "grown")
    with pytest.raises(ProviderError, match="kube-controller-manager"):
        game.change(made, sized(20))
    game.change(made, sized(20, **{"pulumi.com/patchForce": "true"}))
    assert storage(game) == "20Gi"


def test_a_claim_never_shrinks(game: World):
    game.make(STATEFUL_SET, stateful_set())
    with pytest.raises(ProviderError, match=r"can not be less than status\.capacity, which is 10Gi"):
        game.make(PATCH, sized(5, **{"pulumi.com/patchForce": "true"}))
    assert storage(game) == "10Gi"
