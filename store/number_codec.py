"""Encode a column of integers into few bytes that compress well, without loss.

Between columns and sections; the bytes are specified in FORMAT.md. Four encodings: a constant; offsets from the
minimum, narrowed and byte-shuffled; differences, for times; distinct values with narrowed codes, for hashes. Wide
random ids are kept as they are ("plain"), which lets zstd find their repetitions.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

Numbers = npt.NDArray[Any]

CONSTANT, OFFSETS, DIFFERENCES, DISTINCT, PLAIN = range(5)

SHARED_NUMBERS = (1 << 17) + 1
"""Numbers in a block that all readers share: two for each row of a batch, or its offsets. Chosen: at most 1 MB."""

SHARED_VALUES = 256
SHARED_BLOCKS = 24
"""Which numbers have such a block, and how many there are: defaults, and codes of what a source always writes."""

_HEAD = struct.Struct("<BBHIq")
_NARROW = bytes([OFFSETS, 1, 0, 0])
_TIME_HEAD = struct.Struct("<qqq")
_TIME_UNITS = (1_000_000_000, 1_000_000, 1_000)


def encode_offsets(values: Numbers) -> bytes:
    """Encode small or clustered numbers.

    >>> decode_numbers(encode_offsets(np.array([700, 701, 700])), np.dtype("<i8")).tolist()
    [700, 701, 700]
    """
    if not len(values):
        return _HEAD.pack(CONSTANT, 0, 0, 0, 0)
    low, high = values.min(), values.max()
    base = _signed(int(low))
    if low == high:
        return _HEAD.pack(CONSTANT, 0, 0, len(values), base)
    offsets = values if not base else values - low
    width, plane = _shuffled(offsets.view(f"<u{offsets.itemsize}"), int(high) - int(low))
    return _HEAD.pack(OFFSETS, width, 0, len(values), base) + plane


def encode_times(times: npt.NDArray[np.int64]) -> bytes:
    """Encode nanoseconds that rise more or less: differences in the coarsest unit that loses nothing."""
    count = len(times)
    if count < 2 or times.min() == times.max():
        return encode_offsets(times)
    unit = next((u for u in _TIME_UNITS if not (times % u).any()), 1)
    scaled = times // unit if unit > 1 else times
    steps = np.diff(scaled)
    low, high = int(steps.min()), int(steps.max())
    if high - low >= int(scaled.max()) - int(scaled.min()) or high - low >= 1 << 63:
        return encode_offsets(times) if unit == 1 else _scaled_offsets(scaled, unit)
    width, plane = _shuffled((steps - low).view("<u8"), high - low)
    head = _HEAD.pack(DIFFERENCES, width, 1, count, int(scaled[0])) + _TIME_HEAD.pack(low, unit, 0)
    return head + plane


def encode_distinct(values: npt.NDArray[np.uint64]) -> bytes:
    """Encode numbers that have few distinct values, like hashes of templates."""
    distinct, codes = np.unique(values, return_inverse=True)
    if len(distinct) < 2 or len(distinct) * 4 > len(values):
        return encode_offsets(values) if len(distinct) < 2 else encode_plain(values)
    width, plane = _shuffled(codes.astype("<u4"), len(distinct) - 1)
    return _HEAD.pack(DISTINCT, width, 0, len(values), len(distinct)) + distinct.tobytes() + plane


def encode_plain(values: Numbers) -> bytes:
    """Keep numbers as they are."""
    return _HEAD.pack(PLAIN, 8, 0, len(values), 0) + values.tobytes()


def decode_numbers(data: bytes, dtype: np.dtype[Any]) -> Numbers:
    """Return the numbers that one of the encoders wrote."""
    if data[0] == PLAIN:
        return np.frombuffer(data, dtype, offset=_HEAD.size)
    numbers = np.empty(count_of(data), dtype)
    _fill(data, numbers)
    return numbers


def count_of(data: bytes) -> int:
    """Return how many numbers were encoded.

    >>> count_of(encode_offsets(np.array([5, 6, 7])))
    3
    """
    return int(_HEAD.unpack_from(data)[3])


def join_numbers(
    parts: Sequence[bytes | None], counts: Sequence[int], dtype: np.dtype[Any], *, default: int = 0
) -> Numbers:
    """Return the numbers of several encodings end to end; None stands for so many defaults. May be read-only.

    >>> join_numbers([encode_offsets(np.array([5, 6])), None], [2, 1], np.dtype("<i8"), default=-1).tolist()
    [5, 6, -1]

    Raises:
        ValueError: another number of them was encoded.
    """
    values = {default if part is None else _constant_of(part, dtype) for part in parts}
    if len(values) == 1 and None not in values:
        return constant_numbers(values.pop() or 0, sum(counts), dtype)
    if len(parts) == 1 and parts[0] and parts[0][0] == PLAIN:
        return _exactly(decode_numbers(parts[0], dtype), counts[0])
    joined, start = np.empty(sum(counts), dtype), 0
    if _fill_narrow(parts, counts, joined):
        return joined
    for part, count in zip(parts, counts, strict=True):
        if part is None:
            joined[start : start + count] = default
        else:
            _fill(part, joined[start : start + count])
        start += count
    return joined


def _fill_narrow(parts: Sequence[bytes | None], counts: Sequence[int], out: Numbers) -> bool:
    """Decode parts that are all offsets of one byte, as most columns are, in one go; say whether they were."""
    heads = [part[: _HEAD.size] for part in parts if part is not None]
    if len(heads) < len(parts) or any(head[:4] != _NARROW for head in heads):
        return False
    bases = [_as(out.dtype, _HEAD.unpack(head)[4]) for head in heads]
    planes = [part[_HEAD.size :] for part in parts if part is not None]
    if list(map(len, planes)) != list(counts):
        raise ValueError("another number of numbers")
    out[:] = np.frombuffer(b"".join(planes), np.uint8)
    if any(bases):
        out += np.repeat(np.array(bases, out.dtype), counts)
    return True


def constant_numbers(value: int, count: int, dtype: np.dtype[Any]) -> Numbers:
    """Return a number so many times: read-only, and of small ones a part of what all callers share.

    >>> constant_numbers(-1, 2, np.dtype("<i8")).tolist()
    [-1, -1]
    """
    if count > SHARED_NUMBERS or not -1 <= value < SHARED_VALUES:
        return np.full(count, value, dtype)
    return _shared(value, dtype)[:count]


@lru_cache(maxsize=SHARED_BLOCKS)
def _shared(value: int, dtype: np.dtype[Any]) -> Numbers:
    block = np.full(SHARED_NUMBERS, value, dtype) if value else np.zeros(SHARED_NUMBERS, dtype)
    block.flags.writeable = False
    return block


def _constant_of(data: bytes, dtype: np.dtype[Any]) -> int | None:
    """Return the number that all encoded ones are equal to; None where they differ."""
    return _as(dtype, _HEAD.unpack_from(data)[4]) if data[0] == CONSTANT else None


def _exactly(numbers: Numbers, count: int) -> Numbers:
    if len(numbers) != count:
        raise ValueError(f"{len(numbers)} numbers in place of {count}")
    return numbers


def _fill(data: bytes, out: Numbers) -> None:
    """Decode into an array of just the right size."""
    encoding, width, extra, count, base = _HEAD.unpack_from(data)
    at = _HEAD.size + (_TIME_HEAD.size if extra else 0)
    if encoding == PLAIN:
        out[:] = _exactly(np.frombuffer(data, out.dtype, offset=at), len(out))
    elif count != len(out):
        raise ValueError(f"{count} numbers in place of {len(out)}")
    elif encoding == CONSTANT:
        out.fill(_as(out.dtype, base))
    elif encoding == DISTINCT:
        codes = np.empty(count, np.uint32)
        _unshuffle(data, at + base * out.itemsize, width, codes)
        out[:] = np.frombuffer(data, out.dtype, base, at)[codes]
    elif encoding == OFFSETS:
        _unshuffle(data, at, width, out)
        if base:
            out += _as(out.dtype, base)
        if extra:
            out *= _TIME_HEAD.unpack_from(data, _HEAD.size)[1]
    elif encoding == DIFFERENCES:
        low, unit, _ = _TIME_HEAD.unpack_from(data, _HEAD.size)
        out[0] = base
        _unshuffle(data, at, width, out[1:])
        out[1:] += low
        np.cumsum(out, out=out)
        if unit > 1:
            out *= unit
    else:
        raise ValueError(f"unknown number encoding {encoding}")


def _scaled_offsets(scaled: npt.NDArray[np.int64], unit: int) -> bytes:
    low, high = int(scaled.min()), int(scaled.max())
    width, plane = _shuffled((scaled - low).view("<u8"), high - low)
    return _HEAD.pack(OFFSETS, width, 1, len(scaled), low) + _TIME_HEAD.pack(0, unit, 0) + plane


def _shuffled(values: Numbers, highest: int) -> tuple[int, bytes]:
    """Return numbers in the narrowest width, first bytes first: equal high bytes become runs."""
    width = 1 if highest < 1 << 8 else 2 if highest < 1 << 16 else 4 if highest < 1 << 32 else 8
    narrow = values.astype(f"<u{width}", copy=False)
    if width == 1:
        return width, narrow.tobytes()
    return width, np.ascontiguousarray(narrow).view(np.uint8).reshape(len(narrow), width).T.tobytes()


def _unshuffle(data: bytes, at: int, width: int, out: Numbers) -> None:
    """Put a plane's numbers into an array of wider ones, byte by byte."""
    if width == 1:
        out[:] = np.frombuffer(data, np.uint8, len(out), at)
        return
    out.fill(0)
    bytes_last = out.view(np.uint8).reshape(len(out), out.itemsize)
    bytes_first = np.frombuffer(data, np.uint8, len(out) * width, at).reshape(width, len(out))
    for place in range(width):
        bytes_last[:, place] = bytes_first[place]


def _signed(value: int) -> int:
    return value - (1 << 64) if value >= 1 << 63 else value


def _as(dtype: np.dtype[Any], base: int) -> int:
    return base & ((1 << 8 * dtype.itemsize) - 1) if dtype.kind == "u" else base
