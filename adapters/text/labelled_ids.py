"""Read the hexadecimal ids that stand behind a name, as `trace_id=...`, of all messages of a chunk at once.

A service writes its ids in one layout: the name, a separator, and always as many digits. The pattern reads one message
of a layout, and all others are compared with it byte by byte; only what fits no layout is matched by itself. Measured:
0.3 us a message instead of 0.7 for matching each.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .chunk_text import ChunkText, Places

Ids = npt.NDArray[np.uint64]
Rows = npt.NDArray[np.bool_]

MAX_LAYOUTS = 8
"""Layouts looked for in a chunk. Chosen: a chunk holds the lines of a few services; each try costs a pass over it."""

WINDOW = 64
"""Bytes from the marker on in which an id must end to be read with others. Chosen: a name, quotes and 32 digits."""

_NO_DIGIT = 255
_DIGITS = np.full(256, _NO_DIGIT, np.uint8)
_DIGITS[list(b"0123456789abcdef")] = range(16)

_WORD = np.zeros(256, np.bool_)
_WORD[list(b"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")] = True


@dataclass(frozen=True, slots=True)
class LabelledId:
    """A kind of id.

    Attributes:
        marker: the part of its name that is searched for, in lower case; in upper case it is tried last.
        pattern: matches from the marker on; its group is the id, lower-case hexadecimal with nothing alphanumeric
            behind it.
        digits: hexadecimal digits of a whole id, 16 or 32.
        column: makes a column of ids in text.
        not_behind: what may not stand before the marker, in lower case: names of others that end in this one.
    """

    marker: str
    pattern: re.Pattern[str]
    digits: int
    column: Callable[[list[str]], Ids]
    not_behind: tuple[str, ...] = ()


def labelled_ids(text: ChunkText, label: LabelledId) -> tuple[Rows, Ids]:
    """Return which messages name an id, and the column of ids.

    >>> from ...domain.trace_context import span_id_column
    >>> span = LabelledId("span", re.compile("span=([0-9a-f]{16})(?![0-9a-zA-Z])"), 16, span_id_column)
    >>> found, ids = labelled_ids(ChunkText(["span=00000000000000ff x", "no"]), span)
    >>> found.tolist(), ids.tolist()
    ([True, False], [255, 0])
    """
    found = np.zeros(len(text.messages), np.bool_)
    ids = np.zeros((len(found), label.digits // 16), np.uint64)
    rows, places = text.first_places(label.marker)
    _read_layouts(text, label, rows, places, found, ids)
    unread = set() if found.all() else {*rows.tolist(), *text.rows_with(label.marker.upper())}
    if singles := _read_singly(text, label, [row for row in unread if not found[row]]):
        found[list(singles)] = True
        ids[list(singles)] = label.column(list(singles.values())).reshape(len(singles), -1)
    return found, ids if label.digits > 16 else ids[:, 0]


def _read_layouts(text: ChunkText, label: LabelledId, rows: Places, places: Places, found: Rows, ids: Ids) -> None:
    """Take the first message that is left as example of a layout, read all that follow it, and so on."""
    for literal in label.not_behind:
        own = ~text.follows(places, literal)
        rows, places = rows[own], places[own]
    windows, room = text.windows(places, WINDOW), text.ends[rows] - places
    for _ in range(MAX_LAYOUTS):
        if not len(rows):
            return
        at, digits = _layout(text.messages[int(rows[0])], label)
        if not digits:
            windows, rows, room = windows[1:], rows[1:], room[1:]
            continue
        fits, values = _fitting(windows, at, digits)
        fits &= room > at + digits
        found[rows[fits]] = True
        ids[rows[fits], -(digits // 16) :] = values[fits]
        windows, rows, room = windows[~fits], rows[~fits], room[~fits]


def _layout(message: str, label: LabelledId) -> tuple[int, int]:
    """Return how far behind its marker an id begins, and its digits; no digits where it has an odd form."""
    match = label.pattern.match(message, message.index(label.marker))
    if not match:
        return 0, 0
    at, digits = match.start(1) - match.start(), len(match[1])
    is_plain = match[0].isascii() and digits in (16, label.digits) and at + digits < WINDOW
    return (at, digits) if is_plain and "-" not in match[1] else (0, 0)


def _fitting(windows: npt.NDArray[np.uint8], at: int, digits: int) -> tuple[Rows, Ids]:
    """Return which windows begin as the first one does and hold an id after that, and the ids."""
    nibbles = _DIGITS[windows[:, at : at + digits]]
    is_id = (nibbles != _NO_DIGIT).all(axis=1) & ~_WORD[windows[:, at + digits]]
    fits = is_id & (windows[:, :at] == windows[0, :at]).all(axis=1)
    packed = nibbles[:, ::2] << 4 | nibbles[:, 1::2]
    return fits, packed.view(">u8").astype(np.uint64)


def _read_singly(text: ChunkText, label: LabelledId, rows: Iterable[int]) -> dict[int, str]:
    """Return the ids of messages that fit no layout, by row."""
    return {row: found for row in rows if (found := _first_id(text.messages[row], label))}


def _first_id(message: str, label: LabelledId) -> str:
    """Return the id behind the first name that has one, a name in lower case first, else ""."""
    for marker in (label.marker, label.marker.upper()):
        at = message.find(marker)
        while at >= 0:
            if match := label.pattern.match(message, at):
                return match[1]
            at = message.find(marker, at + 1)
    return ""
