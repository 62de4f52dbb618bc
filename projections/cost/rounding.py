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
