"""AzureMetrics: the points of platform metrics, by metrics:getBatch, up to 50 resources of a region in one request.

A minute's point changes until all of it has arrived, so points are read only when they have settled. They are written
in the form in which diagnostic settings export them. See
https://learn.microsoft.com/rest/api/monitor/metrics-batch/batch and
https://learn.microsoft.com/azure/azure-monitor/metrics/migrate-to-batch-api. Needs `Microsoft.Insights/metrics/read`:
role "Monitoring Reader" on the subscription.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

from ....domain.errors import InvalidArgumentError
from ...acquisition import (
    Check,
    IncompleteWindowError,
    Overlap,
    Page,
    RateLimit,
    Requests,
    RetrySettings,
    SourceIdentity,
    Verdict,
    Window,
    WindowSettings,
    WindowSource,
    has,
    page_of,
)
from ...acquisition.window import NS, Instant
from ...records import Origin
from ..metrics_parser import STATISTICS, grain_s
from .access import check_right
from .cloud import PUBLIC, AzureCloud
from .connection import AzureConnection
from .credentials import AzureCredentials
from .failures import classify
from .instants import rfc3339

MOST_RESOURCES, MOST_METRICS = 50, 20
"""In one request."""

SETTLE_S = 300.0
"""How old the end of a grain must be. Points come within three minutes:
https://learn.microsoft.com/azure/azure-monitor/logs/data-ingestion-time#azure-metrics-resource-logs-activity-log."""

RATE = RateLimit(per_s=10.0, burst=10)
"""Of the 360,000 calls an hour of a subscription, a tenth."""

WINDOWS = WindowSettings(poll_s=60.0, least_s=60.0, align_s=60.0)
OVERLAP = Overlap(each_poll_s=600.0, deep_s=3600.0, deep_every_s=1800.0)
VERSION = "2024-02-01"
ROLE = "Monitoring Reader"
RIGHT = "Microsoft.Insights/metrics/read"


class GetMetricsBatch:
    """Reads metrics of one namespace, for resources of one subscription and region."""

    def __init__(
        self,
        connection: AzureConnection,
        subscription: str,
        region: str,
        *,
        stream: str,
        namespace: str,
        metrics: Sequence[str],
        resources: Sequence[str],
        statistics: Sequence[str],
        grain: str,
        split_by: Sequence[str],
        settle_s: float,
    ) -> None:
        self.connection, self.region, self._resources = connection, region, tuple(resources)
        self._grain, self._settle_ns, self._statistics = grain, int(settle_s * NS), tuple(statistics)
        endpoint = connection.cloud.metrics.format(region=region)
        self._url = f"{endpoint}/subscriptions/{subscription}/metrics:getBatch"
        self._params = {
            "api-version": VERSION,
            "metricnamespace": namespace,
            "metricnames": ",".join(metrics),
            "aggregation": ",".join(statistics),
            "interval": grain,
        }
        if split_by:
            self._params |= {"filter": " and ".join(f"{name} eq '*'" for name in split_by), "top": "1000"}
        self.identity = SourceIdentity(
            stream=stream,
            provider="azure",
            account=subscription,
            region=region,
            api="metrics",
            cursor="end of the last whole window",
            dedupe=("metric", "resource", "dimensions", "grain", "time", "statistic"),
        )

    def classify(self, error: Exception) -> Verdict:
        """Return what an exception of the SDK means."""
        return classify(error)

    def refresh(self) -> None:
        """Get a token anew."""
        self.connection.refresh()

    def check(self, requests: Requests) -> tuple[Check, ...]:
        """Return whether metrics of the first resource may be read."""
        now_ns = requests.runtime.now_ns()
        window = Window(now_ns - 600 * NS, now_ns)
        return (check_right(RIGHT, ROLE, requests, lambda: self._sent(window, self._resources[:1])),)

    def pages(self, window: Window, requests: Requests) -> Iterator[Page]:
        """Yield the settled points of a window, up to 50 resources at a time."""
        grain_ns = grain_s(self._grain) * NS
        settled_ns = requests.runtime.now_ns() - self._settle_ns
        window = Window(window.since_ns, min(window.until_ns, settled_ns - settled_ns % grain_ns))
        failed: list[str] = []
        for start in range(0, len(self._resources), MOST_RESOURCES) if window.until_ns > window.since_ns else ():
            part = self._resources[start : start + MOST_RESOURCES]
            answer = requests.call(lambda part=part: self._sent(window, part), whole=has("values"))  # type: ignore[misc]
            for value in answer["values"]:
                failed += _failed(value)
                yield self._page(value, requests.runtime.now_ns())
        if failed:
            raise IncompleteWindowError("; ".join(sorted(set(failed))))

    def _sent(self, window: Window, resources: Sequence[str]) -> dict[str, Any]:
        span = {"starttime": rfc3339(window.since_ns), "endtime": rfc3339(window.until_ns)}
        return self.connection.ask(
            "POST",
            self._url,
            audience=self.connection.cloud.metrics_audience,
            params=self._params | span,
            body={"resourceids": list(resources)},
        )

    def _page(self, value: Mapping[str, Any], now_ns: int) -> Page:
        """Return the points of one resource as records of diagnostic settings."""
        region = value.get("resourceregion", self.region)
        bodies = [
            msgspec.json.encode(
                {
                    **{name: point[name] for name in self._statistics if point.get(name) is not None},
                    "resourceId": value["resourceid"],
                    "time": point["timeStamp"],
                    "metricName": metric["name"]["value"],
                    "timeGrain": self._grain,
                    "unit": metric.get("unit", ""),
                    "region": region,
                    "dimensions": {one["name"]["value"]: one["value"] for one in series.get("metadatavalues", ())},
                }
            )
            for metric in value.get("value", ())
            for series in metric.get("timeseries", ())
            for point in series.get("data", ())
            if any(point.get(name) is not None for name in self._statistics)
        ]
        return page_of(bodies, Origin(self.identity.stream, {"provider": "azure"}, now_ns))


