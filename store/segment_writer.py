"""Append frames to the open segment of a stream, and seal it.

Between the stream's writer and the file. A commit is one write and one sync; after any failure nothing more is written.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from os.path import dirname, join

import msgspec

from ..domain.batch import EventBatch
from ..domain.batch_rows import batch_of
from .acknowledged import Acknowledged, AcknowledgedWriter
from .durable_file import write_durably
from .file_system import AppendableFile, FileSystem
from .footer import SegmentSummary, pack_footer
from .frame_encoder import FramePlace, encode_frame
from .frame_header import FrameHeader
from .frame_table import TABLE_COLUMNS
from .manifest import SealedSegment
from .sections import Section, SectionType
from .segment_dictionary import SegmentDictionaries
from .segment_header import SegmentOrigin, pack_segment_header, parse_segment_header
from .segment_index import SegmentIndex
from .segment_reader import SegmentReader
from .stream_directory import SegmentName

FRAME_ROWS = 16_384
FRAME_RAW_BYTES = 4 * 1024 * 1024
"""Most rows and payload of a frame; a larger batch is one commit of several frames. Measured: above 1 MiB zstd gains
1 to 2 %, while the cost of opening one event grows with the frame."""


class SegmentWriter:
    """The open segment of one stream.

    Attributes:
        next_position: position of the next event.
        cursor: the source's cursor after the last commit.
        size: length of the file.
        frames: number of frames in it.
        events: number of events in it.
        index: which ids, services and resources are in which frame; of frames that an earlier writer wrote only what
            was asked for.
    """

    def __init__(
        self,
        files: FileSystem,
        path: str,
        file: AppendableFile,
        origin: SegmentOrigin,
        *,
        epoch: int,
        dictionaries: SegmentDictionaries | None = None,
        most_keys: int = 0,
    ) -> None:
        self._noted: AcknowledgedWriter | None = None
        self._files, self.path, self._file, self.origin = files, path, file, origin
        self._epoch = epoch
        self.dictionaries = dictionaries or SegmentDictionaries()
        self.next_position, self.cursor = origin.first_position, origin.cursor
        self.size, self._previous, self.frames = origin.length, origin.checksum, 0
        self.index = SegmentIndex(most_keys=most_keys)

    @classmethod
    def create(cls, files: FileSystem, directory: str, origin: SegmentOrigin, *, most_keys: int = 0) -> SegmentWriter:
        """Begin a new segment, durably.

        Args:
            files: where.
            directory: the stream's folder.
            origin: what its header says.
            most_keys: events that its filters are planned for; more only make them less sharp.
        """
        packed = pack_segment_header(origin)
        path = join(directory, SegmentName(origin.first_position, sealed=False).file)
        write_durably(files, path, packed, exclusive=True)  # a segment never exists without its whole header
        file = files.open_appendable(path, create=False)
        written = parse_segment_header(packed, path)
        assert written is not None
        return cls(files, path, file, written, epoch=origin.epoch, most_keys=most_keys)

    @classmethod
    def reopen(cls, files: FileSystem, reader: SegmentReader, *, epoch: int, most_keys: int = 0) -> SegmentWriter:
        """Go on with a segment that was recovered (`most_keys` as for `create`)."""
        file = files.open_appendable(reader.path, create=False)
        dictionaries = SegmentDictionaries(dict(reader.dictionaries()))
        most_keys = max(most_keys, reader.frames.events)
        writer = cls(
            files, reader.path, file, reader.origin, epoch=epoch, dictionaries=dictionaries, most_keys=most_keys
        )
        writer.next_position, writer.cursor = reader.next_position, reader.cursor()
        writer.size, writer._previous = reader.scan.end, reader.scan.previous
        writer.frames = len(reader.frames)
        return writer

    def note_commits(self) -> None:
        """Note each commit beside the segment from now on (needless where files cannot be torn)."""
        self._noted = AcknowledgedWriter(self._files, self.path, self._reached())

    def _reached(self) -> Acknowledged:
        return Acknowledged(self.origin.segment_id, self.size, self.next_position)

    @property
    def events(self) -> int:
        """Number of events in the segment."""
        return self.next_position - self.origin.first_position

    def commit(self, batch: EventBatch, cursor: bytes | None) -> list[slice]:
        """Append a batch and its cursor as one commit; it is durable on return.

        Returns:
            Which rows became a frame each.

        Raises:
            OSError: it could not be written or synced; the file has been cut back as far as that was possible.
        """
        pieces: list[bytes] = []
        parts = list(_parts(batch))
        for rows in parts:
            last = rows is parts[-1]
            header, frame = self._frame(batch, rows, cursor if last else None, more_follows=not last)
            self.next_position, self._previous = header.next_position, header.checksum
            pieces += frame
            self.frames += 1
        self._write(b"".join(pieces))
        if self._noted:
            self._noted.note(self._reached())
        self.cursor = cursor if cursor is not None else self.cursor
        return parts

    def fence(self) -> None:
        """Commit nothing, so that an earlier writer that still goes on from this end fails.

        Raises:
            FileExistsError: it has gone on already: recover again.
        """
        self.commit(batch_of([]), None)

    def _frame(
        self, batch: EventBatch, rows: slice, cursor: bytes | None, *, more_follows: bool
    ) -> tuple[FrameHeader, list[bytes]]:
        place = FramePlace(self.origin.segment_id, self.next_position, self._epoch, self._previous)
        return encode_frame(
            batch,
            rows,
            self.dictionaries,
            place,
            cursor=cursor,
            more_follows=more_follows,
            index=(self.index, self.frames),
        )

    def _write(self, data: bytes) -> None:
        if self._file.size() != self.size:
            raise FileExistsError(f"{self.path} was written by somebody else")
        try:
            self._file.write(data)
            self._file.sync()
        except OSError:
            self._cut_back()
            raise
        self.size += len(data)

    def _cut_back(self) -> None:
        """Take back what was not acknowledged: a page that failed to sync may read as if it were there (fsyncgate)."""
        try:
            self._file.truncate(self.size)
            self._file.sync()
        except OSError:
            return

    def close(self) -> None:
        """Release the file; the segment stays open for a later writer."""
        if self._noted:
            self._noted.close()
        self._file.close()

    def seal(self, *, now_ns: int) -> SealedSegment:
        """Write the footer, rename the file, and return what the manifest shall say.

        Raises:
            OSError: the footer could not be written; the frames are safe.
        """
        reader = SegmentReader(self._files, self.path, sealed=False)
        reader.scan.end, summary = self.size, self._summary(reader, now_ns)
        packed, checksum = pack_footer(self.size, footer_sections(reader, summary, self.index))
        self._write(packed)
        self.close()
        return publish_sealed(self._files, reader, summary, size=self.size, checksum=checksum)

    def _summary(self, reader: SegmentReader, now_ns: int) -> SegmentSummary:
        return SegmentSummary(
            stream=self.origin.stream,
            segment_id=self.origin.segment_id,
            first_position=self.origin.first_position,
            next_position=self.next_position,
            epoch=self._epoch,
            sealed_at=now_ns,
            table_columns=len(TABLE_COLUMNS),
            cursor=self.cursor,
            damage=tuple(reader.damage),
        )


def new_origin(stream: str, *, first_position: int, epoch: int, cursor: bytes | None, now_ns: int) -> SegmentOrigin:
    """Return the origin of a new segment, with an id that marks its frames as its own."""
    return SegmentOrigin(
        stream=stream,
        segment_id=int.from_bytes(os.urandom(8), "little"),
        first_position=first_position,
        epoch=epoch,
        created_at=now_ns,
        cursor=cursor,
    )


def publish_sealed(
    files: FileSystem, reader: SegmentReader, summary: SegmentSummary, *, size: int, checksum: int
) -> SealedSegment:
    """Give a segment whose footer is durable its final name."""
    target = join(dirname(reader.path), SegmentName(summary.first_position, sealed=True).file)
    files.rename(reader.path, target)
    files.sync_directory(dirname(target))
    return describe_sealed(reader, summary, size=size, checksum=checksum)


def describe_sealed(reader: SegmentReader, summary: SegmentSummary, *, size: int, checksum: int) -> SealedSegment:
    """Return what a manifest says of a sealed segment."""
    frames = reader.frames
    occurred, recorded = frames.bounds("occurred"), frames.bounds("recorded")
    return SealedSegment(
        name=SegmentName(summary.first_position, sealed=True).file,
        size=size,
        footer_checksum=checksum,
        first_position=summary.first_position,
        next_position=summary.next_position,
        events=frames.events,
        raw_bytes=frames.raw_bytes,
        min_occurred=occurred[0],
        max_occurred=occurred[1],
        min_recorded=recorded[0],
        max_recorded=recorded[1],
        kinds=frames.bits("kinds"),
        severities=frames.bits("severities"),
        epoch=summary.epoch,
        damaged=bool(summary.damage),
    )


def footer_sections(reader: SegmentReader, summary: SegmentSummary, index: SegmentIndex) -> list[Section]:
    """Return what stands in the footer of a segment; what its index does not know yet is taken from its frames."""
    for part in index.parts:
        reader.extend(part)
    return [
        Section.pack(SectionType.SUMMARY, msgspec.msgpack.encode(summary)),
        Section.pack(SectionType.FRAMES, reader.frames.encode()),
        *([] if summary.damage else SegmentDictionaries(dict(reader.dictionaries())).all_sections()),
        *index.sections(),
    ]


def _parts(batch: EventBatch) -> Sequence[slice]:
    """Cut a batch into the rows of its frames (one, of no rows, for an empty batch)."""
    offsets, count = batch.payload.offsets, len(batch)
    parts, start = [], 0
    while start < count:
        full = int(offsets.searchsorted(offsets[start] + FRAME_RAW_BYTES, "right")) - 1
        stop = min(count, start + FRAME_ROWS, max(full, start + 1))
        parts.append(slice(start, stop))
        start = stop
    return parts or [slice(0, 0)]
