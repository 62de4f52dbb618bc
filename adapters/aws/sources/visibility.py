"""Visibility: keeps messages of a queue hidden from other readers while what they speak of is read and committed.

Beside a queue's reader, in a thread of its own: an object of gigabytes takes longer than any sensible timeout. See
https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-visibility-timeout.html.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable

BEATS = 3
"""Times that a timeout is renewed before it would end. Chosen: two may fail."""

Extend = Callable[[list[str]], None]


class Visibility:
    """Renews the timeouts of what it holds until that is dropped, or it is closed.

    Its time is the service's, not that of the source's clock.

    >>> visibility = Visibility(lambda receipts: None, timeout_s=120)
    >>> visibility.hold(["receipt"])
    >>> visibility.drop(["receipt"])
    >>> visibility.close()
    """

    def __init__(self, extend: Extend, *, timeout_s: float) -> None:
        self._extend, self._beat_s = extend, timeout_s / BEATS
        self._guard, self._closed = threading.Lock(), threading.Event()
        self._held: set[str] = set()
        threading.Thread(target=self._run, name="visibility", daemon=True).start()

    def hold(self, receipts: Iterable[str]) -> None:
        """Renew these from now on."""
        with self._guard:
            self._held.update(receipts)

    def drop(self, receipts: Iterable[str]) -> None:
        """Let these be: they were deleted, or shall come again."""
        with self._guard:
            self._held.difference_update(receipts)

    def close(self) -> None:
        """Renew nothing any more; what is held has the rest of its timeout to be committed in."""
        self._closed.set()

    def _run(self) -> None:
        while not self._closed.wait(self._beat_s):
            with self._guard:
                held = sorted(self._held)
            if held:
                self._extend(held)
