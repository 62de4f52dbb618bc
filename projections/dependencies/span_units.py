"""The one number that stands for a span in a trace: it sorts by trace and spreads traces evenly.

The upper half is a hash of the trace id, the lower half of span and parent id. Keeping the rows with the smallest
numbers therefore keeps whole traces, a fair sample of them, and the same ones whatever the order of arrival.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
Ints = npt.NDArray[np.int64]
Unsigned = npt.NDArray[np.uint64]

HALF_BITS = 31
"""Bits of each half: 62 in all fit an int64, and two of a million spans collide once in 10 million hours."""

_ODD_1 = np.uint64(0xBF58476D1CE4E5B9)
_ODD_2 = np.uint64(0x94D049BB133111EB)


def trace_keys(trace_ids: Unsigned) -> Unsigned:
    """Return one number per 128-bit trace id.

    It is the lower half, so that 64-bit and 128-bit forms of an id meet (as Zipkin's non-strict mode has it). Where
    the id is a UUID of version 1 or 6, whose lower half names only the host, both halves are mixed.

    >>> trace_keys(np.array([[7, 99], [0, 99]], np.uint64)).tolist()
    [99, 99]
    """
    high, low = trace_ids[:, 0], trace_ids[:, 1]
    version = (high >> np.uint64(12)) & np.uint64(15)
    names_host = ((version == 1) | (version == 6)) & (low >> np.uint64(62) == 2)
    if not names_host.any():
        return low
    mixed: Unsigned = np.where(names_host, low ^ (high * _ODD_1), low)
    return mixed


def span_units(traces: Unsigned, spans: Unsigned, parents: Unsigned) -> Ints:
    """Return the unit of each row.

    >>> units = span_units(*np.array([[5, 5, 6], [1, 2, 1], [0, 0, 0]], np.uint64))
    >>> bool(units[0] >> 31 == units[1] >> 31), bool(units[0] >> 31 == units[2] >> 31)
    (True, False)
    """
    upper = _mix(traces) >> np.uint64(64 - HALF_BITS)
    lower = _mix(spans ^ (parents * _ODD_2)) >> np.uint64(64 - HALF_BITS)
    return ((upper << np.uint64(HALF_BITS)) | lower).view(np.int64)


def kept_share(units: Ints) -> float:
    """Return the share of all traces that a full table of the smallest units still holds.

    >>> kept_share(np.array([1 << 60]))
    0.25
    """
    return min(1.0, float(units.max()) / float(1 << 2 * HALF_BITS)) if len(units) else 1.0


def _mix(values: Unsigned) -> Unsigned:
    values = (values ^ (values >> np.uint64(30))) * _ODD_1
    return (values ^ (values >> np.uint64(27))) * _ODD_2
