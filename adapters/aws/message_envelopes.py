"""Peel the messages of SNS and SQS, as their APIs and Lambda give them, and Firehose's backups of failed records.

A record stands as JSON in a text; a message in plain words stays the message. Confirmations of subscriptions and test
events of S3 carry no record. See https://docs.aws.amazon.com/sns/latest/dg/sns-message-and-json-formats.html,
https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html and
https://docs.aws.amazon.com/firehose/latest/dev/retry.html.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

import msgspec
import numpy as np

from ..envelope import carried
from ..parser import Sample
from ..records import Records
from ..text_envelopes import holds_json


class MessageEnvelope:
    """`{"Type":"Notification","Message":"..."}`, `{"Messages":[{"Body"}]}`, `{"Records":[{"body"}]}` or `[{"Sns"}]`.

    >>> from ..records import Origin
    >>> body = b'{"Type":"Notification","TopicArn":"arn:aws:sns:eu-west-1:1:t","Message":"{}"}'
    >>> MessageEnvelope().peel(Records.of([body], Origin("x"))).bodies
    [b'{}']
    """

    name = "aws.message"
    decodes = True

    def recognises(self, sample: Sample) -> bool:
        """Say whether a record is a message, or messages, that hold JSON."""
        return bool(_messages(sample.fields))

    def peel(self, records: Records) -> Records:
        """Return what the messages say."""
        texts = [_messages(msgspec.json.decode(body)) for body in records.bodies]
        if not all(texts):
            raise ValueError("a record is no message")
        parts = [[text.encode("utf-8", "surrogatepass") for text in own] for own in texts]
        return carried(records, parts, [{"envelope": self.name}] * len(records))


def _messages(fields: Mapping[str, Any]) -> list[str]:
    """Return the JSON texts of messages; nothing unless all are."""
    listed = next((fields[key] for key in ("Messages", "Records") if isinstance(fields.get(key), list)), [fields])
    texts = [_message(one) if isinstance(one, dict) else None for one in listed]
    found = [text for text in texts if isinstance(text, str) and holds_json(text)]
    return found if len(found) == len(listed) else []


def _message(fields: Mapping[str, Any]) -> Any:
    if fields.get("Type") == "Notification" and "TopicArn" in fields:
        return fields.get("Message")
    if isinstance(notice := fields.get("Sns"), dict):
        return notice.get("Message")
    if "receiptHandle" in fields or fields.get("eventSource") == "aws:sqs":
        return fields.get("body")
    return fields.get("Body") if "MessageId" in fields else None


class FirehoseBackup:
    """A record that Firehose could not deliver: base64 under `rawData`.

    >>> from ..records import Origin
    >>> FirehoseBackup().peel(Records.of([b'{"rawData":"e30=","errorCode":"x"}'], Origin("x"))).bodies
    [b'{}']
    """

    name = "aws.firehose_backup"
    decodes = True

    def recognises(self, sample: Sample) -> bool:
        """Say whether a record is such a backup."""
        fields = sample.fields
        return isinstance(fields.get("rawData"), str) and ("attemptsMade" in fields or "errorCode" in fields)

    def peel(self, records: Records) -> Records:
        """Return the records."""
        items = [msgspec.json.decode(body) for body in records.bodies]
        parts = [[base64.b64decode(item["rawData"], validate=True)] for item in items]
        return carried(records, parts, [{"envelope": self.name}] * len(records))


class ControlMessage:
    """A message about the delivery itself: a subscription to be confirmed, the test event of a bucket's notifications.

    >>> from ..records import Origin
    >>> len(ControlMessage().peel(Records.of([b'{"Event":"s3:TestEvent","Service":"Amazon S3"}'], Origin("x"))))
    0
    """

    name = "aws.control_message"
    decodes = False

    def recognises(self, sample: Sample) -> bool:
        """Say whether a record is such a message."""
        fields = sample.fields
        if fields.get("Event") == "s3:TestEvent" and fields.get("Service") == "Amazon S3":
            return True
        confirms = fields.get("Type") in ("SubscriptionConfirmation", "UnsubscribeConfirmation")
        return confirms and "TopicArn" in fields and "SubscribeURL" in fields

    def peel(self, records: Records) -> Records:
        """Return nothing."""
        return records.take(np.zeros(0, np.int64))
