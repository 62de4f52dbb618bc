"""Peel JSON documents that hold lists of records, whatever cloud wrote them.

CloudTrail's `Records`, Azure's `records` and `value`, Cloud Logging's `entries`, LookupEvents' `Events`, plain arrays,
and several documents one after another (Firehose writes them without a newline between).
"""

from __future__ import annotations

import re
from collections.abc import Mapping

import msgspec

from .envelope import carried
from .parser import Sample, UnreadableRecordError
from .records import Records
from .text_envelopes import holds_json
from .torn_lists import is_torn_list, torn_items

LIST_KEYS: Mapping[str, str] = {
    "Records": "aws.records",
    "records": "azure.records",
    "value": "azure.value",
    "entries": "gcp.entries",
    "Events": "aws.events",
    "findings": "aws.findings",
    "Findings": "aws.findings",
}
"""Key of the list, and the name that the context gives its envelope."""

MAX_LIST_DEPTH = 12
"""Lists within lists that are taken apart: as many as envelopes may nest."""

_ARRAY = msgspec.json.Decoder(list[msgspec.Raw])
_OBJECT = msgspec.json.Decoder(dict[str, msgspec.Raw])


class JsonList:
    """A JSON array, or an object around one list of objects."""

    name = "json.list"
    decodes = False

    def recognises(self, sample: Sample) -> bool:
        """Say whether a record is a list of records rather than one record."""
        value = sample.value
        if value is None:
            return is_torn_list(sample.body)
        if _is_empty(value) and "logGroup" in sample.context:
            return False
        if isinstance(value, list):
            return not value or any(map(_is_record, value))
        return isinstance(value, dict) and _list_key(value) is not None

    def peel(self, records: Records) -> Records:
        """Return the items."""
        split = [_items(body) for body in records.bodies]
        if not all(items for _, items in split) and any("logGroup" in context for context in records.contexts()):
            raise UnreadableRecordError("an application's line, though it looks like an empty document")
        contexts = [{"envelope": name or self.name} for name, _ in split]
        return carried(records, [items for _, items in split], contexts)


def _is_empty(value: object) -> bool:
    """Say whether a document is without records: valid as an object of its own, but a line where it was logged."""
    return value == [] or (isinstance(value, dict) and any(value.get(key) == [] for key in LIST_KEYS))


def _is_record(item: object) -> bool:
    """Say whether an item is a record or a list of them: an object, or JSON in a text."""
    for _ in range(MAX_LIST_DEPTH):
        if not (isinstance(item, list) and item):
            break
        item = item[0]
    return isinstance(item, dict) or (isinstance(item, str) and holds_json(item))


def _list_key(value: Mapping[str, object]) -> str | None:
    """Return the key of the list of records; an object with a list *and* a life of its own is a record."""
    for key in LIST_KEYS:
        items = value.get(key)
        if isinstance(items, list) and (not items or _is_record(items[0])) and len(value) <= 4:
            return key
    return None


def _items(body: bytes) -> tuple[str, list[bytes]]:
    try:
        return _decoded_items(body)
    except (msgspec.MsgspecError, RecursionError):
        return "", torn_items(body)


def _decoded_items(body: bytes) -> tuple[str, list[bytes]]:
    if body.lstrip()[:1] == b"[":
        return "", [bytes(item) for item in _ARRAY.decode(body)]
    fields = _OBJECT.decode(body)
    key = next(key for key in LIST_KEYS if key in fields)
    return LIST_KEYS[key], [bytes(item) for item in _ARRAY.decode(fields[key])]


_TOKEN = re.compile(rb'"(?:[^"\\]|\\.)*"|[\[\]{}]', re.DOTALL)


def split_documents(body: bytes) -> list[bytes]:
    """Return the JSON values that stand one after another; what cannot be split stays one piece.

    >>> split_documents(b'{"a":1}{"b":"}"} [2]'), split_documents(b"at [10:00] and [11:00]")
    ([b'{"a":1}', b'{"b":"}"}', b'[2]'], [b'at [10:00] and [11:00]'])
    """
    if not body.lstrip().startswith((b"{", b"[")):
        return [body]
    pieces: list[bytes] = []
    depth = start = end = 0
    for token in _TOKEN.finditer(body):
        mark = token[0]
        if mark in b"[{" and len(mark) == 1:
            if not depth and (between := body[end : token.start()].strip()):
                pieces.append(between)
            start, depth = (token.start(), 1) if not depth else (start, depth + 1)
        elif depth and len(mark) == 1:
            depth -= 1
            if not depth:
                pieces.append(body[start : token.end()])
                end = token.end()
    rest = body[end:].strip()
    return [*pieces, rest] if rest else pieces
