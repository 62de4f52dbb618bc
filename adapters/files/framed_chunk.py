"""Make chunks of what was framed out of an object: records with their places, or rejected pieces with the reason.

Between framing and `ingest`, for files and for objects of a bucket alike.
"""

from __future__ import annotations

from collections.abc import Callable

import msgspec
import numpy as np

from ...domain.columns import StringColumn
from ...domain.event_id import event_id
from ...domain.events import RecordRejected
from ..records import Origin, Records
from ..source import SourceChunk
from .framing import Framed


def framed_chunk(framed: Framed, origin: Origin, cursor: Callable[[], bytes | None]) -> SourceChunk:
    """Return what was cut out of an object as records, or, where it could not be framed, as rejected pieces.

    >>> framed = Framed([b"ready"], np.array([0]), 6)
    >>> framed_chunk(framed, Origin("a.log"), lambda: b"cursor").raw_bytes
    6
    """
    if framed.problem:
        empty = Records.of([], origin)
        places = zip(framed.bodies, framed.offsets.tolist(), strict=True)
        rejected = [rejected_piece(origin, body, at, framed.problem) for body, at in places]
        return SourceChunk(empty, cursor, sum(map(len, framed.bodies)), rejected)
    count = len(framed.bodies)
    context = msgspec.json.encode({"envelope": "csv", "header": framed.header}).decode() if framed.header else ""
    records = Records(
        framed.bodies,
        framed.bodies,
        origin,
        framed.offsets,
        np.zeros(count, np.int64),
        StringColumn.constant(context, count),
    )
    return SourceChunk(records, cursor, sum(map(len, framed.bodies)) + count)


def rejected_piece(origin: Origin, body: bytes, offset: int, reason: str) -> RecordRejected:
    """Return a piece of an object that is no record, with the reason.

    >>> rejected_piece(Origin("a.gz"), b"", 7, "gzip data ends early").offset
    7
    """
    return RecordRejected(
        event_id=event_id("rejected", origin.object_key, str(offset), reason),
        occurred_at=origin.observed_at,
        format="unknown",
        error=reason.partition(":")[0],
        reason=reason,
        origin=origin.object_key,
        offset=offset,
        payload=body,
        size_bytes=len(body),
    )
