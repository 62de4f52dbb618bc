"""Copy what a local ledger has sealed to an object store: may be killed and run again, and goes on where it stands.

Between a ledger and a second location. Each segment is created once, checked, and listed there by a manifest only then;
what the local ledger has dropped meanwhile stays. The copy is a ledger, to be opened by its URL; what is not sealed yet
and checkpoints are not in it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from os.path import join

import msgspec

from ..domain.errors import SegmentDamageError, UploadConflictError
from .durable_file import read_whole
from .file_system import FileSystem, ReadableFile
from .footer import open_footer
from .ledger import Ledger
from .ledger_identity import IDENTITY
from .manifest import Manifest, SealedSegment, read_manifest, write_manifest
from .object_client import PART_BYTES
from .object_creation import create_once
from .object_file_system import ObjectFileSystem
from .stream_directory import stream_path
from .stream_lock import own_stream
from .stream_reader import StreamReader


class UploadReport(msgspec.Struct, frozen=True, kw_only=True):
    """What an upload did: segments and bytes copied, segments that were there, streams with a new manifest."""

    copied: int = 0
    bytes: int = 0
    present: int = 0
    manifests: int = 0

    def __add__(self, other: UploadReport) -> UploadReport:
        return UploadReport(
            copied=self.copied + other.copied,
            bytes=self.bytes + other.bytes,
            present=self.present + other.present,
            manifests=self.manifests + other.manifests,
        )


def upload_sealed(
    ledger: Ledger,
    url: str,
    *,
    files: ObjectFileSystem | None = None,
    on_segment: Callable[[str, int], None] | None = None,
) -> UploadReport:
    """Copy the sealed segments that are missing at an URL, and list them there.

    Args:
        ledger: a ledger in a directory; others may write it meanwhile.
        url: like `s3://bucket/path`: empty, or an earlier upload of the same ledger.
        files: the file system of the URL, if it is not to be opened by it.
        on_segment: called with the path and size of each segment that was copied.

    Raises:
        UploadConflictError: something else is there.
        StreamLockedError: another upload of a stream is at work, or somebody writes it there.
        SegmentDamageError: a local segment is damaged; what was copied before is there.
        ObjectStoreError: the store could not be reached; run it again.

    >>> from obstore.store import MemoryStore
    >>> place = ObjectFileSystem.of_store(MemoryStore(), "memory://archive")
    >>> with Ledger.open("upload-example") as ledger:
    ...     upload_sealed(ledger, "memory://archive", files=place).copied
    0
    """
    target = files or ObjectFileSystem.of_url(url)
    _same_ledger(ledger, target)
    report = UploadReport()
    for stream in ledger.streams():
        report += _Upload(ledger, target, stream, on_segment or (lambda path, size: None)).run()
    return report


def _same_ledger(ledger: Ledger, target: ObjectFileSystem) -> None:
    path = join(target.url, IDENTITY)
    identity = read_whole(ledger._files, join(ledger.location, IDENTITY))
    try:
        create_once(target.client, target.key(path), identity)
    except FileExistsError:
        raise UploadConflictError(path, "is of another ledger") from None


class _Upload:
    def __init__(
        self, ledger: Ledger, target: ObjectFileSystem, stream: str, on_segment: Callable[[str, int], None]
    ) -> None:
        self._local, self._target, self._stream, self._on_segment = ledger._files, target, stream, on_segment
        self._source = StreamReader(ledger._files, stream_path(ledger.location, stream), stream)
        self._directory = stream_path(target.url, stream)

    def run(self) -> UploadReport:
        self._source.refresh()
        known, _ = read_manifest(self._target, self._directory, self._stream)
        missing = self._missing(self._source.manifest, known)
        if not missing:
            return UploadReport(present=len(known.segments))
        lock = own_stream(self._target, self._directory, self._stream, above_epoch=known.epoch)
        try:
            copied = sum(self._copied(segment) for segment in missing)
            lock.confirm()
            write_manifest(self._target, self._directory, self._joined(known, missing))
            lock.confirm()
        finally:
            lock.release()
        present, total = len(known.segments) + len(missing) - copied, sum(segment.size for segment in missing)
        return UploadReport(copied=copied, bytes=total, present=present, manifests=1)

    def _missing(self, local: Manifest, known: Manifest) -> list[SealedSegment]:
        """Return the local segments behind what is there; what is there must be the same."""
        there = {segment.name: segment for segment in known.segments}
        for segment in local.segments:
            found = there.get(segment.name)
            if found and (found.size, found.footer_checksum) != (segment.size, segment.footer_checksum):
                raise UploadConflictError(join(self._directory, segment.name), "is another segment")
        if known.next_position > local.next_position:
            raise UploadConflictError(self._directory, f"reaches up to position {known.next_position - 1} already")
        return [segment for segment in local.segments if segment.next_position > known.next_position]

    def _copied(self, segment: SealedSegment) -> bool:
        """Copy a segment, unless it is there; say whether it was copied."""
        source = join(self._source.directory, segment.name)
        path = join(self._directory, segment.name)
        if self._target.exists(path):
            self._check(self._target, path, segment)
            return False
        file = self._check(self._local, source, segment)
        try:
            create_once(self._target.client, self._target.key(path), lambda: _chunks(file))
        except FileExistsError:
            raise UploadConflictError(path, "is another segment") from None
        self._check(self._target, path, segment)
        self._on_segment(path, segment.size)
        return True

    def _check(self, files: FileSystem, path: str, segment: SealedSegment) -> ReadableFile:
        """Make sure of a segment's size and of its footer, which holds the checksums of all headers."""
        file = files.open_readable(path)
        footer = open_footer(file, path) if file.size() == segment.size else None
        if footer is None or footer.checksum != segment.footer_checksum:
            reason = "it is not the segment that its manifest lists"
            raise SegmentDamageError(path, start=0, end=file.size(), reason=reason, stream=self._stream)
        return file

    def _joined(self, known: Manifest, missing: list[SealedSegment]) -> Manifest:
        """Return the next manifest: a missing segment may be a compacted one that begins within what is there."""
        start = missing[0].first_position
        kept = [segment for segment in known.segments if segment.first_position < start]
        if any(segment.next_position > start for segment in kept):
            raise UploadConflictError(self._directory, f"has a segment across position {start}")
        return Manifest(
            number=known.number + 1,
            stream=self._stream,
            epoch=max(known.epoch, self._source.manifest.epoch),
            next_position=self._source.manifest.next_position,
            cursor=self._source.manifest.cursor,
            segments=(*kept, *missing),
        )


def _chunks(file: ReadableFile) -> Iterator[bytes]:
    for offset in range(0, file.size(), PART_BYTES):
        yield file.read(offset, PART_BYTES)
