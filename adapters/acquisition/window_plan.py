"""Which windows one poll reads: what is new, and an overlap behind it for late entries, in two tiers.

Between a cursor and the engine; pure, so that its law can be tested: an entry that becomes visible at most
`deep_s - deep_every_s` after its time is read, whatever pauses there were.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from .settings import Overlap, WindowSettings
from .window import NS, Window, cut
from .window_cursor import WindowCursor


class Step(msgspec.Struct, frozen=True):
    """One window of a poll, and the cursor's place after it."""

    window: Window
    done_ns: int
    deep_ns: int
    again: bool


def plan_poll(cursor: WindowCursor, settings: WindowSettings, overlap: Overlap, *, now_ns: int) -> Iterator[Step]:
    """Yield the windows of a poll, oldest first.

    Entries ahead of the clock are read (`ahead_s`), but the cursor never passes the clock.

    >>> steps = plan_poll(WindowCursor(start_ns=90 * NS), WindowSettings(), Overlap(), now_ns=100 * NS)
    >>> [(step.window.since_ns // NS, step.window.until_ns // NS, step.done_ns // NS) for step in steps]
    [(90, 100, 100)]
    """
    start, deep = _start(cursor, overlap, now_ns)
    reach = int(overlap.allows_late_s * NS)
    windows = list(cut(start, now_ns, int(settings.window_s * NS), int(settings.align_s * NS)))
    for number, window in enumerate(windows, 1):
        done = max(cursor.done_ns, min(window.until_ns, now_ns))
        # So that a deep reading which was broken off goes on where it was: the next one begins at this window's end.
        deep_ns = max(cursor.deep_ns, min(now_ns, window.until_ns + reach)) if deep else cursor.deep_ns
        ahead_ns = int(settings.ahead_s * NS) if number == len(windows) else 0
        yield Step(Window(window.since_ns, window.until_ns + ahead_ns), done, deep_ns, window.since_ns < cursor.done_ns)


def _start(cursor: WindowCursor, overlap: Overlap, now_ns: int) -> tuple[int, bool]:
    """Return where a poll begins, and whether it reads the deep overlap."""
    if not cursor.done_ns:
        return cursor.start_ns, True
    start = min(cursor.done_ns, now_ns) - int(overlap.each_poll_s * NS)
    every = int(overlap.deep_every_s * NS)
    due = now_ns - cursor.deep_ns >= every
    if due:
        # From the last deep reading on, not from now: a pause in between must not hide what came late before it.
        start = min(start, min(now_ns, cursor.deep_ns + every) - int(overlap.deep_s * NS))
    return max(start, cursor.start_ns), due
