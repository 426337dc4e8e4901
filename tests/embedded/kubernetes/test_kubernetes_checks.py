"""What is refused of an object on its own, and in which words."""

import re

import pytest

from embedded.kubernetes.checks import problems_of
from embedded.kubernetes.schemas import UnknownKind, newest_version, schemas_of
from tests.embedded.kubernetes.cluster_world import FAST

SCHEMAS = schemas_of("1.35")


def problems(api_version, kind, value):
    whole = {"apiVersion": api_version, "kind": kind, "metadata": {"name": "x"}, **value}
    return {problem.path: problem.reason for problem in problems_of(SCHEMAS, SCHEMAS.kind(api_version, kind), whole)}


@pytest.mark.parametrize(
    ("kind", "value", "path", "said"),
    [
        ("Service", {"spec": {"type": "Headless", "ports": [{"port": 1}]}}, "spec.type", "ClusterIP, NodePort"),
        ("Service", {"spec": {"ports": [{"port": 0}]}}, "spec.ports[0].port", "1 to 65535"),
        ("Service", {"spec": {"ports": [{"port": 1, "targetPort": "Game"}]}}, "spec.ports[0].targetPort", "lower case"),
        ("Service", {"spec": {"ports": [{"port": 1, "targetPort": 70000}]}}, "spec.ports[0].targetPort", "65535"),
        (
            "Service",
            {"spec": {"ports": [{"port": 1}, {"port": 2, "name": "b"}]}},
            "spec.ports[0].name",
            "several ports",
        ),
        ("Service", {"spec": {"type": "ExternalName"}}, "spec.externalName", "required"),
        ("Service", {"spec": {}}, "spec.ports", "at least one port"),
        (
            "Service",
            {"metadata": {"name": "1x"}, "spec": {"ports": [{"port": 1}]}},
            "metadata.name",
            "begin with a letter",
        ),
        ("ConfigMap", {"data": {"a b": "1"}}, 'data["a b"]', "letters, digits"),
        ("ConfigMap", {"data": {"a": "1"}, "binaryData": {"a": "MQ=="}}, "binaryData.a", "stands in data too"),
        ("ConfigMap", {"data": {"a": "x" * 2**20, "b": "x"}}, "data", "1048577 bytes"),
        ("ConfigMap", {"data": {"a": 1}}, "data.a", "must be string, not integer"),
        ("Secret", {"data": {"a": "plain text"}}, "data.a", "is not base64"),
        ("Secret", {"type": "kubernetes.io/tls", "data": {"tls.crt": "MQ=="}}, 'data["tls.key"]', "required"),
        ("Namespace", {"metadata": {"name": "a.b"}}, "metadata.name", "lower case letters"),
        ("Namespace", {"metadata": {"name": "a", "namespace": "b"}}, "metadata.namespace", "belongs to no namespace"),
        (
            "Namespace",
            {"metadata": {"name": "a", "labels": {"pod-security.kubernetes.io/enforce": "strict"}}},
            'metadata.labels["pod-security.kubernetes.io/enforce"]',
            "privileged, baseline, restricted",
        ),
        (
            "Namespace",
            {"metadata": {"name": "a", "labels": {"pod-security.kubernetes.io/warn-version": "1.35"}}},
            'metadata.labels["pod-security.kubernetes.io/warn-version"]',
            "v1.35",
        ),
        ("ConfigMap", {"metadata": {"name": "a", "labels": {"a": "b c"}}}, "metadata.labels.a", "letters, digits"),
        ("ConfigMap", {"metadata": {"name": "a", "annotations": {"x/": "b"}}}, 'metadata.annotations["x/"]', "letters"),
        ("ConfigMap", {"metadata": {}}, "metadata.name", "name or generateName"),
        (
            "LimitRange",
            {"spec": {"limits": [{"type": "Container", "min": {"cpu": "1"}, "max": {"cpu": "500m"}}]}},
            "spec.limits[0].max.cpu",
            "500m is below min 1",
        ),
        ("LimitRange", {"spec": {"limits": [{"type": "Node"}]}}, "spec.limits[0].type", "Pod, Container"),
        ("ResourceQuota", {"spec": {"hard": {"pods": "-1"}}}, "spec.hard.pods", "must not be negative"),
    ],
)
def test_core_objects_are_refused_at_the_field_that_is_wrong(kind, value, path, said):
    found = problems("v1", kind, value)
    assert said in found[path]
    assert len(found) == 1


