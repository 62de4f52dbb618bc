"""WindowSource: reads windows of time completely, again for late entries, and says what it could not get.

Between a `WindowReader` and `ingest` or `follow`. Pages are committed as they come, under the cursor of before; the
cursor moves with the last commit of a whole window, so that a crash at any commit repeats at most one window, of which
the store keeps nothing twice.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterator
from typing import Any

from ...domain.timestamps import to_instant_ns
from ..source import SourceChunk
from .check import Check
from .hint_source import HintSource
from .identity import SourceIdentity
from .ports import Lost, WindowReader
from .requests import Requests
from .runtime import Runtime
from .settings import BreakerSettings, Overlap, RateLimit, RetrySettings, WindowSettings
from .wake_call import WakeCall
from .window import Instant
from .window_cursor import decode_window_cursor
from .window_run import WindowRun


class WindowSource:
    """A source that pulls.

    Args:
        reader: asks the provider.
        since: where to begin; by default a little before now (`WindowSettings.back_s`).
        hints: a live tail that says when to poll at once; what it gives itself is reconciled by the pull.
        windows, overlap, retry, rate, circuit: see the settings.

    Attributes:
        tally: requests, failures by class, windows, windows read again, gaps: since the source was made.
    """

    def __init__(
        self,
        reader: WindowReader,
        *,
        since: Instant | None = None,
        hints: HintSource | None = None,
        windows: WindowSettings = WindowSettings(),  # noqa: B008 - frozen
        overlap: Overlap = Overlap(),  # noqa: B008 - frozen
        retry: RetrySettings = RetrySettings(),  # noqa: B008 - frozen
        rate: RateLimit = RateLimit(),  # noqa: B008 - frozen
        circuit: BreakerSettings = BreakerSettings(),  # noqa: B008 - frozen
    ) -> None:
        self.reader, self.windows, self.overlap = reader, windows, overlap
        self.retry, self.rate, self.circuit = retry, rate, circuit
        self.since_ns = None if since is None else to_instant_ns(since)
        self.tally: Counter[str] = Counter()
        self.wake = WakeCall()
        self.lost: deque[Lost] = deque()
        self._hints = hints
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
    def stream(self) -> str:
        """The stream that it writes."""
        return self.reader.identity.stream

    @property
    def poll_s(self) -> float:
        """Seconds between two polls."""
        return self.windows.poll_s

    @property
    def companions(self) -> tuple[HintSource, ...]:
        """What runs beside it when following."""
        return () if self._hints is None else (self._hints,)

    def run_in(self, runtime: Runtime) -> None:
        """Use this clock, and share what it shares; the hints tell this source what they see."""
        self._runtime = runtime
        if self._hints is not None:
            self._hints.tell(self.stream, self.wake, self.lost)
            self._hints.run_in(runtime)

    def requests(self) -> Requests:
        """Return what its requests go through."""
        self._runtime = self._runtime or Runtime()
        return Requests(
            self.identity,
            self.reader.classify,
            self.reader.refresh,
            self._runtime,
            self.retry,
            self.rate,
            self.circuit,
            self.tally,
        )

    def check(self) -> tuple[Check, ...]:
        """Return what it needs, and whether that is there."""
        return self.reader.check(self.requests())

    def chunks(self, cursor: bytes | None) -> Iterator[SourceChunk]:
        """Yield what is new now: one poll."""
        state = decode_window_cursor(cursor, self.stream)
        run = WindowRun(self.reader, self.requests(), self.windows, self.overlap, state)
        return run.poll(self.since_ns, self.lost)
