"""Parse native records the way that sources do, in one call."""

import json
from dataclasses import replace
from typing import Any

from cloudledger.adapters.pipeline import Pipeline
from cloudledger.adapters.records import Origin, Records
from cloudledger.adapters.registry import Registry
from cloudledger.domain.batch import EventBatch
from cloudledger.domain.columns import StringColumn
from cloudledger.domain.events import Event
from tests.adapters.builders import ORIGIN


def batch_of_records(
    *bodies: bytes | str, context: dict[str, Any] | None = None, origin: Origin = ORIGIN
) -> EventBatch:
    raw = [body.encode("utf-8", "surrogatepass") if isinstance(body, str) else body for body in bodies]
    records = Records.of(raw, origin)
    if context:
        records = replace(records, context=StringColumn.constant(json.dumps(context), len(records)))
    return EventBatch.concat(Pipeline().parse(records))


def event_of(body: bytes | str, context: dict[str, Any] | None = None, origin: Origin = ORIGIN) -> Event:
    [event] = batch_of_records(body, context=context, origin=origin)
    return event


def attributes_in(body: str) -> dict[str, Any]:
    """What the parser of a record's format names in it."""
    return Registry().attributes(event_of(body).format, body.encode(), {})
