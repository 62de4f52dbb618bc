"""SqsMessages: the messages of a queue, such as EventBridge's events of scaling, deployments and state changes.

A message is deleted after the commit that holds it; until then it stays hidden from other readers. What fails comes
again when its timeout ends, and goes to the dead letter queue where the queue has one. See
https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ReceiveMessage.html. Needs
`sqs:ReceiveMessage`, `sqs:DeleteMessage`, `sqs:ChangeMessageVisibility` and `sqs:GetQueueAttributes` on the queue.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from hashlib import blake2b
from typing import Any

import boto3
import numpy as np
from botocore.exceptions import BotoCoreError, ClientError

from ....domain.errors import InvalidArgumentError
from ...acquisition import (
    BreakerSettings,
    Check,
    Delivery,
    Page,
    RateLimit,
    Requests,
    RetrySettings,
    SourceIdentity,
    StreamSource,
)
from ...records import Origin, Records
from .access import check_identity, check_right
from .connection import AwsConnection, AwsCredentials
from .reader import AwsReader
from .visibility import Visibility

MESSAGES = 10
"""The most that a request takes, deletes or extends."""

WAIT_S = 1
"""Of a request for messages. Any wait asks all servers, so that nothing means nothing; a longer one delays a stop."""

VISIBILITY_S = 120
"""How long a message is hidden. Chosen: a reader that dies delays its messages so long; it is renewed meanwhile."""

EMPTY_ANSWERS = 2
"""In a row before a queue counts as empty."""

RATE = RateLimit(per_s=100.0, burst=100)
"""A queue takes far more; this bounds what it costs:
https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html."""

_LEAST_WITH_MESSAGES = 32
"""Bytes: an answer without messages is `{}`, one that has lost its own is as long as they were."""


class QueueReader(AwsReader):
    """Receives the messages of one queue."""

    def __init__(self, connection: AwsConnection, url: str, stream: str, *, visibility_s: int) -> None:
        identity = SourceIdentity(
            stream=stream,
            provider="aws",
            account=connection.account,
            region=connection.region,
            api="sqs",
            cursor="none: the queue knows what was deleted",
            dedupe=("the record's own id, else MessageId",),
        )
        super().__init__(connection, identity)
        self.url, self._visibility_s = url, visibility_s

    def check(self, requests: Requests) -> tuple[Check, ...]:
        """Return whether the queue is there and may be read; a message that is looked at stays visible."""
        looked = {"QueueUrl": self.url, "MaxNumberOfMessages": 1, "VisibilityTimeout": 0}
        attributes = {"QueueUrl": self.url, "AttributeNames": ["ApproximateNumberOfMessages"]}
        return (
            check_identity(self.connection, requests),
            check_right("sqs:GetQueueAttributes", requests, lambda: self._client().get_queue_attributes(**attributes)),
            check_right("sqs:ReceiveMessage", requests, lambda: self._client().receive_message(**looked)),
        )

    def deliveries(self, positions: Mapping[str, str], requests: Requests) -> Iterator[Delivery]:
        """Yield messages as they come; the queue itself knows which were deleted."""
        visibility = Visibility(partial(self._extend, requests), timeout_s=self._visibility_s)
        places, empty = dict(positions), 0
        try:
            while requests.runtime.live or empty < EMPTY_ANSWERS:
                messages = requests.call(self._receive, whole=_is_whole).get("Messages", [])
                empty = 0 if messages else empty + 1
                visibility.hold([one["ReceiptHandle"] for one in messages])
                for delivery in self.delivered(messages, places, requests, visibility) if messages else (Delivery(),):
                    places.update(delivery.positions)
                    yield delivery
            yield Delivery(caught_up=True)
        finally:
            visibility.close()

    def delivered(
        self,
        messages: Sequence[Mapping[str, Any]],
        positions: Mapping[str, str],
        requests: Requests,
        visibility: Visibility,
    ) -> Iterator[Delivery]:
        """Yield what messages hold: here the messages themselves."""
        done = partial(self.delete, messages, requests, visibility)
        yield Delivery(self.page_of_messages(messages, requests), acknowledge=done)

    def page_of_messages(self, messages: Sequence[Mapping[str, Any]], requests: Requests) -> Page:
        """Return messages as records; one whose content has no id of its own is named by the message's."""
        bodies = [str(one["Body"]).encode("utf-8", "surrogatepass") for one in messages]
        origin = Origin(self.url, self.place, requests.runtime.now_ns())
        places = np.array([place_of(one["MessageId"]) for one in messages], np.int64)
        return Page(Records.of(bodies, origin, places), sum(map(len, bodies)))

    def delete(self, messages: Sequence[Mapping[str, Any]], requests: Requests, visibility: Visibility) -> None:
        """Delete messages that are in the ledger now; where that fails they come again, and are stored once."""
        entries = [{"Id": str(n), "ReceiptHandle": one["ReceiptHandle"]} for n, one in enumerate(messages)]
        requests.call(lambda: self._client().delete_message_batch(QueueUrl=self.url, Entries=entries))
        visibility.drop([one["ReceiptHandle"] for one in messages])

    def _receive(self) -> Any:
        return self._client().receive_message(
            QueueUrl=self.url,
            MaxNumberOfMessages=MESSAGES,
            WaitTimeSeconds=WAIT_S,
            VisibilityTimeout=self._visibility_s,
            MessageSystemAttributeNames=["ApproximateReceiveCount", "SentTimestamp"],
        )

    def _extend(self, requests: Requests, receipts: list[str]) -> None:
        """Hide messages for longer; where that fails they may come again, and are stored once."""
        for at in range(0, len(receipts), MESSAGES):
            entries = [
                {"Id": str(number), "ReceiptHandle": one, "VisibilityTimeout": self._visibility_s}
                for number, one in enumerate(receipts[at : at + MESSAGES])
            ]
            try:
                self._client().change_message_visibility_batch(QueueUrl=self.url, Entries=entries)
                requests.tally["timeouts renewed"] += len(entries)
            except (BotoCoreError, ClientError):
                requests.tally["timeouts not renewed"] += len(entries)

    def _client(self) -> Any:
        return self.connection.client("sqs")


