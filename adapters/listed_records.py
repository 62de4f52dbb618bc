"""Objects of records that may be whole documents: `{"Activities": [...]}`, a JSON array, or one object alone.

Between framing and the parsers of facts: an API's answer saved to a file arrives as one record or as many, and both
give the same events.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import msgspec

from ..domain.errors import CloudledgerError
from ..domain.event_id import event_id
from ..domain.events import Event, RecordRejected
from .parser import UnreadableRecordError
from .records import Records

UNREADABLE = (msgspec.MsgspecError, CloudledgerError, ValueError, TypeError, KeyError, IndexError, AttributeError)
"""What reading an object of an unexpected shape raises."""


@dataclass(frozen=True)
class Listed:
    """One object, and where it stood.

    Attributes:
        fields: the object.
        records, row, ordinal: the chunk, the record in it, the place in the record's list (0 for an object alone).
        listed: whether it stood in a list.
    """

    fields: dict[str, Any]
    records: Records
    row: int
    ordinal: int = 0
    listed: bool = False

    @property
    def metadata(self) -> Mapping[str, str]:
        """What the user told of the object's origin."""
        return self.records.origin.metadata

    @cached_property
    def context(self) -> Mapping[str, Any]:
        """What the envelope said."""
        return self.records.contexts()[int(self.records.context.codes[self.row])]

    @property
    def envelope_time_ns(self) -> int:
        """The envelope's time, 0 where it gave none."""
        return 0 if self.records.occurred_at is None else int(self.records.occurred_at[self.row])

    def place_id(self, log_format: str, *parts: str) -> bytes:
        """Return an event id made of the object's place, for objects without an id of their own."""
        records, row = self.records, self.row
        place = (str(int(records.offsets[row])), str(int(records.ordinals[row])), str(self.ordinal))
        return event_id(log_format, records.origin.object_key, *place, *parts)


def listed_objects(records: Records, keys: tuple[str, ...]) -> Iterator[Listed]:
    """Yield all objects of records, taking lists (bare, or under one of the keys) apart.

    >>> from .records import Origin
    >>> chunk = Records.of([b'{"items":[{"a":1},{"a":2}]}', b'{"a":3}'], Origin("x.json"))
    >>> [(item.fields["a"], item.row, item.ordinal) for item in listed_objects(chunk, ("items",))]
    [(1, 0, 0), (2, 0, 1), (3, 1, 0)]

    Raises:
        UnreadableRecordError: a record that is no JSON object or list of objects.
    """
    for row, body in enumerate(records.bodies):
        value = msgspec.json.decode(body)
        for ordinal, fields in enumerate(objects_of(value, keys)):
            if not isinstance(fields, dict):
                raise UnreadableRecordError(f"record {row} holds a {type(fields).__name__} where an object belongs")
            yield Listed(fields, records, row, ordinal, listed=fields is not value)


def read_each(items: Iterable[Listed], read: Callable[[Listed], Iterable[Event]]) -> list[Event]:
    """Return the events of all objects; one of a list that cannot be read is rejected, the rest of its list stays.

    An object alone, or one of another format, raises: the pipeline knows what to do with a whole record.

    >>> from .records import Origin
    >>> chunk = Records.of([b'[{"a":1}]'], Origin("x.json"))
    >>> [event.reason for event in read_each(listed_objects(chunk, ()), lambda item: item.fields["b"])]
    ["KeyError: 'b'"]
    """
    events: list[Event] = []
    for item in items:
        try:
            events.extend(read(item))
        except UNREADABLE as error:
            if not item.listed or isinstance(error, UnreadableRecordError):
                raise
            events.append(_rejected(item, f"{type(error).__name__}: {error}"))
    return events


def _rejected(item: Listed, reason: str) -> RecordRejected:
    payload = msgspec.json.encode(item.fields)
    return RecordRejected(
        event_id=item.place_id("unknown"),
        occurred_at=item.envelope_time_ns or item.records.origin.observed_at,
        format="unknown",
        error=reason.partition(":")[0],
        reason=reason[:300],
        origin=item.records.origin.object_key,
        offset=int(item.records.offsets[item.row]),
        payload=payload,
        size_bytes=len(payload),
    )


def objects_of(value: Any, keys: tuple[str, ...]) -> list[Any]:
    """Return the objects of a decoded document.

    >>> objects_of({"Activities": [{"a": 1}]}, ("Activities",)), objects_of({"a": 1}, ("Activities",))
    ([{'a': 1}], [{'a': 1}])
    """
    if isinstance(value, list):
        return value
    if isinstance(value, dict):
        return next((value[key] for key in keys if isinstance(value.get(key), list)), [value])
    return [value]
