"""How a recorded value is written: references between resources, secrets, whole numbers.

While the program runs, every text output of a resource is its own reference, `${URN#property}`, also where
the output only repeats an input. A value that is exactly one such text came from that resource: the plan
shows it as `{"$ref": URN, "property": "metadata.name"}`. A text that embeds one (Output.concat, the JSON of
a policy) keeps the real text where the output repeats a plain input, and the readable `${URN#property}`
where only a cloud knows it. Numbers and booleans among outputs stay what they are: they carry no reference.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pulumi
from google.protobuf import struct_pb2
from pulumi.runtime import rpc

SECRET = "[secret]"
_REFERENCE = re.compile(r"\$\{(urn:pulumi:[^#{}]+)#([^{}]+)\}")
_PLAIN_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")
# What Python's str() of an Output begins with (pulumi/output.py); as a value it is always a mistake.
_STRING_OF_OUTPUT = "Calling __str__ on an Output[T] is not supported."


class RecorderError(pulumi.RunError):
    """The program did what no engine would accept, or used what the recorder does not know: one sentence."""


def reference(urn: str, property_path: str) -> str:
    """The text that stands for a property of a resource: `${URN#property}`."""
    return f"${{{urn}#{property_path}}}"


def references(text: str) -> list[tuple[str, str]]:
    """All (URN, property) that a text still refers to, in order."""
    return _REFERENCE.findall(text)


@dataclass
class Names:
    """Text by reference, for the outputs of one recording that repeat plain inputs."""

    known: dict[str, str] = field(default_factory=dict)

    def resolve(self, text: str) -> str:
        """The text with every reference replaced whose value is known before anything is created."""
        if "${urn:pulumi:" not in text:
            return text
        return _REFERENCE.sub(lambda match: self.known.get(match.group(0), match.group(0)), text)

    def shown(self, text: str) -> str | dict[str, str]:
        """The text as the plan shows it: a whole reference as an object, an embedded one as text."""
        match = _REFERENCE.fullmatch(text)
        if match:
            return {"$ref": match.group(1), "property": match.group(2)}
        return self.resolve(text)


@dataclass
class Inputs:
    """The inputs of one registration, read once from what the program sent.

    `shown` is for the plan: references as objects, a secret as "[secret]". `resolved` is for everything that
    needs the texts themselves: keys within a secret are kept, each of its values is "[secret]". `plain` is the
    same with the secrets themselves, for rules that look at them; it is never kept. `state` is what the program
    gets back.
    """

    shown: dict[str, Any]
    resolved: dict[str, Any]
    plain: dict[str, Any]
    secrets: list[str]
    state: struct_pb2.Struct


def read_inputs(
    urn: str, sent: struct_pb2.Struct, names: Names, sources: Mapping[str, Iterable[str]] | None = None
) -> Inputs:
    """Read a registration's inputs and turn its plain texts into outputs of `urn`.

    `sources` are the URNs that each top-level property depends on, for the sentence of a refusal.
    Raises RecorderError for a value that no output provides, and for the text of an Output in a string.
    """
    reader = _Reader(urn, names, sources or {})
    state = struct_pb2.Struct()
    state.CopyFrom(sent)
    shown: dict[str, Any] = {}
    plain: dict[str, Any] = {}
    for key in sorted(state.fields):
        shown[key], plain[key] = reader.value(state.fields[key], f"/{_escape(key)}", _step("", key), False)
    secrets = sorted(reader.secrets)
    resolved = _masked(plain, "", frozenset(secrets)) if secrets else plain
    return Inputs(shown=shown, resolved=resolved, plain=plain, secrets=secrets, state=state)


def _masked(value: Any, pointer: str, secrets: frozenset[str], hidden: bool = False) -> Any:
    hidden = hidden or pointer in secrets
    if isinstance(value, dict):
        return {key: _masked(item, f"{pointer}/{_escape(key)}", secrets, hidden) for key, item in value.items()}
    if isinstance(value, list):
        return [_masked(item, f"{pointer}/{index}", secrets, hidden) for index, item in enumerate(value)]
    return SECRET if hidden else value


def read_outputs(urn: str, sent: struct_pb2.Struct, names: Names) -> dict[str, Any]:
    """Values as the program exports them, resolved; secrets are "[secret]"."""
    return read_inputs(urn, sent, Names(dict(names.known))).resolved


class _Reader:
    """Walks a protobuf struct once: (shown, plain) of each value, texts rewritten in place to references."""

    def __init__(self, urn: str, names: Names, sources: Mapping[str, Iterable[str]]) -> None:
        self.urn = urn
        self.names = names
        self.sources = sources
        self.secrets: list[str] = []

    def value(self, value: struct_pb2.Value, pointer: str, path: str, secret: bool) -> tuple[Any, Any]:
        kind = value.WhichOneof("kind")
        if kind == "string_value":
            return self._text(value, pointer, path, secret)
        if kind == "struct_value":
            return self._struct(value.struct_value, pointer, path, secret)
        if kind == "list_value":
            both = [
                self.value(item, f"{pointer}/{index}", f"{path}[{index}]", secret)
                for index, item in enumerate(value.list_value.values)
            ]
            return [shown for shown, _ in both], [plain for _, plain in both]
        if kind == "number_value":
            number = value.number_value
            figure: Any = int(number) if number.is_integer() else number
        else:
            figure = value.bool_value if kind == "bool_value" else None
        return figure, figure

    def _text(self, value: struct_pb2.Value, pointer: str, path: str, secret: bool) -> tuple[Any, Any]:
        text = value.string_value
        if text == rpc.UNKNOWN:
            sources = ", ".join(sorted(self.sources.get(pointer.split("/")[1], []))) or "a resource"
            raise RecorderError(
                f"{self.urn}: {pointer} takes an output of {sources} that the recorder does not know; "
                "add the property to plan/computed.py, under the type it comes from"
            )
        if _STRING_OF_OUTPUT in text:
            raise RecorderError(
                f"{self.urn}: {pointer} is the text of an Output object; use Output.concat or apply, not str()"
            )
        resolved = self.names.resolve(text)
        mine = reference(self.urn, path)
        value.string_value = mine
        if not secret:
            self.names.known[mine] = resolved
        return self.names.shown(text), resolved

    def _struct(self, struct: struct_pb2.Struct, pointer: str, path: str, secret: bool) -> tuple[Any, Any]:
        if rpc._special_sig_key in struct.fields:
            return self._special(struct, pointer, path)
        shown, plain = {}, {}
        for key in sorted(struct.fields):
            shown[key], plain[key] = self.value(
                struct.fields[key], f"{pointer}/{_escape(key)}", _step(path, key), secret
            )
        return shown, plain

    def _special(self, struct: struct_pb2.Struct, pointer: str, path: str) -> tuple[Any, Any]:
        signature = struct.fields[rpc._special_sig_key].string_value
        if signature == rpc._special_secret_sig:
            _, plain = self.value(struct.fields["value"], pointer, path, True)
            self.secrets.append(pointer)
            return SECRET, plain
        if signature == rpc._special_resource_sig:
            urn = struct.fields["urn"].string_value
            return {"$ref": urn, "property": "urn"}, urn
        kind = "$asset" if signature == rpc._special_asset_sig else "$archive"
        content = {
            key: self.names.resolve(item.string_value)
            for key, item in sorted(struct.fields.items())
            if key != rpc._special_sig_key and item.WhichOneof("kind") == "string_value"
        }
        return {kind: content}, {kind: content}


def set_output(state: struct_pb2.Struct, urn: str, path: str) -> None:
    """Add a property that the cloud computes, unless sent; `path` as in "identities[0].oidcs[0].issuer"."""
    steps: list[str | int] = [
        int(index) if index else key for key, index in re.findall(r"([A-Za-z0-9]+)|\[(\d+)\]", path)
    ]
    place = state.fields[str(steps[0])]
    for step in steps[1:]:
        if isinstance(step, str):
            place = place.struct_value.fields[step]
        else:
            items = place.list_value.values
            while len(items) <= step:
                items.add()
            place = items[step]
    if place.WhichOneof("kind") is None:
        place.string_value = reference(urn, path)


def mark_secret(value: struct_pb2.Value) -> None:
    """Wrap a value in the SDK's secret mark, unless it has it."""
    if value.WhichOneof("kind") == "struct_value" and rpc._special_sig_key in value.struct_value.fields:
        return
    inner = struct_pb2.Value()
    inner.CopyFrom(value)
    value.struct_value.Clear()
    value.struct_value.fields[rpc._special_sig_key].string_value = rpc._special_secret_sig
    value.struct_value.fields["value"].CopyFrom(inner)


def lookup(values: Mapping[str, Any], *keys: str) -> Any:
    """The value under a chain of keys, None where the chain ends early."""
    found: Any = values
    for key in keys:
        if not isinstance(found, Mapping):
            return None
        found = found.get(key)
    return found


def _escape(key: str) -> str:
    # RFC 6901: JSON pointers write "~" and "/" inside a key as "~0" and "~1".
    return key.replace("~", "~0").replace("/", "~1")


def _step(path: str, key: str) -> str:
    if not _PLAIN_KEY.fullmatch(key):
        return f'{path}["{key}"]'
    return f"{path}.{key}" if path else key
