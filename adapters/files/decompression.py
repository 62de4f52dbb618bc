"""Read a file as decompressed blocks, whatever its compression: gzip (also concatenated members), zstd, or none.

UTF-16 with a byte order mark, which PowerShell's `>` writes, becomes UTF-8. The form is told by the first bytes, never
by the name. See https://www.rfc-editor.org/rfc/rfc1952, https://www.rfc-editor.org/rfc/rfc8878 and
https://learn.microsoft.com/powershell/module/microsoft.powershell.core/about/about_character_encoding.
"""

from __future__ import annotations

import codecs
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import zstandard

BLOCK_BYTES = 1 << 21
"""Size of a block, which is parsed as one chunk. Measured on NDJSON of containers: a chunk costs 0.5 ms whatever it
holds, so that 2 MiB take 0.5 to 1.5 us per entry less than 1 MiB; 4 MiB take no less and 20 MB more memory."""

_GZIP, _ZSTD = b"\x1f\x8b", b"\x28\xb5\x2f\xfd"
_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_READ_BYTES = 256 * 1024
_ZSTD_READ_BYTES = 1024
"""Small, because zstd may expand four bytes to 128 KiB and gives back all of a piece at once."""


class DamagedStreamError(ValueError):
    """The compressed or encoded data ends early or is broken; all blocks before were yielded."""


def read_blocks(path: Path) -> Iterator[bytes]:
    """Yield the decompressed content of a file in blocks.

    Raises:
        DamagedStreamError: after the last readable block.
    """
    with path.open("rb") as file:
        magic = file.read(4)
        file.seek(0)
        if magic.startswith(_GZIP):
            yield from _gathered(_gzip_pieces(file))
        elif magic == _ZSTD:
            yield from _gathered(_zstd_pieces(file))
        elif _is_utf_16(magic):
            yield from _gathered(_utf_8_pieces(file))
        else:
            yield from iter(lambda: file.read(BLOCK_BYTES), b"")


def is_compressed(path: Path) -> bool:
    """Say whether `read_blocks` gives other bytes than the file's, so that their offsets are no places in the file."""
    with path.open("rb") as file:
        magic = file.read(4)
    return magic.startswith(_GZIP) or magic == _ZSTD or _is_utf_16(magic)


def _is_utf_16(magic: bytes) -> bool:
    """Say whether a file is UTF-16; NUL characters behind the mark are UTF-32 or no text."""
    return magic.startswith(_UTF_16) and magic[2:] != b"\0\0"


def _gathered(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Yield blocks of at least BLOCK_BYTES; what was read before damage is yielded before the error."""
    waiting: list[bytes] = []
    size = 0
    damage: DamagedStreamError | None = None
    try:
        for piece in pieces:
            waiting.append(piece)
            size += len(piece)
            if size >= BLOCK_BYTES:
                yield b"".join(waiting)
                waiting, size = [], 0
    except DamagedStreamError as error:
        damage = error
    if size:
        yield b"".join(waiting)
    if damage:
        raise damage


def _utf_8_pieces(file: BinaryIO) -> Iterator[bytes]:
    """Yield UTF-16 as UTF-8; half a pair of surrogates becomes U+FFFD."""
    decoder = codecs.getincrementaldecoder("utf-16")("replace")
    while data := file.read(_READ_BYTES):
        yield decoder.decode(data).encode()
    if decoder.getstate()[0]:
        raise DamagedStreamError("UTF-16 text ends within a character")


def _gzip_pieces(file: BinaryIO) -> Iterator[bytes]:
    decoder = zlib.decompressobj(31)
    started = False
    while data := file.read(_READ_BYTES):
        while data:
            if decoder.eof:
                if not data.strip(b"\0"):
                    break  # padding between members
                decoder, started = zlib.decompressobj(31), False
            try:
                piece = decoder.decompress(data, BLOCK_BYTES)
            except zlib.error as error:
                raise DamagedStreamError(f"broken gzip data: {error}") from error
            started = True
            if piece:
                yield piece
            data = decoder.unused_data if decoder.eof else decoder.unconsumed_tail
    if started and not decoder.eof:
        yield decoder.flush()
        raise DamagedStreamError("gzip data ends early")


def _zstd_pieces(file: BinaryIO) -> Iterator[bytes]:
    decoder = zstandard.ZstdDecompressor().decompressobj()
    started = False
    while data := file.read(_ZSTD_READ_BYTES):
        while data:
            if decoder.eof:
                decoder, started = zstandard.ZstdDecompressor().decompressobj(), False
            try:
                piece = decoder.decompress(data)
            except zstandard.ZstdError as error:
                raise DamagedStreamError(f"broken zstd data: {error}") from error
            started = True
            if piece:
                yield piece
            data = decoder.unused_data if decoder.eof else b""
    if started and not decoder.eof:
        raise DamagedStreamError("zstd data ends early")
