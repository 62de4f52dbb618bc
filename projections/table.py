"""Table: rows of integers grouped by key, the building block of every read model.

A fold adds rows in chunks of columns; rows with equal keys are combined by sum, min or max. The compacted table is
canonical: the same events give the same bytes, whatever the order, the chunks or the merges they came in.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from ..domain.columns import StringColumn
from ..domain.dictionary import Dictionary
from .row_order import group, packed_words, sorting_order, starts_of_runs
from .table_codec import decode_table, encode_table, pack_table, unpack_table

Array = npt.NDArray[Any]
Ints = npt.NDArray[np.int64]

PENDING_ROWS = 200_000
"""Rows that wait uncombined before the table is compacted. Chosen: large enough to amortise the sort."""

_REDUCERS = {"sum": np.add, "min": np.minimum, "max": np.maximum}


@dataclass(frozen=True)
class TableSchema:
    """Columns of a table.

    Attributes:
        strings: key columns of strings (dictionary-coded).
        numbers: key columns of int64.
        measures: measure column to reducer: sum, min or max (int64).
        limit: keep only so many rows per group; a group is the key columns named in `group`, its rows are kept in key
            order (strings before numbers in schema order, unless `order` names the columns to order by).
        group: see limit.
        order: see limit.
    """

    strings: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()
    measures: Mapping[str, str] = field(default_factory=dict)
    limit: int = 0
    group: tuple[str, ...] = ()
    order: tuple[str, ...] = ()


class Table:
    """Rows keyed by strings and numbers, with measures combined per key.

    >>> calls = Table(TableSchema(strings=("service",), numbers=("minute",), measures={"calls": "sum"}))
    >>> calls.add({"service": StringColumn.of(["b", "a", "b"])}, {"minute": [1, 1, 1]}, {"calls": [1, 1, 1]})
    >>> calls.string("service").to_list(), calls.number("minute").tolist(), calls.measure("calls").tolist()
    (['a', 'b'], [1, 1], [1, 2])
    """

    def __init__(self, schema: TableSchema) -> None:
        self.schema = schema
        self._dictionaries = {name: Dictionary() for name in schema.strings}
        self._rows: dict[str, Array] = {name: np.zeros(0, np.int64) for name in _names(schema)}
        self._pending: list[dict[str, Array]] = []
        self._pending_rows = 0

    def add(
        self,
        strings: Mapping[str, StringColumn],
        numbers: Mapping[str, Array | Sequence[int]],
        measures: Mapping[str, Array | Sequence[int]],
    ) -> None:
        """Add rows; rows with equal keys are combined."""
        columns = row_columns(self.schema, strings, numbers, measures)
        if row_count(columns):
            combined = combine(columns, key_names(self.schema), self.schema.measures)
            self.extend(combined, {name: strings[name].values for name in self.schema.strings})

    def extend(self, rows: Mapping[str, Array], values: Mapping[str, Sequence[str]]) -> None:
        """Add rows; `values` are the strings that the codes in them stand for."""
        own = dict(rows)
        for name in self.schema.strings:
            own[name] = _recode(own[name], values[name], self._dictionaries[name])
        self._pending.append(own)
        self._pending_rows += row_count(own)
        if self._pending_rows > max(PENDING_ROWS, 2 * row_count(self._rows)):
            self.compact()

    def merge(self, other: Table) -> None:
        """Add all rows of another table of the same schema; they are combined with these, not before."""
        values = {name: other._dictionaries[name].values for name in self.schema.strings}
        for rows in (other._rows, *other._pending):
            if row_count(rows):
                self.extend(rows, values)

    def compact(self) -> None:
        """Combine all rows by key and bring the table into its canonical order."""
        if not self._pending:
            return
        columns = self._columns()
        self._pending, self._pending_rows = [], 0
        self._sort_dictionaries(columns)
        rows = combine(columns, key_names(self.schema), self.schema.measures)
        if self.schema.limit and row_count(rows) > self.schema.limit:
            rows = _limited(rows, self.schema)
            self._sort_dictionaries(rows)  # strings of rows that were left out must not stay
        self._rows = rows

    def __len__(self) -> int:
        self.compact()
        return row_count(self._rows)

    def string(self, name: str) -> StringColumn:
        """Return a key column of strings."""
        self.compact()
        return StringColumn(self._rows[name].astype(np.uint32), self._dictionaries[name])

    def number(self, name: str) -> Ints:
        """Return a key column of numbers."""
        self.compact()
        return self._rows[name]

    def measure(self, name: str) -> Ints:
        """Return a measure column."""
        self.compact()
        return self._rows[name]

    def encode(self) -> bytes:
        """Return the canonical bytes of the table."""
        self.compact()
        return encode_table({name: self._dictionaries[name].values for name in self.schema.strings}, self._rows)

    @classmethod
    def decode(cls, schema: TableSchema, encoded: bytes) -> Table:
        """Return the table that `encode` wrote."""
        dictionaries, columns = decode_table(encoded)
        table = cls(schema)
        table._dictionaries = {name: Dictionary(dictionaries[name][1:]) for name in schema.strings}
        table._rows = {name: columns[name] for name in _names(schema)}
        return table

    def packed(self) -> bytes:
        """Return the rows as they are, combined or not, for `unpacked` in another process."""
        return pack_table({name: self._dictionaries[name].values for name in self.schema.strings}, self._columns())

    @classmethod
    def unpacked(cls, schema: TableSchema, packed: bytes) -> Table:
        """Return the table that `packed` wrote."""
        dictionaries, columns = unpack_table(packed)
        table = cls(schema)
        table._dictionaries = {name: Dictionary(dictionaries[name][1:]) for name in schema.strings}
        table._pending, table._pending_rows = [columns], row_count(columns)
        return table

    def _columns(self) -> dict[str, Array]:
        """Return all rows, combined or not."""
        parts = [self._rows, *self._pending]
        return {name: np.concatenate([part[name] for part in parts]) for name in self._rows}

    def _sort_dictionaries(self, columns: dict[str, Array]) -> None:
        for name in self.schema.strings:
            columns[name], self._dictionaries[name] = _sorted_codes(columns[name], self._dictionaries[name])


def row_columns(
    schema: TableSchema,
    strings: Mapping[str, StringColumn],
    numbers: Mapping[str, Array | Sequence[int]],
    measures: Mapping[str, Array | Sequence[int]],
) -> dict[str, Array]:
    """Return the columns of rows to add, as integers."""
    columns: dict[str, Array] = {name: strings[name].codes for name in schema.strings}
    columns |= {name: _ints(numbers[name]) for name in schema.numbers}
    return columns | {name: _ints(measures[name]) for name in schema.measures}


def row_count(columns: Mapping[str, Array]) -> int:
    """Return the number of rows that columns hold."""
    return len(next(iter(columns.values())))


def key_names(schema: TableSchema) -> tuple[str, ...]:
    """Return the names of a schema's key columns, the most significant first."""
    return (*schema.strings, *schema.numbers)


