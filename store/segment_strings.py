"""The dictionaries of a stored segment, loaded when first used.

Between frames, which hold codes, and readers, which want strings. A sealed segment has them in its footer, column by
column; otherwise they are gathered from the frames in order. All frames of a segment share one `Dictionary` per column.
"""

from __future__ import annotations

from typing import Protocol

from ..domain.dictionary import Dictionary
from .file_system import ReadableFile
from .footer import Footer
from .frame_table import FrameTable
from .sections import DICTIONARY_COLUMNS, STRING_SECTIONS
from .stored_frame import StoredFrame
from .string_table import decode_strings


class Framed(Protocol):
    """What knows the frames of a segment: its footer, or the scan of it."""

    @property
    def frames(self) -> FrameTable:
        """The committed frames."""
        ...


def open_frame(file: ReadableFile, frames: FrameTable, number: int) -> StoredFrame:
    """Open a frame.

    Raises:
        ValueError: its header is damaged.
    """
    offset, _, envelope_length, *_, checksum = frames.rows[number].tolist()
    return StoredFrame(file, offset, envelope_length, checksum)


class SegmentStrings:
    """Dictionaries of one segment, grown as its frames are used."""

    def __init__(self, file: ReadableFile, footer: Footer | None, framed: Framed) -> None:
        self._file, self._footer, self._framed = file, footer, framed
        self._of_footer: dict[str, Dictionary] = {}
        self._of_frames = {column: Dictionary() for column in DICTIONARY_COLUMNS}
        self._frames = 0
        self._lost: dict[str, list[range]] = {}

    def dictionary(self, column: str, frames: int) -> Dictionary:
        """Return a column's dictionary, complete for the first so many frames."""
        known = self._of_footer.get(column) or self._from_footer(column)
        if known is not None:
            return known
        while self._frames < frames:
            self._add_frame(self._frames)
            self._frames += 1
        return self._of_frames[column]

    def meet(self, number: int, frame: StoredFrame) -> None:
        """Take in the strings of a frame that was opened for its columns, where it is the next one to bring some."""
        if number == self._frames and not self._are_in_footer:
            self._add_strings(frame)
            self._frames += 1

    @property
    def _are_in_footer(self) -> bool:
        # In a segment sealed with damage, only its frames tell which strings were lost.
        return self._footer is not None and not self._footer.summary.damage

    def lost(self, column: str) -> list[range]:
        """Return the codes whose strings were in a damaged place."""
        return self._lost.get(column, [])

    def all(self, frames: int) -> dict[str, Dictionary]:
        """Return the dictionaries of all columns."""
        return {column: self.dictionary(column, frames) for column in DICTIONARY_COLUMNS}

    def _from_footer(self, column: str) -> Dictionary | None:
        if self._footer is None or not self._are_in_footer:
            return None
        try:
            content = self._footer.content(STRING_SECTIONS[column])
        except ValueError:
            return None  # the frames hold the same strings
        known = self._of_footer[column] = Dictionary(decode_strings(content)[1] if content else ())
        return known

    def _add_frame(self, number: int) -> None:
        try:
            frame = open_frame(self._file, self._framed.frames, number)
        except ValueError:
            return  # the next strings name their first code: the hole is seen there
        self._add_strings(frame)

    def _add_strings(self, frame: StoredFrame) -> None:
        for column, section in STRING_SECTIONS.items():
            if section in frame.table:
                self._add(column, frame, section)

    def _add(self, column: str, frame: StoredFrame, section: int) -> None:
        try:
            content = frame.content(section)
        except ValueError:
            return
        first, strings = decode_strings(content or b"")
        known = self._of_frames[column]
        if first > len(known):
            self._lost.setdefault(column, []).append(range(len(known), first))
            known.encode([f"\x00lost {code}" for code in range(len(known), first)])
        known.encode(strings[len(known) - first :] if first < len(known) else strings)
