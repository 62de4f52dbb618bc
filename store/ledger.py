"""The ledger: append events durably, once and in order; read, search and check them.

The front door of the store. Every stream has one writer at a time; readers take no lock and see a prefix.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from os import PathLike, fspath
from types import NoneType, TracebackType

from ..domain.arguments import check_count, check_type
from ..domain.batch import EventBatch
from ..domain.batch_rows import batch_of
from ..domain.errors import InvalidArgumentError, ReadOnlyLedgerError
from ..domain.events import Event
from ..domain.timestamps import to_instant_ns
from .compaction import CompactionReport
from .file_system import FileSystem
from .location import file_system_of, is_url
from .readable_ledger import ReadableLedger, StreamEnd
from .retention import segments_to_drop
from .search_arguments import Instant
from .stream_directory import stream_path
from .stream_writer import AppendResult, StreamWriter

Location = str | PathLike[str]


class Ledger(ReadableLedger):
    """An append-only ledger of events in a directory.

    >>> from cloudledger.domain.events import LogRecorded
    >>> with Ledger.open("ledger") as ledger:
    ...     ledger.append("app", [LogRecorded(event_id=b"0123456789abcdef", service="cart", payload=b"hello")]).appended
    ...     [event.service for batch in ledger.read("app") for event in batch]
    1
    ['cart']

    Attributes:
        location: the directory.
        read_only: whether appending is refused.
        checkpoints: read models saved beside the streams.
    """

    def __init__(self, location: str, *, read_only: bool, clock: Callable[[], int], files: FileSystem) -> None:
        super().__init__(location, read_only=read_only, clock=clock, files=files)
        self._guard = threading.Lock()
        self._writers: dict[str, StreamWriter] = {}

    @classmethod
    def open(
        cls,
        location: Location,
        *,
        read_only: bool = False,
        clock: Callable[[], int] = time.time_ns,
        files: FileSystem | None = None,
    ) -> Ledger:
        """Open a ledger; a missing or empty directory becomes one, unless `read_only`.

        Args:
            location: a directory, or `s3://bucket/path`, `gs://...`, `az://...` (with the extra `object-storage`).
            read_only: open beside a writer, and never write.
            clock: gives the present time in nanoseconds: it becomes `recorded_at`.
            files: the file system; that of the location by default.

        Raises:
            InvalidArgumentError: it is no location.
            NotALedgerError: the location holds something else.
            NewerFormatError: a newer version of the library wrote it.
            MissingExtraError: it is on an object store, and obstore is not installed.
        """
        check_type("location", location, (str, PathLike), "give a directory or the URL of an object store")
        path = fspath(location)
        path = path.rstrip("/") if is_url(path) else path
        return cls(path, read_only=read_only, clock=clock, files=files or file_system_of(path))

    def __enter__(self) -> Ledger:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Release the streams that were written; everything appended is durable already."""
        with self._guard:
            self._closed = True
            while self._writers:
                self._writers.popitem()[1].close()
            self._readers.clear()

    def append(self, stream: str, events: EventBatch | Sequence[Event], *, cursor: bytes | None = None) -> AppendResult:
        """Store the events that the stream does not hold yet, and the source's cursor, as one commit.

        They are durable on return. Without new events, a new cursor is still committed.

        Args:
            stream: name of the source; one writer at a time.
            events: a batch of all columns, or event objects. `recorded_at` 0 becomes the present time.
            cursor: where the source goes on after these events.

        Raises:
            InvalidArgumentError: `events` or `cursor` is something else.
            StreamLockedError: another writer has the stream.
            WriterPoisonedError: a write failed, now or earlier: reopen the ledger.
            ClosedLedgerError: the ledger was closed.
            ReadOnlyLedgerError: the ledger was opened read-only.

        >>> from cloudledger.domain.events import LogRecorded
        >>> with Ledger.open("append-example") as ledger:
        ...     _ = ledger.append("app", [LogRecorded(event_id=b"0123456789abcdef", payload=b"timeout")], cursor=b"7")
        ...     ledger.append("app", [LogRecorded(event_id=b"0123456789abcdef", payload=b"timeout")]).duplicates
        1
        """
        check_type("events", events, (EventBatch, Sequence), "give a batch, or a list of events")
        check_type("cursor", cursor, (bytes, NoneType), "give the source's cursor as bytes")
        batch = events if isinstance(events, EventBatch) else batch_of(events)
        return self._writer(stream).append(batch, cursor)

    def retain(self, *, older_than: Instant | None = None, max_bytes: int | None = None) -> int:
        """Drop whole sealed segments, the oldest first; return how many.

        Args:
            older_than: drop segments of which all events occurred before this instant.
            max_bytes: drop segments until the ledger holds no more.

        Raises:
            InvalidArgumentError: neither is given, or one is wrong.

        >>> from cloudledger.domain.events import LogRecorded
        >>> with Ledger.open("retain-example") as ledger:
        ...     _ = ledger.append("app", [LogRecorded(event_id=b"0123456789abcdef", payload=b"timeout")], cursor=b"7")
        ...     ledger.retain(older_than="2026-01-01T00:00:00Z")
        0
        """
        if older_than is None and max_bytes is None:
            raise InvalidArgumentError("nothing says what to drop: give older_than or max_bytes")
        before = None if older_than is None else to_instant_ns(older_than)
        excess = 0 if max_bytes is None else self.stats().disk_bytes - check_count("max_bytes", max_bytes)
        manifests = {}
        for stream in self.streams():
            self._reader(stream).refresh()
            manifests[stream] = self._reader(stream).manifest
        dropped = segments_to_drop(manifests, before_ns=before, excess_bytes=excess)
        for stream, names in dropped.items():
            self._writer(stream).drop_segments(names)
        return sum(map(len, dropped.values()))

    def compact(self, stream: str | None = None, *, older_than: Instant | None = None) -> CompactionReport:
        """Merge small sealed segments into large ones, and make them smaller for long keeping.

        Positions, ids, cursors and checkpoints stay as they are; readers, followers and appending go on meanwhile. A
        crash at any instant leaves the old segments or the new ones. Takes some 25 microseconds an event.

        Args:
            stream: only this one's.
            older_than: only segments of which all events occurred before this instant.

        >>> from cloudledger.domain.events import LogRecorded
        >>> with Ledger.open("compact-example") as ledger:
        ...     for n in (1, 2, 3):
        ...         _ = ledger.append("app", [LogRecorded(event_id=bytes([n] * 16), payload=b"timeout")])
        ...         ledger.seal()
        ...     report = ledger.compact()
        ...     report.segments_before, report.segments_after
        (3, 1)
        """
        before = None if older_than is None else to_instant_ns(older_than)
        report = CompactionReport()
        for name in self._chosen(stream):
            report += self._writer(name).compact(before_ns=before)
        return report

    def seal(self, stream: str | None = None) -> None:
        """Seal the open segments of one stream, or of all: their indexes are then on disk.

        >>> from cloudledger.domain.events import LogRecorded
        >>> with Ledger.open("seal-example") as ledger:
        ...     _ = ledger.append("app", [LogRecorded(event_id=b"0123456789abcdef", payload=b"timeout")], cursor=b"7")
        ...     ledger.seal()
        """
        for name in self._unsealed_streams() if stream is None else self._chosen(stream):
            self._writer(name).seal()

    def _unsealed_streams(self) -> list[str]:
        """Return the streams with an open segment: of the others not even the lock is needed."""
        for name in self.streams():
            self._reader(name).refresh()
        return [name for name in self.streams() if self._reader(name).unlisted]

    def _end(self, stream: str) -> StreamEnd:
        return self._writers.get(stream) or super()._end(stream)

    def _writer(self, stream: str) -> StreamWriter:
        if self.read_only:
            raise ReadOnlyLedgerError(self.location)
        with self._guard:
            self._check_open()
            writer = self._writers.get(stream)
            if writer is None:
                directory = stream_path(self.location, stream)
                writer = self._writers[stream] = StreamWriter(self._files, directory, stream, self._clock)
            return writer
