"""Name a record's attributes by a table: a path, and the OpenTelemetry name (or reader) of the value under it.

Between a stored record and whoever asks for its attributes. What a table does not name, or cannot read, stays under
the format's prefix, so that no field is lost. See https://opentelemetry.io/docs/specs/semconv/general/attributes/.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from .field_paths import Row, flattened, value_at

Reader = Callable[[Any], Mapping[str, Any]]
"""Turns the value of a field into attributes; none where the value is not what the field promises."""

Names = Mapping[str, str | Reader]
"""Path to what stands there."""

_ABSENT: tuple[Any, ...] = (None, "", "-", {}, [])
"""What writers put where they have no value."""


def named_attributes(row: Row, names: Names, prefix: str) -> dict[str, Any]:
    """Return a record's attributes: those of the table, and the leaves of everything else under the prefix.

    >>> named_attributes({"u": {"n": "eve", "o": 1}, "x": "-"}, {"u.n": "user.name", "x": "x"}, "azure")
    {'user.name': 'eve', 'azure.u.o': 1}
    """
    found: dict[str, Any] = {}
    taken: list[str] = []
    for path, name in names.items():
        value = value_at(row, path)
        if value in _ABSENT:
            continue
        told = {name: value} if isinstance(name, str) else name(value)
        new = {key: own for key, own in told.items() if key not in found}
        if told and all(found.get(key, own) == own for key, own in told.items()):
            taken.append(path)
        found |= new
    return found | _rest(row, taken, prefix)


def _rest(row: Row, taken: list[str], prefix: str) -> dict[str, Any]:
    """Return the leaves that no name took; one whose values disagree with a standard name's stays as it is."""
    whole, below = frozenset(taken), tuple(f"{path}." for path in taken)
    return {
        f"{prefix}.{name}": value
        for name, value in flattened(row, "").items()
        if name not in whole and not (below and name.startswith(below)) and value not in _ABSENT
    }
