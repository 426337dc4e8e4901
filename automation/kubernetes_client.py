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
from embedded.kubernetes.kinds import RELEASE
from embedded.stack_folder import StackFolder


def find_kubernetes(
    provider: Mapping[str, Any],
    type_: str,
    inputs: Mapping[str, Any],
    folder: StackFolder | None,
    cloud: Attachment | None,
) -> str | None:
    """The engine's id (`namespace/name`, or `name`) of an object or Helm release, None if there is none.

    A patch is found where its object is: applying it once more changes nothing.
    """
    metadata = inputs.get("metadata") or {}
    if "name" not in metadata and type_ != RELEASE:
        raise Refused(
            f"{type_}: its create was interrupted and it has no fixed name to look for: give it metadata.name"
        )
    api = dynamic.DynamicClient(_api_client(provider, folder, cloud))
    if type_ == RELEASE:
        return _find_release(api, type_, inputs)
    try:
        kind = api.resources.get(api_version=inputs["apiVersion"], kind=inputs["kind"])
        found = kind.get(
            name=metadata["name"], namespace=metadata.get("namespace", "default") if kind.namespaced else None
        )
    except (NotFoundError, ResourceNotFoundError):
        return None
    name, namespace = found.metadata.name, found.metadata.namespace
    return f"{namespace}/{name}" if namespace else str(name)


def _find_release(api: dynamic.DynamicClient, type_: str, inputs: Mapping[str, Any]) -> str | None:
    """Helm keeps a release as Secrets, one a revision. One that was cut off can be neither used nor made anew."""
    name, namespace = inputs["name"], inputs["namespace"]
    secrets = api.resources.get(api_version="v1", kind="Secret")
    found = secrets.get(namespace=namespace, label_selector=f"owner=helm,name={name}").items
    if not found:
        return None
    newest = max(found, key=lambda secret: int(secret.metadata.labels["version"]))
    status = newest.metadata.labels["status"]
    if status.startswith("pending-"):
        raise Refused(
            f"{type_}: release {namespace}/{name} is {status}, since Helm was killed in the middle of it: remove it "
            f"with helm uninstall --namespace {namespace} {name} and run this again"
        )
    return f"{namespace}/{name}"


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
