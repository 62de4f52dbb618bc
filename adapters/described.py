"""Columns that depend on a few distinct keys only: described once per key, repeated by code.

Thousands of records of a chunk come from a handful of pods, log streams or load balancers. Whatever is derived from
those (service, resource, account, mentions) is computed once per distinct key.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import Any, NamedTuple, TypeVar

import numpy as np
import numpy.typing as npt

from ..domain.columns import RaggedColumn, StringColumn
from ..domain.dictionary import Dictionary

Key = TypeVar("Key", bound=Hashable)


class Description(NamedTuple):
    """What is known of all records with one key."""

    account: str = ""
    region: str = ""
    service: str = ""
    resource: str = ""
    mentions: tuple[str, ...] = ()


def described(keys: Sequence[Key], describe: Callable[[Key], Description]) -> dict[str, Any]:
    """Return the described columns of records, given one key per record.

    >>> columns = described(["a", "b", "a"], lambda pod: Description(service=pod.upper(), mentions=(pod,)))
    >>> columns["service"].to_list(), columns["mentions"].row(2)
    (['A', 'B', 'A'], ('a',))
    """
    index = Numbered[Key]()
    codes = np.fromiter(map(index.__getitem__, keys), np.int64, len(keys))
    return repeated([describe(key) for key in index], codes)


def repeated(descriptions: Sequence[Description], codes: npt.NDArray[np.int64]) -> dict[str, Any]:
    """Return the columns of records whose descriptions are numbered.

    >>> repeated([Description(service="a"), Description(service="b")], np.array([1, 0, 1]))["service"].to_list()
    ['b', 'a', 'b']
    """
    columns: dict[str, Any] = {
        name: _repeat([getattr(d, name) for d in descriptions], codes)
        for name in ("account", "region", "service", "resource")
    }
    columns["mentions"] = _repeat_lists([d.mentions for d in descriptions], codes)
    return columns


class Numbered(dict[Key, int]):
    """Numbers keys as they come; a known key costs one lookup in C.

    >>> numbered = Numbered()
    >>> [numbered[key] for key in "aba"]
    [0, 1, 0]
    """

    def __missing__(self, key: Key) -> int:
        number = self[key] = len(self)
        return number


def _repeat(values: Sequence[str], codes: Any) -> StringColumn:
    column = StringColumn.of(values)
    return StringColumn(column.codes[codes], column.dictionary)


def _repeat_lists(values: Sequence[tuple[str, ...]], codes: Any) -> RaggedColumn:
    if not any(values):
        return RaggedColumn(np.zeros(len(codes) + 1, np.int64), np.zeros(0, np.uint32), Dictionary())
    return RaggedColumn.of(values).take(codes)
