"""The kubernetes provider: names, replacement, refresh, import, refusals."""

import copy

import pytest

from embedded.kubernetes.handler import KubernetesHandler
from embedded.provider import UNKNOWN, ProviderError, Replacement
from tests.embedded.kubernetes.cluster_world import (
    CONFIG_MAP,
    FAST,
    GAME,
    KUBECONFIG,
    NAMESPACE,
    SECRET,
    SERVICE,
    SETTINGS,
    STATEFUL_SET,
    STORAGE_CLASS,
    stateful_set,
    target,
)

PORTS = [{"name": "game", "port": 7777, "protocol": "UDP"}]


def test_an_object_without_a_name_gets_its_logical_name_and_eight_digits_and_keeps_it(world):
    made = world.make(CONFIG_MAP, {"data": {"a": "1"}}, name="us-east-settings")
    name = made.inputs["metadata"]["name"]
    prefix, _, suffix = name.rpartition("-")
    assert prefix == "us-east-settings"
    assert len(suffix) == 8
    assert made.inputs["metadata"]["annotations"] == {"pulumi.com/autonamed": "true"}
    again, failures = world.handler.check(made.target, made.inputs, {"data": {"a": "2"}})
    assert failures == []
    assert again["metadata"]["name"] == name


def test_an_object_without_a_namespace_stands_in_the_providers_namespace(game):
    assert game.make(CONFIG_MAP, {"metadata": {"name": "a"}}).id == "default/a"
    game.handler = game.provider(namespace="game")
    assert game.make(CONFIG_MAP, {"metadata": {"name": "a"}}).id == "game/a"


def test_a_generated_name_is_made_by_the_api_and_used_by_updates(game):
    made = game.make(CONFIG_MAP, {"metadata": {"generateName": "run-", "namespace": "game"}, "data": {"a": "1"}})
    assert made.id.startswith("game/run-")
    assert len(made.id) == len("game/run-") + 5
    changed = copy.deepcopy(made.inputs)
    changed["metadata"]["labels"] = {"app": "x"}
    assert game.change(made, changed).outputs["metadata"]["labels"] == {"app": "x"}


def test_what_exists_is_never_adopted(game):
    with pytest.raises(ProviderError, match='configmaps "settings" already exists'):
        game.make(CONFIG_MAP, SETTINGS)


@pytest.mark.parametrize(
    ("token", "inputs"),
    [
        (SERVICE, {"metadata": {"name": "a", "namespace": "game"}, "spec": {"ports": PORTS, "selector": {"app": "a"}}}),
        (SECRET, {"metadata": {"namespace": "game"}, "stringData": {"password": "pa$$"}}),
        (STATEFUL_SET, stateful_set()),
        (
            "kubernetes:core/v1:LimitRange",
            {
                "metadata": {"name": "limits", "namespace": "game"},
                "spec": {"limits": [{"type": "Container", "max": {"cpu": "2"}, "default": {"memory": "1Gi"}}]},
            },
        ),
        (
            "kubernetes:networking.k8s.io/v1:NetworkPolicy",
            {
                "metadata": {"name": "deny", "namespace": "game"},
                "spec": {"podSelector": {}, "ingress": [{"ports": [{"port": 7777}, {"port": 53, "protocol": "UDP"}]}]},
            },
        ),
        (
            "kubernetes:rbac.authorization.k8s.io/v1:RoleBinding",
            {
                "metadata": {"name": "readers", "namespace": "game"},
                "roleRef": {"kind": "Role", "name": "reader", "apiGroup": "rbac.authorization.k8s.io"},
                "subjects": [
                    {"kind": "ServiceAccount", "name": "default", "namespace": "game"},
                    {"kind": "User", "name": "x"},
                ],
            },
        ),
    ],
    ids=["Service", "Secret", "StatefulSet", "LimitRange", "NetworkPolicy", "RoleBinding"],
)
def test_a_refresh_after_create_and_an_import_give_back_just_what_the_program_said(game, token, inputs):
    made = game.make(token, inputs)
    assert game.refresh(made) == (made.id, made.inputs, made.outputs)
    assert game.import_(made) == made.inputs


def test_a_change_made_by_hand_shows_in_a_refresh_and_nothing_the_program_did_not_name(game):
    made = game.make(STATEFUL_SET, stateful_set())
    live = game.get("apps/v1", "StatefulSet", "worlds", "game")
    live["spec"]["replicas"] = 5
    live["metadata"]["annotations"] = {"team": "ops"}
    game.api.replace(live)
    refreshed = game.refresh(made)[1]
    assert refreshed["spec"]["replicas"] == 5
    refreshed["spec"]["replicas"] = 2
    assert refreshed == made.inputs
    assert game.change(made, stateful_set()).outputs["spec"]["replicas"] == 2, "an update takes its field back"


