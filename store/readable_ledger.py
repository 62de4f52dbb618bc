"""The reading half of a ledger: everything that any number of processes may do beside a writer.

Between readers and streams. Takes no lock: what it gives is always a prefix of each stream.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import chain
from os.path import join
from typing import Protocol, Unpack

from ..domain.arguments import check_choice, check_count, check_type
from ..domain.batch import EventBatch
from ..domain.errors import ClosedLedgerError, InvalidArgumentError
from ..domain.events import Event, Kind
from .checkpoints import Checkpoints
from .event_lookup import find_event
from .file_system import FileSystem
from .following import Follower, follow, waiting
from .frame_batches import check_columns
from .ledger_identity import open_identity
from .ledger_stats import LedgerStats, stream_stats
from .reading import OnDamage, Window, raise_damage, read_stream
from .search import search
from .search_arguments import Instant, SearchArguments, ask, starts, time_bounds
from .search_order import Page, page_of
from .stream_directory import STREAMS, stream_name, stream_path
from .stream_reader import StreamReader
from .verification import Damage, Verification, VerifyReport

BATCH_ROWS = 65_536
"""Rows of a batch that is read. Measured: numpy's cost per call is then below 1 % of a fold's."""


class StreamEnd(Protocol):
    """Where a stream ends, as its writer or a reader knows it."""

    @property
    def next_position(self) -> int:
        """Position of the next event."""
        ...

    @property
    def cursor(self) -> bytes | None:
        """The source's cursor after the last commit."""
        ...


