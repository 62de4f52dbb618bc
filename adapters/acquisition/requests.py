"""Requests: the one place where a source asks, waits and asks again.

Between a source's reader and its SDK, whose own retries are off. Rate limit, circuit breaker, full jitter, delays that
the provider asked for, a deadline per window, and the check that an answer is whole.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from .failure import Classify, Failure, RequestFailedError, StoppedError, TruncatedAnswerError, Verdict
from .identity import SourceIdentity
from .runtime import Runtime
from .settings import BreakerSettings, RateLimit, RetrySettings
from .without_secrets import without_secrets

T = TypeVar("T")

_REPEATED = (Failure.THROTTLED, Failure.TRANSIENT, Failure.TRUNCATED, Failure.EXPIRED)
HURRIED_ATTEMPTS = 2
"""Of the parts of a window that was cut off again and again: most parts are whole, the rest must not take for ever."""


def has(*keys: str) -> Callable[[Any], bool]:
    """Return the check that an answer has its keys: one without its list was cut off, and is no end.

    >>> has("events")({"events": []}), has("events")({})
    (True, False)
    """
    return lambda answer: isinstance(answer, Mapping) and all(key in answer for key in keys)


@dataclass
class Requests:
    """Sends the requests of one source.

    Args:
        identity: whose they are.
        classify: what an exception of the SDK means.
        refresh: called when credentials have expired, before the request is repeated.
        tally: counts requests and failures by class.

    >>> from .runtime import Runtime
    >>> identity = SourceIdentity(stream="s", provider="aws")
    >>> requests = Requests(identity, lambda error: Verdict(Failure.FATAL, str(error)))
    >>> requests.call(lambda: {"events": []}, whole=has("events"))
    {'events': []}
    """

    identity: SourceIdentity
    classify: Classify
    refresh: Callable[[], None] = lambda: None
    runtime: Runtime = field(default_factory=Runtime)
    retry: RetrySettings = field(default_factory=RetrySettings)
    rate: RateLimit = field(default_factory=RateLimit)
    circuit: BreakerSettings = field(default_factory=BreakerSettings)
    tally: Counter[str] = field(default_factory=Counter)
    lost_s: float = 0.0

    def __post_init__(self) -> None:
        self._attempts = self.retry.attempts
        self._bucket = self.runtime.bucket(self.identity.limit_key, self.rate)
        self._breaker = self.runtime.breaker(self.identity.stream, self.circuit)

    def new_deadline(self) -> None:
        """Give the requests from here on (those of a window) a fresh deadline."""
        self.lost_s, self._attempts = 0.0, self.retry.attempts

    def hurry(self) -> None:
        """Repeat requests less often until the next deadline."""
        self._attempts = min(HURRIED_ATTEMPTS, self.retry.attempts)

    def call(self, send: Callable[[], T], *, whole: Callable[[T], bool] = lambda answer: True) -> T:
        """Return the answer of a request that was sent as often as it took.

        Args:
            send: sends it once; runs in the SDK.
            whole: says whether an answer has all that it must have.

        Raises:
            RequestFailedError: it failed for good.
            StoppedError: told to stop while waiting.
        """
        attempt = 0
        while True:
            attempt += 1
            self._admit()
            started = self.runtime.monotonic()
            try:
                answer = send()
                if not whole(answer):
                    raise TruncatedAnswerError(f"an answer of {type(answer).__name__} lacks what it must have")
            except (StoppedError, RequestFailedError):
                raise
            except Exception as error:  # whatever an SDK raises is classified
                self._failed(self.judged(error), attempt, started)
            else:
                self._breaker.succeeded()
                return answer

    def judged(self, error: Exception) -> Verdict:
        """Return what an exception means, without the secrets that its text may hold."""
        if isinstance(error, TruncatedAnswerError):
            return Verdict(Failure.TRUNCATED, str(error))
        verdict = self.classify(error)
        return verdict._replace(detail=without_secrets(verdict.detail))

    def _admit(self) -> None:
        closed_in_s = self._breaker.closed_in_s()
        if closed_in_s:
            self.tally["held by the open circuit"] += 1
            detail = f"left alone for {closed_in_s:.0f} s more after failures in a row"
            raise RequestFailedError(Verdict(Failure.TRANSIENT, detail, closed_in_s))
        self.runtime.wait(self._bucket.turn_in_s())
        self.tally["requests"] += 1

    def _failed(self, verdict: Verdict, attempt: int, started: float) -> None:
        """Wait before the next attempt; raise where there shall be none."""
        self.tally[verdict.failure.value] += 1
        if verdict.failure is Failure.TRANSIENT:
            self._breaker.failed()
        else:
            self._breaker.succeeded()  # who throttles, refuses or is cut off is alive
        delay = self._delay(verdict, attempt)
        self.lost_s += self.runtime.monotonic() - started + delay
        if self.lost_s > self.retry.deadline_s and verdict.failure in _REPEATED:
            detail = f"{self.retry.deadline_s:.0f} s were lost to failures, at last: {verdict.detail}"
            raise RequestFailedError(Verdict(Failure.TRANSIENT, detail))
        if verdict.failure not in _REPEATED or attempt >= self._attempts:
            raise RequestFailedError(verdict)
        if verdict.failure is Failure.EXPIRED:
            self.refresh()
        if verdict.failure is Failure.THROTTLED:
            self._bucket.close_for(delay)
        self.runtime.wait(delay)

    def _delay(self, verdict: Verdict, attempt: int) -> float:
        jitter = self.runtime.chance() * min(self.retry.cap_s, self.retry.base_s * 2.0**attempt)
        asked = min(verdict.retry_after_s or 0.0, self.retry.honour_s)
        return asked + jitter if asked else jitter
