"""Helm releases (kubernetes:helm.sh/v3:Release): checked, recorded as Helm does, never fetched and never run.

Behaviour follows provider/pkg/provider/helm_release.go of pulumi-kubernetes 4.34: name and namespace replace, all else
is an upgrade. What the embedded cluster could not tell anything about (values in files, charts in folders, renderers)
is refused.
"""

from __future__ import annotations

import copy
import hashlib
import json
import re
from collections.abc import Iterator
from typing import Final

from embedded.kubernetes import helm, names
from embedded.kubernetes.connection import ClusterGone, Resources, place, plain, unique_name
from embedded.kubernetes.helm import Release, Wanted
from embedded.provider import UNKNOWN, Failure, Replacement, Target, Values

_NAME_MAX: Final = 53  # pkg/action: a release's name prefixes those of its objects, which may have 63 characters
# semver.org, with the v that some charts write
_VERSION: Final = re.compile(r"v?(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(-[0-9A-Za-z.-]+)?(\+[0-9A-Za-z.-]+)?")
_ADDRESSES: Final = ("oci://", "https://", "http://")
_NOT_SERVED: Final = ("devel", "keyring", "manifest", "postrender", "valueYamlFiles", "verify")
_SERVED: Final = frozenset(
    {"chart", "compat", "createNamespace", "maxHistory", "name", "namespace", "repositoryOpts", "skipCrds", "values"}
    | {"version"}
    # without effect where nothing is rendered, awaited or run
    | {"allowNullValues", "atomic", "cleanupOnFail", "dependencyUpdate", "description", "disableCRDHooks"}
    | {"disableOpenapiValidation", "disableWebhooks", "forceUpdate", "lint", "recreatePods", "renderSubchartNotes"}
    | {"replace", "resetValues", "resourceNames", "reuseValues", "skipAwait", "takeOwnership", "timeout", "waitForJobs"}
)
REPLACES: Final = ("name", "namespace")


class ReleaseResources(Resources):
    """Helm releases of one cluster."""

    def check(self, target: Target, old: Values | None, new: Values) -> tuple[Values, list[Failure]]:
        checked = copy.deepcopy(new)
        if not checked.get("name"):
            checked["name"] = (old or {}).get("name") or unique_name(target)
        if not checked.get("namespace"):
            checked["namespace"] = self.connection.settings.namespace
        return checked, [Failure(field, reason) for field, reason in _problems(plain(checked))]

    def replacement(
        self, target: Target, resource_id: str, old_inputs: Values, new_inputs: Values, changed: list[str]
    ) -> Replacement:
        del target, resource_id, old_inputs, new_inputs
        return Replacement(tuple(path for path in changed if path in REPLACES))

    def preview_update(self, target: Target, old_outputs: Values, new_inputs: Values) -> Values:
        del target, old_outputs
        return new_inputs  # every upgrade has another revision

    def create(self, target: Target, inputs: Values) -> tuple[str, Values]:
        del target
        wanted = _wanted(inputs)
        release = self.connection.call(
            lambda api: api.transact(lambda schemas, store: helm.install(schemas, store, wanted))
        )
        return f"{release.namespace}/{release.name}", _outputs(inputs, release)

    def update(
        self, target: Target, resource_id: str, old_inputs: Values, old_outputs: Values, new_inputs: Values
    ) -> Values:
        del target, resource_id, old_inputs, old_outputs
        wanted = _wanted(new_inputs)
        release = self.connection.call(
            lambda api: api.transact(lambda schemas, store: helm.upgrade(schemas, store, wanted))
        )
        return _outputs(new_inputs, release)

    def read(
        self, target: Target, resource_id: str, inputs: Values | None, outputs: Values | None
    ) -> tuple[str, Values, Values] | None:
        del target, outputs
        namespace, name = place(resource_id)
        try:
            release = self.connection.call(
                lambda api: api.transact(lambda _, store: helm.installed(store, namespace, name))
            )
        except ClusterGone:
            if self.connection.settings.delete_unreachable:
                return None
            raise
        if release is None:
            return None
        facts: Values = {"name": release.name, "namespace": release.namespace, "version": release.version}
        found: Values = {"chart": release.chart} | (inputs or {}) | facts
        if release.values or "values" in found:
            found["values"] = copy.deepcopy(release.values)
        return f"{namespace}/{name}", found, _outputs(found, release)

    def delete(self, target: Target, resource_id: str, inputs: Values, outputs: Values) -> None:
        del target, inputs, outputs
        namespace, name = place(resource_id)
        self.connection.call(lambda api: api.transact(lambda _, store: helm.uninstall(store, namespace, name)))


def _wanted(inputs: Values) -> Wanted:
    return Wanted(
        name=inputs["name"],
        namespace=inputs["namespace"],
        chart=inputs["chart"],
        version=inputs["version"],
        values=inputs.get("values") or {},
        create_namespace=inputs.get("createNamespace") is True,
        skip_crds=inputs.get("skipCrds") is True,
        history=int(inputs.get("maxHistory") or 0),
    )


def _outputs(inputs: Values, release: Release) -> Values:
    """The inputs, the status, and a checksum that is another wherever chart or values are."""
    content = json.dumps([release.chart, release.version, release.values], sort_keys=True)
    checksum = hashlib.sha256(content.encode()).hexdigest()
    return {**plain(inputs), "status": helm.status_of(release), "resourceNames": {}, "checksum": checksum}


def _problems(inputs: Values) -> Iterator[tuple[str, str]]:
    """Fields and what is wrong with them. Values not yet known are not judged."""
    for field in sorted(inputs.keys() - _SERVED):
        remedy = "put the values into values" if field == "valueYamlFiles" else "leave it out"
        known = "is not served by the embedded cluster" if field in _NOT_SERVED else "is no input of a release"
        yield field, f"{known}; {remedy}"
    for field, syntax in (("name", _release_name), ("namespace", names.dns_label)):
        if isinstance(inputs[field], str) and (reason := syntax(inputs[field])):
            yield field, reason
    yield from _chart_problems(inputs)
    values = inputs.get("values", {})
    if values is not UNKNOWN and not isinstance(values, dict):
        yield "values", "must be an object"


def _release_name(name: str) -> str | None:
    if len(name) > _NAME_MAX:
        return f'"{name}" has {len(name)} characters, at most {_NAME_MAX} are allowed'
    return names.dns_subdomain(name)


def _chart_problems(inputs: Values) -> Iterator[tuple[str, str]]:
    chart, version = inputs.get("chart"), inputs.get("version")
    repository = inputs.get("repositoryOpts")
    if chart is not UNKNOWN and (not isinstance(chart, str) or not chart):
        yield "chart", "is missing; give a chart's name or OCI address"
    elif isinstance(chart, str) and not chart.startswith(_ADDRESSES) and not _has_address(repository):
        yield "chart", f'"{chart}" has no repository; set repositoryOpts.repo or give an OCI address'
    if version is not UNKNOWN and not version:
        yield "version", "is missing; name one full version such as 1.14.1"
    elif isinstance(version, str) and not _VERSION.fullmatch(version):
        yield "version", f'"{version}" is not one version; name it in full, such as 1.14.1'


def _has_address(repository: object) -> bool:
    return repository is UNKNOWN or (isinstance(repository, dict) and bool(repository.get("repo")))