def test_what_others_wrote_stays_and_what_the_program_no_longer_says_goes(game):
    inputs = {**SETTINGS, "metadata": {**SETTINGS["metadata"], "name": "b", "labels": {"mine": "1", "old": "1"}}}
    made = game.make(CONFIG_MAP, inputs)
    live = game.get("v1", "ConfigMap", "b", "game")
    live["metadata"]["labels"]["theirs"] = "1"
    game.api.replace(live)
    inputs["metadata"]["labels"] = {"mine": "2"}
    assert game.change(made, inputs).outputs["metadata"]["labels"] == {"mine": "2", "theirs": "1"}


def test_a_probe_left_out_goes_with_the_defaults_the_server_had_added_to_it(game):
    made = game.make(STATEFUL_SET, stateful_set())
    changed = stateful_set()
    del changed["spec"]["template"]["spec"]["containers"][0]["readinessProbe"]
    outputs = game.change(made, changed).outputs
    assert "readinessProbe" not in outputs["spec"]["template"]["spec"]["containers"][0]
    assert outputs["metadata"]["generation"] == 2


def test_an_update_that_changes_nothing_leaves_the_version_alone(game):
    made = game.make(STATEFUL_SET, stateful_set())
    assert (
        game.change(made, stateful_set()).outputs["metadata"]["resourceVersion"]
        == made.outputs["metadata"]["resourceVersion"]
    )


@pytest.mark.parametrize(
    ("path", "replaced"),
    [
        ("spec.serviceName", True),
        ("spec.selector.matchLabels.app", True),
        ('spec.volumeClaimTemplates[0].spec.resources.requests["storage"]', True),
        ("spec.revisionHistoryLimit", True),
        ("spec", True),
        ("spec.replicas", False),
        ("spec.template.spec.containers[0].image", False),
        ('metadata.labels["app.kubernetes.io/name"]', False),
    ],
)
def test_a_stateful_set_is_replaced_for_the_fields_pulumi_replaces_it_for(world, path, replaced):
    answer = world.handler.replacement(target(STATEFUL_SET), "game/worlds", stateful_set(), stateful_set(), [path])
    assert answer == Replacement((path,) if replaced else (), delete_first=replaced)


def test_an_object_with_an_automatic_name_or_a_new_one_is_made_before_the_old_one_goes(world):
    auto = {"metadata": {"name": "a-1", "namespace": "x", "annotations": {"pulumi.com/autonamed": "true"}}}
    other = {"metadata": {"name": "b", "namespace": "x"}}
    for old, new, changed in ((auto, auto, 'data["a.b"]'), (auto, other, "metadata.name")):
        answer = world.handler.replacement(target(CONFIG_MAP), "x/a-1", old, new, [changed])
        assert answer == Replacement((changed,), delete_first=False)


def test_contents_of_config_maps_and_secrets_replace_unless_the_provider_changes_them_in_place(world):
    old = {"metadata": {"name": "a", "namespace": "x"}}
    settings = {"enableConfigMapMutable": True, "enableSecretMutable": True}
    for token, path in ((CONFIG_MAP, "data.a"), (SECRET, "stringData.a")):
        by_default = world.handler.replacement(target(token), "x/a", old, old, [path])
        mutable = world.provider(**settings).replacement(target(token), "x/a", old, old, [path])
        frozen = world.provider(**settings).replacement(target(token), "x/a", {**old, "immutable": True}, old, [path])
        assert [by_default.paths, mutable.paths, frozen.paths] == [(path,), (), (path,)]
    assert world.provider(**settings).replacement(target(SECRET), "x/a", old, old, ["type"]).paths == ("type",)


def test_what_the_api_itself_refuses_to_change_fails_as_on_a_real_cluster(game):
    made = game.make(STORAGE_CLASS, {**FAST, "metadata": {"name": "gp3-v2"}})
    wanted = {**FAST, "metadata": {"name": "gp3-v2"}, "reclaimPolicy": "Retain"}
    assert game.handler.replacement(made.target, made.id, made.inputs, wanted, ["reclaimPolicy"]).paths == ()
    with pytest.raises(ProviderError, match="reclaimPolicy: field is immutable"):
        game.change(made, wanted)


@pytest.mark.parametrize(
    ("token", "said"),
    [
        ("kubernetes:apps/v1:NodePool", "no schema for this kind at Kubernetes 1.35"),
        ("kubernetes:helm.sh/v3:Chart", "does not serve Helm charts, only releases"),
        ("kubernetes:kustomize/v2:Directory", "does not serve Kustomize folders"),
        ("kubernetes:apps/v1:NodePoolPatch", "no schema for this kind at Kubernetes 1.35"),
        ("kubernetes:autoscaling/v1:HorizontalPodAutoscaler", "use autoscaling/v2"),
    ],
)
def test_a_type_the_cluster_does_not_serve_is_an_error_that_says_so(world, token, said):
    assert said in world.failures(token, {"metadata": {"name": "x"}})["kind"]
    with pytest.raises(ProviderError, match=said):
        world.handler.create(target(token), {"metadata": {"name": "x"}})


