"""References to events: `stream@position`, short enough to print beside every number of an answer."""

from __future__ import annotations

from typing import NewType

from .errors import UnknownReferenceError

StreamId = NewType("StreamId", str)
"""Name of a stream: one source, one writer, for example `aws/123456789012/us-east-1/cloudwatch`."""

Position = NewType("Position", int)
"""Place of an event in its stream: starts at 1, has no gaps."""


def format_reference(stream: str, position: int) -> str:
    """Return the reference of an event.

    >>> format_reference("terraform/prod", 7)
    'terraform/prod@7'
    """
    return f"{stream}@{position}"


def parse_reference(reference: str) -> tuple[str, int]:
    """Return stream and position of a reference.

    >>> parse_reference("terraform/prod@7")
    ('terraform/prod', 7)

    Raises:
        UnknownReferenceError: not of the form `stream@position`.
    """
    stream, at, position = reference.rpartition("@")
    if not at or not position.isdecimal():
        raise UnknownReferenceError(reference)
    return stream, int(position)
