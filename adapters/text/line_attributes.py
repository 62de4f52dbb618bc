"""Decode the attributes of one line on demand: its text, what its form says, and its exception.

Behind the `attributes` of the parsers of text and of container logs.
"""

from __future__ import annotations

from typing import Any

from .line_forms import form_attributes
from .stack_trace import read_stack_trace


def line_attributes(line: str) -> dict[str, Any]:
    r"""Return a line's attributes in OpenTelemetry names; the body is the line, without what its form says apart.

    >>> line_attributes('I0417 12:00:00.000000 1 a.go:7] started')["code.line.number"]
    7
    """
    attributes: dict[str, Any] = {"log.record.body": line, **form_attributes(line)}
    if trace := read_stack_trace(line):
        attributes |= trace.attributes()
    return attributes
