"""Unpack gzip in memory, also several members one after another, up to a limit.

Used by the envelopes that hold compressed records. See https://www.rfc-editor.org/rfc/rfc1952.
"""

from __future__ import annotations

import zlib

GZIP_MAGIC = b"\x1f\x8b"


def unpacked(packed: bytes, limit: int) -> bytes:
    """Return what gzip members hold.

    >>> import gzip
    >>> unpacked(gzip.compress(b"a") + gzip.compress(b"b"), 10)
    b'ab'

    Raises:
        ValueError: data that ends early, is broken, or unpacks to more than the limit.
    """
    parts: list[bytes] = []
    room = limit
    while packed:
        decoder = zlib.decompressobj(31)
        try:
            parts.append(decoder.decompress(packed, room))
        except zlib.error as error:
            raise ValueError(f"broken gzip data: {error}") from error
        room -= len(parts[-1])
        if not decoder.eof:
            raise ValueError("gzip data ends early" if room else f"gzip data unpacks to over {limit} bytes")
        packed = decoder.unused_data.lstrip(b"\0")
    return b"".join(parts)
