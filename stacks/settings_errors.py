"""What is wrong in a stack file, in sentences: the setting, the value, the bound, what to do instead."""

import difflib
import json
from collections.abc import Sequence
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

_SHOWN_LENGTH = 80


class SettingsError(Exception):
    """Settings that cannot be used. `problems` holds one sentence each; the message is one per line."""

    def __init__(self, *problems: str) -> None:
        self.problems = problems
        super().__init__("\n".join(problems))


def path_text(location: Sequence[object]) -> str:
    """A setting's path as a person writes it: regions.us-east.network.zones[1]."""
    text = ""
    for part in location:
        if isinstance(part, int) and not isinstance(part, bool):
            text += f"[{shown(part)}]"
        else:
            text += ("." if text else "") + cut(str(part))
    return text or "the stack file"


def shown(value: object) -> str:
    """A value as an error shows it: short, on one line; collections, which may hold anything, by kind."""
    if value is None:
        return "nothing"
    if isinstance(value, str):
        return cut(json.dumps(value, ensure_ascii=False))
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        # A figure of thousands of digits cannot even be turned into text (sys.set_int_max_str_digits).
        return str(value) if abs(value) < 10**30 else "a very long number"
    if isinstance(value, float):
        return repr(value)
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list | tuple):
        return "a list"
    return f"a {type(value).__name__}"


def nearest(word: str, known: Sequence[str]) -> str:
    """The end of a sentence about an unknown word: what was probably meant, or all that there is."""
    meant = _meant(word, known)
    return f'did you mean "{meant}"?' if meant else f"known: {', '.join(known)}"


def sentences(error: ValidationError, root: type[BaseModel]) -> list[str]:
    """One sentence for each thing that pydantic refused in settings of type `root`."""
    details = error.errors(include_url=False)
    # A misspelt key is missing under its right name too; that is one mistake, not two.
    misspelt = {
        (*detail["loc"][:-1], _meant(str(detail["loc"][-1]), _known(root, detail["loc"][:-1])))
        for detail in details
        if detail["type"] == "extra_forbidden"
    }
    return [
        _sentence(detail, root)
        for detail in details
        if not (detail["type"] == "missing" and tuple(detail["loc"]) in misspelt)
    ]


def _meant(word: str, known: Sequence[str]) -> str | None:
    close = difflib.get_close_matches(word[:_SHOWN_LENGTH], known, n=1, cutoff=0.6)
    return close[0] if close else None


def cut(text: str) -> str:
    """Somebody's text as an error shows it: printable, on one line, and not longer than a person reads."""
    text = "".join(letter if letter.isprintable() else "?" for letter in text)
    return text if len(text) <= _SHOWN_LENGTH else text[: _SHOWN_LENGTH - 3] + "..."


def _sentence(detail: ErrorDetails, root: type[BaseModel]) -> str:
    location = detail["loc"]
    of_key = bool(location) and location[-1] == "[key]"
    path = path_text(location[:-1] if of_key else location)
    kind, context = detail["type"], detail.get("ctx", {})
    if kind == "missing":
        return f"{path} is missing; add it{_purpose(root, location)}"
    if kind == "extra_forbidden":
        return f"{path} is not a known setting; {nearest(str(location[-1]), _known(root, location[:-1]))}"
    given = shown(detail["input"])
    if of_key:
        return f"{path}: the name {given} {_named(kind, context)}"
    return f"{path}: {given} {_refusal(kind, context, detail['msg'])}"


def _named(kind: str, context: dict[str, Any]) -> str:
    return str(context["error"]) if kind == "value_error" else "is not text; write it in quotes"


_WANTED = {
    "string": "is not text; write the value in quotes",
    "int": "is not a whole number; write digits without quotes or fraction",
    "bool": "is neither true nor false; write one of them without quotes",
    "model": "is not a mapping; give its settings below it, one key each",
    "dict": "is not a mapping; give one key for each name",
    "tuple": "is not a list; write it as [first, second]",
}


def _refusal(kind: str, context: dict[str, Any], message: str) -> str:
    if kind == "value_error":
        return str(context["error"])
    if kind == "greater_than_equal":
        return f"is below {context['ge']}; give at least {context['ge']}"
    if kind == "less_than_equal":
        return f"is above {context['le']}; give at most {context['le']}"
    if kind == "literal_error":
        return f"is not allowed; choose {context['expected']}"
    if kind in ("too_short", "too_long") and "actual_length" in context:
        if kind == "too_short":
            return f"of {context['actual_length']} is too short; give at least {context['min_length']} entries"
        return f"of {context['actual_length']} is too long; give at most {context['max_length']} entries"
    if kind == "string_too_long":
        return f"is longer than {context['max_length']} characters; shorten it"
    wanted = _WANTED.get(kind.split("_")[0])
    return wanted or f"cannot be used ({message})"


def _known(root: type[BaseModel], location: Sequence[object]) -> list[str]:
    model = _model_at(root, location)
    return list(model.model_fields) if model else []


def _purpose(root: type[BaseModel], location: Sequence[object]) -> str:
    model = _model_at(root, location[:-1])
    field = model.model_fields.get(str(location[-1])) if model else None
    return f" ({field.description})" if field and field.description else ""


def _model_at(root: type[BaseModel], location: Sequence[object]) -> type[BaseModel] | None:
    """The settings class whose keys stand at a place in the file."""
    current: Any = root
    for part in location:
        if isinstance(current, type) and issubclass(current, BaseModel):
            field = current.model_fields.get(str(part))
            current = _plain(field.annotation) if field else None
        else:
            arguments = get_args(current)
            current = _plain(arguments[-1]) if arguments else None
    return current if isinstance(current, type) and issubclass(current, BaseModel) else None


def _plain(annotation: Any) -> Any:
    """An annotation without Annotated and without "or None"."""
    while get_origin(annotation) in (Annotated, Union, UnionType):
        arguments = get_args(annotation)
        if get_origin(annotation) is Annotated:
            arguments = arguments[:1]
        annotation = next(argument for argument in arguments if argument is not type(None))
    return annotation
