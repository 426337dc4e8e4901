"""Pure: the alerts whose series exist today, as groups of a PrometheusRule.

Their names are none of the monitoring chart's own, which begin with Kube, Node, Prometheus or Alertmanager.
"""

from typing import Any, Literal

# A world above this share of its own maximum is about to turn players away.
PLAYER_SHARE = 0.9
MEMORY_SHARE = 0.9
RESTARTS = 3  # in 15 min; one restart is Kubernetes doing its work

GAME_TEAM, PLATFORM_TEAM = "gameops", "infrastructure"


def rule_groups(namespace: str, worlds_job: str, players_per_world: int) -> list[dict[str, Any]]:
    """Groups for one region: its worlds in `namespace`, scraped as job `worlds_job`, and all of its containers."""
    return [
        {"name": "game-server.rules", "rules": [high_player_load(namespace, worlds_job, players_per_world)]},
        {"name": "container.rules", "rules": [high_memory_usage(), pod_crash_looping()]},
    ]


def high_player_load(namespace: str, worlds_job: str, players_per_world: int) -> dict[str, Any]:
    """A world above 0.9 of its own maximum, two minutes long."""
    bound = round(players_per_world * PLAYER_SHARE)
    return _alert(
        "HighPlayerLoad",
        f'game_server_active_players{{namespace="{namespace}",job="{worlds_job}"}} > {bound}',
        "2m",
        "warning",
        GAME_TEAM,
        f"World {{{{ $labels.pod }}}} has {{{{ $value }}}} players, above {bound} of the {players_per_world} it takes.",
    )


def high_memory_usage() -> dict[str, Any]:
    """A container whose working set is above 0.9 of its limit, two minutes long.

    The working set is what the kernel cannot give back, so the page cache does not count. The limit is that of
    kube-state-metrics: the chart drops cAdvisor's own container_spec series.
    """
    used = 'max by (namespace, pod, container) (container_memory_working_set_bytes{container!="",container!="POD"})'
    limit = 'max by (namespace, pod, container) (kube_pod_container_resource_limits{resource="memory"} > 0)'
    return _alert(
        "HighMemoryUsage",
        f"{used} / {limit} > {MEMORY_SHARE}",
        "2m",
        "warning",
        PLATFORM_TEAM,
        "{{ $labels.namespace }}/{{ $labels.pod }}, container {{ $labels.container }}, uses "
        "{{ $value | humanizePercentage }} of its memory limit.",
    )


def pod_crash_looping() -> dict[str, Any]:
    """A container restarted more than three times within 15 minutes."""
    return _alert(
        "PodCrashLooping",
        f"increase(kube_pod_container_status_restarts_total[15m]) > {RESTARTS}",
        "5m",
        "critical",
        PLATFORM_TEAM,
        "{{ $labels.namespace }}/{{ $labels.pod }}, container {{ $labels.container }}, restarted "
        "{{ $value | humanize }} times within 15 minutes.",
    )


def _alert(
    name: str, expression: str, lasting: str, severity: Literal["critical", "warning"], team: str, summary: str
) -> dict[str, Any]:
    return {
        "alert": name,
        "expr": expression,
        "for": lasting,
        "labels": {"severity": severity, "team": team},
        "annotations": {"summary": summary},
    }
