"""Which events a read model takes in: the ledger's streams cut into parts that are read and folded apart.

Between the ledger and the folds. A part is a range of one stream's positions and the projections that still need it;
a scope narrows what of it is folded, by event time and by recorded time.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence

import msgspec

from ..domain.batch import EventBatch
from ..domain.errors import SegmentDamageError
from ..store import Ledger
from .projection import Projection

PART_EVENTS = 500_000
"""Positions in a part. Chosen: half a second of work, so that workers stay busy and the state of a part small."""


class Scope(msgspec.Struct, frozen=True):
    """Narrows what is folded: event time in [since_ns, until_ns), recorded at or before known_ns.

    With `skip_damaged` what a damaged file holds is left out, and reported, instead of ending the fold.

    >>> Scope(until_ns=5).is_everything
    False
    """

    since_ns: int | None = None
    until_ns: int | None = None
    known_ns: int | None = None
    skip_damaged: bool = False

    @property
    def is_everything(self) -> bool:
        """Whether no event is left out."""
        return self.since_ns is None and self.until_ns is None and self.known_ns is None


EVERYTHING = Scope()


class Part(msgspec.Struct, frozen=True):
    """The events of a stream after one position, up to and with another, for the projections that are named."""

    stream: str
    after: int
    last: int
    projections: tuple[str, ...]


def plan_parts(
    ends: Mapping[str, int], positions: Mapping[str, Mapping[str, int]], *, size: int = PART_EVENTS
) -> list[Part]:
    """Return the parts that bring projections from their positions to the streams' ends, each event read once.

    Args:
        ends: last position to fold, per stream.
        positions: per projection, the last position that it has folded, per stream.
        size: most events in a part.

    >>> for part in plan_parts({"s": 9}, {"cost@1": {"s": 4}, "scaling@2": {}}):
    ...     print(part.after, part.last, part.projections)
    0 4 ('scaling@2',)
    4 9 ('cost@1', 'scaling@2')
    """
    parts: list[Part] = []
    for stream, end in sorted(ends.items()):
        reached = {name: at.get(stream, 0) for name, at in positions.items()}
        cuts = sorted({at for at in reached.values() if at < end} | {end})
        for start, stop in itertools.pairwise(cuts):
            names = tuple(name for name, at in reached.items() if at <= start)
            parts += [Part(stream, at, min(at + size, stop), names) for at in range(start, stop, size)]
    return parts


class DamagedPlace(msgspec.Struct, frozen=True):
    """A range of a stored file whose events could not be folded."""

    path: str
    start: int
    end: int
    reason: str


def read_part(
    ledger: Ledger, part: Part, columns: Iterable[str], scope: Scope, damage: list[DamagedPlace]
) -> Iterator[EventBatch]:
    """Yield a part's events that are in scope; where the scope skips damage, it is put into `damage`."""

    def keep(error: SegmentDamageError) -> None:
        damage.append(DamagedPlace(error.path, error.start, error.end, error.reason))

    read = ledger.read(
        part.stream,
        after=part.after,
        last=part.last,
        since=scope.since_ns,
        until=scope.until_ns,
        columns=sorted(columns),
        on_damage=keep if scope.skip_damaged else None,
    )
    for batch in read:  # the ledger leaves out what is outside of the positions and of the event times
        chosen = _in_scope(batch, scope)
        if len(chosen):
            yield chosen


def columns_of(projections: Sequence[Projection]) -> set[str]:
    """Return the columns to read for projections: theirs, and the times that a scope looks at."""
    return {"occurred_at", "recorded_at"}.union(*[projection.columns for projection in projections])


def narrowed(batch: EventBatch, columns: Iterable[str]) -> EventBatch:
    """Return a batch with some of its columns only, so that a fold that filters rows does not carry the others along.

    >>> narrowed(EventBatch.build(1, service="cart", payload=[b"{}"]), ["service"]).column_names
    ('service',)
    """
    names = ["payload" if name == "facts" else name for name in columns]
    kept = {name: getattr(batch, name) for name in names}
    return EventBatch(len(batch), kept, stream=batch.stream, positions=batch.positions)


def _in_scope(batch: EventBatch, scope: Scope) -> EventBatch:
    return batch if scope.known_ns is None else batch.take(batch.recorded_at <= scope.known_ns)
