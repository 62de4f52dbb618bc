"""CloudMonitoring: the points of time series, by timeSeries.list over REST.

Points as they were written never change; aligned ones do until all points of their period are there, so they are read
only when they have settled. Services write points some minutes late. See
https://cloud.google.com/monitoring/api/ref_v3/rest/v3/projects.timeSeries/list and
https://cloud.google.com/monitoring/api/v3/latency-n-retention. Needs `roles/monitoring.viewer`
(`monitoring.timeSeries.list`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import msgspec
from google.auth.credentials import Credentials

from ....domain.errors import InvalidArgumentError
from ....domain.event_id import event_ids
from ...acquisition import (
    Check,
    IncompleteWindowError,
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
    page_of,
)
from ...acquisition.window import NS, Instant
from ...records import Origin
from .access import check_right
from .connection import GcpConnection
from .credentials import GcpCredentials
from .failures import classify
from .log_filters import instant
from .rest import asked

PAGE_POINTS = 10_000
"""Points in a page. Chosen: a few MB; the API gives up to 100,000."""

SETTLE_S = 300.0
"""How old the end of a period must be. Google's page on latency: most points can be read after 3 to 4 minutes."""

RATE = RateLimit(per_s=20.0, burst=20)
"""Of the 6,000 queries a minute of https://cloud.google.com/monitoring/quotas, a fifth."""

WINDOWS = WindowSettings(poll_s=60.0, least_s=60.0)

OVERLAP = Overlap(each_poll_s=600.0, deep_s=7200.0, deep_every_s=3600.0)
"""Points of some services come much later than others."""

_PUBLIC = "https://monitoring.googleapis.com"
_SCOPE = "monitoring.read"


class ListTimeSeries:
    """Reads time series by timeSeries.list."""

    def __init__(
        self,
        connection: GcpConnection,
        filters: Sequence[str],
        *,
        stream: str,
        aligner: str,
        period_s: int,
        settle_s: float,
    ) -> None:
        self.connection, self.filters = connection, tuple(filters)
        self.aligner, self.period_s, self._settle_ns = aligner, period_s, int(settle_s * NS)
        self.identity = SourceIdentity(
            stream=stream,
            provider="gcp",
            account=connection.project,
            api="monitoring",
            cursor="end of the last whole window",
            dedupe=("metric", "resource", "aligner", "interval"),
        )

    def classify(self, error: Exception) -> Verdict:
        """Return what an exception of Google's libraries means."""
        return classify(error)

    def refresh(self) -> None:
        """Get credentials anew."""
        self.connection.refresh()

    def check(self, requests: Requests) -> tuple[Check, ...]:
        """Return whether time series may be listed."""
        now_ns = requests.runtime.now_ns()
        question = self._question(self.filters[0], now_ns - 60 * NS, now_ns) | {"pageSize": 1, "view": "HEADERS"}
        right = ("monitoring.timeSeries.list", "roles/monitoring.viewer")
        return (check_right(*right, requests, lambda: self._list(question)),)

    def pages(self, window: Window, requests: Requests) -> Iterator[Page]:
        """Yield the time series of a window, filter after filter; ends with the page that has no token."""
        until_ns = window.until_ns
        if self.aligner:
            settled_ns = requests.runtime.now_ns() - self._settle_ns
            until_ns = min(until_ns, settled_ns - settled_ns % (self.period_s * NS))
        if until_ns <= window.since_ns:
            return
        for condition in self.filters:
            yield from self._series(self._question(condition, window.since_ns, until_ns), requests)

    def _series(self, question: dict[str, Any], requests: Requests) -> Iterator[Page]:
        tokens = PageTokens()
        while True:
            answer = requests.call(lambda: self._list(question))
            found = answer.get("timeSeries", [])  # protocol buffers leave out a list that is empty
            page = self._page(found, answer.get("unit", ""), requests.runtime.now_ns()) if found else None
            if answer.get("executionErrors"):
                said = [str(error.get("message", "")) for error in answer["executionErrors"]]
                raise IncompleteWindowError(f"only a part was read: {'; '.join(said)}", page)
            if page is not None:
                yield page
            token = tokens.following(answer.get("nextPageToken"))
            if not token:
                return
            question["pageToken"] = token

    def _list(self, question: dict[str, Any]) -> dict[str, Any]:
        url = f"{self.connection.url(_PUBLIC)}/v3/projects/{self.connection.project}/timeSeries"
        return asked(self.connection, _SCOPE, url, parameters=question)

    def _question(self, condition: str, since_ns: int, until_ns: int) -> dict[str, Any]:
        """Return the parameters for the points after one instant, up to another."""
        question = {
            "filter": condition,
            "interval.startTime": instant(since_ns),
            "interval.endTime": instant(until_ns),
            "pageSize": PAGE_POINTS,
        }
        if self.aligner:
            aligned = {"perSeriesAligner": self.aligner, "alignmentPeriod": f"{self.period_s}s"}
            question |= {f"aggregation.{name}": value for name, value in aligned.items()}
        return question

    def _page(self, found: Sequence[dict[str, Any]], unit: str, now_ns: int) -> Page:
        bodies = [msgspec.json.encode({"unit": unit, **series} if unit else series) for series in found]
        origin = Origin(self.identity.stream, {"provider": "gcp", "account": self.identity.account}, now_ns)
        page = page_of(bodies, origin, context={"aligner": self.aligner} if self.aligner else None)
        # The parser names each point; a series that it does not understand is named by its content.
        ids = event_ids([f"gcp.monitoring\0{body.decode()}" for body in bodies])
        return replace(page, records=replace(page.records, ids=ids))