def place_of(message_id: str) -> int:
    """Return a number that stands for a message.

    >>> place_of("m-1") == place_of("m-1")
    True
    """
    return int.from_bytes(blake2b(message_id.encode(), digest_size=8).digest()) >> 1


def _is_whole(answer: Any) -> bool:
    """Say whether an answer has its messages: one without any has no key for them, and is short JSON."""
    if "Messages" in answer:
        return True
    headers = answer.get("ResponseMetadata", {}).get("HTTPHeaders", {})
    size = int(headers.get("content-length", 2))
    return 2 <= size < _LEAST_WITH_MESSAGES and "json" in headers.get("content-type", "json")


def queue_name(url: str) -> str:
    """Return a queue's name.

    >>> queue_name("https://sqs.eu-west-1.amazonaws.com/123456789012/scaling")
    'scaling'
    """
    if "/" not in url:
        raise InvalidArgumentError(f"queue_url={url!r}: give the URL of a queue")
    return url.rstrip("/").rpartition("/")[2]


class SqsMessages(StreamSource):
    """The messages of an SQS queue, once each.

    Args:
        queue_url: the queue, as GetQueueUrl names it.
        account, region: where it is.
        credentials: where they come from, or a ready `boto3.Session`.
        visibility_s: how long a message that was taken is hidden from others; renewed while it is worked on.
        stream: the stream to write; by default named by account, region and queue.
        endpoint_url: another address than the public one.
        retry, rate, circuit: see the settings.

    >>> url = "https://sqs.eu-west-1.amazonaws.com/123456789012/scaling"
    >>> SqsMessages(url, account="123456789012", region="eu-west-1")
    SqsMessages(stream='aws/123456789012/eu-west-1/sqs/scaling')
    """

    def __init__(
        self,
        queue_url: str,
        *,
        account: str,
        region: str,
        credentials: AwsCredentials | boto3.Session | None = None,
        visibility_s: int = VISIBILITY_S,
        stream: str | None = None,
        endpoint_url: str | None = None,
        retry: RetrySettings = RetrySettings(),  # noqa: B008 - frozen
        rate: RateLimit = RATE,
        circuit: BreakerSettings = BreakerSettings(),  # noqa: B008 - frozen
    ) -> None:
        connection = AwsConnection(account, region, credentials=credentials, endpoint_url=endpoint_url)
        name = stream or f"aws/{account}/{region}/sqs/{queue_name(queue_url)}"
        reader = self.reader_type(connection, queue_url, name, visibility_s=visibility_s)
        super().__init__(reader, retry=retry, rate=rate, circuit=circuit)

    reader_type: type[QueueReader] = QueueReader
