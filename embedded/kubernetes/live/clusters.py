"""The Kubernetes clusters of one stack's cloud where each has a control plane of its own.

A control plane is started when its cluster is first asked for, or as soon as AWS says that the cluster exists; it ends
with the cloud that started it, and one that somebody started by hand stays up. When the cluster is deleted, all that
its API held goes with it.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from embedded.control_plane.keeper.keeper import Keeper
from embedded.control_plane.plane import ControlPlane, ControlPlaneError
from embedded.control_plane_choice import ControlPlaneChoice
from embedded.kubernetes.api import ClusterFacts
from embedded.kubernetes.errors import ApiError, Unreachable
from embedded.kubernetes.live.api import LiveClusterApi
from embedded.kubernetes.live.furniture import furnish
from embedded.kubernetes.live.inventory import made_by_users
from embedded.kubernetes.live.server import Server
from embedded.kubernetes.schemas import UnknownKind
from embedded.stack_folder import StackFolder, write_whole

_HOST_FILE: Final = "cluster"
_WATCH_SECONDS: Final = 1.0
Facts = Callable[[str], ClusterFacts | None]


@dataclass
class _Cluster:
    """One running cluster. `ours`: this process started its control plane, and ends it."""

    plane: ControlPlane
    api: LiveClusterApi
    keeper: Keeper
    ours: bool

    def end(self, *, erase: bool = False) -> None:
        """Look after it no longer, and end its control plane if that is ours, or `erase` it with all it holds."""
        self.api.end()
        self.keeper.stop()
        if erase or self.ours:
            self.plane.stop(erase=erase)


class LiveClusters:
    """All clusters. `facts(host)` asks AWS for the cluster whose endpoint has this host name; None if there is none.

    `clients` gives a boto3 client of a service in an AWS region.
    """

    def __init__(
        self, folder: StackFolder, choice: ControlPlaneChoice, facts: Facts, clients: Callable[[str, str], Any]
    ) -> None:
        self._folder = folder
        self._choice = choice
        self._facts = facts
        self._clients = clients
        self._lock = threading.Lock()
        self._starting: dict[str, threading.Lock] = {}
        self._clusters: dict[str, _Cluster] = {}
        self._erasing = threading.Lock()
        self._gone: dict[str, list[dict[str, str]]] = {}
        self._lost_zones: tuple[str, ...] = ()
        self._closing = threading.Event()

    def api(self, host: str) -> LiveClusterApi:
        """The API at a host, started if need be. Unreachable while AWS has no such cluster; 503 if it cannot start."""
        return self._running(host).api

    def watch(self, hosts: Callable[[], list[str]]) -> None:
        """From now on start what AWS says exists, and erase what it says is gone. `hosts`: of all API servers."""
        threading.Thread(target=self._watch, args=(hosts,), daemon=True, name="control planes").start()

    def inventory(self) -> list[dict[str, str]]:
        """Everything that users made in clusters that are there, without what a cluster brings or makes itself."""
        found = []
        for host, cluster in self._all():
            if self._facts(host) is not None:
                found += [{"host": host, **item} for item in made_by_users(cluster.api.server)]
        return found

    def report(self) -> dict[str, list[str]]:
        """What the API servers said: `permissive` kinds without a true schema, `warnings` of requests they took.

        `problems`: what does not go as it should with nodes, volumes and addresses.
        """
        permissive, warnings, problems = set[str](), set[str](), set[str]()
        for _, cluster in self._all():
            permissive |= set(cluster.api.definitions.permissive())
            warnings |= set(cluster.api.server.warnings())
            problems |= {f"{cluster.plane.region}: {problem}" for problem in cluster.keeper.problems()}
        return {"permissive": sorted(permissive), "warnings": sorted(warnings), "problems": sorted(problems)}

    def lose_zones(self, zones: Sequence[str]) -> None:
        """From now on AWS has no capacity in these zones, for clusters to come too; nodes that stand there stay."""
        self._lost_zones = tuple(zones)
        for _, cluster in self._all():
            cluster.keeper.lose_zones(*zones)

    def gone(self) -> list[dict[str, str]]:
        """Everything that users had made in clusters and not deleted, when this process saw those deleted."""
        for host, _ in self._all():
            if self._facts(host) is None:
                self.forget(host)
        return [{"host": host, **item} for host, items in sorted(self._gone.items()) for item in items]

    def forget(self, host: str) -> None:
        """Erase the control plane of a cluster that is no more."""
        with self._erasing:
            with self._lock:
                cluster = self._clusters.pop(host.lower(), None)
            if cluster is not None:
                with contextlib.suppress(ApiError):  # whatever ended it, there is nobody left to ask
                    self._gone[host.lower()] = made_by_users(cluster.api.server)
                cluster.end(erase=True)

    def close(self) -> None:
        """End what this process started."""
        self._closing.set()
        with self._lock:
            starting = list(self._starting.values())
        for lock in starting:
            lock.acquire()  # nothing is begun any more; what is being begun is waited for
        for host, cluster in self._all():
            cluster.end(erase=self._facts(host) is None)

    def _watch(self, hosts: Callable[[], list[str]]) -> None:
        while not self._closing.wait(_WATCH_SECONDS):
            there = set(hosts())
            for host in there - self._clusters.keys():
                threading.Thread(target=self._start_early, args=(host,), daemon=True).start()
            for host, _ in self._all():
                if host not in there:
                    self.forget(host)

    def _start_early(self, host: str) -> None:
        with contextlib.suppress(ApiError, Unreachable):  # whoever needs it is told
            self._running(host)

    def _all(self) -> list[tuple[str, _Cluster]]:
        with self._lock:
            return sorted(self._clusters.items())

    def _running(self, host: str) -> _Cluster:
        key = host.lower()  # DNS does not tell cases apart, and clients write host names small
        facts = self._facts(host)
        if facts is None:
            self.forget(host)
            raise Unreachable(host)
        with self._lock:
            starting = self._starting.setdefault(key, threading.Lock())
        with starting:  # one region's start keeps no other waiting
            if key not in self._clusters:
                started = self._start(key, facts)
                with self._lock:
                    self._clusters[key] = started
            return self._clusters[key]

    def _start(self, host: str, facts: ClusterFacts) -> _Cluster:
        region = self._choice.regions.get(facts.name, facts.name)
        plane = ControlPlane(self._folder, region)
        record = self._folder.root / "control-plane" / region / _HOST_FILE
        if _other_cluster(record, host):
            plane.stop(erase=True)
        ours = plane.handle() is None
        try:
            handle = plane.start(self._choice.programs)
        except ControlPlaneError as error:
            raise ApiError(503, "ServiceUnavailable", str(error)) from error
        write_whole(record, host)
        server = Server(handle.url, str(handle.ca), handle.token, region)
        try:
            api = LiveClusterApi(server, facts.version, record.parent)
        except UnknownKind as unknown:
            raise ApiError(503, "ServiceUnavailable", str(unknown)) from unknown
        furnish(server, facts.version)
        keeper = self._keeper(plane, server, facts.name, host, record.parent)
        keeper.lose_zones(*self._lost_zones)
        keeper.start()
        return _Cluster(plane, api, keeper, ours)

    def _keeper(self, plane: ControlPlane, server: Server, cluster: str, host: str, folder: Path) -> Keeper:
        aws_region = host.split(".")[2]  # <id>.<partition part>.<region>.eks.amazonaws.com
        programs = self._choice.programs
        return Keeper(
            server,
            lambda service: self._clients(service, aws_region),
            cluster=cluster,
            region=aws_region,
            folder=folder,
            start_karpenter=lambda catalog: plane.start_karpenter(programs, catalog),
        )


def _other_cluster(record: Path, host: str) -> bool:
    """Whether the region's API still holds what was in a cluster that is gone: a host name never comes back."""
    try:
        return record.read_text() != host
    except FileNotFoundError:
        return False
