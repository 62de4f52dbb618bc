"""How surprising counts are: against what was usual, and against how much they usually vary.

Used by the signals of root-cause search. A Poisson deviance says how far counts lie from expectation by chance alone;
dividing by the deviance that calm times of the same length show keeps habitually restless services quiet.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

USUAL = 0.75
"""Quantile of the deviance of earlier windows that counts as usual: robust while less than a quarter of them were
incidents themselves."""


def by_chance(kinds: npt.NDArray[Any]) -> Floats:
    """Return the summed deviance of some counts that chance exceeds once in twenty (chi-squared, approximated).

    >>> by_chance(np.array([1, 16])).round(1).tolist()
    [3.8, 27.3]
    """
    spread: Floats = kinds + 2.0 * np.sqrt(2.0 * kinds)
    return spread


def deviance(counts: npt.NDArray[Any], expected: npt.NDArray[Any]) -> Floats:
    """Return the Poisson deviance of counts; 0 where nothing is expected and nothing came.

    >>> deviance(np.array([0, 5, 20]), np.array([0.0, 5.0, 5.0])).round(1).tolist()
    [0.0, 0.0, 25.5]
    """
    ratio = np.divide(counts, expected, out=np.ones(np.shape(counts)), where=(counts > 0) & (expected > 0))
    result: Floats = np.maximum(2.0 * (counts * np.log(ratio) - (counts - expected)), 0.0)
    return result


def habituated(now: Floats, before: Floats, kinds: npt.NDArray[Any]) -> Floats:
    """Return how many times larger than usual a deviance is.

    Args:
        now: deviance per subject in the window.
        before: deviance per (subject, earlier window); NaN where the subject was silent.
        kinds: how many counts each deviance sums up.

    >>> habituated(np.array([60.0]), np.array([[10.0, 10.0, 12.0]]), np.array([8])).tolist()
    [2.2222222222222223]
    """
    usual = np.zeros(len(now))
    known = ~np.isnan(before)
    for row in np.flatnonzero(known.any(axis=1)).tolist():
        usual[row] = np.quantile(before[row][known[row]], USUAL)
    return np.divide(now, usual + by_chance(kinds), out=np.zeros(len(now)), where=kinds > 0)


def rise(counts: npt.NDArray[Any], expected: npt.NDArray[Any]) -> Floats:
    """Return the deviance of counts above what is expected; 0 for those below.

    >>> rise(np.array([0, 20]), np.array([5.0, 5.0])).round(1).tolist()
    [0.0, 25.5]
    """
    above: Floats = np.where(counts > expected, deviance(counts, expected), 0.0)
    return above
