"""What a failed request means for the one who asked: the classes of failure, and how a source's table names them.

Between an SDK's exceptions and `Requests`. Each SDK's folder has one table; no SDK is imported here: exception types
are named by module and class.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import NamedTuple

from ...domain.errors import CloudledgerError


class Failure(StrEnum):
    """Why a request failed, as far as it decides what to do next."""

    THROTTLED = "throttled"
    """Asked too often: wait, then ask again."""
    TRANSIENT = "transient"
    """The provider or the way to it is out of order: ask again, count it in the circuit breaker."""
    EXPIRED = "expired credentials"
    """The credentials are not valid (any more): refresh them, then ask again."""
    DENIED = "denied"
    """Not allowed, or not there: asking again gives the same. The source is degraded until somebody changes that."""
    TRUNCATED = "truncated"
    """An answer without what it must have: ask again; where it stays so, split the window."""
    INVALID_TOKEN = "invalid token"
    """The token of a page is not accepted (any more): read the window again from its start."""
    FATAL = "fatal"
    """A wrong question, or something that no table knows."""


class Verdict(NamedTuple):
    """What one exception means; `retry_after_s` is the delay that the provider asked for."""

    failure: Failure
    detail: str
    retry_after_s: float | None = None


Classify = Callable[[Exception], Verdict]


class StoppedError(CloudledgerError):
    """A wait was interrupted, since the whole was told to stop."""


class TruncatedAnswerError(CloudledgerError):
    """An answer came without what every answer of its kind has."""


class RequestFailedError(CloudledgerError):
    """A request failed for good: it may not be repeated, or was repeated often enough."""

    def __init__(self, verdict: Verdict) -> None:
        super().__init__(f"{verdict.failure}: {verdict.detail}")
        self.verdict = verdict

    @property
    def failure(self) -> Failure:
        """The class of failure."""
        return self.verdict.failure


def failure_of_status(status: int) -> Failure:
    """Return what an HTTP status means where the body says nothing better.

    >>> failure_of_status(503).value, failure_of_status(404).value
    ('transient', 'denied')
    """
    known = {401: Failure.EXPIRED, 403: Failure.DENIED, 404: Failure.DENIED, 408: Failure.TRANSIENT}
    if status == 429:
        return Failure.THROTTLED
    return known.get(status, Failure.TRANSIENT if status >= 500 else Failure.FATAL)


def failure_of_type(error: Exception, types: Mapping[str, Failure]) -> Failure | None:
    """Return what an exception's type means, by the names (`module.Class`) of its classes, the nearest first.

    >>> failure_of_type(ConnectionResetError("by peer"), {"builtins.OSError": Failure.TRANSIENT}).value
    'transient'
    """
    names = [f"{kind.__module__}.{kind.__qualname__}" for kind in type(error).__mro__]
    return next((types[name] for name in names if name in types), None)
