"""One cluster's API: what it brings, what it refuses, what it adds, and that the journal holds it all."""

import pytest

from embedded.kubernetes.api import ClusterFacts
from embedded.kubernetes.errors import ApiError
from embedded.provider import ProviderError
from tests.embedded.kubernetes.cluster_world import (
    CONFIG_MAP,
    GAME,
    HOST,
    NAMESPACE,
    SECRET,
    SERVICE,
    SETTINGS,
    STATEFUL_SET,
    everything,
    journal_in,
    stateful_set,
    target,
)


def test_a_fresh_cluster_holds_what_eks_brings_and_nothing_of_a_user(world):
    assert world.names("v1", "Namespace") == ["default", "kube-node-lease", "kube-public", "kube-system"]
    assert world.names("v1", "ServiceAccount") == ["default"] * 4
    assert world.names("scheduling.k8s.io/v1", "PriorityClass") == ["system-cluster-critical", "system-node-critical"]
    assert world.clusters.inventory() == []


@pytest.mark.parametrize(("version", "default"), [("1.29", True), ("1.30", False), ("1.35", False)])
def test_gp2_is_there_and_since_1_30_it_is_not_the_default_class(world, version, default):
    world.facts[HOST.lower()] = ClusterFacts("game", version)
    annotations = world.get("storage.k8s.io/v1", "StorageClass", "gp2")["metadata"].get("annotations", {})
    assert (annotations.get("storageclass.kubernetes.io/is-default-class") == "true") is default


def test_a_cluster_is_judged_by_its_own_version(world):
    service = {"metadata": {"name": "a"}, "spec": {"ports": [{"port": 1}], "trafficDistribution": "PreferClose"}}
    assert world.failures(SERVICE, service) == {}
    world.facts[HOST.lower()] = ClusterFacts("game", "1.28")
    assert world.failures(SERVICE, service) == {"spec.trafficDistribution": "unknown field"}


def test_a_namespace_gets_its_label_and_service_account_and_takes_its_content_with_it(game):
    assert game.names("v1", "ServiceAccount", "game") == ["default"]
    assert game.get("v1", "Namespace", "game")["metadata"]["labels"] == {"kubernetes.io/metadata.name": "game"}
    game.make(STATEFUL_SET, stateful_set())
    kind = game.api.schemas().kind("v1", "Namespace")
    game.api.delete(kind, "", "game")
    assert [item["name"] for item in game.clusters.inventory()] == ["gp3-v1"]
    assert game.names("v1", "ServiceAccount", "game") == []


def test_namespaces_of_the_system_stay(world):
    with pytest.raises(ApiError, match="may not be deleted") as refusal:
        world.api.delete(world.api.schemas().kind("v1", "Namespace"), "", "kube-system")
    assert refusal.value.code == 403


def test_an_object_in_a_namespace_that_is_not_there_is_refused(world):
    with pytest.raises(ProviderError, match='namespaces "game" not found'):
        world.make(CONFIG_MAP, SETTINGS)


def _pod(change):
    inputs = stateful_set()
    change(inputs["spec"]["template"]["spec"])
    return inputs


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            lambda pod: pod["containers"][0].update(envFrom=[{"configMapRef": {"name": "gone"}}]),
            'names ConfigMap "gone" which does not exist in namespace game: its pods would wait for ever',
        ),
        (lambda pod: pod.update(volumes=[{"name": "v", "secret": {"secretName": "gone"}}]), 'names Secret "gone"'),
        (
            lambda pod: pod["containers"][0].update(
                env=[{"name": "A", "valueFrom": {"configMapKeyRef": {"name": "settings", "key": "nope"}}}]
            ),
            'names key "nope" which ConfigMap "settings" does not have',
        ),
        (
            lambda pod: pod.update(
                volumes=[{"name": "v", "configMap": {"name": "settings", "items": [{"key": "x", "path": "x"}]}}]
            ),
            'names key "x" which ConfigMap "settings" does not have',
        ),
        (
            lambda pod: pod.update(volumes=[{"name": "v", "projected": {"sources": [{"secret": {"name": "gone"}}]}}]),
            'names Secret "gone"',
        ),
        (lambda pod: pod.update(imagePullSecrets=[{"name": "gone"}]), 'names Secret "gone"'),
        (
            lambda pod: pod.update(serviceAccountName="gone"),
            'names ServiceAccount "gone" .*: the API would refuse its pods',
        ),
        (lambda pod: pod.update(priorityClassName="gone"), 'names PriorityClass "gone" which does not exist: '),
        (
            lambda pod: pod.update(volumes=[{"name": "v", "persistentVolumeClaim": {"claimName": "gone"}}]),
            'names PersistentVolumeClaim "gone"',
        ),
    ],
)
def test_a_pod_template_that_names_what_is_missing_is_refused_with_what_would_happen(game, change, said):
    with pytest.raises(ProviderError, match=said):
        game.make(STATEFUL_SET, _pod(change))


