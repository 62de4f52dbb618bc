"""CostQuery: what a scope costs, day by day, by the query API of Cost Management.

Days change until their month is closed, so they are read again; a day that says the same gives the same events, one
that changed gives them anew, and the newest of a charge counts. Rows have the columns of a cost export, and its parser
reads them: do not read an export of the same costs beside it. For large scopes exports are the better source. See
https://learn.microsoft.com/rest/api/cost-management/query/usage and
https://learn.microsoft.com/azure/cost-management-billing/automate/get-small-usage-datasets-on-demand. Needs
`Microsoft.CostManagement/query/read`: role "Cost Management Reader" on the scope.

Each page has to be asked for with the same body, and dates that the service does not have are shifted without a word:
what comes back for other days than those asked for is no answer.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from hashlib import blake2b
from typing import Any

import msgspec

from ....domain.errors import InvalidArgumentError
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
from ...acquisition.window import Instant
from ...records import Origin
from .access import check_right
from .cloud import PUBLIC, AzureCloud
from .connection import AzureConnection
from .credentials import AzureCredentials
from .failures import classify
from .instants import day_of
from .management_pages import next_link

DAY_S = 86_400.0
RATE = RateLimit(per_s=0.2, burst=2)
"""A scope has some queries a minute, a tenant few more; what is too much is said in headers that count:
https://learn.microsoft.com/azure/cost-management-billing/automate/get-small-usage-datasets-on-demand#data-latency-and-rate-limits."""

WINDOWS = WindowSettings(
    window_s=31 * DAY_S, least_s=DAY_S, align_s=DAY_S, back_s=31 * DAY_S, poll_s=4 * 3600.0, heal_after_s=3600.0
)
"""Days go up to 31 in a query; data are refreshed each four hours."""

OVERLAP = Overlap(each_poll_s=3 * DAY_S, deep_s=35 * DAY_S, deep_every_s=DAY_S)
"""Usage arrives up to 72 hours late and changes until the invoice, some days after the month."""

VERSION = "2023-11-01"
ROLE = "Cost Management Reader"
RIGHT = "Microsoft.CostManagement/query/read"
MOST_GROUPS = 2
"""What a query may be grouped by."""


