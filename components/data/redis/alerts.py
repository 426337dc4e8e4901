"""Pure: when Redis calls somebody, as a group of a PrometheusRule. Series are those of oliver006/redis_exporter.

The zone of a series comes from kube_node_labels, which kube-state-metrics writes for the node labels that it is told.
"""

from math import ceil
from typing import Any

from components.data.redis.monitors import JOB
from components.data.redis.runtime.topology import SLOTS
from components.data.redis.shape import servers_of
from components.monitoring.alert import GAME_TEAM, PLATFORM_TEAM, alert

RUNBOOK = "redis.md"
MEMORY_SHARE = 0.9  # of maxmemory: above it keys with an expiry are evicted, and without any, writes are refused
_ZONE_LABEL = "label_topology_kubernetes_io_zone"


def redis_rules(namespace: str, masters: int, zones: int) -> list[dict[str, Any]]:
    """The one group of a region whose Redis of `masters` masters stands in `namespace`, over `zones` zones."""
    series = f'{{namespace="{namespace}",job="{JOB}"}}'
    rules = [
        server_silent(series, servers_of(masters)),
        cluster_not_ok(series),
        slots_uncovered(series),
        master_without_replica(series),
        masters_in_one_zone(series, ceil(masters / zones)),
        replica_cut_off(series),
        memory_nearly_full(series),
        not_writing_to_disk(series),
        connections_rejected(series),
    ]
    return [{"name": "redis.rules", "rules": rules}]


def server_silent(series: str, servers: int) -> dict[str, Any]:
    """Fewer servers answer than there are, five minutes long: a rolling update is through with one in less."""
    return alert(
        "RedisServerSilent",
        f"(count(redis_up{series} == 1) or vector(0)) < {servers}",
        "5m",
        "warning",
        PLATFORM_TEAM,
        f"{{{{ $value }}}} of {servers} Redis servers answer.",
        f"{RUNBOOK}#failover",
    )


def cluster_not_ok(series: str) -> dict[str, Any]:
    """A server that holds the cluster to be down: it sees no majority of masters, or is no part of any cluster."""
    return alert(
        "RedisClusterNotOk",
        f"redis_cluster_state{series} == 0",
        "30s",
        "critical",
        GAME_TEAM,
        "{{ $labels.pod }} sees its cluster down and refuses what it is asked.",
        f"{RUNBOOK}#full-outage",
    )


def slots_uncovered(series: str) -> dict[str, Any]:
    """Keys that no master answers for, a minute long; a failover takes less."""
    return alert(
        "RedisSlotsUncovered",
        f"min(redis_cluster_slots_ok{series}) < {SLOTS}",
        "1m",
        "critical",
        GAME_TEAM,
        f"{{{{ $value }}}} of {SLOTS} slots have a master that answers.",
        f"{RUNBOOK}#failover",
    )


def master_without_replica(series: str) -> dict[str, Any]:
    """A master whose loss would lose its keys."""
    return alert(
        "RedisMasterWithoutReplica",
        f"redis_connected_slaves{series} == 0 and on (namespace, pod) {_masters(series)}",
        "5m",
        "critical",
        PLATFORM_TEAM,
        "{{ $labels.pod }} is a master without a replica.",
        f"{RUNBOOK}#failover",
    )


def masters_in_one_zone(series: str, most: int) -> dict[str, Any]:
    """More masters in a zone than there must be, for longer than the healer takes: its loss could end the majority."""
    zone_of_node = (
        f'label_replace(max by (node, {_ZONE_LABEL}) (kube_node_labels), "zone", "$1", "{_ZONE_LABEL}", "(.+)")'
    )
    return alert(
        "RedisMastersInOneZone",
        f"count by (zone) ({_masters(series)} * on (node) group_left (zone) {zone_of_node}) > {most}",
        "20m",
        "warning",
        PLATFORM_TEAM,
        f"{{{{ $value }}}} masters, more than {most}, are in {{{{ $labels.zone }}}}: its loss may end their majority.",
        f"{RUNBOOK}#a-lost-zone",
    )


def replica_cut_off(series: str) -> dict[str, Any]:
    """A replica that gets nothing from its master."""
    return alert(
        "RedisReplicaCutOff",
        f"redis_master_link_up{series} == 0",
        "2m",
        "warning",
        PLATFORM_TEAM,
        "{{ $labels.pod }} gets nothing from its master {{ $labels.master_host }}.",
        f"{RUNBOOK}#failover",
    )


def memory_nearly_full(series: str) -> dict[str, Any]:
    """Keys that fill nine tenths of what they may."""
    return alert(
        "RedisMemoryNearlyFull",
        f"redis_memory_used_bytes{series} / (redis_memory_max_bytes{series} > 0) > {MEMORY_SHARE}",
        "10m",
        "warning",
        GAME_TEAM,
        "{{ $labels.pod }} uses {{ $value | humanizePercentage }} of its maxmemory.",
        f"{RUNBOOK}#memory-and-connections",
    )


def not_writing_to_disk(series: str) -> dict[str, Any]:
    """A log of writes, or its rewriting, that fails: a full or broken volume. A restart then loses what came after."""
    failing = " or ".join(
        f"redis_{status}{series} == 0"
        for status in ("aof_last_write_status", "aof_last_bgrewrite_status", "rdb_last_bgsave_status")
    )
    return alert(
        "RedisNotWritingToDisk",
        failing,
        "5m",
        "critical",
        PLATFORM_TEAM,
        "{{ $labels.pod }} does not get its writes onto its volume.",
        f"{RUNBOOK}#resize-a-volume",
    )


def connections_rejected(series: str) -> dict[str, Any]:
    """Clients turned away because there are more than maxclients."""
    return alert(
        "RedisConnectionsRejected",
        f"increase(redis_rejected_connections_total{series}[5m]) > 0",
        "1m",
        "warning",
        GAME_TEAM,
        "{{ $labels.pod }} turned {{ $value | humanize }} connections away within 5 minutes.",
        f"{RUNBOOK}#memory-and-connections",
    )


def _masters(series: str) -> str:
    return f'redis_instance_info{series.removesuffix("}")},role="master"}}'
