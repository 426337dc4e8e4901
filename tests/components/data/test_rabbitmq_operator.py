"""RabbitMQ's operator, object by object: the published definition and rights, in one namespace and no other."""

import copy
import dataclasses
import json
from typing import Any

import yaml

from components.data.rabbitmq.operator import DEFINITION, RabbitmqOperator, RabbitmqOperatorArgs
from plan.recorder import Recording
from stacks.data_images import RABBITMQ_OPERATOR
from stacks.images import image_problem
from tests.charts import needs_crds
from tests.components.data.brokers_ground import problems
from tests.custom_resources import CRDS
from tests.engine import all_of, build, named, only

DEPLOYMENT = "kubernetes:apps/v1:Deployment"
CRD = "kubernetes:apiextensions.k8s.io/v1:CustomResourceDefinition"
BINDING = "kubernetes:rbac.authorization.k8s.io/v1:RoleBinding"
ARGS = RabbitmqOperatorArgs(image=RABBITMQ_OPERATOR, watched="mmorpg-game", protect=True)


def operator(**changes: Any) -> Recording:
    return build(lambda: RabbitmqOperator("us-east", dataclasses.replace(ARGS, **changes)))


def without_prose(schema: Any, *, names: bool = False) -> Any:
    """A schema without its descriptions; `names`: the keys are fields, of which one may be called description."""
    if isinstance(schema, list):
        return [without_prose(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    kept = {key: item for key, item in schema.items() if names or key != "description"}
    return {key: without_prose(item, names=key == "properties" and not names) for key, item in kept.items()}


@needs_crds
def test_the_definition_is_the_published_one_less_its_prose():
    published = yaml.load(
        (CRDS / "rabbitmq-cluster-operator" / "rabbitmq.com_rabbitmqclusters.yaml").read_text(),
        getattr(yaml, "CSafeLoader", yaml.SafeLoader),
    )
    assert json.loads(DEFINITION.read_text())["spec"] == without_prose(published["spec"])


def test_the_definition_reaches_the_api_server_as_it_is_in_the_file():
    made = only(operator(), CRD)
    file = json.loads(DEFINITION.read_text())
    assert made.resolved["metadata"]["name"] == file["metadata"]["name"]
    assert made.resolved["spec"] == file["spec"], "field by field: the SDK renames none of a schema's own"


def test_the_definition_is_protected_for_all_clusters_would_go_with_it():
    assert only(operator(), CRD).protect
    assert not only(operator(protect=False), CRD).protect


def test_its_rights_hold_in_the_watched_namespace_and_in_no_other():
    built = operator()
    assert all_of(built, "kubernetes:rbac.authorization.k8s.io/v1:ClusterRoleBinding") == []
    places = {one.resolved["roleRef"]["kind"]: one.resolved["metadata"]["namespace"] for one in all_of(built, BINDING)}
    assert places == {"ClusterRole": "mmorpg-game", "Role": "rabbitmq-system"}
    env = only(built, DEPLOYMENT).resolved["spec"]["template"]["spec"]["containers"][0]["env"]
    assert {"name": "OPERATOR_SCOPE_NAMESPACE", "value": "mmorpg-game"} in env, "or it would ask for every namespace"


def test_its_rights_are_those_of_the_published_role():
    rules = only(operator(), "kubernetes:rbac.authorization.k8s.io/v1:ClusterRole").resolved["rules"]
    allowed = {
        (group, name): {*rule["verbs"]} for rule in rules for group in rule["apiGroups"] for name in rule["resources"]
    }
    assert len(allowed) == 16
    assert allowed[("", "pods/exec")] == {"create"}, "it runs rabbitmqctl and rabbitmq-queues"
    assert allowed[("", "secrets")] == {"get", "list", "watch", "create", "update"}
    assert allowed[("apps", "statefulsets")] == {"get", "list", "watch", "create", "update", "delete"}
    assert allowed[("rabbitmq.com", "rabbitmqclusters/status")] == {"get", "update", "patch"}
    assert allowed[("discovery.k8s.io", "endpointslices")] == {"get", "list", "watch"}
    leases = only(operator(), "kubernetes:rbac.authorization.k8s.io/v1:Role").resolved["rules"][0]
    assert leases["apiGroups"] == ["coordination.k8s.io"]


def test_no_webhook_needs_a_certificate_or_a_port_of_the_nodes():
    container = only(operator(), DEPLOYMENT).resolved["spec"]["template"]["spec"]["containers"][0]
    assert {"name": "ENABLE_WEBHOOKS", "value": "false"} in container["env"]
    assert [port["containerPort"] for port in container["ports"]] == [8080]


def test_the_pod_keeps_to_the_strictest_level_and_is_pinned():
    built = operator()
    namespace = only(built, "kubernetes:core/v1:Namespace").resolved["metadata"]
    assert namespace["labels"]["pod-security.kubernetes.io/enforce"] == "restricted"
    pod = only(built, DEPLOYMENT).resolved["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert container["securityContext"]["readOnlyRootFilesystem"] is True
    assert image_problem(container["image"]) is None
    assert container["resources"]["limits"]["memory"] == "500Mi"


def test_the_pod_comes_after_the_definition_and_all_of_its_rights():
    built = operator()
    depends = {*only(built, DEPLOYMENT).depends_on}
    assert {only(built, CRD).urn, *(one.urn for one in all_of(built, BINDING))} <= depends
    account = named(built, "us-east-rabbitmq-operator", "kubernetes:core/v1:ServiceAccount").resolved
    assert account["automountServiceAccountToken"] is False


@needs_crds
def test_every_object_is_what_the_api_server_takes():
    built = operator()
    assert problems(copy.copy(built)) == []
