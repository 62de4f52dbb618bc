"""Recognise the first line of a table: CSV billing exports, VPC flow log files.

The header goes into the context of every record of the object, so that a parser reads columns by name.
"""

from __future__ import annotations

import re

_FLOW_FIELDS = {b"version", b"account-id", b"interface-id", b"srcaddr", b"resource-type", b"tgw-id", b"vpc-id"}
_CSV_NAME = re.compile(r'"?[^\W\d][\w ./:()\[\]-]{0,80}"?')
"""A column's name in any language (Azure writes translated headers)."""

_MIN_CSV_COLUMNS = 4


def header_line(head: bytes) -> bytes:
    r"""Return the header that an object starts with, or nothing.

    >>> header_line(b"version account-id interface-id srcaddr\n2 1 eni-1 10.0.0.1\n")
    b'version account-id interface-id srcaddr'
    >>> header_line(b"2026-11-20 10:00:00 INFO started, ready, waiting, done\n")
    b''
    """
    line = head.partition(b"\n")[0].rstrip(b"\r")
    if len(_FLOW_FIELDS.intersection(line.split(b" "))) >= 2:
        return line
    return line if _is_csv_header(line) else b""


def _is_csv_header(line: bytes) -> bool:
    """Say whether every field is a distinct name (log lines hold numbers, times and sentences)."""
    names = [name.strip() for name in line.decode("utf-8", "replace").split(",")]
    if len(names) < _MIN_CSV_COLUMNS or len(line) > 65_536:
        return False
    return len(set(names)) == len(names) and all(_CSV_NAME.fullmatch(name) for name in names)
