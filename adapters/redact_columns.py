"""Redact what only a column's name tells: the cookies in lines of the W3C extended log format.

Beside the redaction of texts. CloudFront writes such lines, IIS too; the `#Fields` header names the columns, of lines
without one CloudFront's documented order. See https://www.w3.org/TR/WD-logfile.html and
https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/standard-logs-reference.html.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np

from ..domain.redaction import Redactor
from .aws.cloudfront_parser import field_names
from .records import Records

_SECRETS: Final = frozenset({"cs(cookie)", "cs-cookie", "sc(set-cookie)"})
_RULE: Final = "cookie"
_HIDDEN: Final = b"[REDACTED]"
_EMPTY: Final = (b"-", b"", _HIDDEN)


def redact_columns(records: Records, redactor: Redactor) -> tuple[Records, dict[str, int]]:
    r"""Return the records without the cookies in their columns, and how many there were.

    >>> from .records import Origin
    >>> from ..domain.columns import StringColumn
    >>> lines = Records.of([b"/x\tsid=1"], Origin("a"))
    >>> lines = replace(lines, context=StringColumn.constant('{"header":"#Fields: cs-uri-stem cs(Cookie)"}', 1))
    >>> redact_columns(lines, Redactor())[0].bodies
    [b'/x\t[REDACTED]']
    """
    if _RULE not in redactor.names or not len(records):
        return records, {}
    bodies, payloads, count = list(records.bodies), list(records.payloads), 0
    for place, rows in _places(records):
        for row in rows:
            separator = b"\t" if b"\t" in bodies[row] else b" "
            values = bodies[row].split(separator)
            if len(values) <= place or values[0][:1] == b"#" or (secret := values[place]) in _EMPTY:
                continue
            values[place] = _HIDDEN
            bodies[row] = separator.join(values)
            payloads[row] = _in_json(payloads[row], secret, separator)
            count += 1
    if not count:
        return records, {}
    shared = records.bodies is records.payloads
    return replace(records, bodies=bodies, payloads=bodies if shared else payloads), {_RULE: count}


def _in_json(payload: bytes, secret: bytes, separator: bytes) -> bytes:
    """Return a line as its carrier holds it, in a JSON string, without the secret."""
    before = separator.replace(b"\t", b"\\t")
    return payload.replace(before + secret, before + _HIDDEN)


def _places(records: Records) -> list[tuple[int, list[int]]]:
    """Return the columns that hold cookies, each with its rows: lines of one context have the same columns."""
    found: list[tuple[int, list[int]]] = []
    codes = records.context.codes
    for code, first in zip(*np.unique(codes, return_index=True), strict=True):
        body = records.bodies[int(first)]
        if body[:1] not in (b"{", b"["):
            names = field_names(records.contexts()[code], records.origin.metadata, body)
            held = [place for place, name in enumerate(names) if name.lower() in _SECRETS]
            rows = np.flatnonzero(codes == code).tolist() if held else []
            found += [(place, rows) for place in held]
    return found
