"""Get an object of S3 by ranges, going on where a connection broke.

Under the sources of objects. A body that ends early raises in botocore only if it is read to its end, which is done
here; the ETag is asked for with each range, so that no object is put together of two. See
https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from ...acquisition import Failure, ObjectInfo, TruncatedAnswerError
from .failures import classify

RANGE_BYTES = 8 << 20
"""Asked for at once. Chosen: what a broken connection may cost, and still few requests for a large object."""

_READ_BYTES = 1 << 20

_LAYOUT = re.compile(r"AWSLogs/(?:o-[a-z0-9]+/)?(\d{12})/[^/]+/([a-z]{2}(?:-[a-z]+)+-\d)/")

_GOES_ON = (Failure.TRANSIENT, Failure.TRUNCATED, Failure.THROTTLED)


def split_key(found: ObjectInfo) -> tuple[str, str]:
    """Return the bucket and the key of a listed object.

    >>> split_key(ObjectInfo("s3://logs/AWSLogs/1/a.gz", 5))
    ('logs', 'AWSLogs/1/a.gz')
    """
    bucket, _, key = found.key.removeprefix("s3://").partition("/")
    return bucket, key


def object_blocks(client: Any, found: ObjectInfo, offset: int, asked: dict[str, str]) -> Iterator[bytes]:
    """Yield an object's bytes from an offset up to its size.

    Args:
        client: of S3.
        found: what the listing said.
        offset: where to begin.
        asked: the version to read (`VersionId`), or what it must be (`IfMatch`).
    """
    bucket, key = split_key(found)
    at = offset
    while at < found.size:
        began, end = at, min(found.size, at + RANGE_BYTES)
        try:
            answer = client.get_object(Bucket=bucket, Key=key, Range=f"bytes={at}-{end - 1}", **asked)
            for block in _blocks(answer, at, end):
                at += len(block)
                yield block
        except Exception as error:
            if classify(error).failure not in _GOES_ON or at == began:
                raise


def _blocks(answer: Any, at: int, end: int) -> Iterator[bytes]:
    """Yield a range's bytes; an answer that is not of this range is none of S3."""
    if not str(answer.get("ContentRange", "")).startswith(f"bytes {at}-{end - 1}/"):
        raise TruncatedAnswerError("an answer is not of the range that was asked for")
    body = answer["Body"]
    try:
        yield from iter(lambda: body.read(_READ_BYTES), b"")
    finally:
        body.close()


def place_of_key(key: str) -> dict[str, str]:
    """Return the account and region that a key of AWS's own layout names: the record itself often does not.

    >>> place_of_key("AWSLogs/123456789012/elasticloadbalancing/eu-west-1/2026/11/20/a.log.gz")
    {'account': '123456789012', 'region': 'eu-west-1'}
    """
    found = _LAYOUT.search(key)
    return {"account": found[1], "region": found[2]} if found else {}
