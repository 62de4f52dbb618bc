"""Parse one record as the pipeline does, with its attributes."""

import json
from typing import Any

from cloudledger.adapters.attributes import attributes_of
from cloudledger.adapters.records import Origin
from cloudledger.domain.events import LogRecorded
from tests.adapters.builders import ORIGIN
from tests.adapters.parsed import event_of


def log_event(body: Any, context: dict[str, Any] | None = None, origin: Origin = ORIGIN) -> LogRecorded:
    event = event_of(body if isinstance(body, str | bytes) else json.dumps(body), context, origin)
    assert isinstance(event, LogRecorded)
    return event


def attributes(body: Any, context: dict[str, Any] | None = None, origin: Origin = ORIGIN) -> dict[str, Any]:
    return attributes_of(log_event(body, context, origin))


def in_group(log_group: str, stream: str = "main") -> dict[str, Any]:
    """Return the context of a record in a log group; its body is the message, as `ORIGIN`'s records are."""
    return {"owner": "123456789012", "region": "eu-west-1", "logGroup": log_group, "logStream": stream}
