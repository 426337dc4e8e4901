"""The parts of one stack's embedded cloud, put together: AWS, the Kubernetes clusters on it, and their journal."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterable
from importlib.metadata import version
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from embedded.aws.endpoint import AwsEndpoint
from embedded.aws.faults import Faults
from embedded.aws.handler import AwsHandler
from embedded.aws.inventory import Item
from embedded.control_plane_choice import chosen
from embedded.journal import Journal, Part
from embedded.kubernetes.api import ClusterFacts, Clusters
from embedded.kubernetes.custom import DEFINITION
from embedded.kubernetes.handler import KubernetesHandler
from embedded.kubernetes.protocol import ManyClusters
from embedded.provider import Handler
from embedded.randoms import RandomHandler
from embedded.stack_folder import StackFolder
from embedded.steps import Steps

if TYPE_CHECKING:
    from embedded.kubernetes.live.clusters import LiveClusters

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
        # Also where clusters have control planes: a stack may have had clusters of the other sort before.
        self.own_clusters = Clusters(self._journal, self.lock, self._cluster_facts)
        self._parts: dict[str, Part] = {"aws": self.aws, "kubernetes": self.own_clusters}
        with self.lock:
            self._journal.load(self._parts, _SNAPSHOT_VERSION)
        self.live = self._live_clusters(folder)

    @property
    def clusters(self) -> ManyClusters:
        """The stack's clusters, of either sort."""
        return self.own_clusters if self.live is None else self.live

    def _live_clusters(self, folder: StackFolder) -> LiveClusters | None:
        choice = chosen(folder)
        if choice is None:
            return None
        from embedded.kubernetes.live.clusters import LiveClusters  # with the whole official client

        live = LiveClusters(folder, choice, self._cluster_facts, self.aws.client)
        live.watch(lambda: [host for region in choice.aws_regions for host in self._clusters_in(region)])
        return live

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
        items += [_object(stored, "") for stored in self.clusters.inventory()]
        if self.live is not None:
            items += [_object(stored, _note(stored)) for stored in self.live.gone()]
        return items

    def is_empty(self) -> bool:
        """True if nobody has anything here: the next stack may start from a clean journal."""
        with self.lock:
            return not self.aws.inventory() and not self.own_clusters.inventory()

    def close(self) -> None:
        """Put everything away; the next start continues here."""
        if self.live is not None:
            self.live.close()
        with self.lock:
            if self.is_empty():
                self._journal.clear()
            else:
                self._journal.save(self._parts, _SNAPSHOT_VERSION)
            self._journal.close()

    def _cluster_facts(self, host: str) -> ClusterFacts | None:
        match = _EKS_HOST.match(host)
        return None if match is None else self._clusters_in(match["region"]).get(host.lower())

    def _clusters_in(self, region: str) -> dict[str, ClusterFacts]:
        eks, found = self.aws.client("eks", region), {}
        for name in _names(eks):
            try:
                cluster = eks.describe_cluster(name=name)["cluster"]
            except ClientError:
                continue
            host = cluster["endpoint"].removeprefix("https://").lower()
            found[host] = ClusterFacts(name=name, version=cluster["version"])
        return found


def _item(item: Item, note: str) -> dict[str, str]:
    return {"service": item.service, "type": item.type, "id": item.id, "region": item.region, "note": note}


def _object(stored: dict[str, str], note: str) -> dict[str, str]:
    name = "/".join(part for part in (stored["namespace"], stored["name"]) if part)
    return {"service": "kubernetes", "type": stored["kind"], "id": name, "region": stored["host"], "note": note}


def _note(stored: dict[str, str]) -> str:
    if stored["kind"] == DEFINITION[1]:
        return "Helm leaves it; it went with its cluster"
    return "was in its cluster when that was deleted"


def _names(eks: object) -> Iterable[str]:
    for page in eks.get_paginator("list_clusters").paginate():  # type: ignore[attr-defined]
        yield from page["clusters"]
