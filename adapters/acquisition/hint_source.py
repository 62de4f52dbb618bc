"""HintSource: a live tail beside a pull. It makes entries come sooner; what is true is what the pull reads.

Providers sample tails, drop what a slow reader does not take, and give nothing again after a break. So a tail wakes the
pull, hands it the spans that were sampled, and stores entries itself only where they have the very ids that the pull
gives them.
"""

from __future__ import annotations

from collections import deque

from ...domain.events import SourceObserved
from .ports import Delivery, Lost, StreamReader
from .settings import RetrySettings
from .stream_cursor import StreamCursor
from .stream_source import StreamSource
from .wake_call import WakeCall
from .window import NS

SETTLE_S = 10.0
"""A loss that is followed by no other for so long is over. Chosen: a busy tail samples each second."""

LONGEST_LOSS_S = 600.0
"""A loss that goes on is told at least so often. Chosen: a day of sampling makes 144 gaps, not 86,400."""


class HintSource(StreamSource):
    """A tail; writes the stream of the source that it hints for, and never its cursor.

    Losses that follow each other are one: told when they are over, or have lasted long.
    """

    settle_s = SETTLE_S
    rereads_s = SETTLE_S
    """What it gives is read again by the pull."""

    def __init__(self, reader: StreamReader, *, retry: RetrySettings | None = None) -> None:
        super().__init__(reader, retry=retry)
        self._wake = WakeCall()
        self._lost: deque[Lost] = deque()
        self._losing: Lost | None = None

    def tell(self, stream: str, wake: WakeCall, lost: deque[Lost]) -> None:
        """Say which stream to write, whom to wake, and where to leave what the tail did not give."""
        self.stream, self._wake, self._lost = stream, wake, lost

    def _begin(self, cursor: bytes | None) -> None:
        self._state = StreamCursor(trouble=self._state.trouble)

    def _cursor(self) -> bytes | None:
        return None

    def _told(self, delivery: Delivery) -> list[SourceObserved]:
        for lost in delivery.lost:
            self._lose(lost)
        over = self._losing is not None and self._is_over(self._losing, going_on=bool(delivery.lost))
        if self._losing is not None and over:
            self._lost.append(self._losing)
            self._losing = None
        if delivery.hint or over:  # entries that it gives itself are stored without a poll
            self._wake.set()
        return []

    def _lose(self, lost: Lost) -> None:
        """Make one loss of those that follow each other."""
        before = self._losing or lost
        since_ns, until_ns = min(before.since_ns, lost.since_ns), max(before.until_ns, lost.until_ns)
        self._losing = Lost(since_ns, until_ns, lost.reason, before.sampled and lost.sampled)

    def _is_over(self, losing: Lost, *, going_on: bool) -> bool:
        if going_on:
            return losing.until_ns - losing.since_ns >= LONGEST_LOSS_S * NS
        return self.runtime.now_ns() - losing.until_ns >= self.settle_s * NS
