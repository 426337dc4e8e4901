"""The tables of the README and of docs/settings.md: commands from the command line, settings from their types.

`python -m automation.reference_tables` writes them anew between their markers (`<!-- settings -->` and
`<!-- /settings -->`); a test fails while a file is not what it would write.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import UnionType
from typing import Annotated, Any, Literal, NamedTuple, Union, get_args, get_origin, get_type_hints

import typer
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from automation.cli import app
from stacks.aws_settings import AccountId
from stacks.network_settings import Domain, RouteTableId, SubnetId, VpcId
from stacks.quantities import Cpu, Memory
from stacks.setting_types import Image, Name, Network, Principal, Text, Whole
from stacks.settings import Resources, StackSettings

ROOT = Path(__file__).resolve().parent.parent
README, SETTINGS_PAGE = "README.md", "docs/settings.md"
REWRITE = ".venv/bin/python -m automation.reference_tables"
# Groups whose settings all have defaults: one row each in the README, every row on the settings page.
FOLDED = ("regions.<name>.namespace.quota", "regions.<name>.namespace.limits")
# What the paths of a table begin with, and the line above it.
_PARTS = {
    "": "The stack:",
    "regions.<name>.": "Each region, below `regions.<name>`:",
    "edge.": "The edge, below `edge`, which a stack may leave out:",
}
_PART_GROUPS = tuple(start.rstrip(".") for start in _PARTS)

_WORDS = (
    (Name, "name"),
    (Network, "IPv4 block"),
    (Image, "image"),
    (Principal, "ARN"),
    (Cpu, "processor time"),
    (Memory, "memory"),
    (Domain, "domain"),
    (AccountId, "account id"),
    (VpcId, "VPC id"),
    (SubnetId, "subnet id"),
    (RouteTableId, "route table id"),
    (Whole, "whole number"),
    (Text, "text"),
)
_MANY_CHOICES = 8


class Row(NamedTuple):
    """One setting: its path, what it may be, its default ("required" where there is none), its description."""

    path: str
    kind: str
    default: str
    description: str


def written(texts: Mapping[str, str]) -> dict[str, str]:
    """The files, given as text by path, with every table as it should be."""
    tables = {
        (README, "commands"): commands_table(),
        (README, "settings"): settings_tables(list(_rows(StackSettings, fold=True))),
        (SETTINGS_PAGE, "settings"): settings_tables(list(_rows(StackSettings))),
    }
    done = dict(texts)
    for (path, name), table in tables.items():
        done[path] = _between_markers(done[path], name, table)
    return done


def commands_table() -> str:
    """Every command with its arguments and options, in the order in which `--help` lists them."""
    rows = [(_usage(name, command), " ".join(command.help.split())) for name, command in all_commands().items()]
    return _table(("Command", "What it does"), rows)


def all_commands() -> dict[str, Any]:
    """The commands by what a person types, those of a group behind the group's name."""
    group: Any = typer.main.get_command(app)
    return {
        " ".join((name, *inner)): command
        for name, either in group.commands.items()
        for inner, command in _commands_of(either)
    }


def _commands_of(either: Any) -> list[tuple[tuple[str, ...], Any]]:
    return [((inner,), command) for inner, command in getattr(either, "commands", {}).items()] or [((), either)]


def settings_tables(rows: list[Row]) -> str:
    """The settings as Markdown: a table for the stack, for a region and for the edge."""
    parts: dict[str, list[tuple[str, ...]]] = {start: [] for start in _PARTS}
    for row in rows:
        start = max((start for start in _PARTS if row.path.startswith(start)), key=len)
        parts[start].append((f"`{row.path.removeprefix(start)}`", *row[1:]))
    headings = ("Setting", "Value", "Default", "Meaning")
    return "\n\n".join(f"{_PARTS[start]}\n\n{_table(headings, part)}" for start, part in parts.items())


def _rows(model: type[BaseModel], prefix: str = "", fold: bool = False, required: str = "required") -> Iterator[Row]:
    """Every setting below a class, in the order of the types.

    `required` is what stands in place of a default: below a group that may be left out it names that group.
    """
    hints = get_type_hints(model, include_extras=True)
    for name, field in model.model_fields.items():
        path, description = f"{prefix}{name}", (field.description or "").replace("<", "&lt;")
        inner, step = _model_in(hints[name])
        if fold and path in FOLDED:
            yield Row(path, "mapping", f"[the game's own figures]({SETTINGS_PAGE})", description)
        elif inner is None or inner is Resources:
            default = required if field.is_required() else _default(field.default)
            yield Row(path, _kind(hints[name], field), default, description)
        else:
            may_be_left_out = field.default is None and path not in _PART_GROUPS
            group = f"{path}{step}".removeprefix("regions.<name>.")
            yield from _rows(inner, f"{path}{step}.", fold, f"required with `{group}`" if may_be_left_out else required)


