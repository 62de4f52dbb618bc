"""Deployments: what Resource Manager deployed in a subscription or a resource group, and to which resources.

The lists have no filter of time, so all of a scope is listed (800 at most, the service keeps no more), and of the
deployments that began or ended since, the operations are read. A subscription's own list holds no deployment of its
groups: each group is asked. See https://learn.microsoft.com/rest/api/resources/deployments/list-by-resource-group and
https://learn.microsoft.com/rest/api/resources/deployment-operations/list. Needs `Microsoft.Resources/deployments/read`,
`Microsoft.Resources/deployments/operations/read` and, for a whole subscription,
`Microsoft.Resources/subscriptions/resourceGroups/read`: role "Reader". Values of parameters are left out at once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from ....domain.errors import InvalidArgumentError
from ....domain.identity import azure_key
from ....domain.timestamps import parse_timestamp_ns
from ...acquisition import (
    Check,
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
    has,
    page_of,
)
from ...acquisition.window import Instant
from ...arm import without_values
from ...arm.provisioning import outcome_of
from ...records import Origin
from .access import check_right
from .cloud import PUBLIC, AzureCloud
from .connection import AzureConnection
from .credentials import AzureCredentials
from .failures import classify
from .management_pages import managed_list

VERSION = "2021-04-01"
ROLE = "Reader"
RIGHT, GROUPS_RIGHT = "Microsoft.Resources/deployments/read", "Microsoft.Resources/subscriptions/resourceGroups/read"

KEPT_S = 90 * 86400.0
"""Chosen: older deployments are rarely in a history of 800."""

WINDOWS = WindowSettings(window_s=KEPT_S, back_s=7 * 86400.0, poll_s=60.0, heal_within_s=KEPT_S)
"""One window for all of the past: each costs the lists of all groups."""

RATE = RateLimit(per_s=3.0, burst=10)
"""Far below the 25 reads a second of a subscription, so that others find it as it was:
https://learn.microsoft.com/azure/azure-resource-manager/management/request-limits-and-throttling."""

_GONE = ("ResourceGroupNotFound", "DeploymentNotFound")
"""As the service says that a group was deleted, or that a deployment left the history, while it was read."""

_TYPE = "/providers/microsoft.resources/deployments/"


class ListDeployments:
    """Reads deployments of a resource group, or of a subscription and all of its groups, with their operations."""

    def __init__(self, connection: AzureConnection, subscription: str, *, stream: str, resource_group: str) -> None:
        self.connection, self._group = connection, resource_group
        self._subscription = f"/subscriptions/{subscription}"
        self.identity = SourceIdentity(
            stream=stream,
            provider="azure",
            account=subscription,
            api="management",
            cursor="end of the last whole window",
            dedupe=("id", "correlationId", "operationId", "provisioningState", "timestamp"),
        )

    def classify(self, error: Exception) -> Verdict:
        """Return what an exception of the SDK means."""
        return classify(error)

    def refresh(self) -> None:
        """Get a token anew."""
        self.connection.refresh()

    def check(self, requests: Requests) -> tuple[Check, ...]:
        """Return whether deployments may be listed, and groups where all of them are read."""
        scope = self._scope_of(self._group) if self._group else self._subscription
        deployments = check_right(RIGHT, ROLE, requests, lambda: self._asked(_deployments_of(scope)))
        if self._group:
            return (deployments,)
        groups = f"{self._subscription}/resourcegroups"
        return deployments, check_right(GROUPS_RIGHT, ROLE, requests, lambda: self._asked(groups))

    def pages(self, window: Window, requests: Requests) -> Iterator[Page]:
        """Yield the deployments that began or ended in a window, each with all of its operations."""
        read: set[str] = set()
        for scope in self._scopes(requests):
            found = [one for one in self._present(_deployments_of(scope), requests) if _is_within(one, window)]
            for deployment in found:
                yield from self._run(deployment, requests, read)

    def _scopes(self, requests: Requests) -> Iterator[str]:
        if self._group:
            yield self._scope_of(self._group)
            return
        yield self._subscription
        # The whole list first: its pages do not wait while the groups are read.
        yield from [self._scope_of(one["name"]) for one in self._list(f"{self._subscription}/resourcegroups", requests)]

    def _scope_of(self, group: str) -> str:
        return f"{self._subscription}/resourceGroups/{group}"

    def _list(self, path: str, requests: Requests) -> Iterator[dict[str, Any]]:
        for items in managed_list(self.connection, requests, path, {"api-version": VERSION}):
            yield from items

    def _present(self, path: str, requests: Requests) -> list[dict[str, Any]]:
        """Return a list; the group or the deployment may be gone since it was named by another list."""
        try:
            return list(self._list(path, requests))
        except RequestFailedError as error:
            if self._group and path == _deployments_of(self._scope_of(self._group)):
                raise
            _raise_unless_gone(error)
            return []

    def _run(self, deployment: Mapping[str, Any], requests: Requests, read: set[str]) -> Iterator[Page]:
        """Yield a deployment with its operations, then those in other groups that it consists of."""
        key, correlation = azure_key(deployment["id"]), deployment["properties"].get("correlationId") or ""
        if key in read:
            return
        read.add(key)
        operations = self._present(f"{deployment['id']}/operations", requests)
        bodies = [msgspec.json.encode(without_values(one)) for one in (deployment, *operations)]
        metadata = {"provider": "azure", "account": self.identity.account}
        origin = Origin(self.identity.stream, metadata, requests.runtime.now_ns())
        yield page_of(bodies, origin, context={"correlationId": correlation})
        for nested in self._elsewhere(operations):
            if found := self._nested(nested, requests):
                yield from self._run(found, requests, read)

    def _elsewhere(self, operations: list[dict[str, Any]]) -> list[str]:
        """Return the nested deployments that no list of ours holds: those in other groups of the subscription."""
        targets = [(one["properties"].get("targetResource") or {}).get("id") or "" for one in operations]
        own = azure_key(self._scope_of(self._group)) + "/"
        within = azure_key(self._subscription) + "/"
        keys = {target: azure_key(target) for target in targets if self._group}
        return [one for one, key in keys.items() if _TYPE in key and key.startswith(within) and not key.startswith(own)]

    def _nested(self, deployment: str, requests: Requests) -> dict[str, Any] | None:
        try:
            answer: dict[str, Any] = requests.call(lambda: self._asked(deployment), whole=has("id", "properties"))
        except RequestFailedError as error:
            _raise_unless_gone(error)
            return None
        return answer

    def _asked(self, path: str) -> dict[str, Any]:
        cloud = self.connection.cloud.management
        return self.connection.ask("GET", f"{cloud}{path}", audience=cloud, params={"api-version": VERSION})


