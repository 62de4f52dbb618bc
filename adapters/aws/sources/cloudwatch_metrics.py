"""CloudWatchMetrics: samples of chosen metrics, by GetMetricData.

Five hundred metrics in a request; an answer may hold a part of a metric (`PartialData`), of which the next page has
more. A period is read when it has ended and had a while to settle; what CloudWatch changes later is a further sample.
See https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricData.html. Needs
`cloudwatch:GetMetricData`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import boto3
import msgspec

from ....domain.errors import InvalidArgumentError
from ...acquisition import (
    BreakerSettings,
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
    page_of,
)
from ...acquisition.window import NS, Instant
from ...records import Origin
from .access import check_identity, check_right
from .cloudtrail_lookup import instant
from .connection import AwsConnection, AwsCredentials
from .metric_queries import MetricQuery
from .paging import answers
from .reader import AwsReader

QUERIES = 500
"""The most that a request takes."""

MOST_SAMPLES = 100_800
"""The most that an answer gives."""

SETTLE_S = 120
"""After a period's end until it is read. Chosen: most services publish within two minutes; later samples are met by
the overlap."""

RATE = RateLimit(per_s=10.0, burst=10)
"""Of fifty a second: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_limits.html."""


class MetricSamples(AwsReader):
    """Reads the samples of metrics, all of one period."""

    def __init__(
        self, connection: AwsConnection, metrics: Sequence[MetricQuery], stream: str, *, period_s: int, settle_s: int
    ) -> None:
        identity = SourceIdentity(
            stream=stream,
            provider="aws",
            account=connection.account,
            region=connection.region,
            api="cloudwatch-metrics",
            cursor="end of the last whole window",
            dedupe=("metric", "dimensions", "statistic", "period", "timestamp", "value"),
        )
        super().__init__(connection, identity)
        self._period_s, self._settle_s = period_s, settle_s
        self._queries = [one.asked(number, period_s) for number, one in enumerate(metrics)]

    def check(self, requests: Requests) -> tuple[Check, ...]:
        """Return whether the credentials work and may read metrics."""
        asked = {"MetricDataQueries": self._queries[:1], "StartTime": instant(0), "EndTime": instant(60 * NS)}
        right = check_right("cloudwatch:GetMetricData", requests, lambda: self._get(**asked))
        return check_identity(self.connection, requests), right

    def pages(self, window: Window, requests: Requests) -> Iterator[Page]:
        """Yield the samples of the periods that a window holds and that have settled.

        Raises:
            IncompleteWindowError: CloudWatch failed for a metric, or gave only a part of its samples.
        """
        settled_ns = requests.runtime.now_ns() - (self._settle_s + self._period_s) * NS
        span = {"StartTime": instant(window.since_ns), "EndTime": instant(window.until_ns)}
        for at in range(0, len(self._queries), QUERIES):
            asked = {"MetricDataQueries": self._queries[at : at + QUERIES], "MaxDatapoints": MOST_SAMPLES, **span}
            states: dict[str, str] = {}
            for answer in answers(requests, self._get, asked, whole="MetricDataResults"):
                results = answer["MetricDataResults"]
                states.update({one["Id"]: one.get("StatusCode", "Complete") for one in results})
                yield self._page(results, settled_ns, requests)
            self._refuse_parts(states)

    def _refuse_parts(self, states: Mapping[str, str]) -> None:
        """Say what is not whole, of what the last page of each metric said."""
        lacking = sorted(name for name, state in states.items() if state != "Complete")
        if not lacking:
            return
        told = ", ".join(f"{name}: {states[name]}" for name in lacking[:5])
        if all(states[name] == "Forbidden" for name in lacking):
            raise RequestFailedError(Verdict(Failure.DENIED, f"GetMetricData: {told}"))
        raise IncompleteWindowError(f"GetMetricData gave a part of {len(lacking)} metrics ({told})")

    def _page(self, results: Sequence[Mapping[str, Any]], settled_ns: int, requests: Requests) -> Page:
        """Return results beside their queries."""
        bodies = []
        for result in results:
            pairs = zip(result["Timestamps"], result["Values"], strict=True)
            kept = [(at, value) for at, value in pairs if int(at.timestamp()) * NS <= settled_ns]
            if kept:
                told = {**result, "Timestamps": [at for at, _ in kept], "Values": [value for _, value in kept]}
                query = self._queries[int(result["Id"][1:])]
                bodies.append(msgspec.json.encode({"MetricDataQuery": query, "MetricDataResult": told}))
        return page_of(bodies, Origin(self.identity.stream, self.place, requests.runtime.now_ns()))

    def _get(self, **asked: Any) -> Any:
        return self.connection.client("cloudwatch").get_metric_data(**asked)


class CloudWatchMetrics(WindowSource):
    """Samples of metrics, once each.

    Args:
        metrics: what to read.
        account, region: where it is.
        period_s: of all samples: 60 or a multiple, or less for metrics of high resolution.
        settle_s: seconds after a period's end until it is read.
        credentials: where they come from, or a ready `boto3.Session`.
        since: where to begin; by default three hours ago.
        stream: the stream to write; by default named by account, region and period.
        endpoint_url: another address than the public one.
        windows, overlap, retry, rate, circuit: see the settings.

    >>> queue = MetricQuery("AWS/SQS", "NumberOfMessagesSent", {"QueueName": "orders"}, "Sum")
    >>> CloudWatchMetrics(queue, account="123456789012", region="eu-west-1")
    CloudWatchMetrics(stream='aws/123456789012/eu-west-1/metrics-60s')
    """

    def __init__(
        self,
        *metrics: MetricQuery,
        account: str,
        region: str,
        period_s: int = 60,
        settle_s: int = SETTLE_S,
        credentials: AwsCredentials | boto3.Session | None = None,
        since: Instant | None = None,
        stream: str | None = None,
        endpoint_url: str | None = None,
        windows: WindowSettings | None = None,
        overlap: Overlap | None = None,
        retry: RetrySettings = RetrySettings(),  # noqa: B008 - frozen
        rate: RateLimit = RATE,
        circuit: BreakerSettings = BreakerSettings(),  # noqa: B008 - frozen
    ) -> None:
        if not metrics or period_s < 1 or settle_s < 0:
            raise InvalidArgumentError(
                f"{len(metrics)} metrics, period_s={period_s}, settle_s={settle_s}: give one or more, and real times"
            )
        connection = AwsConnection(account, region, credentials=credentials, endpoint_url=endpoint_url)
        name = stream or f"aws/{account}/{region}/metrics-{period_s}s"
        super().__init__(
            MetricSamples(connection, metrics, name, period_s=period_s, settle_s=settle_s),
            since=since,
            windows=windows or windows_of(period_s),
            overlap=overlap or overlap_of(period_s, settle_s),
            retry=retry,
            rate=rate,
            circuit=circuit,
        )


def windows_of(period_s: int) -> WindowSettings:
    """Return windows of whole periods.

    >>> windows_of(60).window_s
    10800.0
    """
    least = float(period_s)
    longest = max(10_800.0, least * 24)
    return WindowSettings(
        window_s=longest, least_s=least, align_s=least, back_s=longest, poll_s=min(300.0, max(30.0, least))
    )


def overlap_of(period_s: int, settle_s: int) -> Overlap:
    """Return an overlap that reads each period again after it has settled.

    >>> overlap_of(3600, 120).each_poll_s
    7320.0
    """
    each = settle_s + 2.0 * period_s
    return Overlap(each_poll_s=each, deep_s=each + 1800.0, deep_every_s=600.0)
