"""CloudWatchInsights: entries of several log groups by one query of Logs Insights, filtered where they lie.

For chosen groups where FilterLogEvents would read too much for what is wanted; a query is charged by what it scans. A
query gives 10,000 entries at most here: a window with more is halved. Its two ends are inclusive seconds, so a second
more is asked for, and what is outside the window left out. Only a `Complete` query has everything. See
https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_StartQuery.html and
https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_GetQueryResults.html. Needs `logs:StartQuery`,
`logs:GetQueryResults` and `logs:StopQuery`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from functools import partial
from typing import Any

import boto3
import msgspec
import numpy as np

from ....domain.columns import StringColumn
from ....domain.errors import InvalidArgumentError
from ....domain.event_id import event_ids
from ....domain.timestamps import parse_timestamp_ns
from ...acquisition import (
    BreakerSettings,
    Check,
    IncompleteWindowError,
    Overlap,
    Page,
    RateLimit,
    Requests,
    RetrySettings,
    SourceIdentity,
    Window,
    WindowSettings,
    WindowSource,
    has,
)
from ...acquisition.window import NS, Instant
from ...records import Origin, Records
from ..cloudwatch_envelope import ENVELOPE
from .access import check_identity, check_right
from .connection import AwsConnection, AwsCredentials
from .reader import AwsReader

MOST_ROWS = 10_000
"""Of one answer; more would need tokens that live for an hour and exist for one query language only."""

LOOK_S = 1.0
"""Between two looks at a query that runs. Chosen: most take seconds."""

LONGEST_S = 900.0
"""A query is stopped after this, and its window halved. Chosen: one that takes so long scans too much at once."""

RATE = RateLimit(per_s=5.0, burst=5)
"""StartQuery and GetQueryResults: https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/cloudwatch_limits_cwl.html."""

WINDOWS = WindowSettings(align_s=1.0, poll_s=60.0)

_FIELDS = "fields @timestamp, @ingestionTime, @log, @logStream, @message"
_RUNNING = frozenset({"Scheduled", "Running", "Unknown"})


class QueriedEntries(AwsReader):
    """Reads windows by queries."""

    def __init__(
        self, connection: AwsConnection, log_groups: Sequence[str], stream: str, *, condition: str, most_rows: int
    ) -> None:
        identity = SourceIdentity(
            stream=stream,
            provider="aws",
            account=connection.account,
            region=connection.region,
            api="logs-insights",
            cursor="end of the last whole window",
            dedupe=("@log", "@logStream", "@timestamp", "@ingestionTime", "@message", "number among equals"),
        )
        super().__init__(connection, identity)
        named = "logGroupIdentifiers" if any(one.startswith("arn:") for one in log_groups) else "logGroupNames"
        narrowed = f" | filter {condition}" if condition else ""
        self._most_rows = most_rows
        self._asked: dict[str, Any] = {
            named: [one.removesuffix(":*") for one in log_groups],
            "queryString": f"{_FIELDS}{narrowed} | sort @timestamp asc | limit {most_rows}",
            "limit": most_rows,
        }

    def check(self, requests: Requests) -> tuple[Check, ...]:
        """Return whether the credentials work, and may begin and stop a query of the groups."""
        began: list[str] = []

        def begin() -> None:
            began.append(self._client().start_query(**{**self._asked, "startTime": 0, "endTime": 1})["queryId"])

        checks = [check_identity(self.connection, requests), check_right("logs:StartQuery", requests, begin)]
        checks += [check_right("logs:GetQueryResults", requests, partial(self._look, query)) for query in began]
        for query in began:
            self._stop(query)
        return tuple(checks)

    def pages(self, window: Window, requests: Requests) -> Iterator[Page]:
        """Yield the entries of a window, all at once.

        Raises:
            IncompleteWindowError: the query failed, took too long, or gave as many rows as it may.
        """
        asked = {**self._asked, "startTime": window.since_ns // NS, "endTime": -(-window.until_ns // NS)}
        query = requests.call(lambda: self._client().start_query(**asked), whole=has("queryId"))["queryId"]
        answer = self._finished(query, requests)
        rows = [{field.get("field", ""): field.get("value", "") for field in row} for row in answer["results"]]
        page = self._page(rows, window, requests.runtime.now_ns())
        if answer["status"] != "Complete":
            raise IncompleteWindowError(f"the query ended as {answer['status']}", page)
        if len(rows) >= self._most_rows:
            raise IncompleteWindowError(f"a query gives {self._most_rows} rows at most", page)
        if len(page.records):
            yield page

    def _finished(self, query: str, requests: Requests) -> Any:
        """Return a query's answer once it runs no more; one that is given up is stopped, since it costs."""
        clock, answer = requests.runtime.monotonic, None
        until = clock() + LONGEST_S
        try:
            while answer is None and clock() < until:
                found = requests.call(partial(self._look, query), whole=has("results", "status"))
                answer = None if found["status"] in _RUNNING else found
                if answer is None:
                    requests.runtime.wait(LOOK_S)
            if answer is None:
                raise IncompleteWindowError(f"the query ran for more than {LONGEST_S:.0f} s")
            return answer
        finally:
            if answer is None:
                self._stop(query)

    def _look(self, query: str) -> Any:
        return self._client().get_query_results(queryId=query)

    def _stop(self, query: str) -> None:
        with suppress(Exception):  # it may have ended by itself; if not, it ends within the hour
            self._client().stop_query(queryId=query)

    def _client(self) -> Any:
        return self.connection.client("logs")

    def _page(self, rows: list[dict[str, str]], window: Window, now_ns: int) -> Page:
        """Return rows as records, in the form that the entries of a log group have."""
        timed = [(parse_timestamp_ns(row.get("@timestamp", "")) or 0, row) for row in rows]
        kept = [(at, row) for at, row in timed if not at or window.since_ns <= at < window.until_ns]
        payloads = [msgspec.json.encode(_entry(at, row)) for at, row in kept]
        times = np.array([at for at, _ in kept], np.int64)
        records = Records(
            payloads,
            [row.get("@message", "").encode("utf-8", "surrogatepass") for _, row in kept],
            Origin(self.identity.stream, self.place, now_ns),
            np.arange(len(kept), dtype=np.int64),
            np.zeros(len(kept), np.int64),
            StringColumn.of([self._context(row) for _, row in kept]),
            ids=event_ids(_keys([row for _, row in kept])),
            occurred_at=times,
        )
        return Page(records, sum(map(len, payloads)))

    def _context(self, row: Mapping[str, str]) -> str:
        """Return what a row says of its place; `@log` is the account and the group."""
        owner, _, group = row.get("@log", "").partition(":")
        fields = {"envelope": ENVELOPE, "owner": owner or self.connection.account, "logGroup": group}
        return msgspec.json.encode({**fields, "logStream": row.get("@logStream", "")}).decode()


