"""WindowSource: reads windows of time completely, again for late entries, and says what it could not get.

Between a `WindowReader` and `ingest` or `follow`. Pages are committed as they come, under the cursor of before; the
cursor moves with the last commit of a whole window, so that a crash at any commit repeats at most one window, of which
the store keeps nothing twice.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator

from ...domain.timestamps import to_instant_ns
from ..source import SourceChunk
from .api_source import ApiSource
from .hint_source import HintSource
from .ports import Lost, WindowReader
from .runtime import Runtime
from .settings import BreakerSettings, Overlap, RateLimit, RetrySettings, WindowSettings
from .wake_call import WakeCall
from .window import Instant
from .window_cursor import decode_window_cursor
from .window_run import WindowRun


class WindowSource(ApiSource[WindowReader]):
    """A source that pulls.

    Args:
        reader: asks the provider.
        since: where to begin; by default a little before now (`WindowSettings.back_s`).
        hints: a live tail that says when to poll at once; what it gives itself is reconciled by the pull.
        windows, overlap, retry, rate, circuit: see the settings.

    Attributes:
        wake: set to poll at once; `lost`: spans that a tail did not give, to be read at the next poll.
    """

    def __init__(
        self,
        reader: WindowReader,
        *,
        since: Instant | None = None,
        hints: HintSource | None = None,
        windows: WindowSettings | None = None,
        overlap: Overlap | None = None,
        retry: RetrySettings | None = None,
        rate: RateLimit | None = None,
        circuit: BreakerSettings | None = None,
    ) -> None:
        self.windows, self.overlap = windows or WindowSettings(), overlap or Overlap()
        super().__init__(reader, poll_s=self.windows.poll_s, retry=retry, rate=rate, circuit=circuit)
        self.since_ns = None if since is None else to_instant_ns(since)
        self.wake = WakeCall()
        self.lost: deque[Lost] = deque()
        self._hints = hints

    @property
    def rereads_s(self) -> float:
        """How far back each poll reads again what the one before has read."""
        return self.overlap.each_poll_s

    @property
    def companions(self) -> tuple[HintSource, ...]:
        """What runs beside it when following."""
        return () if self._hints is None else (self._hints,)

    def run_in(self, runtime: Runtime) -> None:
        """Use this clock, and share what it shares; the hints tell this source what they see."""
        super().run_in(runtime)
        if self._hints is not None:
            self._hints.tell(self.stream, self.wake, self.lost)
            self._hints.run_in(runtime)

    def chunks(self, cursor: bytes | None) -> Iterator[SourceChunk]:
        """Yield what is new now: one poll."""
        state = decode_window_cursor(cursor, self.stream)
        run = WindowRun(self.reader, self.requests(), self.windows, self.overlap, state)
        return run.poll(self.since_ns, self.lost)