def combine(columns: Mapping[str, Array], keys: Sequence[str], measures: Mapping[str, str]) -> dict[str, Array]:
    """Combine rows with equal keys; the result is in key order.

    >>> combine({"k": np.array([2, 1, 2]), "n": np.array([5, 6, 7])}, ["k"], {"n": "max"})
    {'k': array([1, 2]), 'n': array([6, 7])}
    """
    order, starts = group(*[columns[name] for name in keys])
    first = order[starts]
    combined: dict[str, Array] = {name: columns[name][first].astype(np.int64) for name in keys}
    if 2 * len(starts) < len(order):
        reduced = {n: _REDUCERS[by].reduceat(columns[n][order], starts) for n, by in measures.items()}
        return combined | reduced
    # Most rows have a key of their own: only the others have to be brought to theirs.
    combined |= {name: columns[name][first] for name in measures}
    is_first = np.zeros(len(order), np.bool_)
    is_first[starts] = True
    rest = np.flatnonzero(~is_first)
    of_group = np.searchsorted(starts, rest, side="right") - 1
    for name, reducer in measures.items():
        _REDUCERS[reducer].at(combined[name], of_group, columns[name][order[rest]])
    return combined


def _names(schema: TableSchema) -> tuple[str, ...]:
    return (*schema.strings, *schema.numbers, *schema.measures)


def _ints(values: Array | Sequence[int]) -> Ints:
    array = np.asarray(values)
    return array.view(np.int64) if array.dtype == np.uint64 else array.astype(np.int64, copy=False)


def _recode(codes: Array, values: Sequence[str], target: Dictionary) -> Array:
    used = _used(codes)
    table = np.zeros(int(used[-1]) + 1, np.int64)
    table[used] = target.encode([values[code] for code in used.tolist()])
    return table[codes]


def _used(codes: Array) -> Array:
    """Return the distinct codes in order (by marking them: a fifth of the time of `np.unique`)."""
    present = np.zeros(int(codes.max()) + 1, np.bool_)
    present[codes] = True
    return np.flatnonzero(present)


def _sorted_codes(codes: Array, dictionary: Dictionary) -> tuple[Array, Dictionary]:
    """Recode into a dictionary that holds only the used strings, in sorted order."""
    used = _used(codes).tolist()
    values = dictionary.values
    ordered = Dictionary(sorted({values[code] for code in used}))
    return _recode(codes, values, ordered), ordered


def _limited(rows: dict[str, Array], schema: TableSchema) -> dict[str, Array]:
    """Keep the first `limit` rows of each group."""
    rest = [name for name in (schema.order or key_names(schema)) if name not in schema.group]
    keys = packed_words([rows[name] for name in (*schema.group, *rest)])
    order = sorting_order(keys, row_count(rows))
    starts = starts_of_runs(packed_words([rows[name] for name in schema.group]), order)
    sizes = np.diff(np.append(starts, len(order)))
    rank = np.arange(len(order)) - np.repeat(starts, sizes)
    kept = np.sort(order[rank < schema.limit])
    return {name: column[kept] for name, column in rows.items()}
