"""Open, look up and append on the catalogue of a month at 1 TB: some 1,300 segments with footers of full size.

    python benchmarks/store_month.py [SEGMENTS] [EVENTS_PER_SEGMENT]

Segments are made by writing their footers: frame tables and filters as a million random ids leave them; the frames
are a hole in the file. One real segment holds the trace that is found. Takes some 15 GB of disk and some minutes.
"""

from __future__ import annotations

import multiprocessing
import sys
import tempfile
import time
from collections.abc import Callable
from functools import cache, partial
from pathlib import Path

import msgspec
import numpy as np

from cloudledger.domain.batch import EventBatch
from cloudledger.domain.events import Event
from cloudledger.store import Ledger
from cloudledger.store.footer import SegmentSummary, pack_footer
from cloudledger.store.frame_table import TABLE_COLUMNS
from cloudledger.store.local_file_system import LocalFileSystem
from cloudledger.store.manifest import Manifest, SealedSegment, write_manifest
from cloudledger.store.sections import Section, SectionFlag, SectionType
from cloudledger.store.segment_header import SegmentOrigin, pack_segment_header
from cloudledger.store.segment_index import FrameMembers
from cloudledger.store.split_block_filter import Filter, FilterProbe, Words
from cloudledger.store.stream_directory import SegmentName, stream_path
from cloudledger.store.stream_filters import StreamFilters

STREAM = "month"
FRAME_EVENTS = 1_400
SEGMENT_BYTES = 140_000_000
START_NS = 1_790_000_000_000_000_000


def random_words(rng: np.random.Generator, blocks: int) -> bytes:
    """Return blocks of frames' filters with three eighths of their bits set: 8 keys a block."""
    one, two, three = (rng.integers(0, 1 << 64, blocks * 2, np.uint64) for _ in range(3))
    return bytes(((one | two) & three).tobytes())


@cache
def full_filter(blocks: int, keys: int, *, sharp: bool) -> Words:
    """Return a filter that holds random keys: its blocks are as uneven as those of a full segment."""
    words = np.zeros(2 * blocks, np.uint64)
    random = np.random.default_rng(blocks).integers(0, 1 << 64, keys, np.uint64)
    FilterProbe(random).add_to(Filter(words, sharp))
    return words


def segment_words(rng: np.random.Generator, blocks: int, keys: int, *, sharp: bool = False) -> bytes:
    """Return the filter of one of many segments: the same blocks in another order."""
    words = full_filter(blocks, keys, sharp=sharp).reshape(-1, 2)
    return bytes(words[rng.permutation(blocks)].tobytes())


def stored(type_: SectionType, content: bytes) -> Section:
    """Return a section as it lies in a footer."""
    return Section.pack(type_, content, compressed=False, flags=SectionFlag.SAFE_TO_IGNORE)


def frame_filters(rng: np.random.Generator, frames: int, blocks: int) -> bytes:
    """Return the filters of all frames, end to end."""
    first = np.arange(frames + 1, dtype=np.int64) * blocks
    return np.array([frames + 1], np.int64).tobytes() + first.tobytes() + random_words(rng, frames * blocks)


