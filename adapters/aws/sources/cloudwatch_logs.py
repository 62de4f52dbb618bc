"""CloudWatchLogs: the entries of one log group, by FilterLogEvents; Live Tail says when to look.

FilterLogEvents is what is true: a page holds up to 10,000 events or 1 MB, may be empty, and only one without a token is
the last. `endTime` is inclusive. Entries may be added with times up to 14 days back and 2 hours ahead. See
https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_FilterLogEvents.html. Needs
`logs:FilterLogEvents`, and with `live_tail` also `logs:StartLiveTail`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import boto3
import msgspec
import numpy as np

from ....domain.columns import StringColumn
from ....domain.errors import InvalidArgumentError
from ....domain.event_id import event_ids
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
    has,
)
from ...acquisition.window import Instant
from ...records import Origin, Records
from ..cloudwatch_envelope import ENVELOPE
from .access import check_identity, check_right
from .connection import AwsConnection, AwsCredentials
from .failures import classify
from .live_tail import LiveTail

PAGE_ENTRIES = 10_000
"""The most that the API gives in a page."""

RATE = RateLimit(per_s=5.0, burst=5)
"""Requests a second per account and region. The value of the archived user guide; current ones differ by region and
are in Service Quotas: https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/cloudwatch_limits_cwl.html."""

WINDOWS = WindowSettings(ahead_s=2 * 3600.0)
"""PutLogEvents accepts entries up to two hours ahead of the service's clock."""

_MS = 1_000_000


