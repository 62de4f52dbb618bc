"""Compacted segments that stand in for those that a manifest lists, where it is older than the compaction.

Between manifests and whoever reads them: when the newest manifest is damaged, or files were copied in any order while
a compaction ran, the segments that an older one lists are gone, and what they were compacted into is there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

import msgspec

from .manifest import Manifest, SealedSegment
from .segment_reader import SegmentReader
from .segment_writer import describe_sealed
from .stream_directory import SegmentName, parse_segment_name


def with_stand_ins(manifest: Manifest, names: Iterable[str], open_segment: Callable[[str], SegmentReader]) -> Manifest:
    """Return a manifest in which compacted segments that are there replace sealed ones that are missing.

    Args:
        manifest: what is sealed, as it was once.
        names: the files of the stream's folder.
        open_segment: opens one of them.

    >>> with_stand_ins(Manifest(stream="app"), [], SegmentReader).segments
    ()
    """
    present = set(names)
    missing = [segment for segment in manifest.segments if segment.name not in present]
    if not missing:
        return manifest
    found = [name for name in map(parse_segment_name, present) if name and name.last_position]
    segments = manifest.segments
    for compacted in sorted(found, key=lambda name: name.first_position - name.last_position):
        segments = _replaced(segments, compacted, present, open_segment)
    return msgspec.structs.replace(manifest, segments=segments)


def _replaced(
    segments: tuple[SealedSegment, ...],
    compacted: SegmentName,
    present: set[str],
    open_segment: Callable[[str], SegmentReader],
) -> tuple[SealedSegment, ...]:
    first, end = compacted.first_position, compacted.last_position + 1
    within = [one for one in segments if first <= one.first_position and one.next_position <= end]
    whole = within and (within[0].first_position, within[-1].next_position) == (first, end)
    if not whole or all(one.name in present for one in within):
        return segments
    reader = open_segment(compacted.file)
    if reader.footer is None or reader.damage:
        return segments
    size, checksum = reader.file.size(), reader.footer.checksum
    entry = describe_sealed(reader, reader.footer.summary, size=size, checksum=checksum)
    entry = msgspec.structs.replace(entry, name=compacted.file, cold=True)
    return tuple(entry if one == within[0] else one for one in segments if one == within[0] or one not in within)
