"""A clock for tests that moves when somebody waits, and runtimes that use it."""

from __future__ import annotations

import random
from threading import Event, Lock

from cloudledger.adapters.acquisition import Runtime

NOON_NS = 1_795_176_000_000_000_000
"""2026-11-20T12:00:00Z."""


class VirtualClock:
    """Time that only waiting, or the test, moves."""

    def __init__(self, now_ns: int = NOON_NS) -> None:
        self._now_ns = now_ns
        self._guard = Lock()
        self.waits: list[float] = []

    def now_ns(self) -> int:
        return self._now_ns

    def now_ms(self) -> int:
        return self._now_ns // 1_000_000

    def monotonic(self) -> float:
        return (self._now_ns - NOON_NS) / 1e9

    def forward(self, seconds: float) -> None:
        with self._guard:
            self._now_ns += round(seconds * 1e9)

    def sleep(self, seconds: float) -> bool:
        self.waits.append(seconds)
        self.forward(seconds)
        return False

    def runtime(self, *, live: bool = False, seed: int = 0, stop: Event | None = None) -> Runtime:
        return Runtime(
            stop=stop,
            live=live,
            now_ns=self.now_ns,
            monotonic=self.monotonic,
            sleep=self.sleep,
            chance=random.Random(seed).random,
        )
