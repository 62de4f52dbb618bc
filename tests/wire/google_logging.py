"""FakeLogging: entries.list and the tail of Cloud Logging over gRPC, with the messages that Google generates.

Pages may be empty and still have a token; a token with another filter is refused; entries become visible when the
clock reaches their time of arrival. A tail gives what `tails` holds, a list of answers per session.
"""

from __future__ import annotations

import re
import time
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import grpc
from google.cloud.logging_v2.types import (
    ListLogEntriesRequest,
    ListLogEntriesResponse,
    LogEntry,
    TailLogEntriesRequest,
    TailLogEntriesResponse,
)

from tests.wire.faults import Faults
from tests.wire.grpc_fake import GrpcFake, Method, abort

_BOUND = re.compile(r'timestamp(>=|<)"([^"]+)"')
ENTRY, ANSWER, TAILED = LogEntry.pb(), ListLogEntriesResponse.pb(), TailLogEntriesResponse.pb()


class Held(NamedTuple):
    """An entry as the service holds it: sorted as it sorts."""

    at_ns: int
    id: str
    entry: Any
    visible_ns: int = 0


class FakeLogging(GrpcFake):
    """The logs of a project.

    Args:
        entries: what they hold, in any order.
        faults: statuses, and empty_page, repeated, truncated.
        clock_ns: decides what is visible.
        page_entries: entries in a page at most.
        server: those of `GrpcFake`.

    Attributes:
        tails: per session of a tail, its answers; the name of a status ends the session with it.
        poison: the id of an entry that cuts off each page which holds it.
    """

    service = "google.logging.v2.LoggingServiceV2"

    def __init__(
        self,
        entries: Sequence[Held] = (),
        faults: Faults | None = None,
        *,
        clock_ns: Callable[[], int] = time.time_ns,
        page_entries: int = 50,
        **server: Any,
    ) -> None:
        self.entries = sorted(entries, key=lambda held: held[:2])
        self.clock_ns, self.page_entries = clock_ns, page_entries
        self.tails: list[list[Any]] = []
        self.poison = ""
        super().__init__(faults, **server)

    def methods(self) -> dict[str, Method]:
        return {
            "ListLogEntries": Method(ListLogEntriesRequest, self._list),
            "TailLogEntries": Method(TailLogEntriesRequest, self._tail, streams=True),
        }

    def fault(self, kind: str, request: Any, answer: Any) -> Any:
        if kind == "empty_page":
            return ANSWER(next_page_token=request.page_token + "'" if request.page_token else f"0'|{request.filter}")
        if kind == "repeated":
            return ANSWER(
                entries=[entry for entry in answer.entries for _ in (1, 2)], next_page_token=answer.next_page_token
            )
        return answer

    def _list(self, request: Any, context: grpc.ServicerContext) -> Any:
        since, until = bounds(request.filter)
        place, _, asked = request.page_token.partition("|")
        if request.page_size > 1000 or (request.page_token and asked.rstrip("'") != request.filter):
            abort(context, "token_refused" if request.page_token else "invalid")
        start = bisect_left(self.entries, (since,))
        end = bisect_left(self.entries, (until,))
        at = start + int(place.rstrip("'") or 0)
        stop = min(at + min(self.page_entries, request.page_size), end)
        now = self.clock_ns()
        found = [held for held in self.entries[at:stop] if held.visible_ns <= now]
        if any(held.id == self.poison for held in found):
            abort(context, "invalid" if self.poison.startswith("refused") else "data_loss")
        token = f"{stop - start}|{request.filter}" if stop < end else ""
        return ANSWER(entries=[held.entry for held in found], next_page_token=token)

    def _tail(self, requests: Iterator[Any], context: grpc.ServicerContext) -> Iterator[Any]:
        self.requests.append(("Tail", next(requests)))
        for answer in self.tails.pop(0) if self.tails else ():
            if answer == "end":
                return
            if isinstance(answer, str):
                abort(context, answer)
            yield answer
        while context.is_active():
            time.sleep(0.01)


def bounds(text: str) -> tuple[int, int]:
    """Return the span that a filter asks for."""
    found = dict(_BOUND.findall(text))
    return nanoseconds(found[">="]), nanoseconds(found["<"])


def nanoseconds(text: str) -> int:
    """Return an instant with nine decimals as nanoseconds."""
    whole, _, nanos = text.removesuffix("Z").partition(".")
    return int(datetime.fromisoformat(f"{whole}+00:00").timestamp()) * 1_000_000_000 + int(nanos)
