"""Read the forms that lines of servers and daemons share: access logs, klog, syslog, logfmt.

Between the text parsers and their columns. Only lines that carry a form's marks are looked at; what a form does not say
stays for the general reading of messages. See https://httpd.apache.org/docs/current/logs.html#combined,
https://www.envoyproxy.io/docs/envoy/latest/configuration/observability/access_log/usage,
https://www.rfc-editor.org/rfc/rfc5424, https://www.rfc-editor.org/rfc/rfc3164 and https://brandur.org/logfmt.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

import msgspec

from ...domain.severity import SEVERITY_OF_KLOG_LETTER, SEVERITY_OF_SYSLOG, severity_of_text
from ...domain.timestamps import parse_timestamp_ns
from ..number_columns import duration_column

MAX_LINE: Final = 8192
"""Longer lines are payloads, not the forms looked for here."""

_COMBINED: Final = re.compile(
    r'(\S{1,64}) \S{1,64} \S{1,128} \[([^\]]{10,40})\] "([A-Z]{3,10}) (\S{0,4096})[^"]{0,64}" (\d{3}) (\d+|-)'
    r'(?: "[^"]*" "[^"]*"(?: "[^"]*")?(?: (?:rt=)?(\d+\.\d+)(?![.\d]))?)?'
)
_ENVOY: Final = re.compile(
    r'\[(\d{4}-\d\d-\d\dT[\d:.]+Z)\] "([A-Z]{3,10}|-) (\S{0,4096}) [^"]{1,32}" (\d{1,3}) (\S+)'
    r'(?: \S+ \S+ "[^"]*")? (\d+) (\d+) (\d+) (\d+|-)'
)
_OUTBOUND: Final = re.compile(r" outbound\|(\d+)\|[^|\s]*\|([A-Za-z0-9.-]+)")
_KLOG: Final = re.compile(r"([IWEF])(\d\d)(\d\d) (\d\d:\d\d:\d\d\.\d{1,9})\s+\d+ ([^\s:]+:\d+)\] ")
_SYSLOG_5424: Final = re.compile(r"<(\d{1,3})>1 (\S+) (\S+) (\S+) (\S+) (\S+) ")
_SYSLOG_3164: Final = re.compile(
    r"(?:<(\d{1,3})>)?([A-Z][a-z]{2}) {1,2}(\d{1,2}) (\d\d:\d\d:\d\d) (\S{1,255}) ([\w./-]{1,64})(?:\[\d+\])?: "
)
_LOGFMT: Final = re.compile(r'(?:^|\s)([A-Za-z_][\w.@-]{0,63})=("(?:[^"\\]|\\.)*"|[^\s"]*)')
_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_DAY_NS: Final = 86_400 * 10**9


class LineFacts(msgspec.Struct, gc=False):
    """What the form of a line says; zero or empty where it does not."""

    instant_ns: int = 0
    severity: int = 0
    status: int = 0
    duration_us: int = -1
    name: str = ""
    service: str = ""
    peer: str = ""
    error: str = ""


def read_forms(lines: Sequence[str], observed_at: int = 0) -> list[LineFacts | None]:
    """Return what each line says by its form, None where it has none.

    Args:
        lines: the lines.
        observed_at: when they were written at the latest (ns): tells the year of forms that leave it out.

    >>> read_forms(['10.0.0.1 - - [10/Oct/2000:13:55:36 +0000] "GET /a HTTP/1.0" 502 23', "plain"])[0].status
    502
    """
    return [_read(line, observed_at) if _may_have_form(line) else None for line in lines]


def _may_have_form(line: str) -> bool:
    return "=" in line or "HTTP/" in line or line[:1] == "<" or line[1:5].isdigit() or line[3:4] == " "


def _read(line: str, observed_at: int) -> LineFacts | None:
    line = line[:MAX_LINE]
    if "HTTP/" in line and (facts := _access(line)):
        return facts
    if (klog := _KLOG.match(line)) and klog[1]:
        return LineFacts(_instant_of(klog[2], klog[3], klog[4], observed_at), SEVERITY_OF_KLOG_LETTER[klog[1]])
    if line[:1] == "<" or line[3:4] == " ":
        return _syslog(line, observed_at)
    return _logfmt(line) if line.count("=") > 1 else None


def _access(line: str) -> LineFacts | None:
    if found := _COMBINED.match(line):
        status = int(found[5])
        took = int(duration_column([found[7] or ""], "s")[0])
        return LineFacts(parse_timestamp_ns(found[2]) or 0, 0, status, took, found[3])
    if found := _ENVOY.match(line):
        out = _OUTBOUND.search(line)
        took = int(duration_column([found[8]], "ms")[0])
        flags = found[5] if found[5] != "-" else ""
        error = flags if flags and int(found[4]) not in range(1, 500) else ""
        peer = f"{out[2]}:{out[1]}" if out else ""
        return LineFacts(parse_timestamp_ns(found[1]) or 0, 0, int(found[4]), took, found[2], "", peer, error)
    return None


def _syslog(line: str, observed_at: int) -> LineFacts | None:
    if found := _SYSLOG_5424.match(line):
        service = found[4] if found[4] != "-" else ""
        return LineFacts(parse_timestamp_ns(found[2]) or 0, SEVERITY_OF_SYSLOG[int(found[1]) % 8], service=service)
    found = _SYSLOG_3164.match(line)
    if found is None or found[2] not in _MONTHS:
        return None
    month = f"{_MONTHS.index(found[2]) + 1:02d}"
    severity = SEVERITY_OF_SYSLOG[int(found[1]) % 8] if found[1] else 0
    instant_ns = _instant_of(month, f"{int(found[3]):02d}", found[4], observed_at)
    return LineFacts(instant_ns, severity, service=found[6].rpartition("/")[2])


def _instant_of(month: str, day: str, clock: str, observed_at: int) -> int:
    """Return the latest instant of a time without a year that is not after it was observed (give or take a day)."""
    if not observed_at:
        return 0
    year = datetime.fromtimestamp(observed_at // 10**9, UTC).year
    for candidate in (year + 1, year, year - 1):
        instant_ns = parse_timestamp_ns(f"{candidate}-{month}-{day}T{clock}Z")
        if instant_ns is not None and instant_ns <= observed_at + _DAY_NS:
            return instant_ns
    return 0


_TIME: Final = ("ts", "time", "timestamp", "t")
_LEVEL: Final = ("level", "lvl", "severity")
_SERVICE: Final = ("service", "app", "svc", "service.name", "service_name")
_STATUS: Final = ("status", "status_code", "code", "http.status_code")
_TOOK: Final = ("duration", "elapsed", "took", "latency", "service")
_TOOK_MS: Final = ("duration_ms", "elapsed_ms", "took_ms", "latency_ms")


def _logfmt(line: str) -> LineFacts | None:
    pairs = {key: value.strip('"') for key, value in _LOGFMT.findall(line)}
    if not pairs.keys() & {"level", "lvl", "msg", "severity", "ts", "time"}:
        return None

    def first(keys: tuple[str, ...]) -> str:
        return next((pairs[key] for key in keys if pairs.get(key)), "")

    status = first(_STATUS)
    took = first(_TOOK_MS)
    timed = first(_TOOK)
    microseconds = int(duration_column([took or (timed if timed[-1:] == "s" else "")], "ms")[0])
    return LineFacts(
        parse_timestamp_ns(first(_TIME)) or 0,
        severity_of_text(level) if (level := first(_LEVEL)) else 0,
        int(status) if len(status) == 3 and status.isdecimal() and "100" <= status < "600" else 0,
        microseconds,
        service=service if (service := first(_SERVICE)) and service[-2:] != "ms" else "",
    )
