"""What counts as made by users in a real cluster."""

from embedded.kubernetes.live.inventory import made_by_users

VERBS = ["create", "delete", "get", "list"]


def serves(server, version, *resources):
    path = f"/apis/{version}" if "/" in version else f"/api/{version}"
    listed = [{"name": name, "kind": kind, "verbs": VERBS} for name, kind in resources]
    server.objects[path] = {"resources": [*listed, {"name": "bindings", "kind": "Binding", "verbs": ["create"]}]}
    for name, _ in resources:
        server.told[("GET", f"{path}/{name}")] = []


def holds(server, path, *metadata):
    server.told[("GET", path)] = [(200, {"items": [{"metadata": item} for item in metadata]})]


def test_what_a_cluster_brings_and_controllers_make_is_not_counted(server):
    server.objects["/apis"] = {"groups": [{"preferredVersion": {"groupVersion": "apps/v1"}}]}
    serves(server, "v1", ("configmaps", "ConfigMap"), ("namespaces", "Namespace"), ("nodes", "Node"))
    serves(server, "apps/v1", ("replicasets", "ReplicaSet"))
    holds(server, "/api/v1/namespaces", {"name": "default"}, {"name": "game"})
    holds(
        server,
        "/api/v1/configmaps",
        {"name": "kube-root-ca.crt", "namespace": "game"},
        {"name": "settings", "namespace": "game"},
    )
    holds(server, "/api/v1/nodes", {"name": "ip-10-0-0-1"})
    owner = [{"kind": "Deployment", "name": "gate", "uid": "1"}]
    holds(
        server,
        "/apis/apps/v1/replicasets",
        {"name": "gate-1", "namespace": "game", "ownerReferences": owner},
        {"name": "eks", "namespace": "game", "managedFields": [{"manager": "eks"}]},
        {"name": "mine", "namespace": "game", "managedFields": [{"manager": "kubectl"}]},
    )
    assert [
        (item["group"], item["kind"], item["namespace"], item["name"]) for item in made_by_users(server.client)
    ] == [
        ("", "ConfigMap", "game", "settings"),
        ("", "Namespace", "", "game"),
        ("apps", "ReplicaSet", "game", "mine"),
    ]
