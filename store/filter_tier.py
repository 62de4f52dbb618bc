"""One filter file over many sealed segments: a single look says which of them can hold an id.

Between lookups or dedupe and segments. The segments' own filters are laid side by side, bit by bit: where one filter
has a bit, a tier has a number with one bit per segment. So a key costs one page per tier instead of one per segment.
Derived and disposable: built from the footers at sealing, ignored where it is damaged, missing or does not fit.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence
from os.path import join

import msgspec
import numpy as np
import numpy.typing as npt

from .durable_file import TEMPORARY
from .file_system import AppendableFile, FileSystem, ReadableFile
from .manifest import SealedSegment
from .split_block_filter import WORDS_PER_BLOCK, Filter, KeyProbe, Keys, Words, second_keys
from .stream_directory import TIER_SUFFIX

TIER_MAGIC = b"CLTIER2\n"
"""Another one than that of the first tiers, which knew no sharp filters and are made anew."""

FILTERS = "filters"
TIER_SEGMENTS = 32
"""Segments of a tier: as many as a number has bits. A month at 1 TB is then 41 tiers."""

BLOCK_BITS = 128
PAGE_BLOCKS = 2
PAGE_BYTES = PAGE_BLOCKS * BLOCK_BITS * 4
"""What is read and checked at a time. Read rather than mapped: of a mapping the kernel brings in 64 kB a look."""

_BUILD_BLOCKS = 4_096
"""Blocks that are laid side by side at a time: bounds the memory of building to some 10 MB."""

Masks = npt.NDArray[np.uint32]


class TierHead(msgspec.Struct, frozen=True, kw_only=True):
    """What a tier says of itself: its segments with the checksums of their footers, and how many blocks it has.

    `sharp` has a bit per segment: whether its filter of event ids is sharp.
    """

    names: tuple[str, ...]
    footers: tuple[int, ...]
    trace_blocks: int
    id_blocks: int
    sharp: int = 0


class TierPlane:
    """The filters of all segments of a tier, of one kind of id; a look reads and checks the pages of its keys."""

    def __init__(
        self, file: ReadableFile, start: int, blocks: int, checksums: npt.NDArray[np.uint32], sharp: int = 0
    ) -> None:
        self._file, self._start, self._blocks, self._checksums = file, start, blocks, checksums
        self._sharp = sharp

    def masks(self, keys: Keys) -> Masks:
        """Return per key which segments perhaps hold it, a bit each; all of them where a page is damaged."""
        if not self._blocks:
            return np.zeros(len(keys), np.uint32)
        found = self._masks(keys)
        rows = np.flatnonzero(found & np.uint32(self._sharp))
        if len(rows):
            found[rows] &= self._masks(second_keys(keys[rows])) | np.uint32(0xFFFFFFFF ^ self._sharp)
        return found

    def _masks(self, keys: Keys) -> Masks:
        place = ((keys >> np.uint64(32)) * np.uint64(self._blocks) >> np.uint64(32)).astype(np.int64)
        pages, of_page = np.unique(place // PAGE_BLOCKS, return_inverse=True)
        contents = [self._page(page) for page in pages.tolist()]
        sound = np.array([zlib.crc32(content) for content in contents], np.uint32) == self._checksums[pages]
        numbers = np.frombuffer(b"".join([content.ljust(PAGE_BYTES, b"\0") for content in contents]), np.uint32)
        start = (of_page * PAGE_BLOCKS + place % PAGE_BLOCKS) * BLOCK_BITS
        found = np.full(len(keys), 0xFFFFFFFF, np.uint32)
        for lane in range(8):
            bits = (keys >> np.uint64(4 * lane)) & np.uint64(15)
            found &= numbers[start + 16 * lane + bits.astype(np.int64)]
        found[~sound[of_page]] = 0xFFFFFFFF
        return found

    def mask(self, probe: KeyProbe) -> int:
        """Return the same for one key, with one read or two."""
        if not self._blocks:
            return 0
        found = self._mask(probe.key)
        return found & (self._mask(probe.again.key) | ~self._sharp) if found & self._sharp else found

    def _mask(self, key: int) -> int:
        place = (key >> 32) * self._blocks >> 32
        page = self._page(place // PAGE_BLOCKS)
        if zlib.crc32(page) != self._checksums[place // PAGE_BLOCKS]:
            return 0xFFFFFFFF
        numbers = np.frombuffer(page, np.uint32)[place % PAGE_BLOCKS * BLOCK_BITS :]
        return int(np.bitwise_and.reduce([numbers[16 * lane + (key >> 4 * lane & 15)] for lane in range(8)]))

    def _page(self, page: int) -> bytes:
        length = min(PAGE_BYTES, self._blocks * BLOCK_BITS * 4 - page * PAGE_BYTES)
        return self._file.read(self._start + page * PAGE_BYTES, length)


class FilterTier:
    """An opened tier.

    Raises:
        ValueError: it is damaged, or of another version.
    """

    def __init__(self, files: FileSystem, path: str) -> None:
        file = files.open_readable(path)
        front = file.read(0, 16)
        length, checksum = int.from_bytes(front[8:12], "little"), int.from_bytes(front[12:16], "little")
        head = file.read(16, length)
        if front[:8] != TIER_MAGIC or zlib.crc32(head) != checksum:
            raise ValueError("damaged filters")
        self.head = msgspec.msgpack.decode(head, type=TierHead)
        start = _aligned(16 + length)
        id_start = start + self.head.trace_blocks * BLOCK_BITS * 4
        end = id_start + self.head.id_blocks * BLOCK_BITS * 4
        trace_pages, id_pages = (-(-blocks // PAGE_BLOCKS) for blocks in (self.head.trace_blocks, self.head.id_blocks))
        data = file.read(end, 4 * (trace_pages + id_pages) + 4)
        if len(data) != 4 * (trace_pages + id_pages) + 4 or zlib.crc32(data[:-4]) != int.from_bytes(
            data[-4:], "little"
        ):
            raise ValueError("damaged filters")
        checksums = np.frombuffer(data[:-4], np.uint32)
        self.traces = TierPlane(file, start, self.head.trace_blocks, checksums[:trace_pages])
        self.ids = TierPlane(file, id_start, self.head.id_blocks, checksums[trace_pages:], self.head.sharp)

    def fits(self, segments: dict[str, SealedSegment]) -> dict[str, int]:
        """Return the number of each segment that the tier covers, of those given by name."""
        known = zip(self.head.names, self.head.footers, strict=True)
        return {
            name: number
            for number, (name, footer) in enumerate(known)
            if name in segments and segments[name].footer_checksum == footer
        }


def write_tier(
    files: FileSystem, directory: str, segments: Sequence[SealedSegment], traces: list[Filter], ids: list[Filter]
) -> str:
    """Write the tier of up to 32 segments from their filters, durably; return its path."""
    folder = join(directory, FILTERS)
    files.make_directory(folder)
    trace_blocks, id_blocks = _blocks(traces), _blocks(ids)
    head = msgspec.msgpack.encode(
        TierHead(
            names=tuple(segment.name for segment in segments),
            footers=tuple(segment.footer_checksum for segment in segments),
            trace_blocks=trace_blocks,
            id_blocks=id_blocks,
            sharp=sum(1 << number for number, one in enumerate(ids) if one.sharp),
        )
    )
    name = f"{segments[0].first_position:020d}-{segments[-1].next_position - 1:020d}{TIER_SUFFIX}"
    temporary, path = join(folder, f"{TEMPORARY}{name}"), join(folder, name)
    files.delete(temporary)
    file = files.open_appendable(temporary, create=True)
    try:
        front = TIER_MAGIC + len(head).to_bytes(4, "little") + zlib.crc32(head).to_bytes(4, "little") + head
        file.write(front + bytes(_aligned(len(front)) - len(front)))
        checksums = [*_write_plane(file, traces, trace_blocks), *_write_plane(file, ids, id_blocks)]
        table = np.array(checksums, np.uint32).tobytes()
        file.write(table + zlib.crc32(table).to_bytes(4, "little"))
        file.sync()
    finally:
        file.close()
    files.delete(path)  # a damaged one, or one of other segments: objects are never replaced
    files.rename(temporary, path)
    files.sync_directory(folder)
    return path


def _write_plane(file: AppendableFile, filters: list[Filter], blocks: int) -> Iterator[int]:
    scaled = [_scaled(one.words, blocks) for one in filters]
    for start in range(0, blocks, _BUILD_BLOCKS):
        stop = min(blocks, start + _BUILD_BLOCKS)
        numbers = np.zeros((stop - start) * BLOCK_BITS, np.uint32)
        for segment, (words, repeat) in enumerate(scaled):
            part = words[np.arange(start, stop) // repeat]
            bits = np.unpackbits(part.view(np.uint8).reshape(-1), bitorder="little")
            numbers |= bits.astype(np.uint32) << np.uint32(segment)
        data = numbers.tobytes()
        file.write(data)
        for page in range(0, len(data), PAGE_BYTES):
            yield zlib.crc32(data[page : page + PAGE_BYTES])


def _blocks(filters: list[Filter]) -> int:
    """Return a tier's number of blocks: a power of two, enough for the average of its segments."""
    average = sum(len(one.words) // WORDS_PER_BLOCK for one in filters) // max(1, len(filters))
    return 1 << max(0, average - 1).bit_length() if average else int(any(len(one.words) for one in filters))


def _scaled(words: Words, blocks: int) -> tuple[Words, int]:
    """Return a filter of 2^n blocks folded to a number of blocks, and how often each of its blocks is repeated."""
    if not len(words):
        return np.zeros((1, WORDS_PER_BLOCK), np.uint64), blocks
    rows = words.reshape(-1, WORDS_PER_BLOCK)
    while len(rows) > blocks:
        rows = rows[0::2] | rows[1::2]
    return rows, blocks // len(rows)


def _aligned(length: int) -> int:
    return length + -length % 4096
