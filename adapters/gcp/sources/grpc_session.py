"""GrpcSession: one open call that streams both ways, of which only the first request is sent.

Under the tail of Cloud Logging and the streaming pull of Pub/Sub. The request stays open, since half of a closed call
may end the other half.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any

from .pump import Pump


class GrpcSession:
    """A call of a generated client, opened when its first answer is asked for.

    Args:
        client: gives the client.
        method: what to call.
        request: what to send.
        timeout_s: when to end it; None for never.
    """

    def __init__(self, client: Callable[[], Any], method: str, request: Any, *, timeout_s: float | None) -> None:
        self._client, self._method, self._request, self._timeout_s = client, method, request, timeout_s
        self._over = threading.Event()
        self._call: Any = None

    def answers(self, *, every_s: float) -> Iterator[Any]:
        """Yield what comes, and None where nothing came for so long; ends, or breaks, as the call does."""
        return Pump(self._opened, self._cancelled).items(every_s=every_s)

    def _opened(self) -> Iterator[Any]:
        client = self._client()
        # Without this the call would return only with the first answer: google-api-core asks for it beforehand.
        getattr(client.transport, self._method)._prefetch_first_result_ = False
        call = getattr(client, self._method)
        self._call = call(requests=self._requests(), timeout=self._timeout_s, retry=None)
        if self._over.is_set():
            self._call.cancel()
        yield from self._call

    def _cancelled(self) -> None:
        self._over.set()
        if self._call is not None:
            self._call.cancel()

    def _requests(self) -> Iterator[Any]:
        yield self._request
        self._over.wait()
