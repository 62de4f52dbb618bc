"""Strings of a dictionary as bytes: the code of the first one, all lengths, all characters.

Inside string sections of frames and footers. UTF-8 that also carries lone surrogates, which logs do contain.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence

import numpy as np

_HEAD = struct.Struct("<II")


def encode_strings(first_code: int, strings: Sequence[str]) -> bytes:
    r"""Return strings as bytes.

    >>> decode_strings(encode_strings(7, ["a", "b\udc80"]))
    (7, ['a', 'b\udc80'])
    """
    encoded = [string.encode("utf-8", "surrogatepass") for string in strings]
    lengths = np.fromiter(map(len, encoded), np.uint32, len(encoded))
    return _HEAD.pack(first_code, len(encoded)) + lengths.tobytes() + b"".join(encoded)


def decode_strings(data: bytes) -> tuple[int, list[str]]:
    """Return the code of the first string, and the strings."""
    first_code, count = _HEAD.unpack_from(data)
    lengths = np.frombuffer(data, np.uint32, count, _HEAD.size)
    bounds = (np.cumsum(lengths, dtype=np.int64) + (_HEAD.size + 4 * count)).tolist()
    starts = [_HEAD.size + 4 * count, *bounds]
    return first_code, [
        data[start:end].decode("utf-8", "surrogatepass") for start, end in zip(starts, bounds, strict=False)
    ]
