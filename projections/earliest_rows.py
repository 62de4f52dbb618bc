"""Choose the earliest rows of each group: what a table that keeps a few examples per group will keep at most.

In folds, before rows are added to a limited table, so that the others are never sorted.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from .row_order import packed_words, sorting_order, starts_of_runs

Array = npt.NDArray[Any]
Ints = npt.NDArray[np.int64]

_SAMPLED = 16
"""One row of so many is sorted first. Chosen: little work, and of a group with a hundred rows it finds a few."""

_NEVER = np.iinfo(np.int64).max


def earliest_of_groups(group_of: Ints, groups: int, times: Ints, places: Ints, limit: int) -> Ints:
    """Return the rows that are among the first of their group by time, equal times by their place.

    Args:
        group_of: the group of each row.
        groups: how many groups there are.
        times: when each row was.
        places: what orders rows of the same time, not negative.
        limit: rows wanted of each group.

    >>> rows = earliest_of_groups(np.array([0, 1, 0, 0]), 2, np.array([7, 9, 5, 7]), np.array([3, 4, 5, 2]), 2)
    >>> rows.tolist()
    [2, 3, 1]
    """
    rows = np.arange(len(times))
    if len(rows) > 64 * _SAMPLED:
        # Events come more or less in time, so that the first places bound what can be among the earliest.
        sampled = np.flatnonzero(places <= int(places.max()) // _SAMPLED)
        rows = np.flatnonzero(times <= _bounds(sampled, group_of, groups, times, places, limit)[group_of])
    return _earliest(rows, group_of, times, places, limit)


def _bounds(sampled: Ints, group_of: Ints, groups: int, times: Ints, places: Ints, limit: int) -> Ints:
    """Return, per group, the time that the wanted rows do not exceed, as far as a sample can tell."""
    kept = _earliest(sampled, group_of, times, places, limit)
    latest = np.full(groups, -_NEVER, np.int64)
    np.maximum.at(latest, group_of[kept], times[kept])
    latest[np.bincount(group_of[kept], minlength=groups) < limit] = _NEVER
    return latest


def _earliest(rows: Ints, group_of: Ints, times: Ints, places: Ints, limit: int) -> Ints:
    if not len(rows):
        return rows
    words = packed_words([group_of[rows], times[rows], places[rows]])
    order = sorting_order(words, len(rows))
    starts = starts_of_runs(packed_words([group_of[rows]]), order)
    rank = np.arange(len(order)) - np.repeat(starts, np.diff(np.append(starts, len(order))))
    return rows[order[rank < limit]]
