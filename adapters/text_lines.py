"""Read the fields of text log lines: quoted fields, missing markers, addresses with ports.

Between the bodies of a chunk and the parsers of line formats. What a format appends to its fields later never breaks a
line.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from ..domain.columns import StringColumn
from .records import Records

ABSENT: Final = frozenset({"-", ""})


def lines_of(records: Records) -> list[str]:
    r"""Return the bodies as text; bytes that are none become replacement characters.

    >>> from .records import Origin
    >>> lines_of(Records.of([b"a", b"caf\xff"], Origin("x")))
    ['a', 'caf\ufffd']
    """
    try:
        text = b"\n".join(records.bodies).decode("utf-8")
    except UnicodeDecodeError:
        return [body.decode("utf-8", "replace").replace("\r", "") for body in records.bodies]
    lines = text.split("\n")
    return lines if len(lines) == len(records) else [body.decode("utf-8") for body in records.bodies]


def present(values: Sequence[str]) -> list[str]:
    """Return values without the marker of missing ones.

    >>> present(["a", "-"])
    ['a', '']
    """
    return ["" if value == "-" else value for value in values]


def host_of(address: str) -> str:
    """Return the address without its port; IPv6 in brackets or bare.

    >>> host_of("10.0.0.1:80"), host_of("[2001:db8::1]:443"), host_of("2001:db8::1"), host_of("-")
    ('10.0.0.1', '2001:db8::1', '2001:db8::1', '')
    """
    if address in ABSENT:
        return ""
    if address.startswith("["):
        return address[1:].partition("]")[0]
    return address.partition(":")[0] if address.count(":") == 1 else address


def split_quoted(line: str) -> list[str]:
    r"""Return the fields of a line, where fields in double quotes may hold spaces and `\"`.

    >>> split_quoted('a "b c" - "x \\" y"')
    ['a', 'b c', '-', 'x \\" y']
    """
    fields: list[str] = []
    at, end = 0, len(line)
    while at < end:
        if line[at] == " ":
            at += 1
        elif line[at] == '"':
            close = _closing_quote(line, at + 1)
            fields.append(line[at + 1 : close])
            at = close + 1
        else:
            close = line.find(" ", at)
            close = end if close < 0 else close
            fields.append(line[at:close])
            at = close
    return fields


def _closing_quote(line: str, at: int) -> int:
    """Return where a quoted field ends: at a quote before a space or the end of the line, else at the end."""
    while (found := line.find('"', at)) >= 0:
        if line[found - 1] != "\\" and (found + 1 == len(line) or line[found + 1] == " "):
            return found
        at = found + 1
    return len(line)


def column_of(values: Sequence[str]) -> StringColumn:
    """Return values, without missing markers, as a column; each distinct value is looked at once.

    >>> column_of(["a", "-"]).to_list()
    ['a', '']
    """
    column = StringColumn.of(values)
    missing = column.dictionary.find("-")
    if missing is not None:
        column.codes[column.codes == missing] = 0
    return column
