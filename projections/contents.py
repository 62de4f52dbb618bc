"""What a ledger holds: events by stream, kind and format, and what could not be understood.

Read straight from four columns, without a read model: it is asked rarely, and reading them is fast.
"""

from __future__ import annotations

from collections import Counter

import msgspec
import numpy as np

from ..domain.columns import StringColumn
from ..domain.events import KIND_NAMES, Kind
from ..store import Ledger

_NAME_OF_KIND = {kind: name for name, kind in KIND_NAMES.items()}


class LedgerContents(msgspec.Struct, frozen=True, kw_only=True):
    """Numbers of events; `rejected` counts the records that could not be understood, by reason class."""

    events: int
    streams: dict[str, int]
    kinds: dict[str, int]
    formats: dict[str, int]
    rejected: dict[str, int]


def contents_of(ledger: Ledger) -> LedgerContents:
    """Return how many events a ledger holds, and of what sort.

    >>> with Ledger.open("ledger") as ledger:
    ...     contents_of(ledger).events
    0
    """
    streams, kinds, formats, rejected = Counter[str](), Counter[str](), Counter[str](), Counter[str]()
    for batch in ledger.read(columns=["kind", "format", "error"]):
        streams[batch.stream] += len(batch)
        counts = np.bincount(batch.kind).tolist()
        kinds.update({_NAME_OF_KIND[Kind(code)]: count for code, count in enumerate(counts) if count})
        formats.update(_histogram(batch.format))
        rejected.update(_histogram(batch.of_kind(Kind.RECORD_REJECTED).error))
    return LedgerContents(
        events=streams.total(),
        streams=dict(sorted(streams.items())),
        kinds=dict(sorted(kinds.items())),
        formats=dict(sorted(formats.items())),
        rejected=dict(sorted(rejected.items())),
    )


def _histogram(column: StringColumn) -> dict[str, int]:
    counts = np.bincount(column.codes)
    return {column.values[code]: int(counts[code]) for code in np.flatnonzero(counts).tolist()}
