"""Prometheus's own grammar over every expression of every shipped stack: a rule that does not parse never fires."""

import json
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

from plan.objects import objects_of
from plan.recorder import Recording

_promql: Any = import_module("promql_parser")  # not typed
DASHBOARDS = sorted((Path(__file__).parents[1] / "components" / "files" / "dashboards").glob("*.json"))
# What Grafana puts into an expression before it asks.
GRAFANA = {"$__rate_interval": "5m", "$__range": "1h", "$__interval": "1m"}


def expressions(body: object, keys: tuple[str, ...]) -> Iterator[str]:
    """Text below any of the keys, however deep."""
    if isinstance(body, dict):
        for key, value in body.items():
            if key in keys and isinstance(value, str):
                yield value
            else:
                yield from expressions(value, keys)
    elif isinstance(body, list):
        for item in body:
            yield from expressions(item, keys)


def problems(found: list[str]) -> list[str]:
    """What Prometheus would say."""
    said = []
    for expression in found:
        try:
            _promql.parse(expression)
        except ValueError as error:
            said.append(f"{expression}: {error}")
    return said


def test_every_alert_and_every_scalers_query_parses(stack: str, shipped: Recording):
    bodies = [item.body for item in objects_of(shipped) if item.body["kind"] in ("PrometheusRule", "ScaledObject")]
    found = [one for body in bodies for one in expressions(body, ("expr", "query"))]
    assert len(found) >= (0 if stack == "local" else 40)  # local has no monitoring
    assert problems(found) == []


def test_every_query_of_the_dashboards_parses():
    found = []
    for path in DASHBOARDS:
        for expression in expressions(json.loads(path.read_text()), ("expr",)):
            for name, value in GRAFANA.items():
                expression = expression.replace(name, value)
            found.append(expression)
    assert len(found) >= 50
    assert problems(found) == []


def test_what_is_no_expression_is_found():
    assert len(problems(["up{job=", "rate(up)", "sum by (pod) (up) > 0"])) == 2
