"""Parse any text: application logs without a format of their own. The parser of last resort.

Lines of servers and daemons that have a form (access logs, klog, syslog, logfmt) say more. Bytes that are not UTF-8 are
read with replacement characters; the payload keeps them as they were.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ..domain.batch import EventBatch
from ..domain.columns import StringColumn
from ..domain.events import Flag, PeerRole
from .generic_place import generic_place
from .log_batch import log_batch
from .parser import Sample, UnreadableRecordError
from .records import Records
from .text import read_messages
from .text.leading_time import leading_times
from .text.line_forms import LineFacts, read_forms
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
        columns = read_messages(messages).as_columns()
        forms = read_forms(messages, records.origin.observed_at)
        instants, readable = leading_times(messages)
        rows = [row for row, facts in enumerate(forms) if facts is not None]
        if rows:
            found = [facts for facts in forms if facts is not None]
            columns = _with_forms(columns, np.array(rows), found, len(records))
            told = np.zeros(len(records), np.int64)
            told[rows] = [facts.instant_ns for facts in found]
            instants, readable = np.where(told != 0, told, instants), readable | (told != 0)
        if records.occurred_at is not None:
            instants = np.where(records.occurred_at != 0, records.occurred_at, instants)
            readable = readable | (records.occurred_at != 0)
        broken = np.array(["\ufffd" in message for message in messages], np.bool_)
        return log_batch(
            records,
            format=self.format,
            times=(instants, readable),
            flags=np.where(broken, int(Flag.FIELD_UNREADABLE), 0).astype(np.uint8),
            **generic_place(records, columns),
        )

    def attributes(self, body: bytes, context: Mapping[str, Any]) -> dict[str, Any]:
        """Return the text."""
        return {"log.record.body": body.decode("utf-8", "replace")}


def _is_broken_json(body: bytes) -> bool:
    """Say whether a record starts as JSON does, but is none."""
    if not body.lstrip()[:2].startswith(_BROKEN_JSON):
        return False
    try:
        read_json(body)
    except ValueError:
        return True
    return False


def _with_forms(columns: dict[str, Any], rows: Any, found: Sequence[LineFacts], count: int) -> dict[str, Any]:
    """Let what the forms of lines say win over what was found in their text."""
    columns = dict(columns)
    severity = columns["severity"].copy()
    told = np.array([facts.severity for facts in found], np.uint8)
    severity[rows] = np.where(told != 0, told, severity[rows])
    status, duration = np.zeros(count, np.uint16), np.full(count, -1, np.int64)
    status[rows] = [facts.status for facts in found]
    duration[rows] = [facts.duration_us for facts in found]
    columns |= {"severity": severity, "status": status, "duration_us": duration}
    for name in ("name", "service", "error", "peer"):
        columns[name] = _overlaid(columns.get(name), rows.tolist(), [getattr(facts, name) for facts in found], count)
    named = np.array(columns["peer"].codes != 0)
    columns["peer_role"] = np.where(named, int(PeerRole.CALLEE), 0).astype(np.uint8)
    return columns


def _overlaid(column: StringColumn | None, rows: Sequence[int], values: Sequence[str], count: int) -> StringColumn:
    texts = column.to_list() if column is not None else [""] * count
    for row, value in zip(rows, values, strict=True):
        texts[row] = value or texts[row]
    return StringColumn.of(texts)