class ReadableLedger:
    """What can be read of a ledger; `Ledger` is the one to open.

    Attributes:
        location: the directory.
        read_only: whether appending is refused.
        checkpoints: read models saved beside the streams.
    """

    def __init__(self, location: str, *, read_only: bool, clock: Callable[[], int], files: FileSystem) -> None:
        self.location, self.read_only = location, read_only
        self._clock, self._files, self._closed = clock, files, False
        self.identity = open_identity(files, location, read_only=read_only, now_ns=clock())
        self._readers: dict[str, StreamReader] = {}
        self.checkpoints = Checkpoints(
            files, location, read_only=read_only, clock=clock, last_position=self.last_position
        )

    def streams(self) -> list[str]:
        """Return the names of all streams.

        >>> from cloudledger.domain import LogRecorded
        >>> from cloudledger.store import Ledger
        >>> with Ledger.open("streams-example") as ledger:
        ...     _ = ledger.append("app", [LogRecorded(event_id=b"0123456789abcdef", payload=b"timeout")], cursor=b"7")
        ...     ledger.streams()
        ['app']
        """
        self._check_open()
        return self._listed()

    def cursor(self, stream: str) -> bytes | None:
        """Return where a stream's source goes on: the cursor of the last commit that had one.

        >>> from cloudledger.domain import LogRecorded
        >>> from cloudledger.store import Ledger
        >>> with Ledger.open("cursor-example") as ledger:
        ...     _ = ledger.append("app", [LogRecorded(event_id=b"0123456789abcdef", payload=b"timeout")], cursor=b"7")
        ...     ledger.cursor("app")
        b'7'
        """
        self._check_open()
        return self._end(stream).cursor

    def last_position(self, stream: str) -> int:
        """Return the position of a stream's last event, 0 where there is none.

        >>> from cloudledger.domain import LogRecorded
        >>> from cloudledger.store import Ledger
        >>> with Ledger.open("last-example") as ledger:
        ...     _ = ledger.append("app", [LogRecorded(event_id=b"0123456789abcdef", payload=b"timeout")], cursor=b"7")
        ...     ledger.last_position("app"), ledger.last_position("other")
        (1, 0)
        """
        self._check_open()
        return self._end(stream).next_position - 1

    def read(
        self,
        stream: str | None = None,
        *,
        after: int | Mapping[str, int] | None = None,
        last: int | None = None,
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
            last: only events up to and with this position.
            since: only events that occurred at or after this instant.
            until: only events that occurred before this instant.
            recorded_until: only events that were recorded before this instant.
            columns: only these columns; `facts` stands for the payload of all events but log records.
            batch_rows: about how many rows a batch has.
            on_damage: called with each damaged place, reading then goes on behind it; without, it is raised.

        Raises:
            InvalidArgumentError: an argument is wrong, or no stream has this name.
            SegmentDamageError: a damaged place was met, and `on_damage` was not given.
            RetiredEventsError: retention dropped events before they were reached (of a local file that was begun, the
                rest can be read; an object is gone at once).

        >>> from cloudledger.domain import LogRecorded
        >>> from cloudledger.store import Ledger
        >>> with Ledger.open("read-example") as ledger:
        ...     _ = ledger.append("app", [LogRecorded(event_id=b"0123456789abcdef", payload=b"timeout")], cursor=b"7")
        ...     [batch.payload.to_list() for batch in ledger.read("app", columns=["payload"])]
        [[b'timeout']]
        """
        names, start = check_columns(columns), starts(after)
        occurred, recorded = time_bounds(since, until), time_bounds(None, recorded_until)
        check_count("batch_rows", batch_rows, least=1)
        end = sys.maxsize if last is None else check_count("last", last)
        report = on_damage or raise_damage
        return chain.from_iterable(
            read_stream(self._reader(name), Window(start(name), end, occurred, recorded), names, batch_rows, report)
            for name in self._chosen(stream)
        )

    def follow(
        self,
        stream: str | None = None,
        *,
        after: int | Mapping[str, int] | None = None,
        columns: Sequence[str] | None = None,
        poll: float = 0.1,
        stop: threading.Event | None = None,
        batch_rows: int = BATCH_ROWS,
        on_damage: OnDamage | None = None,
    ) -> Iterator[EventBatch]:
        """Yield events as `read` does, then wait for new ones and yield them as they are committed, from any process.

        Ends when `stop` is set or the ledger is closed. Sealing, compaction and retention meanwhile change nothing
        but that events which were dropped before they were read are left out.

        Args:
            stream: only this one; without, also streams that appear later.
            after: only events behind this position (a mapping gives one per stream).
            columns: only these columns, as for `read`.
            poll: seconds between two looks; a look costs some 50 microseconds a stream.
            stop: ends following when it is set, within `poll` seconds at most.
            batch_rows: about how many rows a batch has at most.
            on_damage: as for `read`.

        >>> from cloudledger.domain import LogRecorded
        >>> from cloudledger.store import Ledger
        >>> with Ledger.open("follow-example") as ledger:
        ...     _ = ledger.append("app", [LogRecorded(event_id=b"0123456789abcdef", payload=b"timeout")])
        ...     following = ledger.follow("app", columns=["payload"])
        ...     next(following).payload.to_list()
        ...     _ = ledger.append("app", [LogRecorded(event_id=b"fedcba9876543210", payload=b"again")])
        ...     next(following).payload.to_list()
        [b'timeout']
        [b'again']
        """
        names, start = check_columns(columns), starts(after)
        check_count("batch_rows", batch_rows, least=1)
        check_type("poll", poll, (int, float), "give seconds")
        if poll <= 0:
            raise InvalidArgumentError(f"poll is {poll} seconds: give more than 0")
        follower = Follower(self._files, self._reader, start, names, batch_rows, on_damage or raise_damage)
        self._check_open()
        streams = self._listed if stream is None else lambda: [stream]
        return follow(follower, streams, poll, waiting(stop or threading.Event(), lambda: self._closed))

    def event(self, reference: str | bytes) -> Event:
        """Return one event.

        Args:
            reference: `stream@position`, or an event id as 32 hexadecimal digits or 16 bytes.

        Raises:
            UnknownReferenceError: there is no such event.

        >>> from cloudledger.domain import LogRecorded
        >>> from cloudledger.store import Ledger
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
        severity: int | str | None = None,
        kind: Kind | str | Sequence[Kind | str] | None = None,
        format: str | None = None,
        name: str | None = None,
        text: str | bytes | None = None,
        limit: int | None = 100,
        order: str = "time",
        after: str | None = None,
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
            severity: only of this severity or above: an OpenTelemetry number, or a level like `"error"`.
            kind: only of this kind or these kinds, as `Kind` or like `"log.recorded"`.
            format: only of this format.
            name: only of this event name.
            text: only with this text in the record as it was received.
            limit: at most so many events; None for all.
            order: `time` for the oldest first, `newest` for the newest first.
            after: only events behind a place in this order: the `resume` of a page.
            on_damage: as for `read`.

        Raises:
            InvalidArgumentError: an argument is wrong.
            SegmentDamageError: a damaged place was met, and `on_damage` was not given.

        >>> from cloudledger.domain import LogRecorded
        >>> from cloudledger.store import Ledger
        >>> with Ledger.open("search-example") as ledger:
        ...     _ = ledger.append("app", [LogRecorded(event_id=b"0123456789abcdef", payload=b"timeout")], cursor=b"7")
        ...     [event.reference for event in ledger.search(text="time")]
        ['app@1']
        """
        question = ask(
            since=since,
            until=until,
            service=service,
            resource=resource,
            trace_id=trace_id,
            severity=severity,
            kind=kind,
            format=format,
            name=name,
            text=text,
            limit=limit,
            order=order,
            after=after,
        )
        readers = [self._reader(one) for one in self._chosen(stream)]
        return search(readers, question, on_damage or raise_damage)

    def search_page(
        self,
        *,
        after: str | None = None,
        stream: str | None = None,
        on_damage: OnDamage | None = None,
        **arguments: Unpack[SearchArguments],
    ) -> Page:
        """Return up to `limit` events that match, and where the next page goes on.

        Pages give each event once, however long ago the page before was; an event that was appended since is in a
        later page where it comes behind the token in the order of time.

        Args:
            after: the `resume` of the page before.
            stream: only this stream's.
            on_damage: as for `read`.
            arguments: the other arguments of `search`.

        >>> from cloudledger.domain import LogRecorded
        >>> from cloudledger.store import Ledger
        >>> with Ledger.open("page-example") as ledger:
        ...     logs = [LogRecorded(event_id=bytes([n] * 16), occurred_at=n, payload=b"timeout") for n in (1, 2, 3)]
        ...     _ = ledger.append("app", logs)
        ...     first = ledger.search_page(text="time", limit=2)
        ...     [event.reference for event in ledger.search_page(text="time", after=first.resume).events]
        ['app@3']
        """
        question = ask(**arguments, after=after)
        readers = [self._reader(one) for one in self._chosen(stream)]
        found = search(readers, question.one_more(), on_damage or raise_damage)
        return page_of(found, limit=question.limit, newest_first=question.newest_first)

    def verify(self) -> VerifyReport:
        """Check everything that is stored; name each damaged file, range and position.

        >>> from cloudledger.domain import LogRecorded
        >>> from cloudledger.store import Ledger
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

        >>> from cloudledger.domain import LogRecorded
        >>> from cloudledger.store import Ledger
        >>> with Ledger.open("stats-example") as ledger:
        ...     _ = ledger.append("app", [LogRecorded(event_id=b"0123456789abcdef", payload=b"timeout")], cursor=b"7")
        ...     ledger.stats().events, ledger.stats().raw_bytes
        (1, 7)
        """
        found = [stream_stats(self._files, self._reader(stream)) for stream in self.streams()]
        damaged = tuple(damage for _, known in found for damage in known)
        return LedgerStats(streams=tuple(stats for stats, _ in found), damaged=damaged)

    def _check_open(self) -> None:
        if self._closed:
            raise ClosedLedgerError(self.location)

    def _listed(self) -> list[str]:
        return sorted(stream_name(folder) for folder in self._files.names(join(self.location, STREAMS)))

    def _chosen(self, stream: str | None) -> list[str]:
        """Return one stream, which the ledger must have, or all; a ledger that holds nothing yet has none to miss."""
        known = self.streams()
        return known if stream is None or not known else [check_choice("stream", stream, known)]

    def _end(self, stream: str) -> StreamEnd:
        return self._reader(stream)

    def _reader(self, stream: str) -> StreamReader:
        reader = self._readers.get(stream)
        if reader is None:
            directory = stream_path(self.location, stream)
            reader = self._readers[stream] = StreamReader(self._files, directory, stream)
        return reader
