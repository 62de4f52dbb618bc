"""Parse any JSON object: structured application logs of unknown origin.

Reads the names that the usual loggers give to time, level, message, service, trace, request and error: zap, logrus,
slog, bunyan, pino, log4j2, logback, Serilog, structlog, python-json-logger, Elastic Common Schema, OpenTelemetry. See
https://opentelemetry.io/docs/specs/otel/logs/data-model-appendix/.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from ..domain.batch import EventBatch
from ..domain.events import Flag, PeerRole
from ..domain.severity import SEVERITY_OF_PINO, SEVERITY_OF_PYTHON_LEVEL, Severity, severity_of_text
from ..domain.timestamps import parse_timestamp_ns
from ..domain.trace_context import parse_trace_context, span_id_column, trace_id_column
from . import app_json_names as names
from .field_map import known_or, times_of
from .field_paths import Rows, as_text, decode_rows
from .generic_place import generic_place
from .log_batch import log_batch
from .number_columns import duration_column, status_column
from .parser import Sample
from .records import Records
from .text import read_messages
from .tolerant_json import read_json

_PLACES = {"account": "cloud.account.id", "region": "cloud.region", "resource": "cloud.resource_id"}


class AppJsonParser:
    """JSON objects."""

    format = "app.json"

    def recognises(self, sample: Sample) -> bool:
        """Say whether a record is a JSON object."""
        return isinstance(sample.value, dict)

    def parse(self, records: Records) -> EventBatch:
        """Return one LogRecorded per object."""
        rows = Rows(decode_rows(records))
        columns = read_messages(rows.texts(names.MESSAGES)).as_columns()
        severity = _severities(rows)
        columns["severity"] = np.where(severity != 0, severity, columns["severity"])
        columns |= _traces(rows, columns) | _request(rows)
        columns["error"] = _errors(rows, columns)
        columns |= _peers(rows, columns)
        columns["service"] = [_service(value) for value in rows.values(names.SERVICES)]
        for name, path in _PLACES.items():
            columns[name] = rows.texts((path,))
        instants, readable = _times(rows)
        told = np.array([value is not None for value in rows.values(names.TIMES)], np.bool_)
        flags = np.where(told & ~readable, int(Flag.FIELD_UNREADABLE), 0).astype(np.uint8)
        return log_batch(
            records, format=self.format, times=(instants, readable), flags=flags, **generic_place(records, columns)
        )

    def attributes(self, body: bytes, context: Mapping[str, Any]) -> dict[str, Any]:
        """Return the object's own fields."""
        fields: dict[str, Any] = read_json(body)
        return fields


def _times(rows: Rows) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.bool_]]:
    instants, readable = times_of(rows.rows, rows.paths(names.TIMES))
    for row in np.flatnonzero(~readable).tolist():
        instant = rows.rows[row].get("instant")  # log4j2's JsonLayout
        if isinstance(instant, dict) and type(seconds := instant.get("epochSecond")) is int:
            nanoseconds = instant.get("nanoOfSecond")
            whole = parse_timestamp_ns(seconds, unit="s")
            if whole is not None:
                instants[row], readable[row] = whole + _fraction_ns(nanoseconds), True
    return instants, readable


def _fraction_ns(nanoseconds: Any) -> int:
    return nanoseconds if type(nanoseconds) is int and 0 <= nanoseconds < 10**9 else 0


def _severities(rows: Rows) -> npt.NDArray[np.uint8]:
    """Return severity numbers: words first; numbers by the scale of the logger that uses the name."""
    found = [_severity(level) for level in rows.values(names.LEVELS)]
    open_rows = [row for row, severity in enumerate(found) if not severity]
    if open_rows:
        rest = Rows([rows.rows[row] for row in open_rows])
        python, numeric = rest.values(names.PYTHON_LEVELS), rest.values(names.NUMERIC_LEVELS)
        for row, level, number in zip(open_rows, python, numeric, strict=True):
            found[row] = _of_scale(SEVERITY_OF_PYTHON_LEVEL, level) or (
                number if type(number) is int and 0 < number <= 24 else 0
            )
    return np.array(found, np.uint8)


def _severity(level: Any) -> int:
    if type(level) is str:
        return severity_of_text(level) if not level.isdecimal() else _of_scale(SEVERITY_OF_PINO, level)
    return _of_scale(SEVERITY_OF_PINO, level)


def _of_scale(scale: Mapping[Any, int], level: Any) -> int:
    return scale.get(level, 0) if type(level) in (int, str) else 0


def _traces(rows: Rows, read: Mapping[str, Any]) -> dict[str, Any]:
    traces, spans, parents = (rows.texts(paths) for paths in (names.TRACES, names.SPANS, names.PARENTS))
    for row, text in enumerate(traces):
        if len(text) > 36 and (found := parse_trace_context(text)):  # traceparent, X-Ray header, Google's path
            traces[row], spans[row] = found.trace_id, spans[row] or found.span_id
            parents[row] = parents[row] or found.parent_span_id
    _add_datadog(rows, traces, spans)
    return {
        "trace_id": known_or(trace_id_column(traces), read["trace_id"]),
        "span_id": known_or(span_id_column(spans), read["span_id"]),
        "parent_span_id": known_or(span_id_column(parents), read["parent_span_id"]),
    }


def _add_datadog(rows: Rows, traces: list[str], spans: list[str]) -> None:
    """Datadog writes the lower 64 bits of its ids in decimal."""
    for ids, paths in ((traces, names.DATADOG_TRACES), (spans, names.DATADOG_SPANS)):
        for row, text in enumerate(rows.texts(paths)):
            if text and not ids[row]:
                ids[row] = f"{int(text):x}" if text.isdecimal() and len(text) <= 20 else text


def _request(rows: Rows) -> dict[str, Any]:
    """Return status, duration and method of the request that a record is about."""
    status = status_column(rows.values(names.STATUSES))
    status = np.where((status >= 100) & (status < 600), status, 0).astype(np.uint16)
    duration = np.full(len(rows.rows), -1, np.int64)
    for unit, paths in names.DURATIONS.items():
        if not rows.paths(paths):
            continue
        values = rows.values(paths)
        if unit == "text":  # a bare number does not tell its unit
            values = [value if type(value) is str and value[-1:] == "s" else None for value in values]
        took = duration_column(values, unit if unit != "text" else "s")
        duration = np.where(duration >= 0, duration, took)
    return {"status": status, "duration_us": duration, "name": rows.texts(names.METHODS)}


def _errors(rows: Rows, columns: Mapping[str, Any]) -> list[str]:
    """Return what failed: the type of the error, else of a failed record the head of its error text."""
    failed = (columns["severity"] >= Severity.ERROR).tolist()
    types = [as_text(value).partition("\n")[0][:128] if value else "" for value in rows.values(names.ERRORS)]
    texts = rows.values(("error", "err"))
    others = columns["error"].to_list()
    return [
        own or other or (text.partition("\n")[0][:128] if bad and type(text) is str else "")
        for own, other, text, bad in zip(types, others, texts, failed, strict=True)
    ]


def _peers(rows: Rows, columns: Mapping[str, Any]) -> dict[str, Any]:
    named = [value if type(value) is str else "" for value in rows.values(names.PEERS)]
    if not any(named):
        return {}
    peers = [own or other for own, other in zip(named, columns["peer"].to_list(), strict=True)]
    return {"peer": peers, "peer_role": np.array([int(PeerRole.CALLEE) if peer else 0 for peer in peers], np.uint8)}


def _service(value: Any) -> str:
    if isinstance(value, dict):
        value = value.get("name", "")
    return value if isinstance(value, str) else ""
