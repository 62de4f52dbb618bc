"""The writer of one stream: dedupe, append, rotate segments, and keep its promises when something fails.

Between the ledger and the open segment. Made at a stream's first append, which takes the stream's lock and recovers
what a crash left behind.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from os.path import join

import msgspec
import numpy as np

from ..domain.batch import EventBatch
from ..domain.errors import InvalidArgumentError, WriterPoisonedError
from .acknowledged import acknowledged_path
from .compaction import CompactionReport, compact_group, groups_to_compact
from .dedupe import StreamIds
from .file_system import FileSystem
from .manifest import Manifest, SealedSegment, read_manifest, write_manifest
from .object_lease import SharedStreamLock
from .recovery import recover
from .segment_writer import SegmentWriter, new_origin
from .stream_filters import StreamFilters
from .stream_lock import own_stream

SEGMENT_BYTES = 128 * 1024 * 1024
SEGMENT_EVENTS = 1_000_000
"""A segment is sealed when it passes either. Measured (reference prototype): 64 to 256 MB is where opening, planning
and retention cost least; 1,000,000 mixed cloud logs take some 140 MB."""

SEGMENT_CHARACTERS = 32 * 1024 * 1024
"""And when its dictionaries pass this: they are the one part of it that a writer and a reader hold in memory."""


SEGMENT_FRAMES = 5_000
"""And at so many commits: what is not sealed is opened by walking its frames, and first searched by reading their
filters. Measured: 13 and 20 us each, which keeps both together under 200 ms."""


SHARED_SEGMENT_FRAMES = 1_000
"""And on an object store, where each commit is an object: 4 s to read them anew at 30 ms a request, 8 at a time."""

TAKEOVERS = 5
"""A dying writer's last write can come in once between what a new one reads and its fence; chosen."""


class AppendResult(msgspec.Struct, frozen=True):
    """What an append did: events stored and left out as known, and the positions of those stored.

    Without any stored event, `first_position` is the next one to be given and `last_position` the one before.
    """

    appended: int
    duplicates: int
    first_position: int
    last_position: int