def test_a_missing_storage_class_is_refused_for_claim_templates_and_claims(game):
    inputs = stateful_set()
    inputs["spec"]["volumeClaimTemplates"][0]["spec"]["storageClassName"] = "gone"
    with pytest.raises(ProviderError, match='StorageClass "gone" which does not exist: its volumes would stay Pending'):
        game.make(STATEFUL_SET, inputs)
    claim = {"metadata": {"name": "c", "namespace": "game"}, "spec": inputs["spec"]["volumeClaimTemplates"][0]["spec"]}
    with pytest.raises(ProviderError, match='StorageClass "gone"'):
        game.make("kubernetes:core/v1:PersistentVolumeClaim", claim)


def test_what_is_optional_may_be_missing(game):
    optional = {"envFrom": [{"secretRef": {"name": "gone", "optional": True}}]}
    assert game.make(STATEFUL_SET, _pod(lambda pod: pod["containers"][0].update(optional))).id == "game/worlds"


def test_the_authority_that_every_namespace_has_may_be_mounted(game):
    root = {"configMap": {"name": "kube-root-ca.crt", "items": [{"key": "ca.crt", "path": "ca.crt"}]}}
    volume = {"name": "token", "projected": {"sources": [root]}}
    assert game.make(STATEFUL_SET, _pod(lambda pod: pod.update(volumes=[volume]))).id == "game/worlds"


def test_a_secret_is_kept_as_data_only(game):
    secret = {"metadata": {"name": "s", "namespace": "game"}, "stringData": {"password": "x"}}
    made = game.make(SECRET, secret)
    assert made.outputs["data"] == {"password": "eA=="}
    assert made.outputs["type"] == "Opaque"
    assert "stringData" not in made.outputs


def test_services_get_addresses_of_their_own_and_headless_ones_none(game):
    def service(name, **spec):
        return game.make(SERVICE, {"metadata": {"name": name}, "spec": {"ports": [{"port": 80}], **spec}}).outputs[
            "spec"
        ]

    first, second = service("a"), service("b")
    assert first["clusterIP"] != second["clusterIP"]
    assert first["clusterIP"].startswith("172.20.")
    assert service("c", clusterIP="None")["clusterIPs"] == ["None"]
    assert service("d", type="NodePort")["ports"][0]["nodePort"] == 30000
    assert service("e", type="LoadBalancer")["ports"][0]["nodePort"] == 30001
    with pytest.raises(ProviderError, match="is already allocated"):
        service("f", clusterIP=first["clusterIP"])
    assert "clusterIP" not in service("g", type="ExternalName", externalName="example.com")


def test_a_service_may_lose_its_load_balancer(game):
    made = game.make(SERVICE, {"metadata": {"name": "a"}, "spec": {"ports": [{"port": 80}], "type": "LoadBalancer"}})
    changed = game.change(made, {"metadata": {"name": "a"}, "spec": {"ports": [{"port": 80}], "type": "ClusterIP"}})
    assert "externalTrafficPolicy" not in changed.outputs["spec"]
    assert "nodePort" not in changed.outputs["spec"]["ports"][0]
    assert changed.outputs["spec"]["clusterIP"] == made.outputs["spec"]["clusterIP"]


def test_nothing_is_said_to_run(game):
    made = game.make(STATEFUL_SET, stateful_set())
    assert "status" not in made.outputs
    assert game.names("v1", "Pod") == []


@pytest.mark.parametrize(
    ("token", "name", "inputs", "change", "said"),
    [
        (STATEFUL_SET, "worlds", stateful_set(), {"serviceName": "other"}, "spec.serviceName: updates to fields other"),
        (
            "kubernetes:apps/v1:Deployment",
            "d",
            {"spec": {k: v for k, v in stateful_set()["spec"].items() if k in ("selector", "template")}},
            {"selector": {"matchLabels": {"tier": "x"}}},
            "spec.selector",
        ),
        (
            SERVICE,
            "s",
            {"spec": {"ports": [{"port": 1}]}},
            {"clusterIP": "172.20.9.9"},
            "spec.clusterIP: field is immutable",
        ),
        (
            "kubernetes:core/v1:PersistentVolumeClaim",
            "c",
            {"spec": stateful_set()["spec"]["volumeClaimTemplates"][0]["spec"]},
            {"storageClassName": "gp2"},
            "spec.storageClassName",
        ),
    ],
    ids=["StatefulSet", "Deployment", "Service", "PersistentVolumeClaim"],
)
def test_fields_the_api_never_changes_are_refused_even_by_a_direct_write(game, token, name, inputs, change, said):
    inputs["metadata"] = {"name": name, "namespace": "game"}
    for volume in inputs["spec"].get("template", {}).get("spec", {}).get("containers", []):
        if token.endswith("Deployment"):
            volume.pop("volumeMounts", None)
    made = game.make(token, inputs)
    live = game.get(made.inputs["apiVersion"], made.inputs["kind"], name, "game")
    live["spec"].update(change)
    if "selector" in change:
        live["spec"]["template"]["metadata"]["labels"]["tier"] = "x"
    with pytest.raises(ApiError, match=said):
        game.api.replace(live)


