"""How sure an edge is: evidence for and against it, per kind, as one number.

Each kind starts from its known precision (a Beta prior worth twenty observations), is moved by what agrees and what
contradicts, and is reported as the lower end of Wilson's 95 % interval. Kinds are independent witnesses: combined by
noisy-or, never to certainty.
"""

from __future__ import annotations

from collections.abc import Iterable
from math import sqrt

PRIOR_WEIGHT = 20.0
"""Observations that a prior counts for. Chosen: a handful of records cannot overturn what is known of a kind."""

MAX_CONFIDENCE = 0.999

PRIORS = (0.995, 0.99, 0.95, 0.74)
"""Precision to start from, by `Tier`: ids and named peers are right but for naming faults; nesting measured between
0.98 (clean clocks) and 0.81 (clocks of milliseconds, loss); 0.74 measured without span ids."""

_Z = 1.96


def tier_confidence(tier: int, agree: float, contradict: float) -> float:
    """Return the confidence that one kind of evidence gives.

    >>> round(tier_confidence(0, 50, 0), 2), round(tier_confidence(2, 50, 100), 2)
    (0.95, 0.33)
    """
    observed = PRIOR_WEIGHT + agree + contradict
    return wilson_lower((PRIORS[tier] * PRIOR_WEIGHT + agree) / observed, observed)


def combined(confidences: Iterable[float]) -> float:
    """Return the confidence of independent kinds together.

    >>> round(combined([0.5, 0.8]), 3)
    0.9
    """
    doubt = 1.0
    for confidence in confidences:
        doubt *= 1.0 - confidence
    return min(MAX_CONFIDENCE, 1.0 - doubt)


def wilson_lower(share: float, observed: float) -> float:
    """Return the lower end of Wilson's 95 % interval of a share.

    >>> round(wilson_lower(0.9, 100), 3)
    0.826
    """
    square = _Z * _Z / observed
    middle = share + square / 2
    spread = _Z * sqrt(share * (1 - share) / observed + square / (4 * observed))
    return (middle - spread) / (1 + square)
