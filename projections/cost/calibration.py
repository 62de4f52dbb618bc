"""Learn from the bill how billed bytes follow from measured ones: a factor per format and an overhead per event.

Providers bill more or less than the bytes of a record (26 bytes per event, columns left out, units of another size).
Every day and log group that has both a billed quantity and measured logs is an equation; they are solved by least
squares of relative errors. Only shares depend on the result, totals are the bill's.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from .frame import Array, Frame, Ints

Floats = npt.NDArray[np.float64]

RIDGE = 0.01
"""Pull towards equal factors and no overhead, as of a hundredth of an equation: decides only what the data leave
open."""

OVERHEADS = (0, 26)
"""Documented bytes per event: CloudWatch Logs counts 26 for each event of a PutLogEvents batch."""

UNITS = (1.0, 2**30 / 10**9, 10**9 / 2**30)
"""A billed byte in measured ones, whichever gigabyte the provider and this library mean."""

MAX_MISS = 0.02
"""An explanation that misses the bill by more explains nothing."""

MAX_RESIDUAL = 0.10
"""Equations that miss by more are left out once (a day with half its logs lost), then the rest is solved again."""


def billed_weights(volume: Frame, equations: Sequence[tuple[float, Ints]]) -> Floats:
    """Return the bytes that each row of log volume is expected to be billed for, up to a common factor.

    Args:
        volume: rows with provider, format, bytes and events.
        equations: billed bytes and the rows that they are for, of all providers.
    """
    weights = volume["bytes"].astype(np.float64)
    provider = volume["provider"]
    for code in np.unique(provider).tolist():
        ours = [(quantity, rows) for quantity, rows in equations if len(rows) and provider[rows[0]] == code]
        mine = np.flatnonzero(provider == code)
        if ours:
            weights[mine] = _fitted(volume, mine, ours)
    return np.maximum(weights, 0.0)


def _fitted(volume: Frame, mine: Ints, equations: Sequence[tuple[float, Ints]]) -> Floats:
    size, events = volume["bytes"].astype(np.float64), volume["events"].astype(np.float64)
    formats, kind = np.unique(volume["format"], return_inverse=True)
    target = np.array([quantity for quantity, _ in equations])
    by_format = np.array([np.bincount(kind[rows], size[rows], len(formats)) for _, rows in equations])
    counts = np.array([events[rows].sum() for _, rows in equations])
    common = target.sum() / max(by_format.sum(), 1.0)
    mean_size = by_format.sum() / max(counts.sum(), 1.0)
    used = np.flatnonzero(by_format.any(axis=0))
    features = np.column_stack([by_format[:, used], counts * mean_size]) * (common / target)[:, None]
    factors = _solved(features, len(used))
    if factors is None:
        overhead = documented_overhead(target, by_format.sum(axis=1), counts)
        return np.asarray(size[mine] + overhead * events[mine])
    per_format = np.full(len(formats), factors[:-1].mean())
    per_format[used] = factors[:-1]
    weights: Floats = per_format[kind[mine]] * size[mine] + factors[-1] * mean_size * events[mine]
    return weights


def documented_overhead(billed: Floats, measured: Floats, events: Floats) -> int:
    """Return the bytes per event that explain bills best, of those that are documented.

    Used where equations are too few to be solved. A gigabyte may be 10**9 or 2**30 bytes in either place.

    >>> documented_overhead(np.array([3260.0]), np.array([3000.0]), np.array([10.0]))
    26
    """
    misses = {
        overhead: min(
            float(np.sqrt(np.mean((billed / (unit * (measured + overhead * events)) - 1) ** 2))) for unit in UNITS
        )
        for overhead in OVERHEADS
    }
    best = min(misses, key=lambda overhead: (misses[overhead], overhead))
    return best if misses[best] <= MAX_MISS else 0


def _solved(features: Floats, formats: int) -> Floats | None:
    """Return the factors of the formats and of the overhead, None where too little is known or nothing is won."""
    if len(features) < 2 * features.shape[1]:
        return None
    factors = _least_squares(features)
    good = np.abs(features @ factors - 1) <= MAX_RESIDUAL
    if good.sum() >= 2 * features.shape[1] and not good.all():
        features = features[good]
        factors = _least_squares(features)
    plain = np.sqrt(np.mean((features[:, :formats].sum(axis=1) - 1) ** 2))
    return factors if np.sqrt(np.mean((features @ factors - 1) ** 2)) < plain else None


def _least_squares(features: Floats) -> Floats:
    """Solve features @ x = 1 with x >= 0, pulled towards 1 (formats) and 0 (overhead)."""
    width = features.shape[1]
    goal = np.append(np.ones(width - 1), 0.0)
    active = np.ones(width, np.bool_)
    factors = goal.copy()
    for _ in range(width):
        matrix = np.vstack([features[:, active], np.sqrt(RIDGE) * np.eye(int(active.sum()))])
        right = np.append(np.ones(len(features)), np.sqrt(RIDGE) * goal[active])
        solution: Array = np.linalg.lstsq(matrix, right, rcond=None)[0]
        factors = np.zeros(width)
        factors[active] = solution
        if (solution >= 0).all():
            break
        active[np.flatnonzero(active)[solution < 0]] = False
        if not active.any():
            return goal
    return factors
