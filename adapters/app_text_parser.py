"""Parse any text: application logs without a format of their own. The parser of last resort.

Lines of servers and daemons that have a form (access logs, klog, syslog, logfmt) say more. Bytes that are not UTF-8 are
read with replacement characters; the payload keeps them as they were.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from ..domain.batch import EventBatch
from ..domain.events import Flag
from .generic_place import generic_place
from .joining.line_marks import with_marks
from .line_columns import read_lines
from .log_batch import log_batch
from .parser import Sample, UnreadableRecordError
from .records import Records
from .text.leading_time import leading_times
from .text.line_attributes import line_attributes
from .text_lines import lines_of
from .tolerant_json import read_json

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
        messages = lines_of(records)
        read = read_lines(messages, records.origin.observed_at, json_inside=False)
        instants, readable = leading_times(messages)
        instants = np.where(read.instants != 0, read.instants, instants)
        readable = readable | (read.instants != 0)
        if records.occurred_at is not None:
            instants = np.where(records.occurred_at != 0, records.occurred_at, instants)
            readable = readable | (records.occurred_at != 0)
        broken = np.array(["\ufffd" in message for message in messages], np.bool_)
        return log_batch(
            records,
            format=self.format,
            times=(instants, readable),
            flags=with_marks(read.flags | np.where(broken, int(Flag.FIELD_UNREADABLE), 0).astype(np.uint8), read.marks),
            **generic_place(records, read.columns),
        )

    def attributes(self, body: bytes, context: Mapping[str, Any]) -> dict[str, Any]:
        """Return the text, what its form says, and its exception."""
        return line_attributes(body.decode("utf-8", "replace"))


def _is_broken_json(body: bytes) -> bool:
    """Say whether a record starts as JSON does, but is none."""
    if not body.lstrip()[:2].startswith(_BROKEN_JSON):
        return False
    try:
        read_json(body)
    except ValueError:
        return True
    return False
