"""Read syslog lines: RFC 5424 with structured data, RFC 3164, and rsyslog's forms with a precise time.

One of the forms of text lines. See https://www.rfc-editor.org/rfc/rfc5424, https://www.rfc-editor.org/rfc/rfc3164,
https://www.rfc-editor.org/rfc/rfc6587 (octet counting) and https://www.rsyslog.com/doc/configuration/templates.html.
"""

from __future__ import annotations

import re
from typing import Any, Final

from ...domain.severity import SEVERITY_OF_SYSLOG
from ...domain.timestamps import parse_timestamp_ns
from .line_facts import LineFacts
from .yearless_time import instant_of

_RFC_5424: Final = re.compile(
    r"(?:\d{1,6} )?<(\d{1,3})>\d{1,2} (\S{1,64}) (\S{1,255}) (\S{1,128}) (\S{1,128}) (\S{1,64}) ?"
)
_RFC_3164: Final = re.compile(
    r"(?:\d{1,6} )?(?:<(\d{1,3})>)?(?:([A-Z][a-z]{2}) {1,2}(\d{1,2}) (\d\d:\d\d:\d\d(?:\.\d{1,9})?)"
    r"|(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)))"
    r" (\S{1,255}) ([\w./@()-]{1,128}?)(?:\[([\w.-]{1,32})\])?: ?"
)
_ELEMENT: Final = re.compile(r'\[([^\s=\]"]{1,64})((?: [^\s=\]"]{1,64}="(?:[^"\\\]]|\\.){0,8192}")*)\]')
_PARAMETER: Final = re.compile(r' ([^\s=\]"]{1,64})="((?:[^"\\\]]|\\.){0,8192})"')
_ESCAPED: Final = re.compile(r'\\(["\\\]])')
_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_MAX_PRIORITY: Final = 191


def syslog_facts(line: str, observed_at: int) -> LineFacts | None:
    """Return what a syslog line says, None where it is none.

    >>> syslog_facts("<11>1 2026-11-20T10:00:00Z host cart 7 - - no stock", 0).service
    'cart'
    """
    if found := _RFC_5424.match(line):
        service = found[4] if found[4] != "-" else ""
        return LineFacts(parse_timestamp_ns(found[2]) or 0, _severity(found[1]), service=service)
    found = _RFC_3164.match(line)
    if found is None or (found[2] and found[2] not in _MONTHS):
        return None
    return LineFacts(_instant(found, observed_at), _severity(found[1]), service=found[7].rpartition("/")[2])


def syslog_attributes(line: str) -> dict[str, Any] | None:
    """Return a syslog line's attributes, None where it is none; structured data under `syslog.structured_data`.

    >>> syslog_attributes('<165>1 2003-10-11T22:14:15.003Z h app - ID47 [ex@32473 iut="3"] text')["syslog.msg.id"]
    'ID47'
    """
    if found := _RFC_5424.match(line):
        host, app, process = found[3], found[4], found[5]
        own, text = _structured(line[found.end() :])
        own["syslog.msg.id"] = found[6]
    elif (found := _RFC_3164.match(line)) and (not found[2] or found[2] in _MONTHS):
        host, app, process = found[6], found[7], found[8]
        own, text = {}, line[found.end() :]
    else:
        return None
    attributes = {
        **_priority(found[1]),
        "host.name": host,
        "syslog.appname": app,
        "process.pid": int(process) if process and process.isdecimal() else None,
        **own,
        "log.record.body": text.rstrip("\n").removeprefix("\ufeff"),
    }
    return {name: value for name, value in attributes.items() if value not in (None, "", "-")}


def _severity(priority: str | None) -> int:
    return SEVERITY_OF_SYSLOG[int(priority) % 8] if priority and int(priority) <= _MAX_PRIORITY else 0


def _priority(priority: str | None) -> dict[str, Any]:
    if not priority:
        return {}
    return {"syslog.facility.code": int(priority) // 8, "syslog.severity.code": int(priority) % 8}


def _instant(found: re.Match[str], observed_at: int) -> int:
    if found[5]:
        return parse_timestamp_ns(found[5]) or 0
    return instant_of(f"{_MONTHS.index(found[2]) + 1:02d}", f"{int(found[3]):02d}", found[4], observed_at)


def _structured(text: str) -> tuple[dict[str, Any], str]:
    """Return the structured data at the start of a text, and what follows it."""
    if text.startswith("-"):
        return {}, text[1:].removeprefix(" ")
    found: dict[str, Any] = {}
    at = 0
    while element := _ELEMENT.match(text, at):
        for name, value in _PARAMETER.findall(element[2]):
            found[f"syslog.structured_data.{element[1]}.{name}"] = _ESCAPED.sub(r"\1", value)
        at = element.end()
    return found, text[at:].removeprefix(" ")
