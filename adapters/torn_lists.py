"""Take a list of records apart that no JSON reader accepts: cut off at its end, or with one impossible record in it.

So that one bad record, or a file that ends early, does not cost the records beside it. Used when decoding has failed.
See https://www.rfc-editor.org/rfc/rfc8259.
"""

from __future__ import annotations

import re

_OPENING = re.compile(
    rb'\s*(?:\{\s*(?:"[^"\\]{1,64}"\s*:\s*(?:"[^"\\]{0,256}"|[-\w.]{1,32})\s*,\s*){0,8}'
    rb'"(?:Records|records|value|entries|Events|findings|Findings)"\s*:\s*)?\[\s*(?=\{)'
)
_TOKEN = re.compile(rb'"(?:[^"\\]|\\.)*(?:"|\Z)|[\[\]{}]', re.DOTALL)
_CLOSING = b" \t\r\n,]}"


def is_torn_list(body: bytes) -> bool:
    """Say whether a text that is no JSON begins like a list of records.

    >>> is_torn_list(b'{"Records":[{"a":1},{"b'), is_torn_list(b"[10:00] ready")
    (True, False)
    """
    return _OPENING.match(body) is not None


def torn_items(body: bytes) -> list[bytes]:
    """Return the whole records of a list, and what is behind them as one more.

    >>> torn_items(b'{"Records":[{"a":1},{"b":"]"},{"c')
    [b'{"a":1}', b'{"b":"]"}', b'{"c']
    """
    opening = _OPENING.match(body)
    if not opening:
        return [body]
    items: list[bytes] = []
    depth = begin = 0
    end = opening.end()
    for token in _TOKEN.finditer(body, end):
        mark = token[0]
        if mark in (b"{", b"["):
            begin, depth = (token.start(), 1) if not depth else (begin, depth + 1)
        elif mark in (b"}", b"]"):
            if not depth:  # the list is closed
                break
            depth -= 1
            if not depth:
                end = token.end()
                items.append(body[begin:end])
    rest = body[end:].strip(_CLOSING)
    return [*items, rest] if rest else items
