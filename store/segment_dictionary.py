"""The dictionaries of a segment that is being written: batches bring codes of their own, frames get the segment's.

Between batches and frames. Only distinct values are looked up; a dictionary that comes again (parsers keep theirs) is
translated through a table that is kept beside it.
"""

from __future__ import annotations

from weakref import WeakKeyDictionary

import numpy as np

from ..domain.dictionary import Codes, Dictionary
from .sections import DICTIONARY_COLUMNS, STRING_SECTIONS, Section
from .string_table import encode_strings

UNKNOWN = np.uint32(0xFFFFFFFF)


class SegmentDictionary:
    """One string column's dictionary in the segment being written.

    >>> segment, batch = SegmentDictionary(), Dictionary(["pay", "cart"])
    >>> segment.translate(np.array([2, 2], np.uint32), batch).tolist(), segment.values.values
    ([1, 1], ['', 'cart'])
    """

    def __init__(self, values: Dictionary | None = None) -> None:
        self.values = values or Dictionary()
        self._written = len(self.values)
        self._tables: WeakKeyDictionary[Dictionary, Codes] = WeakKeyDictionary()

    def translate(self, codes: Codes, source: Dictionary) -> Codes:
        """Return the segment's codes, giving new strings the next ones."""
        if not len(codes):
            return codes
        if codes[0] == codes[-1] and not np.count_nonzero(codes != codes[0]):
            return np.full(len(codes), self.values.code(source.values[int(codes[0])]), np.uint32)
        table = self._table(source)
        translated = table[codes]
        missing = translated == UNKNOWN
        if np.count_nonzero(missing):
            new = distinct_codes(codes[missing], len(source))
            strings = source.values
            table[new] = self.values.encode([strings[code] for code in new.tolist()])
            translated = table[codes]
        return translated

    def take_new(self) -> tuple[int, list[str]]:
        """Return the strings that came since the last call, and the code of the first."""
        first, self._written = self._written, len(self.values)
        return first, self.values.values[first:]

    def _table(self, source: Dictionary) -> Codes:
        table = self._tables.get(source)
        if table is None or len(table) < len(source):
            grown = np.full(len(source) + len(source) // 2, UNKNOWN, np.uint32)
            if table is not None:
                grown[: len(table)] = table
            self._tables[source] = table = grown
        return table


class SegmentDictionaries:
    """The dictionaries of all string columns of the segment being written."""

    def __init__(self, known: dict[str, Dictionary] | None = None) -> None:
        known = known or {}
        self._columns = {name: SegmentDictionary(known.get(name)) for name in DICTIONARY_COLUMNS}
        self.characters = sum(len(value) for column in self._columns.values() for value in column.values.values)

    def __getitem__(self, column: str) -> SegmentDictionary:
        return self._columns[column]

    def new_sections(self) -> list[Section]:
        """Return sections of the strings that the present frame added."""
        sections = []
        for name, column in self._columns.items():
            first, strings = column.take_new()
            if strings:
                self.characters += sum(map(len, strings))
                sections.append(Section.pack(STRING_SECTIONS[name], encode_strings(first, strings)))
        return sections

    def all_sections(self) -> list[Section]:
        """Return sections of all strings, for the footer."""
        return [
            Section.pack(STRING_SECTIONS[name], encode_strings(1, column.values.values[1:]))
            for name, column in self._columns.items()
            if len(column.values) > 1
        ]


def distinct_codes(codes: Codes, size: int) -> Codes:
    """Return the distinct codes, in order; a table of flags beats sorting while it stays small.

    >>> distinct_codes(np.array([4, 1, 4], np.uint32), 5).tolist()
    [1, 4]

    Args:
        codes: any.
        size: one more than the highest possible.
    """
    if size > 4 * len(codes) + 1024:
        return np.unique(codes)
    present = np.zeros(size, np.bool_)
    present[codes] = True
    return np.flatnonzero(present).astype(np.uint32)
