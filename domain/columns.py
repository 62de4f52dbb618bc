"""The columns of an event batch: which there are, their types, and the three shapes that are not plain numbers.

The envelope of DESIGN's events as columns. A string column holds dictionary codes, a ragged column a list of codes per
row, a bytes column one byte string per row.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain, pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from .dictionary import ABSENT, Codes, Dictionary

Offsets = npt.NDArray[np.int64]
Mask = npt.NDArray[Any]

NUMBER_TYPES: dict[str, tuple[str, int]] = {
    "event_id": ("<u8", 2),
    "occurred_at": ("<i8", 1),
    "recorded_at": ("<i8", 1),
    "kind": ("u1", 1),
    "severity": ("u1", 1),
    "flags": ("u1", 1),
    "peer_role": ("u1", 1),
    "status": ("<u2", 1),
    "duration_us": ("<i8", 1),
    "size_bytes": ("<i8", 1),
    "template": ("<u8", 1),
    "trace_id": ("<u8", 2),
    "span_id": ("<u8", 1),
    "parent_span_id": ("<u8", 1),
}
"""Number columns: numpy type and values per row (ids of 16 bytes are two big-endian halves, most significant first)."""

NO_DURATION = -1
"""Value of `duration_us` where the record names none (0 is a real duration)."""

STRING_COLUMNS = (
    "format",
    "provider",
    "account",
    "region",
    "service",
    "resource",
    "name",
    "error",
    "peer",
    "context",
)
"""String columns, each with a dictionary of its own."""

ALL_COLUMNS = (*NUMBER_TYPES, *STRING_COLUMNS, "mentions", "payload")


@dataclass(frozen=True, slots=True)
class StringColumn:
    """One string per row, as codes of a dictionary.

    >>> column = StringColumn.of(["cart", "pay", "cart"])
    >>> column.codes.tolist(), column.values, column[1]
    ([1, 2, 1], ['', 'cart', 'pay'], 'pay')
    """

    codes: Codes
    dictionary: Dictionary

    @classmethod
    def of(cls, strings: Sequence[str]) -> StringColumn:
        """Code a list of strings."""
        dictionary = Dictionary()
        return cls(dictionary.encode(strings), dictionary)

    @classmethod
    def constant(cls, value: str, count: int) -> StringColumn:
        """Repeat one string."""
        dictionary = Dictionary()
        return cls(np.full(count, dictionary.code(value), np.uint32), dictionary)

    @property
    def values(self) -> list[str]:
        """The dictionary's strings in code order (it may hold more than this batch uses)."""
        return self.dictionary.values

    def __len__(self) -> int:
        return len(self.codes)

    def __getitem__(self, row: int) -> str:
        return self.dictionary.values[int(self.codes[row])]

    def to_list(self) -> list[str]:
        """Return the strings of all rows."""
        return list(map(self.dictionary.values.__getitem__, self.codes.tolist()))

    def cut(self, start: int, stop: int) -> StringColumn:
        """Return neighbouring rows."""
        return StringColumn(self.codes[start:stop], self.dictionary)

    def take(self, rows: Mask) -> StringColumn:
        """Return the rows that a mask or an index array picks."""
        return StringColumn(self.codes[rows], self.dictionary)


@dataclass(frozen=True, slots=True)
class RaggedColumn:
    """A list of strings per row, as codes of a dictionary.

    >>> RaggedColumn.of([["i-1"], [], ["i-1", "vpc-2"]]).row(2)
    ('i-1', 'vpc-2')
    """

    offsets: Offsets
    codes: Codes
    dictionary: Dictionary

    @classmethod
    def of(cls, rows: Sequence[Sequence[str]]) -> RaggedColumn:
        """Code a list of lists of strings."""
        dictionary = Dictionary()
        return cls(_offsets_of(rows), dictionary.encode(list(chain.from_iterable(rows))), dictionary)

    @classmethod
    def empty(cls, count: int) -> RaggedColumn:
        """Return a column of empty lists."""
        return cls(np.zeros(count + 1, np.int64), np.zeros(0, np.uint32), Dictionary())

    @property
    def values(self) -> list[str]:
        """The dictionary's strings in code order."""
        return self.dictionary.values

    def __len__(self) -> int:
        return len(self.offsets) - 1

    def row(self, row: int) -> tuple[str, ...]:
        """Return the strings of one row."""
        codes = self.codes[self.offsets[row] : self.offsets[row + 1]].tolist()
        return tuple(map(self.dictionary.values.__getitem__, codes))

    def cut(self, start: int, stop: int) -> RaggedColumn:
        """Return neighbouring rows."""
        offsets = self.offsets[start : stop + 1]
        return RaggedColumn(offsets - offsets[0], self.codes[offsets[0] : offsets[-1]], self.dictionary)

    def take(self, rows: Mask) -> RaggedColumn:
        """Return the rows that a mask or an index array picks."""
        if not len(self.codes):
            count = int(np.count_nonzero(rows)) if rows.dtype == np.bool_ else len(rows)
            return RaggedColumn(np.zeros(count + 1, np.int64), self.codes, self.dictionary)
        offsets, picked = _pick(self.offsets, rows)
        return RaggedColumn(offsets, self.codes[picked], self.dictionary)

    def row_numbers(self) -> npt.NDArray[np.int64]:
        """Return, for each code, the row that it belongs to."""
        return np.repeat(np.arange(len(self), dtype=np.int64), np.diff(self.offsets))