def _model_in(hint: Any) -> tuple[type[BaseModel] | None, str]:
    """The settings class behind a type, None if there is none, and what leads to it in a path."""
    plain = _without_none(hint)
    if get_origin(plain) is dict:
        return _model_in(get_args(plain)[1])[0], ".<name>"
    return (plain if isinstance(plain, type) and issubclass(plain, BaseModel) else None), ""


def _kind(hint: Any, field: FieldInfo | None = None) -> str:
    plain = _without_none(hint)
    if get_origin(plain) is Literal:
        return _choices(get_args(plain))
    if plain is bool:
        return "`true` or `false`"
    if plain is Resources:
        return "`{cpu, memory}`"
    if get_origin(plain) is dict:
        return "mapping"
    extras = _extras(hint)
    metadata = [*extras, *(field.metadata if field else [])]
    if get_origin(plain) is tuple:
        return f"list of {_plural(get_args(plain)[0])}{_bounds(metadata, 'min_length', 'max_length')}"
    by_type = "whole number" if plain is int else "text"  # a type of one setting alone needs no word of its own
    word = next((word for alias, word in _WORDS if _extras(alias)[-1] in extras), by_type)
    return f"{word}{_bounds(metadata, 'ge', 'le')}"


def _without_none(hint: Any) -> Any:
    """A type without Annotated and without "or None"."""
    while get_origin(hint) in (Annotated, Union, UnionType):
        hint = next(item for item in get_args(hint) if item is not type(None))
    return hint


def _extras(hint: Any) -> tuple[Any, ...]:
    """What stands in an Annotated beside the type, also where nothing may stand instead."""
    if get_origin(hint) in (Union, UnionType):
        hint = next(item for item in get_args(hint) if item is not type(None))
    return get_args(hint)[1:] if get_origin(hint) is Annotated else ()


def _choices(values: tuple[object, ...]) -> str:
    if len(values) <= _MANY_CHOICES:
        return " or ".join(f"`{value}`" for value in values)
    return f"one of {', '.join(str(value) for value in values)}"


def _bounds(metadata: list[Any], low: str, high: str) -> str:
    found = {name: getattr(item, name) for item in metadata for name in (low, high) if hasattr(item, name)}
    if low in found and high in found:
        return f", {found[low]} to {found[high]}"
    return f", at least {found[low]}" if low in found else ""


def _plural(hint: Any) -> str:
    word = _kind(hint)
    return word if word == "text" or get_origin(_without_none(hint)) is Literal else f"{word}s"


def _default(value: object) -> str:
    if value in (None, (), {}):
        return "none"
    return f"`{_in_yaml(value)}`"


def _in_yaml(value: object) -> str:
    """A value as it would stand in a stack file."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Resources):
        return _in_yaml({"cpu": value.cpu, "memory": value.memory})
    if isinstance(value, tuple):
        return f"[{', '.join(_in_yaml(item) for item in value)}]"
    if isinstance(value, dict):
        return f"{{{', '.join(f'{key}: {_in_yaml(item)}' for key, item in value.items())}}}"
    return str(value)


def _usage(name: str, command: Any) -> str:
    parts = [f"./regions {name}"]
    for parameter in command.params:
        if parameter.param_type_name == "argument":
            parts.append(parameter.name.upper())
        elif parameter.is_flag:
            parts.append(f"[{max(parameter.opts, key=len)}]")
        elif parameter.required:
            parts.append(f"{min(parameter.opts, key=len)} {parameter.name.upper()}")
        else:
            parts.append(f"[{max(parameter.opts, key=len)} {parameter.metavar or parameter.name.upper()}]")
    if command.context_settings.get("allow_extra_args"):
        parts.append("[ARGUMENTS]")
    return f"`{' '.join(parts)}`"


def _table(headings: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    lines = [headings, ("---",) * len(headings), *rows]
    return "\n".join(f"| {' | '.join(cell.replace('|', '&#124;') for cell in line)} |" for line in lines)


def _between_markers(text: str, name: str, table: str) -> str:
    pattern = re.compile(f"(<!-- {name} -->\n).*?(<!-- /{name} -->)", re.DOTALL)
    replaced, count = pattern.subn(lambda match: f"{match[1]}\n{table}\n\n{match[2]}", text)
    if count != 1:
        raise ValueError(f"the markers of the table {name!r} stand {count} times, not once")
    return replaced


def main() -> None:
    """Write the tables into the files."""
    texts = {path: (ROOT / path).read_text(encoding="utf-8") for path in (README, SETTINGS_PAGE)}
    for path, text in written(texts).items():
        (ROOT / path).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
