"""Helm releases: what is refused, what is kept and how, and the definitions that charts bring."""

import base64
import copy
import gzip
import json

import pytest

from embedded.kubernetes.charts import chart_facts, chart_name, known_crds
from embedded.provider import UNKNOWN, ProviderError, Replacement
from tests.embedded.kubernetes.cluster_world import Made, journal_in, target

RELEASE = "kubernetes:helm.sh/v3:Release"
NODE_POOL = "kubernetes:karpenter.sh/v1:NodePool"
DEFINITIONS = ("apiextensions.k8s.io/v1", "CustomResourceDefinition")
KARPENTER_CRD = "oci://public.ecr.aws/karpenter/karpenter-crd"
KARPENTER = "oci://public.ecr.aws/karpenter/karpenter"
JETSTACK = {"repo": "https://charts.jetstack.io"}


def release(chart=KARPENTER_CRD, version="1.14.1", name="crds", **inputs):
    return {"name": name, "namespace": "kube-system", "chart": chart, "version": version, **inputs}


def secrets(world, namespace="kube-system"):
    return [name for name in world.names("v1", "Secret", namespace) if name.startswith("sh.helm.release.v1.")]


def drop(world, made: Made):
    world.handler.delete(made.target, made.id, made.inputs, made.outputs)


def test_a_release_is_kept_as_helm_keeps_it_and_its_outputs_say_what_the_provider_says(world):
    made = world.make(RELEASE, release(values={"additionalAnnotations": {"team": "ops"}}))
    assert made.id == "kube-system/crds"
    assert made.outputs["status"] == {
        "appVersion": "1.14.1",
        "chart": "karpenter-crd",
        "name": "crds",
        "namespace": "kube-system",
        "revision": 1,
        "status": "deployed",
        "version": "1.14.1",
    }
    assert made.outputs["resourceNames"] == {}
    assert len(made.outputs["checksum"]) == 64
    secret = world.get("v1", "Secret", "sh.helm.release.v1.crds.v1", "kube-system")
    assert secret["type"] == "helm.sh/release.v1"
    assert secret["metadata"]["labels"] == {"name": "crds", "owner": "helm", "status": "deployed", "version": "1"}
    content = json.loads(gzip.decompress(base64.b64decode(base64.b64decode(secret["data"]["release"]))))
    assert content["config"] == {"additionalAnnotations": {"team": "ops"}}
    assert content["chart"]["metadata"]["version"] == "1.14.1"


def test_a_refresh_and_an_import_give_back_what_was_installed(world):
    made = world.make(RELEASE, release(values={"additionalAnnotations": {"team": "ops"}}))
    assert world.refresh(made) == (made.id, made.inputs, made.outputs)
    assert world.import_(made) == release(chart="karpenter-crd", values={"additionalAnnotations": {"team": "ops"}})


def test_a_name_in_use_is_refused_in_its_namespace_and_free_in_another(world):
    world.make(RELEASE, release())
    with pytest.raises(ProviderError, match="cannot re-use a name that is still in use"):
        world.make(RELEASE, release(chart=KARPENTER))
    assert world.make(RELEASE, release(chart=KARPENTER, skipCrds=True) | {"namespace": "default"}).id == "default/crds"


def test_a_secret_of_helms_type_that_somebody_else_made_is_no_release(world):
    secret = {"metadata": {"name": "x", "namespace": "kube-system"}, "type": "helm.sh/release.v1"}
    world.make("kubernetes:core/v1:Secret", secret)
    assert world.make(RELEASE, release()).outputs["status"]["revision"] == 1


def test_a_namespace_must_be_there_unless_the_release_makes_it(world):
    with pytest.raises(ProviderError, match='namespaces "karpenter" not found'):
        world.make(RELEASE, release() | {"namespace": "karpenter"})
    assert world.clusters.inventory() == [], "a refused release leaves nothing"
    world.make(RELEASE, release(createNamespace=True) | {"namespace": "karpenter"})
    assert world.names("v1", "ServiceAccount", "karpenter") == ["default"]


def test_an_upgrade_is_the_next_revision_and_all_revisions_go_with_the_release(world):
    made = world.make(RELEASE, release(chart=KARPENTER, skipCrds=True, name="karpenter"))
    changed = world.change(made, release(chart=KARPENTER, skipCrds=True, name="karpenter", values={"replicas": 2}))
    assert (changed.outputs["status"]["revision"], changed.outputs["status"]["status"]) == (2, "deployed")
    assert changed.outputs["checksum"] != made.outputs["checksum"]
    labels = [world.get("v1", "Secret", name, "kube-system")["metadata"]["labels"] for name in secrets(world)]
    assert [(found["version"], found["status"]) for found in labels] == [("1", "superseded"), ("2", "deployed")]
    for _ in range(2):
        drop(world, changed)
    assert (secrets(world), world.refresh(changed)) == ([], None)


