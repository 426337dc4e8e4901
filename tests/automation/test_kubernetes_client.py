"""Looking for what an interrupted create made in a cluster: objects, custom resources, patches, Helm releases."""

from types import SimpleNamespace

import pytest

from automation.errors import Refused
from automation.kubernetes_client import find_kubernetes
from tests.embedded.kubernetes.cluster_world import CONFIG_MAP, KUBECONFIG, SETTINGS
from tests.embedded.kubernetes.conftest import game, served, world  # noqa: F401 - fixtures
from tests.embedded.kubernetes.test_kubernetes_patches import CLASS_PATCH, GP2
from tests.embedded.kubernetes.test_kubernetes_releases import NODE_POOL, POOL, RELEASE, release


@pytest.fixture
def find(served):  # noqa: F811
    """Look as recovery does, with the inputs that the engine wrote down."""
    folder, cloud = SimpleNamespace(token=lambda: "token"), SimpleNamespace(url=served)
    return lambda type_, inputs: find_kubernetes({"kubeconfig": KUBECONFIG}, type_, inputs, folder, cloud)


def checked(game, type_, inputs):  # noqa: F811
    return game.make(type_, inputs).inputs


def test_an_object_that_was_made_is_found_and_one_that_was_not_is_not(game, find):  # noqa: F811
    inputs = {"apiVersion": "v1", "kind": "ConfigMap", **SETTINGS}
    assert find(CONFIG_MAP, inputs) == "game/settings"
    assert find(CONFIG_MAP, inputs | {"metadata": {"name": "gone", "namespace": "game"}}) is None


def test_a_custom_resource_is_found_and_without_its_definition_it_was_not_made(game, find):  # noqa: F811
    inputs = {"apiVersion": "karpenter.sh/v1", "kind": "NodePool", **POOL}
    assert find(NODE_POOL, inputs) is None
    game.make(RELEASE, release())
    assert find(NODE_POOL, inputs) is None
    game.make(NODE_POOL, POOL)
    assert find(NODE_POOL, inputs) == "stateless"


def test_a_patch_is_found_where_its_object_is(game, find):  # noqa: F811
    inputs = checked(game, CLASS_PATCH, GP2)
    assert find(CLASS_PATCH, inputs) == "gp2"
    assert find(CLASS_PATCH, inputs | {"metadata": {"name": "gp9"}}) is None


def test_a_release_is_found_in_its_namespace_by_its_newest_revision(game, find):  # noqa: F811
    inputs = release(values={"replicas": 1})
    assert find(RELEASE, inputs) is None
    made = game.make(RELEASE, release())
    game.change(made, inputs)
    assert find(RELEASE, inputs) == "kube-system/crds"
    assert find(RELEASE, inputs | {"namespace": "default"}) is None


def test_a_release_that_helm_left_half_installed_is_refused_with_the_remedy(game, find):  # noqa: F811
    game.make(RELEASE, release())
    secret = game.get("v1", "Secret", "sh.helm.release.v1.crds.v1", "kube-system")
    secret["metadata"]["labels"]["status"] = "pending-install"
    game.api.replace(secret)
    with pytest.raises(Refused, match=r"crds is pending-install.*helm uninstall --namespace kube-system crds"):
        find(RELEASE, release())
