"""Split-block Bloom filters over 64-bit hashes, probed and filled for whole columns at once.

Under dedupe and search. A block is two 64-bit words of four 16-bit lanes each; a key sets one bit per lane of one
block (Putze, Sanders, Singler: "Cache-, Hash- and Space-Efficient Bloom Filters", with the two words so that most
misses cost one lookup). A filter says "surely not" or "perhaps": the caller confirms.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Words = npt.NDArray[np.uint64]
Keys = npt.NDArray[np.uint64]
Rows = npt.NDArray[np.int64]

KEYS_PER_BLOCK = 8
"""16 bits a key. Measured: 0.15 % false hits; 24 bits would give 0.02 % and cost half as much again on disk."""

WORDS_PER_BLOCK = 2

_ONE, _LANE_BITS = np.uint64(1), np.uint64(15)
_BLOCK_SHIFT = np.uint64(32)


class FilterProbe:
    """The bits that a column of keys has in any filter: computed once, probed in many.

    >>> keys = np.array([1 << 60, 2 << 60], np.uint64)
    >>> words = new_filter(100)
    >>> FilterProbe(keys[:1]).add_to(words)
    >>> FilterProbe(keys).hits(words).tolist()
    [0]
    """

    def __init__(self, keys: Keys) -> None:
        self._place = keys >> _BLOCK_SHIFT
        self.first = _lanes(keys)
        self.second = _lanes(keys >> np.uint64(16))
        self._places: dict[int, Rows] = {}

    def add_to(self, words: Words) -> None:
        """Set the keys' bits in a filter."""
        at = self._words(words)
        np.bitwise_or.at(words, at, self.first)
        np.bitwise_or.at(words, at + 1, self.second)

    def hits(self, words: Words) -> Rows:
        """Return the rows whose keys are perhaps in a filter."""
        at = self._words(words)
        rows = np.flatnonzero((words[at] & self.first) == self.first)
        second = self.second[rows]
        hits: Rows = rows[(words[at[rows] + 1] & second) == second]
        return hits

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

    >>> words = new_filter(100)
    >>> FilterProbe(np.array([1 << 60], np.uint64)).add_to(words)
    >>> KeyProbe(1 << 60).perhaps_in(words), KeyProbe(2 << 60).perhaps_in(words)
    (True, False)
    """

    def __init__(self, key: int) -> None:
        self.key = key
        probe = FilterProbe(np.array([key], np.uint64))
        self._place, self._first, self._second = key >> 32, int(probe.first[0]), int(probe.second[0])

    def perhaps_in(self, words: Words) -> bool:
        """Say whether the key is perhaps in a filter."""
        at = (self._place * (len(words) // WORDS_PER_BLOCK) >> 32) * WORDS_PER_BLOCK
        first, second = self._first, self._second
        return words.item(at) & first == first and words.item(at + 1) & second == second

    def frames_in(self, words: Words, first_blocks: Rows) -> Rows:
        """Return the frames whose filters, laid end to end, perhaps hold the key.

        Args:
            words: the filters of all frames.
            first_blocks: per frame the number of its first block, and at the end the number of all blocks.
        """
        if not len(words):
            return np.zeros(0, np.int64)
        blocks = first_blocks[1:] - first_blocks[:-1]
        place = (first_blocks[:-1] + (self._place * blocks >> 32)) * WORDS_PER_BLOCK
        place = np.minimum(place, len(words) - WORDS_PER_BLOCK)  # a frame without keys has no block: masked below
        first, second = np.uint64(self._first), np.uint64(self._second)
        frames = np.flatnonzero((words[place] & first) == first)
        held = (words[place[frames] + 1] & second) == second
        return frames[held & (blocks[frames] > 0)]


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


def _lanes(keys: Keys) -> Words:
    """Return one bit in each of the four 16-bit lanes, chosen by 4 bits of the key each."""
    bits = _ONE << (keys & _LANE_BITS)
    for lane in (1, 2, 3):
        bits |= _ONE << (((keys >> np.uint64(4 * lane)) & _LANE_BITS) + np.uint64(16 * lane))
    return bits
