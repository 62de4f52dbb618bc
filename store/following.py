"""Follow streams as they grow: new events within a moment, from any process, without looking the catalogue through.

Between `Ledger.follow` and streams. While nothing happens, a look costs a listing of the few manifests and the length
of one file per stream, however much the ledger holds.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from os.path import join
from typing import NamedTuple

from ..domain.batch import EventBatch
from ..domain.errors import RetiredEventsError, SegmentDamageError
from .file_system import FileSystem
from .manifest import manifest_names
from .reading import OnDamage, Window, read_stream
from .stream_directory import SegmentName
from .stream_reader import StreamReader


class StreamMark(NamedTuple):
    """What changes whenever a stream grows: its newest manifest, and the lengths of the segment behind it."""

    manifest: str
    open_bytes: int
    sealed_bytes: int


def stream_mark(files: FileSystem, stream: StreamReader) -> StreamMark:
    """Return a stream's mark: compared with the one before, it tells whether there is anything to read."""
    names = manifest_names(files, stream.directory)
    first = stream.manifest.next_position
    paths = [join(stream.directory, SegmentName(first, sealed=sealed).file) for sealed in (False, True)]
    return StreamMark(names[-1] if names else "", *[_length(files, path) for path in paths])


def _length(files: FileSystem, path: str) -> int:
    try:
        return files.size(path)
    except FileNotFoundError:
        return -1


class Follower:
    """Reads what is new in streams, again and again.

    Attributes:
        positions: the last position that was given, per stream.
    """

    def __init__(
        self,
        files: FileSystem,
        reader_of: Callable[[str], StreamReader],
        start: Callable[[str], int],
        columns: tuple[str, ...],
        batch_rows: int,
        on_damage: OnDamage,
    ) -> None:
        self._files, self._reader_of = files, reader_of
        self._start, self._columns, self._batch_rows, self._on_damage = start, columns, batch_rows, on_damage
        self.positions: dict[str, int] = {}
        self._marks: dict[str, StreamMark] = {}

    def new_events(self, stream: str) -> Iterator[EventBatch]:
        """Yield the events of a stream that were committed since the last call."""
        reader = self._reader_of(stream)
        mark = stream_mark(self._files, reader)
        if mark == self._marks.get(stream):
            return
        position = self.positions.setdefault(stream, self._start(stream))
        try:
            for batch in read_stream(reader, Window(position), self._columns, self._batch_rows, self._damaged(stream)):
                self._passed(stream, int(batch.positions[-1]))
                yield batch
        except RetiredEventsError as retired:
            self._passed(stream, retired.last_position)
            return
        # The mark from before reading: whatever was committed in between makes another one.
        self._marks[stream] = mark

    def _passed(self, stream: str, position: int) -> None:
        self.positions[stream] = max(self.positions[stream], position)

    def _damaged(self, stream: str) -> OnDamage:
        """Return what reports a damaged place once: following goes on behind it."""

        def report(error: SegmentDamageError) -> None:
            self._on_damage(error)
            self._passed(stream, error.last_position)

        return report


def follow(
    follower: Follower, streams: Callable[[], list[str]], poll_s: float, stopped: Callable[[float], bool]
) -> Iterator[EventBatch]:
    """Yield new events of all streams until told to stop.

    Args:
        follower: reads what is new.
        streams: gives the streams that there are now.
        poll_s: how long to wait where nothing was new.
        stopped: waits so many seconds; says whether to stop.
    """
    wait = 0.0
    while not stopped(wait):
        wait = poll_s
        for stream in streams():
            for batch in follower.new_events(stream):
                yield batch
                wait = 0.0
                if stopped(0.0):
                    return


def waiting(stop: threading.Event, is_closed: Callable[[], bool]) -> Callable[[float], bool]:
    """Return what waits for a stop, and also stops where the ledger was closed."""
    return lambda seconds: stop.wait(seconds) or is_closed()
