"""Requests to a real API server are those that the real provider sends."""

import pytest

from embedded.kubernetes.errors import ApiError
from embedded.kubernetes.kinds import Kind

PATH = "/api/v1/namespaces/game/configmaps/settings"
VALUE = {
    "apiVersion": "v1",
    "kind": "ConfigMap",
    "metadata": {"name": "settings", "namespace": "game"},
    "data": {"size": "4"},
}
KIND = Kind("", "v1", "ConfigMap")
PODS = "/api/v1/namespaces/game/pods"


def held_by(*managers: str) -> list[dict]:
    message = 'conflict with "{}" using v1'
    return [{"reason": "FieldManagerConflict", "message": message.format(name), "field": ".data"} for name in managers]


def test_a_create_is_a_strict_server_side_apply_that_takes_nothing_from_others(server, api):
    assert api.create(VALUE, "pulumi-kubernetes")["data"] == {"size": "4"}
    (asked,) = server.changes()
    assert (asked.method, asked.path, asked.content_type) == ("PATCH", PATH, "application/apply-patch+yaml")
    assert asked.query == {"fieldManager": "pulumi-kubernetes", "force": "false", "fieldValidation": "Strict"}


def test_a_create_of_what_is_there_is_refused_and_changes_nothing(server, api):
    server.objects[PATH] = VALUE
    with pytest.raises(ApiError, match='configmaps "settings" already exists') as refusal:
        api.create(VALUE, "pulumi-kubernetes")
    assert refusal.value.code == 409
    assert server.changes() == []


def test_an_object_whose_name_the_server_makes_is_posted(server, api):
    value = VALUE | {"metadata": {"generateName": "settings-", "namespace": "game", "name": ""}}
    api.create(value, "pulumi-kubernetes")
    (asked,) = server.changes()
    assert (asked.method, asked.path) == ("POST", "/api/v1/namespaces/game/configmaps")


def test_an_object_without_a_namespace_goes_into_the_default_one(server, api):
    api.create(VALUE | {"metadata": {"name": "settings"}}, "pulumi-kubernetes")
    assert server.changes()[0].path == "/api/v1/namespaces/default/configmaps/settings"


def test_a_field_that_a_person_changed_is_taken_back(server, api):
    server.refuse("PATCH", PATH, 409, "Conflict", held_by("kubectl-edit", "kubectl-patch"))
    api.apply(VALUE, "pulumi-kubernetes")
    assert [asked.query["force"] for asked in server.changes()] == ["false", "true"]


@pytest.mark.parametrize("managers", [("keda",), ("kubectl-edit", "keda")], ids="+".join)
def test_a_field_that_a_controller_holds_is_a_conflict(server, api, managers):
    server.refuse("PATCH", PATH, 409, "Conflict", held_by(*managers))
    with pytest.raises(ApiError, match="refused: Conflict"):
        api.apply(VALUE, "pulumi-kubernetes")
    assert len(server.changes()) == 1


def test_a_patch_of_what_is_not_there_is_refused(server, api):
    with pytest.raises(ApiError, match='configmaps "settings" not found'):
        api.apply(VALUE, "mine", must_exist=True)
    assert server.changes() == []


@pytest.mark.parametrize(("orphan", "policy"), [(False, "Foreground"), (True, "Orphan")])
def test_a_delete_takes_what_is_owned_first_or_leaves_it(server, api, orphan, policy):
    server.objects[PATH] = VALUE
    api.delete(KIND, "game", "settings", orphan)
    (asked,) = server.changes()
    assert asked.body is not None
    assert asked.body["propagationPolicy"] == policy
    assert api.gone(KIND, "game", "settings", 1.0) is None


def test_what_is_still_there_after_its_time_is_handed_back(server, api):
    server.objects[PATH] = VALUE
    assert api.gone(KIND, "game", "settings", 0.0) == VALUE


def test_listed_objects_say_what_they_are(server, api):
    server.objects[PATH] = {"metadata": VALUE["metadata"]}
    (found,) = api.list_objects(KIND, "game", lambda item: True)
    assert (found["apiVersion"], found["kind"]) == ("v1", "ConfigMap")


def test_warnings_of_the_server_are_kept_once_each(server, api):
    server.warning = 'v1 Endpoints is deprecated in v1.33+; use \\"EndpointSlice\\"'
    for _ in range(2):
        api.apply(VALUE, "pulumi-kubernetes")
    assert api.server.warnings() == ['v1 Endpoints is deprecated in v1.33+; use "EndpointSlice"']


def test_a_server_that_is_down_is_named_in_the_refusal(server, api):
    api.server._url = "http://127.0.0.1:1"
    with pytest.raises(ApiError, match="the API server of us-east does not answer") as refusal:
        api.get(KIND, "game", "settings")
    assert refusal.value.code == 503


def test_a_set_that_does_not_come_up_tells_why_its_pods_are_not_scheduled(server, api):
    pod = {
        "metadata": {"name": "world-0"},
        "status": {
            "conditions": [
                {"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": "0/2 nodes fit"}
            ]
        },
    }
    server.objects[f"{PODS}/world-0"] = pod
    live = {
        "apiVersion": "apps/v1",
        "kind": "StatefulSet",
        "metadata": {"name": "world", "namespace": "game", "generation": 1},
        "spec": {"replicas": 1, "selector": {"matchLabels": {"app": "world"}}},
        "status": {"observedGeneration": 1, "currentRevision": "a", "updateRevision": "a"},
    }
    _, reasons = api.ready(Kind("apps", "v1", "StatefulSet"), live, 0.0)
    assert reasons == [
        "0 out of 1 replicas succeeded readiness checks",
        "pod world-0 is not scheduled (Unschedulable): 0/2 nodes fit",
    ]
    assert server.asked[-1].query == {"labelSelector": "app=world"}


def test_who_awaits_something_is_refused_when_the_cloud_is_left(server, api):
    api.end()
    server.objects[PATH] = VALUE
    with pytest.raises(ApiError, match="the embedded cloud was left"):
        api.gone(KIND, "game", "settings", 60.0)
