"""Read one time in any of the forms that cloud logs write.

Between a parser and an event: the slow, complete path behind `columns`. Forms: RFC 3339 and its looser relatives
(space for T, no zone, compact, y/m/d, Go's `time.String`), Common Log Format, Azure's m/d/y with AM/PM, HTTP dates,
asctime, .NET's `/Date(ms)/`, and epoch numbers of every unit. A time without a zone is UTC: all three providers
document UTC for their fields.
"""

from __future__ import annotations

import re
from datetime import date
from typing import Final

from .epoch import epoch_decimal_ns, epoch_number_ns, in_range

_DAY_S: Final = 86_400
_EPOCH_ORDINAL: Final = date(1970, 1, 1).toordinal()
_MAX_TEXT: Final = 80
"""Chosen: the longest form listed, Go's with its monotonic clock, has about 65 characters; longer text is no time."""

_CLOCK: Final = r"(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.,](?P<fraction>\d+))?)?"
_GO_ZONE: Final = r"(?P<offset>[+-]\d{4})\s+(?:[A-Z]{2,5}|[+-]\d{2,4})(?:\s+m=[+-]\d+\.\d+)?"
"""An offset, its name, and the monotonic clock: https://pkg.go.dev/time#Time.String."""

_ZONE: Final = rf"\s*(?P<half>[AaPp][Mm])?\s*(?:(?P<zone>[Zz]|UTC|GMT|[+-]\d{{2}}(?::?\d{{2}})?)|{_GO_ZONE})?"
_MONTH_NAME: Final = r"(?P<month_name>[A-Za-z]{3})"
_FORMS: Final = tuple(
    re.compile(form + _ZONE, re.ASCII)
    for form in (
        rf"(?P<year>\d{{4}})(?P<separator>[-/])(?P<month>\d{{1,2}})(?P=separator)(?P<day>\d{{1,2}})(?:(?:[Tt]|\s+){_CLOCK})?",
        rf"(?P<month>\d{{1,2}})/(?P<day>\d{{1,2}})/(?P<year>\d{{4}})(?:,?\s+{_CLOCK})?",
        rf"\[?(?P<day>\d{{1,2}})/{_MONTH_NAME}/(?P<year>\d{{4}}):{_CLOCK}",
        rf"(?:[A-Za-z]{{3}},\s*)?(?P<day>\d{{1,2}})[ -]{_MONTH_NAME}[ -](?P<year>\d{{4}})\s+{_CLOCK}",
        rf"\[?[A-Za-z]{{3}}\s+{_MONTH_NAME}\s+(?P<day>\d{{1,2}})\s+{_CLOCK}\s+(?P<year>\d{{4}})",
        r"(?P<year>\d{4})(?P<month>\d{2})(?P<day>\d{2})T(?P<hour>\d{2})(?P<minute>\d{2})(?P<second>\d{2})(?:\.(?P<fraction>\d+))?",
    )
)
_MONTHS: Final = {
    name: number
    for number, name in enumerate(
        ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"], start=1
    )
}
_DOTNET_DATE: Final = re.compile(r"/Date\((-?\d+)(?:[+-]\d{4})?\)/", re.ASCII)
"""Milliseconds; the offset tells where they were written and does not move them.
https://learn.microsoft.com/dotnet/standard/datetime/system-text-json-support."""

_NUMBER: Final = re.compile(r"[+-]?\d+(?:\.\d*)?(?:[eE][+-]?\d{1,3})?", re.ASCII)
_SPACED_COLON: Final = re.compile(r"\s*:\s*")


def parse_timestamp_ns(text: str | int | float | None, *, unit: str | None = None) -> int | None:
    """Return an instant as integer nanoseconds UTC, or None where there is no time or 64 bits cannot hold it.

    Digits below a nanosecond are cut. A leap second counts as the next second.

    Args:
        text: a time in any listed form, or an epoch number (int, float or decimal text).
        unit: `s`, `ms`, `us` or `ns` for numbers; None guesses by magnitude.

    >>> parse_timestamp_ns("2000-10-10T13:55:36.123456789+02:00")
    971178936123456789
    >>> parse_timestamp_ns("10/Oct/2000:13:55:36 +0000") == parse_timestamp_ns("971186136")
    True
    >>> parse_timestamp_ns("yesterday") is None
    True
    """
    if not isinstance(text, str):
        return None if text is None else epoch_number_ns(text, unit)
    text = text.strip().strip('"')
    if not text or len(text) > _MAX_TEXT:
        return None
    if _NUMBER.fullmatch(text):
        return epoch_decimal_ns(text, unit)
    if dotnet := _DOTNET_DATE.fullmatch(text):
        return epoch_decimal_ns(dotnet[1], "ms")
    return _parse_calendar_ns(_SPACED_COLON.sub(":", text).rstrip("]"))


def _parse_calendar_ns(text: str) -> int | None:
    for form in _FORMS:
        match = form.fullmatch(text)
        if match is not None:
            return _instant_ns(match.groupdict())
    return None


def _instant_ns(part: dict[str, str | None]) -> int | None:
    month_name = part.get("month_name")
    month = _MONTHS.get(month_name.lower(), 0) if month_name else int(part["month"] or 0)
    try:
        days = date(int(part["year"] or 0), month, int(part["day"] or 0)).toordinal() - _EPOCH_ORDINAL
    except ValueError:
        return None
    clock_s, offset_s = _clock_s(part), _offset_s(part["zone"] or part["offset"])
    if clock_s is None or offset_s is None:
        return None
    fraction_ns = int((part["fraction"] or "0")[:9].ljust(9, "0"))
    return in_range((days * _DAY_S + clock_s - offset_s) * 10**9 + fraction_ns)


def _clock_s(part: dict[str, str | None]) -> int | None:
    hour, minute, second = (int(part[name] or 0) for name in ("hour", "minute", "second"))
    half = part["half"]
    if half is not None:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if half.lower() == "pm" else 0)
    if hour > 23 or minute > 59 or second > 60:
        return None
    return hour * 3600 + minute * 60 + second


def _offset_s(zone: str | None) -> int | None:
    if zone is None or zone[0] not in "+-":
        return 0
    hours, minutes = int(zone[1:3]), int(zone[3:].lstrip(":") or 0)
    if hours > 23 or minutes > 59:
        return None
    return (hours * 3600 + minutes * 60) * (-1 if zone[0] == "-" else 1)
