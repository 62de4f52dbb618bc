"""The port of a source: where raw records come from, and how far they were read.

Implementations: files here, cloud APIs in the provider sub-packages. `ingest` commits a chunk's events together with
its cursor, so a source that is asked again after a crash goes on exactly there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from ..domain.events import RecordRejected, SourceObserved
from .records import Records


def _nothing() -> None:
    """Do nothing after a commit: most sources need not be told."""


@dataclass(frozen=True, slots=True)
class SourceChunk:
    """Some records of one object, and the cursor that stands after them.

    Attributes:
        records: what was read.
        cursor: gives the cursor to commit with them; None leaves the stream's cursor as it is. Asked when the chunk is
            committed, before the source goes on.
        raw_bytes: what was read from the source for them.
        rejected: pieces that could not even be framed into records.
        observed: what the source has to say of itself: a gap, a trouble and its end.
        problem: why the source ends here, before it has given everything; empty while it goes well.
        committed: called once the chunk is durable: the place to acknowledge a message.
        urgent: commit now, even if it is little: somebody waits for it.
    """

    records: Records
    cursor: Callable[[], bytes | None]
    raw_bytes: int
    rejected: Sequence[RecordRejected] = field(default_factory=tuple)
    observed: Sequence[SourceObserved] = field(default_factory=tuple)
    problem: str = ""
    committed: Callable[[], None] = _nothing
    urgent: bool = False


class Source(Protocol):
    """Yields chunks after a cursor, in an order that does not depend on when it is asked.

    The same records come in the same order with the same places after a crash; a chunk may come again (its events have
    the same ids and are stored once).
    """

    stream: str

    def chunks(self, cursor: bytes | None) -> Iterator[SourceChunk]:
        """Yield what comes after the cursor of the last committed chunk (None: from the start)."""
        ...
