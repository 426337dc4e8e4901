"""The REST API: by hand, and through the official Python client against a socket."""

import json
import shutil
import subprocess
from urllib.parse import parse_qs, urlsplit

import pytest

from embedded.kubernetes.http import handle_http
from tests.embedded.kubernetes.cluster_world import HOST, STATEFUL_SET, stateful_set

MAPS = "/api/v1/namespaces/game/configmaps"


def ask(world, method, path, body=None, content_type="application/json"):
    parts = urlsplit(path)
    content = b"" if body is None else json.dumps(body).encode()
    return handle_http(world.clusters, HOST, method, parts.path, parse_qs(parts.query), content, content_type)


def config_map(name, **labels):
    return {"metadata": {"name": name, "labels": labels}, "data": {"a": "1"}}


def test_objects_are_made_read_replaced_and_deleted_at_their_paths(game):
    status, made = ask(game, "POST", MAPS, config_map("a"))
    assert (status, made["metadata"]["namespace"], made["kind"]) == (201, "game", "ConfigMap")
    assert ask(game, "GET", f"{MAPS}/a") == (200, made)
    made["data"] = {"a": "2"}
    assert ask(game, "PUT", f"{MAPS}/a", made)[1]["data"] == {"a": "2"}
    assert ask(game, "DELETE", f"{MAPS}/a")[1]["status"] == "Success"
    assert ask(game, "GET", f"{MAPS}/a")[0] == 404


def test_kinds_without_namespace_and_groups_have_their_paths(game):
    game.make(STATEFUL_SET, stateful_set())
    assert ask(game, "GET", "/api/v1/namespaces/game")[1]["kind"] == "Namespace"
    assert ask(game, "GET", "/apis/storage.k8s.io/v1/storageclasses/gp2")[1]["provisioner"] == "kubernetes.io/aws-ebs"
    listed = ask(game, "GET", "/apis/apps/v1/statefulsets")[1]
    assert (listed["kind"], [item["metadata"]["name"] for item in listed["items"]]) == ("StatefulSetList", ["worlds"])
    assert ask(game, "GET", "/apis/apps/v1/namespaces/game/statefulsets/worlds/status")[0] == 200


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("labelSelector=app=x", ["a"]),
        ("labelSelector=app!=x", ["b", "c", "settings"]),
        ("labelSelector=app in (x,y),tier", ["a"]),
        ("labelSelector=app notin (x)", ["b", "c", "settings"]),
        ("labelSelector=!app", ["c", "settings"]),
        ("labelSelector=app", ["a", "b"]),
        ("fieldSelector=metadata.name=b", ["b"]),
        ("fieldSelector=metadata.name!=b,metadata.namespace=game", ["a", "c", "settings"]),
    ],
)
def test_lists_are_narrowed_by_labels_and_names(game, query, found):
    for name, labels in (("a", {"app": "x", "tier": "1"}), ("b", {"app": "y"}), ("c", {})):
        ask(game, "POST", MAPS, config_map(name, **labels))
    assert [item["metadata"]["name"] for item in ask(game, "GET", f"{MAPS}?{query}")[1]["items"]] == found


def test_a_collection_is_deleted_by_labels(game):
    ask(game, "POST", MAPS, config_map("a", app="x"))
    ask(game, "DELETE", f"{MAPS}?labelSelector=app=x")
    assert game.names("v1", "ConfigMap", "game") == ["settings"]


def test_patches_merge_and_applies_own(game):
    game.make(STATEFUL_SET, stateful_set())
    path = "/apis/apps/v1/namespaces/game/statefulsets/worlds"
    merged = ask(game, "PATCH", path, {"spec": {"replicas": 7}}, "application/merge-patch+json")
    assert (merged[0], merged[1]["spec"]["replicas"]) == (200, 7)
    image = {"spec": {"template": {"spec": {"containers": [{"name": "world", "image": "x:2"}]}}}}
    patched = ask(game, "PATCH", path, image, "application/strategic-merge-patch+json")[1]
    [container] = patched["spec"]["template"]["spec"]["containers"]
    assert (container["image"], len(container["ports"])) == ("x:2", 2), "strategic merge keeps what it does not name"
    applied = {"metadata": {"labels": {"team": "ops"}}}
    apply = "application/apply-patch+yaml"
    assert ask(game, "PATCH", f"{path}?fieldManager=ops", applied, apply)[1]["metadata"]["labels"] == {"team": "ops"}
    assert "labels" not in ask(game, "PATCH", f"{path}?fieldManager=ops", {"metadata": {}}, apply)[1]["metadata"]


