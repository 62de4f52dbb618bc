"""Dictionary coding of strings: each distinct string once, and its code in the column.

Under every string column of an `EventBatch`, of a segment and of a read model. Joins run over a dictionary's distinct
values, not over events.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import count

import numpy as np
import numpy.typing as npt

Codes = npt.NDArray[np.uint32]
"""Codes of strings: indexes into a dictionary's values."""

ABSENT = 0
"""Code of the empty string, which stands for "the record does not say"."""


class _CodeTable(dict[str, int]):
    """Give each new key the next code; the lookup of a known key stays in C."""

    def __missing__(self, key: str) -> int:
        code = self[key] = len(self)
        return code


class Dictionary:
    """An append-only list of distinct strings; code 0 is always the empty string.

    >>> services = Dictionary()
    >>> services.encode(["cart", "", "cart"]).tolist(), services.values
    ([1, 0, 1], ['', 'cart'])
    """

    __slots__ = ("__weakref__", "_table", "_values")

    def __init__(self, values: Iterable[str] = ()) -> None:
        self._values = ["", *values]
        self._table = _CodeTable(zip(self._values, count(), strict=False))
        if len(self._table) < len(self._values):  # some came twice: the first place counts
            self._values = list(dict.fromkeys(self._values))
            self._table = _CodeTable(zip(self._values, count(), strict=False))

    def __len__(self) -> int:
        return len(self._table)

    @property
    def values(self) -> list[str]:
        """All strings in code order; do not change the list."""
        known = len(self._values)
        if known != len(self._table):
            self._values.extend(list(self._table)[known:])
        return self._values

    def code(self, value: str) -> int:
        """Return the code of a string, giving it one when it is new."""
        return self._table[value]

    def find(self, value: str) -> int | None:
        """Return the code of a known string, else None."""
        return self._table.get(value)

    def encode(self, strings: Sequence[str]) -> Codes:
        """Return the codes of strings, extending the dictionary by the new ones."""
        return np.fromiter(map(self._table.__getitem__, strings), np.uint32, len(strings))

    def remap(self, values: Sequence[str]) -> Codes:
        """Return, for each code of another dictionary's values, the code here.

        >>> Dictionary(["a", "b"]).remap(["", "b", "c"]).tolist()
        [0, 2, 3]
        """
        return self.encode(values)
