"""Decode the attributes of one line on demand: its text, what its form says, and its exception.

Behind the `attributes` of the parsers of text and of container logs.
"""

from __future__ import annotations

from typing import Any

from ..app_json_exception import exception_attributes
from ..field_paths import flattened
from ..tolerant_json import read_json
from .line_forms import form_attributes
from .stack_trace import read_stack_trace


def line_attributes(line: str) -> dict[str, Any]:
    r"""Return a line's attributes in OpenTelemetry names; the body is the line, without what its form says apart.

    >>> line_attributes('I0417 12:00:00.000000 1 a.go:7] started')["code.line.number"]
    7
    >>> line_attributes('{"lvl":"warn","http":{"url":"/x"}}')["http.url"]
    '/x'
    """
    if line.lstrip()[:1] == "{" and (said := _object_attributes(line)):
        return {**said, "log.record.body": line}
    attributes: dict[str, Any] = {"log.record.body": line, **form_attributes(line)}
    if trace := read_stack_trace(line):
        attributes |= trace.attributes()
    return attributes


def _object_attributes(line: str) -> dict[str, Any]:
    """Return the fields of a line that is an object of a JSON logger, with dots for nesting, and its exception."""
    try:
        fields = read_json(line.encode("utf-8", "replace"))
    except ValueError:
        return {}
    return {**flattened(fields, ""), **exception_attributes(fields)} if isinstance(fields, dict) else {}
