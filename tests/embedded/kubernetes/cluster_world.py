"""A cluster of the embedded cloud, a provider for it, and shorthand to make things with it."""

from __future__ import annotations

import copy
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from embedded.journal import Journal
from embedded.kubernetes.api import ClusterFacts, Clusters
from embedded.kubernetes.cluster import ClusterApi
from embedded.kubernetes.handler import KubernetesHandler
from embedded.provider import Target

HOST = "0F1E2D3C4B5A.gr7.us-east-1.eks.amazonaws.com"
KUBECONFIG: dict[str, Any] = {
    "current-context": "game",
    "contexts": [{"name": "game", "context": {"cluster": "eks", "user": "me"}}],
    "clusters": [{"name": "eks", "cluster": {"server": f"https://{HOST}"}}],
}


def journal_in(folder: Path) -> Journal:
    return Journal(folder, on_record=lambda _: None)


def everything(_: dict[str, Any]) -> bool:
    return True


@dataclass
class Made:
    """A resource as the engine's state would hold it."""

    target: Target
    id: str
    inputs: dict[str, Any]
    outputs: dict[str, Any]


@dataclass
class World:
    """One cluster, and one provider resource for it."""

    folder: Path
    facts: dict[str, ClusterFacts] = field(default_factory=lambda: {HOST.lower(): ClusterFacts("game", "1.35")})

    def __post_init__(self) -> None:
        self.journal = journal_in(self.folder)
        self.clusters = self.other_clusters(self.journal)
        self.handler = self.provider()

    def other_clusters(self, journal: Journal) -> Clusters:
        return Clusters(journal, threading.RLock(), lambda host: self.facts.get(host.lower()))

    def provider(self, **settings: Any) -> KubernetesHandler:
        handler = KubernetesHandler(self.clusters)
        handler.configure({"kubeconfig": KUBECONFIG, **settings})
        return handler

    @property
    def api(self) -> ClusterApi:
        return self.clusters.api(HOST)

    def get(self, api_version: str, kind: str, name: str, namespace: str = "default") -> dict[str, Any]:
        return self.api.get(self.api.schemas().kind(api_version, kind), namespace, name)

    def names(self, api_version: str, kind: str, namespace: str = "") -> list[str]:
        found = self.api.list_objects(self.api.schemas().kind(api_version, kind), namespace, everything)
        return [item["metadata"]["name"] for item in found]

    def failures(self, token: str, inputs: dict[str, Any], name: str = "thing") -> dict[str, str]:
        _, found = self.handler.check(target(token, name), None, copy.deepcopy(inputs))
        return {failure.property: failure.reason for failure in found}

    def make(self, token: str, inputs: dict[str, Any], name: str = "thing") -> Made:
        wanted = target(token, name)
        checked, found = self.handler.check(wanted, None, copy.deepcopy(inputs))
        assert found == []
        made_id, outputs = self.handler.create(wanted, checked)
        return Made(wanted, made_id, checked, outputs)

    def change(self, made: Made, inputs: dict[str, Any]) -> Made:
        checked, found = self.handler.check(made.target, made.inputs, copy.deepcopy(inputs))
        assert found == []
        outputs = self.handler.update(made.target, made.id, made.inputs, made.outputs, checked)
        return Made(made.target, made.id, checked, outputs)

    def refresh(self, made: Made) -> tuple[str, dict[str, Any], dict[str, Any]] | None:
        return self.handler.read(made.target, made.id, made.inputs, made.outputs)

    def import_(self, made: Made) -> dict[str, Any]:
        found = self.handler.read(made.target, made.id, None, None)
        assert found is not None
        return found[1]


def target(token: str, name: str = "thing") -> Target:
    return Target(f"urn:pulumi:local::game-regions::{token}::{name}", token, name, b"seed of " + name.encode())


NAMESPACE = "kubernetes:core/v1:Namespace"
CONFIG_MAP = "kubernetes:core/v1:ConfigMap"
SECRET = "kubernetes:core/v1:Secret"
SERVICE = "kubernetes:core/v1:Service"
STATEFUL_SET = "kubernetes:apps/v1:StatefulSet"
STORAGE_CLASS = "kubernetes:storage.k8s.io/v1:StorageClass"

GAME = {"metadata": {"name": "game"}}
SETTINGS = {"metadata": {"name": "settings", "namespace": "game"}, "data": {"world.yaml": "size: 4"}}
FAST = {
    "metadata": {"name": "gp3-v1"},
    "provisioner": "ebs.csi.aws.com",
    "parameters": {"type": "gp3", "encrypted": "true"},
    "volumeBindingMode": "WaitForFirstConsumer",
}


def stateful_set(**spec: Any) -> dict[str, Any]:
    """The inputs of a StatefulSet that runs game worlds; `spec` replaces fields of its spec."""
    container = {
        "name": "world",
        "image": "registry.example/world:1.4.2",
        "ports": [
            {"name": "game", "containerPort": 7777, "protocol": "UDP"},
            {"name": "metrics", "containerPort": 9100},
        ],
        "envFrom": [{"configMapRef": {"name": "settings"}}],
        "resources": {"requests": {"cpu": "500m", "memory": "1Gi"}, "limits": {"cpu": "1", "memory": "1Gi"}},
        "readinessProbe": {"httpGet": {"path": "/ready", "port": "metrics"}},
        "volumeMounts": [{"name": "data", "mountPath": "/data"}],
    }
    claim = {
        "metadata": {"name": "data"},
        "spec": {
            "accessModes": ["ReadWriteOnce"],
            "storageClassName": "gp3-v1",
            "resources": {"requests": {"storage": "10Gi"}},
        },
    }
    whole = {
        "replicas": 2,
        "serviceName": "worlds",
        "selector": {"matchLabels": {"app": "world"}},
        "template": {
            "metadata": {"labels": {"app": "world"}},
            "spec": {
                "containers": [container],
                "tolerations": [{"key": "game-server", "operator": "Equal", "value": "true", "effect": "NoSchedule"}],
            },
        },
        "volumeClaimTemplates": [claim],
    }
    return copy.deepcopy({"metadata": {"name": "worlds", "namespace": "game"}, "spec": {**whole, **spec}})
