"""CloudFormationStacks: what stacks did, and what their change sets would do.

A stack's events come newest first and have no filter of time, so they are read until they are older than the window;
of all stacks only those that changed lately are asked for, deleted ones among them (kept for 90 days). See
https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DescribeStackEvents.html. Needs
`cloudformation:ListStacks`, `cloudformation:DescribeStackEvents`, `cloudformation:ListChangeSets` and
`cloudformation:DescribeChangeSet`. Properties and parameters, which may hold secrets, are left out at once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import boto3
import msgspec

from ...acquisition import (
    BreakerSettings,
    Check,
    Overlap,
    Page,
    RateLimit,
    RequestFailedError,
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
from .scaling_activities import nanoseconds

KEPT_S = 90 * 86400.0
"""Ninety days, as events are kept."""

LONGEST_S = 2 * 86400
"""An operation of a stack runs so long at most: resources time out before."""

WINDOWS = WindowSettings(window_s=KEPT_S, back_s=7 * 86400.0, poll_s=30.0, heal_within_s=KEPT_S)

RATE = RateLimit(per_s=2.0, burst=2)
"""Chosen: deployments share the account's limit."""

_GONE = "does not exist"
"""As the service says that a stack was deleted; its events stay."""

_SECRET = ("ResourceProperties", "Parameters", "Tags", "NotificationARNs", "ResponseMetadata", "NextToken")


class StackHistory(AwsReader):
    """Reads the events and change sets of stacks: of those that are named, else of all."""

    def __init__(self, connection: AwsConnection, stream: str, stacks: Sequence[str], *, change_sets: bool) -> None:
        identity = SourceIdentity(
            stream=stream,
            provider="aws",
            account=connection.account,
            region=connection.region,
            api="cloudformation",
            cursor="end of the last whole window",
            dedupe=("StackId", "EventId", "ChangeSetId", "status"),
        )
        super().__init__(connection, identity)
        self._stacks, self._change_sets = tuple(stacks), change_sets

    def check(self, requests: Requests) -> tuple[Check, ...]:
        """Return whether the credentials work, and may list stacks or read the events of one."""
        identity = check_identity(self.connection, requests)
        if not self._stacks:
            return identity, check_right("cloudformation:ListStacks", requests, self._client().list_stacks)
        asked = {"StackName": self._stacks[0]}
        right = check_right(
            "cloudformation:DescribeStackEvents", requests, lambda: self._client().describe_stack_events(**asked)
        )
        return identity, right

    def pages(self, window: Window, requests: Requests) -> Iterator[Page]:
        """Yield the events of a window, stack by stack, and the change sets that were made in it."""
        origin = Origin(self.identity.stream, self.place, requests.runtime.now_ns())
        for stack in self._stacks or self._changed(window, requests):
            found = [*self._events(stack, window, requests)]
            if self._change_sets:
                found += self._planned(stack, window, requests)
            if found:
                yield page_of([msgspec.json.encode(_without_secrets(one)) for one in found], origin)

    def _changed(self, window: Window, requests: Requests) -> Iterator[str]:
        """Yield the stacks that may have events of a window."""
        for answer in answers(requests, self._calling("list_stacks"), {}, whole="StackSummaries"):
            for one in answer["StackSummaries"]:
                times = [one.get(name) for name in ("CreationTime", "LastUpdatedTime", "DeletionTime")]
                latest_ns = max(nanoseconds(time) for time in times)
                running = str(one.get("StackStatus", "")).endswith("_IN_PROGRESS")
                if running or latest_ns >= window.since_ns - LONGEST_S * NS:
                    yield one["StackId"]

    def _events(self, stack: str, window: Window, requests: Requests) -> Iterator[Mapping[str, Any]]:
        """Yield a stack's events of a window, the newest first."""
        send = self._calling("describe_stack_events")
        for answer in answers(requests, send, {"StackName": stack}, whole="StackEvents"):
            found = answer["StackEvents"]
            yield from [one for one in found if _is_within(one.get("Timestamp"), window)]
            if found and nanoseconds(found[-1].get("Timestamp")) < window.since_ns:
                return

    def _planned(self, stack: str, window: Window, requests: Requests) -> Iterator[Mapping[str, Any]]:
        """Yield the change sets of a stack that were made in a window; one that is gone meanwhile has none."""
        try:
            for answer in answers(requests, self._calling("list_change_sets"), {"StackName": stack}, whole="Summaries"):
                made = [one for one in answer["Summaries"] if _is_within(one.get("CreationTime"), window)]
                yield from [self._described(stack, one["ChangeSetId"], requests) for one in made]
        except RequestFailedError as error:
            if _GONE not in error.verdict.detail:
                raise

    def _described(self, stack: str, change_set: str, requests: Requests) -> Mapping[str, Any]:
        """Return a change set with all its changes."""
        asked = {"StackName": stack, "ChangeSetName": change_set}
        parts = list(answers(requests, self._calling("describe_change_set"), asked, whole="ChangeSetId"))
        return {**parts[0], "Changes": [change for part in parts for change in part.get("Changes", [])]}

    def _calling(self, operation: str) -> Callable[..., Any]:
        return lambda **asked: getattr(self._client(), operation)(**asked)

    def _client(self) -> Any:
        return self.connection.client("cloudformation")


def _is_within(time: Any, window: Window) -> bool:
    return window.since_ns <= nanoseconds(time) < window.until_ns


def _without_secrets(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if name not in _SECRET}


class CloudFormationStacks(WindowSource):
    """Deployments by CloudFormation: what stacks did to which resources, and what change sets plan.

    Args:
        stacks: names or ids; by default all of the account's region.
        account, region: where they are.
        change_sets: read those too.
        credentials: where they come from, or a ready `boto3.Session`.
        since: where to begin; by default a week ago, at most 90 days.
        stream: the stream to write; by default named by account and region.
        endpoint_url: another address than the public one.
        windows, overlap, retry, rate, circuit: see the settings.

    >>> CloudFormationStacks(account="123456789012", region="eu-west-1")
    CloudFormationStacks(stream='aws/123456789012/eu-west-1/cloudformation')
    """

    def __init__(
        self,
        *stacks: str,
        account: str,
        region: str,
        change_sets: bool = True,
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
        name = stream or f"aws/{account}/{region}/cloudformation"
        super().__init__(
            StackHistory(connection, name, stacks, change_sets=change_sets),
            since=since,
            windows=windows,
            overlap=overlap,
            retry=retry,
            rate=rate,
            circuit=circuit,
        )
