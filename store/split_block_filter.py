"""Split-block Bloom filters over 64-bit hashes, probed and filled for whole columns at once.

Under dedupe and search. A block is two 64-bit words of four 16-bit lanes each; a key sets one bit per lane of one
block (Putze, Sanders, Singler: "Cache-, Hash- and Space-Efficient Bloom Filters", with the two words so that most
misses cost one lookup). A filter says "surely not" or "perhaps": the caller confirms. In a sharp filter a key has room
for two and is put in twice, in different blocks: of what one block lets through the other stops nearly all.
"""

from __future__ import annotations

from functools import cached_property
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Words = npt.NDArray[np.uint64]
Keys = npt.NDArray[np.uint64]
Rows = npt.NDArray[np.int64]

KEYS_PER_BLOCK = 8
"""16 bits a key. Measured: 0.15 % false hits; 24 bits would give 0.02 % and cost half as much again on disk."""

WORDS_PER_BLOCK = 2

_BLOCK_SHIFT = np.uint64(32)
_SECOND = np.uint64(0x9E3779B97F4A7C15)
"""Odd multiplier that makes second keys: 2^64 divided by the golden ratio."""

_LANES_OF_BYTE = np.array([1 << (byte & 15) | 1 << 16 + (byte >> 4) for byte in range(256)], np.uint64)
"""One bit in each of two lanes, chosen by four bits of a byte each."""

_LANES = (_LANES_OF_BYTE[:, None] << _BLOCK_SHIFT | _LANES_OF_BYTE).reshape(-1)
"""One bit in each of four lanes, chosen by four bits of a 16-bit number each."""


class Filter(NamedTuple):
    """The blocks of a filter; in a sharp one each key is twice, the second time as another key."""

    words: Words
    sharp: bool = False


class FilterProbe:
    """The bits that a column of keys has in any filter: computed once, probed in many.

    >>> keys = np.array([1 << 60, 2 << 60], np.uint64)
    >>> filled = Filter(new_filter(100))
    >>> FilterProbe(keys[:1]).add_to(filled)
    >>> FilterProbe(keys).hits(filled).tolist()
    [0]
    """

    def __init__(self, keys: Keys) -> None:
        self.keys, self._place = keys, keys >> _BLOCK_SHIFT
        quarters = keys.astype("<u8", copy=False).view("<u2").reshape(-1, 4)
        self.first, self.second = _LANES.take(quarters[:, 0]), _LANES.take(quarters[:, 1])
        self._places: dict[int, Rows] = {}

    def __len__(self) -> int:
        return len(self.keys)

    @cached_property
    def again(self) -> FilterProbe:
        """The keys as which these are in sharp filters for the second time."""
        return FilterProbe(second_keys(self.keys))

    def add_to(self, filled: Filter) -> None:
        """Set the keys' bits in a filter."""
        at = self._words(filled.words)
        np.bitwise_or.at(filled.words, at, self.first)
        np.bitwise_or.at(filled.words, at + 1, self.second)
        if filled.sharp:
            self.again.add_to(Filter(filled.words))

    def hits(self, asked: Filter) -> Rows:
        """Return the rows whose keys are perhaps in a filter."""
        words, at = asked.words, self._words(asked.words)
        rows = np.flatnonzero((words[at] & self.first) == self.first)
        second = self.second[rows]
        hits: Rows = rows[(words[at[rows] + 1] & second) == second]
        if not asked.sharp or not len(hits):
            return hits
        return hits[FilterProbe(second_keys(self.keys[hits])).hits(Filter(words))]

    def _words(self, words: Words) -> Rows:
        # The high half of the key, scaled to the number of blocks: halving that number merges neighbours (see `fold`).
        blocks = len(words) // WORDS_PER_BLOCK
        if blocks not in self._places:  # full segments have filters of one size
            self._places[blocks] = self._first_words(np.uint64(blocks))
        return self._places[blocks]

    def _first_words(self, blocks: np.uint64) -> Rows:
        places: Rows = ((self._place * blocks) >> _BLOCK_SHIFT).astype(np.int64) * WORDS_PER_BLOCK
        return places


