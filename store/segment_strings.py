"""The dictionaries of a stored segment, loaded column by column when first used.

Between frames, which hold codes, and readers, which want strings. A sealed segment has them in its footer; otherwise
they are gathered from the frames in order. All frames of a segment share one `Dictionary` per column.
"""

from __future__ import annotations

from collections.abc import Callable

from ..domain.dictionary import Dictionary
from .footer import Footer
from .sections import DICTIONARY_COLUMNS, STRING_SECTIONS
from .string_table import decode_strings

FrameStrings = Callable[[int, int], bytes | None]
"""Returns the content of a section of a frame, None where it has none; raises ValueError where it is damaged."""


class SegmentStrings:
    """Dictionaries of one segment, grown as its frames are used."""

    def __init__(self, footer: Footer | None, frame_strings: FrameStrings) -> None:
        self._footer, self._frame_strings = footer, frame_strings
        self._known: dict[str, Dictionary] = {}
        self._frames: dict[str, int] = {}
        self._complete: set[str] = set()
        self._lost: dict[str, list[range]] = {}

    def dictionary(self, column: str, frames: int) -> Dictionary:
        """Return a column's dictionary, complete for the first so many frames."""
        known = self._known.get(column)
        if known is None:
            known = self._known[column] = self._from_footer(column) or Dictionary()
        if column not in self._complete:
            for frame in range(self._frames.get(column, 0), frames):
                self._add(column, known, frame)
            self._frames[column] = max(frames, self._frames.get(column, 0))
        return known

    def lost(self, column: str) -> list[range]:
        """Return the codes whose strings were in a damaged place."""
        return self._lost.get(column, [])

    def all(self, frames: int) -> dict[str, Dictionary]:
        """Return the dictionaries of all columns."""
        return {column: self.dictionary(column, frames) for column in DICTIONARY_COLUMNS}

    def _from_footer(self, column: str) -> Dictionary | None:
        if self._footer is None or self._footer.summary.damage:
            return None  # in a segment sealed with damage, only its frames tell which strings were lost
        try:
            content = self._footer.content(STRING_SECTIONS[column])
        except ValueError:
            return None  # the frames hold the same strings
        self._complete.add(column)
        return Dictionary(decode_strings(content)[1] if content else ())

    def _add(self, column: str, known: Dictionary, frame: int) -> None:
        try:
            content = self._frame_strings(frame, STRING_SECTIONS[column])
        except ValueError:
            return  # the next frame's strings name their first code: the hole is seen there
        if content is None:
            return
        first, strings = decode_strings(content)
        if first > len(known):
            self._lost.setdefault(column, []).append(range(len(known), first))
            known.encode([f"\x00lost {code}" for code in range(len(known), first)])
        known.encode(strings[len(known) - first :] if first < len(known) else strings)
