"""Read JSON that strict readers refuse over one character: broken UTF-8, raw control characters, lone surrogates, NaN.

Between a damaged record and its parser: the record stays a record of its format, and only the character is lost.
See https://www.rfc-editor.org/rfc/rfc8259#section-8.
"""

from __future__ import annotations

import json
from typing import Any

import msgspec

_STARTS = (b"{", b"[")


def read_json(body: bytes) -> Any:
    r"""Return the value of a JSON text, replacing what no reader can decode.

    >>> read_json(b'{"a": 1}'), read_json(b'{"a": "x\xff\x01"}')
    ({'a': 1}, {'a': 'x\ufffd\x01'})

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
        value = json.loads(body.decode("utf-8", "replace"), strict=False, parse_constant=lambda _: None)
        return msgspec.json.decode(json.dumps(value, ensure_ascii=False).encode("utf-8", "replace"))
    except (ValueError, RecursionError, msgspec.MsgspecError):
        raise ValueError(strict) from None
