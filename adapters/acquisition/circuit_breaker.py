"""A circuit breaker: after many failures in a row a provider is left alone, then probed by one request."""

from __future__ import annotations

import threading
from collections.abc import Callable

from .settings import BreakerSettings


class CircuitBreaker:
    """Closed while requests succeed; open for a growing while after failures; half open for one probe.

    >>> breaker = CircuitBreaker(BreakerSettings(failures=1, open_s=30), lambda: 0.0)
    >>> breaker.failed()
    >>> breaker.closed_in_s()
    30.0
    """

    def __init__(self, settings: BreakerSettings, monotonic: Callable[[], float]) -> None:
        self._settings, self._monotonic = settings, monotonic
        self._guard = threading.Lock()
        self._failures = self._openings = 0
        self._open_until: float | None = None
        self._probing = False

    def closed_in_s(self) -> float:
        """Return 0 where a request may go now (of several at half open, only the first), else seconds to wait."""
        with self._guard:
            if self._open_until is None:
                return 0.0
            left = self._open_until - self._monotonic()
            if left <= 0 and not self._probing:
                self._probing = True
                return 0.0
            return max(left, self._settings.open_s if self._probing else 0.0)

    def succeeded(self) -> None:
        """Close: the provider answers."""
        with self._guard:
            self._failures = self._openings = 0
            self._open_until, self._probing = None, False

    def failed(self) -> None:
        """Count a failure; open after enough of them, and at once where it was the probe's."""
        with self._guard:
            self._failures += 1
            if self._probing or self._failures >= self._settings.failures:
                pause = min(self._settings.open_s * 2**self._openings, self._settings.longest_open_s)
                self._open_until = self._monotonic() + pause
                self._openings, self._failures, self._probing = self._openings + 1, 0, False
