"""Write a whole small file so that it is there completely or not at all, and survives a power loss.

Used for manifests, checkpoints, lock owners and the ledger's identity: write aside, sync, rename, sync the directory.
"""

from __future__ import annotations

import os
import struct
import zlib
from os.path import basename, dirname, join

from .file_system import Buffer, FileSystem

TEMPORARY = ".tmp-"
"""Start of the names of files that are being written; left over ones are swept by the next writer."""

_ENVELOPE = struct.Struct("<8sIIQ")


def write_durably(files: FileSystem, path: str, data: Buffer, *, exclusive: bool = False) -> None:
    """Write a file atomically and durably.

    Args:
        files: where.
        path: the file; replaced when it exists.
        data: its content.
        exclusive: fail with `FileExistsError` when it exists.
    """
    directory = dirname(path)
    temporary = join(directory, f"{TEMPORARY}{os.getpid()}-{os.urandom(6).hex()}-{basename(path)[-40:]}.part")
    file = files.open_appendable(temporary, create=True)
    try:
        file.write(data)
        file.sync()
        if exclusive:
            files.link_new(temporary, path)
        else:
            files.rename(temporary, path)
    finally:
        file.close()
        files.delete(temporary)
    files.sync_directory(directory)


def read_whole(files: FileSystem, path: str) -> bytes:
    """Return a small file's content."""
    file = files.open_readable(path)
    return file.read(0, file.size())


def seal_content(magic: bytes, version: int, content: bytes) -> bytes:
    r"""Wrap the content of a small file: 8 bytes magic, version, crc32 of the content, its length, the content.

    >>> open_content(b"CLTESTS\n", seal_content(b"CLTESTS\n", 3, b"x"))
    (3, b'x')
    """
    return _ENVELOPE.pack(magic, version, zlib.crc32(content), len(content)) + content


def open_content(magic: bytes, data: bytes) -> tuple[int, bytes] | None:
    """Return version and content of a wrapped file; None where it is damaged or something else."""
    if len(data) < _ENVELOPE.size:
        return None
    found, version, checksum, length = _ENVELOPE.unpack_from(data)
    content = data[_ENVELOPE.size :]
    if found != magic or len(content) != length or zlib.crc32(content) != checksum:
        return None
    return version, content
