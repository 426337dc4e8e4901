"""In which zone each pod stands, as the Kubernetes API says."""

from __future__ import annotations

import json
import ssl
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import Any

ZONE = "topology.kubernetes.io/zone"
TOKEN = "/var/run/secrets/kubernetes.io/serviceaccount"
_SECONDS = 5


class Zones:
    """`of(pods)`: zones by pod. A pod stays where its volume is, so each node is asked for once."""

    def __init__(self, api: str, namespace: str, token: Path) -> None:
        self._api, self._namespace, self._token = api.rstrip("/"), namespace, token
        self._nodes: dict[str, str] = {}

    def of(self, pods: tuple[str, ...]) -> dict[str, str]:
        """OSError (urllib's too) where the API does not answer. Pods without a node are left out."""
        items = self._get(f"/api/v1/namespaces/{self._namespace}/pods")["items"]
        on_node = {item["metadata"]["name"]: item["spec"]["nodeName"] for item in items if item["spec"].get("nodeName")}
        found = {pod: self._zone(on_node[pod]) for pod in pods if pod in on_node}
        return {pod: zone for pod, zone in found.items() if zone}

    def _zone(self, node: str) -> str:
        if node not in self._nodes:
            labels = self._get(f"/api/v1/nodes/{node}")["metadata"].get("labels", {})
            if ZONE not in labels:
                return ""
            self._nodes[node] = labels[ZONE]
        return self._nodes[node]

    def _get(self, path: str) -> Any:
        # The kubelet renews the token: it is read each time.
        headers = {"Authorization": f"Bearer {(self._token / 'token').read_text().strip()}"}
        request = urllib.request.Request(self._api + path, headers=headers)
        context = ssl.create_default_context(cafile=str(self._token / "ca.crt")) if self._api[:6] == "https:" else None
        with urllib.request.urlopen(request, timeout=_SECONDS, context=context) as answer:
            return json.load(answer)


def zones_from(environment: Mapping[str, str]) -> Zones:
    """As a pod finds the API."""
    host, port = environment.get("KUBERNETES_SERVICE_HOST", ""), environment.get("KUBERNETES_SERVICE_PORT", "443")
    api = environment.get("KUBERNETES_API", f"https://[{host}]:{port}" if ":" in host else f"https://{host}:{port}")
    return Zones(api, environment["POD_NAMESPACE"], Path(environment.get("REDIS_TOKEN", TOKEN)))
