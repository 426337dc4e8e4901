"""The cloud's own Kubernetes face hands requests on to the real API server."""

import json

import pytest

from embedded.kubernetes.custom import definition
from embedded.kubernetes.errors import ApiError, Unreachable
from embedded.kubernetes.live.relay import relay
from tests.embedded.kubernetes.live.fake_server import DEFINITIONS
from tests.embedded.kubernetes.live.test_live_definitions import WIDGET

HOST = "abc.gr7.us-east-1.eks.amazonaws.com"


class OneCluster:
    """Clusters with one that is there, at HOST."""

    def __init__(self, api):
        self._api = api

    def api(self, host):
        if host != HOST:
            raise Unreachable(host)
        return self._api


def handed_on(api, method, target, body=b"", **headers):
    answer = relay(OneCluster(api), HOST, method, target, body, headers)
    return answer.status, json.loads(b"".join(answer.parts))


def test_an_object_is_read_and_changed_as_its_server_has_it(server, api):
    path = "/api/v1/namespaces/game"
    server.objects[path] = {"metadata": {"name": "game"}}
    assert handed_on(api, "GET", path) == (200, {"metadata": {"name": "game"}})
    handed_on(api, "PATCH", f"{path}?fieldManager=kubectl-edit", b'{"metadata": {"labels": {"a": "b"}}}')
    assert server.asked[-1].query == {"fieldManager": "kubectl-edit"}
    assert server.asked[-1].content_type == "application/merge-patch+json"


def test_a_refusal_is_the_servers_own(server, api):
    status, said = handed_on(api, "GET", "/api/v1/namespaces/none/pods/none")
    assert (status, said["reason"]) == (404, "NotFound")


@pytest.mark.parametrize("target", ["/apis/example.org/v1/widgets", "/apis/example.org/v1/namespaces/game/widgets"])
def test_a_kind_is_used_by_whoever_asks_for_it(server, api, target):
    api.definitions.bring(definition(WIDGET, {}, {}))
    handed_on(api, "GET", f"{target}?limit=5")
    assert f"{DEFINITIONS}/widgets.example.org" in server.objects


def test_a_cluster_that_is_not_there_is_said_not_to_be(api):
    with pytest.raises(ApiError, match="no such host") as refusal:
        relay(OneCluster(api), "other.host", "GET", "/api", b"", {})
    assert refusal.value.code == 503
