"""Read one segment file, sealed or still being written; a writer beside it does no harm.

Between the file and everything that reads: queries, folds, dedupe, verification. A sealed segment opens by its footer,
any other by walking its frames; what is known of it is kept and grown.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from os.path import basename, dirname
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from ..domain.columns import BytesColumn
from ..domain.dictionary import Dictionary
from ..domain.errors import SegmentDamageError
from .acknowledged import read_acknowledged
from .file_system import FileSystem
from .footer import Footer, open_footer
from .frame_decoder import decode_column, decode_payload, sections_behind
from .frame_filters import IDS, TRACES, FilterKind, FrameFilters, whole_filter
from .frame_table import DamagedRange, FrameTable
from .sections import CODE_SECTIONS, SectionType
from .segment_header import SegmentOrigin, parse_segment_header, segment_header_length
from .segment_index import MEMBER_COLUMNS, FrameMembers, IndexPart, SegmentIndex
from .segment_scan import SegmentScan, search_frame
from .segment_strings import SegmentStrings, open_frame
from .split_block_filter import Filter, KeyProbe
from .stored_frame import StoredFrame
from .stream_directory import stream_name

HEADER_GUESS = 4096


class SegmentFilters(NamedTuple):
    """The filters of trace ids and of event ids over a segment, None where they are not known."""

    traces: Filter | None
    ids: Filter | None


class SegmentReader:
    """One segment, open for reading.

    A damaged header is made up for by the frames.

    Attributes:
        frames: its committed frames.
        damage: ranges that cannot be read.
        origin: what its header says.
        inode: tells the file from another one that takes its name later.
        footer: None for a segment that is not sealed, or whose footer is damaged.
    """

    def __init__(self, files: FileSystem, path: str, *, sealed: bool, check_all: bool = False) -> None:
        self._files, self.path, self.sealed = files, path, sealed
        self._damaged_header: DamagedRange | None = None
        self.inode = files.identity(path)[0]
        self.file = files.open_readable(path)
        self.origin = self._read_origin()
        self.footer: Footer | None = open_footer(self.file, path) if sealed else None
        self._scan: SegmentScan | None = None
        if self.footer is None:
            self._scan = self._new_scan()
            self.refresh(check_all=check_all)
        self._strings = SegmentStrings(self.file, self.footer, self.footer or self.scan)
        self._open_index = SegmentIndex()
        self._members: dict[str, FrameMembers | None] = {}

    def refresh(self, *, check_all: bool = False) -> None:
        """Take in what was committed since; it is made durable first, so that nothing shown can vanish."""
        if self._scan is None:
            return
        if self.file.size() < self._scan.end:
            self._start_again()
        if self._scan.advance(self.file, check_all=check_all) and not self.sealed:
            self.file.sync()

    def _start_again(self) -> None:
        self._scan = self._new_scan()
        self._strings = SegmentStrings(self.file, self.footer, self.footer or self.scan)
        self._open_index = SegmentIndex()

    def _new_scan(self) -> SegmentScan:
        return SegmentScan(
            self.origin, acknowledged=lambda: read_acknowledged(self._files, self.path, self.origin.segment_id)
        )

    @property
    def frames(self) -> FrameTable:
        """The committed frames."""
        return self.footer.frames if self.footer else self.scan.frames

    @property
    def scan(self) -> SegmentScan:
        """How the segment was walked; only without a footer."""
        assert self._scan is not None
        return self._scan

    @property
    def damage(self) -> list[DamagedRange]:
        """Ranges that are known to be damaged."""
        header = [self._damaged_header] if self._damaged_header else []
        if self.footer:
            return [*header, *self.footer.summary.damage]
        if self.sealed:
            return [*header, *self.scan.damage, DamagedRange(self.scan.end, self.file.size(), "damaged footer")]
        return [*header, *self.scan.damage]

    @property
    def next_position(self) -> int:
        """Position after the last event."""
        return self.footer.summary.next_position if self.footer else self.scan.next_position

    def cursor(self) -> bytes | None:
        """Return the source's cursor after the last event."""
        if self.footer:
            return self.footer.summary.cursor
        for frame in range(len(self.frames) - 1, -1, -1):
            cursor = self._cursor_of(frame)
            if cursor is not None:
                return cursor
        return self.origin.cursor

    def frame(self, number: int) -> StoredFrame:
        """Open a frame.

        Raises:
            SegmentDamageError: its header is damaged.
        """
        try:
            frame = open_frame(self.file, self.frames, number)
        except ValueError as error:
            raise self.damaged(number, str(error)) from error
        self._strings.meet(number, frame)
        return frame

    def columns(self, numbers: Sequence[int], names: Sequence[str]) -> dict[str, Any]:
        """Return columns of frames, end to end; strings as codes of `dictionary`. Arrays may be read-only.

        Raises:
            SegmentDamageError: a section that was needed is damaged.
        """
        frames, sections = [self.frame(number) for number in numbers], sections_behind(names)
        try:
            for frame in frames:
                frame.prepare(sections)
            columns = {name: decode_column(name, frames) for name in names}
            self._check_strings(numbers[-1], columns)
        except ValueError as error:
            for number in numbers if len(numbers) > 1 else ():
                self.columns([number], names)  # the one that is damaged raises
            raise self.damaged(numbers[0], str(error)) from error
        return columns

    def payload(self, number: int, rows: npt.NDArray[np.int64]) -> BytesColumn:
        """Return the payloads of some rows of a frame.

        Raises:
            SegmentDamageError: a section that was needed is damaged.
        """
        frame = self.frame(number)
        try:
            frame.prepare(sections_behind(["payload"]))
            return decode_payload(frame, rows)
        except ValueError as error:
            raise self.damaged(number, str(error)) from error

    def dictionary(self, column: str) -> Dictionary:
        """Return a column's dictionary, the same object for all frames; it may grow with the segment."""
        return self._strings.dictionary(column, len(self.frames))

    def dictionaries(self) -> Mapping[str, Dictionary]:
        """Return the dictionaries of all columns."""
        return self._strings.all(len(self.frames))

    def filters(self, kind: FilterKind) -> FrameFilters:
        """Return the filters of all frames; a damaged frame's says "perhaps" to everything."""
        sealed = self._sealed_traces if kind is TRACES else self._sealed_ids
        filters = sealed or (self._open_index.traces if kind is TRACES else self._open_index.ids)
        self.extend(filters)
        return filters

    def members(self, column: str) -> FrameMembers | None:
        """Return in which frames which codes of a column occur; None for a column of which that is not known."""
        if column not in MEMBER_COLUMNS:
            return None
        members = self._sealed_members(column) or self._open_index.members[column]
        self.extend(members)
        return members

    def extend(self, part: IndexPart) -> None:
        """Add the frames that a part of an index does not know yet."""
        for number in range(part.frames, len(self.frames)):
            try:
                if not part.add_stored(self.frame(number)):
                    part.add_column(self.columns([number], [part.column])[part.column])
            except SegmentDamageError:
                part.add_unreadable()

    @cached_property
    def _sealed_traces(self) -> FrameFilters | None:
        return self._of_footer(TRACES)

    @cached_property
    def _sealed_ids(self) -> FrameFilters | None:
        return self._of_footer(IDS)

    def _of_footer(self, kind: FilterKind) -> FrameFilters | None:
        try:
            return FrameFilters.of_footer(kind, self.footer) if self.footer else None
        except ValueError:
            return None

    def _sealed_members(self, column: str) -> FrameMembers | None:
        if column not in self._members:
            try:
                self._members[column] = FrameMembers.of_footer(column, self.footer) if self.footer else None
            except ValueError:
                self._members[column] = None
        return self._members[column]

    def may_hold_id(self, probe: KeyProbe) -> bool:
        """Say whether an event id with this key can be in the segment."""
        return self.id_filter is None or probe.perhaps_in(self.id_filter)

    def may_hold_trace(self, probe: KeyProbe) -> bool:
        """Say whether a trace id with this key can be in the segment."""
        return self.trace_filter is None or probe.perhaps_in(self.trace_filter)

    @cached_property
    def id_filter(self) -> Filter | None:
        """The filter of event ids over the whole segment, None where there is none."""
        return whole_filter(IDS, self.footer)

    @cached_property
    def trace_filter(self) -> Filter | None:
        """The filter of trace ids over the whole segment, None where there is none."""
        return whole_filter(TRACES, self.footer)

    def asked_filters(self) -> SegmentFilters:
        """Return the filters over the whole segment that were needed so far."""
        return SegmentFilters(self.__dict__.get("trace_filter"), self.__dict__.get("id_filter"))

    def damaged(self, number: int, reason: str) -> SegmentDamageError:
        """Return the error that names a frame as damaged."""
        offset, length, _, count, first, *_ = self.frames.rows[number].tolist()
        return SegmentDamageError(
            self.path,
            start=offset,
            end=offset + length,
            reason=reason,
            stream=self.origin.stream,
            first_position=first,
            last_position=first + count - 1,
        )

    def _check_strings(self, number: int, columns: dict[str, Any]) -> None:
        for name in columns.keys() & CODE_SECTIONS.keys():
            codes = columns[name][1] if name == "mentions" else columns[name]
            dictionary = self._strings.dictionary(name, number + 1)
            lost = any(((codes >= hole.start) & (codes < hole.stop)).any() for hole in self._strings.lost(name))
            if lost or (len(codes) and int(codes.max()) >= len(dictionary)):
                raise ValueError(f"strings of column {name!r} were in a damaged frame before it")

    def _cursor_of(self, number: int) -> bytes | None:
        try:
            return open_frame(self.file, self.frames, number).content(SectionType.CURSOR)
        except ValueError:
            return None

    def _read_origin(self) -> SegmentOrigin:
        data = self.file.read(0, HEADER_GUESS)
        length = segment_header_length(data)
        if length is not None and length > len(data):
            data = self.file.read(0, length)
        return parse_segment_header(data, self.path) or self._origin_of_frames()

    def _origin_of_frames(self) -> SegmentOrigin:
        """Return what the first frame tells where the segment's own header is damaged."""
        size = self.file.size()
        found = search_frame(self.file, size, None, 0, 0)
        if found is None:
            reason = "the segment's header is damaged, and no frame follows"
            raise SegmentDamageError(self.path, start=0, end=size, reason=reason)
        offset, header = found
        self._damaged_header = DamagedRange(0, offset, "the segment's header is damaged")
        return SegmentOrigin(
            stream=stream_name(basename(dirname(self.path))),
            segment_id=header.segment_id,
            first_position=header.first_position,
            epoch=header.epoch,
            created_at=0,
            length=offset,
            checksum=header.previous,
        )
