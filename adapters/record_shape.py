"""The shape of a record: what its format can depend on, short enough to be remembered.

Routing a record asks dozens of recognisers. Records of one shape (of JSON: the same keys, the same values where a
format is told by a value; of text: the same start but for digits, the same number of words) are of one format, so the
route of a shape is looked up once per chunk.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any

import msgspec

_OBJECT = msgspec.json.Decoder(dict[str, Any])

TELLING_KEYS = (
    *("Type", "type", "@type", "kind", "apiVersion", "category", "Category", "source", "detail-type", "eventType"),
    *("messageType", "logName", "log", "schemaVersion", "format_version", "@level", "reason", "version", "Source"),
)
"""Keys whose value tells formats apart in the clouds' documentation."""

_TELLING_INNER_KEYS = ("type", "value", "methodName")
"""Of a resource, of a category of the activity log's API, and of an audit entry's payload."""

MAX_VALUE_CHARS = 64
"""A longer value is a text, not the name of a kind."""


MAX_CARRIER_KEYS = 4
"""A record with more keys is no list of records. The same as for lists that are split."""

TEXT_HEAD_BYTES = 32
"""How much of a text tells its format. Chosen: a timestamp and a word, or an access log's first fields."""

_DIGITS_AS_ZERO = bytes.maketrans(b"123456789", b"000000000")


def shape_of(body: bytes) -> Hashable:
    """Return what a record's format can depend on.

    >>> shape_of(b'{"type":"platform.start","n":1}') == shape_of(b'{"type":"platform.start","n":2}')
    True
    >>> shape_of(b"10:00 INFO ready") == shape_of(b"11:59 INFO ready"), shape_of(b"a b") == shape_of(b"a b c")
    (True, False)
    """
    if body[:1] == b"{":
        try:
            return _shape_of_object(_OBJECT.decode(body))
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            pass  # not JSON: a text that starts with a brace
    return (body[:TEXT_HEAD_BYTES].translate(_DIGITS_AS_ZERO), body.count(b" "))


def _shape_of_object(fields: Mapping[str, Any]) -> Hashable:
    values = tuple([_told(fields[key]) for key in TELLING_KEYS if key in fields])
    items = tuple([_told_item(value) for value in fields.values()]) if len(fields) <= MAX_CARRIER_KEYS else ()
    return (tuple(fields), values, items, _told(fields.get("resource")), _told(fields.get("protoPayload")))


def _told_item(value: Any) -> Hashable:
    """Return the keys of a list's first item: carriers of many kinds hold theirs under the same key."""
    first = value[0] if type(value) is list and value else None
    return tuple(first) if type(first) is dict else type(first).__name__


def _told(value: Any) -> Hashable:
    if isinstance(value, str):
        return value if len(value) <= MAX_VALUE_CHARS else "text"
    if isinstance(value, dict):
        told = [value.get(key) for key in _TELLING_INNER_KEYS]
        return (*[text if isinstance(text, str) else None for text in told], *value)
    return type(value).__name__
