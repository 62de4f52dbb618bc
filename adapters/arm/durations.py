"""Durations as Resource Manager writes them: ISO 8601, with seven decimals of a second.

Under the parser of deployments, which tells from it when something began. See
https://learn.microsoft.com/rest/api/resources/deployments/get.
"""

from __future__ import annotations

import re
from typing import Any, Final

_DURATION: Final = re.compile(
    r"P(?:(\d{1,5})D)?(?:T(?:(\d{1,5})H)?(?:(\d{1,7})M)?(?:(\d{1,9})(?:\.(\d{1,9})\d*)?S)?)?", re.ASCII
)
_NS: Final = (86_400_000_000_000, 3_600_000_000_000, 60_000_000_000, 1_000_000_000)


def duration_ns(text: Any) -> int | None:
    """Return the nanoseconds of a duration; None for what is none.

    >>> duration_ns("PT1M2.8150879S"), duration_ns("P1DT1H"), duration_ns("soon")
    (62815087900, 90000000000000, None)
    """
    found = _DURATION.fullmatch(text) if isinstance(text, str) else None
    if found is None or not any(found.groups()):
        return None
    *whole, fraction = found.groups("")
    return sum(int(part or 0) * unit for part, unit in zip(whole, _NS, strict=True)) + int(fraction.ljust(9, "0"))
