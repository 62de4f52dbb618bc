"""Group events by several code columns at once, in one pass where the codes are few.

The hot part of the cost fold. Where the packed keys span little more than the rows, counting (O(n)) replaces sorting.
Sums go through float64, which is exact for integers below 2**53.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ..table import combine, group

Array = npt.NDArray[Any]
Ints = npt.NDArray[np.int64]

_SPARSE = 8
"""Key span per row up to which counting beats sorting. Measured: np.bincount against np.argsort of int64."""

_MAX_PACKED = 1 << 62


@dataclass(frozen=True)
class Grouping:
    """Rows with equal keys as groups: the group of each row, and the keys of each group.

    >>> groups = Grouping.of({"a": np.array([1, 0, 1]), "b": np.array([7, 7, 7])})
    >>> groups.keys["a"].tolist(), groups.counts().tolist(), groups.sums(np.array([5, 6, 7])).tolist()
    ([0, 1], [1, 2], [6, 12])
    """

    group_of: Ints
    keys: dict[str, Ints]

    @classmethod
    def of(cls, columns: Mapping[str, Array]) -> Grouping:
        """Group rows by columns of integers."""
        if not len(next(iter(columns.values()))):
            return cls(np.zeros(0, np.int64), {name: np.zeros(0, np.int64) for name in columns})
        spans = {
            name: (int(column.min()), int(column.max()) - int(column.min()) + 1) for name, column in columns.items()
        }
        if math.prod(span for _, span in spans.values()) > _MAX_PACKED:
            return cls._sorted(columns)
        found, group_of = _distinct(_packed(columns, spans))
        return cls(group_of, _unpacked(found, spans))

    @classmethod
    def _sorted(cls, columns: Mapping[str, Array]) -> Grouping:
        """Group keys that are too wide to be packed."""
        order, starts = group(*columns.values())
        numbers = np.zeros(len(order), np.int64)
        numbers[starts[1:]] = 1
        group_of = np.empty(len(order), np.int64)
        group_of[order] = np.cumsum(numbers)
        return cls(group_of, {name: column[order[starts]].astype(np.int64) for name, column in columns.items()})

    def __len__(self) -> int:
        return len(next(iter(self.keys.values())))

    def counts(self) -> Ints:
        """Return the rows of each group."""
        return np.bincount(self.group_of, minlength=len(self)).astype(np.int64)

    def sums(self, values: Array) -> Ints:
        """Return the sum of integers of each group."""
        return np.bincount(self.group_of, weights=values, minlength=len(self)).astype(np.int64)

    def minima(self, values: Array) -> Ints:
        """Return the least value of each group."""
        least = np.full(len(self), np.iinfo(np.int64).max, np.int64)
        if len(values) and bool((values[1:] >= values[:-1]).all()):
            least[self.group_of[::-1]] = values[::-1]  # ascending: the first row of a group is written last
        else:
            np.minimum.at(least, self.group_of, values)
        return least


def totals(columns: Mapping[str, Array], keys: tuple[str, ...], measures: tuple[str, ...]) -> dict[str, Array]:
    """Return columns summed by keys.

    >>> totals({"k": np.array([1, 1]), "n": np.array([2, 3])}, ("k",), ("n",))
    {'k': array([1]), 'n': array([5])}
    """
    if not keys:
        return {name: np.array([columns[name].sum()]) for name in measures}
    return combine(columns, keys, dict.fromkeys(measures, "sum"))


def _packed(columns: Mapping[str, Array], spans: Mapping[str, tuple[int, int]]) -> Ints:
    packed = np.zeros(len(next(iter(columns.values()))), np.int64)
    for name, (low, span) in spans.items():
        if span > 1:
            packed = packed * span + (columns[name].astype(np.int64) - low)
    return packed


def _distinct(packed: Ints) -> tuple[Ints, Ints]:
    span = int(packed.max()) + 1
    if span > _SPARSE * len(packed) + 1024:
        found, group_of = np.unique(packed, return_inverse=True)
        return found, group_of.astype(np.int64)
    seen = np.zeros(span, np.bool_)
    seen[packed] = True
    found = np.flatnonzero(seen)
    numbers = np.zeros(span, np.int64)
    numbers[found] = np.arange(len(found))
    return found, numbers[packed]


def _unpacked(packed: Ints, spans: Mapping[str, tuple[int, int]]) -> dict[str, Ints]:
    keys: dict[str, Ints] = {}
    rest = packed
    for name, (low, span) in reversed(list(spans.items())):
        rest, value = (rest, np.zeros(len(packed), np.int64)) if span == 1 else np.divmod(rest, span)
        keys[name] = value + low
    return {name: keys[name] for name in spans}
