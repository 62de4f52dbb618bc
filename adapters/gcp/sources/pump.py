"""Pump: read a blocking stream in a thread, so that whoever takes from it can also wait for a while, and stop.

Between the streaming calls of gRPC, whose `next()` waits until something comes, and readers of streams, which give at
least an empty delivery each second.
"""

from __future__ import annotations

import contextlib
import queue
import threading
from collections.abc import Callable, Iterator
from typing import Any

WAITING = 16
"""Answers that wait to be taken; a full pump reads no further, which tells the server to send more slowly. Chosen."""

_END = object()


class Pump:
    """Takes items from a stream, in order; an exception of the stream comes out where it came in.

    >>> list(Pump(lambda: iter([1, 2]), lambda: None).items(every_s=1))
    [1, 2]
    """

    def __init__(self, open_stream: Callable[[], Iterator[Any]], cancel: Callable[[], None]) -> None:
        self._open, self._cancel = open_stream, cancel
        self._taken: queue.Queue[Any] = queue.Queue(WAITING)
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._run, name="pump", daemon=True)

    def items(self, *, every_s: float) -> Iterator[Any]:
        """Yield what comes, and None where nothing came for so long; ends with the stream."""
        self._thread.start()
        try:
            while True:
                try:
                    item = self._taken.get(timeout=every_s)
                except queue.Empty:
                    yield None
                    continue
                if item is _END:
                    return
                if isinstance(item, BaseException):
                    raise item
                yield item
        finally:
            self.close()

    def close(self) -> None:
        """End the stream; what was not taken is dropped."""
        self._closed.set()
        self._cancel()
        with contextlib.suppress(queue.Empty):
            while True:
                self._taken.get_nowait()

    def _run(self) -> None:
        try:
            for item in self._open():
                if not self._give(item):
                    return
            self._give(_END)
        except Exception as error:  # raised again by whoever takes
            self._give(error)

    def _give(self, item: Any) -> bool:
        """Put an item where it is taken from; say whether anybody still takes."""
        while not self._closed.is_set():
            with contextlib.suppress(queue.Full):
                self._taken.put(item, timeout=0.1)
                return True
        return False
