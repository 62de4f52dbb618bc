"""Cut decompressed blocks into records: lines, CSV rows under their header, or whole JSON documents.

Between decompression and the parsers. Memory is bounded: a record longer than MAX_RECORD_BYTES is given in pieces, as
not framed. Offsets count decompressed bytes from the start of the object.
"""

from __future__ import annotations

from codecs import utf_8_decode
from collections.abc import Generator, Iterator
from dataclasses import dataclass

import msgspec
import numpy as np
import numpy.typing as npt

from .document_stream import cut_list, list_start
from .headers import header_line

MAX_RECORD_BYTES = 16 * 1024 * 1024
"""Longest record line. Chosen: far above every provider's limit (CloudWatch 1 MiB, Log Analytics 32 KiB a column)."""

MAX_DOCUMENT_BYTES = 64 * 1024 * 1024
"""Longest JSON document read as one. Larger than any Terraform plan measured (4,500 changes: 8.8 MB)."""

PIECE_BYTES = 4 * 1024 * 1024
"""Size of the pieces in which unframed bytes are kept."""

LIST_BLOCK_BYTES = 1024 * 1024
"""How much of a large document is cut into records at once."""

TELLING_BYTES = 8192
"""How much of an object tells text from binary data. Chosen: git looks at about as much."""

MAX_NULL_SHARE = 0.05
"""Part of a text that may be NUL characters. Chosen: UTF-16 has 0.5, columns and archives more, messages hardly any."""

_BOM = b"\xef\xbb\xbf"
_LINE_FEED = 0x0A


@dataclass(frozen=True, slots=True)
class Framed:
    """Records cut out of an object: `end` is the offset after them; `problem` says why they are not framed."""

    bodies: list[bytes]
    offsets: npt.NDArray[np.int64]
    end: int
    header: str = ""
    problem: str = ""
    document: bool = False


def frame(blocks: Iterator[bytes], *, start: int = 0, head: bytes | None = None) -> Iterator[Framed]:
    """Yield the records of an object.

    Args:
        blocks: its decompressed content from `start` on.
        start: offset of the first block; records before it were given earlier.
        head: the object's first bytes when `start` is not 0 (they decide how it is framed).
    """
    first = next(blocks, b"")
    head = first if head is None else head
    if not first:
        return
    if _is_binary(head[:TELLING_BYTES]):
        yield from _unframed(_chain(first, blocks), start, "binary data")
    elif _is_document(head):
        yield from _documents(_chain(first, blocks), start, head)
    else:
        yield from _lines(_chain(first, blocks), start, header_line(head.removeprefix(_BOM)))


