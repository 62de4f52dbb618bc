"""What a search is asked with, as its caller writes it: turned into a `Question`, or refused with a clear error.

Between `Ledger.search` and the search itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TypedDict

from ..domain.errors import InvalidArgumentError
from ..domain.events import KIND_NAMES, Kind
from ..domain.timestamps import to_instant_ns
from .reading import EVER, Window
from .search import Question
from .search_order import OrderKey

Instant = datetime | str | int

TRACE_DIGITS = 32


class SearchArguments(TypedDict, total=False):
    """The arguments of `Ledger.search` that say which events are meant, and how many."""

    since: Instant | None
    until: Instant | None
    service: str | None
    resource: str | None
    trace_id: str | None
    severity: int | None
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
    severity: int | None = None,
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
    if order not in ("time", "newest"):
        raise InvalidArgumentError(f"order {order!r} is unknown: give 'time' or 'newest'")
    if limit is not None and limit < 0:
        raise InvalidArgumentError(f"limit {limit} is negative: give 0 or more, or None for all")
    newest_first = order == "newest"
    strings = {"service": service, "resource": resource, "format": format, "name": name}
    question = Question(
        window=Window(0, time_bounds(since, until)),
        strings={column: value for column, value in strings.items() if value is not None},
        trace=None if trace_id is None else trace_halves(trace_id),
        severity=severity,
        kinds=kind_numbers(kind),
        text=text.encode() if isinstance(text, str) else text,
        limit=limit,
        newest_first=newest_first,
    )
    return question if after is None else question.behind(OrderKey.parse(after, newest_first=newest_first))


def time_bounds(since: Instant | None, until: Instant | None) -> tuple[int, int]:
    """Return first and last nanosecond of a range that excludes its end.

    >>> time_bounds(5, 9)
    (5, 8)
    """
    first = EVER[0] if since is None else to_instant_ns(since)
    return first, EVER[1] if until is None else to_instant_ns(until) - 1


def trace_halves(trace_id: str) -> tuple[int, int]:
    """Return the two halves of a trace id, as the column holds them.

    >>> trace_halves("0af7651916cd43dd8448eb211c80319c")[0] == 0x0AF7651916CD43DD
    True

    Raises:
        InvalidArgumentError: it is no hexadecimal number of up to 32 digits.
    """
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
        InvalidArgumentError: an unknown name.
    """
    if kinds is None:
        return None
    listed = [kinds] if isinstance(kinds, str | int) else list(kinds)
    unknown = [kind for kind in listed if isinstance(kind, str) and kind not in KIND_NAMES]
    if unknown:
        raise InvalidArgumentError(f"unknown kind {unknown[0]!r}: known are {', '.join(KIND_NAMES)}")
    return frozenset(int(KIND_NAMES[kind] if isinstance(kind, str) else kind) for kind in listed)
