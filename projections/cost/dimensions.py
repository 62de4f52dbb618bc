"""What answers can be grouped by, and how a group is written for people.

`by` takes one name or several; unknown names are told what is known.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from ...domain.errors import InvalidArgumentError
from .frame import Frame
from .log_place import resource_of_place

DIMENSIONS = (
    "service",
    "provider",
    "account",
    "region",
    "resource",
    "format",
    "severity",
    "template",
    "day",
    "hour",
    "log_class",
)

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SEVERITIES = ("TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL")


def dimensions_of(by: str | Sequence[str], *, without: Sequence[str] = ()) -> tuple[str, ...]:
    """Return the dimensions that a `by` names, each once.

    >>> dimensions_of("service"), dimensions_of(["day", "service", "day"])
    (('service',), ('day', 'service'))

    Raises:
        InvalidArgumentError: an unknown dimension.
    """
    names = tuple(dict.fromkeys([by] if isinstance(by, str) else by))
    known = [name for name in DIMENSIONS if name not in without]
    for name in names:
        if name not in known:
            raise InvalidArgumentError(f"cannot group by {name!r}: known are {', '.join(known)}")
    return names


def severity_name(number: int) -> str:
    """Return the OpenTelemetry range of a severity number.

    >>> severity_name(5), severity_name(18), severity_name(0)
    ('DEBUG', 'ERROR', '')
    """
    return _SEVERITIES[(number - 1) // 4] if 1 <= number <= 24 else ""


def template_name(number: int) -> str:
    """Return a template's hash in hexadecimal, empty for none.

    >>> template_name(-1), template_name(0)
    ('ffffffffffffffff', '')
    """
    return f"{number & 0xFFFFFFFFFFFFFFFF:016x}" if number else ""


def day_name(day: int) -> str:
    """Return a day since the epoch as its date.

    >>> day_name(1)
    '1970-01-02'
    """
    return (_EPOCH + timedelta(days=day)).date().isoformat()


def hour_name(hour: int) -> str:
    """Return an hour since the epoch as its start.

    >>> hour_name(25)
    '1970-01-02T01:00:00Z'
    """
    return (_EPOCH + timedelta(hours=hour)).strftime("%Y-%m-%dT%H:%M:%SZ")


_NAMES: dict[str, Callable[[int], str]] = {
    "severity": severity_name,
    "template": template_name,
    "day": day_name,
    "hour": hour_name,
}


def labels(frame: Frame, by: Sequence[str]) -> list[dict[str, str]]:
    """Return each row's group as text.

    >>> import numpy as np
    >>> labels(Frame({"severity": np.array([9])}, {}), ["severity"])
    [{'severity': 'INFO'}]
    """
    columns = [_texts(frame, name) for name in by]
    rows: list[tuple[str, ...]] = list(zip(*columns, strict=True)) if columns else [()] * len(frame)
    return [dict(zip(by, row, strict=True)) for row in rows]


def _texts(frame: Frame, name: str) -> list[str]:
    if name == "resource" and {"account", "region"} <= set(frame.columns):
        places: Any = zip(frame.text("resource"), frame.text("account"), frame.text("region"), strict=True)
        return [resource_of_place(*place) for place in places]
    if name in frame.dictionaries:
        return frame.text(name)
    return [_NAMES[name](value) for value in frame[name].tolist()]


def grouped_by(by: Sequence[str]) -> tuple[str, ...]:
    """Return the columns to group by: a resource is only known with its account and region.

    >>> grouped_by(("resource", "day"))
    ('resource', 'day', 'account', 'region')
    """
    if "resource" not in by:
        return tuple(by)
    return tuple(dict.fromkeys((*by, "account", "region")))
