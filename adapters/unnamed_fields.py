"""Keep every field of a record reachable: what no attribute holds stands under the format's prefix, by its path.

The safety net behind the parsers' tables, for fields that providers add and for values that a table reads differently.
A field is held if an attribute has its value and all the words of its name, or if the value is long enough to be no
coincidence.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any, Final

import msgspec

TELLING_CHARS: Final = 6
"""A value of so many characters is the field's own wherever it stands. Chosen: `true`, `GET` and ports are shorter."""

MAX_DEPTH: Final = 64
"""Deeper objects stay whole."""

_WORDS: Final = re.compile(r"[^\W_A-Z]+|[A-Z]+[^\W_A-Z]*")

Leaf = tuple[str, Any]


def unnamed_fields(record: Any, named: Mapping[str, Any], prefix: str) -> dict[str, Any]:
    """Return the fields of a record that no attribute holds.

    >>> unnamed_fields({"verb": "get", "code": 5, "agent": "curl/8.1"}, {"k.verb": "get", "a.b": "curl/8.1"}, "k8s")
    {'k8s.code': 5}
    """
    if not isinstance(record, dict):
        return {}
    held = _Held(named)
    missing = [(path, value) for path, value in leaves_of(record) if not held.holds(path, value)]
    return {f"{prefix}.{path}": value for path, value in missing if f"{prefix}.{path}" not in named}


def leaves_of(record: Mapping[str, Any], path: str = "", depth: int = 0) -> Iterator[Leaf]:
    """Yield the fields of nested objects under dotted paths; lists stay whole, what is empty is left out.

    >>> list(leaves_of({"a": {"b": 0, "c": None}, "d": [1]}))
    [('a.b', 0), ('d', [1])]
    """
    for key, value in record.items():
        name = f"{path}.{key}" if path else key
        if isinstance(value, dict) and value and depth < MAX_DEPTH:
            yield from leaves_of(value, name, depth + 1)
        elif value is not None and value not in ("", "-", {}, []):
            yield name, value


class _Held:
    """The values that attributes hold, and the names that hold each."""

    def __init__(self, named: Mapping[str, Any]) -> None:
        self._names: dict[str, list[str]] = {}
        for name, value in _scalars(named.items()):
            self._names.setdefault(_plain(value), []).append(name)

    def holds(self, path: str, value: Any) -> bool:
        if isinstance(value, list | dict):
            parts = list(_scalars([(path, value)]))
            return bool(parts) and all(self._holds(name, one) for name, one in parts)
        return self._holds(path, value) or (isinstance(value, str) and self._holds_parts(path, value))

    def _holds(self, path: str, value: Any) -> bool:
        plain = _plain(value)
        names = self._names.get(plain)
        if names is None:
            return False
        if len(plain) >= TELLING_CHARS:
            return True
        words = _words(path)
        return any(all(word in name for word in words) for name in map(_letters, names))

    def _holds_parts(self, path: str, text: str) -> bool:
        """Say whether attributes hold all that a text of JSON says."""
        if text[:1] not in ("{", "["):
            return False
        try:
            inner = msgspec.json.decode(text)
        except (msgspec.MsgspecError, RecursionError):
            return False
        parts = list(_scalars([(path, inner)]))
        return bool(parts) and all(self._holds(name, one) for name, one in parts)


def _scalars(items: Iterable[Leaf]) -> Iterator[Leaf]:
    """Yield the single values in objects and lists, each with its path."""
    waiting = list(items)
    while waiting:
        name, value = waiting.pop()
        if isinstance(value, dict):
            waiting += [(f"{name}.{key}", one) for key, one in value.items()]
        elif isinstance(value, list | tuple):
            waiting += [(name, one) for one in value]
        elif value is not None and value != "":
            yield name, value


def _plain(value: Any) -> str:
    return str(value).casefold()


@lru_cache(maxsize=1 << 14)
def _words(path: str) -> tuple[str, ...]:
    """Return the words of a path's last key, in lower case."""
    return tuple(word.casefold() for word in _WORDS.findall(path.rpartition(".")[2])) or (_letters(path),)


@lru_cache(maxsize=1 << 14)
def _letters(name: str) -> str:
    return "".join(filter(str.isalnum, name.casefold()))
