"""FakeS3: ListObjectsV2, ListObjectVersions and GetObject by ranges, as boto3 sees them, with faults.

Path-style REST with XML. Pages are small; an object's ETag changes with its content; every version stays.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from hashlib import md5
from typing import NamedTuple
from urllib.parse import parse_qsl, quote, unquote, urlsplit
from xml.sax.saxutils import escape

from tests.wire.aws_api import XML, AwsApi
from tests.wire.faults import Faults
from tests.wire.http_fake import Answer, Request

_NAMESPACE = "http://s3.amazonaws.com/doc/2006-03-01/"


class Stored(NamedTuple):
    """One version of an object."""

    content: bytes
    written_ns: int
    version: str

    @property
    def etag(self) -> str:
        """Changes when the content does."""
        return md5(self.content, usedforsecurity=False).hexdigest()


class FakeS3(AwsApi):
    """Buckets.

    Args:
        faults: kinds besides the network's: those of `AwsApi`, and empty_page.
        clock_ns: when objects are written.
        page_keys: keys in a page at most.

    Attributes:
        broken: keys that cannot be read, and why (a kind of fault).
    """

    def __init__(self, faults: Faults | None, clock_ns: Callable[[], int], *, page_keys: int = 5) -> None:
        super().__init__(faults)
        self.clock_ns, self.page_keys = clock_ns, page_keys
        self.buckets: dict[str, dict[str, list[Stored]]] = {}
        self.broken: dict[str, str] = {}

    def put(self, bucket: str, key: str, content: bytes) -> Stored:
        """Write an object, or its next version."""
        versions = self.buckets.setdefault(bucket, {}).setdefault(key, [])
        versions.append(Stored(content, self.clock_ns(), f"v{len(versions) + 1}"))
        return versions[-1]

    def answer(self, request: Request) -> Answer:
        """Answer as the service does."""
        if self.operation(request):
            return super().answer(request)
        parts = urlsplit(request.path)
        bucket, _, key = unquote(parts.path).removeprefix("/").partition("/")
        query = dict(parse_qsl(parts.query, keep_blank_values=True))
        if bucket not in self.buckets:
            return self.error(request, 404, "NoSuchBucket", bucket)
        if key:
            return self._object(request, bucket, key, query)
        return self._versions(bucket, query) if "versions" in query else self._listing(bucket, query)

    def fault(self, kind: str, request: Request) -> Answer:
        """Answer that something is wrong; an empty page is one of a listing."""
        if kind != "empty_page":
            return super().fault(kind, request)
        if "list-type" not in request.path:
            return self.answer(request)
        token = dict(parse_qsl(urlsplit(request.path).query)).get("start-after", "")
        return _page("ListBucketResult", "", truncated=True, more=f"<KeyCount>0</KeyCount>{_next(token or ' ')}")

    def _object(self, request: Request, bucket: str, key: str, query: dict[str, str]) -> Answer:
        if key in self.broken:
            return self.fault(self.broken[key], request)
        versions = self.buckets[bucket].get(key, [])
        wanted = [one for one in versions if one.version == query.get("versionId", one.version)]
        if not wanted:
            return self.error(request, 404, "NoSuchKey", key)
        headers = {name.lower(): value for name, value in request.headers.items()}
        if headers.get("if-match", f'"{wanted[-1].etag}"') != f'"{wanted[-1].etag}"':
            return self.error(request, 412, "PreconditionFailed", key)
        return _ranged(wanted[-1], headers.get("range", ""))

    def _listing(self, bucket: str, query: dict[str, str]) -> Answer:
        after = query.get("continuation-token", query.get("start-after", ""))
        keys = sorted(key for key in self.buckets[bucket] if key.startswith(query.get("prefix", "")) and key > after)
        page = keys[: min(self.page_keys, int(query.get("max-keys", "1000")))]
        listed = "".join(_listed("Contents", key, self.buckets[bucket][key][-1]) for key in page)
        more = f"<KeyCount>{len(page)}</KeyCount>" + (_next(page[-1]) if len(keys) > len(page) else "")
        return _page("ListBucketResult", listed, truncated=len(keys) > len(page), more=more)

    def _versions(self, bucket: str, query: dict[str, str]) -> Answer:
        after = query.get("key-marker", ""), query.get("version-id-marker", "")
        found = [
            (key, one)
            for key, versions in sorted(self.buckets[bucket].items())
            for one in versions
            if key.startswith(query.get("prefix", "")) and (key, one.version) > after
        ]
        page = found[: self.page_keys]
        listed = "".join(_listed("Version", key, one) for key, one in page)
        more = ""
        if len(found) > len(page):
            key, one = page[-1]
            more = (
                f"<NextKeyMarker>{quote(key)}</NextKeyMarker><NextVersionIdMarker>{one.version}</NextVersionIdMarker>"
            )
        return _page("ListVersionsResult", listed, truncated=bool(more), more=more)


def _ranged(found: Stored, asked: str) -> Answer:
    """Return the part of an object that a range names."""
    span = re.fullmatch(r"bytes=(\d+)-(\d+)", asked)
    headers = {"ETag": f'"{found.etag}"', "Content-Type": "application/octet-stream"}
    if span is None:
        return Answer(200, found.content, headers)
    start, end = int(span[1]), min(int(span[2]), len(found.content) - 1)
    place = {"Content-Range": f"bytes {start}-{end}/{len(found.content)}"}
    return Answer(206, found.content[start : end + 1], headers | place)


def _listed(element: str, key: str, one: Stored) -> str:
    written = datetime.fromtimestamp(one.written_ns / 1e9, UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")
    version = f"<VersionId>{one.version}</VersionId>" if element == "Version" else ""
    return (
        f"<{element}><Key>{quote(key)}</Key><Size>{len(one.content)}</Size><ETag>&quot;{one.etag}&quot;</ETag>"
        f"<LastModified>{written}</LastModified>{version}</{element}>"
    )


def _next(token: str) -> str:
    return f"<NextContinuationToken>{escape(token)}</NextContinuationToken>"


def _page(name: str, listed: str, *, truncated: bool, more: str) -> Answer:
    text = (
        f"<{name} xmlns='{_NAMESPACE}'><EncodingType>url</EncodingType>"
        f"<IsTruncated>{str(truncated).lower()}</IsTruncated>{more}{listed}</{name}>"
    )
    return Answer(200, text.encode(), XML)
