"""CostExplorer: what an account's usage costs, by day (or month, hour) and by up to two dimensions.

Each request costs a cent, so polls are few; a period changes until its month is closed, so the last weeks are read
again, and what has changed replaces what was. The API has no paginator in boto3, and its last token is no token. See
https://docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_GetCostAndUsage.html. Needs
`ce:GetCostAndUsage` in the account that pays. Cost reports in S3 are finer, and are read by `S3Objects`; do not read
the same costs twice.
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
    Overlap,
    Page,
    RateLimit,
    Requests,
    RetrySettings,
    SourceIdentity,
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
from .paging import answers
from .reader import AwsReader

REGION = "us-east-1"
"""Where the service is, for all regions: https://docs.aws.amazon.com/general/latest/gr/billing.html."""

DAY_S = 86_400.0

GROUP_BY = ("SERVICE", "USAGE_TYPE")
METRICS = ("UnblendedCost", "AmortizedCost", "UsageQuantity")

RATE = RateLimit(per_s=1.0, burst=1)
"""A cent each."""

WINDOWS = WindowSettings(
    window_s=31 * DAY_S, least_s=DAY_S, align_s=DAY_S, back_s=31 * DAY_S, poll_s=6 * 3600.0, heal_after_s=6 * 3600.0
)
"""Chosen: costs are updated up to three times a day."""

OVERLAP = Overlap(each_poll_s=2 * DAY_S, deep_s=36 * DAY_S, deep_every_s=DAY_S)
"""The last days change all the time; a month may change until it is closed, some days into the next."""

_GRANULARITIES = ("DAILY", "MONTHLY", "HOURLY")


class CostAndUsage(AwsReader):
    """Reads costs by period."""

    def __init__(
        self,
        connection: AwsConnection,
        stream: str,
        *,
        granularity: str,
        group_by: Sequence[str],
        metrics: Sequence[str],
        condition: Mapping[str, Any] | None,
    ) -> None:
        identity = SourceIdentity(
            stream=stream,
            provider="aws",
            account=connection.account,
            region=connection.region,
            api="ce",
            cursor="end of the last whole window",
            dedupe=("account", "period", "group", "amounts"),
        )
        super().__init__(connection, identity)
        self._granularity = granularity
        self._asked: dict[str, Any] = {"Granularity": granularity, "Metrics": list(metrics)}
        if group_by:
            self._asked["GroupBy"] = [_definition(one) for one in group_by]
        if condition:
            self._asked["Filter"] = dict(condition)

    @property
    def place(self) -> dict[str, str]:
        """Return what is known of every record: no region, since the answer tells."""
        return {"provider": "aws", "account": self.connection.account}

    def check(self, requests: Requests) -> tuple[Check, ...]:
        """Return whether the credentials work and may read costs; asks for one day, which costs a cent."""
        now_ns = requests.runtime.now_ns()
        day = Window(now_ns - int(2 * DAY_S) * NS, now_ns - int(DAY_S) * NS)
        right = check_right("ce:GetCostAndUsage", requests, lambda: self._get(**self._arguments(day)))
        return check_identity(self.connection, requests), right

    def pages(self, window: Window, requests: Requests) -> Iterator[Page]:
        """Yield the costs of a window's periods, the start of each inclusive, the end exclusive."""
        origin = Origin(self.identity.stream, self.place, requests.runtime.now_ns())
        asked = self._arguments(window)
        for answer in answers(requests, self._get, asked, whole="ResultsByTime", token="NextPageToken"):
            definitions = {"GroupDefinitions": answer.get("GroupDefinitions", asked.get("GroupBy", []))}
            periods = answer["ResultsByTime"]
            yield page_of([msgspec.json.encode(definitions | {"ResultsByTime": [one]}) for one in periods], origin)

    def _arguments(self, window: Window) -> dict[str, Any]:
        form = "%Y-%m-%dT%H:%M:%SZ" if self._granularity == "HOURLY" else "%Y-%m-%d"
        since, until = instant(window.since_ns), instant(window.until_ns)
        if self._granularity == "MONTHLY":
            since = since.replace(day=1)  # else the first month would be a part, under another key
        return {**self._asked, "TimePeriod": {"Start": since.strftime(form), "End": until.strftime(form)}}

    def _get(self, **asked: Any) -> Any:
        return self.connection.client("ce").get_cost_and_usage(**asked)


def _definition(name: str) -> dict[str, str]:
    kind, _, key = name.partition(":")
    return {"Type": kind, "Key": key} if key else {"Type": "DIMENSION", "Key": name}


class CostExplorer(WindowSource):
    """Costs of an account, in their latest version.

    Args:
        account: whose costs; the payer's has those of all members.
        granularity: `DAILY`, `MONTHLY`, or `HOURLY` (kept for 14 days).
        group_by: up to two: a dimension (`SERVICE`, `REGION`, `LINKED_ACCOUNT`), `TAG:env`, `COST_CATEGORY:team`.
        metrics: of money and usage, as the API names them.
        condition: the API's `Filter`.
        credentials: where they come from, or a ready `boto3.Session`.
        since: where to begin; by default a month ago.
        stream: the stream to write; by default named by account and granularity.
        region, endpoint_url: another address than the public one.
        windows, overlap, retry, rate, circuit: see the settings.

    >>> CostExplorer(account="123456789012")
    CostExplorer(stream='aws/123456789012/costs-daily')
    """

    def __init__(
        self,
        *,
        account: str,
        region: str = REGION,
        granularity: str = "DAILY",
        group_by: Sequence[str] = GROUP_BY,
        metrics: Sequence[str] = METRICS,
        condition: Mapping[str, Any] | None = None,
        credentials: AwsCredentials | boto3.Session | None = None,
        since: Instant | None = None,
        stream: str | None = None,
        endpoint_url: str | None = None,
        windows: WindowSettings = WINDOWS,
        overlap: Overlap = OVERLAP,
        retry: RetrySettings = RetrySettings(),  # noqa: B008 - frozen
        rate: RateLimit = RATE,
        circuit: BreakerSettings = BreakerSettings(),  # noqa: B008 - frozen
    ) -> None:
        if granularity not in _GRANULARITIES or len(group_by) > 2 or not metrics:
            raise InvalidArgumentError(
                f"granularity={granularity!r}, {len(group_by)} groups, {len(metrics)} metrics:"
                f" give one of {', '.join(_GRANULARITIES)}, two groups at most, and a metric"
            )
        connection = AwsConnection(account, region, credentials=credentials, endpoint_url=endpoint_url)
        reader = CostAndUsage(
            connection,
            stream or f"aws/{account}/costs-{granularity.lower()}",
            granularity=granularity,
            group_by=group_by,
            metrics=metrics,
            condition=condition,
        )
        super().__init__(reader, since=since, windows=windows, overlap=overlap, retry=retry, rate=rate, circuit=circuit)
