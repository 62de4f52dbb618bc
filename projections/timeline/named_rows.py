"""Which log event names which identifier: its resource, its peer, and what else it mentions.

In the timeline's fold, between a batch and the tables of mentions.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from ...domain.batch import EventBatch
from ...domain.columns import RaggedColumn, StringColumn
from ...domain.dictionary import ABSENT, Codes, Dictionary
from ..grouping import distinct_rows

Array = npt.NDArray[Any]
Ints = npt.NDArray[np.int64]


def named_rows(logs: EventBatch) -> tuple[Ints, StringColumn]:
    """Return each pair of an event's row and an identifier that it names; one that it names twice comes once.

    >>> batch = EventBatch.build(2, resource=["db", "web"], peer=["", "db"], mentions=[["db", "vpc", "vpc"], ["vpc"]])
    >>> rows, identifier = named_rows(batch)
    >>> sorted(zip(rows.tolist(), identifier.to_list()))
    [(0, 'db'), (0, 'vpc'), (1, 'db'), (1, 'vpc'), (1, 'web')]
    """
    names = Dictionary()
    resource = _recoded(logs.resource.codes, logs.resource.values, names)
    peer = _recoded(logs.peer.codes, logs.peer.values, names)
    parts = [np.flatnonzero(resource), np.flatnonzero((peer != ABSENT) & (peer != resource))]
    codes = [column[rows] for column, rows in zip((resource, peer), parts, strict=True)]
    if len(logs.mentions.codes):
        rows, mentioned = _distinct_mentions(logs.mentions, names)
        kept = np.flatnonzero((mentioned != ABSENT) & (mentioned != resource[rows]) & (mentioned != peer[rows]))
        parts.append(rows[kept])
        codes.append(mentioned[kept])
    return np.concatenate(parts), StringColumn(np.concatenate(codes), names)


def _distinct_mentions(mentions: RaggedColumn, names: Dictionary) -> tuple[Ints, Codes]:
    """Return the row and the code of each mention; twice in a row's list counts once."""
    rows = mentions.row_numbers()
    codes = _recoded(mentions.codes, mentions.values, names)
    # Lists of two, the usual case, need no more than a look at the neighbour.
    repeated = (codes[1:] == codes[:-1]) & (rows[1:] == rows[:-1])
    if int(np.diff(mentions.offsets).max()) > 2:
        _, examples = distinct_rows([rows, codes])
        return rows[examples], codes[examples]
    if repeated.any():
        kept = np.flatnonzero(~np.append(repeated, False))
        return rows[kept], codes[kept]
    return rows, codes


def _recoded(codes: Codes, values: Sequence[str], target: Dictionary) -> Codes:
    """Return codes of another dictionary; only the strings that are used get into it."""
    highest = int(codes.max()) if len(codes) else ABSENT
    if highest == ABSENT:
        return np.zeros(len(codes), np.uint32)
    present = np.zeros(highest + 1, np.bool_)
    present[codes] = True
    used = np.flatnonzero(present)
    table = np.zeros(len(present), np.uint32)
    table[used] = target.encode([values[code] for code in used.tolist()])
    return table[codes]
