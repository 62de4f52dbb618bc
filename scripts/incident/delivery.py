"""Deliver records as clouds do: at least once, and now and then late.

Between the writers of the volume formats and their files.
"""

from __future__ import annotations

from random import Random

DUPLICATE_RATE = 0.0008
LATE_RATE = 0.0008
"""Shares of records delivered twice, and late. Chosen: rare, but some dozens in a story of 60,000 records."""

_HELD = 400


class Delivery:
    """Decides for each record whether it comes now, twice, or later."""

    def __init__(self, seed: str) -> None:
        self._roll = Random(seed).random
        self.held: list[tuple[str, bool]] = []

    def deliver(self, record: str) -> bool:
        """Say whether a record is written now; a copy or the record itself may be held back for `release`."""
        roll = self._roll()
        if roll > DUPLICATE_RATE + LATE_RATE:
            return True
        is_duplicate = roll < DUPLICATE_RATE
        self.held.append((record, is_duplicate))
        return is_duplicate

    def release(self, written: int) -> list[tuple[str, bool]]:
        """Return what was held and is due, each with whether it is a second delivery; `written` paces it."""
        if not self.held or (written % _HELD and written >= 0):
            return []
        due, self.held = self.held, []
        return due
