"""Frame: rows of a partitioned table gathered from all its hours, ready for grouping.

Strings are codes into one dictionary per column; the partition's hour is a column of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ...domain.dictionary import Dictionary
from ..partitions import HOUR_NS, PartitionedTable
from ..table import combine

Array = npt.NDArray[Any]
Ints = npt.NDArray[np.int64]

DAY_NS = 24 * HOUR_NS


@dataclass(frozen=True)
class Frame:
    """Columns of int64, and the dictionaries of those that are codes.

    >>> frame = Frame({"service": np.array([1, 1]), "n": np.array([2, 3])}, {"service": Dictionary(["cart"])})
    >>> frame.totals(("service",), ("n",)).columns["n"].tolist()
    [5]
    """

    columns: dict[str, Array]
    dictionaries: dict[str, Dictionary]

    def __len__(self) -> int:
        return len(next(iter(self.columns.values())))

    def __getitem__(self, name: str) -> Array:
        return self.columns[name]

    def take(self, rows: Array) -> Frame:
        """Return some of the rows."""
        return Frame({name: column[rows] for name, column in self.columns.items()}, self.dictionaries)

    def replaced(self, columns: Mapping[str, Array]) -> Frame:
        """Return the frame with columns added or replaced."""
        return Frame({**self.columns, **columns}, self.dictionaries)

    def totals(self, keys: Sequence[str], measures: Sequence[str]) -> Frame:
        """Return measures summed by keys."""
        summed = totals(self.columns, tuple(keys), tuple(measures))
        return Frame(summed, {name: self.dictionaries[name] for name in keys if name in self.dictionaries})

    def text(self, name: str) -> list[str]:
        """Return a coded column's strings."""
        return list(map(self.dictionaries[name].values.__getitem__, self.columns[name].tolist()))

    def where(self, name: str, accept: Any) -> Array:
        """Return which rows' strings a function accepts; it is asked once per distinct string."""
        flags = np.array([bool(accept(value)) for value in self.dictionaries[name].values], np.bool_)
        return flags[self.columns[name]]

    def recoded(self, name: str, dictionary: Dictionary) -> Frame:
        """Return the frame with a column's codes of another dictionary."""
        table = dictionary.remap(self.dictionaries[name].values).astype(np.int64)
        columns = {**self.columns, name: table[self.columns[name]]}
        return Frame(columns, {**self.dictionaries, name: dictionary})


def totals(columns: Mapping[str, Array], keys: tuple[str, ...], measures: tuple[str, ...]) -> dict[str, Array]:
    """Return columns summed by keys.

    >>> totals({"k": np.array([1, 1]), "n": np.array([2, 3])}, ("k",), ("n",))
    {'k': array([1]), 'n': array([5])}
    """
    if not keys:
        return {name: np.array([columns[name].sum()]) for name in measures}
    return combine(columns, keys, dict.fromkeys(measures, "sum"))


def load(table: PartitionedTable, since_ns: int | None = None, until_ns: int | None = None) -> Frame:
    """Return the rows of the hours that overlap [since, until), with the hour of each."""
    schema = table.schema
    dictionaries = {name: Dictionary() for name in schema.strings}
    numbers = (*schema.numbers, *schema.measures)
    parts: list[dict[str, Array]] = []
    for hour, part in table.parts(since_ns=since_ns, until_ns=until_ns):
        columns: dict[str, Array] = {name: part.number(name) for name in numbers}
        for name in schema.strings:
            column = part.string(name)
            columns[name] = dictionaries[name].remap(column.values).astype(np.int64)[column.codes]
        columns["hour"] = np.full(len(part), hour, np.int64)
        parts.append(columns)
    names = (*schema.strings, *numbers, "hour")
    return Frame({name: _joined([part[name] for part in parts]) for name in names}, dictionaries)


def stacked(frames: Iterable[Frame], names: Sequence[str]) -> Frame:
    """Return the rows of frames below each other, over one dictionary per column.

    >>> frame = Frame({"s": np.array([1])}, {"s": Dictionary(["a"])})
    >>> stacked([frame, Frame({"s": np.array([1])}, {"s": Dictionary(["b"])})], ("s",)).text("s")
    ['a', 'b']
    """
    frames = list(frames)
    dictionaries = {name: Dictionary() for name in names if name in frames[0].dictionaries}
    for name, dictionary in dictionaries.items():
        frames = [frame.recoded(name, dictionary) for frame in frames]
    return Frame({name: _joined([frame[name] for frame in frames]) for name in names}, dictionaries)


def _joined(parts: Sequence[Array]) -> Array:
    return np.concatenate(parts) if parts else np.zeros(0, np.int64)
