"""What one signal says of one service in a window: how far from usual it is, since when, and which records show it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ...domain.reference import format_reference
from ..table import Table
from .comparison import Comparison
from .cusum import cusum, onset
from .schemas import BIN_NS

Ints = npt.NDArray[np.int64]

MAX_REFERENCES = 5
"""References shown per signal."""


@dataclass(frozen=True)
class Telling:
    """A caller whose records name the service as failing: how often, and the first of those records."""

    caller: str
    failures: int
    references: tuple[str, ...]


@dataclass(frozen=True)
class Signal:
    """A departure from the usual.

    `score` is how many times larger than usual it is; `onset_ns` None where it grew without a clear beginning.
    """

    kind: str
    service: str
    score: float
    onset_ns: int | None
    detail: str
    references: tuple[str, ...] = ()
    named_by: tuple[Telling, ...] = ()


def onset_ns(compared: Comparison, bins: Ints, counts: Ints, rate: float, *, falling: bool = False) -> int | None:
    """Return when counts left their usual rate per bin, within the window."""
    inside = (bins >= compared.start) & (bins < compared.end)
    length = compared.end - compared.start
    series = np.bincount(bins[inside] - compared.start, counts[inside], length).astype(np.int64)
    found = onset(cusum(series, np.full(length, rate), falling=falling))
    return None if found is None else (compared.start + found) * BIN_NS


def first_references(table: Table, rows: Ints, position: str = "position") -> tuple[str, ...]:
    """Return the references of some rows of a binned table, the earliest ones."""
    first = rows[np.argsort(table.number("bin")[rows], kind="stable")][:MAX_REFERENCES].tolist()
    stream, positions = table.string("stream"), table.measure(position)
    return tuple(format_reference(stream[row], int(positions[row])) for row in first)
