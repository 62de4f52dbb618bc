"""Decode a chunk of JSON records into typed Structs, so that one impossible field never costs a record.

Between envelopes and parsers of volume formats. The whole chunk is decoded at once; only when that fails is each record
looked at on its own, and only where a record fails are its unreadable fields left out, one after another. A record
without the fields that its format requires makes the chunk fail, and the pipeline finds it another parser.
"""

from __future__ import annotations

import re
from typing import Any, Generic, TypeVar

import msgspec
import numpy as np
import numpy.typing as npt

from ..domain.events import Flag
from .parser import UnreadableRecordError
from .records import Records
from .tolerant_json import read_json

Wire = TypeVar("Wire")

_INDEX = re.compile(r"\[(?:\.\.\.|\d+)\]")

MAX_UNREADABLE_FIELDS = 64
"""Fields left out of one record before it is given up. Chosen: more of them are no longer a record of the format."""


class TypedRecords(Generic[Wire]):
    """A decoder of chunks for one wire Struct.

    >>> class Line(msgspec.Struct):
    ...     event: str
    ...     size: int = 0
    >>> from .records import Origin
    >>> chunk = Records.of([b'{"event":"a"}', b'{"event":"b","size":"?"}'], Origin("x"))
    >>> rows, flags = TypedRecords(Line).decode(chunk)
    >>> [row.size for row in rows], flags.tolist()
    ([0, 0], [0, 8])
    """

    def __init__(self, wire: type[Wire]) -> None:
        self._wire: Any = wire
        self._decoder: msgspec.json.Decoder[Any] = msgspec.json.Decoder(wire)

    def decode(self, records: Records) -> tuple[list[Wire], npt.NDArray[np.uint8]]:
        """Return the records and the flags of each.

        Raises:
            UnreadableRecordError: a record that is not of this format, or a body that holds several values.
        """
        try:
            rows = self._decoder.decode_lines(b"\n".join(records.bodies))
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            return self._each(records)
        if len(rows) != len(records):
            raise UnreadableRecordError("a record holds several JSON values")
        return rows, np.zeros(len(rows), np.uint8)

    def _each(self, records: Records) -> tuple[list[Wire], npt.NDArray[np.uint8]]:
        rows: list[Wire] = []
        flags = np.zeros(len(records), np.uint8)
        for row, body in enumerate(records.bodies):
            try:
                rows.append(self._decoder.decode(body))
            except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
                rows.append(self._without_unreadable_fields(body))
                flags[row] = Flag.FIELD_UNREADABLE
        return rows, flags

    def _without_unreadable_fields(self, body: bytes) -> Wire:
        value = read_json(body)
        for _ in range(MAX_UNREADABLE_FIELDS):
            try:
                decoded: Wire = msgspec.convert(value, self._wire)
                return decoded
            except msgspec.ValidationError as error:
                if not _remove(value, str(error)):
                    raise UnreadableRecordError(str(error)) from error
        raise UnreadableRecordError("too many fields are unreadable")


def _remove(value: Any, problem: str) -> bool:
    """Take the field that msgspec complains of out of a decoded record; say whether there was one."""
    _, found, path = problem.rpartition(" - at `$.")
    if not found or problem.startswith("Object missing required field"):
        return False
    rest = _INDEX.split(path.rstrip("`"), maxsplit=1)[0]
    while isinstance(value, dict):
        key = max(
            (k for k in value if isinstance(k, str) and (rest == k or rest.startswith(k + "."))), key=len, default=None
        )
        if key is None:
            return False
        if rest == key:
            del value[key]
            return True
        value, rest = value[key], rest[len(key) + 1 :]
    return False