class CloudMonitoring(WindowSource):
    """The points of a project's time series, once each, as `MetricRecorded`.

    Args:
        project: whose metrics are read.
        metrics: metric types, such as `run.googleapis.com/request_count`, or whole monitoring filters.
        aligner: how the points of a period become one (`ALIGN_MEAN`, ...); by default they are read as written.
        period_s: the period, for an aligner.
        settle_s: how old the end of a period must be before it is read.
        since: where to begin; by default an hour ago.
        credentials: where they come from, or ready credentials of google-auth.
        stream: the stream to write; by default named by project.
        endpoint, ca_file: another address than the public one, and whom to trust there.
        windows, overlap, retry, rate: see the settings; with an aligner windows are of whole periods.

    >>> CloudMonitoring("shop-prod", ["run.googleapis.com/request_count"])
    CloudMonitoring(stream='gcp/shop-prod/metrics')
    """

    def __init__(
        self,
        project: str,
        metrics: Sequence[str],
        *,
        aligner: str = "",
        period_s: int = 60,
        settle_s: float = SETTLE_S,
        since: Instant | None = None,
        credentials: GcpCredentials | Credentials | None = None,
        stream: str | None = None,
        endpoint: str = "",
        ca_file: str = "",
        windows: WindowSettings = WINDOWS,
        overlap: Overlap = OVERLAP,
        retry: RetrySettings = RetrySettings(),  # noqa: B008 - frozen
        rate: RateLimit = RATE,
    ) -> None:
        if isinstance(metrics, str) or not metrics:
            raise InvalidArgumentError("metrics is empty or a text: give a list of metric types or filters")
        if aligner and overlap.each_poll_s < settle_s + period_s:
            raise InvalidArgumentError(
                f"each_poll_s={overlap.each_poll_s} is less than settle_s={settle_s} and a period: some would be lost"
            )
        if aligner:
            windows = msgspec.structs.replace(windows, align_s=float(period_s), least_s=max(windows.least_s, period_s))
        connection = GcpConnection(project, credentials=credentials, endpoint=endpoint, ca_file=ca_file)
        reader = ListTimeSeries(
            connection,
            [filter_of(metric) for metric in metrics],
            stream=stream or f"gcp/{project}/metrics",
            aligner=aligner,
            period_s=period_s,
            settle_s=settle_s,
        )
        super().__init__(reader, since=since, windows=windows, overlap=overlap, retry=retry, rate=rate)


def filter_of(metric: str) -> str:
    """Return the monitoring filter of a metric type; a filter stays.

    >>> filter_of("run.googleapis.com/request_count")
    'metric.type="run.googleapis.com/request_count"'
    """
    return metric if "=" in metric else f'metric.type="{metric}"'