def _entry(at_ns: int, row: Mapping[str, str]) -> dict[str, Any]:
    """Return what is stored of a row: what was asked for, without `@ptr`, of which nothing says that it stays."""
    return {"timestamp": at_ns // 1_000_000, "message": row.get("@message", "")}


def _keys(rows: list[dict[str, str]]) -> list[str]:
    """Return what names each row: its fields, and its number among equals, which share a window."""
    seen: Counter[str] = Counter()
    keys = []
    for row in rows:
        key = "\0".join(["aws.logs_insights", *(row.get(name, "") for name in _NAMING)])
        seen[key] += 1
        keys.append(f"{key}\0{seen[key]}")
    return keys


_NAMING = ("@log", "@logStream", "@timestamp", "@ingestionTime", "@message")


class CloudWatchInsights(WindowSource):
    """Entries of log groups that match a condition, once each.

    Args:
        log_groups: names, or ARNs where they are of other accounts; fifty at most.
        account, region: where they are.
        condition: what to filter by, in the query language: `@message like /ERROR/`.
        credentials: where they come from, or a ready `boto3.Session`.
        since: where to begin; by default an hour ago.
        stream: the stream to write; by default named by account, region and first group.
        endpoint_url: another address than the public one.
        most_rows: of one query; a window with as many is halved.
        windows, overlap, retry, rate, circuit: see the settings.

    >>> CloudWatchInsights("/ecs/pay", account="123456789012", region="eu-west-1", condition="level = 'error'")
    CloudWatchInsights(stream='aws/123456789012/eu-west-1/insights/ecs/pay')
    """

    def __init__(
        self,
        *log_groups: str,
        account: str,
        region: str,
        condition: str = "",
        credentials: AwsCredentials | boto3.Session | None = None,
        since: Instant | None = None,
        stream: str | None = None,
        endpoint_url: str | None = None,
        most_rows: int = MOST_ROWS,
        windows: WindowSettings = WINDOWS,
        overlap: Overlap = Overlap(),  # noqa: B008 - frozen
        retry: RetrySettings = RetrySettings(),  # noqa: B008 - frozen
        rate: RateLimit = RATE,
        circuit: BreakerSettings = BreakerSettings(),  # noqa: B008 - frozen
    ) -> None:
        if not 1 <= len(log_groups) <= 50 or not all(log_groups) or not 1 <= most_rows <= MOST_ROWS:
            raise InvalidArgumentError(
                f"{len(log_groups)} log groups, most_rows={most_rows}: give 1 to 50, and {MOST_ROWS} rows at most"
            )
        connection = AwsConnection(account, region, credentials=credentials, endpoint_url=endpoint_url)
        first = log_groups[0].split(":log-group:")[-1].removesuffix(":*").strip("/")
        name = stream or f"aws/{account}/{region}/insights/{first}"
        reader = QueriedEntries(connection, log_groups, name, condition=condition, most_rows=most_rows)
        super().__init__(reader, since=since, windows=windows, overlap=overlap, retry=retry, rate=rate, circuit=circuit)
