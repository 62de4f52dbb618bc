"""CloudLogging: the entries of a project's logs, by entries.list over gRPC; a tail brings them sooner.

entries.list is what is true: a page has up to 1,000 entries, may be empty, and only one without a token is the last.
Entries have times up to 24 hours ahead; 60 reads a minute are allowed per project. See
https://cloud.google.com/logging/docs/reference/v2/rest/v2/entries/list and https://cloud.google.com/logging/quotas.
Needs `roles/logging.viewer` (`logging.logEntries.list`), for data access audit logs `roles/logging.privateLogViewer`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from google.auth.credentials import Credentials
from google.cloud.logging_v2.types import ListLogEntriesRequest, ListLogEntriesResponse

from ....domain.errors import InvalidArgumentError
from ...acquisition import (
    Check,
    HintSource,
    Overlap,
    Page,
    PageTokens,
    RateLimit,
    Requests,
    RetrySettings,
    SourceIdentity,
    Verdict,
    Window,
    WindowSettings,
    WindowSource,
)
from ...acquisition.window import Instant
from .access import check_right
from .connection import TIMEOUT_S, GcpConnection
from .credentials import GcpCredentials
from .failures import classify
from .log_filters import of_span
from .log_pages import pages_of
from .log_tail import TailLogEntries

PAGE_ENTRIES = 1000
"""The most that the API gives in a page; more is refused."""

RATE = RateLimit(per_s=0.9, burst=6)
"""60 reads in any minute per project: 6 at once and 54 more."""

WINDOWS = WindowSettings(ahead_s=86400.0)
"""Cloud Logging accepts entries up to 24 hours ahead of its clock."""


class ListLogEntries:
    """Reads entries by entries.list."""

    def __init__(self, connection: GcpConnection, resources: Sequence[str], condition: str, stream: str) -> None:
        self.connection, self.condition, self.resources = connection, condition, list(resources)
        self.identity = SourceIdentity(
            stream=stream,
            provider="gcp",
            account=connection.project,
            api="logging-read",
            cursor="end of the last whole window",
            dedupe=("logName", "timestamp", "insertId"),
        )

    def classify(self, error: Exception) -> Verdict:
        """Return what an exception of Google's libraries means."""
        return classify(error)

    def refresh(self) -> None:
        """Get credentials anew."""
        self.connection.refresh()

    def check(self, requests: Requests) -> tuple[Check, ...]:
        """Return whether entries may be listed."""
        now_ns = requests.runtime.now_ns()
        asked = self._question(Window(now_ns - 1_000_000, now_ns), page_size=1)
        return (check_right("logging.logEntries.list", "roles/logging.viewer", requests, lambda: self._list(asked)),)

    def pages(self, window: Window, requests: Requests) -> Iterator[Page]:
        """Yield the entries of a window; ends with the page that has no token."""
        asked, tokens = self._question(window), PageTokens()
        while True:
            answer = requests.call(lambda: self._list(asked))
            yield from pages_of(answer.entries, self.identity, requests.runtime.now_ns())
            token = tokens.following(answer.next_page_token)
            if not token:
                return
            asked.page_token = token

    def _question(self, window: Window, *, page_size: int = PAGE_ENTRIES) -> ListLogEntriesRequest:
        return ListLogEntriesRequest(
            resource_names=self.resources,
            filter=of_span(self.condition, *window),
            order_by="timestamp asc",
            page_size=page_size,
        )

    def _list(self, asked: ListLogEntriesRequest) -> Any:
        """Return one answer, as a plain message: the wrapped ones cost several times as much to read."""
        pager = self.connection.logging().list_log_entries(request=asked, retry=None, timeout=TIMEOUT_S)
        return ListLogEntriesResponse.pb(next(iter(pager.pages)))


class CloudLogging(WindowSource):
    """The log entries of a project, once each, as they come.

    Args:
        project: whose quota is used, and whose entries are read unless `resources` names others.
        credentials: where they come from, or ready credentials of google-auth.
        since: where to begin; by default an hour ago.
        filter: only what matches, in the Logging query language.
        resources: what is read: `projects/P`, `folders/F`, `organizations/O`, `billingAccounts/B`, or a view of a
            bucket, `projects/P/locations/L/buckets/B/views/V`.
        tail: take entries also from a tail, as they come; needs `logging.logEntries.list` too.
        name: distinguishes the streams of one project that read with different filters.
        stream: the stream to write; by default named by project and name.
        endpoint, ca_file: another address than the public one, and whom to trust there.
        windows, overlap, retry, rate: see the settings.

    >>> CloudLogging("shop-prod", filter="severity>=WARNING")
    CloudLogging(stream='gcp/shop-prod/logs')
    """

    def __init__(
        self,
        project: str,
        *,
        credentials: GcpCredentials | Credentials | None = None,
        since: Instant | None = None,
        filter: str = "",
        resources: Sequence[str] = (),
        tail: bool = False,
        name: str = "",
        stream: str | None = None,
        endpoint: str = "",
        ca_file: str = "",
        windows: WindowSettings = WINDOWS,
        overlap: Overlap = Overlap(),  # noqa: B008 - frozen
        retry: RetrySettings = RetrySettings(),  # noqa: B008 - frozen
        rate: RateLimit = RATE,
    ) -> None:
        if isinstance(resources, str):
            raise InvalidArgumentError("resources is a text: give a list of resource names")
        connection = GcpConnection(project, credentials=credentials, endpoint=endpoint, ca_file=ca_file)
        where = stream or f"gcp/{project}/logs" + (f"/{name}" if name else "")
        read = tuple(resources) or (f"projects/{project}",)
        listening = TailLogEntries(connection, read, filter, f"{where}/tail") if tail else None
        super().__init__(
            ListLogEntries(connection, read, filter, where),
            since=since,
            hints=None if listening is None else HintSource(listening, retry=retry),
            windows=windows,
            overlap=overlap,
            retry=retry,
            rate=rate,
        )
