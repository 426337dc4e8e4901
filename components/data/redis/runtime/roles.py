"""Pure: which pods are masters, and whose replicas the others are. No master and its replica in one zone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product


@dataclass(frozen=True)
class Roles:
    """`masters` in the order of their slots; `replicas` by pod: the master's pod."""

    masters: tuple[str, ...]
    replicas: Mapping[str, str]


def ordinal(pod: str) -> int:
    """The number at the end of a StatefulSet's pod's name."""
    return int(pod.rpartition("-")[2])


def assign_roles(pods: Mapping[str, str]) -> Roles:
    """Roles of new `pods`, given each one's zone: masters one per zone and of lowest ordinal, as far as zones go.

    The remaining pod of the second zone replicates the first zone's master, the third's the second's, the first's the
    last's. ValueError where pairs over two zones each are impossible.
    """
    if len(pods) % 2 or len(pods) < 2:
        raise ValueError(f"redis pods: {len(pods)} cannot be paired; give as many replicas as masters")
    left = sorted(pods, key=lambda pod: (pods[pod], ordinal(pod)))
    masters: list[str] = []
    while len(masters) < len(pods) // 2:
        held = Counter(pods[pod] for pod in masters)
        waiting = Counter(pods[pod] for pod in left)
        # A zone with more pods than others gives the next master, or its pods would have to be each other's.
        best = min(left, key=lambda pod: (held[pods[pod]], -waiting[pods[pod]], pods[pod], ordinal(pod)))
        left.remove(best)
        masters.append(best)
    masters.sort(key=lambda pod: (pods[pod], ordinal(pod)))
    replicas = pair_up(masters, left, pods, {})
    if len(replicas) < len(masters):
        zones = ", ".join(f"{count} in {zone}" for zone, count in sorted(Counter(pods.values()).items()))
        raise ValueError(f"redis pods: {zones}; no master could have its replica in another zone, spread them evenly")
    return Roles(masters=tuple(masters), replicas=replicas)


def pair_up(
    masters: Sequence[str], replicas: Sequence[str], zones: Mapping[str, str], now: Mapping[str, str]
) -> dict[str, str]:
    """By replica its master, in another zone, one each; as many pairs as there can be, and those of `now` first."""
    order = sorted(set(zones.values()))

    def rank(replica: str) -> list[str]:
        """Masters in other zones: its present one, then that of the zone before its own, and so on backwards."""
        away = [master for master in masters if zones[master] != zones[replica]]
        return sorted(
            away,
            key=lambda master: (
                now.get(replica) != master,
                (order.index(zones[replica]) - order.index(zones[master])) % len(order),
                ordinal(master),
            ),
        )

    holder: dict[str, str] = {}  # by master: its replica

    def place(replica: str, tried: set[str]) -> bool:
        for master in rank(replica):
            if master in tried:
                continue
            tried.add(master)
            if master not in holder or place(holder[master], tried):
                holder[master] = replica
                return True
        return False

    # Those that stay where they are go first, and are moved only where another would find no master at all.
    for replica in sorted(replicas, key=lambda pod: (now.get(pod) not in rank(pod), zones[pod], ordinal(pod))):
        place(replica, set())
    return {replica: master for master, replica in sorted(holder.items())}


def fail_back(shards: Sequence[Sequence[str]], zones: Mapping[str, str]) -> tuple[str, ...]:
    """Pods to be made masters so that no zone holds more masters than it must, by the fewest changes.

    `shards` are the pods of each part of the slots, its present master first. Three zones and three pairs over two of
    them each always come to one master in each zone.
    """

    def crowd(choice: Sequence[str]) -> list[int]:
        """Masters by zone, the fullest first: compared as a list, the evener choice is the smaller."""
        return sorted(Counter(zones[pod] for pod in choice).values(), reverse=True)

    def changes(choice: Sequence[str]) -> int:
        return sum(pod != shard[0] for pod, shard in zip(choice, shards, strict=True))

    best = min(product(*shards), key=lambda choice: (crowd(choice), changes(choice), [ordinal(pod) for pod in choice]))
    return tuple(pod for pod, shard in zip(best, shards, strict=True) if pod != shard[0])
