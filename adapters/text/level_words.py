"""Read the severity of messages from their level words.

Under the readers of message columns. A level word is looked for in the head of a message only, since further on it is
prose. The heads of a chunk are laid end to end, so that words in capitals, which is how most loggers write a level, are
found in all of them at once; only heads that can hold another form are looked at one by one.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from ...domain.severity import SEVERITY_OF_KLOG_LETTER, SEVERITY_OF_TEXT

LEVEL_HEAD_CHARS = 96
"""Where a level word may stand. Chosen: a timestamp, a thread and a logger name fit before it."""

_CAPITALS = "TRACE DEBUG INFO NOTICE WARN WARNING ERROR SEVERE CRITICAL FATAL ALERT EMERG EMERGENCY PANIC"
_OF_CAPITALS = {word.encode(): SEVERITY_OF_TEXT[word.lower()] for word in _CAPITALS.split()}
_SHORTEST, _LONGEST = 4, 9

_AT_START = re.compile(
    r"([IWEF])\d{4} \d\d:"
    r"|(debug|info|warn|warning|error|fatal|trace|Debug|Info|Warning|Error|Critical|Fatal)[: \t]"
)
_NAMED = re.compile(
    r"[LlSs\[](?:(?<=\[)(trace|debug|info|notice|warn|warning|error|crit|critical|fatal|alert|emerg)\]"
    r"|(?<!\w.)(?:(?<=[Ll])evel|(?<=[Ss])everity|(?<=l)vl)[\"']?\s*[=:]\s*[\"']?(\w+))"
)
"""`[warn]` and `level=warn`, led by their first letters, which is what a search can skip by."""

MAX_LAYOUTS = 8
"""Layouts looked for in a chunk. Chosen: a chunk holds the lines of a few services."""

WINDOW = 32
"""Characters from a name on that are compared. Chosen: `"severity" : "information"` fits."""

MAX_WORDS = 4096
"""Words that are remembered. A cache only."""

_ROW = LEVEL_HEAD_CHARS + 1
_WORD = np.zeros(256, np.bool_)
_WORD[list(b"0123456789_abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")] = True

_STARTS = np.zeros((256, 256), np.bool_)
for _first, _second in (b"de", b"in", b"wa", b"er", b"fa", b"tr", b"no", b"cr", b"al", b"em"):
    _STARTS[[_first, _first - 0x20], _second] = True
for _letter in SEVERITY_OF_KLOG_LETTER:
    _STARTS[ord(_letter), list(b"0123456789")] = True

_IS_LS = np.zeros(256, np.bool_)
_IS_LS[list(b"LlSs")] = True

Heads = npt.NDArray[np.uint8]
"""Characters of all heads: a space, each head filled up with spaces and one more, and a window of spaces."""

Places = npt.NDArray[np.int64]
Marks = npt.NDArray[np.bool_]


def read_severities(messages: Sequence[str]) -> npt.NDArray[np.uint8]:
    """Return the severity number of each message's level word, 0 where it has none.

    >>> read_severities(["10:00 WARN x", "level=debug msg=y", "[error] z", "E0417 12:00:00.1 k", "plain"]).tolist()
    [13, 5, 17, 17, 0]
    """
    heads = _heads(messages)
    severity = _of_capitals(heads, len(messages))
    starting = np.flatnonzero((severity == 0) & _may_start(heads)).tolist()
    severity[starting] = _levels([_AT_START.match(messages[row]) for row in starting])
    named_at = _first_names(heads, len(messages))
    named = np.flatnonzero((severity == 0) & (named_at >= 0))
    severity[named] = _of_names([messages[row] for row in named.tolist()], named_at[named], heads, named)
    return severity


def _levels(matches: Sequence[re.Match[str] | None]) -> list[int]:
    return [_OF_WORD[match[1] or match[2]] if match else 0 for match in matches]


def _of_names(messages: Sequence[str], at: Places, heads: Heads, rows: Places) -> npt.NDArray[np.uint8]:
    """Return the levels behind names. A logger writes all its lines alike: one match of a layout reads the others."""
    severity = np.zeros(len(messages), np.uint8)
    windows = np.lib.stride_tricks.sliding_window_view(heads, WINDOW)[1 + rows * _ROW + at]
    left = np.arange(len(messages))
    for _ in range(MAX_LAYOUTS):
        if not len(left):
            return severity
        row = int(left[0])
        match = _NAMED.search(messages[row], int(at[row]), LEVEL_HEAD_CHARS)
        severity[row : row + 1] = _levels([match])
        left = left[1:]
        behind = match.start(2) - int(at[row]) if match and match[2] else WINDOW
        if behind < WINDOW - _LONGEST - 1:
            like = (windows[left, :behind] == windows[row, :behind]).all(axis=1)
            severity[left[like]] = [_OF_WORD[word] for word in _words(windows[left[like], behind:])]
            left = left[~like]
    search, end = _NAMED.search, LEVEL_HEAD_CHARS
    severity[left] = _levels([search(messages[row], int(at[row]), end) for row in left.tolist()])
    return severity


def _words(windows: Heads) -> list[str]:
    """Return the word that each window begins with, as far as a level may reach."""
    own = np.ascontiguousarray(windows[:, : _LONGEST + 1])
    inside = np.logical_and.accumulate(_WORD[own], axis=1)
    return [word.decode("ascii") for word in (own * inside).view(f"S{_LONGEST + 1}")[:, 0].tolist()]


class _Severities(dict[str, int]):
    """Severity of each word that was met where a level stands."""

    def __missing__(self, word: str) -> int:
        severity = SEVERITY_OF_KLOG_LETTER.get(word) or SEVERITY_OF_TEXT.get(word.lower(), 0)
        if len(self) < MAX_WORDS:
            self[word] = severity
        return severity


def _heads(messages: Sequence[str]) -> Heads:
    """Lay the heads end to end, one byte a character; what is not ASCII becomes a question mark."""
    rows = [message[:LEVEL_HEAD_CHARS].ljust(_ROW) for message in messages]
    return np.frombuffer("".join((" ", *rows, " " * WINDOW)).encode("ascii", "replace"), np.uint8)


def _of_capitals(heads: Heads, count: int) -> npt.NDArray[np.uint8]:
    """Return the severity of the first whole word in capitals that is a level."""
    places = _words_in_capitals(heads)
    words = np.lib.stride_tricks.sliding_window_view(heads, _LONGEST + 1)[places]
    capital = _is_capital(words)
    inside = np.logical_and.accumulate(capital, axis=1)
    behind = heads[places + inside.sum(axis=1)]
    keys = (words * inside).view(f"S{_LONGEST + 1}")[:, 0].tolist()
    found = np.array([_OF_CAPITALS.get(key, 0) for key in keys], np.uint8) * ~_WORD[behind]
    severity = np.zeros(count, np.uint8)
    levels = np.flatnonzero(found)[::-1]  # the last that is written wins: the first of a message
    severity[(places[levels] - 1) // _ROW] = found[levels]
    return severity


def _words_in_capitals(heads: Heads) -> Places:
    """Return where words begin with as many capitals as the shortest level has."""
    capital = _is_capital(heads)
    pairs = capital[:-1] & capital[1:]
    starts = pairs[:-2] & pairs[2:]
    places = np.flatnonzero(starts[1:] > starts[:-1]) + 1
    return places[~_WORD[heads[places - 1]]]


def _is_capital(characters: Heads) -> Marks:
    return characters - np.uint8(ord("A")) < 26


def _may_start(heads: Heads) -> Marks:
    """Return which heads begin with two characters with which a match of `_AT_START` begins."""
    return _STARTS[heads[1:-WINDOW:_ROW], heads[2 : 1 - WINDOW : _ROW]]


def _first_names(heads: Heads, count: int) -> Places:
    """Return where in each head a match of `_NAMED` can begin first, by its first three characters; -1 for nowhere."""
    first, second, third = heads[1:-WINDOW], heads[2 : 1 - WINDOW], heads[3 : 2 - WINDOW]
    brackets = np.flatnonzero(first == ord("["))
    levels = np.flatnonzero((second == ord("e")) & (third == ord("v")))
    others = np.flatnonzero((first == ord("l")) & (second == ord("v")) & (third == ord("l")))
    levels = levels[_IS_LS[first[levels]]]
    brackets = brackets[_STARTS[second[brackets], third[brackets]]]
    places = np.sort(np.concatenate((brackets, levels, others)))[::-1]  # the last that is written wins
    found = np.full(count, -1, np.int64)
    found[places // _ROW] = places % _ROW
    return found


_OF_WORD = _Severities()
