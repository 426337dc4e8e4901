"""Pure: what a workload keeps while nodes, releases or a zone go. Declared in `promises.py` beside its component."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, kw_only=True)
class Promise:
    """What must hold of one workload of a region: `kind` `namespace`/`name`, of `replicas` pods.

    `minimum_ready` pods are ready at every moment in which a node is drained or fails, or a release is rolled out.
    `after_zone_loss` run once a zone is lost and every pod that may stand elsewhere has been started there.
    `quorum`: more than half of the replicas run at any time, whatever single thing goes. `seats_each` are the players
    that one pod takes.
    """

    namespace: str
    name: str
    replicas: int
    minimum_ready: int
    after_zone_loss: int
    kind: Literal["Deployment", "StatefulSet"] = "Deployment"
    quorum: bool = False
    seats_each: int = 0

    def __post_init__(self) -> None:
        most = max(self.minimum_ready, self.after_zone_loss)
        if most > self.replicas:
            raise ValueError(
                f"promise of {self.owner}: {most} pods are above its {self.replicas} replicas; promise fewer"
            )

    @property
    def owner(self) -> str:
        """The workload's name in a plan: `Kind namespace/name`."""
        return f"{self.kind} {self.namespace}/{self.name}"

    def needed(self, *, zone_lost: bool) -> int:
        """Fewest pods that must run, in a region that has all its zones or one less."""
        figure = self.after_zone_loss if zone_lost else self.minimum_ready
        return max(figure, self.replicas // 2 + 1) if self.quorum else figure


def check(promise: Promise, running: Mapping[str, int], *, zone_lost: bool) -> str | None:
    """One sentence if pods running by zone are fewer than promised, None if the promise holds."""
    pods, needed = sum(running.values()), promise.needed(zone_lost=zone_lost)
    if pods >= needed:
        return None
    figure = f"its quorum of {needed}" if promise.quorum else f"the promised {needed}"
    where = ", ".join(f"{count} in {zone}" for zone, count in sorted(running.items()) if count) or "none anywhere"
    seats = f"; {pods * promise.seats_each} seats of {needed * promise.seats_each}" if promise.seats_each else ""
    return f"{promise.owner}: {pods} of {promise.replicas} pods run ({where}), fewer than {figure}{seats}"


def seats(promise: Promise, running: Mapping[str, int]) -> int:
    """Players that the running pods take."""
    return sum(running.values()) * promise.seats_each


def stateless(
    namespace: str, name: str, replicas: int, kind: Literal["Deployment", "StatefulSet"] = "Deployment"
) -> Promise:
    """What a workload without a volume keeps: all pods but one while they move, and all of them after a zone's loss.

    One that runs alone is away while it moves.
    """
    return Promise(
        kind=kind,
        namespace=namespace,
        name=name,
        replicas=replicas,
        minimum_ready=max(0, replicas - 1),
        after_zone_loss=replicas,
    )
