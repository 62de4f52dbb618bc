"""Parse any text: application logs without a format of their own. The parser of last resort.

Bytes that are not UTF-8 are read with replacement characters; the payload keeps them as they were.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
import numpy as np

from ..domain.batch import EventBatch
from ..domain.events import Flag
from .parser import Sample, UnreadableRecordError
from .records import Records
from .text import read_messages
from .text.leading_time import leading_times

_BROKEN_JSON = (b'{"', b"[{", b'["', b"{'")


class AppTextParser:
    """Lines of text."""

    format = "app.text"

    def recognises(self, sample: Sample) -> bool:
        """Say whether a record is text rather than a damaged JSON record."""
        return not _is_broken_json(sample.body)

    def parse(self, records: Records) -> EventBatch:
        """Return one LogRecorded per line."""
        if any(body.lstrip()[:2].startswith(_BROKEN_JSON) and _is_broken_json(body) for body in records.bodies):
            raise UnreadableRecordError("malformed JSON: the record ends early or is broken")
        messages = [body.decode("utf-8", "replace") for body in records.bodies]
        instants, readable = leading_times(messages)
        if records.occurred_at is not None:
            instants = np.where(records.occurred_at != 0, records.occurred_at, instants)
            readable = readable | (records.occurred_at != 0)
        broken = np.array(["\ufffd" in message for message in messages])
        flags = np.where(readable, 0, int(Flag.TIME_UNSET)) | np.where(broken, int(Flag.FIELD_UNREADABLE), 0)
        metadata = records.origin.metadata
        return EventBatch.build(
            len(records),
            format=self.format,
            event_id=records.event_ids(),
            occurred_at=instants,
            flags=flags.astype(np.uint8),
            provider=metadata.get("provider", ""),
            account=metadata.get("account", ""),
            region=metadata.get("region", ""),
            service=metadata.get("service", ""),
            payload=records.payloads,
            context=records.context,
            **read_messages(messages).as_columns(),
        )

    def attributes(self, body: bytes, context: Mapping[str, Any]) -> dict[str, Any]:
        """Return the text."""
        return {"log.record.body": body.decode("utf-8", "replace")}


def _is_broken_json(body: bytes) -> bool:
    """Say whether a record starts as JSON does, but is none."""
    if not body.lstrip()[:2].startswith(_BROKEN_JSON):
        return False
    try:
        msgspec.json.decode(body, type=msgspec.Raw)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return True
    return False
