"""Keep what no parser understands: RecordRejected events with the reason, the origin and the bytes."""

from __future__ import annotations

import numpy as np

from ..domain.batch import EventBatch
from ..domain.batch_rows import batch_of
from ..domain.event_id import id_bytes
from ..domain.events import RecordRejected
from .records import Records

REASON_CHARS = 300


def reject_records(records: Records, reason: str) -> EventBatch:
    """Return a RecordRejected per record.

    >>> from .records import Origin
    >>> reject_records(Records.of([b'{"half'], Origin("a.log")), "malformed JSON: end of data")[0].error
    'malformed JSON'
    """
    ids = records.event_ids()
    times = np.zeros(len(records), np.int64) if records.occurred_at is None else records.occurred_at
    return batch_of(
        [
            RecordRejected(
                event_id=id_bytes(*ids[row].tolist()),
                occurred_at=int(times[row]) or records.origin.observed_at,
                format="unknown",
                error=reason.partition(":")[0][:80],
                reason=reason[:REASON_CHARS],
                origin=records.origin.object_key,
                offset=int(records.offsets[row]),
                context=records.context[row],
                payload=records.payloads[row],
                size_bytes=len(records.payloads[row]),
            )
            for row in range(len(records))
        ]
    )
