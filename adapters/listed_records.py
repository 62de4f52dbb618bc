"""Objects of records that may be whole documents: `{"Activities": [...]}`, a JSON array, or one object alone.

Between framing and the parsers of facts: an API's answer saved to a file arrives as one record or as many, and both
give the same events.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import msgspec

from ..domain.event_id import event_id
from .parser import UnreadableRecordError
from .records import Records


@dataclass(frozen=True)
class Listed:
    """One object, and where it stood.

    Attributes:
        fields: the object.
        records, row, ordinal: the chunk, the record in it, the place in the record's list (0 for an object alone).
    """

    fields: dict[str, Any]
    records: Records
    row: int
    ordinal: int = 0

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
        for ordinal, fields in enumerate(objects_of(msgspec.json.decode(body), keys)):
            if not isinstance(fields, dict):
                raise UnreadableRecordError(f"record {row} holds a {type(fields).__name__} where an object belongs")
            yield Listed(fields, records, row, ordinal)


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
