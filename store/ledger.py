"""The ledger: append events durably, once and in order; read, search and check them.

The front door of the store. Every stream has one writer at a time; readers take no lock and see a prefix.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from os import PathLike, fspath
from os.path import join
from types import TracebackType

from ..domain.batch import EventBatch
from ..domain.batch_rows import batch_of
from ..domain.errors import InvalidArgumentError, ReadOnlyLedgerError, SegmentDamageError, WriterPoisonedError
from ..domain.events import Event, Kind
from ..domain.timestamps import to_instant_ns
from .checkpoints import Checkpoints
from .event_lookup import find_event
from .file_system import FileSystem
from .frame_batches import check_columns
from .ledger_identity import open_identity
from .ledger_stats import LedgerStats, stream_stats
from .local_file_system import LocalFileSystem
from .reading import EVER, OnDamage, Window, read_stream
from .retention import segments_to_drop
from .search import Question, kind_numbers, search, trace_halves
from .stream_directory import STREAMS, stream_name, stream_path
from .stream_reader import StreamReader
from .stream_writer import AppendResult, StreamWriter
from .verification import Damage, Verification, VerifyReport

Instant = datetime | str | int
Location = str | PathLike[str]

BATCH_ROWS = 65_536
"""Rows of a batch that is read. Measured: numpy's cost per call is then below 1 % of a fold's."""


class Ledger:
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
        self.location, self.read_only = location, read_only
        self._clock, self._files = clock, files
        self.identity = open_identity(files, location, read_only=read_only, now_ns=clock())
        self._guard, self._closed = threading.Lock(), False
        self._writers: dict[str, StreamWriter] = {}
        self._readers: dict[str, StreamReader] = {}
        self.checkpoints = Checkpoints(
            files, location, read_only=read_only, clock=clock, last_position=self.last_position
        )

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
            location: a directory.
            read_only: open beside a writer, and never write.
            clock: gives the present time in nanoseconds: it becomes `recorded_at`.
            files: the file system; the local one by default.

        Raises:
            NotALedgerError: the location holds something else.
            NewerFormatError: a newer version of the library wrote it.
        """
        path = fspath(location)
        if "://" in path:
            raise InvalidArgumentError(f"{path!r}: object storage is not supported yet, give a directory")
        return cls(path, read_only=read_only, clock=clock, files=files or LocalFileSystem())

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
            StreamLockedError: another writer has the stream.
            WriterPoisonedError: a write failed, now or earlier: reopen the ledger.
            ReadOnlyLedgerError: the ledger was opened read-only.

        >>> from cloudledger.domain.events import LogRecorded
        >>> with Ledger.open("append-example") as ledger:
        ...     _ = ledger.append("app", [LogRecorded(event_id=b"0123456789abcdef", payload=b"timeout")], cursor=b"7")
        ...     ledger.append("app", [LogRecorded(event_id=b"0123456789abcdef", payload=b"timeout")]).duplicates
        1
        """
        batch = events if isinstance(events, EventBatch) else batch_of(events)
        return self._writer(stream).append(batch, cursor)

    def streams(self) -> list[str]:
        """Return the names of all streams.

        >>> from cloudledger.domain.events import LogRecorded
        >>> with Ledger.open("streams-example") as ledger:
        ...     _ = ledger.append("app", [LogRecorded(event_id=b"0123456789abcdef", payload=b"timeout")], cursor=b"7")
        ...     ledger.streams()
        ['app']
        """
        return sorted(stream_name(folder) for folder in self._files.names(join(self.location, STREAMS)))

    def cursor(self, stream: str) -> bytes | None:
        """Return where a stream's source goes on: the cursor of the last commit that had one.

        >>> from cloudledger.domain.events import LogRecorded
        >>> with Ledger.open("cursor-example") as ledger:
        ...     _ = ledger.append("app", [LogRecorded(event_id=b"0123456789abcdef", payload=b"timeout")], cursor=b"7")
        ...     ledger.cursor("app")
        b'7'
        """
        writer = self._writers.get(stream)
        return writer.cursor if writer else self._reader(stream).cursor

    def last_position(self, stream: str) -> int:
        """Return the position of a stream's last event, 0 where there is none.

        >>> from cloudledger.domain.events import LogRecorded
        >>> with Ledger.open("last-example") as ledger:
        ...     _ = ledger.append("app", [LogRecorded(event_id=b"0123456789abcdef", payload=b"timeout")], cursor=b"7")
        ...     ledger.last_position("app"), ledger.last_position("other")
        (1, 0)
        """
        writer = self._writers.get(stream)
        return (writer.next_position if writer else self._reader(stream).next_position) - 1

    def read(
        self,
        stream: str | None = None,
        *,
        after: int | Mapping[str, int] | None = None,
        since: Instant | None = None,
        until: Instant | None = None,
        recorded_until: Instant | None = None,
        columns: Sequence[str] | None = None,
        batch_rows: int = BATCH_ROWS,
        on_damage: OnDamage | None = None,
    ) -> Iterator[EventBatch]:
        """Yield events in the order of their streams' positions, stream after stream.

        Args:
            stream: only this one.
            after: only events behind this position (a mapping gives one per stream).
            since: only events that occurred at or after this instant.
            until: only events that occurred before this instant.
            recorded_until: only events that were recorded before this instant.
            columns: only these columns; `facts` stands for the payload of all events but log records.
            batch_rows: about how many rows a batch has.
            on_damage: called with each damaged place, reading then goes on behind it; without, it is raised.

        Raises:
            SegmentDamageError: a damaged place was met, and `on_damage` was not given.

        >>> from cloudledger.domain.events import LogRecorded
        >>> with Ledger.open("read-example") as ledger:
        ...     _ = ledger.append("app", [LogRecorded(event_id=b"0123456789abcdef", payload=b"timeout")], cursor=b"7")
        ...     [batch.payload.to_list() for batch in ledger.read("app", columns=["payload"])]
        [[b'timeout']]
        """
        names = check_columns(columns)
        occurred, recorded = _bounds(since, until), _bounds(None, recorded_until)
        for name in self.streams() if stream is None else [stream]:
            position = after.get(name, 0) if isinstance(after, Mapping) else after or 0
            window = Window(position, occurred, recorded)
            yield from read_stream(self._reader(name), window, names, batch_rows, on_damage or _raise)

    def event(self, reference: str | bytes) -> Event:
        """Return one event.

        Args:
            reference: `stream@position`, or an event id as 32 hexadecimal digits or 16 bytes.

        Raises:
            UnknownReferenceError: there is no such event.

        >>> from cloudledger.domain.events import LogRecorded
        >>> with Ledger.open("event-example") as ledger:
        ...     _ = ledger.append("app", [LogRecorded(event_id=b"0123456789abcdef", payload=b"timeout")], cursor=b"7")
        ...     ledger.event("app@1").payload
        b'timeout'
        """
        return find_event(reference, self.streams(), self._reader)

    def search(
        self,
        *,
        since: Instant | None = None,
        until: Instant | None = None,
        stream: str | None = None,
        service: str | None = None,
        resource: str | None = None,
        trace_id: str | None = None,
        severity: int | None = None,
        kind: Kind | str | Sequence[Kind | str] | None = None,
        format: str | None = None,
        name: str | None = None,
        text: str | bytes | None = None,
        limit: int | None = 100,
        order: str = "time",
        on_damage: OnDamage | None = None,
    ) -> Iterator[Event]:
        """Yield the events that match everything that is given, in the order of time.

        Args:
            since: only events that occurred at or after this instant.
            until: only events that occurred before this instant.
            stream: only this stream's.
            service: only of this service.
            resource: only of this resource, in its normal form.
            trace_id: only of this trace, hexadecimal.
            severity: only of this OpenTelemetry severity number or above.
            kind: only of this kind or these kinds, as `Kind` or like `"log.recorded"`.
            format: only of this format.
            name: only of this event name.
            text: only with this text in the record as it was received.
            limit: at most so many events; None for all.
            order: `time` for the oldest first, `newest` for the newest first.
            on_damage: as for `read`.

        Raises:
            InvalidArgumentError: an argument is wrong.
            SegmentDamageError: a damaged place was met, and `on_damage` was not given.

        >>> from cloudledger.domain.events import LogRecorded
        >>> with Ledger.open("search-example") as ledger:
        ...     _ = ledger.append("app", [LogRecorded(event_id=b"0123456789abcdef", payload=b"timeout")], cursor=b"7")
        ...     [event.reference for event in ledger.search(text="time")]
        ['app@1']
        """
        if order not in ("time", "newest"):
            raise InvalidArgumentError(f"order {order!r} is unknown: give 'time' or 'newest'")
        strings = {"service": service, "resource": resource, "format": format, "name": name}
        question = Question(
            window=Window(0, _bounds(since, until)),
            strings={column: value for column, value in strings.items() if value is not None},
            trace=None if trace_id is None else trace_halves(trace_id),
            severity=severity,
            kinds=kind_numbers(kind),
            text=text.encode() if isinstance(text, str) else text,
            limit=limit,
            newest_first=order == "newest",
        )
        readers = [self._reader(one) for one in (self.streams() if stream is None else [stream])]
        return search(readers, question, on_damage or _raise)

    def verify(self) -> VerifyReport:
        """Check everything that is stored; name each damaged file, range and position.

        >>> from cloudledger.domain.events import LogRecorded
        >>> with Ledger.open("verify-example") as ledger:
        ...     _ = ledger.append("app", [LogRecorded(event_id=b"0123456789abcdef", payload=b"timeout")], cursor=b"7")
        ...     ledger.verify().ok
        True
        """
        verification = Verification(self._files)
        for stream in self.streams():
            verification.check_stream(self._reader(stream))
        verification.damaged += map(Damage.of, self.checkpoints.damaged())
        return verification.report()

    def stats(self) -> LedgerStats:
        """Return events and bytes per stream, the ratio of disk to raw, and known damage.

        >>> from cloudledger.domain.events import LogRecorded
        >>> with Ledger.open("stats-example") as ledger:
        ...     _ = ledger.append("app", [LogRecorded(event_id=b"0123456789abcdef", payload=b"timeout")], cursor=b"7")
        ...     ledger.stats().events, ledger.stats().raw_bytes
        (1, 7)
        """
        found = [stream_stats(self._files, self._reader(stream)) for stream in self.streams()]
        damaged = tuple(damage for _, known in found for damage in known)
        return LedgerStats(streams=tuple(stats for stats, _ in found), damaged=damaged)

    def retain(self, *, older_than: Instant | None = None, max_bytes: int | None = None) -> int:
        """Drop whole sealed segments, the oldest first; return how many.

        Args:
            older_than: drop segments of which all events occurred before this instant.
            max_bytes: drop segments until the ledger holds no more.

        >>> from cloudledger.domain.events import LogRecorded
        >>> with Ledger.open("retain-example") as ledger:
        ...     _ = ledger.append("app", [LogRecorded(event_id=b"0123456789abcdef", payload=b"timeout")], cursor=b"7")
        ...     ledger.retain(older_than="2026-01-01T00:00:00Z")
        0
        """
        before = None if older_than is None else to_instant_ns(older_than)
        excess = 0 if max_bytes is None else self.stats().disk_bytes - max_bytes
        manifests = {}
        for stream in self.streams():
            self._reader(stream).refresh()
            manifests[stream] = self._reader(stream).manifest
        dropped = segments_to_drop(manifests, before_ns=before, excess_bytes=excess)
        for stream, names in dropped.items():
            self._writer(stream).drop_segments(names)
        return sum(map(len, dropped.values()))

    def seal(self, stream: str | None = None) -> None:
        """Seal the open segments of one stream, or of all: their indexes are then on disk.

        >>> from cloudledger.domain.events import LogRecorded
        >>> with Ledger.open("seal-example") as ledger:
        ...     _ = ledger.append("app", [LogRecorded(event_id=b"0123456789abcdef", payload=b"timeout")], cursor=b"7")
        ...     ledger.seal()
        """
        for name in self._unsealed_streams() if stream is None else [stream]:
            self._writer(name).seal()

    def _unsealed_streams(self) -> list[str]:
        """Return the streams with an open segment: of the others not even the lock is needed."""
        for name in self.streams():
            self._reader(name).refresh()
        return [name for name in self.streams() if self._reader(name).unlisted]

    def _writer(self, stream: str) -> StreamWriter:
        if self.read_only:
            raise ReadOnlyLedgerError(self.location)
        with self._guard:
            if self._closed:
                raise WriterPoisonedError(stream, "the ledger is closed")
            writer = self._writers.get(stream)
            if writer is None:
                directory = stream_path(self.location, stream)
                writer = self._writers[stream] = StreamWriter(self._files, directory, stream, self._clock)
            return writer

    def _reader(self, stream: str) -> StreamReader:
        reader = self._readers.get(stream)
        if reader is None:
            directory = stream_path(self.location, stream)
            reader = self._readers[stream] = StreamReader(self._files, directory, stream)
        return reader


def _bounds(since: Instant | None, until: Instant | None) -> tuple[int, int]:
    """Return first and last nanosecond of a range that excludes its end."""
    first = EVER[0] if since is None else to_instant_ns(since)
    return first, EVER[1] if until is None else to_instant_ns(until) - 1


def _raise(error: SegmentDamageError) -> None:
    raise error
