"""Pure: the shape of one alert, and the teams that alerts go to."""

from typing import Any, Literal

GAME_TEAM, PLATFORM_TEAM = "gameops", "infrastructure"


def alert(
    name: str,
    expression: str,
    lasting: str,
    severity: Literal["critical", "warning"],
    team: str,
    summary: str,
    runbook: str | None = None,
) -> dict[str, Any]:
    """A rule of a PrometheusRule: `expression` in PromQL, true for `lasting` ("2m") before anybody is told.

    `runbook` is a page and heading below docs/runbooks, such as "mysql.md#failover".
    """
    annotations = {"summary": summary}
    if runbook is not None:
        annotations["runbook_url"] = f"docs/runbooks/{runbook}"
    return {
        "alert": name,
        "expr": expression,
        "for": lasting,
        "labels": {"severity": severity, "team": team},
        "annotations": annotations,
    }
