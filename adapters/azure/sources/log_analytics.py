"""LogAnalytics: the rows of tables of a workspace, by queries of windows of time.

A row is looked for by the time of its ingestion, so that a late one lies in a new window, not in one that was read;
`by="TimeGenerated"` reads history by the rows' own time. An answer is whole or says that it is partial; there are no
pages: the engine halves the window. See https://learn.microsoft.com/azure/azure-monitor/logs/api/overview,
https://learn.microsoft.com/kusto/query/ingestion-time-function and
https://learn.microsoft.com/azure/azure-monitor/fundamentals/service-limits#log-queries-and-language. Needs
`Microsoft.OperationalInsights/workspaces/query/*/read`: role "Log Analytics Data Reader" on the workspace, or a role of
one's own with `.../query/<table>/read` alone.

Assumed, since no page says it: `_ItemId` of a row stays the same from query to query and in exports (`item_id=False`
names rows by their content instead), and rows of tables without ingestion times are found by TimeGenerated.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from azure.core.exceptions import HttpResponseError
from azure.monitor.query import LogsBatchQuery

from ....domain.errors import InvalidArgumentError
from ...acquisition import (
    Check,
    Failure,
    IncompleteWindowError,
    Overlap,
    Page,
    RateLimit,
    RequestFailedError,
    Requests,
    RetrySettings,
    SourceIdentity,
    Verdict,
    Window,
    WindowSettings,
    WindowSource,
)
from ...acquisition.window import Instant
from ...records import Origin
from .access import check_right
from .cloud import PUBLIC, AzureCloud
from .connection import AzureConnection
from .credentials import AzureCredentials
from .failures import classify
from .log_batch_query import BatchItemError, read_batch
from .log_query import GENERATED, INGESTION, MAX_ROWS, LogAnswer, checked_table, pages_of, query_text, read_answer

RATE = RateLimit(per_s=5.0, burst=5)
"""200 queries in 30 seconds per user, five at once:
https://learn.microsoft.com/azure/azure-monitor/fundamentals/service-limits#user-query-throttling."""

WINDOWS = WindowSettings(poll_s=30.0)
"""Rows can be queried 20 s to 3 min after they were written: asking more often costs and brings nothing.
https://learn.microsoft.com/azure/azure-monitor/logs/data-ingestion-time."""

OVERLAP = Overlap(each_poll_s=300.0, deep_s=1800.0, deep_every_s=900.0)
"""Rows may become visible some minutes after the time of their ingestion. The least that is advised, and more now and
then."""

SERVER_TIMEOUT_S = 180
"""The service's own default; up to 600."""

ROLE = "Log Analytics Data Reader"
RIGHT = "Microsoft.OperationalInsights/workspaces/query/read"


class LogQueries:
    """Reads tables of one workspace; several tables in one request."""

    max_rows = MAX_ROWS

    def __init__(
        self,
        connection: AzureConnection,
        workspace: str,
        tables: Sequence[str],
        *,
        stream: str,
        by: str,
        where: str,
        item_id: bool,
        server_timeout_s: int,
    ) -> None:
        self.connection, self.workspace, self.tables = connection, workspace, tuple(map(checked_table, tables))
        self._by, self._where, self._item_id, self._timeout_s = by, where, item_id, server_timeout_s
        self.identity = SourceIdentity(
            stream=stream,
            provider="azure",
            account=workspace,
            api="log-analytics",
            cursor="end of the last whole window",
            dedupe=("_ItemId",) if item_id else ("workspace", "table", by, "row"),
        )

    def classify(self, error: Exception) -> Verdict:
        """Return what an exception of the SDK means."""
        return error.verdict if isinstance(error, BatchItemError) else classify(error)

    def refresh(self) -> None:
        """Get a token anew."""
        self.connection.refresh()

    def check(self, requests: Requests) -> tuple[Check, ...]:
        """Return whether each table is there and may be queried."""
        return tuple(self._check(table, requests) for table in self.tables)

    def _check(self, table: str, requests: Requests) -> Check:
        return check_right(f"{RIGHT} ({table})", ROLE, requests, lambda: self._asked(f"{table} | take 0"))

    def pages(self, window: Window, requests: Requests) -> Iterator[Page]:
        """Yield the rows of a window, table after table."""
        waiting = {table: self._query(table, window) for table in self.tables}
        partial: list[str] = []
        while waiting:
            for table, answer in self._answers(waiting, requests).items():
                del waiting[table]
                yield from pages_of(answer, table, Origin(f"azure/{self.workspace}", {"provider": "azure"}))
                partial += [f"{table}: {reason}"] if (reason := self._lack(answer)) else []
        if partial:
            raise IncompleteWindowError("; ".join(partial))

    def _lack(self, answer: LogAnswer) -> str:
        """Return why an answer is only a part; "" where it is whole."""
        if answer.error is not None:
            return answer.error.text or "partial"
        return f"{answer.count} rows, the most that there may be" if answer.count >= self.max_rows else ""

    def _query(self, table: str, window: Window) -> str:
        return query_text(table, window, by=self._by, where=self._where, item_id=self._item_id)

    def _answers(self, queries: Mapping[str, str], requests: Requests) -> dict[str, LogAnswer]:
        """Return the answers to at least one of the queries; one that takes too long, twice, is for half a window."""
        slow: list[HttpResponseError] = []

        def send() -> dict[str, LogAnswer]:
            try:
                return self._sent(queries)
            except HttpResponseError as error:
                slow.extend([error] if error.status_code == 504 else [])
                if len(slow) > 1:
                    raise RequestFailedError(Verdict(Failure.TRUNCATED, "504: the query took too long")) from None
                raise

        return requests.call(send)

    def _sent(self, queries: Mapping[str, str]) -> dict[str, LogAnswer]:
        if len(queries) > 1:
            return self._batch(queries)
        [(table, query)] = queries.items()
        return {table: self._asked(query)}

    def _asked(self, query: str) -> LogAnswer:
        held = _Held({"tables": []})
        client = self.connection.logs(self._timeout_s)
        client.query_workspace(
            self.workspace, query, timespan=None, server_timeout=self._timeout_s, stream=True, cls=held
        )
        return read_answer(held.body)

    def _batch(self, queries: Mapping[str, str]) -> dict[str, LogAnswer]:
        asked = {table: self._part(query) for table, query in queries.items()}
        none = {"responses": [{"id": part.id, "body": {"tables": []}} for part in asked.values()]}
        held = _Held(none)
        self.connection.logs(self._timeout_s).query_batch(list(asked.values()), stream=True, cls=held)
        return read_batch(held.body, {part.id: table for table, part in asked.items()})

    def _part(self, query: str) -> LogsBatchQuery:
        return LogsBatchQuery(self.workspace, query, timespan=None, server_timeout=self._timeout_s)


