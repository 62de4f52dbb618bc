"""Scaling activities, asked for: of EC2 Auto Scaling groups, and of Application Auto Scaling (ECS, DynamoDB, ...).

An activity begins, and ends minutes or hours later with another status: so it is handed over while it runs and when it
has ended, each once. Activities that were not scaled come with their reasons. Both services keep six weeks. See
https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_DescribeScalingActivities.html and
https://docs.aws.amazon.com/autoscaling/application/APIReference/API_DescribeScalingActivities.html. Needs
`autoscaling:DescribeScalingActivities`, or `application-autoscaling:DescribeScalingActivities`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
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

KEPT_S = 42 * 86400.0
"""Six weeks, as both services keep their activities."""

LONGEST_S = 48 * 3600
"""An activity runs so long at most: lifecycle hooks hold an instance for up to 48 hours."""

WINDOWS = WindowSettings(window_s=KEPT_S, back_s=KEPT_S, poll_s=30.0, heal_within_s=KEPT_S)
"""One window for all: a request gives the newest activities first, whichever are asked for."""

RATE = RateLimit(per_s=2.0, burst=2)
"""Chosen: well below the account's limit, which the console and deployments share."""


class ScalingReader(AwsReader):
    """What both services' readers have in common."""

    def __init__(self, connection: AwsConnection, stream: str, api: str) -> None:
        identity = SourceIdentity(
            stream=stream,
            provider="aws",
            account=connection.account,
            region=connection.region,
            api=api,
            cursor="end of the last whole window",
            dedupe=("ActivityId", "status"),
        )
        super().__init__(connection, identity)

    def _page(self, found: Sequence[Mapping[str, Any]], window: Window, requests: Requests) -> Iterator[Page]:
        """Yield the activities that ran within a window, as the service's own JSON."""
        bodies = [msgspec.json.encode(one) for one in found if _ran_within(one, window)]
        if bodies:
            yield page_of(bodies, Origin(self.identity.stream, self.place, requests.runtime.now_ns()))


class GroupActivities(ScalingReader):
    """Reads the activities of Auto Scaling groups: of those that are named, else of all, deleted ones among them."""

    def __init__(self, connection: AwsConnection, stream: str, groups: Sequence[str]) -> None:
        super().__init__(connection, stream, "autoscaling")
        self._groups: list[dict[str, Any]] = [{"AutoScalingGroupName": name} for name in groups] or [{}]

    def check(self, requests: Requests) -> tuple[Check, ...]:
        """Return whether the credentials work and may read activities."""
        right = check_right(
            "autoscaling:DescribeScalingActivities", requests, lambda: self._describe(MaxRecords=1, **self._groups[0])
        )
        return check_identity(self.connection, requests), right

    def pages(self, window: Window, requests: Requests) -> Iterator[Page]:
        """Yield the activities of a window, group by group."""
        bounds = {
            "StartTimeLowerBound": instant(max(0, window.since_ns - LONGEST_S * NS)),
            "StartTimeUpperBound": instant(window.until_ns + NS),
        }
        filters = [{"Name": name, "Values": [f"{at:%Y-%m-%dT%H:%M:%SZ}"]} for name, at in bounds.items()]
        for group in self._groups:
            asked = {"MaxRecords": 100, "IncludeDeletedGroups": True, "Filters": filters, **group}
            for answer in answers(requests, self._describe, asked, whole="Activities"):
                yield from self._page(answer["Activities"], window, requests)

    def _describe(self, **asked: Any) -> Any:
        return self.connection.client("autoscaling").describe_scaling_activities(**asked)


class ServiceActivities(ScalingReader):
    """Reads the activities of Application Auto Scaling, of some namespaces."""

    def __init__(self, connection: AwsConnection, stream: str, namespaces: Sequence[str]) -> None:
        super().__init__(connection, stream, "application-autoscaling")
        self._namespaces = tuple(namespaces)

    def check(self, requests: Requests) -> tuple[Check, ...]:
        """Return whether the credentials work and may read activities."""
        asked = {"ServiceNamespace": self._namespaces[0], "MaxResults": 1}
        action = "application-autoscaling:DescribeScalingActivities"
        return (
            check_identity(self.connection, requests),
            check_right(action, requests, lambda: self._describe(**asked)),
        )

    def pages(self, window: Window, requests: Requests) -> Iterator[Page]:
        """Yield the activities of a window; the newest come first, and there is no filter of time."""
        oldest_ns = window.since_ns - LONGEST_S * NS
        for namespace in self._namespaces:
            asked = {"ServiceNamespace": namespace, "MaxResults": 50, "IncludeNotScaledActivities": True}
            for answer in answers(requests, self._describe, asked, whole="ScalingActivities"):
                found = answer["ScalingActivities"]
                yield from self._page(found, window, requests)
                if found and all(nanoseconds(one.get("StartTime")) < oldest_ns for one in found):
                    break

    def _describe(self, **asked: Any) -> Any:
        return self.connection.client("application-autoscaling").describe_scaling_activities(**asked)


