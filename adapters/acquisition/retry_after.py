"""How long a provider asks to wait, as its headers say it.

See https://www.rfc-editor.org/rfc/rfc9110#section-10.2.3 (`Retry-After`: seconds or a date); Azure has further headers
in milliseconds and, for Cost Management, one per quota of which the longest counts.
"""

from __future__ import annotations

from collections.abc import Mapping
from email.utils import parsedate_to_datetime

_MILLISECONDS = ("x-ms-retry-after-ms", "retry-after-ms", "x-amz-retry-after")
_COST_QUOTA = "x-ms-ratelimit-microsoft.costmanagement-"


def retry_after_s(headers: Mapping[str, str], now_ns: int) -> float | None:
    """Return the longest delay that headers ask for; None where they ask for none that can be read.

    >>> retry_after_s({"Retry-After": "7"}, 0), retry_after_s({"x-ms-retry-after-ms": "250"}, 0)
    (7.0, 0.25)
    """
    delays = [delay for name, text in headers.items() if (delay := _delay(name.lower(), text, now_ns)) is not None]
    return max(delays, default=None)


def _delay(name: str, text: str, now_ns: int) -> float | None:
    if name in _MILLISECONDS:
        seconds = _number(text)
        return None if seconds is None else seconds / 1000
    if name == "retry-after":
        seconds = _number(text)
        return _until_date(text, now_ns) if seconds is None else seconds
    return _number(text) if name.startswith(_COST_QUOTA) and name.endswith("-retry-after") else None


def _number(text: str) -> float | None:
    try:
        return max(0.0, float(text))
    except ValueError:
        return None


def _until_date(text: str, now_ns: int) -> float | None:
    try:
        return max(0.0, parsedate_to_datetime(text).timestamp() - now_ns / 1e9)
    except ValueError:
        return None
