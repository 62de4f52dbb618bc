"""Parse any JSON object: structured application logs of unknown origin.

Reads the names that the usual loggers give to time, level, message, service and trace; see
https://opentelemetry.io/docs/specs/otel/logs/data-model-appendix/.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
import numpy as np

from ..domain.batch import EventBatch
from ..domain.events import Flag
from ..domain.severity import severity_of_text
from ..domain.timestamps import parse_timestamp_ns
from ..domain.trace_context import span_id_column, trace_id_column
from .parser import Sample, UnreadableRecordError
from .records import Records
from .text import read_messages

_DECODER = msgspec.json.Decoder(dict[str, Any])

TIME_KEYS = ("timestamp", "@timestamp", "time", "ts", "TimeGenerated", "eventTime", "datetime", "date", "t")
LEVEL_KEYS = ("level", "severity", "log.level", "lvl", "loglevel", "levelname", "Level", "severityText")
MESSAGE_KEYS = ("message", "msg", "log", "body", "event", "text", "Message")
SERVICE_KEYS = ("service.name", "service", "app", "application", "component", "serviceName", "logger_service")
TRACE_KEYS = ("trace_id", "traceId", "trace.id", "dd.trace_id", "traceid", "TraceId")
SPAN_KEYS = ("span_id", "spanId", "span.id", "dd.span_id", "SpanId")
PARENT_KEYS = ("parent_span_id", "parentSpanId", "parent_id", "parentId", "ParentSpanId")

Rows = Sequence[Mapping[str, Any]]


class AppJsonParser:
    """JSON objects."""

    format = "app.json"

    def recognises(self, sample: Sample) -> bool:
        """Say whether a record is a JSON object."""
        return isinstance(sample.value, dict)

    def parse(self, records: Records) -> EventBatch:
        """Return one LogRecorded per object."""
        rows = _DECODER.decode_lines(b"\n".join(records.bodies))
        if len(rows) != len(records):
            raise UnreadableRecordError("a record holds several JSON values")
        messages = [_text(_first(row, MESSAGE_KEYS)) for row in rows]
        read = read_messages(messages).as_columns()
        severity = np.array([_severity(_first(row, LEVEL_KEYS)) for row in rows], np.uint8)
        read["severity"] = np.where(severity != 0, severity, read["severity"])
        read["trace_id"] = _known(trace_id_column([_text(_first(row, TRACE_KEYS)) for row in rows]), read["trace_id"])
        read["span_id"] = _known(span_id_column([_text(_first(row, SPAN_KEYS)) for row in rows]), read["span_id"])
        parents = span_id_column([_text(_first(row, PARENT_KEYS)) for row in rows])
        read["parent_span_id"] = _known(parents, read["parent_span_id"])
        instants = [parse_timestamp_ns(_first(row, TIME_KEYS)) for row in rows]
        metadata = records.origin.metadata
        envelope = np.zeros(len(rows), np.int64) if records.occurred_at is None else records.occurred_at
        occurred = np.array([i or 0 for i in instants], np.int64)
        occurred = np.where(occurred != 0, occurred, envelope)
        return EventBatch.build(
            len(rows),
            format=self.format,
            event_id=records.event_ids(),
            occurred_at=occurred,
            flags=np.where(occurred != 0, 0, int(Flag.TIME_UNSET)).astype(np.uint8),
            provider=metadata.get("provider", ""),
            account=metadata.get("account", ""),
            region=metadata.get("region", ""),
            service=[_service(row) or metadata.get("service", "") for row in rows],
            payload=records.payloads,
            context=records.context,
            **read,
        )

    def attributes(self, body: bytes, context: Mapping[str, Any]) -> dict[str, Any]:
        """Return the object's own fields."""
        fields: dict[str, Any] = msgspec.json.decode(body)
        return fields


def _first(row: Mapping[str, Any], keys: tuple[str, ...]) -> Any:
    return next((row[key] for key in keys if row.get(key) not in (None, "")), "")


def _text(value: Any) -> str:
    return value if isinstance(value, str) else "" if value == "" else msgspec.json.encode(value).decode()


def _severity(level: Any) -> int:
    if isinstance(level, int) and not isinstance(level, bool):
        return {10: 1, 20: 5, 30: 9, 40: 13, 50: 17, 60: 21}.get(level, 0)
    return severity_of_text(level) if isinstance(level, str) and level else 0


def _service(row: Mapping[str, Any]) -> str:
    value = _first(row, SERVICE_KEYS)
    if isinstance(value, dict):
        value = value.get("name", "")
    return value if isinstance(value, str) else ""


def _known(own: Any, other: Any) -> Any:
    present = own.any(axis=1)[:, None] if own.ndim == 2 else own != 0
    return np.where(present, own, other)
