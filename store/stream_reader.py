"""The segments of one stream as a reader sees them now: sealed ones from the manifest, then those not in it yet.

Between the ledger and segment files. Takes no lock: a segment that is sealed, renamed or dropped meanwhile is found
again by looking once more.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from os.path import join
from typing import TypeVar

from .file_system import FileSystem
from .manifest import Manifest, SealedSegment, manifest_names, read_manifest
from .segment_reader import SegmentFilters, SegmentReader
from .split_block_filter import KeyProbe
from .stand_ins import with_stand_ins
from .stream_directory import OPEN_SUFFIX, SEALED_SUFFIX, SegmentName, parse_segment_name
from .stream_filters import StreamFilters

OPEN_SEGMENTS = 16
"""Segment readers that a stream keeps. Each holds the dictionaries that were used: chosen to stay under 100 MB."""

ASKED_SEGMENTS = 32
"""Segments of which the filters are kept when they are closed: what no tier covers is asked by every lookup."""

ATTEMPTS = 5
"""A reader that meets a rename looks again; sealing happens once per 100 MB, so that a second time is rare already."""

Result = TypeVar("Result")


class StreamReader:
    """One stream, open for reading.

    Attributes:
        manifest: what is sealed, as of the last `refresh`.
        unlisted: names of segments after the manifest's, in order: the open one, or one sealed a moment ago.
    """

    def __init__(self, files: FileSystem, directory: str, stream: str) -> None:
        self.directory, self.stream = directory, stream
        self._files = files
        self.manifest = Manifest(stream=stream)
        self.unlisted: list[SegmentName] = []
        self._newest_name = ""
        self._filters, self._filters_fit = StreamFilters(files, directory), False
        self._entries: dict[str, SealedSegment] = {}
        self._readers: OrderedDict[str, SegmentReader] = OrderedDict()
        self._asked: dict[str, SegmentFilters] = {}

    def refresh(self) -> None:
        """Look which segments there are now."""
        newest = next(reversed(manifest_names(self._files, self.directory)), "")
        if newest != self._newest_name:
            manifest, _ = read_manifest(self._files, self.directory, self.stream)
            self.manifest = with_stand_ins(manifest, self._files.names(self.directory), self._sealed)
            self._newest_name = newest
            self._entries = {segment.name: segment for segment in self.manifest.segments}
            self._filters_fit = False
            self._asked = {name: filters for name, filters in self._asked.items() if name in self._entries}
        found = {parse_segment_name(name) for name in self._files.names(self.directory)} - {None}
        next_position = self.manifest.next_position
        # Objects, and copies of files made while a segment was sealed, may hold both: the sealed one has all.
        self.unlisted = sorted(
            name
            for name in found
            if name
            and name.first_position >= next_position
            and (name.sealed or name._replace(sealed=True) not in found)
        )

    def _sealed(self, name: str) -> SegmentReader:
        return SegmentReader(self._files, join(self.directory, name), sealed=True)

    def segment(self, name: str) -> SegmentReader:
        """Return the reader of a segment, up to date.

        Raises:
            FileNotFoundError: it has been renamed or dropped: refresh.
        """
        reader = self._readers.get(name)
        if reader is None or (not reader.sealed and self._files.identity(reader.path)[0] != reader.inode):
            reader = SegmentReader(self._files, join(self.directory, name), sealed=name.endswith(SEALED_SUFFIX))
        self._readers[name] = reader
        self._readers.move_to_end(name)
        if len(self._readers) > OPEN_SEGMENTS:
            closed, before = self._readers.popitem(last=False)
            if before.footer and not before.damage and len(self._asked) < ASKED_SEGMENTS:
                self._asked[closed] = before.asked_filters()
        reader.refresh()
        return reader

    def surely_lacks(self, name: str, trace: KeyProbe | None, event: KeyProbe | None) -> bool:
        """Say whether a segment that was closed is known not to hold an id: then it need not be opened again."""
        filters = self._asked.get(name)
        if filters is None:
            return False
        lacks_trace = trace is not None and filters.traces is not None and not trace.perhaps_in(filters.traces)
        return lacks_trace or (event is not None and filters.ids is not None and not event.perhaps_in(filters.ids))

    def forget_readers(self) -> None:
        """Open all segments anew: the object of one was deleted while it was read (an open local file stays whole)."""
        self._readers.clear()
        self._asked.clear()

    def segment_now(self, name: str) -> SegmentReader:
        """Return the reader of a segment that may have been sealed since its name was listed."""
        try:
            return self.segment(name)
        except FileNotFoundError:
            return self.segment(name.replace(OPEN_SUFFIX, SEALED_SUFFIX))

    def last_segment(self) -> SegmentReader | None:
        """Return the reader of the segment behind the manifest's, None where there is none."""
        if not self.unlisted:
            return None
        return self.segment(self.unlisted[-1].file)

    def steadily(self, look: Callable[[], Result]) -> Result:
        """Refresh and look; look again where a segment was renamed in between."""
        for attempt in range(ATTEMPTS):
            self.refresh()
            try:
                return look()
            except FileNotFoundError:
                if attempt == ATTEMPTS - 1:
                    raise
        raise AssertionError("unreachable")

    @property
    def next_position(self) -> int:
        """Position of the next event."""

        def look() -> int:
            last = self.last_segment()
            return last.next_position if last else self.manifest.next_position

        return self.steadily(look)

    @property
    def cursor(self) -> bytes | None:
        """The source's cursor after the last commit."""

        def look() -> bytes | None:
            last = self.last_segment()
            return last.cursor() if last else self.manifest.cursor

        return self.steadily(look)

    @property
    def filters(self) -> StreamFilters:
        """The filters over many sealed segments, as of the last `refresh`."""
        if not self._filters_fit:
            self._filters.refresh(self.manifest.segments)
            self._filters_fit = True
        return self._filters

    def lists(self, name: str) -> bool:
        """Say whether a segment of this name belongs to the stream, as of the last `refresh`."""
        return name in self._entries or any(name == segment.file for segment in self.unlisted)

    def sealed_entry(self, name: str) -> SealedSegment | None:
        """Return what the manifest says of a segment."""
        return self._entries.get(name)
