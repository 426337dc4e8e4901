"""Kinds that charts bring: made on first use, strictly where a schema is published."""

import pytest

from embedded.kubernetes import structural
from embedded.kubernetes.charts import Crd, known_crds
from embedded.kubernetes.custom import definition
from embedded.kubernetes.live.definitions import Definitions
from tests.embedded.kubernetes.live.fake_server import DEFINITIONS

WIDGET = Crd("example.org", "Widget", "widgets", True, ("v1",))
POOL = known_crds()["karpenter.sh", "NodePool"]
CLAIM = known_crds()["karpenter.sh", "NodeClaim"]
published = pytest.mark.skipif(not structural.FOLDER.is_dir(), reason="no published schemas beside the project")


def brought(crd):
    return definition(crd, {}, {"meta.helm.sh/release-name": "it"})


def test_a_definition_waits_until_its_kind_is_used(server, tmp_path):
    definitions = Definitions(server.client, tmp_path / "waiting.json")
    definitions.bring(brought(WIDGET))
    assert server.changes() == []
    assert [item["metadata"]["name"] for item in definitions.all()] == ["widgets.example.org"]
    definitions.use("example.org", "widgets")
    definitions.use("example.org", "widgets")
    assert [(asked.method, asked.path) for asked in server.changes()] == [("POST", DEFINITIONS)]
    assert definitions.permissive() == ["widgets.example.org"]


def test_what_waits_is_remembered_by_the_next_cloud(server, tmp_path):
    Definitions(server.client, tmp_path / "waiting.json").bring(brought(WIDGET))
    Definitions(server.client, tmp_path / "waiting.json").use("example.org", "widgets")
    assert f"{DEFINITIONS}/widgets.example.org" in server.objects


@published
def test_a_published_kind_is_made_with_its_true_schema_and_the_release_that_owns_it(server, tmp_path):
    definitions = Definitions(server.client, tmp_path / "waiting.json")
    definitions.bring(brought(POOL))
    definitions.bring(brought(CLAIM))
    definitions.use("karpenter.sh", "nodepools")
    made = server.objects[f"{DEFINITIONS}/nodepools.karpenter.sh"]
    schema = made["spec"]["versions"][0]["schema"]["openAPIV3Schema"]
    assert "disruption" in schema["properties"]["spec"]["properties"]
    assert made["metadata"]["annotations"] == {"meta.helm.sh/release-name": "it"}
    assert definitions.permissive() == []
    assert f"{DEFINITIONS}/nodeclaims.karpenter.sh" in server.objects  # Karpenter watches both from its start on


def test_a_definition_that_a_controller_made_meanwhile_is_taken_as_it_is(server, tmp_path):
    definitions = Definitions(server.client, tmp_path / "waiting.json")
    definitions.bring(brought(WIDGET))
    server.objects[f"{DEFINITIONS}/widgets.example.org"] = brought(WIDGET) | {
        "status": {"conditions": [{"type": "Established", "status": "True"}]}
    }
    server.refuse("POST", DEFINITIONS, 409, "AlreadyExists")
    definitions.use("example.org", "widgets")
    assert definitions.permissive() == ["widgets.example.org"]


def test_a_removed_definition_is_gone_whether_it_was_used_or_not(server, tmp_path):
    definitions = Definitions(server.client, tmp_path / "waiting.json")
    definitions.bring(brought(WIDGET))
    definitions.remove("widgets.example.org")
    assert definitions.all() == []
    definitions.bring(brought(WIDGET))
    definitions.use("example.org", "widgets")
    definitions.remove("widgets.example.org")
    assert definitions.all() == []
    assert server.objects == {}
