r"""Turn lines of JSON-like text into columns that compress better, without loss: the "quote split".

Under the payload of compacted segments. Lines are cut at each double quote; those with equally many pieces are laid
side by side, and each place becomes a column: constant, a dictionary, numbers with differences, hexadecimal digits,
or text. Any bytes survive; text that is no JSON only gains less. The content is specified in FORMAT.md.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt

from .number_codec import decode_numbers, encode_offsets, encode_times

TEXT, CODES, INTEGERS, DIGITS, HEX = range(5)

QUOTE = b'"'
MOST_PIECES = 2048
"""Lines with more are kept whole: columns cost some 20 bytes each. Chosen: ten times what cloud logs have."""

DICTIONARY_SHARE = 4
"""A dictionary pays where a value comes so many times on average. Chosen: below, zstd finds repetitions as well."""

MOST_DIGITS = 18
"""An int64 holds so many decimal digits whatever they are."""

_DIGIT = np.zeros(256, np.bool_)
_DIGIT[list(b"0123456789")] = True
_HEX_DIGITS = b"0123456789abcdef"
_NIBBLE = np.full(256, 255, np.uint8)
_NIBBLE[list(_HEX_DIGITS)] = np.arange(16)
_HEX_OF_NIBBLE = np.frombuffer(_HEX_DIGITS, np.uint8)
Rows = npt.NDArray[np.int64]
_INT64 = np.dtype("<i8")

Column = bytes | list[Any]
"""A constant, or the encoding's number and what it needs."""


def encode_lines(lines: Sequence[bytes]) -> bytes:
    r"""Return lines as columns.

    >>> lines = [b'{"n":"%d"}' % n for n in range(3)]
    >>> decode_lines(encode_lines(lines)) == lines
    True
    """
    pieces = [line.split(QUOTE) for line in lines]
    counts = [len(one) if len(one) <= MOST_PIECES else 0 for one in pieces]
    groups = []
    order = sorted(range(len(lines)), key=counts.__getitem__)
    for count, group in groupby(order, key=counts.__getitem__):
        rows = list(group)
        columns = zip(*[pieces[row] for row in rows], strict=True) if count else [tuple(lines[row] for row in rows)]
        groups.append([_encode_column(column, quoted=bool(count)) for column in columns])
    return msgspec.msgpack.encode([encode_offsets(np.array(counts, np.int64)), groups])


def decode_lines(data: bytes, rows: Rows | None = None) -> list[bytes]:
    """Return the lines that `encode_lines` was given, all or those of some rows.

    Raises:
        ValueError: the data is something else.
    """
    try:
        encoded, groups = msgspec.msgpack.decode(data, type=tuple[bytes, list[list[Any]]])
    except msgspec.MsgspecError as error:
        raise ValueError(f"no columns of lines: {error}") from error
    counts = decode_numbers(encoded, _INT64)
    lines: list[bytes] = [b""] * len(counts)
    order = np.argsort(counts, kind="stable")
    bounds = np.flatnonzero(np.diff(counts[order])) + 1
    for group, columns in zip(np.split(order, bounds), groups, strict=bool(len(counts))):
        picked = None if rows is None else np.flatnonzero(np.isin(group, rows))
        if picked is not None and not len(picked):
            continue
        decoded = [_decode_column(column, len(group), picked) for column in columns]
        places = (group if picked is None else group[picked]).tolist()
        for row, line in zip(places, map(QUOTE.join, zip(*decoded, strict=True)), strict=True):
            lines[row] = line
    return lines if rows is None else [lines[row] for row in rows.tolist()]


def _encode_column(values: tuple[bytes, ...], *, quoted: bool) -> Column:
    first, count = values[0], len(values)
    if values.count(first) == count:
        return first
    if not quoted:  # the values may hold quotes themselves
        return [TEXT, b"".join(values), encode_offsets(np.array([len(value) for value in values]))]
    distinct = dict.fromkeys(values)
    if len(distinct) * DICTIONARY_SHARE <= count:
        table = {value: code for code, value in enumerate(distinct)}
        codes = np.fromiter(map(table.__getitem__, values), np.uint32, count)
        return [CODES, QUOTE.join(distinct), encode_offsets(codes)]
    return _fixed_length(values) or _integers(values) or [TEXT, QUOTE.join(values)]


