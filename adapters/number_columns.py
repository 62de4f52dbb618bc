"""Turn what providers write as numbers into the number columns of a batch; what is no sane number is absent.

Providers write one number as an integer, a decimal text, a text with a unit (`0.005192s`), "-" or "": a field that
cannot be read is left out, its record is not.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from ..domain.columns import NO_DURATION

MAX_STATUS = 999
"""HTTP status codes have three digits; gRPC codes, which are smaller, share the column."""

_MAX_SIZE = 2**53
_MAX_DURATION_US = 2**60
"""Chosen: 36,000 years; what is longer is damage, and sums of it would overflow."""

_SECONDS_US = 1e6
_UNIT_US = {"ns": 1e-3, "us": 1.0, "ms": 1e3, "s": _SECONDS_US}

Ints = npt.NDArray[np.int64]


def status_column(values: Sequence[Any]) -> npt.NDArray[np.uint16]:
    """Return HTTP status codes, 0 where there is none.

    >>> status_column([200, "404", "-", None, 10**9, "503 Service Unavailable"]).tolist()
    [200, 404, 0, 0, 0, 503]
    """
    try:
        numbers = np.array([int(value) if value else 0 for value in values], np.int64)
    except (TypeError, ValueError, OverflowError):
        numbers = np.array([_whole(value) if value else 0 for value in values], np.int64)
    return np.where((numbers > 0) & (numbers <= MAX_STATUS), numbers, 0).astype(np.uint16)


def size_column(values: Sequence[Any]) -> Ints:
    """Return byte counts, 0 where there is none.

    >>> size_column([12, "780", "-", -1]).tolist()
    [12, 780, 0, 0]
    """
    numbers = np.array([_whole(value) for value in values], np.int64)
    return np.where(numbers > 0, numbers, 0)


def duration_column(values: Sequence[Any], unit: str) -> Ints:
    """Return durations in microseconds, -1 where there is none; a text may name its own unit.

    >>> duration_column([1.5, "0.25s", "", -1, "00:00:01.5"], "ms").tolist()
    [1500, 250000, -1, -1, 1500000]
    """
    scale = _UNIT_US[unit]
    try:
        numbers = np.array(list(map(float, values))) * scale
    except (TypeError, ValueError, OverflowError):
        numbers = np.array([math.nan if value is None else _microseconds(value, scale) for value in values])
    good = np.isfinite(numbers) & (numbers >= 0) & (numbers < _MAX_DURATION_US)
    return np.where(good, np.rint(np.where(good, numbers, 0)), NO_DURATION).astype(np.int64)


def _whole(value: Any) -> int:
    try:
        number = int(value.split(" ", 1)[0]) if isinstance(value, str) else int(value)
    except (TypeError, ValueError, OverflowError):
        return 0
    return number if -_MAX_SIZE < number < _MAX_SIZE else 0


def _microseconds(value: Any, scale: float) -> float:
    if not isinstance(value, str):
        return (
            float(value) * scale
            if isinstance(value, float) or (type(value) is int and abs(value) < _MAX_SIZE)
            else math.nan
        )
    text = value.strip()
    if text.count(":") == 2:  # .NET's TimeSpan, hh:mm:ss.fraction
        hours, minutes, seconds = text.split(":")
        return (_number(hours) * 3600 + _number(minutes) * 60 + _number(seconds)) * _SECONDS_US
    for unit in ("ms", "us", "ns", "s"):
        if text.endswith(unit):
            return _number(text.removesuffix(unit)) * _UNIT_US[unit]
    return _number(text) * scale


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return math.nan
