"""Recognise the first line of a table: CSV billing exports, VPC flow log files, CloudFront logs.

The header goes into the context of every record of the object, so that a parser reads columns by name.
"""

from __future__ import annotations

import csv
import re

_FLOW_FIELDS = {b"version", b"account-id", b"interface-id", b"srcaddr", b"resource-type", b"tgw-id", b"vpc-id"}
_CSV_NAME = re.compile(r"[^\W\d][\w ./:()\[\]-]{0,80}")
"""A column's name in any language (Azure writes translated headers)."""

_TAG_NAME = re.compile(r"[^\W\d]\w{0,40}[:/][\w ./:()\[\]@+=,;-]{1,320}")
"""A tag as a column, `user:team@shop` or `resourceTags/user:k8s.io/x=y`: a tag's key may hold + - = . _ : / @ (see
https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html); no other name may, since
`a=1,b=2` is a log line."""

_SEPARATORS = ",;"
"""Spreadsheets write semicolons where the comma is the decimal mark; sentences put a blank behind theirs."""

_MIN_CSV_COLUMNS = 4

MAX_HEADER_BYTES = 65_536
"""Longest line taken for a header. Chosen: a thousand columns, several times the widest billing export."""


def header_line(head: bytes) -> bytes:
    r"""Return the header that an object starts with, or nothing.

    >>> header_line(b"version account-id interface-id srcaddr\n2 1 eni-1 10.0.0.1\n")
    b'version account-id interface-id srcaddr'
    >>> header_line(b"2026-11-20 10:00:00 INFO started, ready, waiting, done\n")
    b''
    >>> header_line(b"Date;Cost;Currency;Meter\n2026-11-20;1,5;EUR;GB\n")
    b'Date;Cost;Currency;Meter'
    >>> header_line(b"#Version: 1.0\n#Fields: date time c-ip\n2026-11-20\t10:00:00\t10.0.0.1\n")
    b'#Fields: date time c-ip'
    """
    line, _, rest = head.partition(b"\n")
    line = line.rstrip(b"\r")
    if line.startswith(b"#Version:"):  # the extended log format of W3C, as CloudFront writes it: fields are named next
        fields = rest.partition(b"\n")[0].rstrip(b"\r")
        return fields if fields.startswith(b"#Fields:") else b""
    if len(_FLOW_FIELDS.intersection(line.split(b" "))) >= 2:
        return line
    return line if _is_csv_header(line) else b""


def _is_csv_header(line: bytes) -> bool:
    """Say whether every field is a distinct name (log lines hold numbers, times and sentences)."""
    if len(line) > MAX_HEADER_BYTES:
        return False
    text = line.decode("utf-8", "replace")
    separator = max(_SEPARATORS, key=text.count)
    try:
        fields = next(csv.reader([text], delimiter=separator, skipinitialspace=separator == ",", strict=True), [])
    except csv.Error:
        return False
    names = [name.strip() for name in fields] if separator == "," else fields
    plain = sum(_CSV_NAME.fullmatch(name) is not None for name in names)
    if plain < _MIN_CSV_COLUMNS or len(set(names)) != len(names):
        return False
    return plain == len(names) or all(_CSV_NAME.fullmatch(name) or _TAG_NAME.fullmatch(name) for name in names)
