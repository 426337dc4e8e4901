"""Limits that AWS's service models state and boto3 leaves to AWS: allowed values, lengths, ranges, patterns."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

from botocore.model import ListShape, MapShape, Shape, StringShape, StructureShape

from embedded.aws.errors import AwsError
from embedded.aws.protocol import Call

# How each service names the refusal of a malformed parameter; ValidationException where it is not here.
_CODES = {
    "budgets": "InvalidParameterException",
    "ec2": "InvalidParameterValue",
    "ecr": "InvalidParameterException",
    "eks": "InvalidParameterException",
    "iam": "ValidationError",
    "logs": "InvalidParameterException",
    "elbv2": "ValidationError",
    "autoscaling": "ValidationError",
    "route53": "InvalidInput",
    "sqs": "InvalidParameterValue",
}
# What Python's `re` has no words for; the models are written for Java's.
_CLASSES = {
    r"\p{L}": "a-zA-Z\u00aa-\uffff",
    r"\p{Z}": " \u00a0\u2000-\u200a",
    r"\p{N}": "0-9",
    r"\p{ASCII}": "[\x00-\x7f]",
}


def check_constraints(call: Call) -> None:
    """AwsError for the first parameter outside what the service model allows, in the sentence AWS uses."""
    shape = call.model.input_shape
    if shape is None or call.service == "s3":
        return
    for name, value, broken in _broken(shape, call.parameters, ""):
        fault = f"Value '{value}' at '{name}' failed to satisfy constraint: Member must {broken}"
        raise AwsError(_CODES.get(call.service, "ValidationException"), f"1 validation error detected: {fault}")


def _broken(shape: Shape, value: Any, name: str) -> Iterator[tuple[str, Any, str]]:
    """(name, value, what it must be) of everything in `value` that its shape does not allow."""
    if isinstance(shape, ListShape):
        yield from _outside(shape, len(value), value, name, "have length")
    for member, part, at in _parts(shape, value, name):
        yield from _broken(member, part, at)
    if isinstance(shape, StringShape):
        yield from _string(shape, str(value), name)
    elif shape.type_name in ("integer", "long"):
        yield from _outside(shape, value, value, name, "have value")


def _parts(shape: Shape, value: Any, name: str) -> Iterator[tuple[Shape, Any, str]]:
    """(shape, value, name) of what `value` is made of."""
    if isinstance(shape, StructureShape):
        for key in value.keys() & shape.members.keys():
            yield shape.members[key], value[key], f"{name}.{key}" if name else key
    elif isinstance(shape, ListShape):
        for index, item in enumerate(value, start=1):
            yield shape.member, item, f"{name}.{index}.member"
    elif isinstance(shape, MapShape):
        for key, item in value.items():
            yield shape.key, key, f"{name}.key"
            yield shape.value, item, f"{name}.{key}.member"


def _outside(shape: Shape, size: int, value: Any, name: str, what: str) -> Iterator[tuple[str, Any, str]]:
    limits = shape.metadata
    if "max" in limits and size > limits["max"]:
        yield name, value, f"{what} less than or equal to {limits['max']}"
    if "min" in limits and size < limits["min"]:
        yield name, value, f"{what} greater than or equal to {limits['min']}"


def _string(shape: StringShape, value: str, name: str) -> Iterator[tuple[str, Any, str]]:
    yield from _outside(shape, len(value), value, name, "have length")
    if shape.enum and value not in shape.enum:
        yield name, value, f"satisfy enum value set: [{', '.join(shape.enum)}]"
    pattern = _compiled(shape.metadata.get("pattern", ""))
    if pattern is not None and not pattern.fullmatch(value):
        yield name, value, f"satisfy regular expression pattern: {shape.metadata['pattern']}"


@cache
def _compiled(pattern: str) -> re.Pattern[str] | None:
    for java, python in _CLASSES.items():
        pattern = pattern.replace(java, python)
    try:
        return re.compile(pattern) if pattern else None
    except re.error:
        return None
