"""Helm releases against the charts they install: name, version, address, every key of the values and its type.

Facts: ../shared/charts beside the project (index.json, defaults, schemas), read as its README says in section 6. Tests
of components call `check_release` and `check_custom_resource` on what they record:

    assert check_release(only(built, RELEASE).resolved) == []
"""

import copy
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import jsonschema
import pytest
import yaml
from jsonschema.validators import validator_for

from components.charts import Chart
from tests.custom_resources import SHARED, check_custom_resource, needs_crds

__all__ = [
    "EXCEPTIONS",
    "RELEASE",
    "check_custom_resource",
    "check_release",
    "defaults",
    "merged",
    "needs_charts",
    "needs_crds",
]

CHARTS = SHARED / "charts"
RELEASE = "kubernetes:helm.sh/v3:Release"
needs_charts = pytest.mark.skipif(not CHARTS.is_dir(), reason="no charts beside the project (../shared/charts)")

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_EXACT = re.compile(r"v?\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?")
# Istio's charts keep their defaults below this key, and take three more keys that choose among profiles of defaults.
_WRAPPER = "_internal_defaults_do_not_set"
_PROFILES = {"profile": None, "platform": None, "compatibilityVersion": None}

_MESH_CONFIG = "istio.mesh.v1alpha1/ for all available options"

# Wherever a chart has container resources it hands them to Kubernetes whole; the defaults often show one half.
_RESOURCES = {"requests": None, "limits": None}

# Paths that a chart takes although neither its defaults nor its schema have them, by (directory, path): words that
# stand in the chart's own text and lead there, and why. All below such a path is free.
EXCEPTIONS: dict[tuple[str, str], tuple[str, str]] = {
    ("istiod", "meshConfig.accessLogFile"): (_MESH_CONFIG, "MeshConfig: where proxies write their access log"),
    ("istiod", "meshConfig.accessLogEncoding"): (_MESH_CONFIG, "MeshConfig: TEXT or JSON"),
    ("istiod", "meshConfig.outboundTrafficPolicy"): (_MESH_CONFIG, "MeshConfig: what may leave the mesh"),
    ("istiod", "meshConfig.extensionProviders"): (_MESH_CONFIG, "MeshConfig: tracers and loggers"),
    ("istiod", "meshConfig.defaultConfig"): (_MESH_CONFIG, "MeshConfig: ProxyConfig of every sidecar"),
    ("cluster-autoscaler", "extraArgs.balance-similar-node-groups"): (
        "# balance-similar-node-groups: true",
        "flag: even groups of one kind",
    ),
    ("cluster-autoscaler", "extraArgs.expander"): ("# expander: random", "flag: which group grows"),
    ("cluster-autoscaler", "extraArgs.scale-down-utilization-threshold"): (
        "# scale-down-utilization-threshold: 0.5",
        "flag: use below which a node goes",
    ),
    ("cluster-autoscaler", "extraArgs.scale-down-delay-after-add"): (
        "# scale-down-delay-after-add: 10m",
        "flag: rest after growth",
    ),
    ("cluster-autoscaler", "extraArgs.scale-down-unneeded-time"): (
        "# scale-down-unneeded-time: 10m",
        "flag: how long a node is idle before it goes",
    ),
    ("cluster-autoscaler", "extraArgs.max-node-provision-time"): (
        "# max-node-provision-time: 15m",
        "flag: when a node that never came is given up",
    ),
    ("velero", "kubectl.image.tag"): ("# tag: v1.34.5", "the version that else is the cluster's"),
    ("istiod", "pdb.maxUnavailable"): ("# maxUnavailable: 1", "the other way to say a budget; the defaults show one"),
    **{
        ("cluster-autoscaler", f"extraArgs.{flag}"): (f"# {flag}: ", "a flag, shown in a comment of the defaults")
        for flag in (
            "balance-similar-node-groups",
            "expander",
            "max-node-provision-time",
            "scale-down-delay-after-add",
            "scale-down-unneeded-time",
            "scale-down-utilization-threshold",
        )
    },
}


