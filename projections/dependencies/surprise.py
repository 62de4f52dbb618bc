"""How surprising counts are: against what was usual, and against how much they usually vary.

Used by the signals of root-cause search. A Poisson deviance says how far counts lie from expectation by chance alone;
dividing by the deviance that calm times of the same length show keeps habitually restless services quiet.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from .quantile_places import quantiles

Floats = npt.NDArray[np.float64]

USUAL = 0.75
"""Quantile of the deviance of earlier windows that counts as usual: robust while less than a quarter of them were
incidents themselves."""


_RARELY = 3.09
"""Normal quantile of one in a thousand: dozens of services are watched by several signals each, so that one in twenty
would cry wolf in every window."""


def by_chance(kinds: npt.NDArray[Any]) -> Floats:
    """Return the summed deviance of some counts that chance exceeds once in a thousand.

    Chi-squared by the approximation of Wilson and Hilferty (1931).

    >>> by_chance(np.array([1, 16])).round(1).tolist()
    [11.2, 39.4]
    """
    ninth = 2.0 / (9.0 * np.maximum(kinds, 1))
    quantile: Floats = kinds * (1.0 - ninth + _RARELY * np.sqrt(ninth)) ** 3
    return quantile


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

    >>> habituated(np.array([60.0]), np.array([[10.0, 10.0, 12.0]]), np.array([8])).round(1).tolist()
    [1.6]
    """
    usual = np.zeros(len(now))
    counts = np.count_nonzero(~np.isnan(before), axis=1)
    rows = np.flatnonzero(counts)
    ordered = np.sort(before, axis=1)  # what is not known comes last
    usual[rows] = quantiles(ordered.reshape(-1), rows * before.shape[1], counts[rows], USUAL)
    return np.divide(now, usual + by_chance(kinds), out=np.zeros(len(now)), where=kinds > 0)


def change(
    counts: npt.NDArray[Any], exposure: npt.NDArray[Any], usual: npt.NDArray[Any], usual_exposure: npt.NDArray[Any]
) -> Floats:
    """Return the deviance of two counts from a common rate: how surely the rate changed.

    What is usual is known no better than it was watched: a short calm before says little.

    >>> one, ten = np.array([1.0]), np.array([10.0])
    >>> change(6 * one, one, 0 * one, one).round(1).tolist(), change(6 * one, one, 0 * one, ten).round(1).tolist()
    ([8.3], [28.8])
    """
    rate = np.divide(counts + usual, exposure + usual_exposure, out=np.zeros(np.shape(counts)), where=exposure > 0)
    return deviance(counts, rate * exposure) + deviance(np.broadcast_to(usual, np.shape(rate)), rate * usual_exposure)


def rise(
    counts: npt.NDArray[Any], exposure: npt.NDArray[Any], usual: npt.NDArray[Any], usual_exposure: npt.NDArray[Any]
) -> Floats:
    """Return the deviance as `change` does, but 0 where the rate did not rise.

    >>> one = np.array([1.0])
    >>> rise(2 * one, one, 9 * one, one).tolist()
    [0.0]
    """
    rose: Floats = np.where(
        counts * usual_exposure > usual * exposure, change(counts, exposure, usual, usual_exposure), 0.0
    )
    return rose
