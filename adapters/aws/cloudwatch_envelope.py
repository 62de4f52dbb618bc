"""Peel CloudWatch Logs: subscription messages, FilterLogEvents pages, and the Lambda, Kinesis and Firehose carriers.

See https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/SubscriptionFilters.html and
https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_FilterLogEvents.html.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Literal

import msgspec

from ...domain.columns import StringColumn
from ...domain.event_id import event_ids
from ...domain.timestamps import epoch_column
from ..envelope import carried
from ..gzip_members import GZIP_MAGIC, unpacked
from ..parser import Sample
from ..records import Records

ENVELOPE = "aws.cloudwatch_logs"

MAX_UNPACKED_BYTES = 64 * 1024 * 1024
"""Most that one record may unpack to. Chosen: far above a subscription message; gzip expands up to a thousandfold."""


class _LogEvent(msgspec.Struct, gc=False):
    id: str
    timestamp: int | str
    message: str
    extractedFields: dict[str, Any] | None = None


class _RawMessage(msgspec.Struct, gc=False):
    messageType: Literal["DATA_MESSAGE", "CONTROL_MESSAGE"]
    logEvents: list[msgspec.Raw]
    owner: str
    logGroup: str
    logStream: str


class _Message(msgspec.Struct, gc=False):
    messageType: Literal["DATA_MESSAGE", "CONTROL_MESSAGE"]
    logEvents: list[_LogEvent]


_RAW = msgspec.json.Decoder(_RawMessage)
_TYPED = msgspec.json.Decoder(_Message)


class CloudWatchSubscription:
    """`{"messageType","owner","logGroup","logStream","logEvents":[...]}`; control messages carry nothing."""

    name = ENVELOPE
    decodes = False

    def recognises(self, sample: Sample) -> bool:
        """Say whether a record is a subscription message."""
        return "logEvents" in sample.fields and "messageType" in sample.fields

    def peel(self, records: Records) -> Records:
        """Return the log events; the payload of each is the log event, its body the message."""
        lines = b"\n".join(records.bodies)
        raw, typed = _RAW.decode_lines(lines), _TYPED.decode_lines(lines)
        if len(raw) != len(records):
            raise ValueError("a record holds several JSON values")
        data = [message.messageType == "DATA_MESSAGE" for message in raw]
        events = [e for message, is_data in zip(typed, data, strict=True) if is_data for e in message.logEvents]
        instants, _ = epoch_column([e.timestamp for e in events], "ms")
        peeled = carried(
            records,
            [m.logEvents if is_data else () for m, is_data in zip(raw, data, strict=True)],
            [{"envelope": ENVELOPE, "owner": m.owner, "logGroup": m.logGroup, "logStream": m.logStream} for m in raw],
            payloads=[bytes(e) for m, is_data in zip(raw, data, strict=True) if is_data for e in m.logEvents],
            ids=event_ids(["aws.cloudwatch_logs\0" + e.id for e in events]),
            occurred_at=instants,
        )
        return _with_places(replace(peeled, bodies=[e.message.encode() for e in events]), events)


def _with_places(records: Records, events: Sequence[_LogEvent]) -> Records:
    """Let centralised log groups say account and region per event (extractedFields)."""
    if not any(e.extractedFields for e in events):
        return records
    contexts = [
        _placed(context, e.extractedFields) if e.extractedFields else context
        for context, e in zip(records.context.to_list(), events, strict=True)
    ]
    return replace(records, context=StringColumn.of(contexts))


def _placed(context: str, extracted: dict[str, Any]) -> str:
    fields = msgspec.json.decode(context)
    fields["owner"] = extracted.get("@aws.account", fields["owner"])
    if region := extracted.get("@aws.region"):
        fields["region"] = region
    return msgspec.json.encode(fields).decode()


class _FilteredEvent(msgspec.Struct, gc=False):
    message: str
    timestamp: int | str
    eventId: str = ""
    logStreamName: str = ""


class _Page(msgspec.Struct, gc=False):
    events: list[_FilteredEvent]


class FilterLogEventsPage:
    """`{"events":[{"logStreamName","timestamp","message","ingestionTime","eventId"}]}`, the API's answer as a file."""

    name = "aws.filter_log_events"
    decodes = False

    def recognises(self, sample: Sample) -> bool:
        """Say whether a record is a page of FilterLogEvents or GetLogEvents."""
        events = sample.fields.get("events")
        return isinstance(events, list) and bool(events) and _is_filtered_event(events[0])

    def peel(self, records: Records) -> Records:
        """Return the events of the pages."""
        pages = [msgspec.json.decode(body, type=_Page).events for body in records.bodies]
        events = [event for page in pages for event in page]
        instants, _ = epoch_column([e.timestamp for e in events], "ms")
        peeled = carried(
            records,
            [[e.message.encode() for e in page] for page in pages],
            [{"envelope": ENVELOPE}] * len(pages),
            payloads=[
                msgspec.json.encode({"id": e.eventId, "timestamp": e.timestamp, "message": e.message}) for e in events
            ],
            occurred_at=instants,
        )
        metadata = records.origin.metadata
        contexts = [
            _page_context(context, e, metadata) for context, e in zip(peeled.context.to_list(), events, strict=True)
        ]
        ids = (
            event_ids(["aws.cloudwatch_logs\0" + e.eventId for e in events]) if all(e.eventId for e in events) else None
        )
        return replace(peeled, context=StringColumn.of(contexts), ids=ids)


def _is_filtered_event(event: Any) -> bool:
    return isinstance(event, dict) and "message" in event and "timestamp" in event and "ingestionTime" in event


def _page_context(context: str, event: _FilteredEvent, metadata: Any) -> str:
    fields = msgspec.json.decode(context)
    fields |= {
        "logGroup": metadata.get("log_group", ""),
        "owner": metadata.get("account", ""),
        "logStream": event.logStreamName,
    }
    return msgspec.json.encode(fields).decode()


class CompressedRecords:
    """Base64 (of gzip, or plain) inside the records of Lambda triggers, Kinesis and Firehose."""

    name = "aws.compressed_records"
    decodes = True

    def recognises(self, sample: Sample) -> bool:
        """Say whether a record carries base64 data of one of these services."""
        return bool(_encoded(sample.fields))

    def peel(self, records: Records) -> Records:
        """Return what was compressed inside."""
        parts = [[_unpacked(data) for data in _encoded(msgspec.json.decode(body))] for body in records.bodies]
        if not all(parts):
            raise ValueError("a record carries no data")
        return carried(records, parts, [{} for _ in parts])


def _encoded(fields: Any) -> list[str]:
    """Return the base64 texts of a carrier."""
    if isinstance(data := (fields.get("awslogs") or {}), dict) and isinstance(data.get("data"), str):
        return [data["data"]]
    listed = fields.get("Records") or fields.get("records")
    if not isinstance(listed, list):
        return []
    items = [item.get("kinesis", item) if isinstance(item, dict) else {} for item in listed]
    found = [item["data"] for item in items if isinstance(item, dict) and isinstance(item.get("data"), str)]
    return found if len(found) == len(listed) else []


def _unpacked(data: str) -> bytes:
    packed = base64.b64decode(data, validate=True)
    return unpacked(packed, MAX_UNPACKED_BYTES) if packed.startswith(GZIP_MAGIC) else packed