@dataclass(frozen=True)
class _Saved:
    """One saved chart: its row in index.json, its defaults, its schema if it has one, and its files as text."""

    row: Mapping[str, Any]
    defaults: Mapping[str, Any]
    schema: Mapping[str, Any] | None
    text: str
    wrapped: bool

    @property
    def directory(self) -> str:
        return str(self.row["dir"])


def check_release(release_inputs: Mapping[str, Any]) -> list[str]:
    """What is wrong with a helm.v3.Release, as sentences; empty if nothing. Takes the recorder's `.resolved`."""
    chart, version = str(release_inputs.get("chart", "")), str(release_inputs.get("version", ""))
    place = f"release {release_inputs.get('name', '(autonamed)')} of {chart}"
    if not _EXACT.fullmatch(version):
        return [f"{place}: version {version!r} is not one exact version"]
    row, problem = _row(chart, version, str((release_inputs.get("repositoryOpts") or {}).get("repo", "")))
    if row is None:
        return [f"{place}: {problem}"]
    saved, values = _saved(row["dir"]), release_inputs.get("values") or {}
    problems = [*_walk(saved, values, saved.defaults, ()), *_against_schema(saved, values)]
    return [f"{place} {version}: {problem}" for problem in problems]


def evidence(directory: str) -> str:
    """All text that is saved of a chart's defaults and schema."""
    return _saved(directory).text


def defaults(chart: Chart) -> dict[str, Any]:
    """All values that a chart has by itself, those of the charts within it below their own keys."""
    row, problem = _row(chart.name, chart.version, chart.repository or "")
    assert row is not None, problem
    saved = _saved(row["dir"])
    within = {key: _dependency(saved, (key,)) for key in saved.defaults}
    inner = {key: dependency.defaults for key, dependency in within.items() if dependency}
    return merged(inner, saved.defaults)


@cache
def _index() -> tuple[dict[str, Any], ...]:
    return tuple(json.loads((CHARTS / "index.json").read_text()))


def _row(chart: str, version: str, repository: str) -> tuple[dict[str, Any] | None, str]:
    """The row of index.json for a chart, or None and why there is none."""
    by_oci = chart.startswith("oci://")
    rows = [row for row in _index() if (chart in (row["repo"], row["oci"]) if by_oci else row["chart"] == chart)]
    if not rows:
        return None, "no chart of this name is saved"
    rows = [row for row in rows if row["version"] == version]
    if not rows:
        return None, f"version {version} is not the saved one"
    addresses = {str(row["repo"]).rstrip("/") for row in rows}
    if not by_oci and repository.rstrip("/") not in addresses:
        return None, f"repository {repository!r} is not its address, {', '.join(sorted(addresses))}"
    return rows[0], ""


@cache
def _saved(directory: str) -> _Saved:
    folder = CHARTS / directory
    text = (folder / "values.yaml").read_text()
    schema_file = folder / "values.schema.json"
    schema = json.loads(schema_file.read_text()) if schema_file.exists() else None
    defaults = yaml.load(text, Loader=_LOADER) or {}
    wrapped = _WRAPPER in defaults
    if wrapped:
        defaults = {**defaults[_WRAPPER], **_PROFILES}
    row = next(row for row in _index() if row["dir"] == directory)
    return _Saved(row, defaults, schema, text + (schema_file.read_text() if schema else ""), wrapped)


# Keys and types


def _walk(
    chart: _Saved, values: Mapping[str, Any], defaults: Mapping[str, Any], path: tuple[str, ...]
) -> Iterator[str]:
    defaults = {**_RESOURCES, **defaults} if path[-1:] == ("resources",) else defaults
    for key, value in values.items():
        here = (*path, key)
        dependency = _dependency(chart, here)
        if dependency and isinstance(value, Mapping):
            # The parent's own section holds what it changes of the dependency's defaults, and its switch.
            yield from _below(here, _walk(dependency, value, merged(dependency.defaults, defaults.get(key) or {}), ()))
        elif key in defaults:
            yield from _compare(chart, value, defaults[key], here)
        elif not _in_schema(chart, here) and (chart.directory, ".".join(here)) not in EXCEPTIONS:
            yield f"{'.'.join(here)} is no key of chart {chart.directory}"


