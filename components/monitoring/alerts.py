"""Pure: the alerts whose series exist today, as groups of a PrometheusRule.

Their names are none of the monitoring chart's own, which begin with Kube, Node, Prometheus or Alertmanager.
"""

from typing import Any

from components.monitoring.alert import GAME_TEAM, PLATFORM_TEAM, alert

# A world above this share of its own maximum is about to turn players away.
PLAYER_SHARE = 0.9
MEMORY_SHARE = 0.9
# Seconds that 99 of 100 answers stay below: from the first on somebody looks, the second is what players are promised.
SLOW_SECONDS, PROMISED_SECONDS = 0.2, 0.5
DATABASE_ERRORS = 10  # in 5 min
RESTARTS = 3  # in 15 min; one restart is Kubernetes doing its work


def rule_groups(namespace: str, worlds_job: str, players_per_world: int) -> list[dict[str, Any]]:
    """Groups for one region: its worlds in `namespace`, scraped as job `worlds_job`, and all of its containers."""
    series = f'{{namespace="{namespace}",job="{worlds_job}"}}'
    game = [
        high_player_load(series, players_per_world),
        high_response_time(series),
        response_time_promise(series),
        database_connection_failure(series),
    ]
    return [
        {"name": "game-server.rules", "rules": game},
        {"name": "container.rules", "rules": [high_memory_usage(), pod_crash_looping()]},
    ]


def high_player_load(series: str, players_per_world: int) -> dict[str, Any]:
    """A world above 0.9 of its own maximum, two minutes long; `series` is the PromQL selector of the worlds."""
    bound = round(players_per_world * PLAYER_SHARE)
    return alert(
        "HighPlayerLoad",
        f"game_server_active_players{series} > {bound}",
        "2m",
        "warning",
        GAME_TEAM,
        f"World {{{{ $labels.pod }}}} has {{{{ $value }}}} players, above {bound} of the {players_per_world} it takes.",
    )


def high_response_time(series: str) -> dict[str, Any]:
    """A pod whose slowest answer in a hundred takes longer than 200 ms, a minute long."""
    return alert(
        "HighResponseTime",
        f"{_slowest_in_a_hundred(series)} > {SLOW_SECONDS}",
        "1m",
        "warning",
        GAME_TEAM,
        "{{ $labels.pod }} takes {{ $value | humanizeDuration }} for its slowest answer in a hundred.",
    )


def response_time_promise(series: str) -> dict[str, Any]:
    """The same above the promised 500 ms."""
    return alert(
        "ResponseTimePromiseBroken",
        f"{_slowest_in_a_hundred(series)} > {PROMISED_SECONDS}",
        "1m",
        "critical",
        GAME_TEAM,
        f"{{{{ $labels.pod }}}} takes {{{{ $value | humanizeDuration }}}} for its slowest answer in a hundred, above "
        f"the promised {PROMISED_SECONDS} s.",
    )


def _slowest_in_a_hundred(series: str) -> str:
    # A quantile of buckets needs their bounds kept: without `le` there would be nothing to reckon with.
    buckets = f"sum by (le, pod) (rate(http_request_duration_seconds_bucket{series}[5m]))"
    return f"histogram_quantile(0.99, {buckets})"


def database_connection_failure(series: str) -> dict[str, Any]:
    """A pod that failed more than ten times within 5 minutes to reach its database."""
    return alert(
        "DatabaseConnectionFailure",
        f"increase(game_server_database_connection_errors_total{series}[5m]) > {DATABASE_ERRORS}",
        "30s",
        "critical",
        GAME_TEAM,
        "{{ $labels.pod }} failed {{ $value | humanize }} times within 5 minutes to reach its database.",
    )


def high_memory_usage() -> dict[str, Any]:
    """A container whose working set is above 0.9 of its limit, two minutes long.

    The working set is what the kernel cannot give back, so the page cache does not count. The limit is that of
    kube-state-metrics: the chart drops cAdvisor's own container_spec series.
    """
    used = 'max by (namespace, pod, container) (container_memory_working_set_bytes{container!="",container!="POD"})'
    limit = 'max by (namespace, pod, container) (kube_pod_container_resource_limits{resource="memory"} > 0)'
    return alert(
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
    return alert(
        "PodCrashLooping",
        f"increase(kube_pod_container_status_restarts_total[15m]) > {RESTARTS}",
        "5m",
        "critical",
        PLATFORM_TEAM,
        "{{ $labels.namespace }}/{{ $labels.pod }}, container {{ $labels.container }}, restarted "
        "{{ $value | humanize }} times within 15 minutes.",
    )