def _failed(value: Mapping[str, Any]) -> list[str]:
    """Return what the service could not say of the metrics of one resource."""
    return [
        f"{metric['name']['value']}: {metric['errorCode']} {metric.get('errorMessage', '')}".strip()
        for metric in value.get("value", ())
        if metric.get("errorCode", "Success") != "Success"
    ]


class AzureMetrics(WindowSource):
    """The points of platform metrics, once each, as `MetricRecorded`.

    Args:
        subscription, region: where the resources are.
        namespace: their type, such as `Microsoft.Web/sites`.
        metrics: names of metrics, up to 20.
        resources: ids of the resources.
        statistics: which of average, total, minimum, maximum and count.
        grain: how long the time of a point is, such as `PT1M`.
        split_by: dimensions by which each metric is split.
        settle_s: how old the end of a grain must be before it is read.
        credentials: where they come from, or a ready `TokenCredential`.
        since: where to begin; by default an hour ago.
        stream: the stream to write; by default named by subscription, region and namespace.
        cloud, ca_file: other addresses than the public ones.
        windows, overlap, retry, rate: see the settings.

    >>> AzureMetrics("0b1f", "westeurope", "Microsoft.Web/sites", ["Requests"], ["/subscriptions/0b1f/..."])
    AzureMetrics(stream='azure/0b1f/westeurope/metrics/Microsoft.Web/sites')
    """

    def __init__(
        self,
        subscription: str,
        region: str,
        namespace: str,
        metrics: Sequence[str],
        resources: Sequence[str],
        *,
        statistics: Sequence[str] = STATISTICS,
        grain: str = "PT1M",
        split_by: Sequence[str] = (),
        settle_s: float = SETTLE_S,
        credentials: AzureCredentials | Any | None = None,
        since: Instant | None = None,
        stream: str | None = None,
        cloud: AzureCloud = PUBLIC,
        ca_file: str = "",
        windows: WindowSettings = WINDOWS,
        overlap: Overlap = OVERLAP,
        retry: RetrySettings = RetrySettings(),  # noqa: B008 - frozen
        rate: RateLimit = RATE,
    ) -> None:
        if not all((subscription, region, namespace, metrics, resources)) or len(metrics) > MOST_METRICS:
            raise InvalidArgumentError(
                f"give a subscription, a region, a namespace, up to {MOST_METRICS} metrics, and resources"
            )
        if not grain_s(grain) or not statistics or not set(statistics) <= set(STATISTICS):
            raise InvalidArgumentError(
                f"grain={grain!r}, statistics={tuple(statistics)}: give PT1M and so on, and some"
            )
        reader = GetMetricsBatch(
            AzureConnection(credentials=credentials, cloud=cloud, ca_file=ca_file),
            subscription,
            region,
            stream=stream or f"azure/{subscription}/{region}/metrics/{namespace}",
            namespace=namespace,
            metrics=metrics,
            resources=resources,
            statistics=statistics,
            grain=grain,
            split_by=split_by,
            settle_s=settle_s,
        )
        super().__init__(reader, since=since, windows=windows, overlap=overlap, retry=retry, rate=rate)
