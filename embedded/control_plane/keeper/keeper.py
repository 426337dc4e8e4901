"""All that a cloud does inside one cluster, as long as somebody rehearses with it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final, Protocol

from embedded.control_plane.keeper.addresses import AddressLoop
from embedded.control_plane.keeper.drains import Drains
from embedded.control_plane.keeper.groups import AwsClients, Reader
from embedded.control_plane.keeper.karpenter import KarpenterLoop, Start
from embedded.control_plane.keeper.node_classes import NodeClassLoop
from embedded.control_plane.keeper.node_loop import NodeLoop
from embedded.control_plane.keeper.volumes import VolumeLoop
from embedded.kubernetes.errors import ApiError
from embedded.kubernetes.live.server import Server

_POLL_SECONDS: Final = 0.5
_GONE: Final = (503, 404)  # the API server is being started again, or what a loop asks for is not defined yet


class _Loop(Protocol):
    def step(self) -> None: ...


class Keeper:
    """Nodes, volumes, addresses and Karpenter of one cluster, each looked after twice a second by a thread of its own.

    `cluster` and `region` as AWS names them; `aws` gives a boto3 client for a service. Callers must not hold anything
    that `aws` waits for while they wait for Kubernetes. `start_karpenter` None: its NodePools make no nodes.
    `drain_pace` is how much of EKS's 5 and 15 minutes drains of managed nodes are given: at 0.1, a tenth. Loops only
    look at what Kubernetes and AWS hold, so it may be stopped, or its process end, at any time, and go on later.
    """

    def __init__(
        self,
        server: Server,
        aws: AwsClients,
        *,
        cluster: str,
        region: str,
        folder: Path,
        start_karpenter: Start | None,
        drain_pace: float = 1.0,
    ) -> None:
        self._nodes = NodeLoop(server, Reader(aws, cluster), Drains(server, drain_pace), region)
        self._volumes = VolumeLoop(server, aws)
        self._classes = NodeClassLoop(server, aws, cluster)
        self._loops: dict[str, _Loop] = {
            "nodes": self._nodes,
            "volumes": self._volumes,
            "addresses": AddressLoop(server, region),
            "node classes": self._classes,
        }
        self._karpenter: KarpenterLoop | None = None
        if start_karpenter is not None:
            self._karpenter = KarpenterLoop(server, aws, region, folder / "instance-types.json", start_karpenter)
            self._loops["karpenter"] = self._karpenter
        self._troubles: dict[str, str] = {}
        self._stopping = threading.Event()
        self._threads: Sequence[threading.Thread] = ()

    def start(self) -> None:
        """Begin to look after the cluster."""
        self._stopping.clear()
        self._threads = [
            threading.Thread(target=self._run, args=(name, loop.step), name=f"keeper: {name}", daemon=True)
            for name, loop in self._loops.items()
        ]
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Return when no loop does anything any more; what there is stays. Karpenter ends with its region."""
        self._stopping.set()
        for thread in self._threads:
            thread.join()
        self._threads = ()

    def problems(self) -> list[str]:
        """What does not go as it should now, one sentence each: no capacity, refusals, a failed update."""
        said = [*self._nodes.problems, *self._volumes.problems, *self._classes.problems]
        return [*said, *(f"{name}: {trouble}" for name, trouble in sorted(self._troubles.items()))]

    def lose_zones(self, *zones: str) -> None:
        """From now on AWS has no capacity in these zones, and in all others it has; nodes that stand there stay."""
        self._nodes.lost_zones = frozenset(zones)
        if self._karpenter is not None:
            self._karpenter.lost_zones = frozenset(zones)

    def _run(self, name: str, step: Callable[[], None]) -> None:
        while not self._stopping.wait(_POLL_SECONDS):
            try:
                step()
                self._troubles.pop(name, None)
            except ApiError as refusal:
                if refusal.code not in _GONE:
                    self._troubles[name] = refusal.message
            except Exception as error:  # whatever it is, the loop goes on, and somebody can read of it
                self._troubles[name] = f"{error.__class__.__name__}: {error}"
