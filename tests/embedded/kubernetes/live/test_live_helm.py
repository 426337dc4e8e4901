"""Helm releases on a real API server: recorded as Secrets there, their definitions made when they are used."""

import pytest

from embedded.kubernetes import helm
from embedded.kubernetes.errors import ApiError
from embedded.kubernetes.helm import Wanted
from tests.embedded.kubernetes.live.fake_server import DEFINITIONS

NAMESPACE = "/api/v1/namespaces/keda"
SECRETS = f"{NAMESPACE}/secrets"
WANTED = Wanted("keda", "keda", "keda", "2.20.2", {"replicas": 2}, create_namespace=True)


def install(api, wanted=WANTED):
    return api.transact(lambda schemas, objects: helm.install(schemas, objects, wanted))


def serve_secrets(server):
    """A list of none is an answer, too."""
    server.objects.setdefault(f"{SECRETS}/another", {"metadata": {"name": "another", "namespace": "keda"}})


def test_a_release_is_a_secret_and_its_namespace_is_made(server, api):
    serve_secrets(server)
    install(api)
    assert [(asked.method, asked.path) for asked in server.changes()] == [
        ("POST", "/api/v1/namespaces"),
        ("POST", SECRETS),
    ]
    sent = server.changes()[-1].body
    assert sent is not None
    assert sent["metadata"]["name"] == "sh.helm.release.v1.keda.v1"
    assert "uid" not in sent["metadata"]
    found = api.transact(lambda _, objects: helm.installed(objects, "keda", "keda"))
    assert found is not None
    assert (found.version, found.values) == ("2.20.2", {"replicas": 2})


def test_kinds_of_a_chart_are_served_though_nobody_has_used_them(server, api):
    serve_secrets(server)
    install(api)
    kind = api.schemas().kind("keda.sh/v1alpha1", "ScaledObject")
    assert not [path for path in server.objects if path.startswith(DEFINITIONS)]
    with pytest.raises(ApiError):
        api.get(kind, "keda", "it")
    assert [path for path in server.objects if path.startswith(DEFINITIONS)] == [f"{DEFINITIONS}/scaledobjects.keda.sh"]


def test_an_upgrade_keeps_what_was_and_writes_the_next_revision(server, api):
    serve_secrets(server)
    install(api)
    api.transact(lambda schemas, objects: helm.upgrade(schemas, objects, WANTED))
    labels = {
        name.rpartition("/")[2]: value["metadata"]["labels"]["status"]
        for name, value in server.objects.items()
        if "sh.helm.release" in name
    }
    assert labels == {"sh.helm.release.v1.keda.v1": "superseded", "sh.helm.release.v1.keda.v2": "deployed"}


def test_an_uninstall_takes_the_definitions_that_the_release_owns(server, api):
    serve_secrets(server)
    install(api)
    api.definitions.use("keda.sh", "scaledobjects")
    api.transact(lambda _, objects: helm.uninstall(objects, "keda", "keda"))
    assert not [path for path in server.objects if path.startswith(DEFINITIONS) or "helm" in path]
    assert api.definitions.all() == []
