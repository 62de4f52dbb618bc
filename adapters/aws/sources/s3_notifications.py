"""S3Notifications: objects of S3, read as soon as a queue tells of them; the way that scales with the bucket.

Between a queue and the records of objects. A message is deleted after the commit of all that its objects hold. An
object that cannot be read is a gap, and its message comes again; one that is gone for good is a gap for good. See
https://docs.aws.amazon.com/AmazonS3/latest/userguide/EventNotifications.html. Needs what `SqsMessages` needs,
`s3:GetObject` (with versions `s3:GetObjectVersion`) on the objects, and `kms:Decrypt` where a key encrypts them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from ...acquisition import Delivery, Failure, Lost, ObjectInfo, ObjectRead, Page, RequestFailedError, Requests, has
from .s3_get import object_blocks, place_of_key, split_key
from .s3_notices import Notice, notices_of
from .sqs_queue import QueueReader, SqsMessages
from .visibility import Visibility

_GONE = ("NoSuchKey", "NoSuchVersion", "NoSuchBucket", "PreconditionFailed", ": 404:", ": 412:")
"""What says that an object (of this version) is there no more; asking again gives the same."""

_OF_THE_OBJECT = (Failure.DENIED, Failure.TRUNCATED, Failure.FATAL)
"""Failures of one object that leave the others readable."""

_MISSED, _READ = "missed", "read"
"""What the cursor says of an object whose message came again."""


class NotifiedObjects(QueueReader):
    """Receives notifications, reads their objects."""

    def delivered(
        self,
        messages: Sequence[Mapping[str, Any]],
        positions: Mapping[str, str],
        requests: Requests,
        visibility: Visibility,
    ) -> Iterator[Delivery]:
        """Yield the records of the objects that messages speak of, message by message."""
        for message in messages:
            notices = notices_of(str(message["Body"]))
            if notices is None:
                yield from super().delivered([message], positions, requests, visibility)
            else:
                yield from self._message(message, notices, positions, requests, visibility)

    def _message(
        self,
        message: Mapping[str, Any],
        notices: Sequence[Notice],
        positions: Mapping[str, str],
        requests: Requests,
        visibility: Visibility,
    ) -> Iterator[Delivery]:
        """Yield what a message's objects hold; the last delivery deletes the message, if all were read."""
        done: Callable[[], None] = partial(self.delete, [message], requests, visibility)
        waiting: Delivery | None = None
        unread: list[str] = []
        for notice in notices:
            for delivery in self._object(notice, positions, requests, unread):
                if waiting is not None:
                    yield waiting
                waiting = delivery
        if unread:
            visibility.drop([message["ReceiptHandle"]])  # it comes again, or goes to the dead letter queue
            done = _nothing
        if waiting is None:
            done()  # a test, or of something else than new objects: nothing waits for a commit
        else:
            yield replace(waiting, acknowledge=done)

    def _object(
        self, notice: Notice, positions: Mapping[str, str], requests: Requests, unread: list[str]
    ) -> Iterator[Delivery]:
        """Yield the records of one object, or that it is missing; note it where its message shall come again."""
        key = notice.found.key
        lost = Lost(notice.found.modified_ns, notice.found.modified_ns + 1, "", sampled=False, resource=key)
        requests.new_deadline()
        try:
            found = self._sized(notice, requests)
            content = _Content(self, notice.version_id)
            for chunk in ObjectRead(content, found, requests).chunks(_no_cursor):
                yield Delivery(Page(chunk.records, chunk.raw_bytes, chunk.rejected))
        except RequestFailedError as error:
            if error.failure not in _OF_THE_OBJECT:
                raise
            requests.tally["objects missed"] += 1
            gone = any(word in error.verdict.detail for word in _GONE)
            if not gone:
                unread.append(key)
            if positions.get(key) != _MISSED:
                lost = lost._replace(reason=error.verdict.detail)
                yield Delivery(lost=(lost,), positions={} if gone else {key: _MISSED})
            return
        requests.tally["objects"] += 1
        if positions.get(key) == _MISSED:
            yield Delivery(found=(lost,), positions={key: _READ})

    def _sized(self, notice: Notice, requests: Requests) -> ObjectInfo:
        """Return an object with its size and ETag, which a notification may lack."""
        if notice.found.size >= 0 and notice.found.version:
            return notice.found
        bucket, key = split_key(notice.found)
        asked = {"Bucket": bucket, "Key": key, **_version(notice.version_id)}
        answer = requests.call(
            lambda: self.connection.client("s3").head_object(**asked), whole=has("ContentLength", "ETag")
        )
        return notice.found._replace(size=answer["ContentLength"], version=answer["ETag"].strip('"'))


class _Content:
    """Reads one version of one object."""

    def __init__(self, reader: QueueReader, version_id: str) -> None:
        self._reader, self._version_id = reader, version_id

    def blocks(self, found: ObjectInfo, offset: int) -> Iterator[bytes]:
        asked = _version(self._version_id) or {"IfMatch": f'"{found.version}"'}
        return object_blocks(self._reader.connection.client("s3"), found, offset, asked)

    def metadata(self, found: ObjectInfo) -> Mapping[str, str]:
        return {**self._reader.place, **place_of_key(found.key)}


def _version(version_id: str) -> dict[str, str]:
    return {"VersionId": version_id} if version_id else {}


def _nothing() -> None:
    """Leave a message in its queue."""


def _no_cursor() -> None:
    """The queue knows what was read."""


class S3Notifications(SqsMessages):
    """The records of objects that a queue tells of, once each; other messages of the queue as they are.

    Takes S3's own notifications and EventBridge's `Object Created`, each also by way of SNS. Arguments are those of
    `SqsMessages`.

    >>> url = "https://sqs.eu-west-1.amazonaws.com/123456789012/trail"
    >>> S3Notifications(url, account="123456789012", region="eu-west-1")
    S3Notifications(stream='aws/123456789012/eu-west-1/sqs/trail')
    """

    reader_type = NotifiedObjects
