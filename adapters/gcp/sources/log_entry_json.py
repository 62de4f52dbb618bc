"""Write entries of Cloud Logging as JSON, as its REST API and its exports do (the JSON form of protocol buffers).

Between the gRPC client and the parsers, so that an entry has one event id whichever way it came. Own code, since
`google.protobuf.json_format` refuses a whole entry for one message of an unknown type in it, and writes the whole
numbers of a `Struct` as `200.0`. See https://protobuf.dev/programming-guides/json/.
"""

from __future__ import annotations

import base64
import math
from collections.abc import Callable
from functools import cache
from typing import Any, Final

import msgspec
from google.api import monitored_resource_pb2  # noqa: F401 - known messages of `Any`, here and in the next two lines
from google.cloud.appengine_logging_v1.types import request_log  # noqa: F401
from google.cloud.audit import audit_log_pb2  # noqa: F401
from google.iam.v1.logging import audit_data_pb2  # noqa: F401
from google.protobuf import descriptor_pool, message_factory
from google.protobuf.descriptor import FieldDescriptor

_LARGEST_EXACT = 2**53
_WRAPPERS: Final = ("Double", "Float", "Int64", "UInt64", "Int32", "UInt32", "Bool", "String", "Bytes")

_ENCODE = msgspec.json.Encoder(order="sorted").encode
"""As exports are written; protocol buffers give the keys of a map in any order."""

Write = Callable[[Any], Any]


def entry_json(entry: Any) -> bytes:
    """Return an entry (a message of `google.logging.v2.LogEntry`) as JSON.

    >>> from google.cloud.logging_v2.types import LogEntry
    >>> entry_json(LogEntry.pb(LogEntry(log_name="projects/p/logs/x", insert_id="1", json_payload={"status": 200})))
    b'{"insertId":"1","jsonPayload":{"status":200},"logName":"projects/p/logs/x"}'
    """
    return _ENCODE(_message(entry))


def _message(message: Any) -> Any:
    special = _SPECIAL.get(message.DESCRIPTOR.full_name)
    if special is not None:
        return special(message)
    fields = {}
    for field, value in message.ListFields():
        name, write = _field(field)
        fields[name] = write(value)
    return fields


@cache
def _field(field: FieldDescriptor) -> tuple[str, Write]:
    """Return a field's name in JSON and what writes its value."""
    if field.message_type is not None and field.message_type.GetOptions().map_entry:
        value = _one(field.message_type.fields_by_name["value"])
        return field.json_name, lambda held: {_key(key): value(held[key]) for key in held}
    one = _one(field)
    return field.json_name, (lambda held: [one(item) for item in held]) if field.is_repeated else one


def _one(field: FieldDescriptor) -> Write:
    """Return what writes one value of a field."""
    if field.message_type is not None:
        return _message
    if field.enum_type is not None:
        names = {number: value.name for number, value in field.enum_type.values_by_number.items()}
        return lambda value: names.get(value, value)
    return _SCALARS.get(field.cpp_type, _bytes if field.type == FieldDescriptor.TYPE_BYTES else _same)


def _same(value: Any) -> Any:
    return value


def _bytes(value: bytes) -> str:
    return base64.b64encode(value).decode()


def _key(key: Any) -> str:
    return str(key).lower() if isinstance(key, bool) else str(key)


def _number(value: float) -> float | int | str:
    if not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    return int(value) if abs(value) < _LARGEST_EXACT and value == int(value) else value


_SCALARS: Final[dict[int, Write]] = {
    FieldDescriptor.CPPTYPE_INT64: str,
    FieldDescriptor.CPPTYPE_UINT64: str,
    FieldDescriptor.CPPTYPE_DOUBLE: _number,
    FieldDescriptor.CPPTYPE_FLOAT: lambda value: _number(float(f"{value:.8g}")),
}


def _struct(message: Any) -> dict[str, Any]:
    fields = message.fields
    return {name: _value(fields[name]) for name in fields}


def _list(message: Any) -> list[Any]:
    return [_value(value) for value in message.values]


def _value(value: Any) -> Any:
    kind = value.WhichOneof("kind")
    if kind == "string_value":
        return value.string_value
    if kind == "number_value":
        return _number(value.number_value)
    if kind == "bool_value":
        return value.bool_value
    if kind == "struct_value":
        return _struct(value.struct_value)
    return _list(value.list_value) if kind == "list_value" else None


def _any(message: Any) -> dict[str, Any]:
    """Return a message of any type; of one that is unknown, its bytes."""
    if not message.type_url:
        return {}
    fields = {"@type": message.type_url}
    try:
        kind = descriptor_pool.Default().FindMessageTypeByName(message.type_url.rpartition("/")[2])
    except KeyError:
        return fields | {"value": _bytes(message.value)}
    held = message_factory.GetMessageClass(kind)()
    try:
        held.ParseFromString(message.value)
    except Exception:  # DecodeError, of no common type over the implementations of protobuf
        return fields | {"value": _bytes(message.value)}
    written = _message(held)
    return fields | ({"value": written} if kind.full_name in _SPECIAL else written)


def _text(message: Any) -> str:
    return str(message.ToJsonString())


def _wrapped(message: Any) -> Any:
    field = message.DESCRIPTOR.fields_by_name["value"]
    return _one(field)(message.value)


_SPECIAL: Final[dict[str, Write]] = {
    "google.protobuf.Any": _any,
    "google.protobuf.Duration": _text,
    "google.protobuf.FieldMask": _text,
    "google.protobuf.ListValue": _list,
    "google.protobuf.Struct": _struct,
    "google.protobuf.Timestamp": _text,
    "google.protobuf.Value": _value,
    **{f"google.protobuf.{name}Value": _wrapped for name in _WRAPPERS},
}
