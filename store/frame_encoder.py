"""Turn rows of a batch into a frame: sections of columns, and the header over them.

Between `Ledger.append` and the segment file. The order of sections puts what folds read first and the payload last, so
that one read from the front gets the envelope.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from ..domain.batch import EventBatch
from ..domain.columns import NUMBER_TYPES, STRING_COLUMNS, BytesColumn
from ..domain.dictionary import Codes
from ..domain.events import Kind
from .compression import COLD_LEVEL
from .frame_header import COLUMNS_VERSION, FIXED_BYTES, PLAIN_VERSION, FrameFlag, FrameHeader, pack_header
from .number_codec import Numbers, encode_distinct, encode_offsets, encode_plain, encode_times
from .quote_columns import encode_lines
from .sections import CODE_SECTIONS, ENTRY, NUMBER_SECTIONS, Section, SectionType, is_raw, join_sections
from .segment_dictionary import SegmentDictionaries
from .segment_index import SegmentIndex

ID_COLUMNS = ("event_id", "trace_id", "span_id", "parent_span_id")
"""Wide and random: behind the envelope in a frame, read only when asked for."""

_ENCODERS: dict[str, Callable[[Any], bytes]] = {
    "occurred_at": encode_times,
    "recorded_at": encode_times,
    "template": encode_distinct,
    **dict.fromkeys(ID_COLUMNS, encode_plain),
}

DEFAULT_NUMBERS = {"duration_us": -1, "kind": int(Kind.LOG_RECORDED)}
"""Values of number columns that need no section: where all rows have it (0 for all others)."""


@dataclass(frozen=True)
class FramePlace:
    """Where a frame stands in its segment."""

    segment_id: int
    first_position: int
    epoch: int
    previous: int


def encode_frame(
    batch: EventBatch,
    rows: slice,
    dictionaries: SegmentDictionaries,
    place: FramePlace,
    *,
    cursor: bytes | None = None,
    more_follows: bool = False,
    cold: bool = False,
    index: tuple[SegmentIndex, int] | None = None,
) -> tuple[FrameHeader, list[bytes]]:
    """Return a frame as its header and the pieces of its bytes, in order.

    Args:
        batch: events, with all columns.
        rows: the rows of the batch that the frame holds (a slice with start and stop).
        dictionaries: the segment's; new strings are added.
        place: where the frame stands.
        cursor: the source's cursor after this frame.
        more_follows: whether the commit goes on in the next frame.
        cold: make it as small as possible: payload as columns, a high level.
        index: the segment's, which takes the frame in, and the frame's number; the frame then brings filters.
    """
    count = rows.stop - rows.start
    codes = {name: _translated(batch, name, rows, dictionaries) for name in STRING_COLUMNS}
    envelope = [*_envelope_numbers(batch, rows), *_codes(codes), *_mentions(batch, rows, dictionaries)]
    front = [*([Section.pack(SectionType.CURSOR, cursor)] if cursor is not None else []), *dictionaries.new_sections()]
    behind = [*_filters(batch, rows, codes, index), *_ids(batch, rows), *_contents(batch, rows)]
    if cold:
        behind = _with_columns(batch, rows, behind)
        front, envelope, behind = [[one.chilled() for one in part] for part in (front, envelope, behind)]
    sections = [*front, *envelope, *behind]
    table, pieces = join_sections(sections)
    header = _header(batch, rows, place, more_follows)._replace(
        events=count,
        header_length=FIXED_BYTES + len(table) + 4,
        body_length=sum(map(len, pieces)),
        raw_bytes=int(batch.payload.offsets[rows.stop] - batch.payload.offsets[rows.start]),
        envelope_length=FIXED_BYTES + len(table) + 4 + sum(s.stored_length for s in (*front, *envelope)),
        section_count=len(table) // ENTRY.size,
        version=COLUMNS_VERSION if sections and sections[-1].type == SectionType.PAYLOAD_COLUMNS else PLAIN_VERSION,
    )
    packed, checksum = pack_header(header, table)
    return header._replace(checksum=checksum), [packed, *pieces]


def _header(batch: EventBatch, rows: slice, place: FramePlace, more_follows: bool) -> FrameHeader:
    occurred, recorded = batch.occurred_at[rows], batch.recorded_at[rows]
    some = len(occurred) > 0
    return FrameHeader(
        flags=FrameFlag.MORE_FOLLOWS if more_follows else FrameFlag.NONE,
        header_length=0,
        body_length=0,
        segment_id=place.segment_id,
        events=0,
        first_position=place.first_position,
        min_occurred=int(occurred.min()) if some else 0,
        max_occurred=int(occurred.max()) if some else 0,
        min_recorded=int(recorded.min()) if some else 0,
        max_recorded=int(recorded.max()) if some else 0,
        epoch=place.epoch,
        raw_bytes=0,
        envelope_length=0,
        previous=place.previous,
        severities=_bits(batch.severity[rows]),
        kinds=_bits(batch.kind[rows]),
        section_count=0,
    )


def _bits(values: Numbers) -> int:
    """Return which small values occur, one bit each (31 and above share the highest)."""
    return sum(1 << value for value in np.flatnonzero(np.bincount(np.minimum(values, 31))).tolist())


def _envelope_numbers(batch: EventBatch, rows: slice) -> list[Section]:
    return [
        section for name in NUMBER_TYPES if name not in ID_COLUMNS for section in _number_section(batch, name, rows)
    ]


def _ids(batch: EventBatch, rows: slice) -> list[Section]:
    return [section for name in ID_COLUMNS for section in _number_section(batch, name, rows)]


def _number_section(batch: EventBatch, name: str, rows: slice) -> list[Section]:
    values = getattr(batch, name)[rows]
    default = DEFAULT_NUMBERS.get(name, 0)
    if not np.count_nonzero(values != default if default else values):  # a third of what `any` takes for a small frame
        return []
    encoded = _ENCODERS.get(name, encode_offsets)(values)
    return [Section.pack(NUMBER_SECTIONS[name], encoded, compressed=name != "event_id")]


def _translated(batch: EventBatch, name: str, rows: slice, dictionaries: SegmentDictionaries) -> Codes:
    column = getattr(batch, name)
    return dictionaries[name].translate(column.codes[rows], column.dictionary)


def _codes(columns: dict[str, Codes]) -> list[Section]:
    return [
        Section.pack(CODE_SECTIONS[name], encode_offsets(codes))
        for name, codes in columns.items()
        if np.count_nonzero(codes)
    ]


def _filters(
    batch: EventBatch, rows: slice, codes: dict[str, Codes], index: tuple[SegmentIndex, int] | None
) -> list[Section]:
    if index is None:
        return []
    segment, frame = index
    return segment.add(frame, {"event_id": batch.event_id[rows], "trace_id": batch.trace_id[rows], **codes})


def _mentions(batch: EventBatch, rows: slice, dictionaries: SegmentDictionaries) -> list[Section]:
    offsets = batch.mentions.offsets[rows.start : rows.stop + 1]
    counts = np.diff(offsets)
    if not np.count_nonzero(counts):
        return []
    codes = batch.mentions.codes[offsets[0] : offsets[-1]]
    translated = dictionaries["mentions"].translate(codes, batch.mentions.dictionary)
    return [
        Section.pack(SectionType.MENTION_COUNTS, encode_offsets(counts)),
        Section.pack(SectionType.MENTION_CODES, encode_offsets(translated)),
    ]


def _contents(batch: EventBatch, rows: slice) -> list[Section]:
    """Return facts and payload: apart, so that folds read facts without the logs."""
    is_log = is_raw(batch.kind[rows])
    lengths = np.diff(batch.payload.offsets[rows.start : rows.stop + 1])
    logs, facts = _split_payload(batch.payload, rows, is_log)
    sections = []
    if not is_log.all():
        sections += _pair(SectionType.FACT_LENGTHS, lengths[~is_log], SectionType.FACTS, facts)
    if is_log.any():
        sections += _pair(SectionType.PAYLOAD_LENGTHS, lengths[is_log], SectionType.PAYLOAD, logs)
    return sections


def _with_columns(batch: EventBatch, rows: slice, sections: list[Section]) -> list[Section]:
    """Return sections with the payload of log records as columns, where that is smaller."""
    if not sections or sections[-1].type != SectionType.PAYLOAD:
        return sections
    *others, lengths, plain = sections
    bounds = batch.payload.offsets[rows.start : rows.stop + 1].tolist()
    logs = is_raw(batch.kind[rows]).tolist()
    lines = [batch.payload.data[a:b] for (a, b), log in zip(pairwise(bounds), logs, strict=True) if log]
    columns = Section.pack(SectionType.PAYLOAD_COLUMNS, encode_lines(lines), level=COLD_LEVEL)
    plain = plain.chilled()
    smaller = columns.stored_length < lengths.stored_length + plain.stored_length
    return [*others, columns] if smaller else [*others, lengths, plain]


def _pair(lengths_type: SectionType, lengths: Numbers, data_type: SectionType, data: bytes) -> list[Section]:
    return [Section.pack(lengths_type, encode_offsets(lengths)), Section.pack(data_type, data)]


def _split_payload(payload: BytesColumn, rows: slice, is_log: Numbers) -> tuple[bytes, bytes]:
    start, end = int(payload.offsets[rows.start]), int(payload.offsets[rows.stop])
    data = payload.data[start:end]
    if is_log.all():
        return data, b""
    if not is_log.any():
        return b"", data
    bounds = (payload.offsets[rows.start : rows.stop + 1] - start).tolist()
    pieces = [data[a:b] for a, b in pairwise(bounds)]
    flags = is_log.tolist()
    logs = b"".join([piece for piece, log in zip(pieces, flags, strict=True) if log])
    return logs, b"".join([piece for piece, log in zip(pieces, flags, strict=True) if not log])
