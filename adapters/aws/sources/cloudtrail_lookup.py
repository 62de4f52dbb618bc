"""CloudTrailLookup: the management events of an account's region, without a trail, by LookupEvents.

Two requests a second per account and region, fifty events each, ninety days back; events appear within about fifteen
minutes. Each has the id that it has in a trail's files. See
https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html. Needs `cloudtrail:LookupEvents`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import msgspec

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
from .connection import AwsConnection, AwsCredentials
from .paging import answers
from .reader import AwsReader

PAGE_EVENTS = 50
"""The most that the API gives in a page."""

RATE = RateLimit(per_s=2.0, burst=1)
"""Per account and region, as the API's page says."""

WINDOWS = WindowSettings(poll_s=60.0, heal_within_s=90 * 86400.0)


class LookupEvents(AwsReader):
    """Looks events up by time."""

    def __init__(
        self, connection: AwsConnection, stream: str, *, attribute: tuple[str, str] | None, insights: bool
    ) -> None:
        identity = SourceIdentity(
            stream=stream,
            provider="aws",
            account=connection.account,
            region=connection.region,
            api="cloudtrail-lookup",
            cursor="end of the last whole window",
            dedupe=("eventID", "recipientAccountId"),
        )
        super().__init__(connection, identity)
        self._narrowed: dict[str, Any] = {"MaxResults": PAGE_EVENTS}
        if attribute is not None:
            self._narrowed["LookupAttributes"] = [{"AttributeKey": attribute[0], "AttributeValue": attribute[1]}]
        if insights:
            self._narrowed["EventCategory"] = "insight"

    def check(self, requests: Requests) -> tuple[Check, ...]:
        """Return whether the credentials work and may look events up."""
        right = check_right("cloudtrail:LookupEvents", requests, lambda: self._lookup(MaxResults=1))
        return check_identity(self.connection, requests), right

    def pages(self, window: Window, requests: Requests) -> Iterator[Page]:
        """Yield the events of a window; both ends of what is asked for are inclusive, in whole seconds."""
        since, until = instant(window.since_ns), instant(window.until_ns - 1)
        origin = Origin(self.identity.stream, self.place, requests.runtime.now_ns())
        asked = {**self._narrowed, "StartTime": since, "EndTime": until}
        for answer in answers(requests, self._lookup, asked, whole="Events"):
            bodies = [_body(event) for event in answer["Events"]]
            if bodies:
                yield page_of(bodies, origin)

    def _lookup(self, **asked: Any) -> Any:
        return self.connection.client("cloudtrail").lookup_events(**asked)


def instant(instant_ns: int) -> datetime:
    """Return a time as boto3 takes it, in whole seconds.

    >>> instant(1_500_000_000).isoformat()
    '1970-01-01T00:00:01+00:00'
    """
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=instant_ns // NS)


def _body(event: Mapping[str, Any]) -> bytes:
    """Return the record as it stands in a trail's file; what has none is kept as it came."""
    record = event.get("CloudTrailEvent")
    return record.encode("utf-8", "surrogatepass") if isinstance(record, str) else msgspec.json.encode(event)


class CloudTrailLookup(WindowSource):
    """The management events of an account's region, once each.

    Args:
        account, region: where; global services write to us-east-1.
        credentials: where they come from, or a ready `boto3.Session`.
        since: where to begin; by default an hour ago, at most ninety days.
        attribute: only events with it, such as `("EventSource", "cloudformation.amazonaws.com")`; the API takes one.
        insights: events of Insights instead of management events.
        stream: the stream to write; by default named by account and region.
        endpoint_url: another address than the public one.
        windows, overlap, retry, rate, circuit: see the settings.

    >>> CloudTrailLookup(account="123456789012", region="eu-west-1")
    CloudTrailLookup(stream='aws/123456789012/eu-west-1/cloudtrail')
    """

    def __init__(
        self,
        *,
        account: str,
        region: str,
        credentials: AwsCredentials | boto3.Session | None = None,
        since: Instant | None = None,
        attribute: tuple[str, str] | None = None,
        insights: bool = False,
        stream: str | None = None,
        endpoint_url: str | None = None,
        windows: WindowSettings = WINDOWS,
        overlap: Overlap = Overlap(),  # noqa: B008 - frozen
        retry: RetrySettings = RetrySettings(),  # noqa: B008 - frozen
        rate: RateLimit = RATE,
        circuit: BreakerSettings = BreakerSettings(),  # noqa: B008 - frozen
    ) -> None:
        connection = AwsConnection(account, region, credentials=credentials, endpoint_url=endpoint_url)
        name = stream or f"aws/{account}/{region}/cloudtrail{'-insights' if insights else ''}"
        reader = LookupEvents(connection, name, attribute=attribute, insights=insights)
        super().__init__(reader, since=since, windows=windows, overlap=overlap, retry=retry, rate=rate, circuit=circuit)
