"""Write one compacted segment: aside, synced, then under a name that tells the positions it holds.

Between compaction and the file. Until it is published a crash leaves only a half-written file that the next writer
sweeps.
"""

from __future__ import annotations

import os
from os.path import join

import msgspec

from ..domain.batch import EventBatch
from .durable_file import TEMPORARY
from .file_system import FileSystem
from .footer import SegmentSummary, pack_footer
from .frame_encoder import FramePlace, encode_frame
from .frame_header import COLUMNS_VERSION
from .frame_table import TABLE_COLUMNS
from .manifest import SealedSegment
from .segment_dictionary import SegmentDictionaries
from .segment_header import SegmentOrigin, pack_segment_header, parse_segment_header
from .segment_index import SegmentIndex
from .segment_reader import SegmentReader
from .segment_writer import describe_sealed, footer_sections, new_origin
from .stream_directory import SegmentName


class ColdSegment:
    """A compacted segment that is being written."""

    def __init__(
        self,
        files: FileSystem,
        directory: str,
        first: SegmentOrigin,
        cursor: bytes | None,
        *,
        epoch: int,
        now_ns: int,
    ) -> None:
        origin = new_origin(
            first.stream, first_position=first.first_position, epoch=epoch, cursor=first.cursor, now_ns=now_ns
        )
        packed = pack_segment_header(msgspec.structs.replace(origin, needs=COLUMNS_VERSION))
        written = parse_segment_header(packed, directory)
        assert written is not None
        self._files, self._directory, self._origin, self._cursor = files, directory, written, cursor
        self._epoch, self._now_ns = epoch, now_ns
        self._path = join(directory, f"{TEMPORARY}{os.getpid()}-{os.urandom(6).hex()}-cold.part")
        self._file = files.open_appendable(self._path, create=True)
        self._file.write(packed)
        self._dictionaries = SegmentDictionaries()
        self._position, self._previous, self._size = written.first_position, written.checksum, len(packed)
        self._waiting: EventBatch | None = None

    def add(self, batch: EventBatch) -> None:
        """Append a batch as one frame."""
        if self._waiting is not None:
            self._write(self._waiting, None)
        self._waiting = batch

    def finish_frames(self) -> SegmentReader:
        """Write the last frame, which brings the cursor, sync, and return a reader of all frames."""
        if self._waiting is not None:
            self._write(self._waiting, self._cursor)
        self._file.sync()
        return SegmentReader(self._files, self._path, sealed=False, check_all=True)

    def publish(self, written: SegmentReader) -> SealedSegment:
        """Write the footer, give the file its name, durably, and return what a manifest shall say of it."""
        summary = SegmentSummary(
            stream=self._origin.stream,
            segment_id=self._origin.segment_id,
            first_position=self._origin.first_position,
            next_position=self._position,
            epoch=self._epoch,
            sealed_at=self._now_ns,
            table_columns=len(TABLE_COLUMNS),
            cursor=self._cursor,
        )
        index = SegmentIndex(most_keys=written.frames.events)
        packed, checksum = pack_footer(self._size, footer_sections(written, summary, index))
        self._file.write(packed)
        self._file.sync()
        name = SegmentName(summary.first_position, sealed=True, last_position=self._position - 1).file
        self._files.rename(self._path, join(self._directory, name))
        self._files.sync_directory(self._directory)
        entry = describe_sealed(written, summary, size=self._size + len(packed), checksum=checksum)
        return msgspec.structs.replace(entry, name=name, cold=True)

    def discard(self) -> None:
        """Give the file up, and delete it unless it was published."""
        self._file.close()
        self._files.delete(self._path)

    def _write(self, batch: EventBatch, cursor: bytes | None) -> None:
        place = FramePlace(self._origin.segment_id, self._position, self._epoch, self._previous)
        header, pieces = encode_frame(batch, slice(0, len(batch)), self._dictionaries, place, cursor=cursor, cold=True)
        self._position, self._previous, self._size = header.next_position, header.checksum, self._size + header.length
        self._file.write(b"".join(pieces))
