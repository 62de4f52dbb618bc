"""BlobExports: what Azure writes into Blob Storage: resource logs, the activity log, exported tables, exported costs.

Diagnostic settings append to one blob for each hour and resource, so that a blob is read on from its last whole line;
block blobs are read once for each version. Flow logs are block blobs that are rewritten each minute until their hour is
over: they are read when they have settled. See https://learn.microsoft.com/azure/azure-monitor/platform/resource-logs
and https://learn.microsoft.com/azure/network-watcher/flow-logs-read. Needs
`Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read`: role "Storage Blob Data Reader" on the
container; or a shared access signature for the container with `rl` (read, list), by reference.

Requests go through azure-core alone: the downloader of azure-storage-blob repeats and sleeps by itself, whatever its
retries are set to, and its pager takes a listing that was cut off for the last one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from types import MappingProxyType
from typing import Any
from urllib.parse import urlencode

from azure.core.rest import HttpRequest

from ....domain.errors import InvalidArgumentError
from ...acquisition import (
    Check,
    ObjectInfo,
    ObjectSource,
    PageTokens,
    RateLimit,
    Requests,
    RetrySettings,
    SecretReference,
    SourceIdentity,
    Verdict,
    secret,
)
from .access import check_right
from .blob_listing import PAGE_BLOBS, ListingPage, dated_prefixes, read_listing
from .cloud import PUBLIC, AzureCloud
from .connection import AzureConnection
from .credentials import AzureCredentials
from .failures import classify

RATE = RateLimit(per_s=50.0, burst=20)
"""Far below what an account serves (20,000 a second), so that others find it as it was:
https://learn.microsoft.com/azure/storage/common/scalability-targets-standard-account."""

POLL_S = 60.0
SETTLE_S = 600.0
"""A rewritten blob that was left alone for so long is complete. Chosen: flow logs are written each minute."""

REWRITTEN = "PT1H.json"
"""The name of a block blob that is rewritten while its hour lasts."""

VERSION = "2023-11-03"
ROLE = "Storage Blob Data Reader"
RIGHT = "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read"
NOTHING: Mapping[str, str] = MappingProxyType({})


class Blobs:
    """Lists and reads the blobs of one container."""

    def __init__(
        self,
        connection: AzureConnection,
        account: str,
        container: str,
        *,
        stream: str,
        prefixes: Sequence[str],
        days: int,
        suffixes: Sequence[str],
        settle_s: float,
        sas: SecretReference | None,
        place: Mapping[str, str],
    ) -> None:
        self.connection = connection
        self.url = f"{connection.cloud.blobs.format(account=account)}/{container}"
        self._prefixes, self._days, self._suffixes = tuple(prefixes), days, tuple(suffixes)
        self._settle_s, self._sas, self._place = settle_s, sas, dict(place)
        self.identity = SourceIdentity(
            stream=stream,
            provider="azure",
            account=account,
            api="blobs",
            cursor="manifest of blobs, and the offset of each that grows",
            dedupe=("container", "blob", "etag", "offset"),
        )

    def classify(self, error: Exception) -> Verdict:
        """Return what an exception of the SDK means."""
        return classify(error)

    def refresh(self) -> None:
        """Get a token anew."""
        self.connection.refresh()

    def check(self, requests: Requests) -> tuple[Check, ...]:
        """Return whether the container may be listed, and its first blob be read."""
        listed: list[ObjectInfo] = []
        checks = [check_right(f"{RIGHT} (list)", ROLE, requests, lambda: listed.extend(self._page("", "", "1").blobs))]
        if listed:
            first = listed[0]._replace(size=1)
            checks.append(check_right(f"{RIGHT} (read)", ROLE, requests, lambda: list(self.blocks(first, 0))))
        return tuple(checks)

    def listing(self, requests: Requests) -> Iterator[ObjectInfo]:
        """Yield the blobs below the prefixes, but for those that are still rewritten."""
        now_ns = requests.runtime.now_ns()
        for prefix in dated_prefixes(self._prefixes, now_ns, self._days):
            for page in self._pages(prefix, requests):
                yield from [found for found in page.blobs if self._is_wanted(found, now_ns)]

    def _pages(self, prefix: str, requests: Requests) -> Iterator[ListingPage]:
        marker, tokens = "", PageTokens()

        def send() -> ListingPage:
            return self._page(prefix, marker, PAGE_BLOBS)

        while True:
            page = requests.call(send)
            yield page
            marker = tokens.following(page.marker)
            if not marker:
                return

    def blocks(self, found: ObjectInfo, offset: int) -> Iterator[bytes]:
        """Yield a blob's bytes as they are stored; a block blob must be the version that was listed."""
        headers = {"Range": f"bytes={offset}-{found.size - 1}"}
        if not found.grows:
            headers["If-Match"] = f'"{found.version}"'
        with closing(self._get(found.key, {}, headers)) as answer:
            yield from answer.iter_raw()

    def metadata(self, found: ObjectInfo) -> Mapping[str, str]:
        """Return what was told of the container."""
        return {"provider": "azure", **self._place}

    def _is_wanted(self, found: ObjectInfo, now_ns: int) -> bool:
        if self._suffixes and not found.key.endswith(self._suffixes):
            return False
        changes = found.key.endswith(REWRITTEN) and not found.grows
        return not changes or now_ns - found.modified_ns >= self._settle_s * 1e9

    def _page(self, prefix: str, marker: str, count: str) -> ListingPage:
        asked = {"restype": "container", "comp": "list", "maxresults": count, "prefix": prefix, "marker": marker}
        answer = self._get(self.url, {name: value for name, value in asked.items() if value}, {})
        return read_listing(answer.read(), self.url)

    def _get(self, url: str, params: Mapping[str, str], headers: Mapping[str, str]) -> Any:
        query = [urlencode(params)] if params else []
        if self._sas is not None:
            query.append(self._sas.resolve().removeprefix("?"))
        request = HttpRequest("GET", f"{url}?{'&'.join(query)}", headers={"x-ms-version": VERSION, **headers})
        return self.connection.send(request, audience=self.connection.cloud.storage_audience, signed=bool(self._sas))


