"""Check everything that is stored, at the speed of the disk: every checksum, every link from one part to the next.

Between `Ledger.verify` and files. Finds what reads would only find where they look.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from os.path import join

import msgspec

from ..domain.errors import SegmentDamageError
from .file_system import FileSystem
from .footer import open_footer
from .manifest import SealedSegment, read_manifest
from .reading import damage_error, missing_segment
from .recovery import DAMAGED
from .sections import Section
from .segment_reader import SegmentReader
from .segment_scan import damaged_section
from .stored_frame import StoredFrame
from .stream_reader import StreamReader

WRITE_S = 0.2
"""Time in which a living writer finishes a commit. Measured: 1 MiB is written and synced in 1 to 8 ms."""


class Damage(msgspec.Struct, frozen=True, kw_only=True):
    """A damaged place: file, bytes, what is wrong, and which positions of the stream were in it (none: 1 to 0)."""

    path: str
    start: int
    end: int
    reason: str
    stream: str = ""
    first_position: int = 1
    last_position: int = 0

    @classmethod
    def of(cls, error: SegmentDamageError) -> Damage:
        """Return an error as a line of a report."""
        return cls(
            path=error.path,
            start=error.start,
            end=error.end,
            reason=error.reason,
            stream=error.stream,
            first_position=error.first_position,
            last_position=error.last_position,
        )


class VerifyReport(msgspec.Struct, frozen=True, kw_only=True):
    """What a verification found."""

    damaged: tuple[Damage, ...]
    streams: int
    segments: int
    frames: int
    events: int
    bytes: int

    @property
    def ok(self) -> bool:
        """Whether nothing is damaged."""
        return not self.damaged


class Verification:
    """Checks streams and counts what it checked."""

    def __init__(self, files: FileSystem) -> None:
        self._files = files
        self.damaged: list[Damage] = []
        self.streams = self.segments = self.frames = self.events = self.bytes = 0

    def report(self) -> VerifyReport:
        """Return what was found."""
        return VerifyReport(
            damaged=tuple(self.damaged),
            streams=self.streams,
            segments=self.segments,
            frames=self.frames,
            events=self.events,
            bytes=self.bytes,
        )

    def check_stream(self, stream: StreamReader) -> None:
        """Check all segments and manifests of a stream."""
        self.streams += 1
        stream.refresh()
        _, damaged = read_manifest(self._files, stream.directory, stream.stream)
        self.damaged += [
            Damage(path=path, start=0, end=self._files.size(path), reason="damaged manifest", stream=stream.stream)
            for path in damaged
        ]
        for entry in stream.manifest.segments:
            self._check_segment(stream, entry.name, entry)
        for name in stream.unlisted:
            self._check_segment(stream, name.file, None)
        for aside in self._files.names(stream.directory):
            if DAMAGED in aside:
                path = join(stream.directory, aside)
                reason = "a segment of which nothing could be read was set aside here: delete it once it is restored"
                self.damaged.append(Damage(path=path, start=0, end=self._files.size(path), reason=reason))

    def _check_segment(self, stream: StreamReader, name: str, entry: SealedSegment | None) -> None:
        self.segments += 1
        try:
            reader = SegmentReader(self._files, join(stream.directory, name), sealed=name.endswith(".seg"))
        except FileNotFoundError:
            if entry is not None:
                self.damaged.append(Damage.of(missing_segment(stream, name)))
            return
        except SegmentDamageError as error:
            self.damaged.append(Damage.of(error))
            return
        self.bytes += reader.file.size()
        try:
            found = [*self._against_manifest(reader, entry), *self._known(reader), *self._frames(reader)]
            self.damaged += [*found, *self._footer(reader), *self._tail(reader)]
        except FileNotFoundError:  # an object was replaced or dropped meanwhile, else it is missing
            stream.refresh()
            if stream.lists(name):
                self.damaged.append(Damage.of(missing_segment(stream, name)))

    def _against_manifest(self, reader: SegmentReader, entry: SealedSegment | None) -> Iterator[Damage]:
        size = reader.file.size()
        if entry is None:
            return
        if size != entry.size:
            reason = f"it has {size} bytes, its manifest says {entry.size}"
            yield self._damage(reader, min(size, entry.size), max(size, entry.size), reason)
        elif reader.footer and reader.footer.checksum != entry.footer_checksum:
            yield self._damage(reader, reader.footer.offset, size, "its footer is not the one of its manifest")

    def _known(self, reader: SegmentReader) -> Iterator[Damage]:
        return (Damage.of(damage_error(reader, damage)) for damage in reader.damage)

    def _frames(self, reader: SegmentReader) -> Iterator[Damage]:
        known = {(damage.start, damage.end) for damage in reader.damage}
        for number, row in enumerate(reader.frames.rows.tolist()):
            offset, length = row[0], row[1]
            self.frames, self.events = self.frames + 1, self.events + row[3]
            reason = _frame_reason(reader, number)
            if reason and (offset, offset + length) not in known:
                yield Damage.of(reader.damaged(number, reason))

    def _footer(self, reader: SegmentReader) -> Iterator[Damage]:
        if reader.footer is None:
            return
        end = 0
        for section in reader.footer.table.values():
            reason = _section_reason(reader, section)
            if reason:
                yield self._damage(reader, section.offset, section.offset + section.stored_length, reason)
            if end and any(reader.file.read(end, section.offset - end)):
                yield self._damage(reader, end, section.offset, "bytes between sections are not zero")
            end = section.offset + section.stored_length

    def _tail(self, reader: SegmentReader) -> Iterator[Damage]:
        """Report what follows the last commit of an open segment, unless a writer is just writing it."""
        if reader.sealed or reader.file.size() == reader.scan.end or open_footer(reader.file, reader.path):
            return  # a footer: sealing was under way, and the next writer finishes it
        time.sleep(WRITE_S)
        reader.refresh()
        if reader.file.size() > reader.scan.end:
            yield self._damage(reader, reader.scan.end, reader.file.size(), "a torn tail: no complete commit")

    def _damage(self, reader: SegmentReader, start: int, end: int, reason: str) -> Damage:
        return Damage(path=reader.path, start=start, end=end, reason=reason, stream=reader.origin.stream)


def _frame_reason(reader: SegmentReader, number: int) -> str:
    try:
        stored: StoredFrame = reader.frame(number)
    except SegmentDamageError as error:
        return error.reason
    return damaged_section(reader.file, int(reader.frames.rows[number, 0]), stored.header)


def _section_reason(reader: SegmentReader, section: Section) -> str:
    try:
        section.content(reader.file.read(section.offset, section.stored_length))
    except ValueError as error:
        return str(error)
    return ""
