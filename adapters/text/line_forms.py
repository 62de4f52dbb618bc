"""Find the lines of a chunk that have a form that servers and daemons share: access logs, klog, syslog, logfmt.

Between the text parsers and their columns. The marks of each form are looked for in all lines at once; only lines that
carry one are read, by the module of the form. What a form does not say stays for the general reading of messages.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from .access_lines import access_attributes, access_facts
from .chunk_text import MAX_WINDOW, ChunkText
from .klog_line import klog_attributes, klog_facts
from .line_facts import LineFacts
from .logfmt_line import logfmt_attributes, logfmt_facts
from .syslog_line import syslog_attributes, syslog_facts

MAX_LINE: Final = 8192
"""Longer lines are payloads, not the forms looked for here."""

_AFTER_TIME: Final = '] "'
_PAIRS: Final = ("evel=", "msg=", "lvl=", "ts=", "time=")
_DIGIT, _UPPER, _LOWER, _HOST = (np.zeros(256, np.bool_) for _ in range(4))
_DIGIT[list(b"0123456789")] = True
_UPPER[list(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ")] = True
_LOWER[list(b"abcdefghijklmnopqrstuvwxyz")] = True
_HOST[list(b"[:abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")] = True
_KLOG_LETTER = np.zeros(256, np.bool_)
_KLOG_LETTER[list(b"IWEF")] = True


def read_forms(lines: Sequence[str], observed_at: int = 0) -> list[LineFacts | None]:
    """Return what each line says by its form, None where it has none.

    Args:
        lines: the lines.
        observed_at: when they were written at the latest (ns): tells the year of forms that leave it out.

    >>> read_forms(['10.0.0.1 - - [10/Oct/2000:13:55:36 +0000] "GET /a HTTP/1.0" 502 23', "plain"])[0].status
    502
    """
    facts: list[LineFacts | None] = [None] * len(lines)
    for row, found in forms_of(ChunkText(lines), observed_at).items():
        facts[row] = found
    return facts


def forms_of(text: ChunkText, observed_at: int = 0) -> dict[int, LineFacts]:
    """Return what the lines of a chunk say that have a form, by row.

    >>> forms_of(ChunkText(["plain", "level=warn msg=slow"]))[1].severity
    13
    """
    found: dict[int, LineFacts] = {}
    for row in candidates(text).tolist():
        if facts := line_facts(text.messages[row], observed_at):
            found[row] = facts
    return found


def candidates(text: ChunkText) -> npt.NDArray[np.int64]:
    """Return the lines that carry the mark of a form.

    >>> candidates(ChunkText(["plain", "<11>1 x", "I0417 12:00:00 x"])).tolist()
    [1, 2]
    """
    head = line_heads(text)
    marked = _is_klog(head) | _is_syslog(head)
    for row in np.flatnonzero(~marked & _may_be_access(head)).tolist():
        marked[row] = _AFTER_TIME in text.messages[row]
    for row in np.flatnonzero(~marked & (head == ord("=")).any(axis=1)).tolist():
        marked[row] = any(mark in text.messages[row] for mark in _PAIRS)
    return np.flatnonzero(marked)


def line_heads(text: ChunkText, width: int = MAX_WINDOW) -> npt.NDArray[np.uint8]:
    """Return the first bytes of each line; those of a short line reach into the next.

    >>> bytes(line_heads(ChunkText(["ab", "cd"]), 2)[1])
    b'cd'
    """
    starts = np.zeros(len(text.messages), np.int64)
    starts[1:] = text.ends[:-1]
    return text.windows(starts, width)


def _may_be_access(head: npt.NDArray[np.uint8]) -> npt.NDArray[np.bool_]:
    """Say which lines may start with an address, a host's name, or a time in brackets (not with a bare time)."""
    dotted = _DIGIT[head[:, 0]] & (head[:, 1:4] == ord(".")).any(axis=1)
    version_6 = (head[:, 1:5] == ord(":")).any(axis=1) & (head[:, 2] != ord(":"))
    return np.asarray(dotted | _HOST[head[:, 0]] | version_6, np.bool_)


def _is_klog(head: npt.NDArray[np.uint8]) -> npt.NDArray[np.bool_]:
    digits = _DIGIT[head[:, 1:5]].all(axis=1)
    return np.asarray(digits & _KLOG_LETTER[head[:, 0]], np.bool_)


def _is_syslog(head: npt.NDArray[np.uint8]) -> npt.NDArray[np.bool_]:
    priority = (head[:, 0] == ord("<")) & _DIGIT[head[:, 1]]
    counted = _DIGIT[head[:, 0]] & (head[:, 2:8] == ord("<")).any(axis=1)
    word = _UPPER[head[:, 0]] & _LOWER[head[:, 1]] & _LOWER[head[:, 2]]
    month = word & (head[:, 3] == ord(" ")) & (head[:, 9] == ord(":")) & (head[:, 12] == ord(":"))
    zone = (head[:, 26] == ord("+")) | (head[:, 26] == ord("-"))
    precise = (head[:, 10] == ord("T")) & (head[:, 19] == ord(".")) & zone & (head[:, 32] == ord(" "))
    return np.asarray(priority | counted | month | precise, np.bool_)


def line_facts(line: str, observed_at: int) -> LineFacts | None:
    """Return what one line says by its form.

    >>> line_facts("W1120 10:00:00.100000       1 reflector.go:7] slow", 0).severity
    13
    """
    line = line[:MAX_LINE]
    return (
        access_facts(line)
        or klog_facts(line, observed_at)
        or syslog_facts(line, observed_at)
        or logfmt_facts(line)
    )  # fmt: skip


def form_attributes(line: str) -> dict[str, Any]:
    """Return the attributes that the form of a line gives it; none where it has no form.

    >>> form_attributes("level=warn msg=slow took=2s")["took"]
    '2s'
    """
    for read in (access_attributes, klog_attributes, syslog_attributes, logfmt_attributes):
        if (attributes := read(line)) is not None:
            return attributes
    return {}
