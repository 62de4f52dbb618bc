"""Split whole amounts by weights so that the parts add up exactly (largest remainder)."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


def split_exactly(amount: int, weights: Floats) -> Ints:
    """Return whole parts of an amount in proportion to weights; they add up to it.

    >>> split_exactly(100, np.array([1.0, 1.0, 1.0])).tolist(), split_exactly(-7, np.array([3.0, 1.0])).tolist()
    ([34, 33, 33], [-5, -2])
    """
    total = float(weights.sum())
    exact = weights * (abs(amount) / total)
    parts = np.floor(exact).astype(np.int64)
    missing = abs(amount) - int(parts.sum())
    order = np.argsort(parts - exact, kind="stable")
    if missing > 0:
        parts[order[:missing]] += 1
    elif missing < 0:  # floats above 2**53 may overshoot
        parts[order[missing:]] -= 1
    return -parts if amount < 0 else parts


def split_groups(amounts: Ints, weights: Floats, group_of: Ints) -> Ints:
    """Return whole parts of many amounts at once; the parts of each group add up to its amount.

    Args:
        amounts: amount of each group.
        weights: positive weight of each part.
        group_of: group of each part, ascending.

    >>> split_groups(np.array([100, -7]), np.array([1.0, 1.0, 1.0, 3.0, 1.0]), np.array([0, 0, 0, 1, 1])).tolist()
    [34, 33, 33, -5, -2]
    """
    count = len(amounts)
    share = weights / np.bincount(group_of, weights, count)[group_of]
    exact = np.abs(amounts)[group_of] * share
    parts = np.floor(exact).astype(np.int64)
    missing = np.abs(amounts) - np.bincount(group_of, parts, count).astype(np.int64)
    order = np.lexsort((np.arange(len(parts)), parts - exact, group_of))
    starts = np.searchsorted(group_of, np.arange(count))
    rank = np.empty(len(parts), np.int64)
    rank[order] = np.arange(len(parts)) - starts[group_of[order]]
    return (parts + (rank < missing[group_of])) * np.sign(amounts)[group_of]
