"""How long the outcome of a create, update or delete is awaited: annotations and defaults of pulumi-kubernetes 4.34."""

from __future__ import annotations

from typing import Final

from embedded.kubernetes.checks.basics import known_map
from embedded.kubernetes.kinds import Kind
from embedded.provider import Target, Values

_SKIP: Final = "pulumi.com/skipAwait"
_TIMEOUT: Final = "pulumi.com/timeoutSeconds"
# provider/pkg/await: Default...TimeoutMins of each awaiter
_USUAL_SECONDS: Final = 600.0
_READY_SECONDS: Final = {"PersistentVolumeClaim": 300.0}
_GONE_SECONDS: Final = 300.0
# The only kinds whose delete the annotation leaves unawaited, too: those with an awaiter for it (awaiters.go).
_SKIPPED_DELETES: Final = frozenset(
    {"DaemonSet", "Deployment", "Job", "Namespace", "Pod", "ReplicationController", "StatefulSet"}
)


def annotation(inputs: Values, name: str) -> str:
    """An annotation of an object; empty if it has none of that name."""
    return str(known_map(known_map(inputs, "metadata"), "annotations").get(name) or "")


def is_awaited(inputs: Values) -> bool:
    """Whether a create or update awaits that the object is what it says."""
    return annotation(inputs, _SKIP) != "true"


def is_delete_awaited(kind: Kind, inputs: Values) -> bool:
    """Whether a delete awaits that the object is gone."""
    return is_awaited(inputs) or kind.name not in _SKIPPED_DELETES


def ready_seconds(target: Target, kind: Kind, inputs: Values) -> float:
    """How long a create or update may take."""
    return _given(target, inputs) or _READY_SECONDS.get(kind.name, _USUAL_SECONDS)


def gone_seconds(target: Target, inputs: Values) -> float:
    """How long a delete may take."""
    return _given(target, inputs) or _GONE_SECONDS


def _given(target: Target, inputs: Values) -> float:
    """What the program says, its customTimeouts before its annotation; 0 if nothing."""
    said = annotation(inputs, _TIMEOUT)
    return target.seconds or (float(said) if said.isdecimal() else 0.0)