@dataclass(frozen=True, slots=True)
class BytesColumn:
    """One byte string per row, kept end to end.

    >>> BytesColumn.of([b"ab", b"", b"c"])[0]
    b'ab'
    """

    offsets: Offsets
    data: bytes

    @classmethod
    def of(cls, rows: Sequence[bytes]) -> BytesColumn:
        """Join byte strings."""
        return cls(_offsets_of(rows), b"".join(rows))

    def __len__(self) -> int:
        return len(self.offsets) - 1

    def __getitem__(self, row: int) -> bytes:
        return self.data[self.offsets[row] : self.offsets[row + 1]]

    def to_list(self) -> list[bytes]:
        """Return the byte strings of all rows."""
        bounds, data = self.offsets.tolist(), self.data
        return [data[start:end] for start, end in pairwise(bounds)]

    def cut(self, start: int, stop: int) -> BytesColumn:
        """Return neighbouring rows."""
        offsets = self.offsets[start : stop + 1]
        return BytesColumn(offsets - offsets[0], self.data[offsets[0] : offsets[-1]])

    def take(self, rows: Mask) -> BytesColumn:
        """Return the rows that a mask or an index array picks."""
        indexes = np.flatnonzero(rows) if rows.dtype == np.bool_ else rows
        offsets = np.zeros(len(indexes) + 1, np.int64)
        np.cumsum(np.diff(self.offsets)[indexes], out=offsets[1:])
        if not offsets[-1]:
            return BytesColumn(offsets, b"")
        # Neighbours are copied in one piece: a filter usually keeps long runs of rows.
        breaks = np.flatnonzero(np.diff(indexes) != 1) + 1
        starts = self.offsets[indexes[np.concatenate([[0], breaks])]].tolist()
        ends = self.offsets[indexes[np.concatenate([breaks - 1, [-1]])] + 1].tolist()
        return BytesColumn(offsets, b"".join([self.data[s:e] for s, e in zip(starts, ends, strict=True) if s < e]))


def _offsets_of(rows: Sequence[Sequence[Any]]) -> Offsets:
    offsets = np.zeros(len(rows) + 1, np.int64)
    np.cumsum(np.fromiter(map(len, rows), np.int64, len(rows)), out=offsets[1:])
    return offsets


def _pick(offsets: Offsets, rows: Mask) -> tuple[Offsets, npt.NDArray[np.int64]]:
    """Return the offsets of the picked rows and the indexes of their items."""
    indexes = np.flatnonzero(rows) if rows.dtype == np.bool_ else rows
    starts, lengths = offsets[:-1][indexes], np.diff(offsets)[indexes]
    picked = np.zeros(len(indexes) + 1, np.int64)
    np.cumsum(lengths, out=picked[1:])
    steps = np.arange(picked[-1], dtype=np.int64) - np.repeat(picked[:-1], lengths)
    return picked, np.repeat(starts, lengths) + steps


def concat_strings(columns: Sequence[StringColumn]) -> StringColumn:
    """Join string columns into one, over the dictionary that all share, else over a new one.

    >>> concat_strings([StringColumn.of(["a"]), StringColumn.of(["b", "a"])]).to_list()
    ['a', 'b', 'a']
    """
    if len({id(column.dictionary) for column in columns}) == 1:
        return StringColumn(np.concatenate([column.codes for column in columns]), columns[0].dictionary)
    dictionary = Dictionary()
    codes = [_recode(column.codes, column.dictionary, dictionary) for column in columns]
    return StringColumn(np.concatenate(codes) if codes else np.zeros(0, np.uint32), dictionary)


def concat_ragged(columns: Sequence[RaggedColumn]) -> RaggedColumn:
    """Join ragged columns into one, over the dictionary that all share, else over a new one."""
    joined = concat_strings([StringColumn(column.codes, column.dictionary) for column in columns])
    return RaggedColumn(_join_offsets([c.offsets for c in columns]), joined.codes, joined.dictionary)


def concat_bytes(columns: Sequence[BytesColumn]) -> BytesColumn:
    """Join bytes columns into one."""
    return BytesColumn(_join_offsets([c.offsets for c in columns]), b"".join([c.data for c in columns]))


def _recode(codes: Codes, source: Dictionary, target: Dictionary) -> Codes:
    """Translate codes into another dictionary, adding only the strings that are used."""
    if not len(codes):
        return codes
    present = np.zeros(int(codes.max()) + 1, np.bool_)
    present[codes] = True
    used = np.flatnonzero(present)
    table = np.full(int(used[-1]) + 1, ABSENT, np.uint32)
    values = source.values
    table[used] = target.encode([values[code] for code in used.tolist()])
    return table[codes]


def _join_offsets(parts: Sequence[Offsets]) -> Offsets:
    lengths = [np.diff(part) for part in parts]
    offsets = np.zeros(sum(map(len, lengths)) + 1, np.int64)
    np.cumsum(np.concatenate(lengths), out=offsets[1:])
    return offsets
