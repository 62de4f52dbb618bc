"""Read columns of JSON objects by the paths under which their writers put a value.

Between the decoded records of the less voluminous formats and their columns: one path after another is tried for the
whole chunk, so that a chunk of one writer costs one pass per column.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from .parser import UnreadableRecordError
from .records import Records
from .tolerant_json import read_json

Row = Mapping[str, Any]
Paths = tuple[str, ...]

MISSING = frozenset({"", "-", "N/A", "n/a", "None", "null"})
"""What writers put where they have no value. Only for columns in which these cannot be values."""

_ABSENT = MISSING | {None}

MAX_LAYOUTS = 16
"""Orders of keys for which columns pay in a chunk. Chosen: a chunk holds the objects of a few loggers."""

_DECODER = msgspec.json.Decoder(dict[str, Any])


def decode_rows(records: Records) -> list[dict[str, Any]]:
    """Return the records as JSON objects.

    >>> from .records import Origin
    >>> decode_rows(Records.of([b'{"a":1}'], Origin("x")))
    [{'a': 1}]

    Raises:
        UnreadableRecordError: a record that is no object, or holds several.
    """
    try:
        rows = _DECODER.decode_lines(b"\n".join(records.bodies))
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        rows = [read_json(body) for body in records.bodies]
    if len(rows) != len(records) or not all(type(row) is dict for row in rows):
        raise UnreadableRecordError("a record is no JSON object, or holds several")
    return rows


def value_at(row: Row, path: str) -> Any:
    """Return the value under a key, else under a path of keys joined with dots (which keys may hold too), else None.

    >>> value_at({"log.level": "warn"}, "log.level"), value_at({"log": {"level": "warn"}}, "log.level")
    ('warn', 'warn')
    """
    value: Any = row
    while type(value) is dict:
        if path in value:
            return value[path]
        key, dot, path = path.partition(".")
        if not dot:
            return None
        value = value.get(key)
    return None


def values_of(rows: Sequence[Row], paths: Sequence[str]) -> list[Any]:
    """Return per row the value under the first path that has one, else None.

    >>> values_of([{"a": ""}, {"b": 2}, {"a": 1, "b": 3}], ("a", "b"))
    [None, 2, 1]
    """
    found: list[Any] = [None] * len(rows)
    open_rows = range(len(rows))
    for path in paths:
        head, nested, rest = path.partition(".")
        still_open = []
        for row in open_rows:
            value = rows[row].get(path)
            if value is None and nested and (held := rows[row].get(head)) is not None:
                value = held.get(rest) if type(held) is dict and rest in held else value_at(held, rest)
            if value is None or (type(value) is str and value in MISSING):
                still_open.append(row)
            else:
                found[row] = value
        if not still_open:
            break
        open_rows = still_open  # type: ignore[assignment] # both are sequences of rows
    return found


def texts_of(rows: Sequence[Row], paths: Sequence[str]) -> list[str]:
    """Return per row the text of the first value that is there; objects and lists as JSON.

    >>> texts_of([{"a": 1}, {"a": {"b": True}}, {}], ("a",))
    ['1', '{"b":true}', '']
    """
    values = values_of(rows, paths)
    return [value if type(value) is str else "" if value is None else as_text(value) for value in values]


class Rows:
    """The objects of a chunk, and the keys that any of them has: names that none has cost nothing.

    A logger writes its objects with the same keys in the same order, so that whole columns of them are taken at once.

    >>> Rows([{"a": 1}, {"b": {"c": 2}}]).values(("x.a", "a", "b.c"))
    [1, 2]
    """

    def __init__(self, rows: Sequence[Row]) -> None:
        self.rows = rows
        self._layouts = _layouts(rows)
        self._keys: set[str] = set().union(*self._layouts) if self._layouts else set().union(*set(map(tuple, rows)))

    def paths(self, paths: Paths) -> Paths:
        """Return the paths that some object may have."""
        keys = self._keys
        return tuple(p for p in paths if p in keys or ("." in p and p.partition(".")[0] in keys))

    def values(self, paths: Paths) -> list[Any]:
        """Return per object the value under the first path that has one."""
        known = self.paths(paths)
        if not self._layouts or not known:
            return values_of(self.rows, known)
        found: list[Any] = [None] * len(self.rows)
        for layout in self._layouts.values():
            layout.put_values(known, found)
        return found

    def texts(self, paths: Paths) -> list[str]:
        """Return per object the text of that value."""
        known = self.paths(paths)
        if not known:
            return [""] * len(self.rows)
        values = self.values(known)
        return [value if type(value) is str else "" if value is None else as_text(value) for value in values]


class _Layout:
    """The objects with the same keys: their places in the chunk, and a column for each key."""

    def __init__(self, keys: tuple[str, ...], places: Sequence[int], rows: Sequence[Row]) -> None:
        self.places = places
        self.rows = rows
        self.columns = dict(zip(keys, zip(*[row.values() for row in rows], strict=True), strict=True))

    def put_values(self, paths: Paths, found: list[Any]) -> None:
        """Put the value under the first path that has one in each object's place."""
        path = next((path for path in paths if self._may_have(path)), None)
        if path is None:
            return
        column: Sequence[Any] = self.columns.get(path, ())
        if not column or not _all_there(column):
            column = values_of(self.rows, paths)
        if len(column) == len(found):
            found[:] = column
            return
        for place, value in zip(self.places, column, strict=True):
            found[place] = value

    def _may_have(self, path: str) -> bool:
        return path in self.columns or ("." in path and path.partition(".")[0] in self.columns)


def _layouts(rows: Sequence[Row]) -> dict[tuple[str, ...], _Layout]:
    """Return the layouts of objects, none where there are many."""
    places: dict[tuple[str, ...], list[int]] = {}
    for place, keys in enumerate(map(tuple, rows)):
        places.setdefault(keys, []).append(place)
    if len(places) > MAX_LAYOUTS or () in places:
        return {}
    return {keys: _Layout(keys, own, [rows[place] for place in own]) for keys, own in places.items()}


def _all_there(column: Sequence[Any]) -> bool:
    """Say whether no value of a column is missing."""
    try:
        return _ABSENT.isdisjoint(column)
    except TypeError:  # objects and lists are values
        return not any(value is None or (type(value) is str and value in MISSING) for value in column)


def as_text(value: Any) -> str:
    """Return a JSON value as text; nothing for null.

    >>> as_text(None), as_text(2.5), as_text("x")
    ('', '2.5', 'x')
    """
    if value is None:
        return ""
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()


def object_at(row: Row, key: str) -> Row:
    """Return the object under a key; an empty one where something else stands there, or nothing.

    >>> object_at({"a": {"b": 1}}, "a"), object_at({"a": "text"}, "a")
    ({'b': 1}, {})
    """
    value = row.get(key)
    return value if isinstance(value, dict) else {}


def flattened(value: Any, prefix: str, *, limit: int = 1000) -> dict[str, Any]:
    """Return the leaves of nested objects under dotted names; lists stay as they are.

    >>> flattened({"a": {"b": 1, "c": None}, "d": [1]}, "aws.waf")
    {'aws.waf.a.b': 1, 'aws.waf.d': [1]}
    """
    leaves: dict[str, Any] = {}
    waiting = [(prefix, value)]
    while waiting and len(leaves) < limit:
        name, held = waiting.pop()
        if isinstance(held, dict) and held:
            waiting += [(f"{name}.{key}" if name else key, inner) for key, inner in reversed(held.items())]
        elif held not in (None, "", {}):
            leaves[name] = held
    return leaves
