"""Which API server a kubeconfig points at."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import yaml

from embedded.provider import ProviderError, Values


def server_host(kubeconfig: str | Values, context: str = "", cluster: str = "") -> str:
    """Host name of the API server, as written. `context` and `cluster` override the file's choice.

    ProviderError, in one sentence, if the kubeconfig cannot be read or names nothing.
    """
    config = _parsed(kubeconfig)
    if not cluster:
        chosen = context or config.get("current-context", "")
        cluster = _named(config, "contexts", str(chosen)).get("context", {}).get("cluster", "")
    server = _named(config, "clusters", cluster).get("cluster", {}).get("server", "")
    parts = urlsplit(str(server))
    if not parts.hostname:
        raise ProviderError(f'kubeconfig: cluster "{cluster}" has no server address such as https://host')
    return parts.netloc.rpartition("@")[2].partition(":")[0]


def _parsed(kubeconfig: str | Values) -> Values:
    if isinstance(kubeconfig, dict):
        return kubeconfig
    try:
        config = yaml.safe_load(kubeconfig)
    except yaml.YAMLError as error:
        raise ProviderError("kubeconfig: is neither YAML nor JSON; give the content of a kubeconfig") from error
    if not isinstance(config, dict):
        raise ProviderError("kubeconfig: is not the content of a kubeconfig; paths are not read by the embedded cloud")
    return config


def _named(config: Values, field: str, name: str) -> dict[str, Any]:
    entries = config.get(field) or []
    found = next((entry for entry in entries if isinstance(entry, dict) and entry.get("name") == name), None)
    if found is None:
        raise ProviderError(f'kubeconfig: there is no "{name}" under {field}')
    return found
