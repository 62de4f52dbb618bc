"""Read the exception of a logger's object: its own fields, else the stack trace that one of its texts holds.

Under the parser of JSON logs. See https://opentelemetry.io/docs/specs/semconv/exceptions/exceptions-logs/.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from . import app_json_names as names
from .field_paths import Row, value_at
from .text.stack_trace import StackTrace, read_stack_trace

_TYPES: Final = tuple(name for name in names.ERRORS if not name.endswith("code"))
_MESSAGES: Final = (
    "exception.message", "error.message", "err.message", "exception.exception_message", "thrown.message",
    "errorMessage",
)  # fmt: skip


def json_exception_type(row: Row, paths: Sequence[str] = names.STACKS) -> str:
    r"""Return the type of the exception whose stack trace an object holds, '' where it holds none.

    Args:
        row: the object.
        paths: where its traces may stand.

    >>> json_exception_type({"stack_trace": "java.io.IOException: closed\n\tat a.B.c(B.java:7)"})
    'java.io.IOException'
    """
    trace = _trace(row, paths)
    return trace.type if trace else ""


def exception_attributes(row: Row) -> dict[str, Any]:
    r"""Return an object's exception in OpenTelemetry names.

    >>> exception_attributes({"err": {"type": "TypeError", "message": "no", "stack": "TypeError: no\n    at f"}})
    {'exception.type': 'TypeError', 'exception.message': 'no', 'exception.stacktrace': 'TypeError: no\n    at f'}
    """
    trace = _trace(row)
    own = {"exception.type": _first(row, _TYPES), "exception.message": _first(row, _MESSAGES)}
    found = {**(trace.attributes() if trace else {}), **{name: value for name, value in own.items() if value}}
    return found if trace or own["exception.type"] else {}


def _trace(row: Row, paths: Sequence[str] = names.STACKS) -> StackTrace | None:
    for name in paths:
        text = value_at(row, name)
        if isinstance(text, list):
            text = _of_frames(row, text)
        if isinstance(text, str) and "\n" in text and (trace := read_stack_trace(text)):
            return trace
    return None


def _of_frames(row: Row, frames: list[Any]) -> str:
    """Return the text of a trace whose frames are objects, as log4j2's JsonLayout writes them."""
    named = [frame for frame in frames if isinstance(frame, dict) and "class" in frame]
    head = f"{_first(row, ('thrown.name',))}: {_first(row, ('thrown.message',))}"
    lines = [f"\tat {f['class']}.{f.get('method', '')}({f.get('file', '')}:{f.get('line', '')})" for f in named]
    return "\n".join([head, *lines]) if named else "\n".join(map(str, frames))


def _first(row: Row, paths: tuple[str, ...]) -> str:
    found = (value_at(row, path) for path in paths)
    return next((value for value in found if isinstance(value, str) and value), "")
