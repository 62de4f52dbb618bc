"""TailLogEntries: entries as Cloud Logging receives them, a few seconds after they were written.

The entries have the ids that entries.list gives them, so they are stored as they come; what the tail leaves out
(`suppression_info`: 60,000 entries a minute, or a reader that is too slow) is handed to the listing as a gap. A session
lasts an hour at most and ends with OUT_OF_RANGE. See
https://cloud.google.com/logging/docs/reference/v2/rpc/google.logging.v2#google.logging.v2.TailLogEntriesRequest and
https://cloud.google.com/logging/quotas: ten sessions per project.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from google.api_core.exceptions import DeadlineExceeded, OutOfRange
from google.cloud.logging_v2.types import TailLogEntriesRequest, TailLogEntriesResponse
from google.protobuf.duration_pb2 import Duration

from ...acquisition import Check, Delivery, Lost, Requests, SourceIdentity, Verdict
from .connection import GcpConnection
from .failures import classify
from .grpc_session import GrpcSession
from .log_pages import pages_of

SESSION_S = 3500.0
"""A session ends by itself a little before the hour at which the service ends it."""

BUFFER_S = 2
"""How long the service waits for entries that are out of order: its default; more is later, less is less ordered."""

_LOOK_S = 0.5
_NS = 1_000_000_000


class TailLogEntries:
    """Listens to the entries of some resources."""

    def __init__(self, connection: GcpConnection, resources: Sequence[str], condition: str, stream: str) -> None:
        self.connection, self.condition, self.resources = connection, condition, list(resources)
        self.identity = SourceIdentity(
            stream=stream,
            provider="gcp",
            account=connection.project,
            api="logging-tail",
            cursor="none",
            dedupe=("logName", "timestamp", "insertId"),
        )

    def classify(self, error: Exception) -> Verdict:
        """Return what an exception of Google's libraries means."""
        return classify(error)

    def refresh(self) -> None:
        """Get credentials anew."""
        self.connection.refresh()

    def check(self, requests: Requests) -> tuple[Check, ...]:
        """Return nothing: a tail needs the right that the listing needs, and ten sessions are few to try with."""
        return ()

    def deliveries(self, positions: Mapping[str, str], requests: Requests) -> Iterator[Delivery]:
        """Yield entries as they come, and the spans of time of which some were left out."""
        asked = TailLogEntriesRequest(
            resource_names=self.resources, filter=self.condition, buffer_window=Duration(seconds=BUFFER_S)
        )
        session = GrpcSession(self.connection.logging, "tail_log_entries", asked, timeout_s=SESSION_S)
        heard_ns = requests.runtime.now_ns()
        yield Delivery(hint=True)  # what came before this session, the listing has
        try:
            for answer in session.answers(every_s=_LOOK_S):
                yield from self._of_answer(answer, heard_ns, requests)
                heard_ns = requests.runtime.now_ns()
        except (OutOfRange, DeadlineExceeded):
            return  # the hour is over, which is no trouble

    def _of_answer(self, answer: Any, heard_ns: int, requests: Requests) -> Iterator[Delivery]:
        if answer is None:
            yield Delivery()
            return
        told, now_ns = TailLogEntriesResponse.pb(answer), requests.runtime.now_ns()
        for page in pages_of(told.entries, self.identity, now_ns):
            yield Delivery(page=page)
        if told.suppression_info:
            times = [entry.timestamp.ToNanoseconds() for entry in told.entries]
            since_ns = min([heard_ns - BUFFER_S * _NS, *times])
            yield Delivery(lost=(Lost(since_ns, max([now_ns, *times]) + 1, _reason(told.suppression_info)),))


def _reason(suppressed: Sequence[Any]) -> str:
    """Return what was left out, as the service says it; its counts are lower bounds."""
    parts = [f"{one.suppressed_count} or more: {type(one).Reason.Name(one.reason)}" for one in suppressed]
    return f"the tail left out entries ({', '.join(parts)})"