class _Held:
    """Keeps an answer as it was received, and gives the SDK an empty one, whose rows it need not convert."""

    def __init__(self, empty: dict[str, Any]) -> None:
        self._empty, self.body = empty, b""

    def __call__(self, response: Any, body: Iterable[bytes], headers: Any) -> dict[str, Any]:
        self.body = b"".join(body)
        return self._empty


class LogAnalytics(WindowSource):
    """The rows of one table, or of several, each row once.

    Args:
        workspace: the workspace's id (a GUID).
        tables: a table's name, or several that share a stream and are asked for in one request.
        credentials: where they come from, or a ready `TokenCredential`.
        since: where to begin; by default an hour ago.
        by: what windows are cut by: the time of ingestion, or `TimeGenerated`.
        where: further operators of KQL, such as `where LogLevel == "error"`; they must keep `TimeGenerated`.
        item_id: name rows by `_ItemId`; else by their content.
        server_timeout_s: what a query may take, up to 600.
        stream: the stream to write; by default named by workspace and tables.
        cloud, ca_file: other addresses than the public ones.
        windows, overlap, retry, rate: see the settings.

    >>> LogAnalytics("6a1f", "ContainerLogV2")
    LogAnalytics(stream='azure/6a1f/log-analytics/ContainerLogV2')
    """

    def __init__(
        self,
        workspace: str,
        tables: str | Sequence[str],
        *,
        credentials: AzureCredentials | Any | None = None,
        since: Instant | None = None,
        by: str = INGESTION,
        where: str = "",
        item_id: bool = True,
        server_timeout_s: int = SERVER_TIMEOUT_S,
        stream: str | None = None,
        cloud: AzureCloud = PUBLIC,
        ca_file: str = "",
        windows: WindowSettings = WINDOWS,
        overlap: Overlap = OVERLAP,
        retry: RetrySettings = RetrySettings(),  # noqa: B008 - frozen
        rate: RateLimit = RATE,
    ) -> None:
        names = (tables,) if isinstance(tables, str) else tuple(tables)
        if not workspace or not names or by not in (INGESTION, GENERATED):
            raise InvalidArgumentError(
                f"workspace={workspace!r}, tables={names}, by={by!r}: give a workspace, its tables,"
                f" and {INGESTION!r} or {GENERATED!r}"
            )
        reader = LogQueries(
            AzureConnection(credentials=credentials, cloud=cloud, ca_file=ca_file),
            workspace,
            names,
            stream=stream or f"azure/{workspace}/log-analytics/{'+'.join(names)}",
            by=by,
            where=where,
            item_id=item_id,
            server_timeout_s=server_timeout_s,
        )
        super().__init__(reader, since=since, windows=windows, overlap=overlap, retry=retry, rate=rate)
