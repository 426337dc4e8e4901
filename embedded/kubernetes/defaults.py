"""Fields that the API server fills in and users see in outputs.

Source: pkg/apis/*/v1/defaults.go of Kubernetes 1.35. Quantities stay as given (a real server rewrites 1000m as 1): the
amount is the same and a program's own spelling does not come back as drift.
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any, Final

from embedded.kubernetes.checks.basics import items_of, map_of
from embedded.kubernetes.checks.pods import CONTAINER_LISTS
from embedded.kubernetes.checks.workloads import pod_spec
from embedded.provider import Values

_PROBES: Final = ("livenessProbe", "readinessProbe", "startupProbe")
_PROBE: Final = {"timeoutSeconds": 1, "periodSeconds": 10, "successThreshold": 1, "failureThreshold": 3}
_POD: Final = {
    "restartPolicy": "Always",
    "dnsPolicy": "ClusterFirst",
    "schedulerName": "default-scheduler",
    "terminationGracePeriodSeconds": 30,
}
_CONTAINER: Final = {"terminationMessagePath": "/dev/termination-log", "terminationMessagePolicy": "File"}
_FILE_MODE: Final = 0o644
_CLAIM: Final = {"volumeMode": "Filesystem"}


def fill(kind: str, value: Values) -> None:
    """Add to an object, in place, what the API server would add."""
    found = pod_spec({**value, "kind": kind})
    if found is not None:
        _pod(found[1])
    rule = _KINDS.get(kind)
    if rule is not None:
        rule(value)


def _set(value: Values, **defaults: Any) -> None:
    for key, default in defaults.items():
        value.setdefault(key, default)


def _pod(spec: Values) -> None:
    _set(spec, **_POD, securityContext={})
    if "serviceAccountName" in spec:
        _set(spec, serviceAccount=spec["serviceAccountName"])  # the deprecated alias is always kept equal
    for field in CONTAINER_LISTS:
        for container in items_of(spec, field):
            _container(container)
    for volume in items_of(spec, "volumes"):
        _volume(volume)


def _container(container: Values) -> None:
    _set(container, **_CONTAINER, resources={}, imagePullPolicy=_pull_policy(container.get("image", "")))
    for port in items_of(container, "ports"):
        _set(port, protocol="TCP")
    for name in _PROBES:
        if name in container:
            _set(container[name], **_PROBE)
            _http(container[name])
    for hook in map_of(container, "lifecycle").values():
        if isinstance(hook, dict):
            _http(hook)
    for variable in items_of(container, "env"):
        source = map_of(variable, "valueFrom")
        if "fieldRef" in source:
            _set(source["fieldRef"], apiVersion="v1")
    resources = container["resources"]
    if map_of(resources, "limits"):
        requests = resources.setdefault("requests", {})
        _set(requests, **resources["limits"])


def _http(handler: Values) -> None:
    if "httpGet" in handler:
        _set(handler["httpGet"], path="/", scheme="HTTP")


def _pull_policy(image: str) -> str:
    """Always for no tag or `latest`, unless a digest pins the image."""
    reference = image.rpartition("/")[2]
    if "@" in reference:
        return "IfNotPresent"
    _, _, tag = reference.partition(":")
    return "Always" if tag in ("", "latest") else "IfNotPresent"


def _volume(volume: Values) -> None:
    for source in ("configMap", "secret", "projected", "downwardAPI"):
        if source in volume:
            _set(volume[source], defaultMode=_FILE_MODE)
    if "hostPath" in volume:
        _set(volume["hostPath"], type="")


def _claim(spec: Values) -> None:
    _set(spec, **_CLAIM)


def _stateful_set(value: Values) -> None:
    spec = value["spec"]
    _set(spec, replicas=1, podManagementPolicy="OrderedReady", revisionHistoryLimit=10, updateStrategy={})
    _set(spec, persistentVolumeClaimRetentionPolicy={})
    _set(spec["persistentVolumeClaimRetentionPolicy"], whenDeleted="Retain", whenScaled="Retain")
    strategy = spec["updateStrategy"]
    _set(strategy, type="RollingUpdate")
    if strategy["type"] == "RollingUpdate":
        _set(strategy, rollingUpdate={})
        _set(strategy["rollingUpdate"], partition=0)
    for claim in items_of(spec, "volumeClaimTemplates"):
        _set(claim, apiVersion="v1", kind="PersistentVolumeClaim")
        _claim(claim.setdefault("spec", {}))


def _deployment(value: Values) -> None:
    spec = value["spec"]
    _set(spec, replicas=1, revisionHistoryLimit=10, progressDeadlineSeconds=600, strategy={})
    strategy = spec["strategy"]
    _set(strategy, type="RollingUpdate")
    if strategy["type"] == "RollingUpdate":
        _set(strategy, rollingUpdate={})
        _set(strategy["rollingUpdate"], maxSurge="25%", maxUnavailable="25%")


def _daemon_set(value: Values) -> None:
    spec = value["spec"]
    _set(spec, revisionHistoryLimit=10, updateStrategy={})
    strategy = spec["updateStrategy"]
    _set(strategy, type="RollingUpdate")
    if strategy["type"] == "RollingUpdate":
        _set(strategy, rollingUpdate={})
        _set(strategy["rollingUpdate"], maxSurge=0, maxUnavailable=1)


def _job(value: Values) -> None:
    spec = value["spec"]
    if "completions" not in spec:
        _set(spec, completions=spec.get("parallelism", 1))
    _set(spec, parallelism=1, backoffLimit=6, completionMode="NonIndexed", suspend=False)
    _set(spec, manualSelector=False, podReplacementPolicy="TerminatingOrFailed")


def _cron_job(value: Values) -> None:
    _set(
        value["spec"], concurrencyPolicy="Allow", suspend=False, successfulJobsHistoryLimit=3, failedJobsHistoryLimit=1
    )


def _service(value: Values) -> None:
    spec = value["spec"]
    _set(spec, type="ClusterIP", sessionAffinity="None")
    for port in items_of(spec, "ports"):
        _set(port, protocol="TCP")
        _set(port, targetPort=port.get("port"))
    if spec["type"] != "ExternalName":
        _set(spec, internalTrafficPolicy="Cluster", ipFamilies=["IPv4"], ipFamilyPolicy="SingleStack")
    if spec["type"] in ("NodePort", "LoadBalancer"):
        _set(spec, externalTrafficPolicy="Cluster")
    if spec["type"] == "LoadBalancer":
        _set(spec, allocateLoadBalancerNodePorts=True)
    _set(value, status={"loadBalancer": {}})


def _namespace(value: Values) -> None:
    labels = value["metadata"].setdefault("labels", {})
    labels["kubernetes.io/metadata.name"] = value["metadata"]["name"]
    value["spec"] = {"finalizers": ["kubernetes"], **value.get("spec", {})}
    _set(value, status={"phase": "Active"})


def _secret(value: Values) -> None:
    """stringData is written only: the API keeps it as data."""
    _set(value, type="Opaque")
    for key, text in value.pop("stringData", {}).items():
        value.setdefault("data", {})[key] = base64.b64encode(text.encode()).decode()


def _limit_range(value: Values) -> None:
    """SetDefaults_LimitRangeItem: default from max, defaultRequest from default, then from min; containers only."""
    for item in items_of(map_of(value, "spec"), "limits"):
        if item.get("type") != "Container":
            continue
        default, request = dict(item.get("default", {})), dict(item.get("defaultRequest", {}))
        _set(default, **item.get("max", {}))
        _set(request, **default)
        _set(request, **item.get("min", {}))
        item.update({key: amounts for key, amounts in (("default", default), ("defaultRequest", request)) if amounts})


def _network_policy(value: Values) -> None:
    spec = value["spec"]
    _set(spec, policyTypes=["Ingress", "Egress"] if spec.get("egress") else ["Ingress"])
    for rule in (*items_of(spec, "ingress"), *items_of(spec, "egress")):
        for port in items_of(rule, "ports"):
            _set(port, protocol="TCP")


def _binding(value: Values) -> None:
    _set(value["roleRef"], apiGroup="rbac.authorization.k8s.io")
    for subject in items_of(value, "subjects"):
        # A ServiceAccount stands in the core group, and an empty group is left out.
        if subject.get("kind") != "ServiceAccount":
            _set(subject, apiGroup="rbac.authorization.k8s.io")


_KINDS: Final[dict[str, Callable[[Values], None]]] = {
    "StatefulSet": _stateful_set,
    "Deployment": _deployment,
    "DaemonSet": _daemon_set,
    "ReplicaSet": lambda value: _set(value["spec"], replicas=1),
    "Job": _job,
    "CronJob": _cron_job,
    "Service": _service,
    "Namespace": _namespace,
    "Secret": _secret,
    "LimitRange": _limit_range,
    "NetworkPolicy": _network_policy,
    "RoleBinding": _binding,
    "ClusterRoleBinding": _binding,
    "PersistentVolumeClaim": lambda value: _claim(value["spec"]),
    "StorageClass": lambda value: _set(value, reclaimPolicy="Delete", volumeBindingMode="Immediate"),
    "PriorityClass": lambda value: _set(value, preemptionPolicy="PreemptLowerPriority"),
    "HorizontalPodAutoscaler": lambda value: _set(value["spec"], minReplicas=1),
}
