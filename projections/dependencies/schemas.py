"""The tables of the dependency read model: what the fold keeps of the events.

Written by `projection`, read by the queries. Every table is cut into hours of event time and bounded per hour.
"""

from __future__ import annotations

from ..table import TableSchema

BIN_NS = 10_000_000_000
"""Width of a bin of the activity series. Chosen: onsets are compared across services to 10 s; finer bins hold too few
log lines of a quiet service to judge."""

MINUTE_NS = 60_000_000_000
"""Width of a bin of call counts and latencies."""

MAX_SPANS = 400_000
"""Spans kept per hour (about 40 MB). Beyond it whole traces are sampled: those whose hash is smallest stay, whatever
the order of arrival, and counts are scaled by the share that stayed."""

MAX_TEMPLATE_ROWS = 36_000
"""Rows kept per service and hour: a hundred templates seen in every bin, or many rare ones."""

NO_POSITION = 1 << 62
"""Position where no record of a row failed."""

ACTIVITY = "activity"
TEMPLATES = "templates"
SPANS = "spans"
CALLS = "calls"
FAILURES = "failures"

SCHEMAS: dict[str, TableSchema] = {
    # What a service logged: the series that onsets are found in.
    ACTIVITY: TableSchema(
        strings=("service",), numbers=("bin",), measures={"events": "sum", "errors": "sum", "warnings": "sum"}
    ),
    # Which kinds of message it logged; `position` is the first such record of its stream, `failed_position` the first
    # that failed. Positions here and below are what answers give as references.
    TEMPLATES: TableSchema(
        strings=("service", "stream"),
        numbers=("template", "bin"),
        measures={"events": "sum", "errors": "sum", "position": "min", "failed_position": "min"},
        limit=MAX_TEMPLATE_ROWS,
        group=("service",),
        order=("template", "bin", "stream"),
    ),
    # One row per span and service that logged in it; `unit` orders by trace, see `span_units`.
    SPANS: TableSchema(
        strings=("service", "stream"),
        numbers=("unit",),
        measures={
            "trace": "max",
            "span": "max",
            "parent": "max",
            "first": "min",
            "last": "max",
            "duration_us": "max",
            "events": "sum",
            "errors": "sum",
            "position": "min",
        },
        limit=MAX_SPANS,
        order=("unit", "service", "stream"),
    ),
    # Calls whose record names the other side; `bucket` is the latency's.
    CALLS: TableSchema(
        strings=("service", "peer", "stream"),
        numbers=("role", "minute", "bucket"),
        measures={"calls": "sum", "errors": "sum", "first": "min", "last": "max", "position": "min"},
    ),
    # Failed calls whose record names the other side: who says that whom failed, and when.
    FAILURES: TableSchema(
        strings=("service", "peer", "stream"),
        numbers=("role", "bin"),
        measures={"errors": "sum", "position": "min"},
    ),
}
