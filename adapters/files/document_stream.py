"""Cut a JSON document that is too large to hold into the records of its list, block by block.

`[{...},{...}]` and `{"Records":[{...},{...}]}` of any size are read with the memory of one record. Used by framing for
documents above its limit only: one that fits is decoded whole, which is faster.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from ..json_lists import LIST_KEYS

_TOKEN = re.compile(rb'"[^"\\]*+(?>(?:\\.[^"\\]*+)*)(?:"|\\?\Z)|[\[\]{}]', re.DOTALL)
_OPENING = re.compile(
    rb"(?:\xef\xbb\xbf)?\s*(?:\{\s*"
    rb'(?:"[^"\\]{1,64}"\s*:\s*(?:"[^"\\]{0,256}"|[-\w.]{1,32})\s*,\s*){0,8}'
    rb'"(?:' + "|".join(LIST_KEYS).encode() + rb')"\s*:\s*)?\[\s*(?=[{\]])'
)
"""An array of objects, or an object whose first list is one of records, behind a few plain fields."""


@dataclass(frozen=True, slots=True)
class Cut:
    """Some records of a list with their offsets; `end` is the offset after them, `rest` bytes that are no record."""

    bodies: list[bytes]
    offsets: list[int]
    end: int
    rest: bytes = b""


def list_start(head: bytes) -> int | None:
    """Return where the first record of a document's list stands, None for a document of another form.

    >>> list_start(b'{"Records":[{"a":1}]}'), list_start(b'{"logEvents":[{}]}')
    (12, None)
    """
    opening = _OPENING.match(head)
    return opening.end() if opening else None


def cut_list(blocks: Iterator[bytes], start: int) -> Iterator[Cut]:
    """Yield the records of a list, a cut per block.

    Args:
        blocks: the document from `start` on.
        start: offset of a record of the list, or of the comma before one.

    >>> [cut.bodies for cut in cut_list(iter([b'{"a":1},{"b"', b':[2]}]}']), 12)]
    [[b'{"a":1}'], [b'{"b":[2]}']]
    """
    buffer = b""
    for block in blocks:
        buffer += block
        cut = _cut(buffer, start)
        if cut.bodies or cut.rest:
            yield cut
        buffer, start = (b"", cut.end) if cut.rest else (buffer[cut.end - start :], cut.end)
        if cut.rest:
            yield from _after(blocks, start)
            return
    if buffer.strip(b" \t\r\n,]}"):
        yield Cut([], [], start + len(buffer), buffer)


def _cut(buffer: bytes, start: int) -> Cut:
    """Return the whole records in a buffer; the list's end makes what follows the rest."""
    bodies: list[bytes] = []
    offsets: list[int] = []
    depth = begin = end = 0
    for token in _TOKEN.finditer(buffer):
        mark = buffer[token.start()]
        if mark == _QUOTE:
            continue
        if mark in _OPEN:
            begin, depth = (token.start(), 1) if not depth else (begin, depth + 1)
            continue
        if not depth:  # the list is closed
            return Cut(bodies, offsets, start + len(buffer), buffer[end:])
        depth -= 1
        if not depth:
            end = token.end()
            bodies.append(buffer[begin:end])
            offsets.append(start + begin)
    return Cut(bodies, offsets, start + end)


_QUOTE = ord('"')
_OPEN = frozenset(b"[{")


def _after(blocks: Iterator[bytes], start: int) -> Iterator[Cut]:
    for block in blocks:
        start += len(block)
        yield Cut([], [], start, block)
