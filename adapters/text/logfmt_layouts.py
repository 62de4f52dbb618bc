"""Read the fields of many logfmt lines at once.

Under the reader of logfmt lines. A program writes the pairs of its lines in a few orders: the keys of one line make a
pattern that reads all lines of its order, and only the values that are wanted. What fits no order is read pair by pair.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Final

MAX_LAYOUTS: Final = 12
"""Orders tried in a chunk. Chosen: a chunk holds the lines of a few programs."""

_KEY: Final = r"[A-Za-z_@][\w.@/-]{0,63}"
_VALUE: Final = r'"[^"\\]*(?:\\.[^"\\]*)*"|[^\s"]*'
"""A quoted text is read in runs between backslashes: four times as fast as character by character."""
_PAIR: Final = re.compile(rf"(?:^|\s)({_KEY})=({_VALUE})")
_WHOLE: Final = re.compile(rf"{_KEY}=(?:{_VALUE})(?:\s{_KEY}=(?:{_VALUE}))*\s*\Z")
_ESCAPED: Final = re.compile(r"\\(.)")

Fields = Mapping[str, tuple[str, ...]]
"""The keys of each field; the first that has a value counts."""

Columns = dict[str, list[str]]


def logfmt_pairs(line: str) -> dict[str, str]:
    """Return the pairs of a line; of a key that stands twice the last.

    >>> logfmt_pairs('10:00 level=warn msg="slow query"')
    {'level': 'warn', 'msg': 'slow query'}
    """
    return {key: _unquoted(value) for key, value in _PAIR.findall(line)} if line.count("=") > 1 else {}


def logfmt_columns(lines: Sequence[str], fields: Fields, marks: frozenset[str]) -> Iterator[tuple[list[int], Columns]]:
    """Yield rows and their fields' values, "" where there is none; lines without one of the marking keys are left out.

    >>> lines = ["level=info took=2s", "at 10:00 lvl=warn msg=x", "a=b c=d"]
    >>> list(logfmt_columns(lines, {"level": ("level", "lvl")}, frozenset({"level", "lvl"})))
    [([0], {'level': ['info']}), ([1], {'level': ['warn']})]
    """
    wanted = frozenset(key for names in fields.values() for key in names)
    left, singles, layouts = list(range(len(lines))), [], 0
    while left and layouts < MAX_LAYOUTS:
        keys = _keys_in_order(lines[left[0]])
        if not keys:
            singles.append(left.pop(0))
            continue
        layouts += 1
        match = _layout(keys, wanted).match
        found = [match(lines[row]) for row in left]
        if marks.intersection(keys):
            values = zip(*[one.groups() for one in found if one], strict=True)
            columns = dict(zip([key for key in keys if key in wanted], map(_all_unquoted, values), strict=True))
            rows = [row for row, one in zip(left, found, strict=True) if one]
            yield rows, {name: _first_known(columns, names, len(rows)) for name, names in fields.items()}
        left = [row for row, one in zip(left, found, strict=True) if not one]
    pairs = {row: own for row in (*singles, *left) if marks & (own := logfmt_pairs(lines[row])).keys()}
    if pairs:
        yield list(pairs), {name: [_first(own, names) for own in pairs.values()] for name, names in fields.items()}


def _keys_in_order(line: str) -> tuple[str, ...]:
    """Return the keys of a line that consists of pairs, each standing once; none of another line."""
    if line.count("=") < 2 or not _WHOLE.match(line):
        return ()
    keys = tuple(key for key, _ in _PAIR.findall(line))
    return keys if len(set(keys)) == len(keys) else ()


@lru_cache(maxsize=4096)
def _layout(keys: tuple[str, ...], wanted: frozenset[str]) -> re.Pattern[str]:
    pairs = [rf"{re.escape(key)}=({_VALUE})" if key in wanted else rf"{re.escape(key)}=(?:{_VALUE})" for key in keys]
    return re.compile(r"\s".join(pairs) + r"\s*\Z")


def _first_known(columns: Mapping[str, Sequence[str]], names: tuple[str, ...], count: int) -> list[str]:
    """Return per row the first value that is not empty."""
    known = [columns[name] for name in names if name in columns]
    if not known:
        return [""] * count
    return list(known[0]) if len(known) == 1 else [next(filter(None, row), "") for row in zip(*known, strict=True)]


def _first(pairs: Mapping[str, str], names: tuple[str, ...]) -> str:
    return next((pairs[name] for name in names if pairs.get(name)), "")


def _all_unquoted(values: Sequence[str]) -> Sequence[str]:
    return [_unquoted(value) for value in values] if '"' in "".join(values) else values


def _unquoted(value: str) -> str:
    if value[:1] != '"':
        return value
    inner = value[1:-1]
    return _ESCAPED.sub(lambda one: {"n": "\n", "t": "\t"}.get(one[1], one[1]), inner) if "\\" in inner else inner
