"""Find the lines of a chunk that have a form that servers and daemons share: access logs, klog, syslog, logfmt.

Between the text parsers and their columns. The marks of each form are looked for in all lines at once; only lines that
carry one are read, by the module of the form. What a form does not say stays for the general reading of messages.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
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
_PAIRS: Final = ("evel=", "msg=", "lvl=")
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
    headed, paired = candidates(text)
    found = {row: facts for row in headed if (facts := _headed_facts(text.messages[row][:MAX_LINE], observed_at))}
    paired = [*paired, *(row for row in headed if row not in found)]
    pairs = logfmt_facts([text.messages[row][:MAX_LINE] for row in paired])
    return found | {row: facts for row, facts in zip(paired, pairs, strict=True) if facts}


def candidates(text: ChunkText) -> tuple[list[int], list[int]]:
    """Return the lines that start as a form does, and those of the others that may hold pairs.

    >>> candidates(ChunkText(["plain", "<11>1 x", "I0417 12:00:00 x", "level=info x"]))
    ([1, 2], [3])
    """
    head = line_heads(text)
    headed = _is_klog(head) | _is_syslog(head)
    for row in np.flatnonzero(~headed & _may_be_access(head)).tolist():
        headed[row] = _AFTER_TIME in text.messages[row]
    paired = (head[:, 0] == ord("t")) & ((head[:, 2] == ord("=")) | (head[:, 4] == ord("=")))  # ts=, time=
    for mark in _PAIRS:
        paired[text.rows_with(mark)] = True
    for row in np.flatnonzero(paired).tolist():  # a logger's first pair stands early, unlike those of a dumped object
        paired[row] = "=" in text.messages[row][:MAX_WINDOW]
    return np.flatnonzero(headed).tolist(), np.flatnonzero(paired & ~headed).tolist()


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
    dotted = _DIGIT[head[:, 0]] & _any_at(head, range(1, 4), ".")
    version_6 = _any_at(head, (1, 3, 4), ":") & (head[:, 2] != ord(":"))
    return np.asarray(dotted | _HOST[head[:, 0]] | version_6, np.bool_)


def _is_klog(head: npt.NDArray[np.uint8]) -> npt.NDArray[np.bool_]:
    digits = _DIGIT[head[:, 1]] & _DIGIT[head[:, 2]] & _DIGIT[head[:, 3]] & _DIGIT[head[:, 4]]
    return np.asarray(digits & _KLOG_LETTER[head[:, 0]], np.bool_)


def _any_at(head: npt.NDArray[np.uint8], places: Iterable[int], character: str) -> npt.NDArray[np.bool_]:
    """Say which lines have a character at one of some places. Measured: `any(axis=1)` costs 1 us a line."""
    found = np.zeros(len(head), np.bool_)
    for place in places:
        found |= head[:, place] == ord(character)
    return found


def _is_syslog(head: npt.NDArray[np.uint8]) -> npt.NDArray[np.bool_]:
    priority = (head[:, 0] == ord("<")) & _DIGIT[head[:, 1]]
    counted = _DIGIT[head[:, 0]] & _any_at(head, range(2, 8), "<")
    word = _UPPER[head[:, 0]] & _LOWER[head[:, 1]] & _LOWER[head[:, 2]]
    month = word & (head[:, 3] == ord(" ")) & (head[:, 9] == ord(":")) & (head[:, 12] == ord(":"))
    zone = (head[:, 26] == ord("+")) | (head[:, 26] == ord("-"))
    precise = (head[:, 10] == ord("T")) & (head[:, 19] == ord(".")) & zone & (head[:, 32] == ord(" "))
    return np.asarray(priority | counted | month | precise, np.bool_)


def _headed_facts(line: str, observed_at: int) -> LineFacts | None:
    """Return what a line says that starts as an access log, klog or syslog does."""
    return access_facts(line) or klog_facts(line, observed_at) or syslog_facts(line, observed_at)


def form_attributes(line: str) -> dict[str, Any]:
    """Return the attributes that the form of a line gives it; none where it has no form.

    >>> form_attributes("level=warn msg=slow took=2s")["took"]
    '2s'
    """
    for read in (access_attributes, klog_attributes, syslog_attributes, logfmt_attributes):
        if (attributes := read(line)) is not None:
            return attributes
    return {}
