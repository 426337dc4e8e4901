"""A client for a region's Kubernetes API, made from the kubeconfig that the region's provider has in the state."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import yaml
from kubernetes import client, config, dynamic
from kubernetes.dynamic.exceptions import NotFoundError, ResourceNotFoundError

from automation.errors import Refused
from embedded.client import Attachment
from embedded.stack_folder import StackFolder


def find_kubernetes(
    provider: Mapping[str, Any],
    type_: str,
    inputs: Mapping[str, Any],
    folder: StackFolder | None,
    cloud: Attachment | None,
) -> str | None:
    """The engine's id (`namespace/name`, or `name`) of an object, None if there is none."""
    metadata = inputs.get("metadata") or {}
    if "name" not in metadata:
        raise Refused(
            f"{type_}: its create was interrupted and it has no fixed name to look for: give it metadata.name"
        )
    api = dynamic.DynamicClient(_api_client(provider, folder, cloud))
    try:
        kind = api.resources.get(api_version=inputs["apiVersion"], kind=inputs["kind"])
        found = kind.get(
            name=metadata["name"], namespace=metadata.get("namespace", "default") if kind.namespaced else None
        )
    except (NotFoundError, ResourceNotFoundError):
        return None
    name, namespace = found.metadata.name, found.metadata.namespace
    return f"{namespace}/{name}" if namespace else str(name)


def _api_client(provider: Mapping[str, Any], folder: StackFolder | None, cloud: Attachment | None) -> client.ApiClient:
    kubeconfig = provider["kubeconfig"]
    parsed = yaml.safe_load(kubeconfig) if isinstance(kubeconfig, str) else json.loads(json.dumps(kubeconfig))
    if folder is None or cloud is None:
        return config.new_client_from_config_dict(parsed)
    # The embedded cloud serves every cluster under its API server's host name, to bearers of the stack's token.
    server = urlsplit(parsed["clusters"][0]["cluster"]["server"]).hostname
    settings = client.Configuration(host=f"{cloud.url}/kubernetes/{server}")
    settings.api_key = {"authorization": f"Bearer {folder.token()}"}
    return client.ApiClient(settings)