def _ran_within(activity: Mapping[str, Any], window: Window) -> bool:
    """Say whether an activity had begun by the end of a window, and had not ended before it."""
    ended = activity.get("EndTime")
    return nanoseconds(activity.get("StartTime")) < window.until_ns and (
        ended is None or nanoseconds(ended) >= window.since_ns
    )


def nanoseconds(time: Any) -> int:
    """Return a time of boto3 as nanoseconds; 0 where there is none.

    >>> nanoseconds(None)
    0
    """
    return int(time.timestamp() * 1_000_000) * 1000 if isinstance(time, datetime) else 0


class AutoScalingActivities(WindowSource):
    """The activities of EC2 Auto Scaling groups: when they began, and how they ended.

    Args:
        groups: names of groups; by default all of the account's region.
        account, region: where they are.
        credentials: where they come from, or a ready `boto3.Session`.
        since: where to begin; by default six weeks ago.
        stream: the stream to write; by default named by account and region.
        endpoint_url: another address than the public one.
        windows, overlap, retry, rate, circuit: see the settings.

    >>> AutoScalingActivities(account="123456789012", region="eu-west-1")
    AutoScalingActivities(stream='aws/123456789012/eu-west-1/autoscaling')
    """

    def __init__(
        self,
        *groups: str,
        account: str,
        region: str,
        credentials: AwsCredentials | boto3.Session | None = None,
        since: Instant | None = None,
        stream: str | None = None,
        endpoint_url: str | None = None,
        windows: WindowSettings = WINDOWS,
        overlap: Overlap = Overlap(),  # noqa: B008 - frozen
        retry: RetrySettings = RetrySettings(),  # noqa: B008 - frozen
        rate: RateLimit = RATE,
        circuit: BreakerSettings = BreakerSettings(),  # noqa: B008 - frozen
    ) -> None:
        connection = AwsConnection(account, region, credentials=credentials, endpoint_url=endpoint_url)
        reader = GroupActivities(connection, stream or f"aws/{account}/{region}/autoscaling", groups)
        super().__init__(reader, since=since, windows=windows, overlap=overlap, retry=retry, rate=rate, circuit=circuit)


class ApplicationScalingActivities(WindowSource):
    """The activities of Application Auto Scaling, also those that changed nothing, with their reasons.

    Args:
        namespaces: services that scale: `ecs`, `dynamodb`, `lambda`, `rds`, `elasticache`, ...
        account, region: where they are.
        credentials: where they come from, or a ready `boto3.Session`.
        since: where to begin; by default six weeks ago.
        stream: the stream to write; by default named by account and region.
        endpoint_url: another address than the public one.
        windows, overlap, retry, rate, circuit: see the settings.

    >>> ApplicationScalingActivities("ecs", account="123456789012", region="eu-west-1")
    ApplicationScalingActivities(stream='aws/123456789012/eu-west-1/application-autoscaling')
    """

    def __init__(
        self,
        *namespaces: str,
        account: str,
        region: str,
        credentials: AwsCredentials | boto3.Session | None = None,
        since: Instant | None = None,
        stream: str | None = None,
        endpoint_url: str | None = None,
        windows: WindowSettings = WINDOWS,
        overlap: Overlap = Overlap(),  # noqa: B008 - frozen
        retry: RetrySettings = RetrySettings(),  # noqa: B008 - frozen
        rate: RateLimit = RATE,
        circuit: BreakerSettings = BreakerSettings(),  # noqa: B008 - frozen
    ) -> None:
        if not namespaces:
            raise InvalidArgumentError("no namespaces: give the services that scale, such as 'ecs'")
        connection = AwsConnection(account, region, credentials=credentials, endpoint_url=endpoint_url)
        name = stream or f"aws/{account}/{region}/application-autoscaling"
        super().__init__(
            ServiceActivities(connection, name, namespaces),
            since=since,
            windows=windows,
            overlap=overlap,
            retry=retry,
            rate=rate,
            circuit=circuit,
        )
