"""A token bucket: how often one API may be asked, over all sources that share its limit."""

from __future__ import annotations

import threading
from collections.abc import Callable

from .settings import RateLimit


class TokenBucket:
    """Gives each request its turn; thread-safe.

    >>> bucket = TokenBucket(RateLimit(per_s=2, burst=1), lambda: 0.0)
    >>> bucket.turn_in_s(), bucket.turn_in_s()
    (0.0, 0.5)
    """

    def __init__(self, limit: RateLimit, monotonic: Callable[[], float]) -> None:
        self._limit, self._monotonic = limit, monotonic
        self._guard = threading.Lock()
        self._tokens, self._counted_at = float(limit.burst), monotonic()
        self._closed_until = self._counted_at

    def turn_in_s(self) -> float:
        """Take a token; return the seconds until it is there."""
        with self._guard:
            now = self._monotonic()
            gained = (now - self._counted_at) * self._limit.per_s
            self._tokens, self._counted_at = min(self._limit.burst, self._tokens + gained) - 1, now
            return max(0.0, -self._tokens / self._limit.per_s, self._closed_until - now)

    def close_for(self, seconds: float) -> None:
        """Let nobody through for a while: the provider asked for it."""
        with self._guard:
            self._closed_until = max(self._closed_until, self._monotonic() + seconds)
