"""ObjectSource: the objects of a bucket, each read whole and once, also when they come late or grow.

Between an `ObjectReader` and `ingest` or `follow`. What was read stands in a manifest, which moves with the last commit
of an object; a crash in between reads one object again, of which the store keeps nothing twice. An object that cannot
be read is a gap, and is tried again as long as the listing shows it.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from ...domain.errors import CloudledgerError
from ...domain.events import SourceObserved
from ..source import SourceChunk
from .api_source import ApiSource, bare_chunk
from .failure import Failure, RequestFailedError, StoppedError, Verdict
from .health import degraded, recovered
from .object_cursor import ObjectCursor, decode_object_cursor, joined, mark_of
from .object_read import ObjectRead
from .observation import SourceState, observed
from .ports import ObjectInfo, ObjectReader
from .requests import Requests
from .settings import BreakerSettings, RateLimit, RetrySettings

POLL_S = 60.0
"""Seconds between two listings. Chosen: providers deliver each five minutes or each hour."""

_OF_THE_OBJECT = (Failure.DENIED, Failure.TRUNCATED, Failure.FATAL)
"""Failures of one object that leave the others readable."""


class ObjectSource(ApiSource[ObjectReader]):
    """A source of objects.

    Args:
        reader: lists and reads.
        poll_s, retry, rate, circuit: see the settings.
    """

    def __init__(
        self,
        reader: ObjectReader,
        *,
        poll_s: float = POLL_S,
        retry: RetrySettings | None = None,
        rate: RateLimit | None = None,
        circuit: BreakerSettings | None = None,
    ) -> None:
        super().__init__(reader, poll_s=poll_s, retry=retry, rate=rate, circuit=circuit)

    def chunks(self, cursor: bytes | None) -> Iterator[SourceChunk]:
        """Yield the records of objects that were not read yet: one listing."""
        state = decode_object_cursor(cursor, self.stream)
        return _ObjectRun(self.reader, self.requests(), state).poll()


class _ObjectRun:
    """One look at a listing; `state` is the cursor as it stands."""

    def __init__(self, reader: ObjectReader, requests: Requests, state: ObjectCursor) -> None:
        self._reader, self._requests, self._state = reader, requests, state
        self._marks = state.marks()

    def poll(self) -> Iterator[SourceChunk]:
        """Yield the chunks; a failure of the whole ends them with a chunk that says so."""
        try:
            yield from self._read()
        except StoppedError:
            return
        except RequestFailedError as error:
            yield self._degraded(error.verdict)
        except CloudledgerError:
            raise
        except Exception as error:  # a reader that meets the unexpected must not end the others
            yield self._degraded(self._requests.judged(error))

    def _read(self) -> Iterator[SourceChunk]:
        self._requests.new_deadline()
        keys: set[str] = set()
        marks: set[bytes] = set()
        for found in self._reader.listing(self._requests):
            keys.add(found.key)
            marks.add(mark_of(found))  # an object of several versions is listed once for each
            if not self._is_known(found):
                yield from self._object(found)
        self._forget_all_but(keys, marks)
        yield self._end([])

    def _is_known(self, found: ObjectInfo) -> bool:
        if found.grows:
            return self._state.grown.get(found.key, 0) >= found.size
        return mark_of(found) in self._marks

    def _object(self, found: ObjectInfo) -> Iterator[SourceChunk]:
        """Read one object, then note it in the manifest."""
        self._requests.new_deadline()
        offset = self._state.grown.get(found.key, 0) if found.grows else 0
        read = ObjectRead(self._reader, found, self._requests, offset=offset)
        try:
            yield from read.chunks(self._cursor)
        except RequestFailedError as error:
            if error.failure not in _OF_THE_OBJECT:
                raise
            yield self._missed(found, error)
            return
        self._requests.tally["objects"] += 1
        healed = found.key in self._state.failed
        self._note(found, read.end)
        yield self._end([self._observed(SourceState.GAP_HEALED, found, "")] if healed else [])

    def _note(self, found: ObjectInfo, end: int) -> None:
        failed = {key: tries for key, tries in self._state.failed.items() if key != found.key}
        if found.grows:
            grown = {**self._state.grown, found.key: end}
            self._state = msgspec.structs.replace(self._state, grown=grown, failed=failed)
        else:
            self._marks.add(mark_of(found))
            self._state = msgspec.structs.replace(self._state, failed=failed)

    def _missed(self, found: ObjectInfo, error: RequestFailedError) -> SourceChunk:
        """Record that an object cannot be read, once; it is tried again at the next listing."""
        tries = self._state.failed.get(found.key, 0)
        self._requests.tally["objects missed"] += 1
        self._state = msgspec.structs.replace(self._state, failed={**self._state.failed, found.key: tries + 1})
        told = [] if tries else [self._observed(SourceState.GAP, found, error.verdict.detail)]
        return bare_chunk(self._requests.identity.stream, self._cursor, told, error.verdict)

    def _forget_all_but(self, keys: set[str], marks: set[bytes]) -> None:
        """Drop from the manifest what the listing no longer shows: it is not listed again."""
        self._marks &= marks
        self._state = msgspec.structs.replace(
            self._state,
            grown={key: end for key, end in self._state.grown.items() if key in keys},
            failed={key: tries for key, tries in self._state.failed.items() if key in keys},
        )

    def _degraded(self, verdict: Verdict) -> SourceChunk:
        trouble, told = degraded(self._requests.identity, self._state.trouble, verdict, self._now())
        self._state = msgspec.structs.replace(self._state, trouble=trouble)
        self._requests.tally["polls failed"] += 1
        return bare_chunk(self._requests.identity.stream, self._cursor, told, verdict)

    def _end(self, told: list[SourceObserved]) -> SourceChunk:
        told = [*recovered(self._requests.identity, self._state.trouble, self._now()), *told]
        self._state = msgspec.structs.replace(self._state, trouble=None)
        return bare_chunk(self._requests.identity.stream, self._cursor, told)

    def _cursor(self) -> bytes:
        """Return the cursor as it stands: called when a chunk is committed, before the run goes on."""
        return msgspec.structs.replace(self._state, seen=joined(self._marks)).encoded()

    def _observed(self, state: SourceState, found: ObjectInfo, detail: str) -> SourceObserved:
        """Return what happened to an object: its gap is the instant at which it was written, told apart by its key."""
        since_ns = found.modified_ns
        return observed(
            self._requests.identity,
            state,
            now_ns=self._now(),
            since_ns=since_ns,
            until_ns=since_ns + 1,
            resource=found.key,
            detail=detail,
        )

    def _now(self) -> int:
        return self._requests.runtime.now_ns()
