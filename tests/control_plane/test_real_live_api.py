"""The provider on a real API server: what it accepts, refuses, awaits and leaves."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from rich.console import Console

from automation.control_plane_build import ensure_programs
from automation.errors import Refused
from embedded.control_plane.plane import ControlPlane
from embedded.kubernetes import structural
from embedded.kubernetes.charts import Crd
from embedded.kubernetes.custom import definition
from embedded.kubernetes.handler import KubernetesHandler
from embedded.kubernetes.live.api import LiveClusterApi
from embedded.kubernetes.live.furniture import furnish
from embedded.kubernetes.live.inventory import made_by_users
from embedded.kubernetes.live.server import Server
from embedded.provider import PartialFailure, ProviderError, Target
from embedded.stack_folder import StackFolder

pytestmark = pytest.mark.control_plane
HOST = "ABC.gr7.us-east-1.eks.amazonaws.com"
KUBECONFIG = {
    "current-context": "it",
    "contexts": [{"name": "it", "context": {"cluster": "it", "user": "it"}}],
    "clusters": [{"name": "it", "cluster": {"server": f"https://{HOST}"}}],
}
NAMESPACE, CONFIG_MAP = "kubernetes:core/v1:Namespace", "kubernetes:core/v1:ConfigMap"
SETTINGS = {"metadata": {"name": "settings", "namespace": "game"}, "data": {"size": "4"}}
SET = {
    "metadata": {"name": "worlds", "namespace": "game", "annotations": {"pulumi.com/timeoutSeconds": "3"}},
    "spec": {
        "serviceName": "worlds",
        "replicas": 1,
        "selector": {"matchLabels": {"app": "world"}},
        "template": {
            "metadata": {"labels": {"app": "world"}},
            "spec": {"containers": [{"name": "world", "image": "registry.example/world:1.4.2"}]},
        },
    },
}


@dataclass(frozen=True)
class Live:
    api: LiveClusterApi
    handler: KubernetesHandler

    def make(self, type_: str, inputs: dict) -> tuple[Target, str, dict]:
        target = Target(f"urn:pulumi:local::game-regions::{type_}::it", type_, "it")
        checked, failures = self.handler.check(target, None, inputs)
        assert failures == []
        made, _ = self.handler.create(target, checked)
        return target, made, checked

    def remove(self, made: tuple[Target, str, dict]) -> None:
        target, made_id, inputs = made
        self.handler.delete(target, made_id, inputs, {})

    def names(self) -> list[str]:
        return [f"{item['kind']} {item['name']}" for item in made_by_users(self.api.server)]


@pytest.fixture(scope="module")
def live(tmp_path_factory) -> Iterator[Live]:
    try:
        programs = ensure_programs(Console(stderr=True))
    except Refused as refused:
        pytest.skip(str(refused))
    folder = tmp_path_factory.mktemp("stack")
    plane = ControlPlane(StackFolder(folder), "local")
    handle = plane.start(programs)
    try:
        server = Server(handle.url, str(handle.ca), handle.token, "local")
        furnish(server, "1.35")
        api = LiveClusterApi(server, "1.35", folder)

        class OneCluster:
            def api(self, host: str) -> LiveClusterApi:
                assert host == HOST.lower() or host == HOST
                return api

            def inventory(self) -> list[dict[str, str]]:
                return []

        handler = KubernetesHandler(OneCluster())
        handler.configure({"kubeconfig": KUBECONFIG})
        yield Live(api, handler)
    finally:
        plane.stop(erase=True)


@pytest.fixture
def namespace(live) -> Iterator[None]:
    made = live.make(NAMESPACE, {"metadata": {"name": "game"}})
    yield
    live.remove(made)
    assert live.names() == []  # what a fresh cluster holds, and no more


def test_a_fresh_cluster_holds_nothing_of_ours(live):
    assert live.names() == []


def test_an_object_that_is_there_is_not_adopted(live, namespace):
    live.make(CONFIG_MAP, SETTINGS)
    with pytest.raises(ProviderError, match='configmaps "settings" already exists'):
        live.make(CONFIG_MAP, SETTINGS)
    assert live.names() == ["ConfigMap settings", "Namespace game"]


def test_what_a_person_changed_is_seen_and_taken_back_and_what_a_controller_holds_is_a_conflict(live, namespace):
    target, made, inputs = live.make(CONFIG_MAP, SETTINGS)
    path, merge = "/api/v1/namespaces/game/configmaps/settings", "application/merge-patch+json"

    def edit(manager: str) -> None:
        live.api.server.ask("PATCH", path, {"fieldManager": manager}, {"data": {"size": "5"}}, merge)

    edit("kubectl-edit")
    found = live.handler.read(target, made, inputs, None)
    assert found is not None
    assert found[1]["data"] == {"size": "5"}
    assert live.handler.update(target, made, inputs, {}, inputs)["data"] == {"size": "4"}
    edit("some-controller")
    with pytest.raises(ProviderError, match='conflict with "some-controller"'):
        live.handler.update(target, made, inputs, {}, inputs)


def test_a_set_whose_pods_cannot_be_placed_is_made_and_its_failure_names_the_scheduler_s_reason(live, namespace):
    with pytest.raises(PartialFailure) as failure:
        live.make("kubernetes:apps/v1:StatefulSet", SET)
    assert failure.value.resource_id == "game/worlds"
    said = "\n".join(failure.value.reasons)
    assert "StatefulSet game/worlds is not ready: 0 out of 1 replicas succeeded readiness checks" in said
    assert "pod worlds-0 is not scheduled (Unschedulable): no nodes available to schedule pods" in said


def test_a_kind_without_a_published_schema_is_served_and_named(live):
    live.api.definitions.bring(definition(Crd("example.org", "Widget", "widgets", False, ("v1",)), {}, {}))
    widget = {"apiVersion": "example.org/v1", "kind": "Widget", "metadata": {"name": "it"}, "spec": {"any": "thing"}}
    assert live.api.create(widget, "it")["spec"] == {"any": "thing"}
    assert live.api.definitions.permissive() == ["widgets.example.org"]
    live.api.definitions.remove("widgets.example.org")
    assert live.names() == []


@pytest.mark.skipif(not structural.FOLDER.is_dir(), reason="no published schemas beside the project")
@pytest.mark.parametrize(
    ("group", "kind", "plural"),
    [
        ("agones.dev", "Fleet", "fleets"),
        ("agones.dev", "GameServer", "gameservers"),
        ("snapshot.storage.k8s.io", "VolumeSnapshotClass", "volumesnapshotclasses"),
        ("karpenter.sh", "NodePool", "nodepools"),
    ],
)
def test_published_kinds_are_served_and_checked_strictly(live, group, kind, plural):
    crd = Crd(group, kind, plural, False, ("v1",))
    live.api.definitions.bring(definition(crd, {}, {}))
    live.api.definitions.use(group, plural)
    assert live.api.definitions.permissive() == []
    live.api.definitions.remove(crd.name)
    assert live.names() == []
