"""Parse any JSON object: structured application logs of unknown origin.

Reads the names that the usual loggers give to time, level, message, service, trace, request and error: zap, logrus,
slog, bunyan, pino, log4j2, logback, Serilog, structlog, python-json-logger, Elastic Common Schema, OpenTelemetry. See
https://opentelemetry.io/docs/specs/otel/logs/data-model-appendix/.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from ..domain.batch import EventBatch
from ..domain.events import Flag, PeerRole
from ..domain.severity import Severity
from ..domain.timestamps import parse_timestamp_ns
from ..domain.trace_context import parse_trace_context, span_id_column, trace_id_column
from . import app_json_names as names
from .app_json_exception import exception_attributes, json_exception_type
from .app_json_severity import json_severities
from .envoy_json import envoy_columns, is_envoy
from .field_map import known_or, times_of_values
from .field_paths import Row, Rows, as_text, decode_rows
from .generic_place import generic_place
from .log_batch import Times, log_batch
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
        columns, times, flags = json_columns(decode_rows(records))
        return log_batch(records, format=self.format, times=times, flags=flags, **generic_place(records, columns))

    def attributes(self, body: bytes, context: Mapping[str, Any]) -> dict[str, Any]:
        """Return the object's own fields."""
        fields: dict[str, Any] = read_json(body)
        return {**fields, **exception_attributes(fields)}


def json_columns(objects: Sequence[Row]) -> tuple[dict[str, Any], Times, npt.NDArray[np.uint8]]:
    """Return what the objects of loggers say: columns, times, and flags.

    >>> columns, _, _ = json_columns([{"lvl": "warn", "msg": "slow", "duration_ms": 12}])
    >>> columns["severity"].tolist(), columns["duration_us"].tolist()
    ([13], [12000])
    """
    rows = Rows(objects)
    own = _traces(rows)
    traced = own["trace_id"].any(axis=1) & (own["span_id"] != 0)
    columns = read_messages(rows.texts(names.MESSAGES), told=json_severities(rows), traced=traced).as_columns()
    columns |= {name: known_or(ids, columns[name]) for name, ids in own.items()} | _request(rows)
    columns["error"] = _errors(rows, columns)
    columns |= _peers(rows, columns)
    if any(map(is_envoy, objects)):
        columns |= envoy_columns(objects, columns)
    columns["service"] = [one if type(one) is str else _service(one) for one in rows.values(names.SERVICES)]
    for name, path in _PLACES.items():
        columns[name] = rows.texts((path,))
    times = rows.values(names.TIMES)
    instants, readable = _times(rows, times)
    told = np.array([value is not None for value in times], np.bool_)
    flags = np.where(told & ~readable, int(Flag.FIELD_UNREADABLE), 0).astype(np.uint8)
    return columns, (instants, readable), flags


def _times(rows: Rows, values: Sequence[Any]) -> Times:
    instants, readable = times_of_values(values)
    for row in np.flatnonzero(~readable).tolist():
        seconds, nanoseconds = _two_part_time(rows.rows[row])
        whole = parse_timestamp_ns(seconds, unit="s") if type(seconds) is int else None
        if whole is not None:
            instants[row], readable[row] = whole + _fraction_ns(nanoseconds), True
    return instants, readable


def _two_part_time(row: Row) -> tuple[Any, Any]:
    """Return seconds and nanoseconds of log4j2's JsonLayout, else of Cloud Logging's structured logs.

    See https://docs.cloud.google.com/logging/docs/agent/logging/configuration#timestamp-processing.
    """
    if isinstance(instant := row.get("instant"), dict):
        return instant.get("epochSecond"), instant.get("nanoOfSecond")
    if isinstance(stamp := row.get("timestamp"), dict):
        return _integer(stamp.get("seconds")), _integer(stamp.get("nanos"))
    return _integer(row.get("timestampSeconds")), _integer(row.get("timestampNanos"))


def _integer(value: Any) -> Any:
    return int(value) if type(value) is str and value.isdecimal() and len(value) < 20 else value


def _fraction_ns(nanoseconds: Any) -> int:
    return nanoseconds if type(nanoseconds) is int and 0 <= nanoseconds < 10**9 else 0


def _traces(rows: Rows) -> dict[str, Any]:
    """Return the ids that objects have in fields of their own."""
    traces, spans, parents = (rows.texts(paths) for paths in (names.TRACES, names.SPANS, names.PARENTS))
    for row, text in enumerate(traces):
        # traceparent, X-Ray's header, Google's path, Jaeger's ids
        if (len(text) > 36 or ":" in text) and (found := parse_trace_context(text)):
            traces[row], spans[row] = found.trace_id, spans[row] or found.span_id
            parents[row] = parents[row] or found.parent_span_id
    _add_datadog(rows, traces, spans)
    return {
        "trace_id": trace_id_column(traces),
        "span_id": span_id_column(spans),
        "parent_span_id": span_id_column(parents),
    }


def _add_datadog(rows: Rows, traces: list[str], spans: list[str]) -> None:
    """Datadog writes the lower 64 bits of its ids in decimal."""
    for ids, paths in ((traces, names.DATADOG_TRACES), (spans, names.DATADOG_SPANS)):
        for row, text in enumerate(rows.texts(paths) if rows.paths(paths) else ()):
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
    severity = columns["severity"]
    failed = (severity >= Severity.ERROR).tolist()
    types = [as_text(value).partition("\n")[0][:128] if value else "" for value in rows.values(names.ERRORS)]
    stacks = rows.paths(names.STACKS)
    for row in np.flatnonzero((severity == 0) | (severity >= Severity.WARN)).tolist():
        types[row] = types[row] or json_exception_type(rows.rows[row], stacks)
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
