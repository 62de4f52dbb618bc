"""ApiSource: what the engines have in common: a reader, settings, a clock to run by, and what was counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any, Generic, TypeVar

from ...domain.events import SourceObserved
from ..records import Origin, Records
from ..source import SourceChunk
from .check import Check
from .failure import Verdict
from .identity import SourceIdentity
from .ports import Reader
from .requests import Requests
from .runtime import Runtime
from .settings import BreakerSettings, RateLimit, RetrySettings

ReaderKind = TypeVar("ReaderKind", bound=Reader)


class ApiSource(Generic[ReaderKind]):
    """A source that asks an API through its reader; picklable where the reader is.

    Attributes:
        reader: asks.
        stream: the stream that it writes.
        tally: requests, failures by class, and what the engine did, since the source was made.
        poll_s: seconds between two polls when following.
    """

    def __init__(
        self,
        reader: ReaderKind,
        *,
        poll_s: float = 5.0,
        retry: RetrySettings | None = None,
        rate: RateLimit | None = None,
        circuit: BreakerSettings | None = None,
    ) -> None:
        self.reader, self.poll_s = reader, poll_s
        self.stream = reader.identity.stream
        self.retry, self.rate = retry or RetrySettings(), rate or RateLimit()
        self.circuit = circuit or BreakerSettings()
        self.tally: Counter[str] = Counter()
        self._runtime: Runtime | None = None

    def __repr__(self) -> str:
        return f"{type(self).__name__}(stream={self.stream!r})"

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_runtime": None}

    @property
    def identity(self) -> SourceIdentity:
        """What it reads."""
        return self.reader.identity

    @property
    def runtime(self) -> Runtime:
        """The clock, and what is shared with other sources."""
        self._runtime = self._runtime or Runtime()
        return self._runtime

    def run_in(self, runtime: Runtime) -> None:
        """Use this clock, and share what it shares."""
        self._runtime = runtime

    def requests(self) -> Requests:
        """Return what its requests go through."""
        reader = self.reader
        return Requests(
            self.identity,
            reader.classify,
            reader.refresh,
            self.runtime,
            self.retry,
            self.rate,
            self.circuit,
            self.tally,
        )

    def check(self) -> tuple[Check, ...]:
        """Return what it needs, and whether that is there."""
        return self.reader.check(self.requests())


def bare_chunk(
    stream: str, cursor: Callable[[], bytes | None], told: list[SourceObserved], problem: Verdict | None = None
) -> SourceChunk:
    """Return a chunk without records: only what a source says of itself, and its cursor.

    >>> bare_chunk("s", lambda: b"7", []).cursor()
    b'7'
    """
    said = "" if problem is None else f"{problem.failure}: {problem.detail}"
    return SourceChunk(Records.of([], Origin(stream)), cursor, 0, observed=told, problem=said)