class StreamWriter:
    """Writes one stream.

    Raises:
        StreamLockedError: another writer has it.
    """

    def __init__(self, files: FileSystem, directory: str, stream: str, clock: Callable[[], int]) -> None:
        self._files, self._directory, self._stream, self._clock = files, directory, stream, clock
        self._guard = threading.Lock()
        self._failure = ""
        files.make_directory(directory)
        newest, _ = read_manifest(files, directory, stream)
        self._lock = own_stream(files, directory, stream, above_epoch=newest.epoch)
        self._shared = isinstance(self._lock, SharedStreamLock)
        try:
            self._recover()
        except BaseException as error:
            try:
                if isinstance(error, OSError):  # a newer writer may have sealed and deleted what was looked for
                    self._lock.confirm()
            finally:
                self._lock.release()
            raise

    def append(self, batch: EventBatch, cursor: bytes | None) -> AppendResult:
        """Store what is new in a batch, and the cursor, as one commit; durable on return.

        Raises:
            WriterPoisonedError: this or an earlier write failed.
            FencedWriterError: a newer writer has taken the stream over.
            InvalidArgumentError: an event has no id.
        """
        with self._guard:
            if len(batch) and not (batch.event_id[:, 0] | batch.event_id[:, 1]).all():
                raise InvalidArgumentError("an event has no event_id: make one with domain.event_id")
            kept = self._ids.new_rows(batch.event_id)
            new = batch if kept is None else batch.take(kept)
            first = self.next_position
            if len(new) or cursor not in (None, self.cursor):
                self._guarded(lambda: self._commit(self._stamped(new), cursor))
            return AppendResult(len(new), len(batch) - len(new), first, first + len(new) - 1)

    @property
    def next_position(self) -> int:
        """Position of the next event."""
        return self._open.next_position if self._open else self._manifest.next_position

    @property
    def cursor(self) -> bytes | None:
        """The source's cursor after the last commit."""
        return self._open.cursor if self._open else self._manifest.cursor

    def seal(self) -> None:
        """Seal the open segment, if it holds anything."""
        with self._guard:
            if self._open and self._open.events:
                self._guarded(self._seal)

    def drop_segments(self, names: set[str]) -> None:
        """Drop whole sealed segments: from the manifest first, then their files."""
        with self._guard:
            self._guarded(lambda: self._drop(names))

    @property
    def manifest(self) -> Manifest:
        """What is sealed now."""
        return self._manifest

    def compact(self, *, before_ns: int | None) -> CompactionReport:
        """Merge small sealed segments and make cold ones smaller; appending goes on meanwhile."""
        if self._failure:
            raise WriterPoisonedError(self._stream, self._failure)
        groups = groups_to_compact(
            self._manifest.segments, before_ns=before_ns, most_events=SEGMENT_EVENTS, most_bytes=SEGMENT_BYTES
        )
        report = CompactionReport()
        for group in groups:
            report += compact_group(
                self._files, self._directory, self, group, epoch=self._lock.epoch, clock=self._clock
            )
        return report

    def exchange_segments(self, old: tuple[SealedSegment, ...], new: SealedSegment) -> bool:
        """Put one segment in the place of others; say whether these were still there."""
        with self._guard:
            present = set(old) <= set(self._manifest.segments)
            if present:
                self._guarded(lambda: self._exchange(old, new))
            return present

    def close(self) -> None:
        """Give the stream up."""
        with self._guard:
            if self._open:
                self._open.close()
            self._lock.release()
            self._failure = self._failure or "the ledger is closed"

    def _recover(self) -> None:
        """Bring the files into order; on an object store, make earlier writers that still live fail from here on."""
        for attempt in range(TAKEOVERS):
            try:
                self._take_over()
                return
            except FileExistsError:
                if attempt == TAKEOVERS - 1 or not self._shared:
                    raise

    def _take_over(self) -> None:
        self._load()
        if self._shared and self._open:
            self._open.fence()
        elif self._shared:
            self._begin()

    def _load(self) -> None:
        recovered = recover(
            self._files,
            self._directory,
            self._stream,
            epoch=self._lock.epoch,
            clock=self._clock,
            shared=self._shared,
        )
        self._manifest: Manifest = recovered.manifest
        self._filters = StreamFilters(self._files, self._directory)
        self._filters.refresh(self._manifest.segments)
        self._ids = StreamIds(self._files, None if self._shared else self._filters)
        for segment in self._manifest.segments:
            if self._shared or segment.name not in self._filters.covered:
                self._remember(segment)
        self._open: SegmentWriter | None = None
        if recovered.open:
            self._open = SegmentWriter.reopen(
                self._files, recovered.open, epoch=self._lock.epoch, most_keys=SEGMENT_EVENTS
            )
            if not self._shared:
                self._open.note_commits()
            recovered.open.extend(self._open.index.ids)
            self._ids.open_segment(recovered.open.path, self._open.index.ids)

    def _remember(self, segment: SealedSegment) -> None:
        path = join(self._directory, segment.name)
        if self._files.exists(path):  # a missing one is reported by reads and verify
            self._ids.add_sealed(path)

    def _guarded(self, action: Callable[[], None]) -> None:
        """Run what writes; whatever fails in it ends this writer's right to write."""
        if self._failure:
            raise WriterPoisonedError(self._stream, self._failure)
        self._lock.check()
        try:
            action()
            self._lock.confirm()
        except BaseException as error:
            self._failure = f"{type(error).__name__}: {error}"
            if isinstance(error, FileExistsError):  # somebody else has written in this very place
                self._lock.confirm()
            if isinstance(error, OSError):
                raise WriterPoisonedError(self._stream, self._failure) from error
            raise

    def _stamped(self, batch: EventBatch) -> EventBatch:
        unset = batch.recorded_at == 0
        if not unset.any():
            return batch
        return batch.with_columns(recorded_at=np.where(unset, self._clock(), batch.recorded_at))

    def _commit(self, batch: EventBatch, cursor: bytes | None) -> None:
        segment = self._open or self._begin()
        first = segment.frames
        for frame, rows in enumerate(segment.commit(batch, cursor), first):
            self._ids.remember(frame, batch.event_id[rows])
        if segment.events and self._is_full(segment):  # two segments cannot begin at one position
            self._seal()

    def _begin(self) -> SegmentWriter:
        origin = new_origin(
            self._stream,
            first_position=self._manifest.next_position,
            epoch=self._lock.epoch,
            cursor=self._manifest.cursor,
            now_ns=self._clock(),
        )
        self._open = SegmentWriter.create(self._files, self._directory, origin, most_keys=SEGMENT_EVENTS)
        if not self._shared:
            self._open.note_commits()
        self._ids.open_segment(self._open.path, self._open.index.ids)
        return self._open

    def _seal(self) -> None:
        assert self._open is not None
        cursor, sealed, path = self._open.cursor, self._open.seal(now_ns=self._clock()), self._open.path
        self._open = None
        self._ids.forget_open()
        self._write_manifest((*self._manifest.segments, sealed), sealed.next_position, cursor)
        self._files.delete(path)  # a renamed file is gone; of objects, the pieces were kept until the manifest
        if not self._shared:
            self._files.delete(acknowledged_path(path))
        self._remember(sealed)
        self._cover()

    def _cover(self) -> None:
        """Build what covers many segments; without it they are asked one by one, so that nothing depends on it.

        On an object store only readers ask it: a look is a request, and appending takes one for each id and tier.
        """
        try:
            built = self._filters.build(self._manifest.segments)
        except OSError:
            return
        if built and not self._shared:
            self._ids.forget_sealed({join(self._directory, name) for name in self._filters.covered})

    def _drop(self, names: set[str]) -> None:
        kept = tuple(segment for segment in self._manifest.segments if segment.name not in names)
        self._write_manifest(kept, self._manifest.next_position, self._manifest.cursor)
        self._ids.forget_sealed({join(self._directory, name) for name in names})
        self._filters.refresh(kept)
        for name in names:
            self._files.delete(join(self._directory, name))
        self._files.sync_directory(self._directory)

    def _exchange(self, old: tuple[SealedSegment, ...], new: SealedSegment) -> None:
        rest = set(old[1:])
        segments = [new if one == old[0] else one for one in self._manifest.segments if one not in rest]
        self._write_manifest(tuple(segments), self._manifest.next_position, self._manifest.cursor)
        replaced = {segment.name for segment in old} - {new.name}
        if replaced:
            self._ids.forget_sealed({join(self._directory, name) for name in replaced})
            self._filters.refresh(segments)
            self._remember(new)
            self._cover()
        for name in replaced:
            self._files.delete(join(self._directory, name))
        self._files.sync_directory(self._directory)

    def _write_manifest(self, segments: tuple[SealedSegment, ...], next_position: int, cursor: bytes | None) -> None:
        self._manifest = Manifest(
            number=self._manifest.number + 1,
            stream=self._stream,
            epoch=self._lock.epoch,
            next_position=next_position,
            cursor=cursor,
            segments=segments,
        )
        write_manifest(self._files, self._directory, self._manifest)

    def _is_full(self, segment: SegmentWriter) -> bool:
        return (
            segment.size >= SEGMENT_BYTES
            or segment.events >= SEGMENT_EVENTS
            or segment.frames >= (SHARED_SEGMENT_FRAMES if self._shared else SEGMENT_FRAMES)
            or segment.dictionaries.characters >= SEGMENT_CHARACTERS
        )