def test_a_preview_knows_the_inputs_and_says_what_only_the_api_can_tell(world):
    checked, _ = world.handler.check(target(SERVICE), None, {"metadata": {"name": "a"}, "spec": {"ports": PORTS}})
    outputs = world.handler.preview(target(SERVICE), checked)
    assert outputs["metadata"]["name"] == "a"
    assert outputs["metadata"]["uid"] is UNKNOWN
    assert outputs["spec"]["clusterIP"] is UNKNOWN
    made = world.make(SERVICE, {"metadata": {"name": "a"}, "spec": {"ports": PORTS}})
    later = world.handler.preview_update(made.target, made.outputs, made.inputs)
    assert later["spec"]["clusterIP"] == made.outputs["spec"]["clusterIP"]
    assert later["metadata"]["uid"] == made.outputs["metadata"]["uid"]


def test_values_not_yet_known_are_not_judged_but_everything_beside_them_is(world):
    inputs = stateful_set(replicas=-1)
    inputs["metadata"]["namespace"] = UNKNOWN
    inputs["spec"]["template"]["spec"]["containers"][0]["image"] = UNKNOWN
    inputs["spec"]["selector"] = UNKNOWN
    assert world.failures(STATEFUL_SET, inputs) == {"spec.replicas": "-1 is out of bounds; it must be 0 or more"}


def test_before_its_cluster_is_there_a_provider_checks_but_makes_nothing(world):
    handler = KubernetesHandler(world.clusters)
    handler.configure({"kubeconfig": UNKNOWN})
    assert handler.check(target(NAMESPACE), None, GAME)[1] == []
    assert handler.check(target(NAMESPACE), None, {"metadata": {"name": "Bad_"}})[1] != []
    with pytest.raises(ProviderError, match="kubeconfig is not known yet"):
        handler.create(target(NAMESPACE), GAME)


def test_objects_go_with_their_cluster_and_its_provider_meets_no_such_host(game):
    made = game.make(STATEFUL_SET, stateful_set())
    game.facts.clear()
    assert game.clusters.inventory() == []
    with pytest.raises(ProviderError, match=r"unreachable: dial tcp: lookup .* no such host"):
        game.refresh(made)
    game.handler = game.provider(deleteUnreachable=True)
    assert game.refresh(made) is None


def test_a_deleted_object_is_gone_for_refresh_and_deleting_it_again_is_no_error(game):
    made = game.make(STATEFUL_SET, stateful_set())
    for _ in range(2):
        game.handler.delete(made.target, made.id, made.inputs, made.outputs)
    assert game.refresh(made) is None


def test_deletion_fails_loudly_while_a_finalizer_holds_the_object(game):
    made = game.make(
        CONFIG_MAP, {"metadata": {"name": "held", "namespace": "game", "finalizers": ["example.com/hold"]}}
    )
    with pytest.raises(ProviderError, match=r"held by finalizers example\.com/hold"):
        game.handler.delete(made.target, made.id, made.inputs, made.outputs)
    live = game.get("v1", "ConfigMap", "held", "game")
    del live["metadata"]["finalizers"]
    game.api.replace(live)
    assert game.refresh(made) is None, "without its finalizer the deletion goes through"


def test_the_cluster_identifier_alone_decides_whether_a_provider_is_replaced(world):
    moved = copy.deepcopy(KUBECONFIG)
    moved["clusters"][0]["cluster"]["server"] = "https://other.gr7.us-east-1.eks.amazonaws.com"
    cases = [
        ({"clusterIdentifier": "a", "kubeconfig": KUBECONFIG}, {"clusterIdentifier": "a", "kubeconfig": UNKNOWN}, ()),
        ({"clusterIdentifier": "a"}, {"clusterIdentifier": "b"}, ("clusterIdentifier",)),
        ({"kubeconfig": KUBECONFIG}, {"kubeconfig": KUBECONFIG, "clusterIdentifier": "a"}, ()),
        ({"kubeconfig": KUBECONFIG}, {"kubeconfig": moved}, ("kubeconfig",)),
        ({"kubeconfig": KUBECONFIG}, {"kubeconfig": UNKNOWN}, ("kubeconfig",)),
    ]
    for old, new, paths in cases:
        assert world.handler.provider_replacement(old, new).paths == paths


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({}, "kubeconfig: is missing"),
        ({"kubeconfig": "~/.kube/config"}, "paths are not read"),
        ({"kubeconfig": "a: [b"}, "neither YAML nor JSON"),
        ({"kubeconfig": {**KUBECONFIG, "current-context": "x"}}, 'there is no "x" under contexts'),
        ({"kubeconfig": KUBECONFIG, "upsertExistingObjects": True}, "upsertExistingObjects"),
        ({"kubeconfig": KUBECONFIG, "enableServerSideApply": False}, "enableServerSideApply"),
    ],
)
def test_a_provider_setting_that_cannot_be_honoured_is_refused_in_one_sentence(world, settings, said):
    with pytest.raises(ProviderError, match=said):
        KubernetesHandler(world.clusters).configure(settings)