def _below(path: tuple[str, ...], problems: Iterator[str]) -> Iterator[str]:
    return (f"{'.'.join(path)}: {problem}" for problem in problems)


def _compare(chart: _Saved, value: Any, default: Any, path: tuple[str, ...]) -> Iterator[str]:
    if default is None or default == {} or default == [] or _unknown(value):
        return  # free-form: the defaults say nothing of what stands here
    if isinstance(value, Mapping) and isinstance(default, Mapping):
        yield from _walk(chart, value, default, path)
    elif isinstance(value, list) and isinstance(default, list):
        yield from _compare_items(chart, value, default[0], path)
    elif _kind(value) != _kind(default) and not _in_schema(chart, path):
        yield f"{'.'.join(path)} is {_kind(value)} ({value!r}), where the default is {_kind(default)} ({default!r})"


def _compare_items(chart: _Saved, items: list[Any], first: Any, path: tuple[str, ...]) -> Iterator[str]:
    for number, item in enumerate(items):
        if isinstance(item, Mapping) and isinstance(first, Mapping):
            yield from _walk(chart, item, first, (*path, str(number)))


def _unknown(value: Any) -> bool:
    """A value that only a cloud knows: it has no type yet."""
    return isinstance(value, str) and "${urn:" in value


def _kind(value: Any) -> str:
    if isinstance(value, Mapping):
        return "a mapping"
    if isinstance(value, list):
        return "a list"
    if isinstance(value, bool):
        return "a truth value"
    return "a number" if isinstance(value, int | float) else "nothing" if value is None else "text"


def _dependency(chart: _Saved, path: tuple[str, ...]) -> _Saved | None:
    """The saved chart that a top-level key hands its values to."""
    if len(path) > 1:
        return None
    for dependency in chart.row["dependencies"]:
        if path[0] == dependency.get("alias", dependency["name"]):
            version = re.escape(dependency["version"]).replace(r"\*", r".*")
            for row in _index():
                if row["chart"] == dependency["name"] and re.fullmatch(version, row["version"]):
                    return _saved(row["dir"])
    return None


def merged(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """As Helm merges: mappings key by key, everything else replaced."""
    result = dict(base)
    for key, value in over.items():
        below = result.get(key)
        both = isinstance(value, Mapping) and isinstance(below, Mapping)
        result[key] = merged(below or {}, value) if both else copy.deepcopy(value)
    return result


# Schema


def _against_schema(chart: _Saved, values: Mapping[str, Any]) -> list[str]:
    """What Helm itself would refuse before it renders anything."""
    if chart.schema is None:
        return []
    validator = validator_for(chart.schema, default=jsonschema.Draft7Validator)(chart.schema)
    # Istio's defaults are loaded by the templates, after Helm has checked what was given.
    whole = values if chart.wrapped else merged(chart.defaults, values)
    return [
        f"{'.'.join(str(part) for part in error.absolute_path) or 'values'}: {error.message}"
        for error in validator.iter_errors(whole)
        if not _unknown(error.instance)
    ]


def _in_schema(chart: _Saved, path: tuple[str, ...]) -> bool:
    """Whether the chart's schema lists this path by name, so that its own check judges the value."""
    if chart.schema is None:
        return False
    here: Any = _resolved(chart.schema, chart.schema)
    for key in path:
        if key.isdigit():
            here = _resolved(chart.schema, here.get("items") or {})
        elif key in here.get("properties", {}):
            here = _resolved(chart.schema, here["properties"][key])
        else:
            return False
    return True


def _resolved(schema: Mapping[str, Any], node: Any) -> Mapping[str, Any]:
    """A schema's node with a reference into the same schema followed."""
    while isinstance(node, Mapping) and str(node.get("$ref", "")).startswith("#/"):
        target: Any = schema
        for part in node["$ref"].removeprefix("#/").split("/"):
            target = target[part.replace("~1", "/").replace("~0", "~")]
        node = target
    return node if isinstance(node, Mapping) else {}
