"""Encode a column of integers into few bytes that compress well, without loss.

Between columns and sections; the bytes are specified in FORMAT.md. Four encodings: a constant; offsets from the
minimum, narrowed and byte-shuffled; differences, for times; distinct values with narrowed codes, for hashes. Wide
random ids are kept as they are ("plain"), which lets zstd find their repetitions.
"""

from __future__ import annotations

import struct
from typing import Any

import numpy as np
import numpy.typing as npt

Numbers = npt.NDArray[Any]

CONSTANT, OFFSETS, DIFFERENCES, DISTINCT, PLAIN = range(5)

_HEAD = struct.Struct("<BBHIq")
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
    encoding, width, extra, count, base = _HEAD.unpack_from(data)
    at = _HEAD.size
    if encoding == CONSTANT:
        return np.full(count, _as(dtype, base), dtype)
    if encoding == PLAIN:
        return np.frombuffer(data, dtype, offset=at)
    if encoding == DISTINCT:
        distinct = np.frombuffer(data, dtype, base, at)
        return distinct[_plane(data, at + base * dtype.itemsize, width, count)]
    if encoding == OFFSETS:
        unit = _TIME_HEAD.unpack_from(data, at)[1] if extra else 1
        plane = _plane(data, at + (_TIME_HEAD.size if extra else 0), width, count).astype(dtype)
        return (plane + base) * unit if extra else plane + _as(dtype, base) if base else plane
    if encoding == DIFFERENCES:
        return _summed(data, at, width, count, base)
    raise ValueError(f"unknown number encoding {encoding}")


def _scaled_offsets(scaled: npt.NDArray[np.int64], unit: int) -> bytes:
    low, high = int(scaled.min()), int(scaled.max())
    width, plane = _shuffled((scaled - low).view("<u8"), high - low)
    return _HEAD.pack(OFFSETS, width, 1, len(scaled), low) + _TIME_HEAD.pack(0, unit, 0) + plane


def _summed(data: bytes, at: int, width: int, count: int, first: int) -> Numbers:
    low, unit, _ = _TIME_HEAD.unpack_from(data, at)
    values = np.empty(count, np.int64)
    values[0] = first
    np.cumsum(_plane(data, at + _TIME_HEAD.size, width, count - 1).astype(np.int64) + low, out=values[1:])
    values[1:] += first
    return values * unit if unit > 1 else values


def _shuffled(values: Numbers, highest: int) -> tuple[int, bytes]:
    """Return numbers in the narrowest width, first bytes first: equal high bytes become runs."""
    width = 1 if highest < 1 << 8 else 2 if highest < 1 << 16 else 4 if highest < 1 << 32 else 8
    narrow = values.astype(f"<u{width}", copy=False)
    if width == 1:
        return width, narrow.tobytes()
    return width, np.ascontiguousarray(narrow).view(np.uint8).reshape(len(narrow), width).T.tobytes()


def _plane(data: bytes, at: int, width: int, count: int) -> Numbers:
    if width == 1:
        return np.frombuffer(data, np.uint8, count, at)
    bytes_first = np.frombuffer(data, np.uint8, count * width, at).reshape(width, count)
    return np.ascontiguousarray(bytes_first.T).reshape(-1).view(f"<u{width}")


def _signed(value: int) -> int:
    return value - (1 << 64) if value >= 1 << 63 else value


def _as(dtype: np.dtype[Any], base: int) -> Any:
    return np.array(base, np.int64).astype(np.uint64).astype(dtype)[()] if dtype.kind == "u" else dtype.type(base)
