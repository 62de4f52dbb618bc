"""How far a file source has read: one mark per file, together the cursor of its stream.

A mark knows its file by size, modification time and a checksum of its head, so that a grown file is read on from where
it ended, a finished one is skipped, and a replaced one is read anew under another generation.
"""

from __future__ import annotations

import zlib
from pathlib import Path

import msgspec

HEAD_BYTES = 1024
"""Bytes of a file's head that tell it from a replacement of the same name. Chosen: a few log lines."""


class FileMark(msgspec.Struct, array_like=True):
    """How far one file was read; offsets count decompressed bytes."""

    offset: int = 0
    generation: int = 0
    head_bytes: int = 0
    head_crc: int = 0
    finished_size: int = -1
    finished_mtime_ns: int = -1


class FileCursor(msgspec.Struct, array_like=True):
    """The marks of all files of a source, by object key."""

    version: int = 1
    marks: dict[str, FileMark] = {}


def decode_cursor(cursor: bytes | None) -> FileCursor:
    """Return the marks of a stored cursor.

    >>> decode_cursor(None).marks
    {}
    """
    return msgspec.msgpack.decode(cursor, type=FileCursor) if cursor else FileCursor()


def encode_cursor(cursor: FileCursor) -> bytes:
    """Return the bytes that the store keeps of a cursor.

    >>> decode_cursor(encode_cursor(FileCursor(marks={"a.log": FileMark(7)}))).marks["a.log"].offset
    7
    """
    return msgspec.msgpack.encode(cursor)


def is_finished(mark: FileMark, path: Path) -> bool:
    """Say whether a file was read to its end and has not changed since."""
    status = path.stat()
    return mark.finished_size == status.st_size and mark.finished_mtime_ns == status.st_mtime_ns


def checked_mark(mark: FileMark | None, path: Path) -> FileMark:
    """Return where to go on in a file: after its mark, or at the start of a new generation if it was replaced."""
    if mark is None:
        return FileMark()
    with path.open("rb") as file:
        head = file.read(mark.head_bytes)
    if len(head) == mark.head_bytes and zlib.crc32(head) == mark.head_crc:
        return mark
    return FileMark(generation=mark.generation + 1)


def with_head(mark: FileMark, path: Path) -> FileMark:
    """Return a mark that remembers the file's present head."""
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
    return msgspec.structs.replace(mark, head_bytes=len(head), head_crc=zlib.crc32(head))
