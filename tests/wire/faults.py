"""Seeded schedules of faults: which request goes wrong, and how. The same seed gives the same run."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Mapping, Sequence
from threading import Lock

NETWORK = ("reset", "truncated", "empty200", "html200")
"""What happens below any provider's words: carried out by the HTTP fake itself."""


class Faults:
    """Chooses a fault, or none, for each request.

    Args:
        seed: the same one gives the same faults for the same number of requests.
        shares: chance of each kind; together at most 1.
        most_in_a_row: so that a patient client gets through.
    """

    def __init__(self, seed: int = 0, shares: Mapping[str, float] | None = None, *, most_in_a_row: int = 3) -> None:
        self._most_in_a_row, self._guard = most_in_a_row, Lock()
        self.injected: Counter[str] = Counter()
        self.restart(seed, shares or {})

    def restart(self, seed: int, shares: Mapping[str, float]) -> None:
        """Begin another schedule; forget what was planned."""
        self._random, self._shares = random.Random(seed), dict(shares)
        self._planned: list[str] = []
        self._in_a_row = 0

    def plan(self, kinds: Sequence[str]) -> None:
        """Give these to the next requests, "" for none, before chance goes on."""
        self._planned += kinds

    def next(self) -> str:
        """Return the kind of the next request's fault, "" for none."""
        with self._guard:
            kind = self._planned.pop(0) if self._planned else self._chosen()
            if kind:
                self.injected[kind] += 1
            return kind

    def _chosen(self) -> str:
        draw, kind = self._random.random(), ""
        for name, share in self._shares.items():
            if draw < share:
                kind = name
                break
            draw -= share
        if kind and self._in_a_row >= self._most_in_a_row:
            kind = ""
        self._in_a_row = self._in_a_row + 1 if kind else 0
        return kind
