"""EventHubPump: runs the receiving client of azure-eventhub, which calls back, and hands on what it gets.

Under the reader of event hubs. The client reads in a thread of its own; the queue between is short, so that a slow
ledger slows the client down, and with it the service.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

WAITING = 8
"""Batches between client and ledger. Chosen: enough that neither waits for the other in step."""

BATCH_EVENTS = 1_000
"""Events handed on at once, and asked for ahead."""

_LOOK_S = 0.1
_JOIN_S = 10.0


class Received(NamedTuple):
    """Events of one partition, in their order."""

    partition: str
    events: Sequence[Any]


class EventHubPump:
    """Receives from all partitions, each from behind a sequence number on.

    Args:
        client: of azure-eventhub; closed with the pump.
        places: the last sequence number that is known of each partition, -1 for none.
    """

    def __init__(self, client: Any, places: Mapping[str, int]) -> None:
        self._client = client
        self._places: dict[str, Any] = {name: place if place >= 0 else "-1" for name, place in places.items()}
        self._queue: queue.Queue[Received | Exception] = queue.Queue(WAITING)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="event hub", daemon=True)

    def __enter__(self) -> EventHubPump:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._client.close()
        self._thread.join(_JOIN_S)

    def next(self, timeout_s: float) -> Received | None:
        """Return what came next; None where nothing came in time.

        Raises:
            Exception: whatever ended the receiving.
        """
        try:
            found = self._queue.get(timeout=timeout_s)
        except queue.Empty:
            if not self._thread.is_alive():
                raise ConnectionError("the client of the hub has ended") from None
            return None
        if isinstance(found, Exception):
            raise found
        return found

    def _run(self) -> None:
        try:
            self._client.receive_batch(
                self._on_events,
                on_error=self._on_error,
                starting_position=self._places,
                starting_position_inclusive=False,
                max_batch_size=BATCH_EVENTS,
                prefetch=BATCH_EVENTS,
            )
        except Exception as error:  # of the SDK, in a thread of its own: the reader raises it
            self._put(error)

    def _on_events(self, context: Any, events: Sequence[Any]) -> None:
        if events:
            self._put(Received(context.partition_id, events))

    def _on_error(self, context: Any, error: Exception) -> None:
        self._put(error)

    def _put(self, found: Received | Exception) -> None:
        while not self._stop.is_set():
            try:
                self._queue.put(found, timeout=_LOOK_S)
            except queue.Full:
                continue
            return
