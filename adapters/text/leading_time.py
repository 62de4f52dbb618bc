"""Read the time that a line of text starts with."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from ...domain.timestamps import rfc3339_column

_LEADING = re.compile(
    r"[\[(\"']?("
    r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d{1,9})?(?:Z| ?[+-]\d\d:?\d\d)?"
    r"|\d{4}/\d\d/\d\d \d\d:\d\d:\d\d(?:\.\d+)?"
    r"|\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d [+-]\d{4})"
)


def leading_times(lines: Sequence[str]) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.bool_]]:
    """Return the instants with which lines start (UTC where they name no offset), and which could be read.

    >>> leading_times(["2026-11-20 10:00:00,5 INFO x", "no time"])[1].tolist()
    [True, False]
    """
    match = _LEADING.match
    found = [f[1].replace(",", ".") if (f := match(line)) else "" for line in lines]
    return rfc3339_column([text.replace("/", "-", 2) if text[4:5] == "/" else text for text in found])
