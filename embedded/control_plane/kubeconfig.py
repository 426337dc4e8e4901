"""The text of kubeconfigs."""

from __future__ import annotations

import base64
from collections.abc import Mapping

import yaml


def kubeconfig(name: str, url: str, authority: bytes, user: Mapping[str, str]) -> str:
    """A kubeconfig of one cluster and one user; `user` as Kubernetes' AuthInfo ("token", or two paths)."""
    certificate = base64.b64encode(authority).decode()
    return yaml.safe_dump(
        {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{"name": name, "cluster": {"server": url, "certificate-authority-data": certificate}}],
            "users": [{"name": name, "user": dict(user)}],
            "contexts": [{"name": name, "context": {"cluster": name, "user": name}}],
            "current-context": name,
        },
        sort_keys=False,
    )
