"""Bring a stream's files into order before its writer appends: what a crash left is finished or cut.

Run under the stream's lock. A torn tail (nothing valid behind it) is cut after a copy is kept; damage with valid frames
behind it is sealed as it is, with the damage named in the footer, and appending goes on in a new segment. Nothing that
could be read is ever deleted.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from os.path import dirname, join

from ..domain.errors import SegmentDamageError
from .acknowledged import acknowledged_path
from .durable_file import TEMPORARY, write_durably
from .file_system import FileSystem
from .filter_tier import FILTERS
from .footer import SegmentSummary, open_footer
from .frame_table import TABLE_COLUMNS
from .manifest import Manifest, SealedSegment, read_manifest, write_manifest
from .segment_reader import SegmentReader
from .segment_writer import SegmentWriter, describe_sealed, publish_sealed
from .stand_ins import with_stand_ins
from .stream_directory import MANIFESTS, SegmentName, parse_segment_name

BROKEN = ".broken-"
"""Middle of the names of copies of what recovery cut off."""

DAMAGED = ".damaged-"
"""Middle of the names of segments of which nothing could be read."""


@dataclass
class RecoveredStream:
    """A stream in order: its manifest, and its open segment if it has one."""

    manifest: Manifest
    open: SegmentReader | None


def recover(
    files: FileSystem, directory: str, stream: str, *, epoch: int, clock: Callable[[], int], shared: bool = False
) -> RecoveredStream:
    """Bring a stream's files into order.

    Args:
        files: where.
        directory: the stream's folder.
        stream: its name.
        epoch: the writer's epoch, which the new manifest and the names of kept copies carry.
        clock: gives the present time in nanoseconds.
        shared: whether an earlier writer may still be at work (on an object store): a manifest is then written in any
            case, so that its next one finds the number taken.

    Raises:
        FileExistsError: an earlier writer has just written a manifest: recover again.
    """
    highest = _highest_number(files, directory)  # before reading: whatever is written after that collides
    manifest, damaged = read_manifest(files, directory, stream)
    _sweep(files, directory, manifest, trusted=not damaged, shared=shared)
    adopted = with_stand_ins(
        manifest, files.names(directory), lambda name: SegmentReader(files, join(directory, name), sealed=True)
    )
    adopted = _adopt(files, directory, adopted)
    position = adopted.next_position
    path = join(directory, SegmentName(position, sealed=False).file)
    reader = _recover_open(files, path, epoch) if files.exists(path) else None
    if reader and (reader.sealed or reader.damage):
        entry = _finish_sealing(files, reader, epoch=epoch, clock=clock)
        adopted, reader = _with_segment(adopted, entry, reader.cursor()), None
    if shared or adopted != manifest or damaged:
        adopted = _renumbered(adopted, max(highest, manifest.number) + 1, epoch)
        write_manifest(files, directory, adopted)
    if reader is None and not shared:
        files.delete(acknowledged_path(path))
    return RecoveredStream(adopted, reader)


def _sweep(files: FileSystem, directory: str, manifest: Manifest, *, trusted: bool, shared: bool) -> None:
    """Delete half-written small files, segments that retention dropped, and what sealed ones were made of."""
    for folder in (directory, join(directory, MANIFESTS), join(directory, FILTERS)):
        for name in files.names(folder):
            if name.startswith(TEMPORARY):
                files.delete(join(folder, name))
    known = {segment.name for segment in manifest.segments}
    for name in files.names(directory) if trusted else []:
        segment = parse_segment_name(name)
        if not segment or segment.first_position >= manifest.next_position:
            continue
        if shared and segment.last_position:
            continue  # a newer writer may have compacted just now; the names of all others are never used again
        sealed_twin = SegmentName(segment.first_position, sealed=True).file
        if name not in known and (segment.sealed or sealed_twin in known):
            files.delete(join(directory, name))


def _adopt(files: FileSystem, directory: str, manifest: Manifest) -> Manifest:
    """Take in segments that were sealed, but whose manifest a crash prevented."""
    for name in files.names(directory):
        segment = parse_segment_name(name)
        if segment and segment.sealed and segment.first_position == manifest.next_position:
            reader = SegmentReader(files, join(directory, name), sealed=True)
            manifest = _with_segment(manifest, describe_found(reader), reader.cursor())
    return manifest


def describe_found(reader: SegmentReader) -> SealedSegment:
    """Return what a manifest says of a sealed segment that is there without one."""
    footer = reader.footer
    summary = footer.summary if footer else _scanned_summary(reader, epoch=reader.origin.epoch, now_ns=0)
    return describe_sealed(reader, summary, size=reader.file.size(), checksum=footer.checksum if footer else 0)


def _with_segment(manifest: Manifest, segment: SealedSegment, cursor: bytes | None) -> Manifest:
    return Manifest(
        number=manifest.number,
        stream=manifest.stream,
        epoch=manifest.epoch,
        next_position=segment.next_position,
        cursor=cursor,
        segments=(*manifest.segments, segment),
    )


def _highest_number(files: FileSystem, directory: str) -> int:
    """Return the number of the newest manifest, be it readable or not."""
    names = files.names(join(directory, MANIFESTS))
    return max((int(name[:20]) for name in names if name[:20].isdecimal()), default=0)


def _renumbered(manifest: Manifest, number: int, epoch: int) -> Manifest:
    return Manifest(
        number=number,
        stream=manifest.stream,
        epoch=epoch,
        next_position=manifest.next_position,
        cursor=manifest.cursor,
        segments=manifest.segments,
    )


def _recover_open(files: FileSystem, path: str, epoch: int) -> SegmentReader | None:
    """Return the open segment, its torn tail cut; one whose footer is complete is returned as sealed."""
    try:
        reader = SegmentReader(files, path, sealed=False, check_all=True)
    except SegmentDamageError:
        # No readable header and no frame. No crash leaves that: it is kept aside, and `verify` goes on reporting it.
        files.rename(path, f"{path}{DAMAGED}{epoch}")
        files.sync_directory(dirname(path))
        return None
    if open_footer(reader.file, path):
        return SegmentReader(files, path, sealed=True)
    size, end = reader.file.size(), reader.scan.end
    if size > end:
        write_durably(files, f"{path}{BROKEN}{epoch}", reader.file.read(end, size - end))
        file = files.open_appendable(path, create=False)
        file.truncate(end)
        file.sync()
        file.close()
    return reader


def _finish_sealing(files: FileSystem, reader: SegmentReader, *, epoch: int, clock: Callable[[], int]) -> SealedSegment:
    if reader.footer:
        return publish_sealed(
            files, reader, reader.footer.summary, size=reader.file.size(), checksum=reader.footer.checksum
        )
    return SegmentWriter.reopen(files, reader, epoch=epoch).seal(now_ns=clock())


def _scanned_summary(reader: SegmentReader, *, epoch: int, now_ns: int) -> SegmentSummary:
    return SegmentSummary(
        stream=reader.origin.stream,
        segment_id=reader.origin.segment_id,
        first_position=reader.origin.first_position,
        next_position=reader.next_position,
        epoch=epoch,
        sealed_at=now_ns,
        table_columns=len(TABLE_COLUMNS),
        cursor=reader.cursor(),
        damage=tuple(reader.damage),
    )