def write_segment(folder: Path, number: int, events: int, rng: np.random.Generator) -> SealedSegment:
    """Write a segment that is a footer behind a hole."""
    frames, first = -(-events // FRAME_EVENTS), number * events + 1
    table = np.zeros((frames, len(TABLE_COLUMNS)), np.int64)
    table[:, 0] = 4096 + np.arange(frames) * (SEGMENT_BYTES // frames)
    table[:, 1], table[:, 2], table[:, 3] = SEGMENT_BYTES // frames, 20_000, FRAME_EVENTS
    table[:, 4] = first + np.arange(frames) * FRAME_EVENTS
    table[:, 5], table[:, 6] = START_NS + number, START_NS + number + 1
    table[:, 7:9], table[:, 11] = START_NS, 750 * FRAME_EVENTS
    table[:, 9], table[:, 10] = 1 << 9, 1 << 1
    summary = SegmentSummary(
        stream=STREAM,
        segment_id=number + 1,
        first_position=first,
        next_position=first + events,
        epoch=1,
        sealed_at=0,
        table_columns=len(TABLE_COLUMNS),
    )
    id_blocks, trace_blocks = 1 << (2 * events // 8 - 1).bit_length(), 1 << (events // 6 // 8 - 1).bit_length()
    sections = [
        Section.pack(SectionType.SUMMARY, msgspec.msgpack.encode(summary)),
        Section.pack(SectionType.FRAMES, np.ascontiguousarray(table.T).tobytes()),
        *FrameMembers("service").sections(),
        *FrameMembers("resource").sections(),
        stored(SectionType.SHARP_FRAME_TRACES, frame_filters(rng, frames, -(-2 * FRAME_EVENTS // 6 // 8))),
        stored(SectionType.FRAME_IDS, frame_filters(rng, frames, -(-FRAME_EVENTS // 8))),
        stored(SectionType.SEGMENT_TRACES, segment_words(rng, trace_blocks, events // 6)),
        stored(SectionType.SHARP_SEGMENT_IDS, segment_words(rng, id_blocks, events, sharp=True)),
    ]
    offset = SEGMENT_BYTES
    packed, checksum = pack_footer(offset, sections)
    name = SegmentName(first, sealed=True).file
    origin = SegmentOrigin(stream=STREAM, segment_id=number + 1, first_position=first, epoch=1, created_at=0)
    with (folder / name).open("wb") as file:
        file.write(pack_segment_header(origin))
        file.seek(offset)
        file.write(packed)
    return SealedSegment(
        name=name,
        size=offset + len(packed),
        footer_checksum=checksum,
        first_position=first,
        next_position=first + events,
        events=events,
        raw_bytes=750 * events,
        min_occurred=START_NS + number,
        max_occurred=START_NS + number + 1,
        min_recorded=START_NS,
        max_recorded=START_NS,
        kinds=2,
        severities=1 << 9,
        epoch=1,
    )


def build(location: str, segments: int, events: int) -> None:
    """Write the month, and one real segment behind it."""
    Ledger.open(location).close()
    folder, rng = Path(stream_path(location, STREAM)), np.random.default_rng(7)
    folder.mkdir(parents=True)
    entries = tuple(write_segment(folder, number, events, rng) for number in range(segments))
    files = LocalFileSystem()
    manifest = Manifest(number=1, stream=STREAM, epoch=1, next_position=entries[-1].next_position, segments=entries)
    write_manifest(files, str(folder), manifest)
    began = time.perf_counter()
    StreamFilters(files, str(folder)).build(entries)
    print(f"{'filters over many segments built':40} {time.perf_counter() - began:10.1f} s")


def batch(seed: int, count: int = FRAME_EVENTS) -> EventBatch:
    """Return events with random ids and traces of six."""
    rng = np.random.default_rng(seed)
    traces = np.repeat(rng.integers(1, 1 << 63, (count // 6 + 1, 2), np.uint64), 6, axis=0)[:count]
    ids = rng.integers(1, 1 << 63, (count, 2), np.uint64)
    return EventBatch.build(
        count, event_id=ids, trace_id=traces, occurred_at=[START_NS] * count, payload=[b"x" * 100] * count
    )


def timed(what: str, action: Callable[[], object]) -> None:
    """Print how long something takes, and the memory so far."""
    began = time.perf_counter()
    action()
    elapsed = time.perf_counter() - began
    peak = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM"))
    print(f"{what:40} {elapsed * 1000:10.1f} ms   peak {int(peak.split()[1]) / 1024:6.0f} MB")


def look(location: str) -> None:
    """Open the month and look things up."""
    reader = Ledger.open(location, read_only=True)
    timed("open and last position", lambda: reader.last_position(STREAM))

    def search(trace: str) -> list[Event]:
        return list(reader.search(trace_id=trace))

    high, low = batch(1).trace_id[0].tolist()
    for what in ("first", "second"):
        timed(f"trace, {what} look", partial(search, f"{high:016x}{low:016x}"))
    for number in range(5):
        timed("absent trace", partial(search, f"{number + 1:032x}"))
    timed("event by id", lambda: reader.event(f"{batch(1).event_id[0, 0]:016x}{batch(1).event_id[0, 1]:016x}"))
    reader.close()


def write(location: str) -> None:
    """Open the month for writing and append."""
    ledger = Ledger.open(location)
    timed("first append (takes the stream over)", lambda: ledger.append(STREAM, batch(2)))
    for number in range(3, 8):
        timed("append of 1,400 events", partial(ledger.append, STREAM, batch(number)))
    ledger.close()


def main(segments: int, events: int) -> None:
    """Build the month in a temporary folder, and measure in fresh processes."""
    with tempfile.TemporaryDirectory() as location:
        build(location, segments, events)
        with Ledger.open(location) as ledger:
            timed("first append (takes the stream over)", lambda: ledger.append(STREAM, batch(1)))
        for part in (look, write):
            process = multiprocessing.get_context("spawn").Process(target=part, args=(location,))
            process.start()
            process.join()


if __name__ == "__main__":
    main(*[int(value) for value in (sys.argv[1:] + ["1300", "1000000"][len(sys.argv) - 1 :])])
