"""One poll of a source of windows: read, split what is partial, record what is missing, move the cursor.

Between `WindowSource` and its reader. Everything that happens to the source leaves as data: chunks with records, and
with the observations and the cursor that belong together in one commit.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field

import msgspec

from ...domain.errors import CloudledgerError
from ...domain.events import SourceObserved
from ..source import SourceChunk
from .api_source import bare_chunk
from .failure import Failure, RequestFailedError, StoppedError, Verdict
from .health import degraded, recovered
from .observation import SourceState, observed
from .page import Page
from .ports import IncompleteWindowError, Lost, WindowReader
from .requests import Requests
from .settings import Overlap, WindowSettings
from .window import NS, Gap, Window, merged, uncovered
from .window_cursor import WindowCursor
from .window_plan import Step, plan_poll

MAX_RESTARTS = 3
"""Times that a window is begun anew in a poll since a token was refused. Chosen: once is normal, thrice is a fault."""

HEALED_PER_POLL = 20
"""Gaps that are read again in one poll, so that new entries need not wait for many old ones. Chosen."""

MAX_DOUBLINGS = 10
"""Of the delay before a gap is read again: with the default, 17 hours at most. Chosen."""


@dataclass
class WindowRun:
    """Runs one poll; `state` is the cursor as it stands."""

    reader: WindowReader
    requests: Requests
    settings: WindowSettings
    overlap: Overlap
    state: WindowCursor
    restarts: int = 0
    missing: list[Gap] = field(default_factory=list)

    def poll(self, since_ns: int | None, lost: deque[Lost]) -> Iterator[SourceChunk]:
        """Yield the chunks of a poll; a failure ends it with a chunk that says so."""
        try:
            yield from self._read(since_ns, lost)
        except StoppedError:
            return
        except RequestFailedError as error:
            yield self._degraded(error.verdict)
        except CloudledgerError:
            raise
        except Exception as error:  # a reader that meets the unexpected must not end the others
            verdict = self.requests.judged(error)
            yield self._degraded(verdict._replace(detail=f"{type(error).__name__}: {verdict.detail}"))

    def _read(self, since_ns: int | None, lost: deque[Lost]) -> Iterator[SourceChunk]:
        now_ns = self._now()
        before_ns = self.state.start_ns or now_ns - int(self.settings.back_s * NS)
        start_ns = before_ns if since_ns is None else since_ns
        self.state = msgspec.structs.replace(self.state, start_ns=start_ns)
        for step in plan_poll(self.state, self.settings, self.overlap, now_ns=now_ns):
            yield from self._step(step)
        if lost:
            yield self._told_of(lost)
        due = [gap for gap in self.state.gaps if gap.next_ns <= now_ns]
        for gap in due[:HEALED_PER_POLL]:
            yield from self._heal(gap)

    def _step(self, step: Step) -> Iterator[SourceChunk]:
        """Read a window wholly, then move the cursor behind it."""
        self.requests.tally["windows"] += 1
        self.requests.tally["windows read again"] += step.again
        yield from self._pages(step.window)
        new = uncovered(self.missing, self.state.gaps)  # each poll meets the gaps within its overlap again
        gaps = (*self.state.gaps, *new)
        self.state = msgspec.structs.replace(self.state, done_ns=step.done_ns, deep_ns=step.deep_ns, gaps=gaps)
        yield self._end([self._gap(SourceState.GAP, gap) for gap in new])

    def _heal(self, gap: Gap) -> Iterator[SourceChunk]:
        """Read a gap again: it is healed, smaller, still there, or too old."""
        self.requests.tally["gaps read again"] += 1
        yield from self._pages(gap.window)
        told = []
        if not self.missing:
            told = [self._gap(SourceState.GAP_HEALED, gap)]
        elif self._now() - gap.found_ns > self.settings.heal_within_s * NS:
            told, self.missing = [self._gap(SourceState.GAP_ABANDONED, gap)], []
        else:
            # The whole gap is healed and its missing parts are gaps: in this order nothing is forgotten.
            if [part.window for part in self.missing] != [gap.window]:
                told = [self._gap(SourceState.GAP_HEALED, gap)]
                told += [self._gap(SourceState.GAP, part) for part in self.missing]
            self.missing = [self._later(part, gap) for part in self.missing]
        gaps = (*(other for other in self.state.gaps if other != gap), *self.missing)
        self.state = msgspec.structs.replace(self.state, gaps=gaps)
        yield self._end(told)

    def _later(self, part: Gap, gap: Gap) -> Gap:
        delay_s = self.settings.heal_after_s * 2 ** min(gap.attempts + 1, MAX_DOUBLINGS)
        return msgspec.structs.replace(
            part, found_ns=gap.found_ns, attempts=gap.attempts + 1, next_ns=self._now() + int(delay_s * NS)
        )

    def _pages(self, window: Window) -> Iterator[SourceChunk]:
        """Yield the pages of a window; halve what is partial, note what is missing at the end of halving."""
        self.requests.new_deadline()
        self.missing, self.restarts = [], 0
        parts = deque([window])
        while parts:
            part = parts.popleft()
            try:
                for page in self.reader.pages(part, self.requests):
                    yield self._chunk(page)
            except IncompleteWindowError as error:
                if not self._split(part, parts):
                    if error.page is not None:
                        yield self._chunk(error.page)
                    self._miss(part, error.reason)
            except RequestFailedError as error:
                if not self._went_on(error, part, parts):
                    raise
        self.missing = merged(self.missing)

    def _went_on(self, error: RequestFailedError, part: Window, parts: deque[Window]) -> bool:
        """Say whether a window can be read in spite of a failure."""
        if error.failure is Failure.INVALID_TOKEN and self.restarts < MAX_RESTARTS:
            self.restarts += 1
            self.requests.tally["windows begun anew"] += 1
            parts.appendleft(part)
            return True
        if error.failure is Failure.TRUNCATED and self._split(part, parts):
            return True
        if error.failure is Failure.TRUNCATED:
            self._miss(part, error.verdict.detail)
            return True
        return False

    def _split(self, part: Window, parts: deque[Window]) -> bool:
        """Put the halves of a window behind the others."""
        halves = part.halves(least_ns=int(self.settings.least_s * NS), align_ns=int(self.settings.align_s * NS))
        parts.extend(halves)
        self.requests.hurry()
        self.requests.tally["windows split"] += bool(halves)
        return bool(halves)

    def _miss(self, part: Window, reason: str) -> None:
        now_ns = self._now()
        next_ns = now_ns + int(self.settings.heal_after_s * NS)
        self.requests.tally["gaps"] += 1
        self.missing.append(Gap(part.since_ns, part.until_ns, reason[:200], now_ns, 0, next_ns))

    def _told_of(self, lost: deque[Lost]) -> SourceChunk:
        """Take over what a tail did not give: it is read next, as the gaps are."""
        now_ns, told, gaps = self._now(), [], list(self.state.gaps)
        while lost:
            part = lost.popleft()
            gap = Gap(part.since_ns, part.until_ns, part.reason, now_ns)
            gaps.append(gap)
            told.append(self._gap(SourceState.SAMPLED if part.sampled else SourceState.GAP, gap))
        self.requests.tally["gaps"] += len(told)
        self.state = msgspec.structs.replace(self.state, gaps=tuple(gaps))
        return self._end(told)

    def _degraded(self, verdict: Verdict) -> SourceChunk:
        """Return the chunk that ends a poll which failed: the cursor stays, the trouble is noted."""
        trouble, told = degraded(self.requests.identity, self.state.trouble, verdict, self._now())
        self.state = msgspec.structs.replace(self.state, trouble=trouble)
        self.requests.tally["polls failed"] += 1
        return bare_chunk(self.requests.identity.stream, self.state.encoded, told, verdict)

    def _end(self, told: list[SourceObserved]) -> SourceChunk:
        """Return the chunk that moves the cursor, after a window was read: the source works (again)."""
        told = [*recovered(self.requests.identity, self.state.trouble, self._now()), *told]
        self.state = msgspec.structs.replace(self.state, trouble=None)
        return bare_chunk(self.requests.identity.stream, self.state.encoded, told)

    def _chunk(self, page: Page) -> SourceChunk:
        return SourceChunk(page.records, self.state.encoded, page.raw_bytes, page.rejected)

    def _gap(self, state: SourceState, gap: Gap) -> SourceObserved:
        return observed(
            self.requests.identity,
            state,
            now_ns=self._now(),
            since_ns=gap.since_ns,
            until_ns=gap.until_ns,
            detail=gap.reason,
        )

    def _now(self) -> int:
        return self.requests.runtime.now_ns()
