"""Turn the sections of a frame back into columns: only those that are asked for are decompressed.

Between the segment file and the batches that readers get.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from ..domain.columns import NUMBER_TYPES, STRING_COLUMNS, BytesColumn
from ..domain.events import Kind
from .frame_encoder import DEFAULT_NUMBERS
from .frame_header import FrameHeader
from .number_codec import Numbers, decode_numbers
from .quote_columns import decode_lines
from .sections import CODE_SECTIONS, NUMBER_SECTIONS, SectionType, is_raw

FACTS = "facts"
"""Name of the column that reads as `payload` without the payloads of log records and of rejected ones."""

Contents = Callable[[int], bytes | None]
"""Returns the content of a section, None where the frame has none."""

_CODE_TYPE = np.dtype("<u4")
_LENGTH_TYPE = np.dtype("<i8")


def decode_column(name: str, header: FrameHeader, content: Contents) -> Any:
    """Return one column of a frame: numbers, codes, `(offsets, codes)` of mentions, or a bytes column."""
    if name in NUMBER_TYPES:
        return _numbers(name, header.events, content)
    if name in STRING_COLUMNS:
        return _codes(CODE_SECTIONS[name], header.events, content)
    if name == "mentions":
        return _mentions(header.events, content)
    return _contents(header.events, content, with_logs=name != FACTS)


def _numbers(name: str, count: int, content: Contents) -> Numbers:
    dtype, width = NUMBER_TYPES[name]
    data = content(NUMBER_SECTIONS[name])
    if data is None:
        shape = count if width == 1 else (count, width)
        return np.full(shape, DEFAULT_NUMBERS.get(name, 0), dtype)
    values = decode_numbers(data, np.dtype(dtype))
    return values if width == 1 else values.reshape(-1, width)


def _codes(section: int, count: int, content: Contents) -> npt.NDArray[np.uint32]:
    data = content(section)
    return np.zeros(count, np.uint32) if data is None else decode_numbers(data, _CODE_TYPE)


def _mentions(count: int, content: Contents) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.uint32]]:
    data = content(SectionType.MENTION_COUNTS)
    if data is None:
        return np.zeros(count + 1, np.int64), np.zeros(0, np.uint32)
    codes = content(SectionType.MENTION_CODES) or b""
    return _offsets(decode_numbers(data, _LENGTH_TYPE)), decode_numbers(codes, _CODE_TYPE)


def _contents(count: int, content: Contents, *, with_logs: bool) -> BytesColumn:
    fact_lengths = content(SectionType.FACT_LENGTHS)
    log_lengths, logs = _logs(content) if with_logs else (None, b"")
    if fact_lengths is None:
        return BytesColumn(np.zeros(count + 1, np.int64) if log_lengths is None else _offsets(log_lengths), logs)
    facts = content(SectionType.FACTS) or b""
    lengths = decode_numbers(fact_lengths, _LENGTH_TYPE)
    if len(lengths) == count:
        return BytesColumn(_offsets(lengths), facts)
    return _merged(_is_log(count, content, len(lengths)), lengths, facts, log_lengths, logs)


def _logs(content: Contents) -> tuple[Numbers | None, bytes]:
    """Return lengths and bytes of the payloads of log records; no lengths where there is none."""
    columns = content(SectionType.PAYLOAD_COLUMNS)
    if columns is not None:
        lines = decode_lines(columns)
        return np.fromiter(map(len, lines), np.int64, len(lines)), b"".join(lines)
    lengths = content(SectionType.PAYLOAD_LENGTHS)
    if lengths is None:
        return None, b""
    return decode_numbers(lengths, _LENGTH_TYPE), content(SectionType.PAYLOAD) or b""


def _is_log(count: int, content: Contents, facts: int) -> npt.NDArray[np.bool_]:
    """Return which rows have their payload among the logs; the first frames written kept rejected bytes as facts."""
    kind = _numbers("kind", count, content)
    raw = is_raw(kind)
    return raw if count - np.count_nonzero(raw) == facts else np.asarray(kind == Kind.LOG_RECORDED)


def _merged(
    is_log: npt.NDArray[np.bool_], fact_lengths: Numbers, facts: bytes, log_lengths: Numbers | None, logs: bytes
) -> BytesColumn:
    lengths = np.zeros(len(is_log), np.int64)
    lengths[~is_log] = fact_lengths
    if log_lengths is None:
        return BytesColumn(_offsets(lengths), facts)
    lengths[is_log] = log_lengths
    at_fact = at_log = 0
    pieces = []
    for log, length in zip(is_log.tolist(), lengths.tolist(), strict=True):
        if log:
            pieces.append(logs[at_log : at_log + length])
            at_log += length
        else:
            pieces.append(facts[at_fact : at_fact + length])
            at_fact += length
    return BytesColumn(_offsets(lengths), b"".join(pieces))


def _offsets(lengths: Numbers) -> npt.NDArray[np.int64]:
    offsets = np.zeros(len(lengths) + 1, np.int64)
    np.cumsum(lengths, out=offsets[1:])
    return offsets


_CONTENT_SECTIONS = [int(SectionType.FACT_LENGTHS), int(SectionType.FACTS), NUMBER_SECTIONS["kind"]]
_PAYLOADS = (SectionType.PAYLOAD_LENGTHS, SectionType.PAYLOAD, SectionType.PAYLOAD_COLUMNS)
_COLUMN_SECTIONS: dict[str, list[int]] = {
    **{name: [section] for name, section in NUMBER_SECTIONS.items()},
    **{name: [CODE_SECTIONS[name]] for name in STRING_COLUMNS},
    "mentions": [int(SectionType.MENTION_COUNTS), int(SectionType.MENTION_CODES)],
    FACTS: _CONTENT_SECTIONS,
    "payload": [*_CONTENT_SECTIONS, *map(int, _PAYLOADS)],
}
