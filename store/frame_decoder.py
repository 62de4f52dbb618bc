"""Turn the sections of frames back into columns: only those that are asked for are decompressed.

Between the segment file and the batches that readers get. A column of many frames is filled in one go; where all of
them lack it, or hold the same number throughout, nothing is filled at all.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from ..domain.columns import NUMBER_TYPES, STRING_COLUMNS, BytesColumn
from ..domain.events import Kind
from .frame_encoder import DEFAULT_NUMBERS, ID_COLUMNS
from .number_codec import Numbers, constant_numbers, count_of, decode_numbers, join_numbers
from .quote_columns import decode_lines
from .sections import CODE_SECTIONS, NUMBER_SECTIONS, SectionType, is_raw

FACTS = "facts"
"""Name of the column that reads as `payload` without the payloads of log records and of rejected ones."""

_CODE_TYPE = np.dtype("<u4")
_LENGTH_TYPE = np.dtype("<i8")
_NUMBER_TYPES = {name: (np.dtype(dtype), width) for name, (dtype, width) in NUMBER_TYPES.items()}


class FrameContent(Protocol):
    """A frame, opened."""

    @property
    def events(self) -> int:
        """Number of events."""
        ...

    def content(self, type_: int) -> bytes | None:
        """Return the content of a section, None where the frame has none."""
        ...


def decode_column(name: str, frames: Sequence[FrameContent]) -> Any:
    """Return one column of frames: numbers, codes, `(offsets, codes)` of mentions, or a bytes column.

    Raises:
        ValueError: a section is damaged.
    """
    if name in NUMBER_TYPES:
        return _numbers(name, frames)
    if name in STRING_COLUMNS:
        return join_numbers(_contents(CODE_SECTIONS[name], frames), [frame.events for frame in frames], _CODE_TYPE)
    if name == "mentions":
        return _mentions(frames)
    return _joined_bytes([_payload(frame, with_logs=name != FACTS) for frame in frames])


def sections_behind(names: Iterable[str]) -> list[int]:
    """Return the sections behind a frame's envelope that columns are decoded from.

    >>> sections_behind(["event_id", "occurred_at", "facts"])
    [256, 6, 7]
    """
    return [section for name in names for section in _BEHIND.get(name, ())]


def decode_payload(frame: FrameContent, rows: npt.NDArray[np.int64]) -> BytesColumn:
    """Return the payloads of some rows of a frame; where it holds them as columns, without joining all other lines.

    Raises:
        ValueError: a section is damaged.
    """
    columns = frame.content(SectionType.PAYLOAD_COLUMNS)
    if columns is None:
        return _payload(frame, with_logs=True).take(rows)
    fact_lengths, facts = frame.content(SectionType.FACT_LENGTHS), _payload(frame, with_logs=False)
    is_log = np.ones(frame.events, np.bool_) if fact_lengths is None else _is_log(frame, count_of(fact_lengths))
    lines = iter(decode_lines(columns, (np.cumsum(is_log) - 1)[rows[is_log[rows]]]))
    return BytesColumn.of([next(lines) if is_log[row] else facts[row] for row in rows.tolist()])


def _contents(section: int, frames: Sequence[FrameContent]) -> list[bytes | None]:
    return [frame.content(section) for frame in frames]


def _numbers(name: str, frames: Sequence[FrameContent]) -> Numbers:
    dtype, width = _NUMBER_TYPES[name]
    counts = [frame.events * width for frame in frames]
    values = join_numbers(_contents(NUMBER_SECTIONS[name], frames), counts, dtype, default=DEFAULT_NUMBERS.get(name, 0))
    return values if width == 1 else values.reshape(-1, width)


def _mentions(frames: Sequence[FrameContent]) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.uint32]]:
    counts = [frame.events for frame in frames]
    lengths = _contents(SectionType.MENTION_COUNTS, frames)
    codes = [part for part in _contents(SectionType.MENTION_CODES, frames) if part is not None]
    if not codes:
        return _no_lengths(sum(counts)), np.zeros(0, np.uint32)
    joined = join_numbers(codes, [count_of(part) for part in codes], _CODE_TYPE)
    return _offsets(join_numbers(lengths, counts, _LENGTH_TYPE)), joined


def _payload(frame: FrameContent, *, with_logs: bool) -> BytesColumn:
    count, content = frame.events, frame.content
    fact_lengths = content(SectionType.FACT_LENGTHS)
    log_lengths, logs = _logs(frame) if with_logs else (None, b"")
    if fact_lengths is None:
        return BytesColumn(_no_lengths(count) if log_lengths is None else _offsets(log_lengths), logs)
    facts = content(SectionType.FACTS) or b""
    lengths = decode_numbers(fact_lengths, _LENGTH_TYPE)
    if len(lengths) == count:
        return BytesColumn(_offsets(lengths), facts)
    return _merged(_is_log(frame, len(lengths)), lengths, facts, log_lengths, logs)


def _joined_bytes(parts: Sequence[BytesColumn]) -> BytesColumn:
    if len(parts) == 1:
        return parts[0]
    data = b"".join([part.data for part in parts])
    if not data:
        return BytesColumn(_no_lengths(sum(map(len, parts))), data)
    return BytesColumn(_offsets(np.concatenate([np.diff(part.offsets) for part in parts])), data)


def _logs(frame: FrameContent) -> tuple[Numbers | None, bytes]:
    """Return lengths and bytes of the payloads of log records; no lengths where there is none."""
    columns = frame.content(SectionType.PAYLOAD_COLUMNS)
    if columns is not None:
        lines = decode_lines(columns)
        return np.fromiter(map(len, lines), np.int64, len(lines)), b"".join(lines)
    lengths = frame.content(SectionType.PAYLOAD_LENGTHS)
    if lengths is None:
        return None, b""
    return decode_numbers(lengths, _LENGTH_TYPE), frame.content(SectionType.PAYLOAD) or b""


def _is_log(frame: FrameContent, facts: int) -> npt.NDArray[np.bool_]:
    """Return which rows have their payload among the logs; the first frames written kept rejected bytes as facts."""
    kind = _numbers("kind", [frame])
    raw = is_raw(kind)
    return raw if frame.events - np.count_nonzero(raw) == facts else np.asarray(kind == Kind.LOG_RECORDED)


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


def _no_lengths(count: int) -> npt.NDArray[np.int64]:
    """Return the offsets of rows that are all empty."""
    return constant_numbers(0, count + 1, _LENGTH_TYPE)


def _offsets(lengths: Numbers) -> npt.NDArray[np.int64]:
    offsets = np.zeros(len(lengths) + 1, np.int64)
    np.cumsum(lengths, out=offsets[1:])
    return offsets


_FACT_SECTIONS = (int(SectionType.FACT_LENGTHS), int(SectionType.FACTS))
_PAYLOADS = (SectionType.PAYLOAD_LENGTHS, SectionType.PAYLOAD, SectionType.PAYLOAD_COLUMNS)
_BEHIND: dict[str, tuple[int, ...]] = {
    **{name: (NUMBER_SECTIONS[name],) for name in ID_COLUMNS},
    FACTS: _FACT_SECTIONS,
    "payload": (*_FACT_SECTIONS, *map(int, _PAYLOADS)),
}
