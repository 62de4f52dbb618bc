"""Find the frames of a segment by walking it: the way to read one that is not sealed, or whose footer is damaged.

Between the file and recovery, readers and verification. A frame counts when its header's checksum holds, it belongs to
this segment, continues the positions and the chain of checksums, and its commit is complete. What does not count is
either a torn tail (nothing valid behind it) or damage (something is).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from .acknowledged import Acknowledged
from .file_system import ReadableFile
from .footer import FOOTER_MAGIC
from .frame_header import FIXED_BYTES, FRAME_MAGIC, FrameFlag, FrameHeader, header_length, parse_header, sections_of
from .frame_table import NO_FRAME, DamagedRange, FrameTable
from .segment_header import SegmentOrigin

_HEADER_GUESS = 2048
"""Bytes read for a header at first: enough for 80 sections."""

_SEARCH_BYTES = 1024 * 1024


@dataclass
class SegmentScan:
    """How far a segment has been walked, and what was found.

    Attributes:
        origin: the segment's header.
        frames: committed frames.
        damage: ranges with valid frames behind them.
        end: where the last commit ends.
        last: header of the last committed frame.
        acknowledged: looks up how far the segment surely was durable; asked only where its end cannot be read.
        lost_until: position after events that were acknowledged and are lost at the end.
    """

    origin: SegmentOrigin
    frames: FrameTable = field(default_factory=FrameTable)
    damage: list[DamagedRange] = field(default_factory=list)
    end: int = 0
    last: FrameHeader | None = None
    acknowledged: Callable[[], Acknowledged | None] = lambda: None
    lost_until: int = 0

    def __post_init__(self) -> None:
        self.end = self.origin.length

    @property
    def next_position(self) -> int:
        """Position that the next event gets."""
        return max(self.last.next_position if self.last else self.origin.first_position, self.lost_until)

    @property
    def previous(self) -> int:
        """Checksum that the next frame's header must name."""
        return self.last.checksum if self.last else self.origin.checksum

    def advance(self, file: ReadableFile, *, check_all: bool = False) -> int:
        """Walk on over the frames that were committed since; return how many there are.

        Args:
            file: the segment.
            check_all: check the sections of all frames, not only of the last commit.
        """
        size, known = file.size(), len(self.frames)
        ahead: FrameHeader | None = None
        while True:
            commit = _next_commit(file, size, self, ahead)
            if not commit:
                self._lose_end(file, size)
                return len(self.frames) - known
            ahead = _own_frame_at(file, _after(commit), size, self)
            is_last = ahead is None and _nothing_behind(file, size, self, _after(commit))
            if (is_last or check_all) and not _bodies_hold(file, commit, self, is_last=is_last):
                return len(self.frames) - known
            self._accept(commit)

    def reaches(self, end: int) -> bool:
        """Say whether everything before an offset was acknowledged."""
        reached = self.acknowledged()
        return reached is not None and end <= reached.length

    def _lose_end(self, file: ReadableFile, size: int) -> None:
        """Name what was acknowledged and cannot be read at the end; a torn tail is what was not."""
        if self.end >= size or file.read(self.end, len(FOOTER_MAGIC)) == FOOTER_MAGIC:
            return
        reached = self.acknowledged()
        # A shorter file is a copy that was made before the note; or cut, of which only a manifest could tell.
        if reached is not None and self.end < reached.length <= size:
            lost = DamagedRange(self.end, reached.length, NO_FRAME, self.next_position, reached.next_position - 1)
            self.damage.append(lost)
            self.end, self.lost_until = reached.length, reached.next_position

    def _accept(self, commit: list[tuple[int, FrameHeader]]) -> None:
        gap = commit[0][0] - self.end
        if gap:
            last = commit[0][1].first_position - 1
            self.damage.append(DamagedRange(self.end, commit[0][0], NO_FRAME, self.next_position, last))
        for offset, header in commit:
            self.frames.add(offset, header)
        self.last, self.end = commit[-1][1], _after(commit)


def _after(commit: list[tuple[int, FrameHeader]]) -> int:
    offset, header = commit[-1]
    return offset + header.length