class KeyProbe:
    """The bits that one key has in any filter, as plain numbers: numpy takes some 30 times as long for a single one.

    >>> filled = Filter(new_filter(100))
    >>> FilterProbe(np.array([1 << 60], np.uint64)).add_to(filled)
    >>> KeyProbe(1 << 60).perhaps_in(filled), KeyProbe(2 << 60).perhaps_in(filled)
    (True, False)
    """

    def __init__(self, key: int) -> None:
        self.key = key
        probe = FilterProbe(np.array([key], np.uint64))
        self._place, self._first, self._second = key >> 32, int(probe.first[0]), int(probe.second[0])

    @cached_property
    def again(self) -> KeyProbe:
        """The key as which this one is in sharp filters for the second time."""
        return KeyProbe(int(second_keys(np.array([self.key], np.uint64))[0]))

    def perhaps_in(self, asked: Filter) -> bool:
        """Say whether the key is perhaps in a filter."""
        words, first, second = asked.words, self._first, self._second
        at = (self._place * (len(words) // WORDS_PER_BLOCK) >> 32) * WORDS_PER_BLOCK
        if words.item(at) & first != first or words.item(at + 1) & second != second:
            return False
        return not asked.sharp or self.again.perhaps_in(Filter(words))

    def frames_in(self, asked: Filter, first_blocks: Rows) -> Rows:
        """Return the frames whose filters, laid end to end, perhaps hold the key.

        Args:
            asked: the filters of all frames.
            first_blocks: per frame the number of its first block, and at the end the number of all blocks.
        """
        words = asked.words
        if not len(words):
            return np.zeros(0, np.int64)
        blocks = first_blocks[1:] - first_blocks[:-1]
        place = (first_blocks[:-1] + (self._place * blocks >> 32)) * WORDS_PER_BLOCK
        place = np.minimum(place, len(words) - WORDS_PER_BLOCK)  # a frame without keys has no block: masked below
        first, second = np.uint64(self._first), np.uint64(self._second)
        frames: Rows = np.flatnonzero((words[place] & first) == first)
        frames = frames[((words[place[frames] + 1] & second) == second) & (blocks[frames] > 0)]
        if not asked.sharp or not len(frames):
            return frames
        again = self.again.frames_in(Filter(words), first_blocks)
        both: Rows = frames[np.isin(frames, again, assume_unique=True)]
        return both


def new_filter(keys: int) -> Words:
    """Return an empty filter for a number of keys."""
    return np.zeros(max(1, -(-keys // KEYS_PER_BLOCK)) * WORDS_PER_BLOCK, np.uint64)


def new_growable_filter(keys: int) -> Words:
    """Return an empty filter of 2^n blocks, enough for a number of keys, that `fold` can shrink later."""
    return np.zeros(WORDS_PER_BLOCK << max(0, (-(-keys // KEYS_PER_BLOCK) - 1).bit_length()), np.uint64)


def fold(words: Words, keys: int) -> Words:
    """Shrink a filter of 2^n blocks to what its keys need; it answers as one built small.

    >>> len(fold(new_filter(1024), 16)) // WORDS_PER_BLOCK
    2
    """
    while len(words) > WORDS_PER_BLOCK and len(words) // WORDS_PER_BLOCK // 2 * KEYS_PER_BLOCK >= keys:
        pairs = words.reshape(-1, 2, WORDS_PER_BLOCK)
        words = (pairs[:, 0] | pairs[:, 1]).reshape(-1)
    return words


def second_keys(keys: Keys) -> Keys:
    """Return the keys as which keys are in sharp filters for the second time.

    >>> len(set(second_keys(np.arange(9, dtype=np.uint64)).tolist()))
    9
    """
    keys = (keys ^ (keys >> np.uint64(29))) * _SECOND
    return keys ^ (keys >> _BLOCK_SHIFT)