def test_an_immutable_config_map_keeps_its_contents(game):
    inputs = {"metadata": {"name": "f", "namespace": "game"}, "data": {"a": "1"}, "immutable": True}
    made = game.make(CONFIG_MAP, inputs)
    with pytest.raises(ProviderError, match="data: field is immutable when `immutable` is set"):
        game.change(made, {**inputs, "data": {"a": "2"}})


def test_a_write_on_top_of_an_old_reading_is_a_conflict(game):
    live = game.get("v1", "ConfigMap", "settings", "game")
    game.api.replace({**live, "data": {"a": "1"}})
    with pytest.raises(ApiError, match="has been modified") as refusal:
        game.api.replace({**live, "data": {"a": "2"}})
    assert refusal.value.code == 409


def test_owned_objects_go_with_their_owner_unless_they_are_orphaned(game):
    for name, orphan, left in (("one", False, []), ("two", True, ["two-child"])):
        owner = game.make(CONFIG_MAP, {"metadata": {"name": name, "namespace": "default"}}).outputs
        reference = {"apiVersion": "v1", "kind": "ConfigMap", "name": name, "uid": owner["metadata"]["uid"]}
        game.make(CONFIG_MAP, {"metadata": {"name": f"{name}-child", "ownerReferences": [reference]}})
        game.api.delete(game.api.schemas().kind("v1", "ConfigMap"), "default", name, orphan)
        assert game.names("v1", "ConfigMap", "default") == left


def test_the_annotation_orphans_what_a_deleted_object_owned(game):
    inputs = {"metadata": {"name": "o", "annotations": {"pulumi.com/deletionPropagationPolicy": "orphan"}}}
    made = game.make(CONFIG_MAP, inputs)
    reference = {"apiVersion": "v1", "kind": "ConfigMap", "name": "o", "uid": made.outputs["metadata"]["uid"]}
    game.make(CONFIG_MAP, {"metadata": {"name": "child", "ownerReferences": [reference]}})
    game.handler.delete(made.target, made.id, made.inputs, made.outputs)
    assert game.names("v1", "ConfigMap", "default") == ["child"]


def test_a_replayed_journal_and_a_snapshot_give_back_every_uid_version_and_time(game, tmp_path):
    made = game.make(STATEFUL_SET, stateful_set())
    game.change(made, stateful_set(replicas=4))
    game.make(CONFIG_MAP, {"metadata": {"name": "short", "namespace": "game"}}, name="short")
    game.api.delete(game.api.schemas().kind("v1", "ConfigMap"), "game", "short")

    replayed = game.other_clusters(journal_in(tmp_path))
    journal_in(tmp_path).load({"kubernetes": replayed}, "1")
    restored = game.other_clusters(game.journal)
    restored.restore(replayed.snapshot())
    for other in (replayed, restored):
        for kind in game.api.schemas().kinds():
            assert other.api(HOST).list_objects(kind, "", everything) == game.api.list_objects(kind, "", everything)
        assert other.api(HOST).version() == game.api.version()
        assert other.inventory() == game.clusters.inventory()


def test_nothing_changes_when_the_journal_cannot_be_written(game):
    def full(*_):
        raise OSError(28, "No space left on device")

    before = game.clusters.inventory()
    game.journal.record = full
    with pytest.raises(OSError, match="No space left"):
        game.handler.create(
            target(NAMESPACE), {**GAME, "apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "n"}}
        )
    assert game.clusters.inventory() == before


def test_the_lists_of_users_objects_tell_their_cluster(game):
    host = HOST.lower()
    wanted = {"host": host, "group": "", "kind": "ConfigMap", "namespace": "game", "name": "settings"}
    assert wanted in game.clusters.inventory()
    assert len(game.clusters.inventory()) == 3
