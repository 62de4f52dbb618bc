"""The port of a source: where raw records come from, and how far they were read.

Implementations: files here, cloud APIs in the provider sub-packages. `ingest` commits a chunk's events together with
its cursor, so a source that is asked again after a crash goes on exactly there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from ..domain.events import RecordRejected
from .records import Records


@dataclass(frozen=True, slots=True)
class SourceChunk:
    """Some records of one object, and the cursor that stands after them.

    `rejected` are pieces that could not even be framed into records. `raw_bytes` counts what was read from the source.
    """

    records: Records
    cursor: Callable[[], bytes]
    raw_bytes: int
    rejected: Sequence[RecordRejected] = field(default_factory=tuple)


class Source(Protocol):
    """Yields chunks after a cursor, in an order that does not depend on when it is asked.

    The same records come in the same order with the same places after a crash; a chunk may come again (its events have
    the same ids and are stored once).
    """

    stream: str

    def chunks(self, cursor: bytes | None) -> Iterator[SourceChunk]:
        """Yield what comes after the cursor of the last committed chunk (None: from the start)."""
        ...
