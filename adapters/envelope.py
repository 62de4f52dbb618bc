"""The port of an envelope: what carriers wrap around records, peeled off before parsing.

Envelopes nest in any order (base64 of gzip of a CloudWatch message that holds a JSON log), so peeling repeats until a
parser recognises what is inside.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Protocol, runtime_checkable

import msgspec
import numpy as np

from ..domain.columns import StringColumn
from .parser import Sample
from .records import Records


@runtime_checkable
class Envelope(Protocol):
    """Peels records of one kind into those that they carry.

    `decodes` says that the peeled bytes were hidden (base64, compression), so that they must be redacted anew. `peel`
    raises on what it cannot read; a valid carrier without records (a control message) gives none.
    """

    name: str
    decodes: bool

    def recognises(self, sample: Sample) -> bool:
        """Say whether a record is such an envelope."""
        ...

    def peel(self, records: Records) -> Records:
        """Return the carried records, in order."""
        ...


def carried(
    records: Records,
    parts: Sequence[Sequence[bytes]],
    contexts: Sequence[dict[str, Any]],
    **columns: Any,
) -> Records:
    """Return the records that envelopes carried.

    Args:
        records: the envelopes.
        parts: per envelope, what it carried.
        contexts: per envelope, what it says of all it carried; merged over the context it had itself.
        columns: further fields of `Records`: payloads other than the parts, ids, occurred_at (else the envelopes' own).
    """
    counts = np.fromiter(map(len, parts), np.int64, len(parts))
    bodies = [body for part in parts for body in part]
    rows = np.repeat(np.arange(len(parts), dtype=np.int64), counts)
    first = np.repeat(np.cumsum(counts) - counts, counts)
    ordinals = np.arange(len(bodies), dtype=np.int64) - first
    outer = records.context.to_list()
    texts = StringColumn.of([_merged(context, text) for context, text in zip(contexts, outer, strict=True)])
    columns.setdefault("payloads", bodies)
    if records.occurred_at is not None:
        columns.setdefault("occurred_at", records.occurred_at[rows])
    return replace(
        records,
        bodies=bodies,
        offsets=records.offsets[rows],
        ordinals=records.ordinals[rows] * 1_000_003 + ordinals,
        context=texts.take(rows),
        **{"ids": None, **columns},
    )


def _merged(context: dict[str, Any], outer: str) -> str:
    if outer:
        context = {**msgspec.json.decode(outer), **context}
    return msgspec.json.encode(context).decode() if context else ""
