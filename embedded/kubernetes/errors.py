"""Refusals of the embedded Kubernetes API, with the reasons and codes of a real one."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

NOT_FOUND: Final = 404


@dataclass(frozen=True)
class Problem:
    """What is wrong with one field: its path (`spec.ports[0].port`) and why."""

    path: str
    reason: str

    def __str__(self) -> str:
        return f"{self.path}: {self.reason}" if self.path else self.reason


def join(path: str, key: str) -> str:
    """Path of a field in Pulumi's notation: `spec.replicas`, `metadata.labels["a/b"]`."""
    if not re.fullmatch(r"[A-Za-z_$][\w$-]*", key):
        return f'{path}["{key}"]'
    return f"{path}.{key}" if path else key


class ApiError(Exception):
    """A refusal as metav1.Status carries it. Code and reason: k8s.io/apimachinery/pkg/api/errors."""

    def __init__(self, code: int, reason: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.reason = reason
        self.message = message

    def status(self) -> dict[str, Any]:
        """The refusal as a metav1.Status object."""
        return {
            "kind": "Status",
            "apiVersion": "v1",
            "metadata": {},
            "status": "Failure",
            "message": self.message,
            "reason": self.reason,
            "code": self.code,
        }


def not_found(what: str, name: str) -> ApiError:
    """404. `what` is the plural and group, as in `statefulsets.apps "x" not found`."""
    return ApiError(NOT_FOUND, "NotFound", f'{what} "{name}" not found')


def already_exists(what: str, name: str) -> ApiError:
    """409 for a create of something that is there."""
    return ApiError(409, "AlreadyExists", f'{what} "{name}" already exists')


def invalid(what: str, name: str, problems: Sequence[Problem]) -> ApiError:
    """422 with every problem in one sentence."""
    listed = "; ".join(str(problem) for problem in problems)
    return ApiError(422, "Invalid", f'{what} "{name}" is invalid: {listed}')


def bad_request(message: str) -> ApiError:
    """400 for a request that cannot be understood."""
    return ApiError(400, "BadRequest", message)


class Unreachable(Exception):
    """There is no cluster at this host: what a client of a deleted or never made cluster meets."""

    def __init__(self, host: str) -> None:
        super().__init__(f"dial tcp: lookup {host}: no such host")
