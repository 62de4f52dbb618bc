"""Read JSON that strict readers refuse over one character: broken UTF-8, raw control characters, lone surrogates, NaN.

Between a damaged record and its parser: the record stays a record of its format, and only the character is lost.
See https://www.rfc-editor.org/rfc/rfc8259#section-8.
"""

from __future__ import annotations

import json
from math import isfinite
from typing import Any, Final

import msgspec

_STARTS = (b"{", b"[")


def read_json(body: bytes) -> Any:
    r"""Return the value of a JSON text, replacing what no reader can decode.

    >>> read_json(b'{"a": 1}'), read_json(b'{"a": "x\xff\x01"}')
    ({'a': 1}, {'a': 'x\ufffd\x01'})
    >>> read_json(b'{"a": 1e400, "b": 7}')
    {'a': '1e400', 'b': 7}

    Raises:
        ValueError: no JSON object or list, or one that is broken in its structure.
    """
    try:
        return msgspec.json.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        if not body.lstrip()[:1].startswith(_STARTS):
            raise ValueError(str(error)) from error
        strict = str(error) or type(error).__name__
    try:
        text = body.decode("utf-8", "replace")
        value = json.loads(text, strict=False, parse_constant=lambda _: None, parse_float=_number, parse_int=_number)
        return msgspec.json.decode(json.dumps(value, ensure_ascii=False).encode("utf-8", "replace"))
    except (ValueError, RecursionError, msgspec.MsgspecError):
        raise ValueError(strict) from None


_MAX_DIGITS: Final = 300
"""Longer numbers stay texts. Chosen: below what a double can hold and Python converts in no time."""


def _number(text: str) -> int | float | str:
    """Return a number as JSON writes it; one that no double can hold stays the text that it is."""
    if len(text) > _MAX_DIGITS:
        return text
    if text.lstrip("-").isdecimal():
        return int(text)
    value = float(text)
    return value if isfinite(value) else text