def test_a_history_limit_keeps_only_the_newest_revisions(world):
    inputs = release(chart=KARPENTER, skipCrds=True, name="karpenter", maxHistory=2)
    made = world.make(RELEASE, inputs)
    for replicas in (2, 3):
        made = world.change(made, {**inputs, "values": {"replicas": replicas}})
    assert secrets(world) == ["sh.helm.release.v1.karpenter.v2", "sh.helm.release.v1.karpenter.v3"]


def test_name_and_namespace_replace_a_release_and_nothing_else_does(world):
    old = release()
    paths = ["name", "namespace", "chart", "version", "values.replicas", "repositoryOpts.repo", "skipCrds"]
    found = world.handler.replacement(target(RELEASE), "kube-system/crds", old, old, paths)
    assert found == Replacement(("name", "namespace"))


def test_a_release_without_a_name_gets_one_and_keeps_it(world):
    inputs = {"chart": KARPENTER_CRD, "version": "1.14.1"}
    made = world.make(RELEASE, inputs, name="east-karpenter")
    assert made.inputs["name"].startswith("east-karpenter-")
    assert made.inputs["namespace"] == "default"
    again, failures = world.handler.check(made.target, made.inputs, {**inputs, "values": {"a": 1}})
    assert (failures, again["name"]) == ([], made.inputs["name"])


@pytest.mark.parametrize(
    ("change", "field", "said"),
    [
        ({"version": "1.14"}, "version", '"1.14" is not one version'),
        ({"version": "~1.14.0"}, "version", "name it in full"),
        ({"version": ">=1.0.0"}, "version", "name it in full"),
        ({"version": "latest"}, "version", "name it in full"),
        ({"version": ""}, "version", "is missing"),
        ({"chart": ""}, "chart", "is missing"),
        ({"chart": "cert-manager"}, "chart", "has no repository; set repositoryOpts.repo"),
        ({"name": "a" * 54}, "name", "has 54 characters, at most 53 are allowed"),
        ({"name": "Karpenter"}, "name", "lower case"),
        ({"namespace": "Game"}, "namespace", "lower case"),
        ({"values": [1]}, "values", "must be an object"),
        ({"valueYamlFiles": ["a"]}, "valueYamlFiles", "not served by the embedded cluster; put the values into values"),
        ({"postrender": "./edit"}, "postrender", "not served by the embedded cluster"),
        ({"createNamespaces": True}, "createNamespaces", "is no input of a release; leave it out"),
    ],
)
def test_a_release_that_could_not_be_installed_is_refused_at_its_check(world, change, field, said):
    assert said in world.failures(RELEASE, release() | change)[field]


def test_what_is_not_known_yet_is_not_judged(world):
    inputs = release(UNKNOWN, UNKNOWN, repositoryOpts=UNKNOWN, values=UNKNOWN)
    assert world.failures(RELEASE, inputs) == {}
    assert "status" not in world.handler.preview(target(RELEASE), release()), "its revision is not known yet"
    before = {"status": {"revision": 1}, **release()}
    assert "status" not in world.handler.preview_update(target(RELEASE), before, release())


def test_definitions_among_the_templates_go_with_their_release_and_take_their_objects_along(world):
    made = world.make(RELEASE, release())
    pool = world.make(NODE_POOL, copy.deepcopy(POOL))
    assert len(world.names(*DEFINITIONS)) == 5
    drop(world, made)
    assert world.names(*DEFINITIONS) == []
    assert world.refresh(pool) is None
    drop(world, pool)
    assert world.clusters.inventory() == []


def test_definitions_of_a_crds_folder_are_made_once_and_stay(world):
    made = world.make(RELEASE, release(chart=KARPENTER, name="karpenter"))
    before = [world.get(*DEFINITIONS, name, "") for name in world.names(*DEFINITIONS)]
    assert [item["metadata"]["name"] for item in before] == [
        "capacitybuffers.autoscaling.x-k8s.io",
        "ec2nodeclasses.karpenter.k8s.aws",
        "nodeclaims.karpenter.sh",
        "nodeoverlays.karpenter.sh",
        "nodepools.karpenter.sh",
    ]
    pool = world.make(NODE_POOL, copy.deepcopy(POOL))
    drop(world, made)
    world.make(RELEASE, release(chart=KARPENTER, name="karpenter"))
    assert [world.get(*DEFINITIONS, name, "") for name in world.names(*DEFINITIONS)] == before
    assert world.refresh(pool) is not None