@pytest.mark.parametrize(
    ("api_version", "kind", "value", "path", "said"),
    [
        (
            "policy/v1",
            "PodDisruptionBudget",
            {"spec": {"minAvailable": "50", "selector": {"matchLabels": {"a": "b"}}}},
            "spec.minAvailable",
            "percentage",
        ),
        (
            "policy/v1",
            "PodDisruptionBudget",
            {"spec": {"minAvailable": 1, "maxUnavailable": 1}},
            "spec",
            "may not both be set",
        ),
        ("scheduling.k8s.io/v1", "PriorityClass", {"value": 2_000_000_000}, "value", "1000000000"),
        (
            "scheduling.k8s.io/v1",
            "PriorityClass",
            {"metadata": {"name": "system-x"}, "value": 1},
            "metadata.name",
            "reserved",
        ),
        ("storage.k8s.io/v1", "StorageClass", FAST | {"reclaimPolicy": "Keep"}, "reclaimPolicy", "Retain, Delete"),
        (
            "networking.k8s.io/v1",
            "NetworkPolicy",
            {"spec": {"podSelector": {}, "egress": [{"to": [{"ipBlock": {"cidr": "10.0.0.0/33"}}]}]}},
            "spec.egress[0].to[0].ipBlock.cidr",
            "is not a network",
        ),
        (
            "networking.k8s.io/v1",
            "NetworkPolicy",
            {"spec": {"podSelector": {}, "ingress": [{"from": [{}]}]}},
            "spec.ingress[0].from[0]",
            "namespaceSelector",
        ),
        (
            "networking.k8s.io/v1",
            "NetworkPolicy",
            {"spec": {"podSelector": {}, "ingress": [{"ports": [{"port": 9, "endPort": 8}]}]}},
            "spec.ingress[0].ports[0].endPort",
            "at least port 9",
        ),
        (
            "networking.k8s.io/v1",
            "NetworkPolicy",
            {"spec": {"podSelector": {"matchExpressions": [{"key": "a", "operator": "In"}]}}},
            "spec.podSelector.matchExpressions[0].values",
            "required value for In",
        ),
        (
            "rbac.authorization.k8s.io/v1",
            "Role",
            {"rules": [{"verbs": ["get"], "resources": ["x"]}]},
            "rules[0].apiGroups",
            "",
        ),
        (
            "rbac.authorization.k8s.io/v1",
            "RoleBinding",
            {
                "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "a"},
                "subjects": [{"kind": "ServiceAccount", "name": "a"}],
            },
            "subjects[0].namespace",
            "required value for a ServiceAccount",
        ),
        (
            "batch/v1",
            "Job",
            {"spec": {"template": {"spec": {"containers": [{"name": "a", "image": "b:1"}]}}}},
            "spec.template.spec.restartPolicy",
            "OnFailure or Never",
        ),
        (
            "autoscaling/v2",
            "HorizontalPodAutoscaler",
            {"spec": {"minReplicas": 3, "maxReplicas": 2, "scaleTargetRef": {"kind": "Deployment", "name": "a"}}},
            "spec.maxReplicas",
            "2 must be at least minReplicas 3",
        ),
    ],
)
def test_objects_of_other_groups_are_refused_at_the_field_that_is_wrong(api_version, kind, value, path, said):
    found = problems(api_version, kind, value)
    assert said in found[path]
    assert len(found) == 1


def test_a_refused_secret_never_shows_its_values():
    found = problems(
        "v1", "Secret", {"data": {"a": "hunter2 in plain"}, "stringData": {"b": "x"}, "type": "kubernetes.io/tls"}
    )
    found |= problems("v1", "Secret", {"data": {"a": 12345678}})
    assert found
    assert not any("hunter2" in reason or "12345678" in reason for reason in found.values())


def test_schemas_are_read_once_per_version_and_versions_without_schemas_are_refused():
    assert schemas_of("v1.35.3") is schemas_of("1.35")
    for version in ("1.24", "2.0", "latest"):
        with pytest.raises(UnknownKind, match=re.escape(f"schemas for 1.25 to {newest_version()} only")):
            schemas_of(version)


def test_kinds_know_their_plural_and_whether_they_live_in_a_namespace():
    found = {kind.name: (kind.resource, kind.namespaced) for kind in SCHEMAS.kinds()}
    assert found["NetworkPolicy"] == ("networkpolicies.networking.k8s.io", True)
    assert found["StorageClass"] == ("storageclasses.storage.k8s.io", False)
    assert found["Endpoints"] == ("endpoints", True)
    assert not any("beta" in kind.version for kind in SCHEMAS.kinds())
