"""What goes with an object that is deleted: a namespace's content, a definition's objects, what names it as owner."""

from __future__ import annotations

from typing import Final

from embedded.kubernetes.custom import DEFINITION
from embedded.kubernetes.errors import ApiError
from embedded.kubernetes.protocol import Objects
from embedded.kubernetes.store import Store, Stored

_KEPT_NAMESPACES: Final = ("default", "kube-public", "kube-system")


def dependents(store: Store, stored: Stored, orphan: bool = False) -> list[Stored]:
    """What goes with the object; with `orphan` what it owns stays. 403 or 409 if it may not or cannot go."""
    key = stored.key
    if (key.group, key.kind) == ("", "Namespace"):
        if key.name in _KEPT_NAMESPACES:
            said = f'namespaces "{key.name}" is forbidden: this namespace may not be deleted'
            raise ApiError(403, "Forbidden", said)
        return _free(f'namespaces "{key.name}"', [item for item in store.all() if item.key.namespace == key.name])
    if (key.group, key.kind) == DEFINITION:
        return of_definition(store, stored)
    return [] if orphan else _owned_by(store, stored)


def of_definition(store: Objects, stored: Stored) -> list[Stored]:
    """The objects of a definition's kind, which go with it. 409 if finalizers hold one."""
    key, spec = stored.key, stored.value["spec"]
    of_kind = list(store.find(spec["group"], spec["names"]["kind"]))
    return _free(f'customresourcedefinitions.{key.group} "{key.name}"', of_kind)


def _free(what: str, content: list[Stored]) -> list[Stored]:
    """The content, if none of it is held by finalizers."""
    held = next((item for item in content if item.value["metadata"].get("finalizers")), None)
    if held is not None:
        raise ApiError(409, "Conflict", f'{what} holds {held.key.kind} "{held.key.name}", whose finalizers keep it')
    return content


def _owned_by(store: Store, owner: Stored) -> list[Stored]:
    uid = owner.value["metadata"]["uid"]
    owned = [
        item
        for item in store.all()
        if any(reference.get("uid") == uid for reference in item.value["metadata"].get("ownerReferences", []))
    ]
    return [*owned, *(deeper for item in owned for deeper in _owned_by(store, item))]
