"""Pure: how long a shard of Redis takes no writes when its master dies, from the cluster's own timers."""

from dataclasses import dataclass

# valkey.io/topics/cluster-spec: a replica waits 500 ms, so that all masters hear of the failure, and up to 500 ms more
# at random, so that two replicas do not split the votes.
ELECTION_LEAST_SECONDS, ELECTION_MOST_SECONDS = 0.5, 1.0
# Every member pings every other at least once in half of the node timeout.
PINGS_PER_TIMEOUT = 2


@dataclass(frozen=True, kw_only=True)
class FailoverParts:
    """Seconds, each at its longest: `silence` until the next ping is due, `detection` until its answer counts as
    missing, `agreement` until a majority of the masters has told each other, `election` of the replica."""

    silence: float
    detection: float
    agreement: float
    election: float

    @property
    def longest(self) -> float:
        """All parts at their longest."""
        return self.silence + self.detection + self.agreement + self.election

    @property
    def usual(self) -> float:
        """Half of what depends on chance; with a node timeout of 5 s it says 8.25, and 8.1 were measured."""
        election = (ELECTION_LEAST_SECONDS + self.election) / 2
        return self.silence / 2 + self.detection + self.agreement / 2 + election


def failover_seconds(node_timeout_ms: int) -> FailoverParts:
    """Of one master that dies alone; its replica is in sync and has not been elected within four node timeouts.

    Within these a replica starts no second election. A planned handover (prestop.sh) waits for none of it.
    """
    timeout = node_timeout_ms / 1000
    return FailoverParts(
        silence=timeout / PINGS_PER_TIMEOUT,
        detection=timeout,
        agreement=timeout / PINGS_PER_TIMEOUT,
        election=ELECTION_MOST_SECONDS,
    )