class BlobExports(ObjectSource):
    """The records in the blobs of a container, each once.

    Args:
        account, container: where they are.
        prefixes: what their names begin with; `%Y`, `%m`, `%d`, `%H` stand for the last days, so that a container of
            years needs no listing of years.
        days: how many days back those reach.
        suffixes: what their names end with; by default anything.
        credentials: where they come from, or a ready `TokenCredential`.
        sas: reference to a shared access signature, instead of credentials.
        metadata: what is known of the records: account, region, ...
        settle_s: how long a rewritten blob must have been left alone.
        stream: the stream to write; by default named by account, container and prefixes.
        cloud, ca_file: other addresses than the public ones.
        poll_s, retry, rate: see the settings.

    >>> BlobExports("shoplogs", "insights-activity-logs")
    BlobExports(stream='azure/shoplogs/blobs/insights-activity-logs')
    """

    def __init__(
        self,
        account: str,
        container: str,
        *,
        prefixes: str | Sequence[str] = "",
        days: int = 2,
        suffixes: str | Sequence[str] = (),
        credentials: AzureCredentials | Any | None = None,
        sas: SecretReference | str | None = None,
        metadata: Mapping[str, str] = NOTHING,
        settle_s: float = SETTLE_S,
        stream: str | None = None,
        cloud: AzureCloud = PUBLIC,
        ca_file: str = "",
        poll_s: float = POLL_S,
        retry: RetrySettings = RetrySettings(),  # noqa: B008 - frozen
        rate: RateLimit = RATE,
    ) -> None:
        if not account or not container or days < 1:
            raise InvalidArgumentError(f"account={account!r}, container={container!r}, days={days}: give all three")
        names = (prefixes,) if isinstance(prefixes, str) else tuple(prefixes)
        own = "+".join(name for name in names if name)
        reader = Blobs(
            AzureConnection(credentials=credentials, cloud=cloud, ca_file=ca_file),
            account,
            container,
            stream=stream or f"azure/{account}/blobs/{container}{'/' + own if own else ''}",
            prefixes=names,
            days=days,
            suffixes=(suffixes,) if isinstance(suffixes, str) else suffixes,
            settle_s=settle_s,
            sas=secret(sas),
            place=metadata,
        )
        super().__init__(reader, poll_s=poll_s, retry=retry, rate=rate)


def diagnostic_blobs(account: str, category: str, **settings: Any) -> BlobExports:
    """Return a source of the resource logs of one category that diagnostic settings write.

    Args:
        account: the storage account.
        category: as the settings name it.
        settings: those of `BlobExports`.

    >>> diagnostic_blobs("shoplogs", "kube-audit")
    BlobExports(stream='azure/shoplogs/blobs/insights-logs-kube-audit')
    """
    return BlobExports(account, f"insights-logs-{category.lower()}", **settings)


def activity_blobs(account: str, **settings: Any) -> BlobExports:
    """Return a source of the activity log that a diagnostic setting of a subscription writes.

    >>> activity_blobs("shoplogs")
    BlobExports(stream='azure/shoplogs/blobs/insights-activity-logs')
    """
    return BlobExports(account, "insights-activity-logs", **settings)


def cost_blobs(account: str, container: str, directory: str, **settings: Any) -> BlobExports:
    """Return a source of the CSV files of an export of Cost Management.

    Each run writes the month to date anew, next to a manifest; of rows that say the same again the newest counts. See
    https://learn.microsoft.com/azure/cost-management-billing/costs/tutorial-improved-exports.

    >>> cost_blobs("shopcosts", "exports", "daily/actual")
    BlobExports(stream='azure/shopcosts/blobs/exports/daily/actual/')
    """
    prefix = f"{directory.strip('/')}/"
    return BlobExports(account, container, **{"prefixes": prefix, "suffixes": (".csv", ".csv.gz"), **settings})
