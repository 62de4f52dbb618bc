"""The filter tiers of one stream: which of its sealed segments surely do not hold an id, at one look per 32 of them.

Between lookups or dedupe and the tiers' files. Segments that no tier covers are asked one by one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from os.path import join

import msgspec
import numpy as np

from ..domain.errors import SegmentDamageError
from .file_system import FileSystem
from .filter_tier import FILTERS, TIER_SEGMENTS, WIDE_LANES, FilterTier, write_tier, write_wide_tier
from .hashing import Keys
from .manifest import SealedSegment
from .segment_reader import SegmentReader
from .split_block_filter import WORDS_PER_BLOCK, Filter, KeyProbe, Rows
from .stream_directory import TIER_SUFFIX


class StreamFilters:
    """The tiers of one stream.

    Attributes:
        directory: the stream's folder.
        covered: names of the segments that a tier answers for.
    """

    def __init__(self, files: FileSystem, directory: str) -> None:
        self._files, self.directory = files, directory
        self._tiers: dict[str, FilterTier] = {}
        self._segments: list[tuple[FilterTier, dict[str, int]]] = []
        self.covered: set[str] = set()

    def refresh(self, segments: Sequence[SealedSegment]) -> None:
        """Look which tiers there are for these segments."""
        known = {segment.name: segment for segment in segments}
        names = self._files.names(join(self.directory, FILTERS))
        self._tiers = {name: tier for name in names if name.endswith(TIER_SUFFIX) and (tier := self._tier(name, known))}
        self._segments, self.covered = [], set()
        self._tiers = dict(sorted(self._tiers.items(), key=lambda one: -len(one[1].head.names)))
        for tier in self._tiers.values():
            fitting = {name: at for name, at in tier.fits(known).items() if name not in self.covered}
            self._segments.append((tier, fitting))
            self.covered |= fitting.keys()

    def without_trace(self, probe: KeyProbe) -> set[str]:
        """Return the names of covered segments that surely hold no trace id with this key."""
        return self._without([(tier.traces.mask(probe), names) for tier, names in self._segments if names])

    def without_id(self, probe: KeyProbe) -> set[str]:
        """Return the names of covered segments that surely hold no event id with this key."""
        return self._without([(tier.ids.mask(probe), names) for tier, names in self._segments if names])

    def hits(self, keys: Keys) -> Iterator[tuple[str, Rows]]:
        """Yield covered segments that perhaps hold event ids, with the rows of their keys."""
        for tier, names in self._segments:
            if not names:
                continue
            masks = tier.ids.masks(keys)
            occurring = np.bitwise_or.reduce(masks, axis=0)
            for name, number in names.items():
                lane, bit = divmod(number, TIER_SEGMENTS)
                if int(occurring[lane]) >> bit & 1:
                    yield name, np.flatnonzero(masks[:, lane] >> np.uint32(bit) & np.uint32(1))

    def build(self, segments: Sequence[SealedSegment]) -> bool:
        """Build tiers for full runs of segments that have none, delete those that none needs; say if any was built."""
        built = False
        self.refresh(segments)
        for name, (_, fitting) in zip(list(self._tiers), self._segments, strict=True):
            if not fitting:
                self._files.delete(join(self.directory, FILTERS, name))
        bare = [segment for segment in segments if segment.name not in self.covered and not segment.damaged]
        for start in range(0, len(bare) - TIER_SEGMENTS + 1, TIER_SEGMENTS):
            run = bare[start : start + TIER_SEGMENTS]
            pairs = [self._whole(segment) for segment in run]
            write_tier(self._files, self.directory, run, [pair[0] for pair in pairs], [pair[1] for pair in pairs])
            built = True
        if built:
            self.refresh(segments)
            self._widen(segments)
        return built

    def _widen(self, segments: Sequence[SealedSegment]) -> None:
        """Make a wide tier of so many full neighbours; they are deleted when the next one is built."""
        known = {segment.name: segment for segment in segments}
        narrow = [tier for tier, names in self._segments if tier.head.lanes == 1 and len(names) == TIER_SEGMENTS]
        narrow.sort(key=lambda tier: known[tier.head.names[0]].first_position)
        for start in range(0, len(narrow) - WIDE_LANES + 1, WIDE_LANES):
            run = narrow[start : start + WIDE_LANES]
            first, last = known[run[0].head.names[0]], known[run[-1].head.names[-1]]
            try:
                write_wide_tier(self._files, self.directory, run, first.first_position, last.next_position)
            except ValueError:
                continue  # the damaged one is made anew once it is found out
        self.refresh(segments)

    def _whole(self, segment: SealedSegment) -> tuple[Filter, Filter]:
        """Return a segment's filters of trace ids and of event ids; one that says "perhaps" where there is none."""
        perhaps = Filter(np.full(WORDS_PER_BLOCK, ~np.uint64(0), np.uint64), sharp=True)
        try:
            reader = SegmentReader(self._files, join(self.directory, segment.name), sealed=True)
        except (FileNotFoundError, SegmentDamageError):
            return perhaps, perhaps
        return reader.trace_filter or perhaps, reader.id_filter or perhaps

    def _without(self, looked: list[tuple[int, dict[str, int]]]) -> set[str]:
        return {name for mask, names in looked for name, number in names.items() if not mask >> number & 1}

    def _tier(self, name: str, segments: dict[str, SealedSegment]) -> FilterTier | None:
        known = self._tiers.get(name)
        if known and known.fits(segments):  # else another may have taken its name
            return known
        try:
            return FilterTier(self._files, join(self.directory, FILTERS, name))
        except (ValueError, FileNotFoundError, msgspec.MsgspecError):
            return None
