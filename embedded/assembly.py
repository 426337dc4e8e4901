"""The parts of one stack's embedded cloud, put together: AWS, the Kubernetes clusters on it, and their journal."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterable
from importlib.metadata import version

from botocore.exceptions import ClientError

from embedded.aws.endpoint import AwsEndpoint
from embedded.aws.faults import Faults
from embedded.aws.handler import AwsHandler
from embedded.aws.inventory import Item
from embedded.journal import Journal, Part
from embedded.kubernetes.api import ClusterFacts, Clusters
from embedded.kubernetes.handler import KubernetesHandler
from embedded.provider import Handler
from embedded.randoms import RandomHandler
from embedded.stack_folder import StackFolder
from embedded.steps import Steps

# https://<id>.<partition part>.<region>.eks.amazonaws.com, as EKS names API servers
_EKS_HOST = re.compile(r"^[^.]+\.[^.]+\.(?P<region>[a-z0-9-]+)\.eks\.amazonaws\.com$")
# A snapshot is bytes of these libraries' own objects; another version of any of them reads the journal instead.
_SNAPSHOT_VERSION = "|".join(f"{name}={version(name)}" for name in ("moto", "botocore", "kubernetes-validate")) + "|2"


class Cloud:
    """Everything one stack's cloud holds. `lock` guards it all: one mutation at a time, in the journal's order."""

    def __init__(self, folder: StackFolder, lock: threading.RLock, steps: Steps, faults: Faults | None) -> None:
        self.lock = lock
        self._journal = Journal(folder.cloud, on_record=steps.recorded)
        self.aws = AwsEndpoint(self._journal, self.lock, faults)
        self.clusters = Clusters(self._journal, self.lock, self._cluster_facts)
        self._parts: dict[str, Part] = {"aws": self.aws, "kubernetes": self.clusters}
        with self.lock:
            self._journal.load(self._parts, _SNAPSHOT_VERSION)

    def handler(self, provider: str) -> Handler:
        """A new handler for one provider resource."""
        makers: dict[str, Callable[[], Handler]] = {
            "aws": lambda: AwsHandler(self.aws),
            "kubernetes": lambda: KubernetesHandler(self.clusters),
            "random": RandomHandler,
        }
        return makers[provider]()

    def left(self) -> list[dict[str, str]]:
        """All that somebody made and has not deleted: service, type, id, region, and a note on what goes by itself."""
        with self.lock:
            items = [_item(item, "") for item in self.aws.inventory()]
            items += [_item(item, "deletion is scheduled") for item in self.aws.pending_deletion()]
            for stored in self.clusters.inventory():
                name = "/".join(part for part in (stored["namespace"], stored["name"]) if part)
                items.append(
                    {"service": "kubernetes", "type": stored["kind"], "id": name, "region": stored["host"], "note": ""}
                )
        return items

    def is_empty(self) -> bool:
        """True if nobody has anything here: the next stack may start from a clean journal."""
        return not any(item["note"] == "" for item in self.left())

    def close(self) -> None:
        """Put everything away; the next start continues here."""
        with self.lock:
            if self.is_empty():
                self._journal.clear()
            else:
                self._journal.save(self._parts, _SNAPSHOT_VERSION)
            self._journal.close()

    def _cluster_facts(self, host: str) -> ClusterFacts | None:
        match = _EKS_HOST.match(host)
        if match is None:
            return None
        eks = self.aws.client("eks", match["region"])
        for name in _names(eks):
            try:
                cluster = eks.describe_cluster(name=name)["cluster"]
            except ClientError:
                continue
            if cluster["endpoint"].removeprefix("https://").lower() == host.lower():
                return ClusterFacts(name=name, version=cluster["version"])
        return None


def _item(item: Item, note: str) -> dict[str, str]:
    return {"service": item.service, "type": item.type, "id": item.id, "region": item.region, "note": note}


def _names(eks: object) -> Iterable[str]:
    for page in eks.get_paginator("list_clusters").paginate():  # type: ignore[attr-defined]
        yield from page["clusters"]
