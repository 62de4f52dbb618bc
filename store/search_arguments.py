"""What a search is asked with, as its caller writes it: turned into a `Question`, or refused with a clear error.

Between `Ledger.search` and the search itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from types import NoneType
from typing import TypedDict

from ..domain.arguments import check_choice, check_count, check_type
from ..domain.errors import InvalidArgumentError
from ..domain.events import KIND_NAMES, Kind
from ..domain.severity import SEVERITY_OF_TEXT
from ..domain.timestamps import window_ns
from .reading import EVER, Window
from .search import Question
from .search_order import OrderKey

Instant = datetime | str | int

TRACE_DIGITS = 32

MOST_SEVERE = 24
"""Highest severity number of OpenTelemetry."""


class SearchArguments(TypedDict, total=False):
    """The arguments of `Ledger.search` that say which events are meant, and how many."""

    since: Instant | None
    until: Instant | None
    service: str | None
    resource: str | None
    trace_id: str | None
    severity: int | str | None
    kind: Kind | str | Sequence[Kind | str] | None
    format: str | None
    name: str | None
    text: str | bytes | None
    limit: int | None
    order: str


def ask(
    *,
    since: Instant | None = None,
    until: Instant | None = None,
    service: str | None = None,
    resource: str | None = None,
    trace_id: str | None = None,
    severity: int | str | None = None,
    kind: Kind | str | Sequence[Kind | str] | None = None,
    format: str | None = None,
    name: str | None = None,
    text: str | bytes | None = None,
    limit: int | None = 100,
    order: str = "time",
    after: str | None = None,
) -> Question:
    """Return the question that the arguments of a search make.

    >>> ask(service="cart", severity=17).columns()
    ['occurred_at', 'service', 'severity']

    Raises:
        InvalidArgumentError: one is wrong.
    """
    newest_first = check_choice("order", order, ("time", "newest")) == "newest"
    strings = {"service": service, "resource": resource, "format": format, "name": name}
    for column, value in strings.items():
        check_type(column, value, (str, NoneType), "give a text, or leave it out")
    check_type("text", text, (str, bytes, NoneType), "give the text or the bytes to look for")
    question = Question(
        window=Window(occurred=time_bounds(since, until)),
        strings={column: value for column, value in strings.items() if value is not None},
        trace=None if trace_id is None else trace_halves(trace_id),
        severity=None if severity is None else severity_number(severity),
        kinds=kind_numbers(kind),
        text=text.encode() if isinstance(text, str) else text,
        limit=None if limit is None else check_count("limit", limit),
        newest_first=newest_first,
    )
    return question if after is None else question.behind(OrderKey.parse(after, newest_first=newest_first))


def time_bounds(since: Instant | None, until: Instant | None) -> tuple[int, int]:
    """Return first and last nanosecond of a range that excludes its end.

    >>> time_bounds(5, 9)
    (5, 8)

    Raises:
        InvalidArgumentError: one is no time, or `since` is after `until`.
    """
    first, end = window_ns(since, until)
    return EVER[0] if first is None else first, EVER[1] if end is None else end - 1


def severity_number(severity: int | str) -> int:
    """Return a severity as OpenTelemetry's number, from a number or a level's name.

    >>> severity_number("error"), severity_number(17)
    (17, 17)

    Raises:
        InvalidArgumentError: it is neither.
    """
    if isinstance(severity, str):
        number = SEVERITY_OF_TEXT.get(severity.lower())
        if number is None:
            raise InvalidArgumentError(f"unknown severity {severity!r}: give a level like 'error', or its number")
        return number
    if check_count("severity", severity) > MOST_SEVERE:
        raise InvalidArgumentError(f"severity={severity} is too large: give 0 to {MOST_SEVERE}, or a name like 'error'")
    return int(severity)


def trace_halves(trace_id: str) -> tuple[int, int]:
    """Return the two halves of a trace id, as the column holds them.

    >>> trace_halves("0af7651916cd43dd8448eb211c80319c")[0] == 0x0AF7651916CD43DD
    True

    Raises:
        InvalidArgumentError: it is no hexadecimal number of up to 32 digits.
    """
    check_type("trace_id", trace_id, str, "give its hexadecimal digits")
    try:
        number = int(trace_id, 16)
    except ValueError:
        number = -1
    if not 0 < number < 1 << (4 * TRACE_DIGITS):
        raise InvalidArgumentError(f"trace_id {trace_id!r} is not a hexadecimal number of up to {TRACE_DIGITS} digits")
    return number >> 64, number & ((1 << 64) - 1)


def kind_numbers(kinds: Kind | str | Iterable[Kind | str] | None) -> frozenset[int] | None:
    """Return kinds as numbers, from names or `Kind`s.

    >>> sorted(kind_numbers(["log.recorded", Kind.COST_RECORDED]))
    [1, 6]

    Raises:
        InvalidArgumentError: an unknown name or number.
    """
    if kinds is None:
        return None
    listed = list(kinds) if isinstance(kinds, Iterable) and not isinstance(kinds, str) else [kinds]
    known = {*KIND_NAMES, *KIND_NAMES.values()}
    unknown = [kind for kind in listed if kind not in known]
    if unknown:
        raise InvalidArgumentError(f"unknown kind {unknown[0]!r}: known are {', '.join(KIND_NAMES)}")
    return frozenset(int(KIND_NAMES[kind] if isinstance(kind, str) else kind) for kind in listed)


def starts(after: int | Mapping[str, int] | None) -> Callable[[str], int]:
    """Return what tells behind which position of a stream reading begins.

    >>> starts({"app": 7})("app"), starts({"app": 7})("other"), starts(3)("app")
    (7, 0, 3)

    Raises:
        InvalidArgumentError: a position is no whole number, or negative.
    """
    if isinstance(after, Mapping):
        behind = {stream: check_count(f"after[{stream!r}]", position) for stream, position in after.items()}
        return lambda stream: behind.get(stream, 0)
    everywhere = 0 if after is None else check_count("after", after)
    return lambda stream: everywhere
