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


class HintSource(StreamSource):
    """A tail; writes the stream of the source that it hints for, and never its cursor."""

    def __init__(self, reader: StreamReader, *, retry: RetrySettings | None = None) -> None:
        super().__init__(reader, retry=retry)
        self._wake = WakeCall()
        self._lost: deque[Lost] = deque()

    def tell(self, stream: str, wake: WakeCall, lost: deque[Lost]) -> None:
        """Say which stream to write, whom to wake, and where to leave what the tail did not give."""
        self.stream, self._wake, self._lost = stream, wake, lost

    def _begin(self, cursor: bytes | None) -> None:
        self._state = StreamCursor(trouble=self._state.trouble)

    def _cursor(self) -> bytes | None:
        return None

    def _told(self, delivery: Delivery) -> list[SourceObserved]:
        self._lost.extend(delivery.lost)
        if delivery.hint or delivery.lost:  # entries that it gives itself are stored without a poll
            self._wake.set()
        return []
