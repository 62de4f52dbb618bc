"""ActivityLog: who changed what in a subscription: deployments, scaling, health, policy, security.

By the REST API, which keeps 90 days, with the events' own times; entries appear 3 to 20 minutes late. Autoscale's
entries become `ScalingRecorded`. See https://learn.microsoft.com/rest/api/monitor/activity-logs/list. Needs
`Microsoft.Insights/eventtypes/values/read`: role "Monitoring Reader" on the subscription.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from ....domain.errors import InvalidArgumentError
from ...acquisition import (
    Check,
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
    page_of,
)
from ...acquisition.window import Instant
from ...records import Origin
from .access import check_right
from .cloud import PUBLIC, AzureCloud
from .connection import AzureConnection
from .credentials import AzureCredentials
from .failures import classify
from .instants import rfc3339
from .management_pages import managed_list

RATE = RateLimit(per_s=3.0, burst=10)
"""Far below the 25 reads a second of a subscription, so that others find it as it was:
https://learn.microsoft.com/azure/azure-resource-manager/management/request-limits-and-throttling."""

WINDOWS = WindowSettings(poll_s=60.0)

OVERLAP = Overlap(each_poll_s=1200.0, deep_s=7200.0, deep_every_s=3600.0)
"""https://learn.microsoft.com/azure/azure-monitor/logs/data-ingestion-time#azure-metrics-resource-logs-activity-log:
3 to 20 minutes."""

VERSION = "2015-04-01"
ROLE = "Monitoring Reader"
RIGHT = "Microsoft.Insights/eventtypes/values/read"


class ListActivity:
    """Reads the events of a subscription's activity log."""

    def __init__(self, connection: AzureConnection, subscription: str, *, stream: str, filter: str) -> None:
        self.connection, self.subscription, self._filter = connection, subscription, filter
        self.identity = SourceIdentity(
            stream=stream,
            provider="azure",
            account=subscription,
            api="management",
            cursor="end of the last whole window",
            dedupe=("eventDataId",),
        )

    def classify(self, error: Exception) -> Verdict:
        """Return what an exception of the SDK means."""
        return classify(error)

    def refresh(self) -> None:
        """Get a token anew."""
        self.connection.refresh()

    def check(self, requests: Requests) -> tuple[Check, ...]:
        """Return whether the events of the last second may be listed."""
        now_ns = requests.runtime.now_ns()
        url = f"{self.connection.cloud.management}{self._path}"
        asked = self._params(Window(now_ns - 1_000_000_000, now_ns))

        def send() -> Any:
            return self.connection.ask("GET", url, audience=self.connection.cloud.management, params=asked)

        return (check_right(RIGHT, ROLE, requests, send),)

    def pages(self, window: Window, requests: Requests) -> Iterator[Page]:
        """Yield the events of a window; the service counts its end in, and the ledger keeps nothing twice."""
        origin = Origin(self.identity.stream, {"provider": "azure", "account": self.subscription})
        for items in managed_list(self.connection, requests, self._path, self._params(window)):
            if items:
                yield page_of([msgspec.json.encode(item) for item in items], origin)

    @property
    def _path(self) -> str:
        return f"/subscriptions/{self.subscription}/providers/Microsoft.Insights/eventtypes/management/values"

    def _params(self, window: Window) -> dict[str, str]:
        since, until = rfc3339(window.since_ns), rfc3339(window.until_ns)
        wanted = f"eventTimestamp ge '{since}' and eventTimestamp le '{until}'"
        return {"api-version": VERSION, "$filter": f"{wanted} and {self._filter}" if self._filter else wanted}


class ActivityLog(WindowSource):
    """The activity log of a subscription, each event once.

    Args:
        subscription: its id.
        filter: a further condition of the API, such as `resourceGroupName eq 'shop'`.
        credentials: where they come from, or a ready `TokenCredential`.
        since: where to begin, up to 90 days ago; by default an hour ago.
        stream: the stream to write; by default named by the subscription.
        cloud, ca_file: other addresses than the public ones.
        windows, overlap, retry, rate: see the settings.

    >>> ActivityLog("0b1f2c3d")
    ActivityLog(stream='azure/0b1f2c3d/activity-log')
    """

    def __init__(
        self,
        subscription: str,
        *,
        filter: str = "",
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
        if not subscription:
            raise InvalidArgumentError("subscription is empty: give the id of a subscription")
        connection = AzureConnection(credentials=credentials, cloud=cloud, ca_file=ca_file)
        name = stream or f"azure/{subscription}/activity-log"
        reader = ListActivity(connection, subscription, stream=name, filter=filter)
        super().__init__(reader, since=since, windows=windows, overlap=overlap, retry=retry, rate=rate)


def deployment_activity(subscription: str, **settings: Any) -> ActivityLog:
    """Return a source of what Resource Manager itself did: deployments, with who started them and how they ended.

    The other events of a deployment, those of the resources that it wrote, have its `correlationId`; `ActivityLog`
    without a filter reads them too.

    Args:
        subscription: its id.
        settings: those of `ActivityLog`.

    >>> deployment_activity("0b1f2c3d")
    ActivityLog(stream='azure/0b1f2c3d/activity-log/deployments')
    """
    told = {"filter": "resourceProvider eq 'Microsoft.Resources'"}
    return ActivityLog(subscription, **{"stream": f"azure/{subscription}/activity-log/deployments", **told, **settings})