def _nothing_behind(file: ReadableFile, size: int, scan: SegmentScan, offset: int) -> bool:
    """Say whether a commit is the file's last one, which alone may be torn (all others were synced before the next)."""
    if offset >= size:
        return True
    if file.read(offset, len(FOOTER_MAGIC)) == FOOTER_MAGIC:
        return False
    return search_frame(file, size, scan.origin.segment_id, offset + 1, scan.next_position) is None


def _own_frame_at(file: ReadableFile, offset: int, size: int, scan: SegmentScan) -> FrameHeader | None:
    """Return the header of the segment's frame at an offset, None where there is none."""
    header = _frame_at(file, offset, size) if offset < size else None
    return header if header and header.segment_id == scan.origin.segment_id else None


def _frame_at(file: ReadableFile, offset: int, size: int) -> FrameHeader | None:
    """Return the header of the frame at an offset; None where there is none, or the file ends within it."""
    data = file.read(offset, min(_HEADER_GUESS, size - offset))
    length = header_length(data)
    if length is not None and length > len(data):
        data = file.read(offset, min(length, size - offset))
    header = parse_header(data)
    return header if header and offset + header.length <= size else None


def _next_commit(
    file: ReadableFile, size: int, scan: SegmentScan, ahead: FrameHeader | None
) -> list[tuple[int, FrameHeader]]:
    """Return the frames of the next complete commit; none at the end, in a torn tail, or before a footer.

    `ahead` is the header at its start, where that has been looked at.
    """
    offset, position, previous = scan.end, scan.next_position, scan.previous
    commit: list[tuple[int, FrameHeader]] = []
    while offset < size:
        header, ahead = ahead or _frame_at(file, offset, size), None
        fits = header and (header.segment_id, header.first_position, header.previous) == (
            scan.origin.segment_id,
            position,
            previous,
        )
        if not header or not fits:
            return _behind_damage(file, size, scan, commit, offset, position)
        commit.append((offset, header))
        offset, position, previous = offset + header.length, header.next_position, header.checksum
        if not header.flags & FrameFlag.MORE_FOLLOWS:
            return commit
    return []


def _behind_damage(
    file: ReadableFile,
    size: int,
    scan: SegmentScan,
    commit: list[tuple[int, FrameHeader]],
    offset: int,
    position: int,
) -> list[tuple[int, FrameHeader]]:
    """Return what can be gone on with after an invalid frame: nothing where only a torn tail or the footer follows."""
    if file.read(offset, len(FOOTER_MAGIC)) == FOOTER_MAGIC:
        return []
    found = search_frame(file, size, scan.origin.segment_id, offset + 1, position)
    if found is None:
        return []
    # A frame behind proves that the commit before it was complete once: what is left of it counts.
    return commit or [found]


def search_frame(
    file: ReadableFile, size: int, segment_id: int | None, start: int, position: int
) -> tuple[int, FrameHeader] | None:
    """Return the next valid frame at or after an offset (of any segment where no id is given)."""
    at = start
    while at < size - FIXED_BYTES:
        block = file.read(at, min(_SEARCH_BYTES + len(FRAME_MAGIC), size - at))
        place = block.find(FRAME_MAGIC)
        if place < 0:
            at += max(1, len(block) - len(FRAME_MAGIC) + 1)
            continue
        header = _frame_at(file, at + place, size)
        if header and segment_id in (None, header.segment_id) and header.first_position >= position:
            return at + place, header
        at += place + 1
    return None


def _bodies_hold(
    file: ReadableFile, commit: list[tuple[int, FrameHeader]], scan: SegmentScan, *, is_last: bool
) -> bool:
    """Check the sections of a commit; name the damage unless it is the last one, which may be torn."""
    for offset, header in commit:
        reason = damaged_section(file, offset, header)
        if reason and is_last and not scan.reaches(commit[-1][0] + commit[-1][1].length):
            return False
        if reason:
            end, last = offset + header.length, header.next_position - 1
            scan.damage.append(DamagedRange(offset, end, reason, header.first_position, last))
    return True


def damaged_section(file: ReadableFile, offset: int, header: FrameHeader) -> str:
    """Return what is wrong with a frame's sections, empty where nothing is."""
    data = memoryview(file.read(offset, header.length))
    try:
        for section in sections_of(header, data).values():
            section.content(data[section.offset : section.offset + section.stored_length])
    except ValueError as error:
        return str(error)
    return ""
