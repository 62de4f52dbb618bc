"""Decide line by line what a record of one writer goes on with: the small machine behind linked stack traces.

Its input are the marks of `text.trace_lines`. A trace begins with the failure that was logged right before it, else
with its own first line.
"""

from __future__ import annotations

from enum import IntEnum
from typing import Final, NamedTuple

from ...domain.severity import Severity
from ..text.trace_lines import Mark

MAX_GAP_NS: Final = 10 * 10**9
"""Time between lines of one trace at most. Chosen: agents that join lines wait for 1 to 5 s."""


class Mode(IntEnum):
    """How far a writer is in a trace."""

    PLAIN = 0
    TRACE = 1
    OPEN = 2
    """The line that names the exception is still to come."""
    CLOSED = 3
    """That line came; only another trace that says so belongs to it."""
    CHAINED = 4
    GO = 5


class Last(NamedTuple):
    """What stands before a line: the head of its trace, when its last line came, how bad it was, and the mode.

    `head` is the 32 hexadecimal digits of the head's event id.
    """

    head: str
    at_ns: int
    severity: int = 0
    mode: Mode = Mode.PLAIN


def step(last: Last | None, mark: int, own: Last) -> tuple[bool, Last]:
    """Return whether a marked line goes on with what stands before it, and what stands before the next.

    Args:
        last: what stands before the line; None where that is not known.
        mark: what the line may be.
        own: the line itself, as head of its own.

    >>> step(Last("a1", 0, 17), Mark.EXCEPTION, Last("b2", 0))
    (True, Last(head='a1', at_ns=0, severity=17, mode=<Mode.TRACE: 1>))
    """
    if last is None or (last.at_ns and own.at_ns and not -MAX_GAP_NS <= own.at_ns - last.at_ns <= MAX_GAP_NS):
        return False, own._replace(mode=_ALONE.get(mark, Mode.PLAIN))
    mode = _NEXT.get((last.mode, mark))
    if mode is None and last.mode is Mode.PLAIN and last.severity >= Severity.WARN:
        mode = _AFTER_FAILURE.get(mark)
    if mode is not None:
        return True, last._replace(at_ns=own.at_ns or last.at_ns, mode=mode)
    if mark == Mark.CHAIN:  # a blank line outside of a trace
        return False, last
    return False, own._replace(mode=_ALONE.get(mark, Mode.PLAIN))


_ALONE: Final[dict[int, Mode]] = {
    Mark.FRAME: Mode.TRACE,
    Mark.EXCEPTION: Mode.TRACE,
    Mark.OPENER: Mode.GO,
    Mark.OPEN_FRAME: Mode.OPEN,
}
"""Modes after a line that begins a trace, or whose head was not seen."""

_AFTER_FAILURE: Final[dict[int, Mode]] = {Mark.EXCEPTION: Mode.TRACE, Mark.OPENER: Mode.GO}
"""Modes after a line that goes on with a record only where that record is a warning or worse."""

_NEXT: Final[dict[tuple[Mode, int], Mode]] = {
    **{(mode, int(Mark.FRAME)): mode for mode in Mode},
    **{(mode, int(Mark.OPEN_FRAME)): Mode.OPEN for mode in Mode},
    **{(mode, int(Mark.CHAIN)): mode for mode in Mode if mode is not Mode.PLAIN},
    (Mode.PLAIN, Mark.FRAME): Mode.TRACE,
    (Mode.CHAINED, Mark.FRAME): Mode.CLOSED,
    (Mode.CLOSED, Mark.CHAIN): Mode.CHAINED,
    (Mode.TRACE, Mark.CHAIN): Mode.TRACE,
    (Mode.OPEN, Mark.EXCEPTION): Mode.CLOSED,
    (Mode.OPEN, Mark.CLOSER): Mode.CLOSED,
    (Mode.CHAINED, Mark.OPENER): Mode.GO,
    (Mode.TRACE, Mark.OPENER): Mode.GO,
    (Mode.GO, Mark.OPENER): Mode.GO,
    (Mode.GO, Mark.GO_CALL): Mode.GO,
    (Mode.TRACE, Mark.GO_CALL): Mode.GO,
}
"""The mode after a line that goes on with the trace before it."""
