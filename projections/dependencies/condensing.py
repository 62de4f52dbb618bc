"""Condense many rows with few distinct keys to few rows, before a table sorts them exactly.

In the fold, between the columns of a batch and the tables: a radix sort by a 16-bit hash of the keys puts equal keys
side by side, and each run becomes one row. Different keys with the same hash may split a run; the table joins it again,
so the result is exact and only the work is less.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]

_ODD = np.uint64(0x9E3779B97F4A7C15)
_REDUCERS = {"sum": np.add, "min": np.minimum, "max": np.maximum}


def hash_of(keys: Sequence[Array]) -> npt.NDArray[np.uint64]:
    """Return a 64-bit hash per row of one or more integer columns (multiplicative, good in its high bits).

    >>> bool(hash_of([np.array([1])])[0] == hash_of([np.array([2])])[0])
    False
    """
    mixed = np.zeros(len(keys[0]), np.uint64)
    for key in keys:
        mixed = (mixed ^ (mixed >> np.uint64(29)) ^ key.astype(np.uint64, copy=False)) * _ODD
    return mixed


def condense(keys: Mapping[str, Array], measures: Mapping[str, tuple[Array, str]]) -> dict[str, Array]:
    """Return key and measure columns with (nearly) one row per distinct key.

    Args:
        keys: integer columns.
        measures: name to (column, reducer), the reducer being sum, min or max.

    >>> rows = condense({"k": np.array([2, 1, 2])}, {"n": (np.array([5, 6, 7]), "sum")})
    >>> dict(zip(rows["k"].tolist(), rows["n"].tolist(), strict=True)) == {1: 6, 2: 12}
    True
    """
    columns = list(keys.values())
    if not len(columns[0]):
        return {**keys, **{name: column for name, (column, _) in measures.items()}}
    order = np.argsort((hash_of(columns) >> np.uint64(48)).astype(np.uint16), kind="stable")
    condensed: dict[str, Array] = {name: column[order] for name, column in keys.items()}
    changed = np.zeros(len(order) - 1, np.bool_)
    for column in condensed.values():
        changed |= column[1:] != column[:-1]
    starts = np.concatenate([np.zeros(1, np.int64), np.flatnonzero(changed) + 1])
    condensed = {name: column[starts] for name, column in condensed.items()}
    for name, (column, reducer) in measures.items():
        condensed[name] = _REDUCERS[reducer].reduceat(column[order], starts)
    return condensed
