"""Group rows by several integer columns at once, by counting or hashing instead of sorting.

Under the folds and the queries. The keys of a row are packed into one number; where these span little more than the
rows, a table over all of them tells equal ones, else a table over a hash of them does. Each step costs about a
nanosecond a row, a sort twenty times that.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from weakref import ref

import numpy as np
import numpy.typing as npt

from .row_hash import hash_of
from .row_order import group

Array = npt.NDArray[Any]
Ints = npt.NDArray[np.int64]
Unsigned = npt.NDArray[np.uint64]

_SPARSE = 8
"""Key span per row up to which a table over all keys is filled. Measured: hashing is faster above."""

_MAX_PACKED = 1 << 62
_WIDE = 1 << 32
"""Span from which a column is numbered by itself before it is packed: a few hashes should not fill the word."""

_FIRST_BITS = 14
"""Size of the first hash table: it stays in a core's cache, and a thousand distinct values hardly collide in it."""

_MULTIPLIERS = tuple(
    np.uint64(odd) for odd in (0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB, 0xD6E8FEB86659FD93)
)
"""One per round of hashing; what still collides after these is sorted."""


@dataclass(frozen=True)
class Grouping:
    """Rows with equal keys as groups: the group of each row, in the order of their keys.

    >>> groups = Grouping.of({"a": np.array([1, 0, 1]), "b": np.array([7, 7, 7])})
    >>> groups.keys["a"].tolist(), groups.counts().tolist(), groups.sums(np.array([5, 6, 7])).tolist()
    ([0, 1], [1, 2], [6, 12])
    """

    group_of: Ints
    examples: Ints
    """A row of each group."""
    columns: Mapping[str, Array]

    @classmethod
    def of(cls, columns: Mapping[str, Array]) -> Grouping:
        """Group rows by columns of integers."""
        group_of, examples = distinct_rows(list(columns.values()))
        return cls(group_of, examples, columns)

    @classmethod
    def unordered(cls, columns: Mapping[str, Array]) -> Grouping:
        """Group rows of which many are distinct, and of columns that hold any numbers; the groups are in no order.

        >>> sorted(Grouping.unordered({"a": np.array([2**60, 7, 2**60])}).counts().tolist())
        [1, 2]
        """
        keys = [column for column in columns.values() if not _is_constant(column)] or list(columns.values())[:1]
        example_of = _examples_of(hash_of(keys), keys, first_bits=len(keys[0]).bit_length() + 1)
        examples = _marked(example_of)
        numbers = np.empty(len(example_of), np.int64)
        numbers[examples] = np.arange(len(examples))
        return cls(numbers[example_of], examples, columns)

    @cached_property
    def keys(self) -> dict[str, Ints]:
        """The keys of each group."""
        return {name: column[self.examples].astype(np.int64) for name, column in self.columns.items()}

    def __len__(self) -> int:
        return len(self.examples)

    def counts(self, rows: Array | None = None) -> Ints:
        """Return how many rows each group has; of the rows that an index array picks, where it is given."""
        groups = self.group_of if rows is None else self.group_of[rows]
        return np.bincount(groups, minlength=len(self)).astype(np.int64, copy=False)

    def sums(self, values: Array, rows: Array | None = None) -> Ints:
        """Return the sum of integers of each group; of the rows that an index array picks, where it is given."""
        groups = self.group_of if rows is None else self.group_of[rows]
        summed = np.zeros(len(self), np.int64)
        np.add.at(summed, groups, (values if rows is None else values[rows]).astype(np.int64, copy=False))
        return summed

    def minima(self, values: Array, rows: Array | None = None, *, absent: int = np.iinfo(np.int64).max) -> Ints:
        """Return the least value of each group, of picked rows only; `absent`, above all values, where it has none."""
        return self._extreme(np.minimum, values, rows, absent)

    def maxima(self, values: Array, rows: Array | None = None, *, absent: int = np.iinfo(np.int64).min) -> Ints:
        """Return the greatest value of each group, as `minima` does the least."""
        return self._extreme(np.maximum, values, rows, absent)

    def _extreme(self, reduce: np.ufunc, values: Array, rows: Array | None, absent: int) -> Ints:
        found = np.full(len(self), absent, np.int64)
        if rows is None:
            reduce.at(found, self.group_of, values)
        else:
            reduce.at(found, self.group_of[rows], values[rows])
        return found


def is_among(values: Ints, others: Ints) -> npt.NDArray[np.bool_]:
    """Return which numbers are among others: `np.isin` without sorting.

    >>> is_among(np.array([7, 8, 7]), np.array([1, 7])).tolist()
    [True, False, True]
    """
    among = np.zeros(len(values), np.bool_)
    rows = _perhaps_among(values, others)
    few = others[_perhaps_among(others, values[rows])]
    groups = Grouping.unordered({"value": np.concatenate([few, values[rows]])})
    is_other = np.zeros(len(groups), np.bool_)
    is_other[groups.group_of[: len(few)]] = True
    among[rows] = is_other[groups.group_of[len(few) :]]
    return among


def _perhaps_among(values: Ints, others: Ints) -> Ints:
    """Return the rows whose numbers have the hash of one of others."""
    shift = np.uint64(64 - min(max(len(others).bit_length() + 3, 10), 24))
    is_hash = np.zeros(1 << (64 - int(shift)), np.bool_)
    is_hash[(hash_of([others]) >> shift).view(np.int64)] = True
    return np.flatnonzero(is_hash[(hash_of([values]) >> shift).view(np.int64)])


