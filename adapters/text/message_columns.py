"""Read severity, trace context, error type and named callee from application messages, a column at a time.

Used by every parser whose records carry free text. The level word is looked for in the head of a message only, since
further on it is prose; ids are looked for behind their usual names (OpenTelemetry, Spring Sleuth, Zipkin B3, Datadog).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ...domain.columns import StringColumn
from ...domain.message_template import template_column
from ...domain.severity import SEVERITY_OF_KLOG_LETTER, SEVERITY_OF_TEXT, Severity
from ...domain.trace_context import span_id_column, trace_id_column
from .named_peer import named_peers

LEVEL_HEAD_CHARS = 96
"""Where a level word may stand. Chosen: a timestamp, a thread and a logger name fit before it."""

_UPPER_LEVEL = re.compile(
    r"(?:TRACE|DEBUG|INFO|NOTICE|WARN(?:ING)?|ERROR|SEVERE|CRITICAL|FATAL|ALERT|EMERG(?:ENCY)?|PANIC)\b"
)
"""What most lines hold. Measured: three times as fast as the whole pattern, which starts with a word boundary."""

_LEVEL = re.compile(
    r"\b(?:TRACE|DEBUG|INFO|NOTICE|WARN(?:ING)?|ERROR|SEVERE|CRITICAL|FATAL|ALERT|EMERG(?:ENCY)?|PANIC)\b"
    r"|\b(?:[Ll]evel|[Ss]everity|lvl)[\"']?\s*[=:]\s*[\"']?(\w+)"
    r"|\[(trace|debug|info|notice|warn|warning|error|crit|critical|fatal|alert|emerg)\]"
    r"|^(?:([IWEF])\d{4} \d\d:"
    r"|(debug|info|warn|warning|error|fatal|trace|Debug|Info|Warning|Error|Critical|Fatal)[: \t])"
)
_TRACE_ID = re.compile(
    r"[rR][aA][cC][eE][-_. ]?[iI][dD](?:\\?[\"'])?\s*[=:]\s*(?:\\?[\"'])?"
    r"(?:0x)?([0-9a-f]{16,32}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|1-[0-9a-f]{8}-[0-9a-f]{24})(?![0-9a-zA-Z])"
)
_SPAN_ID = re.compile(
    r"[pP][aA][nN][-_. ]?[iI][dD](?:\\?[\"'])?\s*[=:]\s*(?:\\?[\"'])?(?:0x)?([0-9a-f]{16})(?![0-9a-zA-Z])"
)
_PARENT = re.compile(
    r"[pP]arent[-_. ]?(?:[sS]pan)?[-_. ]?[iI][dD](?:\\?[\"'])?\s*[=:]\s*(?:\\?[\"'])?([0-9a-f]{16})(?![0-9a-zA-Z])"
)
_TRACEPARENT = re.compile(r"\b00-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}\b")
_ERROR_TYPE = re.compile(r"\b([A-Za-z_][\w.$]*(?:Exception|Error|Fault|Timeout))\b")

Ints = npt.NDArray[Any]


@dataclass(frozen=True, slots=True)
class MessageColumns:
    """What the messages of a chunk say, one row each."""

    severity: npt.NDArray[np.uint8]
    template: npt.NDArray[np.uint64]
    trace_id: npt.NDArray[np.uint64]
    span_id: npt.NDArray[np.uint64]
    parent_span_id: npt.NDArray[np.uint64]
    error: StringColumn
    peer: StringColumn

    def as_columns(self) -> dict[str, Any]:
        """Return the columns under the names that `EventBatch.build` takes."""
        roles = (self.peer.codes != 0).astype(np.uint8)  # PeerRole.CALLEE where a peer is named
        named = {name: getattr(self, name) for name in self.__slots__}
        return {**named, "peer_role": roles}


def read_messages(messages: Sequence[str]) -> MessageColumns:
    """Return what application messages say of themselves.

    >>> text = "12:00:01 ERROR c.Pay TraceID: 6f3cbf058c2765548a39ad724905d6a1 java.io.IOException: x"
    >>> columns = read_messages([text])
    >>> columns.severity.tolist(), columns.error[0], hex(int(columns.trace_id[0][0]))
    ([17], 'java.io.IOException', '0x6f3cbf058c276554')
    """
    severity = read_severities(messages)
    trace_ids, span_ids, parents = _trace_context(messages)
    return MessageColumns(
        severity=severity,
        template=template_column(messages),
        trace_id=trace_id_column(trace_ids),
        span_id=span_id_column(span_ids),
        parent_span_id=span_id_column(parents),
        error=_error_types(messages, severity),
        peer=named_peers(messages, (severity >= Severity.WARN).tolist()),
    )


def read_severities(messages: Sequence[str]) -> npt.NDArray[np.uint8]:
    """Return the severity number of each message's level word, 0 where it has none.

    >>> read_severities(["10:00 WARN x", "level=debug msg=y", "[error] z", "E0417 12:00:00.1 k", "plain"]).tolist()
    [13, 5, 17, 17, 0]
    """
    upper, any_form = _UPPER_LEVEL.search, _LEVEL.search
    found = [upper(m, 0, LEVEL_HEAD_CHARS) or any_form(m, 0, LEVEL_HEAD_CHARS) for m in messages]
    return np.fromiter(map(_SEVERITIES.__getitem__, [f[0] if f else "" for f in found]), np.uint8, len(messages))


class _Severities(dict[str, int]):
    """Severity of what the level pattern matched; the few distinct matches are remembered."""

    def __missing__(self, matched: str) -> int:
        found = _LEVEL.search(matched + " ") or _LEVEL.search(matched + "00:")
        word = next((part for part in found.groups() if part), found[0]) if found else ""
        severity = SEVERITY_OF_KLOG_LETTER.get(word) or SEVERITY_OF_TEXT.get(word.lower(), 0)
        if len(self) < 4096:
            self[matched] = severity
        return severity


_SEVERITIES = _Severities({"": 0})


def _trace_context(messages: Sequence[str]) -> tuple[list[str], list[str], list[str]]:
    """Return trace, span and parent span ids in hexadecimal, empty where a message names none."""
    traces = _behind(messages, ("race", "RACE"), _TRACE_ID)
    spans = _behind(messages, ("pan", "PAN"), _SPAN_ID)
    parents = _search(messages, ("arent",), _PARENT) if any(spans) else [""] * len(messages)
    for row in [row for row, message in enumerate(messages) if not traces[row] and "00-" in message]:
        if found := _TRACEPARENT.search(messages[row]):
            traces[row], spans[row] = found[1], found[2]
    return traces, spans, parents


def _behind(messages: Sequence[str], markers: tuple[str, str], pattern: re.Pattern[str]) -> list[str]:
    """Return the id that follows the first marker; the marker is found by a plain search, which is far cheaper."""
    lower, upper = markers
    match = pattern.match
    places = [m.find(lower) for m in messages]
    found = [f[1] if at > 0 and (f := match(m, at)) else "" for m, at in zip(messages, places, strict=True)]
    search = pattern.search
    for row in [row for row, at in enumerate(places) if not found[row] and (at >= 0 or upper in messages[row])]:
        if again := search(messages[row]):
            found[row] = again[1]
    return found


def _search(messages: Sequence[str], markers: tuple[str, ...], pattern: re.Pattern[str]) -> list[str]:
    search: Callable[[str], re.Match[str] | None] = pattern.search
    marker = markers[0]
    return [f[1] if marker in m and (f := search(m)) else "" for m in messages]


def _error_types(messages: Sequence[str], severity: npt.NDArray[np.uint8]) -> StringColumn:
    """Return the exception or error class that a failed message names first."""
    errors = [""] * len(messages)
    for row in np.flatnonzero(severity >= Severity.ERROR).tolist():
        if found := _ERROR_TYPE.search(messages[row][:2048]):
            errors[row] = found[1]
    return StringColumn.of(errors)
