"""Peel captured events of Event Hubs: `Body` beside the event's sequence number and time.

The body is an object, JSON in a text, or base64. See
https://learn.microsoft.com/azure/event-hubs/event-hubs-capture-overview.
"""

from __future__ import annotations

import base64
from typing import Any

import msgspec

from ..envelope import carried
from ..parser import Sample
from ..records import Records
from ..text_envelopes import holds_json


class CapturedEvent:
    """`{"SequenceNumber","Offset","EnqueuedTimeUtc","SystemProperties","Properties","Body"}`.

    >>> from ..records import Origin
    >>> CapturedEvent().peel(Records.of([b'{"Body":{"records":[]},"EnqueuedTimeUtc":"x"}'], Origin("x"))).bodies
    [b'{"records":[]}']
    """

    name = "azure.event_hub"
    decodes = True

    def recognises(self, sample: Sample) -> bool:
        """Say whether a record is such an event."""
        return "EnqueuedTimeUtc" in sample.fields and isinstance(sample.fields.get("Body"), str | dict | list)

    def peel(self, records: Records) -> Records:
        """Return the bodies."""
        bodies = [_body(msgspec.json.decode(body)["Body"]) for body in records.bodies]
        return carried(records, [[body] for body in bodies], [{"envelope": self.name}] * len(records))


def _body(held: Any) -> bytes:
    if not isinstance(held, str):
        return msgspec.json.encode(held)
    if holds_json(held):
        return held.encode("utf-8", "surrogatepass")
    return base64.b64decode(held, validate=True)
