"""Leases: keep messages from being delivered again while they are on their way into the ledger.

Between `Subscription` and Pub/Sub: a message that is not acknowledged within its deadline comes again, so a slow commit
needs longer deadlines. See https://cloud.google.com/pubsub/docs/lease-management.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable

LEASE_S = 60
"""What a deadline is extended to. Chosen: six times the least; a process that dies delays its messages so long."""

TICK_S = 4.0
"""Between two looks. The least deadline of a subscription is 10 s: a new message is extended in time."""

_TICKS_OF_A_LEASE = int(LEASE_S / TICK_S) // 2

Extend = Callable[[list[str]], None]


class Leases:
    """Extends the deadlines of what it holds, in a thread of its own, until it is told that they are done, or closed.

    Its time is the server's, not that of the source's clock.

    >>> leases = Leases(lambda ids: None)
    >>> leases.add(["a"])
    >>> leases.drop(["a"])
    >>> leases.close()
    """

    def __init__(self, extend: Extend, *, tick_s: float = TICK_S) -> None:
        self._extend, self._tick_s = extend, tick_s
        self._guard, self._closed = threading.Lock(), threading.Event()
        self._due: dict[str, int] = {}
        self._tick = 0
        self._thread = threading.Thread(target=self._run, name="leases", daemon=True)
        self._thread.start()

    def add(self, ids: Iterable[str]) -> None:
        """Hold messages that have just come."""
        with self._guard:
            self._due.update(dict.fromkeys(ids, self._tick + 1))

    def drop(self, ids: Iterable[str]) -> None:
        """Let go of messages that are acknowledged."""
        with self._guard:
            for one in ids:
                self._due.pop(one, None)

    def close(self) -> None:
        """Extend nothing any more; what is held has the rest of its deadline to be acknowledged in."""
        self._closed.set()

    def _run(self) -> None:
        while not self._closed.wait(self._tick_s):
            if due := self._due_now():
                self._extend(due)

    def _due_now(self) -> list[str]:
        with self._guard:
            self._tick += 1
            due = [one for one, tick in self._due.items() if tick <= self._tick]
            self._due.update(dict.fromkeys(due, self._tick + _TICKS_OF_A_LEASE))
            return due
