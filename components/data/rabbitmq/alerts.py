"""Pure: when RabbitMQ calls, and what Prometheus reads of it. Metrics: rabbitmq.com/docs/prometheus."""

from typing import Any

from components.data.rabbitmq.names import CLUSTER, METRICS_PORT_NAME, REPLICAS, SELECTOR
from components.data.rabbitmq.topology import DEAD_LETTERS, QUEUE_LIMIT, REQUESTS
from components.monitoring.alert import GAME_TEAM, PLATFORM_TEAM, alert
from components.monitoring.monitors import NAME_LABEL, Target

WAITING = QUEUE_LIMIT // 5
LINKS = REPLICAS * (REPLICAS - 1)  # each node to each other
CONNECTED = 3  # erlang_vm_dist_node_state: pending, up_pending, up
_VOLUME_SHARE = 0.7
_PAGE = "rabbitmq.md"


def rabbitmq_target(namespace: str) -> Target:
    """Every node, at the port that the operator gives it; `job` is the cluster's name."""
    return Target(
        name="rabbitmq",
        kind="PodMonitor",
        namespace=namespace,
        labels=SELECTOR,
        port=METRICS_PORT_NAME,
        job_label=NAME_LABEL,
    )


def rabbitmq_rules(namespace: str) -> list[dict[str, Any]]:
    """Groups of a PrometheusRule."""
    of = f'namespace="{namespace}",job="{CLUSTER}"'
    return [{"name": "rabbitmq", "rules": [*_nodes(of), *_alarms(namespace, of), *_queues(of)]}]


def _nodes(of: str) -> list[dict[str, Any]]:
    up = f"(count(rabbitmq_build_info{{{of}}}) or vector(0))"
    linked = f"(count(erlang_vm_dist_node_state{{{of}}} == {CONNECTED}) or vector(0))"
    return [
        alert(
            "RabbitmqNoMajority",
            f"{up} < {REPLICAS // 2 + 1}",
            "1m",
            "critical",
            GAME_TEAM,
            f"{{{{ $value }}}} of {REPLICAS} nodes of RabbitMQ answer: no majority, so no queue takes a message.",
            f"{_PAGE}#full-outage",
        ),
        alert(
            "RabbitmqNodeMissing",
            f"{up} < {REPLICAS}",
            "10m",
            "warning",
            GAME_TEAM,
            f"{{{{ $value }}}} of {REPLICAS} nodes of RabbitMQ answer; one more fault stops every queue.",
            f"{_PAGE}#failover",
        ),
        alert(
            "RabbitmqPartitioned",
            f"{up} == {REPLICAS} and {linked} < {LINKS}",
            "5m",
            "critical",
            GAME_TEAM,
            "Nodes of RabbitMQ answer but do not all see each other; those in the minority confirm nothing.",
            f"{_PAGE}#partition",
        ),
    ]


def _alarms(namespace: str, of: str) -> list[dict[str, Any]]:
    claims = f'namespace="{namespace}",persistentvolumeclaim=~"persistence-{CLUSTER}-server-[0-9]+"'
    used = f"kubelet_volume_stats_used_bytes{{{claims}}} / kubelet_volume_stats_capacity_bytes{{{claims}}}"
    return [
        alert(
            "RabbitmqAlarm",
            f"max by (pod) (rabbitmq_alarms_memory_used_watermark{{{of}}}) > 0 or "
            f"max by (pod) (rabbitmq_alarms_free_disk_space_watermark{{{of}}}) > 0",
            "1m",
            "critical",
            GAME_TEAM,
            "{{ $labels.pod }} is out of memory or disk: all publishers of the cluster are blocked.",
            f"{_PAGE}#publishers-are-blocked",
        ),
        alert(
            "RabbitmqVolumeFilling",
            f"{used} > {_VOLUME_SHARE}",
            "10m",
            "warning",
            PLATFORM_TEAM,
            "{{ $labels.persistentvolumeclaim }} is {{ $value | humanizePercentage }} full.",
            f"{_PAGE}#resize-a-volume",
        ),
    ]


def _queues(of: str) -> list[dict[str, Any]]:
    return [
        alert(
            "RabbitmqQueueWaiting",
            f'max by (queue) (rabbitmq_queue_messages_ready{{{of},queue!="{DEAD_LETTERS}"}}) > {WAITING}',
            "5m",
            "warning",
            GAME_TEAM,
            f"Queue {{{{ $labels.queue }}}} has {{{{ $value }}}} messages waiting; at {QUEUE_LIMIT} it refuses more.",
            f"{_PAGE}#a-queue-fills",
        ),
        alert(
            "RabbitmqNobodyMatches",
            f'max(rabbitmq_queue_consumers{{{of},queue="{REQUESTS}"}}) == 0 and '
            f'max(rabbitmq_queue_messages_ready{{{of},queue="{REQUESTS}"}}) > 0',
            "2m",
            "critical",
            GAME_TEAM,
            f"Players wait in {REQUESTS} and no matchmaker reads it.",
            f"{_PAGE}#a-queue-fills",
        ),
        alert(
            "RabbitmqDeadLetters",
            f'max(delta(rabbitmq_queue_messages{{{of},queue="{DEAD_LETTERS}"}}[15m])) > 0',
            "1m",
            "warning",
            GAME_TEAM,
            "{{ $value | humanize }} messages became undeliverable within 15 minutes.",
            f"{_PAGE}#dead-letters",
        ),
    ]
