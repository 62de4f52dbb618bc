"""Sort rows by several integer keys, by radix: under every table's grouping.

numpy sorts 16-bit integers by radix, some 4 ns a row; a stable sort of 64-bit integers takes 60 ns, `lexsort` that much
for each key. So keys are packed side by side into words, and words are sorted 16 bits at a time; of long keys the most
significant 32 bits, which leave few rows to be sorted by the rest.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
Words = list[npt.NDArray[np.uint64]]
Order = npt.NDArray[np.int64]

WORD_BITS = 64
DIGIT_BITS = 16

HEAD_BITS = 32
"""Most significant bits that rows with long keys are sorted by first; mostly these tell all but a few rows apart."""

_FEW = 4096
"""Rows up to which the order of work does not matter."""


def packed_words(keys: Sequence[Array]) -> Words:
    """Return keys packed into as few words as hold them, the least significant word first.

    Rows compare by their words as they do by their keys, the first key being the most significant; a key that is the
    same in all rows takes no bits.

    >>> [word.tolist() for word in packed_words([np.array([7, 8]), np.array([3, 0])])]
    [[3, 4]]
    """
    words: Words = []
    used = WORD_BITS
    for key in reversed(keys):
        low, high = (int(key.min()), int(key.max())) if len(key) else (0, 0)
        bits = (high - low).bit_length()
        if not bits:
            continue
        # One copy per key, changed in place: each further array of a batch's size costs more than the arithmetic.
        offsets = key.astype(np.uint64)
        if low:
            offsets -= np.uint64(low % (1 << WORD_BITS))
        if used + bits <= WORD_BITS:
            offsets <<= np.uint64(used)
            words[-1] |= offsets
            used += bits
        else:
            words.append(offsets)
            used = bits
    return words


def sorting_order(words: Words, count: int) -> Order:
    """Return the stable order that sorts `count` rows by packed words.

    >>> sorting_order(packed_words([np.array([2, 1, 2])]), 3).tolist()
    [1, 0, 2]
    """
    if count > _FEW and sum(-(-_bits(word) // DIGIT_BITS) for word in words) > 1 + HEAD_BITS // DIGIT_BITS:
        return _sorted_by_head(words, count)
    return _sorted_by_all(words, count)


def order_of(*keys: Array) -> Order:
    """Return the stable order of rows by keys, the most significant first.

    >>> order_of(np.array([2, 1, 2]), np.array([5, 9, 4])).tolist()
    [1, 2, 0]
    """
    return sorting_order(packed_words(keys), len(keys[0]))


def starts_of_runs(words: Words, order: Order) -> Order:
    """Return where, in an order, rows begin that differ from the row before.

    >>> words = packed_words([np.array([2, 1, 2])])
    >>> starts_of_runs(words, sorting_order(words, 3)).tolist()
    [0, 1]
    """
    changed = np.zeros(len(order), np.bool_)
    changed[:1] = True
    for word in words:
        ordered = word[order]
        changed[1:] |= ordered[1:] != ordered[:-1]
    return np.flatnonzero(changed)


def group(*keys: Array) -> tuple[Array, Array]:
    """Return the order that sorts rows by keys, and where each distinct key starts in it.

    >>> order, starts = group(np.array([2, 1, 2]))
    >>> order.tolist(), starts.tolist()
    ([1, 0, 2], [0, 1])
    """
    words = packed_words(keys)
    order = sorting_order(words, len(keys[0]))
    return order, starts_of_runs(words, order)


def _sorted_by_head(words: Words, count: int) -> Order:
    """Sort by the most significant bits, then the rows that these leave equal by all."""
    head = _head(words)
    order = _sorted_by_all([head], count)
    ordered = head[order]
    equal = np.flatnonzero(ordered[1:] == ordered[:-1])
    if len(equal) > count // 4:
        return _sorted_by_all(words, count)
    is_open = np.zeros(count, np.bool_)
    is_open[equal] = is_open[equal + 1] = True
    places = np.flatnonzero(is_open)
    rows = order[places]
    order[places] = rows[_sorted_by_all([word[rows] for word in words], len(rows))]
    return order


def _head(words: Words) -> npt.NDArray[np.uint64]:
    """Return the most significant bits of packed words."""
    bits = _bits(words[-1])
    if bits >= HEAD_BITS or len(words) == 1:
        return words[-1] >> np.uint64(max(bits - HEAD_BITS, 0))
    lacking = HEAD_BITS - bits
    following = words[-2] >> np.uint64(max(_bits(words[-2]) - lacking, 0))
    return (words[-1] << np.uint64(lacking)) | following


def _bits(word: npt.NDArray[np.uint64]) -> int:
    return int(word.max()).bit_length()


def _sorted_by_all(words: Words, count: int) -> Order:
    order: Order | None = None
    for word in words:
        order = _sorted_by(word, order)
    return np.arange(count) if order is None else order


def _sorted_by(word: npt.NDArray[np.uint64], order: Order | None) -> Order | None:
    """Return the order refined by one more significant word (None: as the rows are)."""
    if order is None and bool((word[1:] >= word[:-1]).all()):
        return None
    highest, shift = int(word.max()), 0
    while highest >> shift:
        digits = (word if order is None else word[order]) >> np.uint64(shift)
        by_digit = np.argsort(digits.astype(np.uint16), kind="stable")
        order, shift = by_digit if order is None else order[by_digit], shift + DIGIT_BITS
    return order
