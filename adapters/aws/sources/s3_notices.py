"""Which objects a message speaks of: S3's own notification, EventBridge's, each bare or wrapped by SNS.

S3's own has its keys URL-encoded (a space is `+`), EventBridge's are plain; the first message of a configured bucket
is a test. See https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html and
https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote_plus

import msgspec

from ....domain.timestamps import parse_timestamp_ns
from ...acquisition import ObjectInfo

MOST_WRAPPERS = 3
"""SNS within SQS is one. Chosen: hostile messages must end."""


class Notice(msgspec.Struct, frozen=True):
    """An object that was written; `version_id` is set where the bucket keeps versions."""

    found: ObjectInfo
    version_id: str = ""


def notices_of(body: str) -> list[Notice] | None:
    """Return the objects that a message says were written; None where it is no notification of S3.

    >>> body = '{"Records":[{"eventSource":"aws:s3","eventName":"ObjectCreated:Put","s3":{"bucket":{"name":"b"},"object":{"key":"a+b%2Bc.gz","size":5,"eTag":"e"}}}]}'
    >>> notices_of(body)[0].found.key
    's3://b/a b+c.gz'
    >>> notices_of('{"Service":"Amazon S3","Event":"s3:TestEvent"}')
    []
    """  # noqa: E501 - a message is one line
    message = _unwrapped(body)
    if message is None:
        return None
    if message.get("Event") == "s3:TestEvent":
        return []
    if message.get("source") == "aws.s3" and isinstance(message.get("detail"), dict):
        return _of_event_bridge(message)
    listed = message.get("Records")
    if not isinstance(listed, list) or not listed or not all(map(_is_record, listed)):
        return None
    return [_notice(one) for one in listed if "ObjectCreated" in str(one.get("eventName"))]


def _unwrapped(body: str) -> dict[str, Any] | None:
    """Return the message as an object, out of SNS's envelopes."""
    for _ in range(MOST_WRAPPERS):
        try:
            message = msgspec.json.decode(body)
        except msgspec.DecodeError:
            return None
        if not isinstance(message, dict):
            return None
        if message.get("Type") != "Notification" or not isinstance(message.get("Message"), str):
            return message
        body = message["Message"]
    return None


def _is_record(record: Any) -> bool:
    if not isinstance(record, dict) or record.get("eventSource") != "aws:s3":
        return False
    told = record.get("s3")
    return isinstance(told, dict) and _is_place(told)


def _is_place(told: dict[str, Any]) -> bool:
    bucket, found = told.get("bucket"), told.get("object")
    return isinstance(bucket, dict) and "name" in bucket and isinstance(found, dict) and "key" in found


def _notice(record: dict[str, Any]) -> Notice:
    found = record["s3"]["object"]
    key = unquote_plus(str(found["key"]))
    return _made(record["s3"]["bucket"], key, found, "eTag", "versionId", record.get("eventTime"))


def _of_event_bridge(message: dict[str, Any]) -> list[Notice] | None:
    detail = message["detail"]
    if not _is_place(detail):
        return None
    if message.get("detail-type") != "Object Created":
        return []
    found = detail["object"]
    return [_made(detail["bucket"], str(found["key"]), found, "etag", "version-id", message.get("time"))]


def _made(bucket: dict[str, Any], key: str, found: dict[str, Any], etag: str, version: str, time: Any) -> Notice:
    size = found.get("size")
    written_ns = parse_timestamp_ns(time) if isinstance(time, str) else None
    return Notice(
        ObjectInfo(
            f"s3://{bucket['name']}/{key}",
            size if isinstance(size, int) else -1,
            str(found.get(etag) or "").strip('"'),
            written_ns or 0,
        ),
        str(found.get(version) or ""),
    )
