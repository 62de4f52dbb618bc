"""Runtime: clock, waiting, chance and what all sources of a process share, handed in so that tests need no real time.

Below everything that waits. Not pickled with a source: a worker process has its own.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable
from typing import Protocol

from .circuit_breaker import CircuitBreaker
from .failure import StoppedError
from .settings import BreakerSettings, RateLimit
from .token_bucket import TokenBucket

_LOOK_S = 0.05
"""Between two looks at whether somebody wants an early poll. Chosen: nobody notices it."""


class Wake(Protocol):
    """Something that can ask for an early end of a pause; `threading.Event` is one."""

    def is_set(self) -> bool:
        """Say whether it asks."""
        ...

    def clear(self) -> None:
        """Take the request back: it was heard."""
        ...


_CHANCE = random.Random()
"""Not the module's own, whose state belongs to the program that uses the library."""


class Runtime:
    """Clock, interruptible waiting, chance; rate limits and circuit breakers by what they protect.

    Args:
        stop: set to end every wait and every source.
        live: whether sources follow what comes, or read what is there.
        now_ns: the wall clock, nanoseconds.
        monotonic: seconds of a clock that never goes back.
        sleep: waits so many seconds or until stopped; says whether stopped.
        chance: a number in [0, 1) for jitter.

    >>> runtime = Runtime(sleep=lambda seconds: False)
    >>> runtime.wait(3600)
    """

    def __init__(
        self,
        *,
        stop: threading.Event | None = None,
        live: bool = False,
        now_ns: Callable[[], int] = time.time_ns,
        monotonic: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], bool] | None = None,
        chance: Callable[[], float] = _CHANCE.random,
    ) -> None:
        self.stop = stop or threading.Event()
        self.live = live
        self.now_ns, self.monotonic, self.chance = now_ns, monotonic, chance
        self._sleep = sleep or self.stop.wait
        self._guard = threading.Lock()
        self._buckets: dict[tuple[str, ...], TokenBucket] = {}
        self._breakers: dict[str, CircuitBreaker] = {}

    @property
    def stopped(self) -> bool:
        """Whether everything is to end."""
        return self.stop.is_set()

    def wait(self, seconds: float, wake: Wake | None = None) -> None:
        """Wait; return early where `wake` asks for it.

        Raises:
            StoppedError: told to stop, before or meanwhile.
        """
        until = self.monotonic() + seconds
        while not self.stopped:
            if wake is not None and wake.is_set():
                wake.clear()
                return
            left = until - self.monotonic()
            if left <= 0:
                return
            if self._sleep(left if wake is None else min(left, _LOOK_S)):
                break
            if wake is None:
                return
        raise StoppedError("told to stop")

    def bucket(self, key: tuple[str, ...], limit: RateLimit) -> TokenBucket:
        """Return the bucket that everything of one key shares; the first limit given for it counts."""
        with self._guard:
            return self._buckets.setdefault(key, TokenBucket(limit, self.monotonic))

    def breaker(self, stream: str, settings: BreakerSettings) -> CircuitBreaker:
        """Return the breaker of a source."""
        with self._guard:
            return self._breakers.setdefault(stream, CircuitBreaker(settings, self.monotonic))
