"""Read klog lines, the log of Kubernetes' own components: `I0417 12:00:00.000000       1 file.go:7] text`.

One of the forms of text lines. glog's variant with a year is read too, and structured klog's `"text" key="value"`.
See https://kubernetes.io/docs/concepts/cluster-administration/system-logs/ and https://github.com/kubernetes/klog.
"""

from __future__ import annotations

import re
from typing import Any, Final

from ...domain.severity import SEVERITY_OF_KLOG_LETTER, Severity
from .line_facts import LineFacts
from .yearless_time import instant_of

_KLOG: Final = re.compile(
    r"([IWEF])(\d{4})?(\d\d)(\d\d) (\d\d:\d\d:\d\d(?:\.\d{1,9})?) +(\d{1,20}) ([^\s\]]{1,512}?):(\d{1,9})\] ?"
)
_MESSAGE: Final = re.compile(r'"((?:[^"\\]|\\.){0,8192})"(?= |$)')
_PAIR: Final = re.compile(r' ([A-Za-z_][\w./-]{0,63})=("(?:[^"\\]|\\.){0,8192}"|\S{0,8192})')
_ESCAPED: Final = re.compile(r"\\(.)")


def klog_facts(line: str, observed_at: int) -> LineFacts | None:
    """Return what a klog line says, None where it is none.

    >>> klog_facts('E0417 12:00:00.000000 1 a.go:7] "Sync failed" err="timed out"', 0).error
    'timed out'
    """
    found = _KLOG.match(line)
    if not found:
        return None
    severity = SEVERITY_OF_KLOG_LETTER[found[1]]
    error = _error(line, found.end()) if severity >= Severity.ERROR else ""
    instant_ns = instant_of(found[3], found[4], found[5], observed_at, year=found[2])
    return LineFacts(instant_ns, severity, error=error)


def klog_attributes(line: str) -> dict[str, Any] | None:
    """Return a klog line's attributes, None where it is none: where it was written, its text and its own fields.

    >>> klog_attributes('I0417 12:00:00.000000 1 a.go:7] "Bound" pod="shop/cart-0"')["pod"]
    'shop/cart-0'
    """
    found = _KLOG.match(line)
    if not found:
        return None
    attributes: dict[str, Any] = {
        "code.file.path": found[7],
        "code.line.number": int(found[8]),
        "thread.id": int(found[6]),
    }
    text = line[found.end() :].rstrip("\n")
    if message := _MESSAGE.match(text):
        pairs = {key: _unquoted(value) for key, value in _PAIR.findall(text, message.end())}
        return {**pairs, **attributes, "log.record.body": _unquoted(message[0])}
    return {**attributes, "log.record.body": text}


def _error(line: str, at: int) -> str:
    """Return the head of what a structured line gives as `err`."""
    message = _MESSAGE.match(line, at)
    if not message or " err=" not in line:
        return ""
    found = next((value for key, value in _PAIR.findall(line, message.end()) if key == "err"), "")
    return _unquoted(found).partition("\n")[0][:128]


def _unquoted(value: str) -> str:
    if len(value) < 2 or value[0] != '"' or value[-1] != '"':
        return value
    return _ESCAPED.sub(lambda one: {"n": "\n", "t": "\t"}.get(one[1], one[1]), value[1:-1])
