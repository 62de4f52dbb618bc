"""Tell which part of a split entry a record is, and put the parts' records together again.

Under the joining of entries. Cloud Logging names group, index and total in `split` and spreads long fields of audit
entries over the parts; Docker's fluentd driver names group and ordinal; the parts of all others follow each other. See
https://docs.cloud.google.com/logging/docs/audit/split-logs,
https://docs.docker.com/engine/logging/drivers/fluentd/ and
https://github.com/kubernetes/design-proposals-archive/blob/main/node/kubelet-cri-logging.md.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import zip_longest
from typing import Any, Final, NamedTuple

import msgspec

_CRI: Final = re.compile(rb"(\S{10,40}) (stdout|stderr) ([PF])(?::\S*)? ?")
_TEXTS: Final = ("log", "message", "LogMessage", "MESSAGE", "msg", "textPayload")
"""Where records of agents hold the line; always joined end to end."""

_SPREAD: Final = ("request", "response", "metadata", "serviceData")
"""Fields of an audit log's payload that Cloud Logging splits; all others are the same in every part."""

_DOCKER: Final = frozenset({"log", "stream", "time", "attrs"})
_ANEW: Final = re.compile(r"\s*(?:\d{1,4}[-:/.]\d\d|[\[{<]|[IWEF]\d{4} |(?:TRACE|DEBUG|INFO|WARN|ERROR|FATAL)\b|\w+=)")

_MARKS: Final = ("partial_message", "partial_id", "partial_ordinal", "partial_last", "logtag")


class Part(NamedTuple):
    """The place of a record in a split entry; `group` is empty where only its neighbours tell.

    `place` counts from 0, `total` is 0 where it is not known; `last` says that no more parts follow,
    `guessed` that nothing but a line's length says that it is a part.
    """

    group: str = ""
    place: int = 0
    total: int = 0
    last: bool = False
    guessed: bool = False


def part_of(body: bytes) -> Part:
    """Return which part of a split entry a record says that it is.

    >>> part_of(b'{"split":{"uid":"a1","index":1,"totalSplits":2}}')
    Part(group='a1', place=1, total=2, last=True, guessed=False)
    """
    fields = _fields(body)
    split = fields.get("split")
    if isinstance(split, dict) and isinstance(split.get("uid"), str):
        index, total = _number(split.get("index")), _number(split.get("totalSplits"))
        return Part(split["uid"], index, total, index + 1 == total)
    if isinstance(group := fields.get("partial_id"), str) and group:
        return Part(group, _number(fields.get("partial_ordinal")) - 1, 0, fields.get("partial_last") in (True, "true"))
    marked = fields.get("logtag") == "P" or "partial_message" in fields or fields.keys() <= _DOCKER or not fields
    return Part(guessed=not marked)


def starts_anew(body: bytes, first: bytes) -> bool:
    """Say whether a record begins as a line of its own rather than as the rest of another.

    Args:
        body: the record.
        first: the record whose line was cut; a writer's lines begin alike.

    >>> starts_anew(b'{"log":"10:00 INFO paid"}', b'{"log":"09:59 INFO a"}')
    True
    """
    text, other = _text(body), _text(first)
    return _ANEW.match(text) is not None or _shape(text) == _shape(other)


def _text(body: bytes) -> str:
    fields = _fields(body)
    return next((fields[key] for key in _TEXTS if isinstance(fields.get(key), str)), "")


def _shape(text: str) -> str:
    return "".join("0" if c.isdigit() else "a" if c.isalpha() else c for c in text[:8])


def joined_body(bodies: Sequence[bytes]) -> bytes:
    """Return the record that parts were, given in order.

    >>> joined_body([b'{"log":"one ","logtag":"P"}', b'{"log":"line","logtag":"F"}'])
    b'{"log":"one line"}'
    """
    if (matches := [match for body in bodies if (match := _CRI.match(body))]) and len(matches) == len(bodies):
        texts = [body[match.end() :] for body, match in zip(bodies, matches, strict=True)]
        return matches[0][1] + b" " + matches[0][2] + b" F " + b"".join(texts)
    parts = [_fields(body) for body in bodies]
    if not all(parts):
        return b"".join(bodies)
    whole = dict(parts[0])
    for key in _TEXTS:
        if isinstance(whole.get(key), str):
            whole[key] = "".join([text for part in parts if isinstance(text := part.get(key), str)])
    if "split" in whole:
        _join_entry(whole, parts)
    return msgspec.json.encode({key: value for key, value in whole.items() if key not in _MARKS})


def _join_entry(whole: dict[str, Any], parts: Sequence[dict[str, Any]]) -> None:
    """Join the payloads of an entry of Cloud Logging, and say how many parts it had."""
    whole["split"] = {"uid": whole["split"].get("uid"), "joined": len(parts)}
    for key in ("jsonPayload", "protoPayload"):
        payloads = [part[key] for part in parts if isinstance(part.get(key), dict)]
        if payloads:
            whole[key] = _payload(payloads, _SPREAD if key == "protoPayload" else _TEXTS)


def _payload(payloads: Sequence[dict[str, Any]], spread: Sequence[str]) -> dict[str, Any]:
    keys = dict.fromkeys(key for payload in payloads for key in payload)
    joined: dict[str, Any] = {}
    for key in keys:
        values = [payload[key] for payload in payloads if key in payload]
        same = key not in spread and all(value == values[0] for value in values)
        joined[key] = values[0] if same else _spread(values)
    return joined


def _spread(values: Sequence[Any]) -> Any:
    """Join what was spread over parts: texts end to end, objects by key, lists by place, of all else the first."""
    first = values[0]
    if len(values) == 1:
        return first
    if all(isinstance(value, str) for value in values):
        return "".join(values)
    if all(isinstance(value, dict) for value in values):
        keys = dict.fromkeys(key for value in values for key in value)
        return {key: _spread([value[key] for value in values if key in value]) for key in keys}
    if all(isinstance(value, list) for value in values):
        return [_spread([item for item in items if item is not _NOTHING]) for items in _columns(values)]
    return first


_NOTHING: Final = object()


def _columns(lists: Sequence[list[Any]]) -> list[tuple[Any, ...]]:
    return list(zip_longest(*lists, fillvalue=_NOTHING))


def _fields(body: bytes) -> dict[str, Any]:
    try:
        return msgspec.json.decode(body, type=dict[str, Any])
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return {}


def _number(value: Any) -> int:
    return int(value) if type(value) is int or (type(value) is str and value.isdecimal() and len(value) < 10) else 0
