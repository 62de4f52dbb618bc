"""Read logfmt lines: `level=warn msg="slow query" duration=12ms`.

One of the forms of text lines; a time or a logger's name may stand before the pairs. See
https://brandur.org/logfmt and https://pkg.go.dev/github.com/go-logfmt/logfmt.
"""

from __future__ import annotations

import re
from typing import Any, Final

from ...domain.severity import Severity, severity_of_text
from ...domain.timestamps import parse_timestamp_ns
from ..number_columns import duration_column
from .line_facts import LineFacts

_PAIR: Final = re.compile(r'(?:^|\s)([A-Za-z_@][\w.@/-]{0,63})=("(?:[^"\\]|\\.)*"|[^\s"]*)')
_ESCAPED: Final = re.compile(r"\\(.)")
_MARKS: Final = frozenset({"level", "lvl", "msg", "severity", "ts", "time"})
_TIME: Final = ("ts", "time", "timestamp", "t", "@timestamp")
_LEVEL: Final = ("level", "lvl", "severity", "loglevel")
_SERVICE: Final = ("service", "app", "svc", "service.name", "service_name")
_STATUS: Final = ("status", "status_code", "code", "http.status_code", "http_status")
_TOOK: Final = ("duration", "elapsed", "took", "latency", "service")
_TOOK_MS: Final = ("duration_ms", "elapsed_ms", "took_ms", "latency_ms")
_METHOD: Final = ("method", "http.method", "http_method")
_ERROR: Final = ("err", "error")


def logfmt_facts(line: str) -> LineFacts | None:
    """Return what a logfmt line says, None where it is none.

    >>> logfmt_facts("ts=2026-11-20T10:00:00Z level=warn service=cart duration=12ms").duration_us
    12000
    """
    pairs = _pairs(line)
    if not pairs.keys() & _MARKS:
        return None
    status, took, timed = _first(pairs, _STATUS), _first(pairs, _TOOK_MS), _first(pairs, _TOOK)
    timed = timed if timed[-1:] == "s" else ""
    severity = severity_of_text(level) if (level := _first(pairs, _LEVEL)) else 0
    return LineFacts(
        _instant(_first(pairs, _TIME)),
        severity,
        int(status) if len(status) == 3 and status.isdecimal() and "100" <= status < "600" else 0,
        int(duration_column([took or timed], "ms")[0]) if took or timed else -1,
        name=method if (method := _first(pairs, _METHOD)).isupper() else "",
        service=service if (service := _first(pairs, _SERVICE)) and service[-2:] != "ms" else "",
        error=_first(pairs, _ERROR).partition("\n")[0][:128] if severity >= Severity.ERROR else "",
    )


def logfmt_attributes(line: str) -> dict[str, Any] | None:
    """Return a logfmt line's pairs, its message as the body; None where it is none.

    >>> logfmt_attributes('level=info msg="order paid" order=7')
    {'level': 'info', 'order': '7', 'log.record.body': 'order paid'}
    """
    pairs = _pairs(line)
    if not pairs.keys() & _MARKS:
        return None
    body = {"log.record.body": pairs.pop("msg")} if "msg" in pairs else {}
    return {**{key: value for key, value in pairs.items() if value}, **body}


def _pairs(line: str) -> dict[str, str]:
    return {key: _unquoted(value) for key, value in _PAIR.findall(line)} if line.count("=") > 1 else {}


def _first(pairs: dict[str, str], keys: tuple[str, ...]) -> str:
    return next((pairs[key] for key in keys if pairs.get(key)), "")


def _instant(text: str) -> int:
    return parse_timestamp_ns(text) or 0 if text else 0


def _unquoted(value: str) -> str:
    if value[:1] != '"':
        return value
    inner = value[1:-1]
    return _ESCAPED.sub(lambda one: {"n": "\n", "t": "\t"}.get(one[1], one[1]), inner) if "\\" in inner else inner
