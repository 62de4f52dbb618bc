"""StorageObjects: the objects of a bucket: exports of a log sink, of billing, or any files of logs.

A sink writes a file per hour, the first after two or three hours, late entries as addenda into the folders of their
hours; entries may stand in two files. So everything is listed again at each poll and compared with a manifest; an
object that was replaced has a new generation, and is read again. See
https://cloud.google.com/logging/docs/export/storage and https://cloud.google.com/storage/docs/json_api/v1/objects/list.
Needs `roles/storage.objectViewer` on the bucket (`storage.objects.list`, `storage.objects.get`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from google.auth.credentials import Credentials

from ....domain.errors import InvalidArgumentError
from ....domain.timestamps import to_instant_ns
from ...acquisition import (
    BreakerSettings,
    Check,
    ObjectInfo,
    ObjectSource,
    PageTokens,
    RateLimit,
    Requests,
    RetrySettings,
    SourceIdentity,
    Verdict,
)
from ...acquisition.window import Instant
from .access import check_permissions
from .connection import TIMEOUT_S, GcpConnection
from .credentials import GcpCredentials
from .failures import classify

PAGE_OBJECTS = 1000
"""The most that the API gives in a page."""

BLOCK_BYTES = 8 << 20
"""Of one read of an object. Chosen: few requests per object, and little memory."""

POLL_S = 300.0
"""Seconds between two listings. Chosen: sinks write hourly, billing a few times a day."""

RATE = RateLimit(per_s=50.0, burst=50)
"""Far below what a bucket serves from the start: https://cloud.google.com/storage/docs/request-rate."""

_FIELDS = "items(name,size,generation,updated),nextPageToken"


class BucketObjects:
    """Lists and reads the objects of a bucket."""

    def __init__(
        self,
        connection: GcpConnection,
        bucket: str,
        *,
        stream: str,
        prefix: str,
        glob: str,
        since_ns: int,
        metadata: Mapping[str, str],
    ) -> None:
        self.connection, self.bucket = connection, bucket
        self._prefix, self._glob, self._since_ns, self._metadata = prefix, glob, since_ns, dict(metadata)
        self.identity = SourceIdentity(
            stream=stream,
            provider="gcp",
            account=connection.project,
            api="storage",
            cursor="manifest of objects by name, generation and size",
            dedupe=("logName", "timestamp", "insertId"),
        )

    def classify(self, error: Exception) -> Verdict:
        """Return what an exception of Google's libraries means."""
        return classify(error)

    def refresh(self) -> None:
        """Get credentials anew."""
        self.connection.refresh()

    def check(self, requests: Requests) -> tuple[Check, ...]:
        """Return whether the objects may be listed and read."""
        wanted = ["storage.objects.get", "storage.objects.list"]
        return check_permissions(wanted, "roles/storage.objectViewer", requests, lambda: self._permissions(wanted))

    def listing(self, requests: Requests) -> Iterator[ObjectInfo]:
        """Yield the objects that were written since the beginning; ends with the page that has no token."""
        token: str | None = None
        tokens = PageTokens()
        while True:
            blobs, token = requests.call(lambda token=token: self._page(token))  # type: ignore[misc]
            found = [_info(self.bucket, blob) for blob in blobs]
            yield from [one for one in found if one.modified_ns >= self._since_ns]
            if not tokens.following(token):
                return

    def blocks(self, found: ObjectInfo, offset: int) -> Iterator[bytes]:
        """Yield an object's bytes as they are stored, of the very generation that was listed."""
        name = found.key.removeprefix(f"gs://{self.bucket}/")
        for start in range(offset, found.size, BLOCK_BYTES):
            end = min(start + BLOCK_BYTES, found.size) - 1
            # Anew for each block: an answer without a header of the generation makes a blob forget its own.
            blob = self._bucket().blob(name, generation=int(found.version))
            yield blob.download_as_bytes(
                start=start, end=end, raw_download=True, checksum=None, retry=None, timeout=TIMEOUT_S
            )

    def metadata(self, found: ObjectInfo) -> Mapping[str, str]:
        """Return what the bucket says of its records."""
        return {"provider": "gcp", "account": self.connection.project, **self._metadata}

    def _page(self, token: str | None) -> tuple[list[Any], str | None]:
        """Return the objects of one page, and the token of the next."""
        blobs = self.connection.storage().list_blobs(
            self.bucket,
            page_token=token,
            prefix=self._prefix or None,
            match_glob=self._glob or None,
            page_size=PAGE_OBJECTS,
            fields=_FIELDS,
            retry=None,
            timeout=TIMEOUT_S,
        )
        page = list(next(blobs.pages))
        return page, blobs.next_page_token

    def _permissions(self, wanted: list[str]) -> Iterable[str]:
        return list(self._bucket().test_iam_permissions(wanted, timeout=TIMEOUT_S, retry=None))

    def _bucket(self) -> Any:
        return self.connection.storage().bucket(self.bucket)


def _info(bucket: str, blob: Any) -> ObjectInfo:
    modified_ns = int(blob.updated.timestamp() * 1_000_000) * 1000 if blob.updated else 0
    return ObjectInfo(f"gs://{bucket}/{blob.name}", int(blob.size or 0), str(blob.generation or 0), modified_ns)


class StorageObjects(ObjectSource):
    """The records of a bucket's objects, each object whole and once.

    Args:
        bucket: its name.
        project: whose quota is used; the account of records that name none.
        prefix: only objects whose names begin so.
        glob: only objects whose names match, e.g. `**/*.json`; see
            https://cloud.google.com/storage/docs/json_api/v1/objects/list#list-objects-and-prefixes-using-glob.
        since: only objects that were written at or after this.
        credentials: where they come from, or ready credentials of google-auth.
        metadata: what else is known of the records, such as `region` or `cluster`.
        stream: the stream to write; by default named by bucket and prefix.
        endpoint, ca_file: another address than the public one, and whom to trust there.
        poll_s, retry, rate, circuit: see the settings.

    >>> StorageObjects("shop-billing", project="shop-prod", prefix="exports/")
    StorageObjects(stream='gcp/shop-prod/storage/shop-billing/exports')
    """

    def __init__(
        self,
        bucket: str,
        *,
        project: str,
        prefix: str = "",
        glob: str = "",
        since: Instant | None = None,
        credentials: GcpCredentials | Credentials | None = None,
        metadata: Mapping[str, str] | None = None,
        stream: str | None = None,
        endpoint: str = "",
        ca_file: str = "",
        poll_s: float = POLL_S,
        retry: RetrySettings = RetrySettings(),  # noqa: B008 - frozen
        rate: RateLimit = RATE,
        circuit: BreakerSettings = BreakerSettings(),  # noqa: B008 - frozen
    ) -> None:
        if not bucket or "/" in bucket:
            raise InvalidArgumentError(f"bucket={bucket!r}: give the name of a bucket, without gs:// or a path")
        connection = GcpConnection(project, credentials=credentials, endpoint=endpoint, ca_file=ca_file)
        name = stream or f"gcp/{project}/storage/{bucket}/{prefix}".rstrip("/")
        reader = BucketObjects(
            connection,
            bucket,
            stream=name,
            prefix=prefix,
            glob=glob,
            since_ns=0 if since is None else to_instant_ns(since),
            metadata=metadata or {},
        )
        super().__init__(reader, poll_s=poll_s, retry=retry, rate=rate, circuit=circuit)
