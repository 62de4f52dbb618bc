"""Decode a stored log event's attributes on demand, in OpenTelemetry names.

The ledger keeps records as received; the parser that an event's `format` names reads them again here. See
https://opentelemetry.io/docs/specs/semconv/general/attributes/.
"""

from __future__ import annotations

from typing import Any

import msgspec

from ..domain.events import LogRecorded
from .aws.cloudwatch_envelope import ENVELOPE as CLOUDWATCH
from .records import decode_context
from .registry import Registry


def attributes_of(event: LogRecorded, *, registry: Registry | None = None) -> dict[str, Any]:
    """Return the attributes of a log event: those of its envelope columns, and those that its parser finds.

    >>> attributes_of(LogRecorded(format="app.json", service="pay", payload=b'{"order":7}'))
    {'service.name': 'pay', 'order': 7}
    """
    context = decode_context(event.context)
    body = _body(event.payload, str(context.get("envelope", "")))
    columns = {
        "cloud.provider": event.provider,
        "cloud.account.id": event.account,
        "cloud.region": event.region,
        "cloud.resource_id": event.resource,
        "service.name": event.service,
        "error.type": event.error,
    }
    if context.get("envelope") == CLOUDWATCH:
        columns["aws.log.group.names"] = _listed(context.get("logGroup"))
        columns["aws.log.stream.names"] = _listed(context.get("logStream"))
    found = (registry or Registry.installed()).attributes(event.format, body, context)
    return {**{name: value for name, value in columns.items() if value}, **found}


def _body(payload: bytes, envelope: str) -> bytes:
    """Return what the parser read: a CloudWatch log event holds it as its message."""
    if envelope != CLOUDWATCH:
        return payload
    return str(msgspec.json.decode(payload)["message"]).encode()


def _listed(value: Any) -> Any:
    return [value] if value else ""
