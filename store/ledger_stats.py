"""What a ledger holds, in numbers: events and bytes per stream, how well they compress, what is damaged.

Between `Ledger.stats` and manifests; opens only what is not sealed.
"""

from __future__ import annotations

from os.path import join

import msgspec

from .file_system import FileSystem
from .stream_reader import StreamReader
from .verification import Damage


class StreamStats(msgspec.Struct, frozen=True, kw_only=True):
    """Numbers of one stream; times are nanoseconds, 0 and -1 without events."""

    stream: str
    events: int
    first_position: int
    last_position: int
    segments: int
    raw_bytes: int
    disk_bytes: int
    min_occurred: int
    max_occurred: int


class LedgerStats(msgspec.Struct, frozen=True, kw_only=True):
    """Numbers of a ledger; `raw_bytes` are the payloads as they came in, `damaged` what is known without verifying."""

    streams: tuple[StreamStats, ...]
    damaged: tuple[Damage, ...]

    @property
    def events(self) -> int:
        """Events in all streams."""
        return sum(stream.events for stream in self.streams)

    @property
    def raw_bytes(self) -> int:
        """Payload bytes of all streams, before compression."""
        return sum(stream.raw_bytes for stream in self.streams)

    @property
    def disk_bytes(self) -> int:
        """Bytes of all segments."""
        return sum(stream.disk_bytes for stream in self.streams)

    @property
    def ratio(self) -> float:
        """Bytes on disk per raw byte (0 without events)."""
        return self.disk_bytes / self.raw_bytes if self.raw_bytes else 0.0


def stream_stats(files: FileSystem, stream: StreamReader) -> tuple[StreamStats, list[Damage]]:
    """Return a stream's numbers and its known damage."""
    stream.refresh()
    sealed = stream.manifest.segments
    spans = [(entry.min_occurred, entry.max_occurred) for entry in sealed if entry.events]
    events, raw = sum(entry.events for entry in sealed), sum(entry.raw_bytes for entry in sealed)
    disk = sum(entry.size for entry in sealed)
    damaged = [
        Damage(path=join(stream.directory, entry.name), start=0, end=entry.size, reason="damaged", stream=stream.stream)
        for entry in sealed
        if entry.damaged or not files.exists(join(stream.directory, entry.name))
    ]
    for name in stream.unlisted:
        reader = stream.segment(name.file)
        events, raw = events + reader.frames.events, raw + reader.frames.raw_bytes
        disk += reader.file.size()
        spans += [reader.frames.bounds("occurred")] if reader.frames.events else []
    last = stream.next_position - 1
    first = sealed[0].first_position if sealed else last - events + 1
    stats = StreamStats(
        stream=stream.stream,
        events=events,
        first_position=first,
        last_position=last,
        segments=len(sealed) + len(stream.unlisted),
        raw_bytes=raw,
        disk_bytes=disk,
        min_occurred=min((low for low, _ in spans), default=0),
        max_occurred=max((high for _, high in spans), default=-1),
    )
    return stats, damaged
