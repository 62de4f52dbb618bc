"""One filter file over many sealed segments: a single look says which of them can hold an id.

Between lookups or dedupe and segments. The segments' own filters are laid side by side, bit by bit: where one filter
has a bit, a tier has a number with one bit per segment. So a key costs one page per tier instead of one per segment.
Derived and disposable: built from the footers at sealing, ignored where it is damaged, missing or does not fit.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence
from itertools import chain
from os.path import join

import msgspec
import numpy as np
import numpy.typing as npt

from .durable_file import TEMPORARY
from .file_system import FileSystem, ReadableFile
from .manifest import SealedSegment
from .split_block_filter import WORDS_PER_BLOCK, Filter, KeyProbe, Keys, Words, second_keys
from .stream_directory import TIER_SUFFIX

TIER_MAGIC = b"CLTIER2\n"
"""Another one than that of the first tiers, which knew no sharp filters and are made anew."""

FILTERS = "filters"
TIER_SEGMENTS = 32
"""Segments of a tier: as many as a number has bits."""

WIDE_LANES = 8
"""Numbers per bit of a wide tier, which is made of so many others: a month at 1 TB is then 5 wide ones and a few more.
Chosen: its block is 4 kB, which a disk reads at once."""

BLOCK_BITS = 128
PAGE_BYTES = 1024
"""What is read and checked at a time, or a block where that is larger. Read rather than mapped: of a mapping the kernel
brings in 64 kB a look."""

_BUILD_BYTES = 2 * 1024 * 1024
"""Of a plane, what is laid side by side at a time: bounds the memory of building to some 10 MB."""

Masks = npt.NDArray[np.uint32]


class TierHead(msgspec.Struct, frozen=True, kw_only=True):
    """What a tier says of itself: its segments with the checksums of their footers, and how many blocks it has.

    `sharp` has bytes of bits, one per segment, the lowest first: whether its filter of event ids is sharp. `lanes` is
    the number of numbers per bit.
    """

    names: tuple[str, ...]
    footers: tuple[int, ...]
    trace_blocks: int
    id_blocks: int
    sharp: bytes = b""
    lanes: int = 1


class TierPlane:
    """The filters of all segments of a tier, of one kind of id; a look reads and checks the pages of its keys."""

    def __init__(
        self,
        file: ReadableFile,
        start: int,
        blocks: int,
        checksums: npt.NDArray[np.uint32],
        *,
        lanes: int,
        sharp: bytes = b"",
    ) -> None:
        self._file, self._start, self.blocks, self._checksums, self._lanes = file, start, blocks, checksums, lanes
        self._sharp_lanes = np.frombuffer(sharp.ljust(4 * lanes, b"\0"), np.uint32)
        self._sharp = int.from_bytes(sharp, "little")
        self._everything = (1 << 32 * lanes) - 1
        self._page_blocks = max(1, min(_page_blocks(lanes), blocks))
        self._page_bytes = self._page_blocks * BLOCK_BITS * 4 * lanes

    def masks(self, keys: Keys) -> Masks:
        """Return per key which segments perhaps hold it, as lanes of a bit each; all where a page is damaged."""
        if not self.blocks:
            return np.zeros((len(keys), self._lanes), np.uint32)
        found = self._masks(keys)
        rows = np.flatnonzero((found & self._sharp_lanes).any(axis=1))
        if len(rows):
            found[rows] &= self._masks(second_keys(keys[rows])) | ~self._sharp_lanes
        return found

    def _masks(self, keys: Keys) -> Masks:
        place = ((keys >> np.uint64(32)) * np.uint64(self.blocks) >> np.uint64(32)).astype(np.int64)
        pages, of_page = np.unique(place // self._page_blocks, return_inverse=True)
        read, begin, size = self._file.read, self._start, self._page_bytes
        contents = [read(begin + page * size, size) for page in pages.tolist()]
        sound = np.fromiter(map(zlib.crc32, contents), np.uint32, len(contents)) == self._checksums[pages]
        if not sound.all():
            contents = [content.ljust(size, b"\0") for content in contents]
        numbers = np.frombuffer(b"".join(contents), np.uint32).reshape(-1, self._lanes)
        start = (of_page * self._page_blocks + place % self._page_blocks) * BLOCK_BITS
        found = np.full((len(keys), self._lanes), 0xFFFFFFFF, np.uint32)
        for lane in range(8):
            bits = (keys >> np.uint64(4 * lane)) & np.uint64(15)
            found &= numbers[start + 16 * lane + bits.astype(np.int64)]
        found[~sound[of_page]] = 0xFFFFFFFF
        return found

    def mask(self, probe: KeyProbe) -> int:
        """Return the same for one key as one number, with one read or two."""
        if not self.blocks:
            return 0
        found = self._mask(probe.key)
        return found & (self._mask(probe.again.key) | ~self._sharp) if found & self._sharp else found

    def _mask(self, key: int) -> int:
        place = (key >> 32) * self.blocks >> 32
        page = self._page(place // self._page_blocks)
        if zlib.crc32(page) != self._checksums[place // self._page_blocks]:
            return self._everything
        numbers = np.frombuffer(page, np.uint32).reshape(-1, self._lanes)[place % self._page_blocks * BLOCK_BITS :]
        rows = numbers[[16 * lane + (key >> 4 * lane & 15) for lane in range(8)]]
        return int.from_bytes(np.bitwise_and.reduce(rows, axis=0).tobytes(), "little")

    def numbers(self, start: int, stop: int) -> Masks:
        """Return the numbers of blocks, which begin and end at pages.

        Raises:
            ValueError: a page is damaged.
        """
        pages = range(start // self._page_blocks, -(-stop // self._page_blocks))
        contents = [self._page(page) for page in pages]
        if any(zlib.crc32(one) != self._checksums[page] for page, one in zip(pages, contents, strict=True)):
            raise ValueError("damaged filters")
        return np.frombuffer(b"".join(contents), np.uint32).reshape(-1, BLOCK_BITS)

    def _page(self, page: int) -> bytes:
        return self._file.read(self._start + page * self._page_bytes, self._page_bytes)


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
        lanes, trace_blocks, id_blocks = self.head.lanes, self.head.trace_blocks, self.head.id_blocks
        id_start = start + trace_blocks * BLOCK_BITS * 4 * lanes
        end = id_start + id_blocks * BLOCK_BITS * 4 * lanes
        trace_pages, id_pages = (-(-blocks // _page_blocks(lanes)) for blocks in (trace_blocks, id_blocks))
        data = file.read(end, 4 * (trace_pages + id_pages) + 4)
        if len(data) != 4 * (trace_pages + id_pages) + 4 or zlib.crc32(data[:-4]) != int.from_bytes(
            data[-4:], "little"
        ):
            raise ValueError("damaged filters")
        checksums = np.frombuffer(data[:-4], np.uint32)
        self.traces = TierPlane(file, start, trace_blocks, checksums[:trace_pages], lanes=lanes)
        self.ids = TierPlane(file, id_start, id_blocks, checksums[trace_pages:], lanes=lanes, sharp=self.head.sharp)

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
) -> None:
    """Write the tier of up to 32 segments from their filters, durably."""
    sharp = sum(1 << number for number, one in enumerate(ids) if one.sharp)
    head = TierHead(
        names=tuple(segment.name for segment in segments),
        footers=tuple(segment.footer_checksum for segment in segments),
        trace_blocks=_blocks([len(one.words) // WORDS_PER_BLOCK for one in traces]),
        id_blocks=_blocks([len(one.words) // WORDS_PER_BLOCK for one in ids]),
        sharp=sharp.to_bytes(4, "little"),
    )
    name = _name(segments[0].first_position, segments[-1].next_position)
    planes = (_side_by_side(traces, head.trace_blocks), _side_by_side(ids, head.id_blocks))
    _write(files, join(directory, FILTERS), name, head, planes)


def write_wide_tier(
    files: FileSystem, directory: str, tiers: Sequence[FilterTier], first_position: int, next_position: int
) -> None:
    """Write one tier of several full ones, durably: their numbers side by side.

    Raises:
        ValueError: one of them is damaged.
    """
    heads = [tier.head for tier in tiers]
    head = TierHead(
        names=tuple(name for one in heads for name in one.names),
        footers=tuple(footer for one in heads for footer in one.footers),
        trace_blocks=_blocks([one.trace_blocks for one in heads]),
        id_blocks=_blocks([one.id_blocks for one in heads]),
        sharp=b"".join([one.sharp.ljust(4, b"\0") for one in heads]),
        lanes=len(tiers),
    )
    planes = (
        _lanes_side_by_side([tier.traces for tier in tiers], head.trace_blocks),
        _lanes_side_by_side([tier.ids for tier in tiers], head.id_blocks),
    )
    _write(files, join(directory, FILTERS), _name(first_position, next_position), head, planes)


def _name(first_position: int, next_position: int) -> str:
    return f"{first_position:020d}-{next_position - 1:020d}{TIER_SUFFIX}"


def _write(files: FileSystem, folder: str, name: str, head: TierHead, planes: Sequence[Iterator[bytes]]) -> None:
    files.make_directory(folder)
    temporary, path = join(folder, f"{TEMPORARY}{name}"), join(folder, name)
    packed, page_bytes = msgspec.msgpack.encode(head), _page_blocks(head.lanes) * BLOCK_BITS * 4 * head.lanes
    files.delete(temporary)
    file = files.open_appendable(temporary, create=True)
    try:
        front = TIER_MAGIC + len(packed).to_bytes(4, "little") + zlib.crc32(packed).to_bytes(4, "little") + packed
        file.write(front + bytes(_aligned(len(front)) - len(front)))
        checksums = []
        for data in chain.from_iterable(planes):
            file.write(data)
            checksums += [zlib.crc32(data[page : page + page_bytes]) for page in range(0, len(data), page_bytes)]
        table = np.array(checksums, np.uint32).tobytes()
        file.write(table + zlib.crc32(table).to_bytes(4, "little"))
        file.sync()
        files.delete(path)  # a damaged one, or one of other segments: objects are never replaced
        files.rename(temporary, path)
    finally:
        file.close()
        files.delete(temporary)
    files.sync_directory(folder)


def _side_by_side(filters: list[Filter], blocks: int) -> Iterator[bytes]:
    """Yield the plane of segments' filters, some blocks at a time."""
    scaled = [_scaled(one.words, blocks) for one in filters]
    for start, stop in _cuts(blocks, lanes=1):
        numbers = np.zeros((stop - start) * BLOCK_BITS, np.uint32)
        for segment, (words, repeat) in enumerate(scaled):
            part = words[np.arange(start, stop) // repeat]
            bits = np.unpackbits(part.view(np.uint8).reshape(-1), bitorder="little")
            numbers |= bits.astype(np.uint32) << np.uint32(segment)
        yield numbers.tobytes()


def _lanes_side_by_side(planes: list[TierPlane], blocks: int) -> Iterator[bytes]:
    """Yield the plane of a wide tier, some blocks at a time."""
    for start, stop in _cuts(blocks, lanes=len(planes)):
        yield np.stack([_part(plane, start, stop, blocks) for plane in planes], axis=-1).tobytes()


def _part(plane: TierPlane, start: int, stop: int, blocks: int) -> Masks:
    """Return blocks of a plane as if it had another number of them."""
    if not plane.blocks:
        return np.zeros((stop - start, BLOCK_BITS), np.uint32)
    if plane.blocks >= blocks:
        fold = plane.blocks // blocks
        numbers = plane.numbers(start * fold, stop * fold).reshape(stop - start, fold, BLOCK_BITS)
        return np.asarray(np.bitwise_or.reduce(numbers, axis=1))
    places = np.arange(start, stop) // (blocks // plane.blocks)
    first = int(places[0]) - int(places[0]) % 2  # pages of narrow tiers have two blocks
    end = min(plane.blocks, int(places[-1]) + 2)
    return plane.numbers(first, end)[places - first]


def _cuts(blocks: int, *, lanes: int) -> Iterator[tuple[int, int]]:
    step = _BUILD_BYTES // (BLOCK_BITS * 4 * lanes)
    return ((start, min(blocks, start + step)) for start in range(0, blocks, step))


def _page_blocks(lanes: int) -> int:
    return max(1, PAGE_BYTES // (BLOCK_BITS * 4 * lanes))


def _blocks(sizes: list[int]) -> int:
    """Return a tier's number of blocks: a power of two, enough for the average of what it is made of."""
    average = sum(sizes) // max(1, len(sizes))
    return 1 << max(0, average - 1).bit_length() if average else int(any(sizes))


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
