"""Quantiles of many groups of numbers at once, exactly as `np.quantile` gives them one by one.

Under the signals, where a call per service would take longer than all else.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


def quantiles(ordered: npt.NDArray[Any], starts: Ints, counts: Ints, share: float) -> Floats:
    """Return one quantile of each group.

    Args:
        ordered: the numbers of all groups, each group's in rising order.
        starts: where each group begins.
        counts: how many numbers each group has, at least one.
        share: which quantile, between 0 and 1.

    >>> quantiles(np.array([1, 2, 3, 10, 20]), np.array([0, 3]), np.array([3, 2]), 0.9).tolist()
    [2.8, 19.0]
    """
    place = (counts - 1) * share
    below = place.astype(np.int64)
    low = ordered[starts + below].astype(np.float64)
    high = ordered[starts + np.minimum(below + 1, counts - 1)].astype(np.float64)
    part = place - below
    # From the nearer side, as numpy does it: the result is the same to the last bit.
    found: Floats = np.where(part >= 0.5, high - (high - low) * (1 - part), low + (high - low) * part)
    return found
