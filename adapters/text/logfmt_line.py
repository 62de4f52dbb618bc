"""Read logfmt lines: `level=warn msg="slow query" duration=12ms`.

One of the forms of text lines; a time or a logger's name may stand before the pairs. See
https://brandur.org/logfmt and https://pkg.go.dev/github.com/go-logfmt/logfmt.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np

from ...domain.severity import Severity, severity_of_text
from ...domain.timestamps import parse_timestamp_ns, rfc3339_column
from ..number_columns import duration_column
from .line_facts import LineFacts
from .logfmt_layouts import logfmt_columns, logfmt_pairs

MAX_LEVELS: Final = 4096
"""Levels that are remembered. A cache only."""

_MARKS: Final = frozenset({"level", "lvl", "msg", "severity", "ts", "time"})
_FIELDS: Final = {
    "time": ("ts", "time", "timestamp", "t", "@timestamp"),
    "level": ("level", "lvl", "severity", "loglevel"),
    "status": ("status", "status_code", "code", "http.status_code", "http_status"),
    "took_ms": ("duration_ms", "elapsed_ms", "took_ms", "latency_ms"),
    "took": ("duration", "elapsed", "took", "latency", "service"),
    "method": ("method", "http.method", "http_method"),
    "service": ("service", "app", "svc", "service.name", "service_name"),
    "error": ("err", "error"),
}


def logfmt_facts(lines: Sequence[str]) -> list[LineFacts | None]:
    """Return what logfmt lines say, None for a line that is none.

    >>> logfmt_facts(["ts=2026-11-20T10:00:00Z level=warn service=cart duration=12ms", "x"])[0].duration_us
    12000
    """
    facts: list[LineFacts | None] = [None] * len(lines)
    for rows, columns in logfmt_columns(lines, _FIELDS, _MARKS):
        for row, fact in zip(rows, _facts(columns), strict=True):
            facts[row] = fact
    return facts


def _facts(columns: Mapping[str, Sequence[str]]) -> list[LineFacts]:
    severities = [_SEVERITIES[level] for level in columns["level"]]
    took = [
        took or (timed if timed[-1:] == "s" else "")
        for took, timed in zip(columns["took_ms"], columns["took"], strict=True)
    ]
    errors = [
        error.partition("\n")[0][:128] if error and severity >= Severity.ERROR else ""
        for error, severity in zip(columns["error"], severities, strict=True)
    ]
    values = (
        _instants(columns["time"]),
        severities,
        [_status(status) if status else 0 for status in columns["status"]],
        duration_column(took, "ms").tolist() if any(took) else [-1] * len(took),
        [method if method.isupper() else "" for method in columns["method"]],
        [service if service[-2:] != "ms" else "" for service in columns["service"]],
        [""] * len(took),
        errors,
    )
    return [LineFacts(*row) for row in zip(*values, strict=True)]


def _instants(texts: Sequence[str]) -> list[int]:
    instants, readable = rfc3339_column(texts)
    found: list[int] = instants.tolist()
    for row in np.flatnonzero(~readable).tolist():
        found[row] = parse_timestamp_ns(texts[row]) or 0 if texts[row] else 0
    return found


def _status(text: str) -> int:
    return int(text) if len(text) == 3 and text.isascii() and text.isdecimal() and "100" <= text < "600" else 0


class _Severities(dict[str, int]):
    """Severity of each level that was met."""

    def __missing__(self, level: str) -> int:
        severity = severity_of_text(level) if level else 0
        if len(self) < MAX_LEVELS:
            self[level] = severity
        return severity


_SEVERITIES: Final = _Severities()


def logfmt_attributes(line: str) -> dict[str, Any] | None:
    """Return a logfmt line's pairs, its message as the body; None where it is none.

    >>> logfmt_attributes('level=info msg="order paid" order=7')
    {'level': 'info', 'order': '7', 'log.record.body': 'order paid'}
    """
    pairs = logfmt_pairs(line)
    if not pairs.keys() & _MARKS:
        return None
    body = {"log.record.body": pairs.pop("msg")} if "msg" in pairs else {}
    return {**{key: value for key, value in pairs.items() if value}, **body}