def _fixed_length(values: tuple[bytes, ...]) -> Column | None:
    """Encode values of one length that differ only in decimal or hexadecimal digits: times, ids."""
    length, joined = len(values[0]), b"".join(values)
    if length == 0 or len(joined) != length * len(values) or len(set(map(len, values))) > 1:
        return None
    matrix = np.frombuffer(joined, np.uint8).reshape(-1, length)
    varying = np.flatnonzero((matrix != matrix[0]).any(axis=0))
    digits = np.flatnonzero(_DIGIT[matrix[0]] & (np.arange(length) >= varying[0]))
    if len(digits) <= MOST_DIGITS and np.isin(varying, digits).all() and _DIGIT[matrix[:, digits]].all():
        numbers = (matrix[:, digits].astype(np.int64) - 48) @ _powers(len(digits))
        return [DIGITS, values[0], digits.tolist(), encode_times(numbers)]
    nibbles = _NIBBLE[matrix[:, varying]]
    if nibbles.max() > 15:
        return None
    return [HEX, values[0], varying.tolist(), _packed(nibbles.ravel())]


def _integers(values: tuple[bytes, ...]) -> Column | None:
    """Encode decimal numbers of different lengths, with what stands before and behind all of them."""
    prefix = _common_start(min(values), max(values)).rstrip(b"0123456789")
    suffix = values[0][len(prefix) :].lstrip(b"0123456789")
    end = len(suffix)
    middles = [value[len(prefix) : len(value) - end] for value in values]
    if not b"".join(middles).isdigit() or max(map(len, middles)) > MOST_DIGITS or not all(middles):
        return None
    numbers = list(map(int, middles))
    if [b"%b%d%b" % (prefix, number, suffix) for number in numbers] != list(values):
        return None
    return [INTEGERS, prefix, suffix, encode_times(np.array(numbers, np.int64))]


def _common_start(one: bytes, other: bytes) -> bytes:
    length = next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    return one[:length]


def _decode_column(column: Column, count: int, picked: Rows | None) -> Iterable[bytes]:
    if isinstance(column, bytes):
        return [column] * (count if picked is None else len(picked))
    encoding, *rest = column
    if encoding == TEXT:
        return _picked(rest[0].split(QUOTE), picked) if len(rest) == 1 else _cut(rest[0], rest[1], picked)
    if encoding == CODES:
        values = rest[0].split(QUOTE)
        return [values[code] for code in _numbers(rest[1], np.dtype("<u4"), picked).tolist()]
    if encoding == INTEGERS:
        prefix, suffix, numbers = rest
        return [b"%b%d%b" % (prefix, number, suffix) for number in _numbers(numbers, _INT64, picked).tolist()]
    if encoding in (DIGITS, HEX):
        return _decode_fixed(encoding, *rest, count=count, picked=picked)
    raise ValueError(f"unknown column encoding {encoding}")


def _picked(values: list[bytes], picked: Rows | None) -> list[bytes]:
    return values if picked is None else [values[place] for place in picked.tolist()]


def _numbers(encoded: bytes, dtype: np.dtype[Any], picked: Rows | None) -> Any:
    numbers = decode_numbers(encoded, dtype)
    return numbers if picked is None else numbers[picked]


def _cut(joined: bytes, lengths: bytes, picked: Rows | None) -> list[bytes]:
    ends = np.cumsum(decode_numbers(lengths, _INT64))
    starts = np.concatenate([[0], ends[:-1]])
    if picked is not None:
        starts, ends = starts[picked], ends[picked]
    return [joined[start:end] for start, end in zip(starts.tolist(), ends.tolist(), strict=True)]


def _decode_fixed(
    encoding: int, template: bytes, places: list[int], content: bytes, *, count: int, picked: Rows | None
) -> list[bytes]:
    if encoding == DIGITS:
        numbers = _numbers(content, _INT64, picked)
        digits = numbers[:, None] // _powers(len(places)) % 10 + 48
    else:
        nibbles = _unpacked(content, count * len(places)).reshape(count, -1)
        digits = _HEX_OF_NIBBLE[nibbles if picked is None else nibbles[picked]]
    matrix = np.tile(np.frombuffer(template, np.uint8), (len(digits), 1))
    matrix[:, places] = digits
    joined, length = matrix.tobytes(), len(template)
    return [joined[start : start + length] for start in range(0, len(joined), length)]


def _powers(count: int) -> Any:
    return 10 ** np.arange(count - 1, -1, -1, dtype=np.int64)


def _packed(nibbles: Any) -> bytes:
    padded = np.append(nibbles, np.zeros(len(nibbles) % 2, np.uint8))
    return bytes((padded[::2] << 4 | padded[1::2]).tobytes())


def _unpacked(data: bytes, count: int) -> Any:
    packed = np.frombuffer(data, np.uint8)
    return np.stack([packed >> 4, packed & 15], axis=1).reshape(-1)[:count]
