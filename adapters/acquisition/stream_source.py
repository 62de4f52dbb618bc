"""StreamSource: receives messages, commits them with their places, reopens what ends.

Between a `StreamReader` and `ingest` or `follow`. A message is acknowledged after the commit that holds it, so that a
crash in between brings it again, and the store keeps it once.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator

import msgspec

from ...domain.errors import InvalidArgumentError, MissingExtraError
from ...domain.events import SourceObserved
from ..records import Origin, Records
from ..source import SourceChunk
from .api_source import ApiSource, bare_chunk
from .failure import Failure, RequestFailedError, StoppedError, Verdict
from .health import degraded, recovered
from .observation import SourceState, observed
from .page import Page
from .ports import Delivery, Lost, StreamReader
from .requests import Requests
from .settings import BreakerSettings, RateLimit, RetrySettings
from .stream_cursor import StreamCursor, decode_stream_cursor

REOPEN_S = 1.0
"""Seconds before a stream that ended is opened again."""

_FINAL = (Failure.DENIED, Failure.FATAL)

Session = Generator[SourceChunk, None, bool]
"""Gives chunks; returns whether the source has nothing more to give."""


class StreamSource(ApiSource[StreamReader]):
    """A source that receives.

    Args:
        reader: receives from the provider.
        retry, rate, circuit: see the settings.
    """

    def __init__(
        self,
        reader: StreamReader,
        *,
        retry: RetrySettings | None = None,
        rate: RateLimit | None = None,
        circuit: BreakerSettings | None = None,
    ) -> None:
        super().__init__(reader, poll_s=REOPEN_S, retry=retry, rate=rate, circuit=circuit)
        self._state = StreamCursor()
        self._failures = 0

    def chunks(self, cursor: bytes | None) -> Iterator[SourceChunk]:
        """Yield what arrives: until told to stop when following, else until nothing more waits."""
        self._begin(cursor)
        requests, ended = self.requests(), False
        self._failures = 0
        while not ended and not self.runtime.stopped:
            requests.new_deadline()
            try:
                ended = yield from self._session(requests)
            except StoppedError:
                return
            except (InvalidArgumentError, MissingExtraError):
                raise
            except Exception as error:  # sessions end in many ways, and none of them may end the other sources
                verdict = error.verdict if isinstance(error, RequestFailedError) else requests.judged(error)
                ended = yield from self._broken(verdict)

    def _begin(self, cursor: bytes | None) -> None:
        self._state = decode_stream_cursor(cursor, self.stream)

    def _cursor(self) -> bytes | None:
        return self._state.encoded()

    def _session(self, requests: Requests) -> Session:
        """Give what one session does."""
        self.tally["sessions"] += 1
        for delivery in self.reader.deliveries(self._state.positions, requests):
            self._failures = 0
            told = [*self._recovered(), *self._told(delivery)]
            if delivery.page is not None or told or delivery.positions:
                self.tally["deliveries"] += 1
                yield self._chunk(delivery, told)
            if self.runtime.stopped or (delivery.caught_up and not self.runtime.live):
                return True
        return not self.runtime.live

    def _chunk(self, delivery: Delivery, told: list[SourceObserved]) -> SourceChunk:
        """Return what a delivery brought, with the cursor behind it."""
        positions = {**self._state.positions, **delivery.positions}
        self._state = msgspec.structs.replace(self._state, positions=positions)
        page = delivery.page or Page(Records.of([], Origin(self.stream)), 0)
        return SourceChunk(
            page.records,
            self._cursor,
            page.raw_bytes,
            page.rejected,
            observed=told,
            committed=delivery.acknowledge,
            urgent=self.runtime.live,
        )

    def _told(self, delivery: Delivery) -> list[SourceObserved]:
        """Return what a delivery says that it lacks, or has after all."""
        self.tally["gaps"] += len(delivery.lost)
        told = [self._of_span(SourceState.SAMPLED if one.sampled else SourceState.GAP, one) for one in delivery.lost]
        return [*told, *[self._of_span(SourceState.GAP_HEALED, one) for one in delivery.found]]

    def _of_span(self, state: SourceState, lost: Lost) -> SourceObserved:
        return observed(
            self.identity,
            state,
            now_ns=self.runtime.now_ns(),
            since_ns=lost.since_ns,
            until_ns=lost.until_ns,
            detail=lost.reason,
            resource=lost.resource,
        )

    def _recovered(self) -> list[SourceObserved]:
        told = recovered(self.identity, self._state.trouble, self.runtime.now_ns())
        self._state = msgspec.structs.replace(self._state, trouble=None)
        return told

    def _broken(self, verdict: Verdict) -> Session:
        """Say that a session broke, wait, and say whether to give up."""
        self._failures += 1
        self.tally[f"sessions broken: {verdict.failure.value}"] += 1
        final = verdict.failure in _FINAL or (self._failures >= self.retry.attempts and not self.runtime.live)
        trouble, told = degraded(self.identity, self._state.trouble, verdict, self.runtime.now_ns())
        self._state = msgspec.structs.replace(self._state, trouble=trouble)
        yield bare_chunk(self.stream, self._cursor, told, verdict if final else None)
        if final:
            return True
        try:
            if verdict.failure is Failure.EXPIRED:
                self.reader.refresh()
            self.runtime.wait(self._delay_s(verdict))
        except StoppedError:
            return True
        return False

    def _delay_s(self, verdict: Verdict) -> float:
        longest = min(self.retry.cap_s, self.retry.base_s * 2.0 ** min(self._failures, 30))
        return min(verdict.retry_after_s or 0.0, self.retry.honour_s) + self.runtime.chance() * longest
