"""What a JSON schema refuses, in Kubernetes' words."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from jsonschema import Draft202012Validator  # type: ignore[import-untyped]
from jsonschema.exceptions import ValidationError  # type: ignore[import-untyped]

from embedded.kubernetes.errors import Problem, join
from embedded.provider import UNKNOWN, Values, contains_unknown

_ALTERNATIVES: Final = ("allOf", "anyOf", "not", "oneOf")


def found_by(validator: Draft202012Validator, value: Values) -> list[Problem]:
    """What a schema refuses in a value; where something is not known yet, its alternatives are not judged."""
    errors = sorted(validator.iter_errors(value), key=lambda error: [str(step) for step in error.absolute_path])
    judged = [error for error in errors if error.instance is not UNKNOWN and not _open(error)]
    return [problem for error in judged for problem in _problems(error)]


def _open(error: ValidationError) -> bool:
    return error.validator in _ALTERNATIVES and contains_unknown(error.instance)


def _problems(error: ValidationError) -> Iterator[Problem]:
    """One schema error in Kubernetes' words. Never quotes the value: it may be a secret."""
    path = ""
    for step in error.absolute_path:
        path = f"{path}[{step}]" if isinstance(step, int) else join(path, step)
    match error.validator:
        case "additionalProperties":
            known = error.schema.get("properties", {})
            for name in sorted(error.instance.keys() - known.keys()):
                yield Problem(join(path, name), "unknown field")
        case "required":
            missing = [name for name in error.validator_value if name not in error.instance]
            # jsonschema reports each missing name on its own; the message begins with it
            named = [name for name in missing if error.message.startswith(repr(name))]
            yield from (Problem(join(path, name), "required value") for name in named)
        case "type":
            yield Problem(path, f"must be {_types(error.validator_value)}, not {_type_of(error.instance)}")
        case "enum":
            yield Problem(path, f"must be one of {', '.join(str(choice) for choice in error.validator_value)}")
        case "pattern":
            yield Problem(path, f"must match {error.validator_value}")
        case "oneOf" if all("type" in one for one in error.validator_value):
            allowed = " or ".join(_types(one.get("type", "")) for one in error.validator_value)
            yield Problem(path, f"must be {allowed}, not {_type_of(error.instance)}")
        case "allOf" | "anyOf" | "not" | "oneOf":
            yield Problem(path, "fits none of the alternatives that its schema allows")
        case _:
            yield Problem(path, f"does not fit {error.validator} {error.validator_value}")


def _types(expected: object) -> str:
    names = expected if isinstance(expected, list) else [expected]
    return " or ".join(str(name) for name in names if name != "null")


_JSON_TYPES = {bool: "boolean", int: "integer", float: "number", str: "string", list: "array", dict: "object"}


def _type_of(value: object) -> str:
    return _JSON_TYPES.get(type(value), "null")
