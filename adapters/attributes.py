"""Decode a stored event's attributes on demand, in OpenTelemetry names and types.

The ledger keeps records as received; the parser that an event's `format` names reads them again here. Names are those
of the semantic conventions; what has none stands under `aws.`, `azure.`, `gcp.`, `k8s.`, `app.` (an application's own
fields) or `cloudledger.` (what the library says of an event that is no log record). Every field of the record is under
some name. See docs/attributes.md and https://opentelemetry.io/docs/specs/semconv/general/attributes/.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

import msgspec

from ..domain.event_payload import own_fields
from ..domain.events import Event, LogRecorded, RecordRejected
from .attribute_types import APPLICATION, BODY, OWN, application_attributes, conventional, prefix_of
from .aws.cloudwatch_envelope import ENVELOPE as CLOUDWATCH
from .records import decode_context
from .registry import Registry
from .tolerant_json import read_json
from .unnamed_fields import unnamed_fields

_COLUMNS: Final = {
    "provider": "cloud.provider",
    "account": "cloud.account.id",
    "region": "cloud.region",
    "resource": "cloud.resource_id",
    "service": "service.name",
    "error": "error.type",
}
"""Columns of the envelope that are attributes. They hold what precedence picked (docs/attributes.md), so they win."""

_HIDDEN: Final = frozenset({"envelope", "header"})
"""Parts of a context that say how to read the record."""


def attributes_of(event: Event, *, registry: Registry | None = None) -> dict[str, Any]:
    """Return the attributes of an event: those of its envelope columns, those that its parser finds, and the rest.

    Args:
        event: a log record; of other events the attributes are their own fields under `cloudledger.`.
        registry: formats; by default all that are installed.

    >>> attributes_of(LogRecorded(format="app.json", service="pay", payload=b'{"order":7}'))
    {'service.name': 'pay', 'app.order': 7}
    """
    columns = {name: value for column, name in _COLUMNS.items() if (value := getattr(event, column))}
    if not isinstance(event, LogRecorded):
        return columns | _facts(event)
    record = decoded_record(event, registry or Registry.installed())
    named = {**columns, **record.named, **columns}
    if record.context.get("envelope") == CLOUDWATCH or "logGroup" in record.context:
        named |= _cloudwatch(record.context, record.around, named)
    named |= unnamed_fields(record.fields, named, prefix_of(event.format))
    told = {key: value for key, value in record.context.items() if key not in _HIDDEN}
    if not told:
        return named
    return named | unnamed_fields(told, named, str(record.context.get("envelope") or f"{OWN}.context"))


class DecodedRecord(NamedTuple):
    """A log event's record: its envelope's context, what carried it, its fields, and what its parser names of them."""

    context: Mapping[str, Any]
    around: Mapping[str, Any]
    fields: Mapping[str, Any]
    named: Mapping[str, Any]


def decoded_record(event: LogRecorded, registry: Registry) -> DecodedRecord:
    """Return a stored record as its parser reads it, under conventional names.

    >>> decoded_record(LogRecorded(format="app.json", payload=b'{"order":7}'), Registry()).named
    {'app.order': 7}
    """
    context = decode_context(event.context)
    body, around = body_of(event, context)
    parsed = _parsed(registry, event.format, body, context)
    return DecodedRecord(context, around, _object(body), conventional(parsed, event.format))


def body_of(event: LogRecorded, context: Mapping[str, Any]) -> tuple[bytes, Mapping[str, Any]]:
    """Return what the event's parser read, and what was around it: a CloudWatch log event holds it as its message.

    >>> body_of(LogRecorded(payload=b'{"id":"7","message":"hi"}'), {"envelope": "aws.cloudwatch_logs"})
    (b'hi', {'id': '7'})
    """
    if context.get("envelope") == CLOUDWATCH:
        held = _object(event.payload)
        if isinstance(held.get("message"), str):
            around = {key: value for key, value in held.items() if key != "message"}
            return held["message"].encode("utf-8", "replace"), around
    return event.payload, {}


def _parsed(registry: Registry, format: str, body: bytes, context: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return what the format's parser finds; of a damaged record at least its text."""
    try:
        found = registry.attributes(format, body, context)
    except Exception:  # a record that was kept although it is damaged: its fields follow as far as they can be read
        found = {} if _object(body) else {BODY: body.decode("utf-8", "replace")}
    return application_attributes(found) if prefix_of(format) == APPLICATION else found


def _object(body: bytes) -> Mapping[str, Any]:
    if body.lstrip()[:1] != b"{":
        return {}
    try:
        found = read_json(body)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _cloudwatch(context: Mapping[str, Any], around: Mapping[str, Any], named: Mapping[str, Any]) -> dict[str, Any]:
    """Return where CloudWatch Logs kept a record; names of groups and streams are lists by the conventions."""
    told = {
        "aws.log.group.names": [str(context["logGroup"])] if context.get("logGroup") else None,
        "aws.log.stream.names": [str(context["logStream"])] if context.get("logStream") else None,
        "log.record.uid": named.get("log.record.uid") or around.get("id"),
    }
    found = {name: value for name, value in told.items() if value}
    return found | unnamed_fields(around, {**named, **found}, CLOUDWATCH)


def _facts(event: Event) -> dict[str, Any]:
    """Return the own fields of an event that is no log record."""
    kind = str(type(event).__struct_config__.tag)
    held = msgspec.to_builtins({name: getattr(event, name) for name in own_fields(type(event)) if name != "payload"})
    if isinstance(event, RecordRejected):
        held["payload"] = event.payload.decode("utf-8", "replace")
    return {f"{OWN}.{kind}.{name}": value for name, value in held.items() if value not in (None, "", [], {})}
