"""Names, labels, annotations and label selectors."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from embedded.kubernetes import names
from embedded.kubernetes.checks.basics import Check, items_of, map_of
from embedded.kubernetes.errors import Problem, join
from embedded.kubernetes.kinds import Kind
from embedded.kubernetes.names import Syntax
from embedded.provider import UNKNOWN, Values

ANNOTATIONS_MAX_BYTES: Final = 256 * 1024
# The API appends this many characters to a generateName.
GENERATED_SUFFIX: Final = 5
CRON_JOB_NAME_MAX: Final = 52  # its Jobs append 11 characters to it (ValidateCronJobCreate)

_SYNTAX: Final[dict[str, Syntax]] = {
    "Namespace": names.dns_label,
    "Service": names.dns_1035_label,
    "Role": names.path_segment,
    "RoleBinding": names.path_segment,
    "ClusterRole": names.path_segment,
    "ClusterRoleBinding": names.path_segment,
}
_PSA: Final = re.compile(r"^pod-security\.kubernetes\.io/(enforce|audit|warn)(-version)?$")
_PSA_LEVELS: Final = ("privileged", "baseline", "restricted")
_PSA_VERSION: Final = re.compile(r"latest|v1\.\d+")


def object_name(kind: Kind, metadata: Values) -> Iterator[Problem]:
    """The object has a name its kind allows, or a prefix to make one from."""
    name, prefix = metadata.get("name"), metadata.get("generateName")
    syntax = _SYNTAX.get(kind.name, names.dns_subdomain)
    if isinstance(name, str) and name:
        if reason := syntax(name):
            yield Problem("metadata.name", reason)
        elif kind.name == "CronJob" and len(name) > CRON_JOB_NAME_MAX:
            yield Problem("metadata.name", f'"{name}" has more than {CRON_JOB_NAME_MAX} characters')
    elif isinstance(prefix, str) and prefix:
        if reason := syntax(f"{prefix}{'x' * GENERATED_SUFFIX}"):
            yield Problem("metadata.generateName", reason)
    elif UNKNOWN not in (name, prefix):
        yield Problem("metadata.name", "required value: name or generateName")


def object_namespace(kind: Kind, metadata: Values) -> Iterator[Problem]:
    """Only kinds that live in a namespace name one."""
    namespace = metadata.get("namespace")
    if namespace is not None and not kind.namespaced:
        yield Problem("metadata.namespace", f"a {kind.name} belongs to no namespace; leave it out")
    elif isinstance(namespace, str) and (reason := names.dns_label(namespace)):
        yield Problem("metadata.namespace", reason)


def labels_and_annotations(metadata: Values, path: str) -> Iterator[Problem]:
    """Keys and values of labels and annotations, of an object or a template."""
    for key, value in map_of(metadata, "labels").items():
        reason = names.qualified_name(key) or (names.label_value(value) if isinstance(value, str) else None)
        if reason:
            yield Problem(join(join(path, "labels"), key), reason)
    annotations = map_of(metadata, "annotations")
    for key in annotations:
        if reason := names.qualified_name(key.lower()):
            yield Problem(join(join(path, "annotations"), key), reason)
    size = sum(len(key) + len(value.encode()) for key, value in annotations.items() if isinstance(value, str))
    if size > ANNOTATIONS_MAX_BYTES:
        yield Problem(join(path, "annotations"), f"{size} bytes in all, at most {ANNOTATIONS_MAX_BYTES} are allowed")


def selector(value: Values, path: str) -> Iterator[Problem]:
    """Syntax of a label selector."""
    for key, text in map_of(value, "matchLabels").items():
        reason = names.qualified_name(key) or (names.label_value(text) if isinstance(text, str) else None)
        if reason:
            yield Problem(join(join(path, "matchLabels"), key), reason)
    for index, expression in enumerate(items_of(value, "matchExpressions")):
        wants_values = expression.get("operator") in ("In", "NotIn")
        place = f"{join(path, 'matchExpressions')}[{index}].values"
        if wants_values and not expression.get("values"):
            yield Problem(place, "required value for In and NotIn")
        elif not wants_values and expression.get("values"):
            yield Problem(place, "must be empty for Exists and DoesNotExist")


def pod_security_labels(namespace: Values) -> Iterator[Problem]:
    """Pod security labels of a Namespace have values the admission plugin knows (k8s.io/pod-security-admission)."""
    for key, value in map_of(map_of(namespace, "metadata"), "labels").items():
        match = _PSA.match(key)
        if match is None or not isinstance(value, str):
            continue
        path = join("metadata.labels", key)
        if match[2] and not _PSA_VERSION.fullmatch(value):
            yield Problem(path, f'"{value}" must be latest or a version such as v1.35')
        elif not match[2] and value not in _PSA_LEVELS:
            yield Problem(path, f'"{value}" is not supported; use one of {", ".join(_PSA_LEVELS)}')


def selects(value: Values, labels: Values) -> bool:
    """True if a label selector selects something with these labels. An empty selector selects everything."""
    if any(labels.get(key) != text for key, text in map_of(value, "matchLabels").items()):
        return False
    for expression in items_of(value, "matchExpressions"):
        key, values = expression["key"], expression.get("values", [])
        fits = {
            "In": labels.get(key) in values,
            "NotIn": labels.get(key) not in values,
            "Exists": key in labels,
            "DoesNotExist": key not in labels,
        }
        if not fits[expression["operator"]]:
            return False
    return True


RULES: Final[dict[str, Check]] = {
    "meta.v1.ObjectMeta": labels_and_annotations,
    "meta.v1.LabelSelector": selector,
}