class FilterLogEvents:
    """Reads a log group's entries by FilterLogEvents."""

    def __init__(self, connection: AwsConnection, log_group: str, *, stream: str, pattern: str, prefix: str) -> None:
        self.connection, self.log_group = connection, log_group
        self._pattern, self._prefix = pattern, prefix
        self.identity = SourceIdentity(
            stream=stream,
            provider="aws",
            account=connection.account,
            region=connection.region,
            api="logs",
            cursor="end of the last whole window",
            dedupe=("eventId",),
        )

    def classify(self, error: Exception) -> Verdict:
        """Return what an exception of boto3 means."""
        return classify(error)

    def refresh(self) -> None:
        """Get credentials anew."""
        self.connection.refresh()

    def check(self, requests: Requests) -> tuple[Check, ...]:
        """Return whether the credentials work and may read the group."""
        arguments = self._arguments(Window(0, _MS)) | {"limit": 1}
        right = check_right("logs:FilterLogEvents", requests, lambda: self._filter(arguments))
        return check_identity(self.connection, requests), right

    def pages(self, window: Window, requests: Requests) -> Iterator[Page]:
        """Yield the entries of a window; ends with the page that has no token."""
        arguments, tokens = self._arguments(window), PageTokens()
        while True:
            answer = requests.call(lambda: self._filter(arguments), whole=has("events"))
            if answer["events"]:
                yield self._page(answer["events"], requests.runtime.now_ns())
            token = tokens.following(answer.get("nextToken"))
            if not token:
                return
            arguments["nextToken"] = token

    def _filter(self, arguments: dict[str, Any]) -> Any:
        return self.connection.client("logs").filter_log_events(**arguments)

    def _arguments(self, window: Window) -> dict[str, Any]:
        named = "logGroupIdentifier" if self.log_group.startswith("arn:") else "logGroupName"
        arguments: dict[str, Any] = {
            named: self.log_group,
            "startTime": max(0, window.since_ns // _MS),
            "endTime": max(0, -(-window.until_ns // _MS) - 1),
            "limit": PAGE_ENTRIES,
        }
        if self._pattern:
            arguments["filterPattern"] = self._pattern
        if self._prefix:
            arguments["logStreamNamePrefix"] = self._prefix
        return arguments

    def _page(self, events: list[dict[str, Any]], now_ns: int) -> Page:
        """Return entries as records, with the ids and payloads that the subscription's and the exported form have."""
        group = log_group_name(self.log_group)
        place = {"account": self.connection.account, "region": self.connection.region, "log_group": group}
        origin = Origin(self.identity.stream, {"provider": "aws", **place}, now_ns)
        ids = [event.get("eventId", "") for event in events]
        times = [event.get("timestamp", 0) for event in events]
        messages = [event.get("message", "") for event in events]
        streams = [event.get("logStreamName", "") for event in events]
        context = {"envelope": ENVELOPE, "owner": self.connection.account, "logGroup": group}
        contexts = {name: msgspec.json.encode({**context, "logStream": name}).decode() for name in set(streams)}
        encode = _ENCODER.encode
        payloads = [encode(_Entry(*entry)) for entry in zip(ids, times, messages, strict=True)]
        records = Records(
            payloads,
            [message.encode("utf-8", "surrogatepass") for message in messages],
            origin,
            np.array(times, np.int64) * _MS,
            np.arange(len(events), dtype=np.int64),
            StringColumn.of([contexts[name] for name in streams]),
            ids=event_ids(["aws.cloudwatch_logs\0" + name for name in ids]) if all(ids) else None,
            occurred_at=np.array(times, np.int64) * _MS,
        )
        return Page(records, sum(map(len, payloads)))


class _Entry(msgspec.Struct, gc=False):
    id: str
    timestamp: int
    message: str


_ENCODER = msgspec.json.Encoder()


def log_group_name(group: str) -> str:
    """Return the name of a log group that is given by name or ARN.

    >>> log_group_name("arn:aws:logs:eu-west-1:123456789012:log-group:/ecs/pay:*")
    '/ecs/pay'
    """
    return group.split(":log-group:", 1)[-1].removesuffix(":*") if group.startswith("arn:") else group


def log_group_arn(group: str, account: str, region: str) -> str:
    """Return the ARN that Live Tail wants: without the `:*` that other calls give.

    >>> log_group_arn("/ecs/pay", "123456789012", "eu-west-1")
    'arn:aws:logs:eu-west-1:123456789012:log-group:/ecs/pay'
    """
    partition = "aws-cn" if region.startswith("cn-") else "aws-us-gov" if region.startswith("us-gov-") else "aws"
    if group.startswith("arn:"):
        return group.removesuffix(":*")
    return f"arn:{partition}:logs:{region}:{account}:log-group:{group}"


class CloudWatchLogs(WindowSource):
    """The entries of a log group, once each, as they come.

    Args:
        log_group: its name, or its ARN where it is another account's.
        account, region: where it is.
        credentials: where they come from, or a ready `boto3.Session`.
        since: where to begin; by default an hour ago.
        live_tail: poll as soon as Live Tail shows an entry (costs per minute of the session), not only each `poll_s`.
        filter_pattern, stream_prefix: only what matches.
        stream: the stream to write; by default named by account, region and group.
        endpoint_url: another address than the public one.
        windows, overlap, retry, rate: see the settings.

    >>> CloudWatchLogs("/ecs/pay", account="123456789012", region="eu-west-1")
    CloudWatchLogs(stream='aws/123456789012/eu-west-1/logs/ecs/pay')
    """

    def __init__(
        self,
        log_group: str,
        *,
        account: str,
        region: str,
        credentials: AwsCredentials | boto3.Session | None = None,
        since: Instant | None = None,
        live_tail: bool = False,
        filter_pattern: str = "",
        stream_prefix: str = "",
        stream: str | None = None,
        endpoint_url: str | None = None,
        windows: WindowSettings = WINDOWS,
        overlap: Overlap = Overlap(),  # noqa: B008 - frozen
        retry: RetrySettings = RetrySettings(),  # noqa: B008 - frozen
        rate: RateLimit = RATE,
    ) -> None:
        if not log_group:
            raise InvalidArgumentError("log_group is empty: give the name or ARN of a log group")
        connection = AwsConnection(account, region, credentials=credentials, endpoint_url=endpoint_url)
        name = stream or f"aws/{account}/{region}/logs/{log_group_name(log_group).strip('/')}"
        arn = log_group_arn(log_group, account, region)
        tail = LiveTail(connection, arn, stream=f"{name}/tail", pattern=filter_pattern, prefix=stream_prefix)
        super().__init__(
            FilterLogEvents(connection, log_group, stream=name, pattern=filter_pattern, prefix=stream_prefix),
            since=since,
            hints=HintSource(tail, retry=retry) if live_tail else None,
            windows=windows,
            overlap=overlap,
            retry=retry,
            rate=rate,
        )
