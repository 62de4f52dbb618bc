"""What the lines of a Lambda log stream say: the runtime's own lines (START, END, REPORT, ...) and the function's.

See https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-view.html and, for the JSON format,
https://docs.aws.amazon.com/lambda/latest/dg/telemetry-schema-reference.html.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

import msgspec

from ...domain.severity import severity_of_text
from ...domain.timestamps import parse_timestamp_ns
from ..number_columns import duration_column

_UUID: Final = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_PLATFORM: Final = re.compile(
    r"(START|END|REPORT|INIT_START|INIT_REPORT|RESTORE_START|RESTORE_REPORT|EXTENSION|TELEMETRY|XRAY)\b"
)
_REQUEST: Final = re.compile(rf"RequestId: ({_UUID})")
_DURATION: Final = re.compile(r"(?:^|\t)(?:Duration|Init Duration): ([\d.]+) ms")
_MEMORY: Final = re.compile(r"Max Memory Used: (\d+) MB")
_TRACE: Final = re.compile(r"XRAY TraceId: (1-[0-9a-f]{8}-[0-9a-f]{24})(?:\s+SegmentId: ([0-9a-f]{16}))?")
_STATUS: Final = re.compile(r"Status: (timeout|error|failure)(?:\s+Error Type: (\S+))?")
_TABBED: Final = re.compile(
    rf"(?:\[(\w+)\]\t)?(\d{{4}}-\d\d-\d\dT[\d:.]+Z)\t({_UUID}|undefined)\t(?:(\w+)\t)?(.*)", re.DOTALL
)
"""Node writes time, id, level, text; Python writes [level], time, id, text."""

_TIMED_OUT: Final = re.compile(rf"(?:(\d{{4}}-\d\d-\d\dT[\d:.]+Z) )?({_UUID}) Task timed out after ([\d.]+) seconds")
_EXITED: Final = re.compile(rf"RequestId: ({_UUID}) (?:Error: (.*)|Process exited before completing request)")


class Line(msgspec.Struct, gc=False):
    """One line. `text` is what is searched for further facts; `instant_ns` 0 where it names no time of its own."""

    name: str = ""
    text: str = ""
    instant_ns: int = 0
    request_id: str = ""
    severity: int = 0
    error: str = ""
    duration_us: int = -1
    memory_mb: int = 0
    trace: str = ""
    span: str = ""


def read_line(message: str) -> Line:
    r"""Return what a line of a Lambda log stream says.

    >>> line = read_line("REPORT RequestId: 8f5f8d5e-0000-4000-8000-000000000001\tDuration: 12.50 ms\tX: 1")
    >>> line.name, line.duration_us, line.request_id[:8]
    ('REPORT', 12500, '8f5f8d5e')
    """
    if message.startswith("{"):
        return _of_json(message) or Line(text=message)
    if platform := _PLATFORM.match(message):
        return _of_platform(platform[1], message)
    if tabbed := _TABBED.match(message):
        level = tabbed[1] or tabbed[4] or ""
        severity = severity_of_text(level)
        text = tabbed[5] if severity or not tabbed[4] else f"{tabbed[4]}\t{tabbed[5]}"
        request = tabbed[3] if tabbed[3] != "undefined" else ""
        return Line("", text, parse_timestamp_ns(tabbed[2]) or 0, request, severity)
    if late := _TIMED_OUT.match(message):
        instant_ns = parse_timestamp_ns(late[1]) or 0
        return Line("", message, instant_ns, late[2], 17, "Task timed out", _microseconds(late[3], "s"))
    if exited := _EXITED.match(message):
        return Line("", message, 0, exited[1], 17, exited[2] or "Process exited")
    return Line(text=message)


def _of_platform(name: str, message: str) -> Line:
    request, took, used = _REQUEST.search(message), _DURATION.search(message), _MEMORY.search(message)
    line = Line(name, "", 0, request[1] if request else "", 9)
    if name == "REPORT" and took:
        line.duration_us = _microseconds(took[1], "ms")
    line.memory_mb = min(int(used[1][:9]), 1 << 20) if used else 0
    if traced := _TRACE.search(message):
        line.trace, line.span = traced[1], traced[2] or ""
    if failed := _STATUS.search(message):
        line.severity, line.error = 17, failed[2] or failed[1]
    return line


def _microseconds(number: Any, unit: str) -> int:
    return int(duration_column([number], unit)[0])


def _of_json(message: str) -> Line | None:
    try:
        fields = msgspec.json.decode(message)
    except (msgspec.MsgspecError, RecursionError):
        return None
    if not isinstance(fields, dict):
        return None
    kind, record = fields.get("type"), fields.get("record")
    if isinstance(kind, str) and kind.startswith("platform.") and isinstance(record, dict):
        return _of_platform_event(kind, record, _instant(fields.get("time")))
    return _of_object(fields)


def _of_platform_event(kind: str, record: Mapping[str, Any], instant_ns: int) -> Line:
    metrics, tracing = _object(record, "metrics"), _object(record, "tracing")
    line = Line(kind, "", instant_ns, _text(record, "requestId"), 9)
    if kind == "platform.report":
        line.duration_us = _microseconds(metrics.get("durationMs"), "ms")
    memory = metrics.get("maxMemoryUsedMB")
    line.memory_mb = memory if type(memory) is int and 0 <= memory < 1 << 20 else 0
    traced = re.search(r"1-[0-9a-f]{8}-[0-9a-f]{24}", _text(tracing, "value"))
    line.trace, line.span = traced[0] if traced else "", _text(tracing, "spanId")
    if record.get("status") in ("failure", "error", "timeout"):
        line.severity, line.error = 17, _text(record, "errorType") or str(record["status"])
    return line


def _of_object(fields: Mapping[str, Any]) -> Line:
    """Read a JSON line of the function: the managed format, Powertools, or any logger's."""
    message = next((fields[key] for key in ("message", "errorMessage", "msg") if key in fields), "")
    text = message if isinstance(message, str) else msgspec.json.encode(message).decode()
    request = next((v for key in ("requestId", "AWSRequestId", "function_request_id") if (v := _text(fields, key))), "")
    level = fields.get("level") or fields.get("log_level") or ""
    trace = _text(fields, "xray_trace_id") or _text(fields, "traceId") or _text(fields, "trace_id")
    return Line(
        text=text or msgspec.json.encode(fields).decode(),
        instant_ns=_instant(fields.get("timestamp") or fields.get("time")),
        request_id=request,
        severity=severity_of_text(level) if isinstance(level, str) and level else 0,
        error=_text(fields, "errorType") or _text(fields, "exception_name"),
        trace=trace,
        span=_text(fields, "span_id") or _text(fields, "spanId"),
    )


def _object(fields: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    value = fields.get(key)
    return value if isinstance(value, dict) else {}


def _text(fields: Mapping[str, Any], key: str) -> str:
    value = fields.get(key)
    return value if isinstance(value, str) else ""


def _instant(value: Any) -> int:
    return (parse_timestamp_ns(value) or 0) if isinstance(value, str | int | float) else 0