def _chain(first: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    yield first
    yield from rest


def _is_binary(head: bytes) -> bool:
    """Say whether an object is no text.

    A log may hold NUL characters: a message's own, or the hole that `copytruncate` leaves at a rotated file's start.
    """
    if b"\0" not in head:
        return False
    nulls = head.lstrip(b"\0").count(b"\0")
    if not head.strip(b"\0") or nulls > len(head) * MAX_NULL_SHARE:
        return True
    try:
        utf_8_decode(head.replace(b"\0", b""), "strict", False)
    except UnicodeDecodeError:
        return True
    return False


def _is_document(head: bytes) -> bool:
    """Say whether an object is JSON documents rather than JSON lines: its first line is not a whole value."""
    text = head.removeprefix(_BOM).lstrip()
    if not text.startswith((b"{", b"[")):
        return False
    line, newline, rest = text.partition(b"\n")
    if not newline:
        return True
    try:
        msgspec.json.decode(line, type=msgspec.Raw)
    except RecursionError:
        return False  # a whole value that nests too deeply: its line is rejected, the others are read
    except msgspec.DecodeError:
        following = rest.lstrip(b" \t\r\n")[:1]
        opens = line.rstrip().endswith((b"{", b"[", b",", b":"))
        return opens or following in (b"]", b"}", b'"') or line.rstrip().endswith(b"}")
    return line.startswith(b"[")


def _lines(blocks: Iterator[bytes], start: int, header: bytes) -> Iterator[Framed]:
    """Yield a chunk of lines per block; an unfinished last line waits for the next block."""
    tail, offset = b"", start
    for block in blocks:
        data = tail + block if tail else block
        cut = data.rfind(b"\n") + 1
        if not cut and len(data) > MAX_RECORD_BYTES:
            tail, offset = yield from _long_line(data, blocks, offset)
            continue
        if header and data.count(b'"', 0, cut) & 1 and len(data) < MAX_RECORD_BYTES:
            tail = data  # a quoted CSV field goes on in the next block
            continue
        if cut:
            yield _split(data, cut, offset, header)
        tail, offset = data[cut:], offset + cut
    if tail:
        yield _split(tail, len(tail), offset, header)


def _split(data: bytes, length: int, offset: int, header: bytes) -> Framed:
    """Return the lines of the first bytes of a block."""
    # numpy finds line feeds at memory speed; `bytes.split` looks at one byte at a time, 0.8 us a record of 1 KiB.
    breaks = np.flatnonzero(np.frombuffer(data, np.uint8, length) == _LINE_FEED)
    ends = breaks if data[length - 1] == _LINE_FEED else np.append(breaks, length)
    starts = np.append(0, ends[:-1] + 1)
    lines = [data[start:end] for start, end in zip(starts.tolist(), ends.tolist(), strict=True)]
    offsets = starts + offset
    if b"\r" in data:
        lines = [line.rstrip(b"\r") for line in lines]
    if not offset:
        lines[0] = lines[0].lstrip(b"\0").removeprefix(_BOM)
    if header:
        lines, offsets = _rows(lines, offsets)
    is_header = bool(header and not offset and lines[0] == header)
    if is_header or not all(lines) or any(map(bytes.isspace, lines)):
        kept = [row for row, line in enumerate(lines) if line and not line.isspace() and (row or not is_header)]
        lines, offsets = [lines[row] for row in kept], offsets[kept]
    return Framed(lines, offsets, offset + length, header.decode("utf-8", "replace"))


def _rows(lines: list[bytes], offsets: npt.NDArray[np.int64]) -> tuple[list[bytes], npt.NDArray[np.int64]]:
    """Join lines that a quoted CSV field broke (an odd number of quotes opens or closes one)."""
    if not any(line.count(b'"') & 1 for line in lines):
        return lines, offsets
    rows: list[bytes] = []
    starts: list[int] = []
    is_open = False
    for line, offset in zip(lines, offsets.tolist(), strict=True):
        if is_open:
            rows[-1] += b"\n" + line
        else:
            rows.append(line)
            starts.append(offset)
        is_open ^= bool(line.count(b'"') & 1)
    return rows, np.array(starts, np.int64)


def _long_line(data: bytes, blocks: Iterator[bytes], offset: int) -> Generator[Framed, None, tuple[bytes, int]]:
    """Yield a line that is too long in pieces; return what follows it and its offset."""
    problem = f"a line is longer than {MAX_RECORD_BYTES} bytes"
    while data:
        cut = data.find(b"\n") + 1
        line = data[:cut] if cut else data
        yield from _pieces(line, offset, problem)
        offset += len(line)
        if cut:
            return data[cut:], offset
        data = next(blocks, b"")
    return b"", offset


def _documents(blocks: Iterator[bytes], start: int, head: bytes) -> Iterator[Framed]:
    """Yield the object as one document; one that is too large is cut into the records of its list, or into lines."""
    if start and list_start(head) is not None:
        yield from _list(blocks, start)
        return
    parts: list[bytes] = []
    size = 0
    for block in blocks:
        parts.append(block)
        size += len(block)
        if size > MAX_DOCUMENT_BYTES:
            yield from _large_document(b"".join(parts), blocks, start)
            return
    document = b"".join(parts)
    body = document.removeprefix(_BOM) if not start else document
    yield Framed([body], np.array([start], np.int64), start + len(document), document=True)


def _large_document(first: bytes, blocks: Iterator[bytes], start: int) -> Iterator[Framed]:
    begin = list_start(first)
    if begin is not None:
        yield from _list(_chain(first[begin:], blocks), start + begin)
    else:
        yield from _lines(_chain(first, blocks), start, b"")


def _list(blocks: Iterator[bytes], start: int) -> Iterator[Framed]:
    for cut in cut_list(_small(blocks), start):
        if cut.bodies:
            end = cut.end - len(cut.rest)
            yield Framed(cut.bodies, np.array(cut.offsets, np.int64), end)
        if cut.rest.strip(b" \t\r\n,]}"):
            yield from _pieces(cut.rest, cut.end - len(cut.rest), "text behind a list of records")


def _small(blocks: Iterator[bytes]) -> Iterator[bytes]:
    for block in blocks:
        yield from (block[at : at + LIST_BLOCK_BYTES] for at in range(0, len(block), LIST_BLOCK_BYTES))


def _unframed(blocks: Iterator[bytes], start: int, problem: str) -> Iterator[Framed]:
    for block in blocks:
        yield from _pieces(block, start, problem)
        start += len(block)


def _pieces(data: bytes, start: int, problem: str) -> Iterator[Framed]:
    for at in range(0, len(data), PIECE_BYTES):
        piece = data[at : at + PIECE_BYTES]
        yield Framed([piece], np.array([start + at], np.int64), start + at + len(piece), problem=problem)
