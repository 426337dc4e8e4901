"""Label and field selectors of list requests."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from embedded.kubernetes.checks.basics import map_of
from embedded.kubernetes.errors import bad_request
from embedded.provider import Values

Match = Callable[[Values], bool]

_KEY: Final = r"[A-Za-z0-9][-A-Za-z0-9_./]*"
_SET: Final = re.compile(rf"({_KEY})\s+(in|notin)\s*\(([^)]*)\)")
_EQUAL: Final = re.compile(rf"({_KEY})\s*(==|=|!=)\s*([-A-Za-z0-9_.]*)")
_EXISTS: Final = re.compile(rf"(!?)\s*({_KEY})")
_FIELDS: Final = ("metadata.name", "metadata.namespace")


def labels_match(selector: str) -> Match:
    """Requirements such as `app=x,tier!=y,zone in (a,b),!old`. ApiError 400 if it cannot be read."""
    requirements = [_label_requirement(part.strip()) for part in re.split(r",(?![^(]*\))", selector) if part.strip()]
    return lambda value: all(matches(map_of(map_of(value, "metadata"), "labels")) for matches in requirements)


def _label_requirement(text: str) -> Match:
    if match := _SET.fullmatch(text):
        key, wanted = match[1], {item.strip() for item in match[3].split(",")}
        inside = match[2] == "in"
        return lambda labels: (key in labels and labels[key] in wanted) if inside else labels.get(key) not in wanted
    if match := _EQUAL.fullmatch(text):
        key, text, negated = match[1], match[3], match[2] == "!="
        return lambda labels: (labels.get(key) == text) is not negated
    if match := _EXISTS.fullmatch(text):
        key, absent = match[2], bool(match[1])
        return lambda labels: (key in labels) is not absent
    raise bad_request(f'unable to parse requirement of the label selector: "{text}"')


def fields_match(selector: str) -> Match:
    """Requirements on metadata.name and metadata.namespace. ApiError 400 for other fields."""
    requirements = []
    for part in filter(None, selector.split(",")):
        match = re.fullmatch(r"([A-Za-z.]+)(==|=|!=)(.*)", part)
        if match is None or match[1] not in _FIELDS:
            raise bad_request(f'field label not supported: "{part}"; use {" or ".join(_FIELDS)}')
        requirements.append((match[1].rpartition(".")[2], match[3], match[2] == "!="))
    return lambda value: all(
        (value["metadata"].get(field, "") == wanted) is not negated for field, wanted, negated in requirements
    )