def _deployments_of(scope: str) -> str:
    return f"{scope}/providers/Microsoft.Resources/deployments"


def _raise_unless_gone(error: RequestFailedError) -> None:
    if not any(code in error.verdict.detail for code in _GONE):
        raise error


def _is_within(deployment: Mapping[str, Any], window: Window) -> bool:
    """Say whether a deployment ended in a window, or is going on: its operations end one by one."""
    told = deployment["properties"]
    at_ns = parse_timestamp_ns(told.get("timestamp"))
    if at_ns is None or not outcome_of(told.get("provisioningState") or ""):
        return True
    return window.since_ns <= at_ns < window.until_ns


class Deployments(WindowSource):
    """Deployments of ARM templates and Bicep files, and what they did to which resources, each once.

    A deployment is read when it goes on and when it has ended. Those of management groups and of other subscriptions
    are only named by what caused them here.

    Args:
        subscription: its id.
        resource_group: read only this group's, and what they deployed into other groups; by default all.
        credentials: where they come from, or a ready `TokenCredential`.
        since: where to begin; by default a week ago.
        stream: the stream to write; by default named by subscription and group.
        cloud, ca_file: other addresses than the public ones.
        windows, overlap, retry, rate: see the settings.

    >>> Deployments("0b1f2c3d", resource_group="shop")
    Deployments(stream='azure/0b1f2c3d/shop/deployments')
    """

    def __init__(
        self,
        subscription: str,
        *,
        resource_group: str | None = None,
        credentials: AzureCredentials | Any | None = None,
        since: Instant | None = None,
        stream: str | None = None,
        cloud: AzureCloud = PUBLIC,
        ca_file: str = "",
        windows: WindowSettings = WINDOWS,
        overlap: Overlap = Overlap(),  # noqa: B008 - frozen
        retry: RetrySettings = RetrySettings(),  # noqa: B008 - frozen
        rate: RateLimit = RATE,
    ) -> None:
        if not subscription:
            raise InvalidArgumentError("subscription is empty: give the id of a subscription")
        name = "/".join(part for part in ("azure", subscription, resource_group, "deployments") if part)
        connection = AzureConnection(credentials=credentials, cloud=cloud, ca_file=ca_file)
        reader = ListDeployments(connection, subscription, stream=stream or name, resource_group=resource_group or "")
        super().__init__(reader, since=since, windows=windows, overlap=overlap, retry=retry, rate=rate)