def test_a_release_told_to_skip_them_brings_no_definitions(world):
    world.make(RELEASE, release(chart=KARPENTER, skipCrds=True))
    assert world.names(*DEFINITIONS) == []


def test_definitions_that_another_release_or_folder_made_are_not_taken_over(world):
    world.make(RELEASE, release(chart=KARPENTER, name="karpenter"))
    with pytest.raises(ProviderError, match=r'managed-by must be "Helm": current value is ""'):
        world.make(RELEASE, release())
    assert secrets(world) == ["sh.helm.release.v1.karpenter.v1"]


def test_cert_managers_definitions_come_when_asked_for_and_stay_unless_told_not_to(world):
    chart = {"chart": "cert-manager", "version": "v1.21.1", "name": "cert-manager", "repositoryOpts": JETSTACK}
    made = world.make(RELEASE, release(**chart))
    assert world.names(*DEFINITIONS) == []
    made = world.change(made, release(**chart, values={"crds": {"enabled": True}}))
    assert len(world.names(*DEFINITIONS)) == 6
    drop(world, made)
    assert len(world.names(*DEFINITIONS)) == 6
    made = world.make(RELEASE, release(**chart, values={"crds": {"enabled": True, "keep": False}}))
    made = world.change(made, release(**chart))
    assert world.names(*DEFINITIONS) == [], "an upgrade removes what its templates no longer hold"


def test_the_releases_of_a_cluster_survive_a_replay_of_the_journal(world, tmp_path):
    made = world.make(RELEASE, release())
    world.change(made, release(values={"additionalAnnotations": {"a": "b"}}))
    replayed = world.other_clusters(journal_in(tmp_path / "elsewhere"))
    world.journal.load({"kubernetes": replayed}, "1")
    assert replayed.inventory() == world.clusters.inventory()


@pytest.mark.parametrize(
    ("chart", "version", "app_version", "definitions", "in_folder"),
    [
        (KARPENTER_CRD, "1.14.1", "1.14.1", 5, False),
        (KARPENTER, "1.14.1", "1.14.1", 5, True),
        ("aws-load-balancer-controller", "3.5.0", "v3.5.0", 7, True),
        ("external-dns", "1.21.1", "0.21.0", 1, True),
        ("external-secrets", "2.9.0", "v2.9.0", 8, False),
        ("snapshot-controller", "5.2.0", "v8.6.0", 3, False),
        ("base", "1.30.3", "1.30.3", 15, False),
        ("prometheus-operator-crds", "31.0.1", "v0.93.1", 10, False),
        ("kube-prometheus-stack", "88.5.3", "v0.93.1", 10, True),
        ("keda", "2.20.2", "2.20.2", 6, False),
        ("cloudnative-pg", "0.29.0", "1.30.0", 10, False),
        ("plugin-barman-cloud", "0.7.0", "v0.13.0", 1, False),
        ("cluster-autoscaler", "9.59.0", "1.35.0", 0, False),
        ("keda", "2.99.0", "", 6, False),
        ("unheard-of", "1.0.0", "", 0, False),
    ],
)
def test_the_table_says_what_each_chart_brings(chart, version, app_version, definitions, in_folder):
    facts = chart_facts(chart, version)
    assert (facts.app_version, len(facts.brings({})), facts.in_folder) == (app_version, definitions, in_folder)


def test_every_chart_that_the_program_pins_is_in_the_table():
    from components import charts

    pins = [chart for chart in vars(charts).values() if isinstance(chart, charts.Chart)]
    assert [pin for pin in pins if not chart_facts(pin.name, pin.version).app_version] == []
    assert chart_name("oci://public.ecr.aws/karpenter/karpenter-crd") == "karpenter-crd"
    assert known_crds()["karpenter.sh", "NodePool"].name == "nodepools.karpenter.sh"


POOL = {
    "metadata": {"name": "stateless"},
    "spec": {
        "template": {
            "spec": {
                "nodeClassRef": {"group": "karpenter.k8s.aws", "kind": "EC2NodeClass", "name": "default"},
                "requirements": [{"key": "karpenter.sh/capacity-type", "operator": "In", "values": ["spot"]}],
                "expireAfter": "720h",
            }
        },
        "limits": {"cpu": 1000, "memory": "1000Gi"},
        "disruption": {"consolidationPolicy": "WhenEmptyOrUnderutilized", "consolidateAfter": "30s"},
    },
}
