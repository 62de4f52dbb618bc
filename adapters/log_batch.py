"""From the columns that a log parser read to an EventBatch: time, place, id and size, each from the best that is known.

Used by all parsers of log formats. The record's own word comes first, then its envelope's, then what the user told.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from ..domain.batch import EventBatch
from ..domain.columns import StringColumn
from ..domain.dictionary import Dictionary
from ..domain.events import Flag
from .records import Records

Times = tuple[npt.NDArray[np.int64], npt.NDArray[np.bool_]]


def log_batch(
    records: Records,
    *,
    format: str | Sequence[str],
    provider: str,
    times: Times,
    flags: npt.NDArray[np.uint8] | None = None,
    **columns: Any,
) -> EventBatch:
    """Return one LogRecorded per record.

    Args:
        records: the chunk.
        format, provider: of the records; an empty provider is what the user told.
        times: the records' own instants, and whether they could be read (else the envelope's time, else unset).
        flags: what the parser found unusual.
        columns: whatever else was read; account, region and service are completed where they are empty.

    >>> from .records import Origin
    >>> chunk = Records.of([b"x"], Origin("a.log", {"account": "7"}))
    >>> times = np.array([5]), np.array([True])
    >>> log_batch(chunk, format="app.text", provider="aws", times=times)[0].account
    '7'
    """
    count = len(records)
    instants, readable = times
    if records.occurred_at is not None:
        instants = np.where(readable, instants, records.occurred_at)
        readable = readable | (records.occurred_at != 0)
    marks = np.where(readable, 0, int(Flag.TIME_UNSET)).astype(np.uint8)
    columns.setdefault("event_id", records.event_ids())
    if "size_bytes" not in columns and records.bodies is not records.payloads:
        columns["size_bytes"] = np.fromiter(map(len, records.bodies), np.int64, count)
    for name, key in (("account", "owner"), ("region", "region"), ("service", "service")):
        columns[name] = completed(columns.get(name, ""), records, name, key)
    return EventBatch.build(
        count,
        format=format,
        provider=provider or records.origin.metadata.get("provider", ""),
        occurred_at=instants,
        flags=marks if flags is None else marks | flags,
        payload=records.payloads,
        context=records.context,
        **columns,
    )


def completed(column: Any, records: Records, name: str, key: str) -> StringColumn:
    """Return a column whose empty rows say what the envelope (under `key`) or the user (under `name`) told.

    >>> from .records import Origin
    >>> completed(["", "b"], Records.of([b"x", b"y"], Origin("a.log", {"region": "eu"})), "region", "region").to_list()
    ['eu', 'b']
    """
    known = _strings(column, len(records))
    empty = known.codes == 0
    told = [str(context.get(key) or records.origin.metadata.get(name, "")) for context in records.contexts()]
    if not any(told) or not empty.any():
        return known
    dictionary = Dictionary(known.values[1:])
    fallback = dictionary.encode(told)
    codes = np.where(empty, fallback[records.context.codes], known.codes).astype(np.uint32)
    return StringColumn(codes, dictionary)


def _strings(column: Any, count: int) -> StringColumn:
    if isinstance(column, StringColumn):
        return column
    return StringColumn.constant(column, count) if isinstance(column, str) else StringColumn.of(column)
