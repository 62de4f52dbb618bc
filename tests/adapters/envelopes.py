"""Every carrier of records, written around given texts: what a sink, queue, function or console makes of them."""

import base64
import gzip
import json
from collections.abc import Callable, Sequence

from tests.adapters.builders import subscription

Wrap = Callable[[Sequence[str]], str]

TIME = "2026-11-20T10:00:00Z"


def encoded(text: str | bytes) -> str:
    return base64.b64encode(text.encode() if isinstance(text, str) else text).decode()


def members(texts: Sequence[str]) -> str:
    """Base64 of gzip members one after another, a record with its line end in each."""
    return encoded(b"".join(gzip.compress(text.encode() + b"\r\n") for text in texts))


def objects(key: str) -> Wrap:
    return lambda texts: f'{{"{key}":[{",".join(texts)}]}}'


def sns(texts: Sequence[str]) -> str:
    topic = "arn:aws:sns:eu-west-1:1:t"
    return json.dumps({"Type": "Notification", "MessageId": "m", "TopicArn": topic, "Message": "\n".join(texts)})


RENAMING: dict[str, Wrap] = {
    "cloudwatch subscription": lambda texts: subscription(*texts),
    "filter log events": lambda texts: json.dumps(
        {
            "searchedLogStreams": [],
            "events": [
                {
                    "eventId": str(i),
                    "timestamp": 1_795_168_800_000,
                    "ingestionTime": 1,
                    "logStreamName": "s",
                    "message": text,
                }
                for i, text in enumerate(texts)
            ],
        }
    ),
}
"""Carriers that give each record an id of their own."""

KEEPING: dict[str, Wrap] = {
    "array": lambda texts: f"[{','.join(texts)}]",
    "array of texts": lambda texts: json.dumps(list(texts)),
    "azure records": objects("records"),
    "azure value": objects("value"),
    "gcp entries": objects("entries"),
    "aws records": objects("Records"),
    "json in a string": lambda texts: json.dumps("\n".join(texts)),
    "byte order mark": lambda texts: "\ufeff" + "\r\n".join(texts),
    "documents without a line between": lambda texts: "".join(texts),
    "lambda trigger": lambda texts: json.dumps({"awslogs": {"data": members(texts)}}),
    "kinesis": lambda texts: json.dumps({"Records": [{"kinesis": {"data": encoded(text)}} for text in texts]}),
    "firehose": lambda texts: json.dumps(
        {"requestId": "r", "records": [{"recordId": str(i), "data": members([text])} for i, text in enumerate(texts)]}
    ),
    "firehose backup": lambda texts: json.dumps({"attemptsMade": 1, "errorCode": "e", "rawData": members(texts)}),
    "sns": sns,
    "sns to lambda": lambda texts: json.dumps(
        {"Records": [{"EventSource": "aws:sns", "Sns": {"Message": text}} for text in texts]}
    ),
    "sqs": lambda texts: json.dumps({"Messages": [{"MessageId": "m", "Body": text} for text in texts]}),
    "sqs to lambda": lambda texts: json.dumps(
        {
            "Records": [
                {"messageId": "m", "receiptHandle": "r", "eventSource": "aws:sqs", "body": text} for text in texts
            ]
        }
    ),
    "pubsub push": lambda texts: json.dumps(
        {"message": {"data": encoded("\n".join(texts)), "messageId": "1"}, "subscription": "s"}
    ),
    "pubsub push of gzip": lambda texts: json.dumps({"message": {"data": members(texts)}, "subscription": "s"}),
    "pubsub pull": lambda texts: json.dumps(
        {"receivedMessages": [{"ackId": "a", "message": {"data": encoded(text)}} for text in texts]}
    ),
    "cloud event": lambda texts: json.dumps(
        {"specversion": "1.0", "data": {"message": {"data": encoded("\n".join(texts))}, "subscription": "s"}}
    ),
    "event hub capture": lambda texts: json.dumps(
        {"SequenceNumber": 1, "EnqueuedTimeUtc": TIME, "Body": "\n".join(texts)}
    ),
}
"""Carriers that leave the identity of a record to the record."""

CARRIERS = {**KEEPING, **RENAMING}

LISTS = frozenset({"array", "azure records", "azure value", "gcp entries", "aws records"})
"""Carriers that hold records as they are, so that what is inside must be JSON."""

TEXTS = frozenset({"byte order mark", "documents without a line between"})
"""Carriers whose result is no JSON value."""


def nested(names: Sequence[str], records: Sequence[str]) -> str:
    """Records in the first carrier, that in the second, and so on; texts stand in lists as JSON strings."""
    body = list(records)
    inner = ""
    for name in names:
        is_text_in_list = inner in TEXTS and name in LISTS
        body = [CARRIERS["array of texts" if is_text_in_list else name](body)]
        inner = name
    return body[0]
