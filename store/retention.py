"""Choose the sealed segments that are dropped: by age, or by how much a ledger may hold.

Between `Ledger.retain` and the streams' writers. Whole segments only, and of each stream only from its beginning, so
that positions stay without gaps.
"""

from __future__ import annotations

from collections.abc import Mapping

from .manifest import Manifest, SealedSegment


def segments_to_drop(
    manifests: Mapping[str, Manifest], *, before_ns: int | None, excess_bytes: int
) -> dict[str, set[str]]:
    """Return the names of the segments to drop, per stream.

    Args:
        manifests: what is sealed, per stream.
        before_ns: drop segments of which all events occurred before this instant.
        excess_bytes: then drop the oldest until so many bytes are gone.

    >>> segments_to_drop({"s": Manifest(stream="s")}, before_ns=None, excess_bytes=1)
    {}
    """
    dropped: dict[str, set[str]] = {}
    rest: dict[str, list[SealedSegment]] = {}
    for stream, manifest in manifests.items():
        rest[stream] = list(manifest.segments)
        while rest[stream] and before_ns is not None and rest[stream][0].max_occurred < before_ns:
            excess_bytes -= _drop(stream, rest, dropped)
    while excess_bytes > 0 and any(rest.values()):
        oldest = min((stream for stream in rest if rest[stream]), key=lambda stream: rest[stream][0].max_occurred)
        excess_bytes -= _drop(oldest, rest, dropped)
    return dropped


def _drop(stream: str, rest: dict[str, list[SealedSegment]], dropped: dict[str, set[str]]) -> int:
    segment = rest[stream].pop(0)
    dropped.setdefault(stream, set()).add(segment.name)
    return segment.size