def test_an_apply_takes_another_managers_field_by_force_only(game):
    path, apply = f"{MAPS}/settings?fieldManager=ops", "application/apply-patch+yaml"
    wanted = {"data": {"world.yaml": "size: 9"}}
    status, answer = ask(game, "PATCH", path, wanted, apply)
    assert (status, answer["reason"]) == (409, "Conflict")
    assert ask(game, "PATCH", f"{path}&force=true", wanted, apply)[1]["data"] == {"world.yaml": "size: 9"}


@pytest.mark.parametrize(
    ("method", "path", "body", "code", "reason"),
    [
        ("GET", f"{MAPS}/none", None, 404, "NotFound"),
        ("GET", "/apis/karpenter.sh/v1/nodepools", None, 404, "NotFound"),
        ("GET", "/nothing", None, 404, "NotFound"),
        ("POST", MAPS, config_map("settings"), 409, "AlreadyExists"),
        ("POST", MAPS, {"metadata": {"name": "A"}}, 422, "Invalid"),
        ("POST", MAPS, {"metadata": {"name": "a", "namespace": "other"}}, 400, "BadRequest"),
        ("POST", MAPS, {"kind": "Secret", "metadata": {"name": "a"}}, 400, "BadRequest"),
        ("POST", f"{MAPS}?dryRun=All", config_map("a"), 400, "BadRequest"),
        ("POST", MAPS, [], 400, "BadRequest"),
        ("GET", f"{MAPS}?labelSelector=a%20b", None, 400, "BadRequest"),
        ("GET", f"{MAPS}?fieldSelector=data.a=1", None, 400, "BadRequest"),
        ("GET", f"{MAPS}?watch=true", None, 405, "MethodNotAllowed"),
        ("POST", f"{MAPS}/settings", None, 405, "MethodNotAllowed"),
        ("PATCH", f"{MAPS}/settings", [{"op": "remove", "path": "/data"}], 415, "UnsupportedMediaType"),
    ],
)
def test_refusals_are_statuses_with_kubernetes_codes_and_reasons(game, method, path, body, code, reason):
    status, answer = ask(game, method, path, body)
    assert (status, answer["kind"], answer["code"], answer["reason"]) == (code, "Status", code, reason)
    assert answer["message"]


def test_a_cluster_that_is_not_there_does_not_answer(game):
    game.facts.clear()
    status, answer = ask(game, "GET", MAPS)
    assert (status, answer["message"]) == (503, f"dial tcp: lookup {HOST}: no such host")


def test_the_official_python_client_works_typed_and_dynamic(game, served):
    client = pytest.importorskip("kubernetes.client")
    dynamic = pytest.importorskip("kubernetes.dynamic")
    game.make(STATEFUL_SET, stateful_set())
    configuration = client.Configuration(host=served)
    with client.ApiClient(configuration) as api:
        assert [item.metadata.name for item in client.CoreV1Api(api).list_namespace().items][:2] == ["default", "game"]
        with pytest.raises(client.ApiException) as refusal:
            client.CoreV1Api(api).read_namespaced_secret("none", "game")
        assert refusal.value.status == 404
        sets = dynamic.DynamicClient(api).resources.get(api_version="apps/v1", kind="StatefulSet")
        assert sets.get(name="worlds", namespace="game").spec.replicas == 2
        maps = dynamic.DynamicClient(api).resources.get(api_version="v1", kind="ConfigMap")
        made = maps.create(body={"metadata": {"name": "mine"}, "data": {"a": "1"}}, namespace="game")
        assert made.metadata.uid
        maps.delete(name="mine", namespace="game")
        assert game.names("v1", "ConfigMap", "game") == ["settings"]


@pytest.mark.skipif(shutil.which("kubectl") is None, reason="kubectl is not on PATH")
@pytest.mark.usefixtures("game")
def test_kubectl_lists_what_is_there(served, tmp_path):
    command = ["kubectl", "--server", served, "--cache-dir", str(tmp_path / "cache"), "-n", "game"]
    environment = {"KUBECONFIG": str(tmp_path / "none"), "HOME": str(tmp_path)}
    for arguments, wanted in ((["get", "cm", "-o", "name"], "configmap/settings"), (["get", "sc"], "gp3-v1")):
        done = subprocess.run(
            [shutil.which("kubectl"), *command[1:], *arguments], capture_output=True, text=True, env=environment
        )
        assert wanted in done.stdout, done.stderr
