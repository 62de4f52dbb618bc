"""Mark the lines of a chunk that may belong to a stack trace written as many records.

Between the text parsers and the linking of lines to their head. A line alone cannot tell whether it goes on with the
one before it (`ValueError: no` ends a Python trace, or is a message of its own), so that each gets a mark of what it
may be; `joining.trace_links`, which sees the lines of one writer in order, decides. Java, Python, Go, Node, .NET, Ruby,
PHP, Rust.
"""

from __future__ import annotations

import re
from enum import IntEnum
from typing import Final

import numpy as np
import numpy.typing as npt

from .chunk_text import ChunkText
from .line_forms import line_heads

Marks = npt.NDArray[np.uint8]


class Mark(IntEnum):
    """What a line may be in a stack trace."""

    NONE = 0
    FRAME = 1
    """Indented, or told by its words: goes on with what stands before it."""
    EXCEPTION = 2
    """Names an exception: begins a trace, or goes on with the failure that was logged right before it."""
    OPENER = 3
    """Begins the frames of a trace: `Traceback`, `goroutine 1 [running]:`, `Stack trace:`."""
    OPEN_FRAME = 4
    """A frame behind which a line that names the exception must come: Python's, and the caret that Node draws."""
    CLOSER = 5
    """Reads like `name: text`: ends a trace whose frames are open, else a line of its own."""
    GO_CALL = 6
    """A function of a Go trace, where a trace of Go stands before it, else a line of its own."""
    CHAIN = 7
    """Says that another trace of the same failure follows, or is a blank line within one."""


_INDENTED: Final = re.compile(
    r"[ \t]+(?:(File \"[^\"\n]+\", line \d+|[\^~]+\s*$)"
    r"|((?:\d{4}-\d\d|\d\d:\d\d|\[?(?:TRACE|DEBUG|INFO|NOTICE|WARN|WARNING|ERROR|FATAL|CRITICAL|SEVERE)\b)))"
)
_EXCEPTION: Final = re.compile(
    r"(?:Exception in thread \"[^\"\n]*\" |Unhandled exception[.:] |Uncaught |\[?[\w.]*Error\] )?"
    r"(?:[A-Za-z_$][\w$]*(?:\.|::|/))*[A-Za-z_$][\w$]*(?:Exception|Error|Throwable|Fault|Failure)(?:\$\w+)?"
    r"(?: \[\w+\])?(?::\s|:?\s*$)"
)
_WORDS: Final[tuple[tuple[re.Pattern[str], Mark], ...]] = (
    (re.compile(r"Traceback \(most recent call last\):"), Mark.OPENER),
    (re.compile(r"goroutine \d+ \["), Mark.OPENER),
    (re.compile(r"[Ss]tack (?:trace|backtrace):|stacktrace:"), Mark.OPENER),
    (re.compile(r"Caused by: |Suppressed: |\.\.\. \d+ (?:more|common)|--- End of |---> "), Mark.FRAME),
    (re.compile(r"During handling of the above|The above exception was"), Mark.CHAIN),
    (re.compile(r"panic: |fatal error: |thread '[^'\n]*'(?: \(\d+\))? panicked at "), Mark.EXCEPTION),
    (re.compile(r"created by |\[signal |exit status \d|goroutine running on "), Mark.GO_CALL),
    (re.compile(r"#\d+ (?:/|\{main\}|\[internal)|note: run with `RUST_BACKTRACE|Node\.js v\d"), Mark.FRAME),
    (re.compile(r"\s*$"), Mark.CHAIN),
)
_WORD: Final = re.compile("|".join(f"({pattern.pattern})" for pattern, _ in _WORDS))
_MARK_OF_GROUP: Final = (Mark.NONE, *(mark for _, mark in _WORDS))
_GO_CALL: Final = re.compile(r"[\w./*()\[\]~-]+(?:\.|\)\.)[\w.*()\[\]-]+\((?:0x[0-9a-f]+|\{|\.\.\.|\))")
_CLOSER: Final = re.compile(r"[A-Za-z_][\w.]*(?::\s|\s*$)")

_TELLING: Final = np.zeros(256, np.bool_)
_TELLING[list(b" \t\r\n#.-[$_abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")] = True
"""First characters of lines that can have a mark; most lines start with the digits of a time, or with a brace."""

MAX_CALL: Final = 512
"""How much of a line tells that it names a function or an exception. Chosen: far above the longest qualified names."""

CONTEXT_ROWS: Final = 64
"""First lines of a chunk whose trace may have begun in the chunk before. Chosen: more writers than that are rarely
within a trace at once."""


def mark_lines(text: ChunkText) -> Marks:
    r"""Return what each line may be in a stack trace.

    >>> mark_lines(ChunkText(["order paid", "\tat a.B.c(B.java:7)", "java.io.IOException: closed"])).tolist()
    [0, 1, 2]
    """
    marks = np.zeros(len(text.messages), np.uint8)
    first = line_heads(text, 1)[:, 0]
    for row in np.flatnonzero(_TELLING[first]).tolist():
        marks[row] = _mark(text.messages[row])
    return _with_context(text, marks)


def _mark(line: str) -> Mark:
    if line[:1] in (" ", "\t"):
        return _indented(line)
    if found := _WORD.match(line):
        return _MARK_OF_GROUP[found.lastindex or 0]
    # Measured: 0.1 us a line; a loop over the words takes 0.8 us.
    named = "Exception" in line or "Error" in line or "Throwable" in line or "Fault" in line or "Failure" in line
    return Mark.EXCEPTION if named and _EXCEPTION.match(line, 0, MAX_CALL) else Mark.NONE


def _indented(line: str) -> Mark:
    found = _INDENTED.match(line)
    if found is None:
        return Mark.FRAME if line.strip() else Mark.CHAIN
    return Mark.OPEN_FRAME if found[1] else Mark.NONE


def _with_context(text: ChunkText, marks: Marks) -> Marks:
    """Mark what is part of a trace only behind its frames, where there are such frames."""
    opened = (marks == Mark.OPEN_FRAME) | (marks == Mark.OPENER)
    unmarked = np.flatnonzero(marks == Mark.NONE).tolist()
    for row in unmarked if opened.any() else unmarked[:CONTEXT_ROWS]:
        line = text.messages[row]
        if _CLOSER.match(line, 0, MAX_CALL):
            marks[row] = Mark.CLOSER
        elif _GO_CALL.match(line, 0, MAX_CALL):
            marks[row] = Mark.GO_CALL
    return marks