def distinct_rows(keys: Sequence[Array]) -> tuple[Ints, Ints]:
    """Return the number of each row's group, and a row of each group; groups are in the order of their keys.

    >>> group_of, examples = distinct_rows([np.array([9, 2**60, 9]), np.array([1, 1, 1])])
    >>> group_of.tolist(), examples.tolist()
    ([0, 1, 0], [2, 1])
    """
    packed, span, below = np.zeros(len(keys[0]), np.int64), 1, 0
    if not len(packed):
        return packed, packed
    for key in keys:
        offsets, low, key_span = _spanned(key)
        if key_span == 1:
            continue
        if span * key_span > _MAX_PACKED:
            packed, examples = _distinct(_less(packed, below), span)
            span, below = len(examples), 0
        if span == 1:
            packed, below = offsets.astype(np.int64), low  # a copy, changed in place from here on
        else:
            packed *= np.int64(key_span)
            packed += offsets
            below = below * key_span + low
        span *= key_span
    return _distinct(_less(packed, below), span)


def _less(values: Ints, below: int) -> Ints:
    """Subtract what all values are too high by, in place; both may have gone around the 64 bits."""
    if below:
        values -= np.uint64(below % (1 << 64)).view(np.int64)
    return values


def _spanned(key: Array) -> tuple[Array, int, int]:
    """Return a column, its least value, and how many values it may have; where these are too many, it is numbered."""
    low, high = int(key.min()), int(key.max())
    if high - low >= _WIDE:
        numbers, count = _NUMBERED.of(key)
        return numbers, 0, count
    return key.view(np.int64) if key.dtype == np.uint64 else key, low, high - low + 1


class _Numbered:
    """The column that was numbered last: several read models group the same batch by its templates.

    Columns of batches are never changed; a column that is gone is not mistaken for one that came to lie in its place.
    """

    def __init__(self) -> None:
        self._last: tuple[Callable[[], Array | None], Ints, int] = (lambda: None, np.zeros(0, np.int64), 0)

    def of(self, key: Array) -> tuple[Ints, int]:
        """Return the numbers of a column's values in their order, and how many there are; do not change them."""
        known, numbers, count = self._last
        if known() is not key:
            numbers, examples = _hashed(key.astype(np.uint64, copy=False), signed=key.dtype.kind == "i")
            count = len(examples)
            self._last = (ref(key), numbers, count)
        return numbers, count


_NUMBERED = _Numbered()


def _is_constant(key: Array) -> bool:
    return bool(len(key)) and bool(key[0] == key[-1]) and bool((key == key[0]).all())


def _distinct(packed: Ints, span: int) -> tuple[Ints, Ints]:
    """Return group and examples of numbers between 0 and `span`."""
    if span > _SPARSE * len(packed) + 1024:
        return _hashed(packed.view(np.uint64), signed=False)
    row_of = np.full(span, -1, np.int32)
    row_of[packed] = np.arange(len(packed), dtype=np.int32)
    found = np.flatnonzero(row_of >= 0)
    numbers = np.empty(span, np.int64)
    numbers[found] = np.arange(len(found))
    return numbers[packed], row_of[found].astype(np.int64)


def _hashed(values: Unsigned, *, signed: bool) -> tuple[Ints, Ints]:
    """Return group and examples of any numbers, in their order."""
    example_of = _examples_of(values ^ (values >> np.uint64(32)), [values], first_bits=_FIRST_BITS)
    examples = _marked(example_of)
    found = values[examples]
    examples = examples[np.argsort(found.view(np.int64) if signed else found)]
    numbers = np.empty(len(values), np.int64)
    numbers[examples] = np.arange(len(examples))
    return numbers[example_of], examples


def _examples_of(hashes: Unsigned, keys: Sequence[Array], *, first_bits: int) -> Ints:
    """Return for each row an equal one, the same for all that are equal.

    In each round a slot of a hash table holds one row of all that fall into it, and those that equal it are done; the
    others, whose hashes collide, take part in the next round, in a table that has room for them if all are distinct.
    """
    example_of = np.empty(len(hashes), np.int64)
    rest, bits = np.arange(len(hashes)), first_bits
    for multiplier in _MULTIPLIERS:
        slots = (hashes * multiplier >> np.uint64(64 - bits)).view(np.int64)
        row_in = np.empty(1 << bits, np.int64)
        row_in[slots] = rest
        examples = row_in[slots]
        example_of[rest] = examples
        differs = np.zeros(len(rest), np.bool_)
        for key in keys:
            differs |= key[examples] != (key if len(rest) == len(key) else key[rest])
        others = np.flatnonzero(differs)
        if not len(others):
            return example_of
        rest, hashes = rest[others], hashes[others]
        bits = max(first_bits, len(others).bit_length() + 1)
    order, starts = group(*[key[rest] for key in keys])
    sizes = np.diff(np.append(starts, len(order)))
    example_of[rest[order]] = np.repeat(rest[order[starts]], sizes)
    return example_of


def _marked(example_of: Ints) -> Ints:
    """Return the distinct examples."""
    is_example = np.zeros(len(example_of), np.bool_)
    is_example[example_of] = True
    return np.flatnonzero(is_example)
