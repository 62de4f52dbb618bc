"""Stream events in another schema as JSON lines, which search engines and data lakes take."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final

import msgspec

from ...domain.arguments import check_choice
from ...domain.batch import EventBatch
from ...domain.events import Event
from ...store import Ledger
from ..registry import Registry
from .ecs import to_ecs
from .ocsf import to_ocsf

EXPORTS: Final[Mapping[str, Callable[..., dict[str, Any]]]] = {"ecs": to_ecs, "ocsf": to_ocsf}
"""Name of the schema to the function that gives an event in it."""


def export(
    events: Ledger | Iterable[EventBatch | Event], *, as_: str = "ecs", registry: Registry | None = None
) -> Iterator[bytes]:
    """Yield one line of JSON per event, with its line feed; nothing is held back.

    Args:
        events: a ledger, what `Ledger.read` or `Ledger.search` gives, a batch, or events.
        as_: the schema, `ecs` or `ocsf`.
        registry: formats; by default all that are installed.

    >>> [line] = export([Event(severity=9)], as_="ocsf")
    >>> b'"class_uid":0' in line
    True

    Raises:
        InvalidArgumentError: an unknown schema.
    """
    convert = EXPORTS[check_choice("as_", as_, EXPORTS)]
    known = registry or Registry.installed()
    return (encode(convert(event, registry=known)) for event in _rows(events))


def _rows(events: Ledger | Iterable[EventBatch | Event]) -> Iterator[Event]:
    for part in events.read() if isinstance(events, Ledger) else events:
        if isinstance(part, EventBatch):
            yield from part
        else:
            yield part


def encode(document: Mapping[str, Any]) -> bytes:
    r"""Return a document as a line of JSON; lone surrogates, which are no Unicode, become question marks.

    >>> encode({"a": "\ud800"})
    b'{"a":"?"}\n'
    """
    try:
        return msgspec.json.encode(document) + b"\n"
    except UnicodeEncodeError:
        return msgspec.json.encode(_sound(document)) + b"\n"


def _sound(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, list):
        return [_sound(one) for one in value]
    return {_sound(key): _sound(one) for key, one in value.items()} if isinstance(value, dict) else value
