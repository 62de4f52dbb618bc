"""FakeQueue: an SQS queue beside buckets: messages are hidden once taken, come again, and go when they are deleted."""

from __future__ import annotations

import itertools
import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote_plus

from tests.wire.aws_s3 import FakeS3, Stored

QUEUE = "https://sqs.eu-west-1.amazonaws.com/123456789012/trail"


@dataclass
class Message:
    """A message, and from when on it can be taken."""

    id: str
    body: str
    visible_ns: int = 0
    taken: int = 0


class FakeQueue(FakeS3):
    """A queue; `deny` names operations that are not allowed, `refuse_deletes` those deletes that fail by themselves."""

    def __init__(self, *arguments: Any, **settings: Any) -> None:
        super().__init__(*arguments, **settings)
        self.messages: list[Message] = []
        self.extended: list[str] = []
        self._numbers = itertools.count(1)
        self.operations |= {
            "ReceiveMessage": self._receive,
            "DeleteMessageBatch": self._delete,
            "ChangeMessageVisibilityBatch": self._extend,
            "GetQueueAttributes": lambda asked: {"Attributes": {"ApproximateNumberOfMessages": "1"}},
        }

    def send(self, body: Any) -> Message:
        """Put a message into the queue."""
        text = body if isinstance(body, str) else json.dumps(body)
        self.messages.append(Message(f"m-{next(self._numbers)}", text))
        return self.messages[-1]

    def _receive(self, asked: dict[str, Any]) -> dict[str, Any]:
        now = self.clock_ns()
        found = [one for one in self.messages if one.visible_ns <= now][: asked["MaxNumberOfMessages"]]
        for one in found:
            one.visible_ns, one.taken = now + asked["VisibilityTimeout"] * 1_000_000_000, one.taken + 1
        return {"Messages": [_written(one) for one in found]} if found else {}

    def _delete(self, asked: dict[str, Any]) -> dict[str, Any]:
        gone = {entry["ReceiptHandle"] for entry in asked["Entries"]}
        self.messages = [one for one in self.messages if f"receipt of {one.id}" not in gone]
        return {"Successful": [{"Id": entry["Id"]} for entry in asked["Entries"]], "Failed": []}

    def _extend(self, asked: dict[str, Any]) -> dict[str, Any]:
        self.extended += [entry["ReceiptHandle"] for entry in asked["Entries"]]
        return {"Successful": [{"Id": entry["Id"]} for entry in asked["Entries"]], "Failed": []}


def _written(message: Message) -> dict[str, Any]:
    return {
        "MessageId": message.id,
        "ReceiptHandle": f"receipt of {message.id}",
        "Body": message.body,
        "Attributes": {"ApproximateReceiveCount": str(message.taken)},
    }


def s3_record(bucket: str, key: str, stored: Stored, **changes: Any) -> dict[str, Any]:
    """Return a record of S3's own notification."""
    found = {"key": quote_plus(key), "size": len(stored.content), "eTag": stored.etag, **changes.pop("object", {})}
    return {
        "eventVersion": "2.1",
        "eventSource": "aws:s3",
        "awsRegion": "eu-west-1",
        "eventTime": "2026-11-20T11:59:00.000Z",
        "eventName": "ObjectCreated:Put",
        "s3": {"bucket": {"name": bucket}, "object": found},
        **changes,
    }


def bridged(bucket: str, key: str, stored: Stored, kind: str = "Object Created") -> dict[str, Any]:
    """Return EventBridge's event of an object, whose key is plain."""
    return {
        "version": "0",
        "id": "17793124-05d4-b198-2fde-7ededc63b103",
        "detail-type": kind,
        "source": "aws.s3",
        "account": "123456789012",
        "time": "2026-11-20T11:59:00Z",
        "region": "eu-west-1",
        "resources": [f"arn:aws:s3:::{bucket}"],
        "detail": {
            "version": "0",
            "bucket": {"name": bucket},
            "object": {"key": key, "size": len(stored.content), "etag": stored.etag},
        },
    }


def by_sns(message: dict[str, Any]) -> dict[str, Any]:
    """Return a message as SNS passes it on."""
    topic = "arn:aws:sns:eu-west-1:123456789012:trail"
    return {"Type": "Notification", "MessageId": "n", "TopicArn": topic, "Message": json.dumps(message)}
