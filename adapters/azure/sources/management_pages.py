"""Pages of Azure Resource Manager's lists: `value`, and `nextLink` until there is none.

Under the readers of the activity log and of deployments. See
https://learn.microsoft.com/rest/api/azure/#async-operations-throttling-and-paging. A token is never sent to another
host than the one that the configuration names.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ...acquisition import Failure, PageTokens, RequestFailedError, Requests, Verdict, has
from .connection import AzureConnection


def managed_list(
    connection: AzureConnection, requests: Requests, path: str, params: Mapping[str, str]
) -> Iterator[list[dict[str, Any]]]:
    """Yield the items of a list, page after page; an empty page is not the end.

    Raises:
        RequestFailedError: a page names one that was read as the next one.
    """
    url, asked = f"{connection.cloud.management}{path}", params

    def send() -> dict[str, Any]:
        return connection.ask("GET", url, audience=connection.cloud.management, params=asked)

    tokens = PageTokens()
    tokens.following(url)
    while True:
        answer = requests.call(send, whole=has("value"))
        yield answer["value"]
        link = tokens.following(answer.get("nextLink"))
        if not link:
            return
        url, asked = next_link(connection, link), {}


def next_link(connection: AzureConnection, link: str) -> str:
    """Return a link to the next page, which must lead to the same host.

    >>> next_link(AzureConnection(), "https://management.azure.com/subscriptions?$skiptoken=x")
    'https://management.azure.com/subscriptions?$skiptoken=x'
    """
    if not link.startswith(f"{connection.cloud.management}/"):
        raise RequestFailedError(Verdict(Failure.FATAL, "the link to the next page leads to another host"))
    return link
