"""The message inside a stored log record, for showing which lines an answer is about.

Records are carriers around messages: container agents, Log Analytics and Cloud Logging each name the field
differently, and the message may be JSON itself.
"""

from __future__ import annotations

from typing import Any

import msgspec

MESSAGE_FIELDS = ("message", "msg", "log", "LogMessage", "Message", "textPayload", "jsonPayload", "body", "event")
"""Fields that hold the message, as applications, agents and clouds name them; the innermost is taken."""

_DEPTH = 5


def message_of(payload: bytes) -> str:
    r"""Return a record's message, else the record as text.

    >>> message_of(b'{"log":"{\\"level\\":\\"info\\",\\"msg\\":\\"ready\\"}","stream":"stdout"}')
    'ready'
    >>> message_of(b"plain line")
    'plain line'
    """
    text = payload.decode("utf-8", "replace").strip()
    for _ in range(_DEPTH):
        inner = _inner(text)
        if inner is None:
            return text
        text = inner
    return text


def _inner(text: str) -> str | None:
    if not text.startswith("{"):
        return None
    try:
        fields: Any = msgspec.json.decode(text)
    except msgspec.MsgspecError:
        return None
    found = next((fields[name] for name in MESSAGE_FIELDS if fields.get(name)), None)
    if isinstance(found, dict):
        return msgspec.json.encode(found).decode()
    return found if isinstance(found, str) else None
