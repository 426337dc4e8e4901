"""The Kubernetes REST API of the embedded clusters, for kubectl, the official client and recovery.

Served: discovery, get, list (labelSelector, fieldSelector on name and namespace), create, replace, delete, delete of
collections, and patches: JSON merge, strategic merge (merged lists by their keys, no directives) and apply. Not
served, and said so: watch, dry runs, JSON patch, subresources but a read of status.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Final

import yaml

from embedded.kubernetes import discovery, patches
from embedded.kubernetes.api import Clusters
from embedded.kubernetes.cluster import ClusterApi
from embedded.kubernetes.errors import ApiError, Unreachable, bad_request
from embedded.kubernetes.kinds import Kind
from embedded.kubernetes.schemas import Schemas
from embedded.kubernetes.selectors import fields_match, labels_match
from embedded.provider import Values

Query = dict[str, list[str]]
_HEALTH: Final = ("healthz", "livez", "readyz")
_APPLY: Final = "application/apply-patch+yaml"
_STRATEGIC: Final = "application/strategic-merge-patch+json"
_JSON_PATCH: Final = "application/json-patch+json"


def handle_http(
    clusters: Clusters, host: str, method: str, path: str, query: Query, body: bytes, content_type: str = ""
) -> tuple[int, Any]:
    """Answer one request: status and JSON. `path` begins with /api, /apis or /version; `query` is parsed.

    A PATCH without `content_type` is a JSON merge patch.
    """
    request = Request(method.upper(), query, body, content_type.partition(";")[0].strip())
    try:
        return _answer(clusters.api(host), host, request, [step for step in path.split("/") if step])
    except Unreachable as gone:
        error = ApiError(503, "ServiceUnavailable", str(gone))
    except ApiError as refusal:
        error = refusal
    return error.code, error.status()


@dataclass(frozen=True)
class Request:
    """A request without its path."""

    method: str
    query: Query
    body: bytes
    content_type: str

    def first(self, name: str) -> str:
        """A query parameter; empty if it is not there."""
        return self.query.get(name, [""])[0]

    def content(self) -> Any:
        """The body, JSON or YAML. 400 if it is neither."""
        try:
            return yaml.safe_load(self.body) if self.content_type.endswith("yaml") else json.loads(self.body)
        except (ValueError, yaml.YAMLError) as error:
            raise bad_request("the body of the request cannot be read") from error

    def object(self) -> Values:
        """The body as an object."""
        content = self.content()
        if not isinstance(content, dict):
            raise bad_request("the body of the request is not an object")
        return content


@dataclass(frozen=True)
class Place:
    """What a path points at. An empty name: the whole collection; an empty namespace: all of them."""

    kind: Kind
    namespace: str
    name: str
    subresource: str


def _answer(api: ClusterApi, host: str, request: Request, steps: list[str]) -> tuple[int, Any]:
    schemas = api.schemas()
    described = _described(schemas, host, steps)
    if described is not None:
        return 200, described
    place = _place(schemas, steps)
    if request.first("dryRun"):
        raise bad_request("dryRun is not served by the embedded cluster")
    if place.subresource and (place.subresource != "status" or request.method != "GET"):
        raise ApiError(405, "MethodNotAllowed", f"{place.subresource}: this subresource is not served")
    if place.name:
        return _one(api, schemas, place, request)
    return _many(api, place, request)


def _described(schemas: Schemas, host: str, steps: list[str]) -> Any:
    """Answers that concern no object; None if the path points at objects."""
    match steps:
        case ["version"]:
            return discovery.version(schemas)
        case [health, *_] if health in _HEALTH:
            return "ok"
        case ["api"]:
            return discovery.core_versions(host)
        case ["apis"]:
            return discovery.groups(schemas)
        case ["apis", group]:
            return discovery.group(schemas, group)
        case ["api", version]:
            return discovery.resources(schemas, version)
        case ["apis", group, version]:
            return discovery.resources(schemas, f"{group}/{version}")
        case _:
            return None


def _place(schemas: Schemas, steps: list[str]) -> Place:
    match steps:
        case ["api", "v1", *rest]:
            group, version = "", "v1"
        case ["apis", group, version, *rest]:
            pass
        case _:
            raise _no_page()
    namespace = ""
    match rest:
        case ["namespaces", namespace, plural, *names] if plural not in ("status", "finalize"):
            pass
        case [plural, *names]:
            pass
        case _:
            raise _no_page()
    kinds = (kind for kind in schemas.kinds() if (kind.group, kind.version, kind.plural) == (group, version, plural))
    kind = next(kinds, None)
    if kind is None or len(names) > 2:
        raise _no_page()
    return Place(kind, namespace, *(*names, "", "")[:2])


def _no_page() -> ApiError:
    return ApiError(404, "NotFound", "the server could not find the requested resource")


def _one(api: ClusterApi, schemas: Schemas, place: Place, request: Request) -> tuple[int, Any]:
    kind, namespace, name = place.kind, place.namespace, place.name
    match request.method:
        case "GET" | "HEAD":
            return 200, api.get(kind, namespace, name)
        case "PUT":
            return 200, api.replace(_addressed(place, request.object()))
        case "PATCH":
            return 200, _patched(api, schemas, place, request)
        case "DELETE":
            api.get(kind, namespace, name)
            gone = api.delete(kind, namespace, name, orphan=_orphans(request))
            return 200, _deleted(kind, gone)
        case _:
            raise _no_method(request)


def _many(api: ClusterApi, place: Place, request: Request) -> tuple[int, Any]:
    kind = place.kind
    match request.method:
        case "GET" | "HEAD":
            if request.first("watch") in ("1", "true"):
                raise ApiError(405, "MethodNotAllowed", "watch is not served by the embedded cluster")
            return 200, _listed(api, kind, _selected(api, place, request))
        case "POST":
            manager = request.first("fieldManager") or "http"
            return 201, api.create(_addressed(place, request.object()), manager)
        case "DELETE":
            found = _selected(api, place, request)
            for item in found:
                metadata = item["metadata"]
                api.delete(kind, metadata.get("namespace", ""), metadata["name"], orphan=_orphans(request))
            return 200, _listed(api, kind, found)
        case _:
            raise _no_method(request)


def _no_method(request: Request) -> ApiError:
    return ApiError(405, "MethodNotAllowed", f"{request.method} is not served here")


def _selected(api: ClusterApi, place: Place, request: Request) -> list[Values]:
    labels, fields = labels_match(request.first("labelSelector")), fields_match(request.first("fieldSelector"))
    return api.list_objects(
        place.kind,
        place.namespace,
        lambda item: labels(item) and fields(item),
    )


def _listed(api: ClusterApi, kind: Kind, items: list[Values]) -> Values:
    metadata = {"resourceVersion": str(api.version())}
    return {"kind": f"{kind.name}List", "apiVersion": kind.api_version, "metadata": metadata, "items": items}


def _addressed(place: Place, value: Values) -> Values:
    """The object with what its path says; 400 where the two differ."""
    wanted = {"namespace": place.namespace, "name": place.name}
    metadata = value.get("metadata") or {}
    for field, given in wanted.items():
        if given and metadata.get(field) not in (None, "", given):
            raise bad_request(f"the {field} of the object does not match the {field} of the request")
    said = {field: given for field, given in wanted.items() if given}
    identity = {"apiVersion": place.kind.api_version, "kind": place.kind.name}
    for field, given in identity.items():
        if value.get(field) not in (None, "", given):
            raise bad_request(f"{field} {value[field]} of the object does not fit the path, which is for {given}")
    return value | identity | {"metadata": metadata | said}


def _patched(api: ClusterApi, schemas: Schemas, place: Place, request: Request) -> Values:
    if request.content_type == _APPLY:
        manager, force = request.first("fieldManager") or "http", request.first("force") == "true"
        return api.apply(_addressed(place, request.object()), manager, force=force)
    patch = request.content()
    if request.content_type == _JSON_PATCH or not isinstance(patch, dict):
        raise ApiError(415, "UnsupportedMediaType", "JSON patches are not served; send a merge patch")
    live = api.get(place.kind, place.namespace, place.name)
    merged = (
        patches.strategic(live, patch, schemas.shape(place.kind))
        if request.content_type == _STRATEGIC
        else patches.merge(live, patch)
    )
    return api.replace(_addressed(place, merged))


def _orphans(request: Request) -> bool:
    options = request.object() if request.body else {}
    return "Orphan" in (request.first("propagationPolicy"), options.get("propagationPolicy"))


def _deleted(kind: Kind, gone: Values) -> Values:
    """A Status, or the object itself while finalizers hold it."""
    if gone["metadata"].get("finalizers"):
        return gone
    details = {"name": gone["metadata"]["name"], "kind": kind.plural, "uid": gone["metadata"]["uid"]}
    if kind.group:
        details["group"] = kind.group
    return {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "details": details}
