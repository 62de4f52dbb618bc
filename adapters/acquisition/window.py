"""Windows: half-open spans of time that are read as a whole, and gaps: windows that could not be."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import NamedTuple

import msgspec

NS = 1_000_000_000

Instant = datetime | str | int


class Window(NamedTuple):
    """The instants from `since_ns` on, before `until_ns`.

    >>> Window(0, 10).halves(least_ns=2)
    (Window(since_ns=0, until_ns=5), Window(since_ns=5, until_ns=10))
    """

    since_ns: int
    until_ns: int

    def halves(self, *, least_ns: int, align_ns: int = 0) -> tuple[Window, ...]:
        """Return two halves; none where they would be shorter than the least, or cannot be aligned."""
        middle = (self.since_ns + self.until_ns) // 2
        middle -= middle % align_ns if align_ns else 0
        if min(middle - self.since_ns, self.until_ns - middle) < max(least_ns, 1):
            return ()
        return Window(self.since_ns, middle), Window(middle, self.until_ns)


class Gap(msgspec.Struct, frozen=True, array_like=True):
    """A window of which entries are missing, and when it shall be read again."""

    since_ns: int
    until_ns: int
    reason: str
    found_ns: int
    attempts: int = 0
    next_ns: int = 0

    @property
    def window(self) -> Window:
        """The time that it spans."""
        return Window(self.since_ns, self.until_ns)


def cut(since_ns: int, until_ns: int, span_ns: int, align_ns: int = 0) -> Iterator[Window]:
    """Yield the windows that cover a span of time, oldest first, none longer than `span_ns`.

    >>> [tuple(window) for window in cut(5, 25, 10)]
    [(5, 15), (15, 25)]
    >>> [tuple(window) for window in cut(5, 25, 10, align_ns=10)]
    [(0, 10), (10, 20), (20, 30)]
    """
    if align_ns:
        since_ns, until_ns = since_ns - since_ns % align_ns, until_ns + -until_ns % align_ns
        span_ns = max(align_ns, span_ns - span_ns % align_ns)
    while since_ns < until_ns:
        end = min(until_ns, since_ns + span_ns)
        yield Window(since_ns, end)
        since_ns = end


def merged(gaps: Iterable[Gap]) -> list[Gap]:
    """Return gaps with those joined that touch each other and have the same reason.

    >>> [tuple(gap.window) for gap in merged([Gap(5, 9, "partial", 0), Gap(0, 5, "partial", 0)])]
    [(0, 9)]
    """
    joined: list[Gap] = []
    for gap in sorted(gaps, key=lambda gap: gap.since_ns):
        if joined and joined[-1].until_ns == gap.since_ns and joined[-1].reason == gap.reason:
            gap = msgspec.structs.replace(joined.pop(), until_ns=gap.until_ns)
        joined.append(gap)
    return joined


def uncovered(gaps: Iterable[Gap], known: Iterable[Gap]) -> list[Gap]:
    """Return the parts of gaps that no known gap spans.

    >>> [tuple(gap.window) for gap in uncovered([Gap(0, 9, "partial", 0)], [Gap(2, 4, "partial", 0)])]
    [(0, 2), (4, 9)]
    """
    left = list(gaps)
    for other in known:
        spans = [(gap, gap.since_ns, min(gap.until_ns, other.since_ns)) for gap in left]
        spans += [(gap, max(gap.since_ns, other.until_ns), gap.until_ns) for gap in left]
        left = [
            msgspec.structs.replace(gap, since_ns=since, until_ns=until) for gap, since, until in spans if since < until
        ]
    return left
