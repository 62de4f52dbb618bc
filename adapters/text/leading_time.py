"""Read the time that a line of text starts with."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from ...domain.timestamps import rfc3339_column

_LEADING = re.compile(
    r"[\[(\"']?(?:(\d{4})[-/](\d\d)[-/](\d\d)[T ](\d\d:\d\d:\d\d)(?:[.,](\d{1,9}))?(?: ?(Z|[+-]\d\d:?\d\d))?(?!\d)"
    r"|(\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d [+-]\d{4}))"
)


def leading_times(lines: Sequence[str]) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.bool_]]:
    """Return the instants with which lines start (UTC where they name no offset), and which could be read.

    >>> leading_times(["2026-11-20 10:00:00,5 INFO x", "no time"])[1].tolist()
    [True, False]
    """
    match = _LEADING.match
    return rfc3339_column([_as_rfc3339(*found.groups()) if (found := match(line)) else "" for line in lines])


def _as_rfc3339(
    year: str | None, month: str, day: str, clock: str, fraction: str | None, zone: str | None, other: str | None
) -> str:
    """Write a time as the column reader's fast path wants it."""
    if year is None:
        return other or ""
    return f"{year}-{month}-{day}T{clock}.{fraction or 0}{zone or 'Z'}"
