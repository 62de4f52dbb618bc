"""The payload column of events: raw bytes for log records, versioned msgpack of their own fields for all other kinds.

Stored bytes never change: a payload says the schema version that wrote it, and upcasters lift it on read.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import msgspec

from .events import EVENT_TYPES, Event, Kind, LogRecorded

SCHEMA_VERSION = 1
"""Version written into every payload; raise it together with a new upcaster."""

Upcaster = Callable[[Kind, dict[str, Any]], dict[str, Any]]

UPCASTERS: dict[int, Upcaster] = {}
"""Per old version, the function that turns its fields into those of the next version."""

_ENVELOPE = frozenset(Event.__struct_fields__)


@cache
def own_fields(event_type: type[Event]) -> tuple[str, ...]:
    """Return the fields of an event type beyond the envelope.

    >>> own_fields(EVENT_TYPES[Kind.RECORD_REJECTED])
    ('reason', 'origin', 'offset', 'payload')
    """
    return tuple(name for name in event_type.__struct_fields__ if name not in _ENVELOPE)


@cache
def _facts_type(event_type: type[Event]) -> type[msgspec.Struct]:
    fields: list[Any] = []
    for field in msgspec.structs.fields(event_type):
        if field.name in _ENVELOPE:
            continue
        entry: list[Any] = [field.name, field.type]
        if field.default is not msgspec.NODEFAULT:
            entry.append(field.default)
        elif field.default_factory is not msgspec.NODEFAULT:
            entry.append(msgspec.field(default_factory=field.default_factory))
        fields.append(tuple(entry))
    return msgspec.defstruct(f"{event_type.__name__}Facts", fields, kw_only=True, omit_defaults=True, frozen=True)


@cache
def _decoder(event_type: type[Event]) -> msgspec.msgpack.Decoder[Any]:
    return msgspec.msgpack.Decoder(tuple[int, _facts_type(event_type)])  # type: ignore[misc]


_ENCODER = msgspec.msgpack.Encoder()


def payload_of(event: Event) -> bytes:
    """Return what the payload column stores of an event.

    >>> payload_of(LogRecorded(payload=b"line"))
    b'line'
    """
    if isinstance(event, LogRecorded):
        return event.payload
    facts_type = _facts_type(type(event))
    return _ENCODER.encode((SCHEMA_VERSION, facts_type(**{n: getattr(event, n) for n in own_fields(type(event))})))


def facts_of(kind: Kind, payload: bytes) -> dict[str, Any]:
    """Return an event's own fields from its stored payload, lifted to the present schema version.

    >>> facts_of(Kind.LOG_RECORDED, b"line")
    {'payload': b'line'}
    """
    if kind is Kind.LOG_RECORDED:
        return {"payload": payload}
    event_type = EVENT_TYPES[kind]
    try:
        version, facts = _decoder(event_type).decode(payload)
        if version == SCHEMA_VERSION:
            return {name: getattr(facts, name) for name in own_fields(event_type)}
    except msgspec.ValidationError:
        pass  # an older shape: lifted below
    return _lifted(kind, payload)


def _lifted(kind: Kind, payload: bytes) -> dict[str, Any]:
    version, fields = msgspec.msgpack.decode(payload)
    while version in UPCASTERS:
        fields, version = UPCASTERS[version](kind, fields), version + 1
    event_type = EVENT_TYPES[kind]
    facts = msgspec.convert(fields, _facts_type(event_type))
    return {name: getattr(facts, name) for name in own_fields(event_type)}
