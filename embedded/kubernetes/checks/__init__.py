"""Checks of one object on its own: schema, and what the API server refuses beyond the schema."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator
from typing import Any, Final

from embedded.kubernetes.checks import contents, metadata, pods, services, workloads
from embedded.kubernetes.checks.basics import Check, NotYetKnown, between, known_map, one_of, written
from embedded.kubernetes.checks.tables import ENUMS, RANGES, SYNTAX
from embedded.kubernetes.errors import Problem
from embedded.kubernetes.kinds import Kind
from embedded.kubernetes.quantities import quantity
from embedded.kubernetes.schemas import Field, Schemas, walk
from embedded.provider import UNKNOWN, Values, contains_unknown

_RULES: Final[dict[str, Check]] = metadata.RULES | pods.RULES | workloads.RULES | services.RULES | contents.RULES
_KIND_RULES: Final = {"Namespace": metadata.pod_security_labels} | workloads.KIND_RULES | contents.KIND_RULES
_BITS: Final = {"int32": 31, "int64": 63}


def problems_of(schemas: Schemas, kind: Kind, value: Values) -> list[Problem]:
    """Everything wrong with an object as a client sends it. Values not yet known are not judged."""
    refused = [*_nulls(value, schemas, kind), *schemas.problems(kind, value)]
    if refused:
        return refused  # what is misshapen cannot be judged further
    return [
        *metadata.object_name(kind, known_map(value, "metadata")),
        *metadata.object_namespace(kind, known_map(value, "metadata")),
        *(problem for field in walk(value, schemas.shape(kind)) for problem in _field(field)),
        *(() if kind.custom else _whole(kind, value)),
    ]


def _nulls(value: Values, schemas: Schemas, kind: Kind) -> Iterator[Problem]:
    for field in walk(value, schemas.shape(kind)):
        if field.value is None:
            yield Problem(field.path, "null; leave the field out instead")


def _field(field: Field) -> Iterator[Problem]:
    if field.value is UNKNOWN:
        return
    yield from _scalar(field)
    if not isinstance(field.value, dict):
        return
    name = field.shape.type
    for enum, allowed in ENUMS.get(name, {}).items():
        yield from one_of(field.value, field.path, enum, allowed)
    for number, (low, high) in RANGES.get(name, {}).items():
        yield from between(field.value, field.path, number, low, high)
    for text, syntax in SYNTAX.get(name, {}).items():
        yield from written(field.value, field.path, text, syntax)
    check = _RULES.get(name)
    if check is not None and not contains_unknown(field.value):
        yield from check(field.value, field.path)


def _scalar(field: Field) -> Iterator[Problem]:
    value: Any = field.value
    if field.shape.type == "Quantity":
        try:
            quantity(value)
        except ValueError as error:
            yield Problem(field.path, str(error))
    elif field.shape.format in _BITS and isinstance(value, int):
        bound = 2 ** _BITS[field.shape.format]
        if not -bound <= value < bound:
            yield Problem(field.path, f"{value} does not fit {field.shape.format}")
    elif field.shape.format == "byte" and isinstance(value, str):
        try:
            base64.b64decode(value, validate=True)
        except binascii.Error:
            yield Problem(field.path, "is not base64")


def _whole(kind: Kind, value: Values) -> Iterator[Problem]:
    yield from _as_far_as_known(workloads.mounted_volumes({**value, "kind": kind.name}))
    check = _KIND_RULES.get(kind.name)
    if check is not None:
        yield from _as_far_as_known(check(value))


def _as_far_as_known(problems: Iterator[Problem]) -> Iterator[Problem]:
    try:
        yield from problems
    except NotYetKnown:
        return
