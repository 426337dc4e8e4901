"""Between protobuf structs as the engine sends them and plain Python values."""

from __future__ import annotations

from typing import Any

from google.protobuf import struct_pb2
from pulumi.runtime import rpc

from embedded.provider import UNKNOWN, ProviderError, Values

Path = tuple[str | int, ...]

_SIGNATURE = rpc._special_sig_key
_SECRET = rpc._special_secret_sig


def decode(struct: struct_pb2.Struct) -> tuple[Values, set[Path]]:
    """Plain values of a struct, and the paths that were marked secret."""
    secrets: set[Path] = set()
    return {key: _decode(item, (key,), secrets) for key, item in struct.fields.items()}, secrets


def _decode(value: struct_pb2.Value, path: Path, secrets: set[Path]) -> Any:
    kind = value.WhichOneof("kind")
    if kind == "struct_value":
        fields = value.struct_value.fields
        if _SIGNATURE in fields:
            return _decode_special(fields, path, secrets)
        return {key: _decode(item, (*path, key), secrets) for key, item in fields.items()}
    if kind == "list_value":
        return [_decode(item, (*path, index), secrets) for index, item in enumerate(value.list_value.values)]
    if kind == "number_value":
        number = value.number_value
        return int(number) if number.is_integer() else number
    if kind == "string_value":
        return UNKNOWN if value.string_value == rpc.UNKNOWN else value.string_value
    return value.bool_value if kind == "bool_value" else None


def _decode_special(fields: Any, path: Path, secrets: set[Path]) -> Any:
    if fields[_SIGNATURE].string_value == _SECRET:
        secrets.add(path)
        return _decode(fields["value"], path, secrets)
    dotted = ".".join(str(step) for step in path)
    raise ProviderError(
        f"{dotted}: the embedded cloud takes no assets, archives or resource references; give plain values"
    )


def encode(values: Values, secrets: set[Path] = frozenset()) -> struct_pb2.Struct:  # type: ignore[assignment]
    """A struct of plain values, with secret marks on `secrets`.

    Where a secret path is gone but its top-level property remains, the whole property is marked: a secret may be
    shown hidden once too often, never once too little.
    """
    marked = {path if _holds(values, path) else path[:1] for path in secrets}
    return struct_pb2.Struct(fields={key: _encode(item, (key,), marked) for key, item in values.items()})


def _holds(value: Any, path: Path) -> bool:
    for step in path:
        if isinstance(step, int):
            held = isinstance(value, list) and step < len(value)
        else:
            held = isinstance(value, dict) and step in value
        if not held:
            return False
        value = value[step]
    return True


def _encode(value: Any, path: Path, secrets: set[Path]) -> struct_pb2.Value:
    plain = _encode_plain(value, path, secrets)
    if path not in secrets:
        return plain
    fields = {_SIGNATURE: struct_pb2.Value(string_value=_SECRET), "value": plain}
    return struct_pb2.Value(struct_value=struct_pb2.Struct(fields=fields))


def _encode_plain(value: Any, path: Path, secrets: set[Path]) -> struct_pb2.Value:
    if value is None:
        return struct_pb2.Value(null_value=struct_pb2.NULL_VALUE)
    if value is UNKNOWN:
        return struct_pb2.Value(string_value=rpc.UNKNOWN)
    if isinstance(value, bool):
        return struct_pb2.Value(bool_value=value)
    if isinstance(value, int | float):
        return struct_pb2.Value(number_value=value)
    if isinstance(value, str):
        return struct_pb2.Value(string_value=value)
    if isinstance(value, dict):
        fields = {str(key): _encode(item, (*path, str(key)), secrets) for key, item in value.items()}
        return struct_pb2.Value(struct_value=struct_pb2.Struct(fields=fields))
    if isinstance(value, list | tuple):
        items = [_encode(item, (*path, index), secrets) for index, item in enumerate(value)]
        return struct_pb2.Value(list_value=struct_pb2.ListValue(values=items))
    raise TypeError(f"{path}: {type(value).__name__} is not a plain value")