class QueryCosts:
    """Reads the daily costs of one scope."""

    def __init__(
        self, connection: AzureConnection, scope: str, *, stream: str, kind: str, groups: Sequence[str]
    ) -> None:
        self.connection, self.scope, self._kind, self._groups = connection, scope, kind, tuple(groups)
        self.identity = SourceIdentity(
            stream=stream,
            provider="azure",
            account=_subscription(scope),
            api="cost-management",
            cursor="end of the last whole window of days",
            dedupe=("scope", "day", "the day's rows"),
        )

    def classify(self, error: Exception) -> Verdict:
        """Return what an exception of the SDK means."""
        return classify(error)

    def refresh(self) -> None:
        """Get a token anew."""
        self.connection.refresh()

    def check(self, requests: Requests) -> tuple[Check, ...]:
        """Return whether the costs of yesterday may be queried."""
        day_ns = int(DAY_S) * 1_000_000_000
        now_ns = requests.runtime.now_ns()
        body = self._question(Window(now_ns - day_ns, now_ns))
        return (check_right(RIGHT, ROLE, requests, lambda: self._sent(self._url, body)),)

    def pages(self, window: Window, requests: Requests) -> Iterator[Page]:
        """Yield the rows of a window of days, a page for each day."""
        days: dict[str, list[bytes]] = {}
        for names, row in self._rows(self._question(window), requests):
            fields = dict(zip(names, row, strict=True))
            day = _day(fields.pop("UsageDate", None))
            days.setdefault(day, []).append(self._body(day, fields))
        other = sorted(day for day in days if not day_of(window.since_ns) <= day <= day_of(window.until_ns - 1))
        if other:
            raise IncompleteWindowError(f"the service answered for other days: {other[0]}")
        for day, bodies in sorted(days.items()):
            yield self._page(day, sorted(bodies), requests.runtime.now_ns())

    def _rows(self, body: dict[str, Any], requests: Requests) -> Iterator[tuple[list[str], list[Any]]]:
        """Yield column names with each row, page after page."""
        url, tokens = self._url, PageTokens()
        tokens.following(url)

        def send() -> dict[str, Any]:
            return self._sent(url, body)

        while True:
            told = requests.call(send, whole=_is_whole)["properties"]
            names = [column["name"] for column in told["columns"]]
            yield from [(names, row) for row in told["rows"]]
            link = tokens.following(told.get("nextLink"))
            if not link:
                return
            url = next_link(self.connection, link)

    @property
    def _url(self) -> str:
        where = f"{self.connection.cloud.management}/{self.scope.strip('/')}"
        return f"{where}/providers/Microsoft.CostManagement/query?api-version={VERSION}"

    def _sent(self, url: str, body: dict[str, Any]) -> dict[str, Any]:
        return self.connection.ask("POST", url, audience=self.connection.cloud.management, body=body)

    def _question(self, window: Window) -> dict[str, Any]:
        return {
            "type": self._kind,
            "timeframe": "Custom",
            "timePeriod": {
                "from": f"{day_of(window.since_ns)}T00:00:00Z",
                "to": f"{day_of(window.until_ns - 1)}T23:59:59Z",
            },
            "dataset": {
                "granularity": "Daily",
                "aggregation": {"Cost": {"name": "Cost", "function": "Sum"}},
                "grouping": [{"type": "Dimension", "name": name} for name in self._groups],
            },
        }

    def _body(self, day: str, fields: Mapping[str, Any]) -> bytes:
        """Return a row in the columns of an export."""
        place = {"SubscriptionId": self.identity.account} if self.identity.account else {}
        return msgspec.json.encode({"Date": day, **place, **fields})

    def _page(self, day: str, bodies: list[bytes], now_ns: int) -> Page:
        """Return a day as an exported object of its own, which replaces what was said of the day before."""
        digest = blake2b(b"\n".join(bodies), digest_size=8).hexdigest()
        key = f"{self.identity.stream}/{day}/{digest}"
        return page_of(bodies, Origin(key, {"provider": "azure", "account": self.identity.account}, now_ns))


def _is_whole(answer: Mapping[str, Any]) -> bool:
    told = answer.get("properties")
    return isinstance(told, dict) and "columns" in told and "rows" in told


def _day(date: Any) -> str:
    """Return a date, which comes as the number 20261120, with hyphens."""
    text = str(date)
    return f"{text[:4]}-{text[4:6]}-{text[6:8]}" if text.isdecimal() else text[:10]


def _subscription(scope: str) -> str:
    """Return the subscription of a scope; "" where it is above subscriptions."""
    parts = scope.strip("/").split("/")
    return parts[1] if len(parts) > 1 and parts[0].lower() == "subscriptions" else ""


class CostQuery(WindowSource):
    """The costs of a scope, as `CostRecorded`.

    Args:
        scope: `/subscriptions/<id>`, a resource group, a management group or a billing account.
        kind: ActualCost, AmortizedCost or Usage.
        groups: up to two columns of an export that tell rows apart.
        credentials: where they come from, or a ready `TokenCredential`.
        since: where to begin; by default 31 days ago.
        stream: the stream to write; by default named by the scope.
        cloud, ca_file: other addresses than the public ones.
        windows, overlap, retry, rate: see the settings.

    >>> CostQuery("/subscriptions/0b1f")
    CostQuery(stream='azure/costs/subscriptions/0b1f/ActualCost')
    """

    def __init__(
        self,
        scope: str,
        *,
        kind: str = "ActualCost",
        groups: Sequence[str] = ("ResourceId", "MeterCategory"),
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
        names = (groups,) if isinstance(groups, str) else tuple(groups)
        if not scope.strip("/") or "MeterCategory" not in names or len(names) > MOST_GROUPS:
            raise InvalidArgumentError(
                f"scope={scope!r}, groups={names}: give a scope, MeterCategory, and at most one other"
            )
        connection = AzureConnection(credentials=credentials, cloud=cloud, ca_file=ca_file)
        name = stream or f"azure/costs/{scope.strip('/')}/{kind}"
        reader = QueryCosts(connection, scope, stream=name, kind=kind, groups=names)
        super().__init__(reader, since=since, windows=windows, overlap=overlap, retry=retry, rate=rate)
