"""Turn event Structs into an EventBatch: the way in for the few events that are made one by one.

Volume never passes here: parsers of logs build columns directly with `EventBatch.build`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .arguments import check_type
from .batch import EventBatch
from .columns import NO_DURATION, STRING_COLUMNS
from .errors import InvalidArgumentError
from .event_id import EVENT_ID_BYTES, id_column
from .event_payload import payload_of
from .events import KIND_OF_TYPE, Event

_COPIED = (
    *STRING_COLUMNS,
    "occurred_at",
    "recorded_at",
    "severity",
    "flags",
    "status",
    "peer_role",
    "template",
    "mentions",
)


def batch_of(events: Sequence[Event]) -> EventBatch:
    """Return events as columns.

    >>> from .events import LogRecorded
    >>> batch_of([LogRecorded(event_id=bytes(16), service="cart", payload=b"x")])[0].service
    'cart'

    Raises:
        InvalidArgumentError: what is no event, an event whose id is not 16 bytes, or an id of a trace or span that
            is not hexadecimal.
    """
    _check_ids(events)
    payloads = [payload_of(event) for event in events]
    columns: dict[str, Any] = {name: [getattr(event, name) for event in events] for name in _COPIED}
    columns["size_bytes"] = [event.size_bytes or len(p) for event, p in zip(events, payloads, strict=True)]
    return EventBatch.build(
        len(events),
        kind=[KIND_OF_TYPE[type(event)] for event in events],
        event_id=id_column(b"".join([event.event_id for event in events])),
        duration_us=[NO_DURATION if event.duration_us is None else event.duration_us for event in events],
        trace_id=id_column(b"".join([_fixed(event.trace_id, 16) for event in events])),
        span_id=[_number(event.span_id) for event in events],
        parent_span_id=[_number(event.parent_span_id) for event in events],
        payload=payloads,
        **columns,
    )


def _check_ids(events: Sequence[Event]) -> None:
    for event in events:
        check_type("event", event, Event, "give objects like LogRecorded(event_id=...), or a batch")
        if len(event.event_id) != EVENT_ID_BYTES:
            raise InvalidArgumentError(
                f"event_id of a {type(event).__name__} has {len(event.event_id)} bytes, needs {EVENT_ID_BYTES}:"
                " make it with domain.event_id()"
            )


def _number(text: str) -> int:
    try:
        return int(text, 16) if text else 0
    except ValueError as error:
        raise InvalidArgumentError(f"{text!r} is no hexadecimal trace or span id") from error


def _fixed(text: str, width: int) -> bytes:
    number = _number(text)
    if number >> (8 * width):
        raise InvalidArgumentError(f"{text!r} has more than {2 * width} hexadecimal digits")
    return number.to_bytes(width, "big")
