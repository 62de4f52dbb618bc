"""Trace and span ids in every notation of the three clouds, and their columns.

Between parsers and the id columns of a batch. Ids are lower-case hex of 32 and 16 digits inside events and unsigned
64-bit integers in columns; all zeros means "no id". Notations: https://www.w3.org/TR/trace-context/, X-Ray,
X-Cloud-Trace-Context, Azure operation ids, https://github.com/openzipkin/b3-propagation.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Final

import msgspec
import numpy as np
import numpy.typing as npt

_TRACE_DIGITS: Final = 32
_SPAN_DIGITS: Final = 16
_NO_TRACE: Final = "0" * _TRACE_DIGITS
_NO_SPAN: Final = "0" * _SPAN_DIGITS

_HEX: Final = re.compile(r"[0-9a-f]+")
_TRACEPARENT: Final = re.compile(r"([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?")
_XRAY_ID: Final = re.compile(r"1-([0-9a-f]{8})-([0-9a-f]{24})")
_GCP: Final = re.compile(r"(?:projects/[^/]+/traces/)?([0-9a-f]{32})(?:/(\d{1,20}))?(?:;o=(\d))?")
_GUID: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_B3: Final = re.compile(r"([0-9a-f]{32}|[0-9a-f]{16})-([0-9a-f]{16})(?:-([01d]))?(?:-([0-9a-f]{16}))?")


class TraceContext(msgspec.Struct, frozen=True):
    """Where a record stands in a trace; '' where the notation does not say, `sampled` None where it does not say.

    >>> TraceContext("4bf92f3577b34da6a3ce929d0e0e4736").span_id
    ''
    """

    trace_id: str
    span_id: str = ""
    parent_span_id: str = ""
    sampled: bool | None = None


def parse_trace_context(text: str) -> TraceContext | None:
    """Return the context in whichever notation the text has, or None.

    >>> parse_trace_context("1-58337281-1d84f3d73c47ec4e58577259").trace_id
    '583372811d84f3d73c47ec4e58577259'
    """
    text = text.strip()
    for parse in _PARSERS:
        context = parse(text)
        if context is not None:
            return context
    return None


def parse_traceparent(text: str) -> TraceContext | None:
    """Return the context of a W3C `traceparent`; versions after 00 may append fields, version ff is invalid.

    >>> parse_traceparent("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01").sampled
    True
    """
    match = _TRACEPARENT.fullmatch(text.strip().lower())
    if match is None or match[1] == "ff" or (match[1] == "00" and match[5]):
        return None
    if match[2] == _NO_TRACE or match[3] == _NO_SPAN:
        return None
    return TraceContext(match[2], match[3], sampled=bool(int(match[4], 16) & 1))


def parse_xray(text: str) -> TraceContext | None:
    """Return the context of an X-Ray id or of the header `Root=..;Parent=..;Sampled=1`.

    A load balancer may add `Self=` first. `Parent` is the span that sent the request: the record's parent, not its
    own span.

    >>> parse_xray("Self=1-67891234-12456789abcdef0123456780;Root=1-58337281-1d84f3d73c47ec4e58577259").trace_id
    '583372811d84f3d73c47ec4e58577259'
    """
    text = text.strip().lower().removeprefix("x-amzn-trace-id:").strip()
    fields = dict(field.strip().split("=", 1) for field in text.split(";") if "=" in field)
    match = _XRAY_ID.fullmatch(fields.get("root") or fields.get("self") or text)
    trace_id = match[1] + match[2] if match else ""
    if trace_id in ("", _NO_TRACE):
        return None
    sampled = {"1": True, "0": False}.get(fields.get("sampled", ""))
    return TraceContext(trace_id, parent_span_id=_padded(fields.get("parent", ""), _SPAN_DIGITS), sampled=sampled)


def parse_gcp_trace(text: str) -> TraceContext | None:
    """Return the context of `projects/P/traces/ID`, a bare id, or X-Cloud-Trace-Context, whose span id is decimal.

    >>> parse_gcp_trace("105445aa7843bc8bf206b12000100000/2703176114609722884;o=1").span_id
    '25839c5aaca21604'
    """
    match = _GCP.fullmatch(text.strip().removeprefix("//cloudtrace.googleapis.com/").lower())
    if match is None or match[1] == _NO_TRACE:
        return None
    return TraceContext(match[1], _decimal_span(match[2] or "0"), sampled=match[3] != "0" if match[3] else None)


def gcp_span_id(text: str) -> str:
    """Return LogEntry.spanId as 16 hex digits: App Engine and older libraries write it in decimal. '' when invalid.

    >>> gcp_span_id("2703176114609722884"), gcp_span_id("00f067aa0ba902b7"), gcp_span_id("0000000000000000")
    ('25839c5aaca21604', '00f067aa0ba902b7', '')
    """
    text = text.strip().lower()
    if len(text) != _SPAN_DIGITS and text.isascii() and text.isdigit():
        return _decimal_span(text) if len(text) <= 20 else ""
    return _padded(text, _SPAN_DIGITS)


def parse_azure_operation(text: str) -> TraceContext | None:
    """Return the context of an OperationId: 32 hex digits, a GUID, or the hierarchical `|root.span.`.

    >>> parse_azure_operation("|4bf92f3577b34da6a3ce929d0e0e4736.00f067aa0ba902b7.").span_id
    '00f067aa0ba902b7'
    """
    root, *spans = text.strip().lower().removeprefix("|").split(".")
    trace_id = root.replace("-", "") if _GUID.fullmatch(root) else root
    if len(trace_id) != _TRACE_DIGITS or not _HEX.fullmatch(trace_id) or trace_id == _NO_TRACE:
        return None
    hexes = [span for span in spans if len(span) == _SPAN_DIGITS and _HEX.fullmatch(span) and span != _NO_SPAN]
    return TraceContext(trace_id, hexes[-1] if hexes else "")


def parse_b3(text: str) -> TraceContext | None:
    """Return the context of a single `b3` header, `trace-span[-sampled[-parent]]`; 64-bit trace ids are padded.

    >>> parse_b3("80f198ee56343ba864fe8b2a57d3eff7-e457b5a2e4d86bd1-1-05e3ac9a4f6e3b90").parent_span_id
    '05e3ac9a4f6e3b90'
    """
    match = _B3.fullmatch(text.strip().lower())
    trace_id = _padded(match[1], _TRACE_DIGITS) if match else ""
    if match is None or not trace_id or match[2] == _NO_SPAN:
        return None
    sampled = {"1": True, "d": True, "0": False}.get(match[3] or "")
    return TraceContext(trace_id, match[2], _padded(match[4] or "", _SPAN_DIGITS), sampled)


_PARSERS: Final[tuple[Callable[[str], TraceContext | None], ...]] = (
    parse_traceparent,
    parse_xray,
    parse_b3,
    parse_gcp_trace,
    parse_azure_operation,
)


def trace_id_column(hexes: Sequence[str | None]) -> npt.NDArray[np.uint64]:
    """Return trace ids as rows of (high, low) 64-bit halves; zeros where there is no valid id.

    Shorter hex is padded on the left; dashes of GUIDs and X-Ray ids are dropped.

    >>> trace_id_column(["4bf92f3577b34da6a3ce929d0e0e4736", ""]).tolist()
    [[5474458728733560230, 11803532876627986230], [0, 0]]
    """
    return _hex_column(hexes, _TRACE_DIGITS, _NO_TRACE).reshape(-1, 2)


def span_id_column(hexes: Sequence[str | None]) -> npt.NDArray[np.uint64]:
    """Return span ids as 64-bit integers; zero where there is no valid id. Shorter hex is padded on the left.

    >>> span_id_column(["00f067aa0ba902b7", "?"]).tolist()
    [67667974448284343, 0]
    """
    return _hex_column(hexes, _SPAN_DIGITS, _NO_SPAN)


def trace_id_hex(high: int, low: int) -> str:
    """Return 32 hex digits of two halves, '' for zeros.

    >>> trace_id_hex(1, 2), trace_id_hex(0, 0)
    ('00000000000000010000000000000002', '')
    """
    return f"{int(high):016x}{int(low):016x}" if high or low else ""


def span_id_hex(value: int) -> str:
    """Return 16 hex digits of a span id, '' for zero.

    >>> span_id_hex(255), span_id_hex(0)
    ('00000000000000ff', '')
    """
    return f"{int(value):016x}" if value else ""


def _hex_column(hexes: Sequence[str | None], digits: int, missing: str) -> npt.NDArray[np.uint64]:
    if not any(hexes):
        return np.zeros(len(hexes) * (digits // 16), dtype=np.uint64)
    whole = [
        missing if not text else text if len(text) == digits else _padded(_undashed(text), digits) or missing
        for text in hexes
    ]
    packed = _pack(whole, digits)
    if packed is None:
        packed = _pack([_padded(text, digits) or missing for text in whole], digits)
    return np.frombuffer(packed or b"", dtype=">u8").astype(np.uint64)


def _pack(whole: Sequence[str], digits: int) -> bytes | None:
    try:
        packed = bytes.fromhex("".join(whole))
    except ValueError:
        return None
    # bytes.fromhex skips white space, which would shift every later row.
    return packed if len(packed) * 2 == len(whole) * digits else None


def _undashed(text: str | None) -> str:
    text = (text or "").lower()
    if xray := _XRAY_ID.fullmatch(text):
        return xray[1] + xray[2]
    return text.replace("-", "") if _GUID.fullmatch(text) else text


def _padded(text: str, digits: int) -> str:
    text = text.lower()
    if len(text) > digits or not _HEX.fullmatch(text) or not text.strip("0"):
        return ""
    return text.zfill(digits)


def _decimal_span(text: str) -> str:
    number = int(text)
    return f"{number:016x}" if 0 < number < 2**64 else ""
