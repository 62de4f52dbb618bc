"""Find many short literals, in any case, in a large text at memory speed.

The pre-filter of redaction. `bytes.find` costs about 0.5 ms per literal and MiB, a case-insensitive alternation 25 ms
per MiB; comparing whole blocks with numpy costs 0.03 ms per byte value. So each marker is represented by one pair of
adjacent bytes, as few distinct pairs as cover all markers; blocks are searched for the pairs, and only where a pair
stands is the marker itself compared.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import numpy as np
import numpy.typing as npt

_BLOCK: Final = 256 * 1024
"""Bytes at a time. Measured per MiB: 2.0 ms at 64 KiB (numpy's cost per call), 1.3 ms at 256 KiB, 3.5 ms at 1 MiB,
where the temporaries no longer fit the cache."""

_COMMON: Final = (
    b"eeeeeeeetttttttaaaaaaaiiiiiiinnnnnnooooooossssssssrrrrrrrccccclllldddddppppmmmmuuuugggghhhffyybbvvkwxzjq"
    + b' ":,-./0123456789|\x7f' * 12
)
"""Bytes, folded, by their rough share in JSON logs: chosen, only decides which pair stands for a marker."""

_NEW_PAIR_COST: Final = 60
"""A pair more costs as much as this much of a pair's commonness: chosen so that `ke` serves token and every
`...key`."""

_FOLD: Final = 0x20
"""Setting this bit maps A-Z to a-z in one vector operation; other bytes that it maps together are told apart later."""


class MarkerIndex:
    """Positions of lower-case markers in a text of any case.

    >>> MarkerIndex([b"token", b"pwd"]).find(b"a PWD, a Token")
    [(2, b'pwd'), (9, b'token')]
    """

    def __init__(self, markers: Iterable[bytes]) -> None:
        self._by_pair = _cover({marker.lower() for marker in markers})
        self._codes = np.array([first | second << 8 for first, second in self._by_pair], dtype=np.uint16)
        self._row_of_code = np.zeros(1 << 16, dtype=np.intp)
        self._row_of_code[self._codes] = np.arange(len(self._codes))
        self._neighbours = self._neighbour_table()

    def find(self, text: bytes) -> list[tuple[int, bytes]]:
        """Return (position, marker) of every occurrence, by position."""
        hits: list[tuple[int, bytes]] = []
        for start in range(0, len(text), _BLOCK):
            for position in self._candidates(text, start):
                pair = (text[position] | _FOLD, text[position + 1] | _FOLD)
                for offset, marker in self._by_pair[pair]:
                    begin = position - offset
                    if begin >= 0 and text[begin : begin + len(marker)].lower() == marker:
                        hits.append((begin, marker))
        hits.sort()
        return hits

    def _neighbour_table(self) -> npt.NDArray[np.bool_]:
        """Return by pair which bytes may stand before and after it; any byte where the marker begins or ends."""
        table = np.zeros((len(self._by_pair), 256, 256), dtype=np.bool_)
        for row, found in zip(table, self._by_pair.values(), strict=True):
            for offset, marker in found:
                before = marker[offset - 1] | _FOLD if offset else slice(None)
                after = marker[offset + 2] | _FOLD if offset + 2 < len(marker) else slice(None)
                row[before, after] = True
        return table

    def _candidates(self, text: bytes, start: int) -> list[int]:
        # One byte more on each side, so that no pair and no neighbour is lost between blocks.
        begin = max(start - 1, 0)
        folded = np.frombuffer(text, dtype=np.uint8, count=min(_BLOCK + 3, len(text) - begin), offset=begin) | np.uint8(
            _FOLD
        )
        if len(folded) < 2:
            return []
        places, pairs = self._pair_places(folded)
        before = folded[np.maximum(places - 1, 0)]
        after = folded[np.minimum(places + 2, len(folded) - 1)]
        at_edge = (places == 0) | (places + 2 >= len(folded))
        places = places[self._neighbours[pairs, before, after] | at_edge] + begin
        inside: list[int] = places[(places >= start) & (places < start + _BLOCK)].tolist()
        return inside

    def _pair_places(self, folded: npt.NDArray[np.uint8]) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
        """Return where a pair stands, and which.

        Two bytes are one 16-bit number: compared at even places, then at odd ones, copied to be aligned.
        """
        places, pairs = [], []
        for shift in (0, 1):
            words = folded[shift : shift + (len(folded) - shift) // 2 * 2].copy().view("<u2")
            flags, equal = np.zeros(len(words), dtype=np.bool_), np.empty(len(words), dtype=np.bool_)
            for code in self._codes:
                np.bitwise_or(flags, np.equal(words, code, out=equal), out=flags)
            found = np.flatnonzero(flags)
            places.append(found * 2 + shift)
            pairs.append(self._row_of_code[words[found]])
        return np.concatenate(places), np.concatenate(pairs)


def _cover(markers: set[bytes]) -> dict[tuple[int, int], list[tuple[int, bytes]]]:
    """Return cheap pairs that together stand in all markers, each with its (offset, marker): greedy set cover."""
    offsets: dict[tuple[int, int], dict[bytes, int]] = {}
    for marker in sorted(markers):
        for offset in reversed(range(len(marker) - 1)):
            pair = (marker[offset] | _FOLD, marker[offset + 1] | _FOLD)
            offsets.setdefault(pair, {})[marker] = offset
    chosen: dict[tuple[int, int], list[tuple[int, bytes]]] = {}
    uncovered = set(markers)
    while uncovered:
        pair = max(offsets, key=lambda pair: len(uncovered & offsets[pair].keys()) / _cost(pair))
        chosen[pair] = [(offset, marker) for marker, offset in offsets[pair].items() if marker in uncovered]
        uncovered -= offsets[pair].keys()
    return chosen


def _cost(pair: tuple[int, int]) -> int:
    return _NEW_PAIR_COST + _COMMON.count(pair[0]) * _COMMON.count(pair[1])
