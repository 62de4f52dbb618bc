"""Pages of a container's listing, and which folders are worth listing now.

Under the reader of blobs. See https://learn.microsoft.com/rest/api/storageservices/list-blobs: the last page has an
empty `NextMarker`; one without that element was cut off.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import NamedTuple
from urllib.parse import quote, unquote
from xml.etree import ElementTree

from ...acquisition import ObjectInfo, TruncatedAnswerError

PAGE_BLOBS = "5000"
"""The most that a page may have."""


class ListingPage(NamedTuple):
    """Blobs of one answer, and where the next one begins; "" at the end."""

    blobs: tuple[ObjectInfo, ...]
    marker: str


def read_listing(body: bytes, container_url: str) -> ListingPage:
    """Return a page of a listing; folders and empty blobs are left out.

    >>> body = b"<EnumerationResults><Blobs><Blob><Name>a b</Name><Properties><Content-Length>7</Content-Length>"
    >>> body += b"<Etag>0x8</Etag></Properties></Blob></Blobs><NextMarker/></EnumerationResults>"
    >>> read_listing(body, "https://shop.blob.core.windows.net/logs").blobs[0].key
    'https://shop.blob.core.windows.net/logs/a%20b'

    Raises:
        TruncatedAnswerError: what is no whole page.
    """
    try:
        root = ElementTree.fromstring(body)
    except ElementTree.ParseError as error:
        raise TruncatedAnswerError(f"a listing of {len(body)} bytes is not whole: {error}") from None
    marker = root.find("NextMarker")
    if root.tag != "EnumerationResults" or marker is None:
        raise TruncatedAnswerError(f"a listing without its marker, of <{root.tag}>")
    found = [_blob(element, container_url) for element in root.iterfind("Blobs/Blob")]
    return ListingPage(tuple([one for one in found if one is not None and one.size]), marker.text or "")


def _blob(element: ElementTree.Element, container_url: str) -> ObjectInfo | None:
    """Return a blob; None for the folder of an account with a hierarchical namespace."""
    named, told = element.find("Name"), {one.tag: one.text or "" for one in element.iterfind("Properties/*")}
    if named is None or told.get("ResourceType") == "directory":
        return None
    name = unquote(named.text or "") if named.get("Encoded") == "true" else named.text or ""
    modified = told.get("Last-Modified")
    return ObjectInfo(
        f"{container_url}/{quote(name)}",
        int(told.get("Content-Length") or 0),
        told.get("Etag", "").strip('"'),
        int(parsedate_to_datetime(modified).timestamp()) * 1_000_000_000 if modified else 0,
        told.get("BlobType") == "AppendBlob",
    )


def dated_prefixes(prefixes: Sequence[str], now_ns: int, days: int) -> Iterator[str]:
    """Yield prefixes; one with `%Y`, `%m`, `%d` or `%H` stands for those of the last days, the oldest first.

    >>> list(dated_prefixes(["a/y=%Y/m=%m/d=%d/", "b/"], 1_795_176_000_000_000_000, 2))
    ['a/y=2026/m=11/d=19/', 'a/y=2026/m=11/d=20/', 'b/']
    """
    now = datetime.fromtimestamp(now_ns // 1_000_000_000, UTC)
    for prefix in prefixes:
        if "%" not in prefix:
            yield prefix
            continue
        every = timedelta(hours=1) if "%H" in prefix else timedelta(days=1)
        count = days * (24 if "%H" in prefix else 1)
        yield from dict.fromkeys((now - every * back).strftime(prefix) for back in reversed(range(count)))
