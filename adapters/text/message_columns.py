"""Read severity, trace context, error type and named callee from application messages, a column at a time.

Used by every parser whose records carry free text. The level word is looked for in the head of a message only, since
further on it is prose; ids are looked for behind their usual names (OpenTelemetry, Spring Sleuth, Zipkin B3, Datadog).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ...domain.columns import StringColumn
from ...domain.message_template import template_column
from ...domain.severity import SEVERITY_OF_KLOG_LETTER, SEVERITY_OF_TEXT, Severity
from ...domain.trace_context import span_id_column, trace_id_column
from .chunk_text import ChunkText
from .labelled_ids import LabelledId, labelled_ids
from .named_peer import named_peers

LEVEL_HEAD_CHARS = 96
"""Where a level word may stand. Chosen: a timestamp, a thread and a logger name fit before it."""

_UPPER_LEVEL = re.compile(
    r"(?:TRACE|DEBUG|INFO|NOTICE|WARN(?:ING)?|ERROR|SEVERE|CRITICAL|FATAL|ALERT|EMERG(?:ENCY)?|PANIC)\b"
)
"""What most lines hold. Measured: three times as fast as the whole pattern, which starts with a word boundary."""

_LEVEL_AT_START = re.compile(
    r"[IWEF]\d{4} \d\d:"
    r"|(?:debug|info|warn|warning|error|fatal|trace|Debug|Info|Warning|Error|Critical|Fatal)[: \t]"
)
_NAMED_LEVEL = re.compile(
    r"[LlSs\[](?:(?<=\[)(?:trace|debug|info|notice|warn|warning|error|crit|critical|fatal|alert|emerg)\]"
    r"|(?<!\w.)(?:(?<=[Ll])evel|(?<=[Ss])everity|(?<=l)vl)[\"']?\s*[=:]\s*[\"']?\w+)"
)
"""The other forms of `_LEVEL`, led by their first letters, which is what a search can skip by."""

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
_TRACE = LabelledId("race", _TRACE_ID, 32, trace_id_column)
_SPAN = LabelledId("pan", _SPAN_ID, 16, span_id_column)
_PARENT = re.compile(
    r"[pP]arent[-_. ]?(?:[sS]pan)?[-_. ]?[iI][dD](?:\\?[\"'])?\s*[=:]\s*(?:\\?[\"'])?([0-9a-f]{16})(?![0-9a-zA-Z])"
)
_TRACEPARENT = re.compile(r"00-(?<!\w00-)([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}\b")
"""The boundary before it is checked behind it. Measured: 0.1 us a message instead of 2, as a search skips by a literal."""
_ERROR_TYPE = re.compile(r"\b([A-Za-z_][\w.$]*(?:Exception|Error|Fault|Timeout))\b")
_ERROR_SUFFIX = re.compile(r"(?:Exception|Error|Fault|Timeout)\b")
"""Searched for first. Measured: 1.9 us a message instead of 8.3 for the whole pattern, which tries every word."""

ERROR_HEAD_CHARS = 2048
"""Where an error type may stand. Chosen: a stack trace names its error in its first lines."""

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
    text = ChunkText(messages)
    trace_id, span_id, parent_span_id = _trace_context(text)
    return MessageColumns(
        severity=severity,
        template=template_column(messages),
        trace_id=trace_id,
        span_id=span_id,
        parent_span_id=parent_span_id,
        error=_error_types(messages, severity),
        peer=named_peers(messages, severity >= Severity.WARN, text),
    )


def read_severities(messages: Sequence[str]) -> npt.NDArray[np.uint8]:
    """Return the severity number of each message's level word, 0 where it has none.

    >>> read_severities(["10:00 WARN x", "level=debug msg=y", "[error] z", "E0417 12:00:00.1 k", "plain"]).tolist()
    [13, 5, 17, 17, 0]
    """
    upper, first, named, end = _UPPER_LEVEL.search, _LEVEL_AT_START.match, _NAMED_LEVEL.search, LEVEL_HEAD_CHARS
    found = [upper(m, 0, end) or first(m, 0, end) or named(m, 0, end) for m in messages]
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


def _trace_context(text: ChunkText) -> tuple[Ints, Ints, Ints]:
    """Return the columns of trace, span and parent span ids."""
    has_trace, traces = labelled_ids(text, _TRACE)
    _, spans = labelled_ids(text, _SPAN)
    parents = np.zeros_like(spans)
    for row in text.rows_with("arent"):
        if found := _PARENT.search(text.messages[row]):
            parents[row] = int(found[1], 16)
    for row in np.flatnonzero(~has_trace).tolist():
        if "00-" in text.messages[row] and (found := _TRACEPARENT.search(text.messages[row])):
            traces[row], spans[row] = trace_id_column([found[1]])[0], int(found[2], 16)
    return traces, spans, parents


def _error_types(messages: Sequence[str], severity: npt.NDArray[np.uint8]) -> StringColumn:
    """Return the exception or error class that a failed message names first."""
    errors = [""] * len(messages)
    for row in np.flatnonzero(severity >= Severity.ERROR).tolist():
        errors[row] = _error_type(messages[row])
    return StringColumn.of(errors)


def _error_type(message: str) -> str:
    suffix = _ERROR_SUFFIX.search(message, 0, ERROR_HEAD_CHARS)
    if not suffix:
        return ""
    word = message.rfind(" ", 0, suffix.start()) + 1
    found = _ERROR_TYPE.search(message, word, ERROR_HEAD_CHARS)
    return found[1] if found else ""
