"""Fold parts of the ledger into states: in this process, or in the workers of any executor.

Between the parts of `reading` and the states that `catch_up` and `replay` give out. A worker opens the ledger itself,
read-only and by its location, and sends back packed partitions: arrays, not objects, so that pickling costs nothing.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, Future
from dataclasses import dataclass, field
from itertools import islice

import msgspec
import numpy as np

from ..store import Ledger
from .partitions import ProjectionState
from .projection import Projection
from .reading import EVERYTHING, DamagedPlace, Part, Scope, columns_of, narrowed, read_part

PARTS_IN_FLIGHT = 64
"""Parts given to an executor at once: few results wait to be merged. Chosen: the cores of a small cluster."""

KEPT_BYTES = 31 << 20
"""Largest array that is freed into the process and not to the system: glibc's own limit for it is 32 MiB."""

Packed = dict[str, bytes]


@dataclass
class Progress:
    """How far one projection has been folded.

    Attributes:
        projection: the fold.
        state: what it has folded.
        positions: last position folded, per stream.
        known_at: latest `recorded_at` among what was folded (0 where nothing was).
        stored: content name of each partition that a checkpoint holds, by its key.
        unsaved: positions folded since the last checkpoint.
    """

    projection: Projection
    state: ProjectionState
    positions: dict[str, int] = field(default_factory=dict)
    known_at: int = 0
    stored: dict[str, str] = field(default_factory=dict)
    unsaved: int = 0

    @classmethod
    def zero(cls, projection: Projection) -> Progress:
        """Return the progress before any event."""
        return cls(projection, projection.empty())

    def passed(self, part: Part, known_at: int) -> None:
        """Say that a part has been folded."""
        self.positions[part.stream] = part.last
        self.known_at = max(self.known_at, known_at)
        self.unsaved += part.last - part.after


class Seen(msgspec.Struct, frozen=True):
    """The latest recorded time among the events of a part, and the places that could not be read."""

    known_at: int
    damage: tuple[DamagedPlace, ...] = ()


class FoldedPart(msgspec.Struct, frozen=True):
    """What a worker sends back: per projection the packed partitions of a part, and what was seen on the way."""

    states: dict[str, Packed]
    seen: Seen


def fold_parts(
    ledger: Ledger,
    parts: Sequence[Part],
    progress: Mapping[str, Progress],
    *,
    scope: Scope = EVERYTHING,
    executor: Executor | None = None,
    after_part: Callable[[], None] = lambda: None,
    damage: list[DamagedPlace] | None = None,
) -> None:
    """Fold parts into the states of their projections; the result does not depend on the executor.

    Args:
        ledger: where to read.
        parts: what to read; the parts of a stream in order.
        progress: per projection's name what it has folded; changed in place.
        scope: which events of the parts are meant.
        executor: where to fold; this process without one.
        after_part: called after each part.
        damage: gets the places that could not be read, where the scope skips them.
    """
    keep_freed_memory()
    folded = _fold_here(ledger, parts, progress, scope)
    if executor is not None and len(parts) > 1:
        folded = _fold_elsewhere(ledger, parts, progress, scope, executor)
    for part, seen in folded:
        for name in part.projections:
            progress[name].passed(part, seen.known_at)
        if damage is not None:
            damage += seen.damage
        after_part()


def fold_part(
    ledger: Ledger, part: Part, projections: Mapping[str, Projection], states: dict[str, ProjectionState], scope: Scope
) -> Seen:
    """Fold one part into states; return what was seen of its events."""
    known_at = 0
    damage: list[DamagedPlace] = []
    for batch in read_part(ledger, part, columns_of(list(projections.values())), scope, damage):
        known_at = max(known_at, int(batch.recorded_at.max()))
        for name, projection in projections.items():
            states[name] = projection.fold(states[name], narrowed(batch, projection.columns))
    return Seen(known_at, tuple(damage))


def keep_freed_memory() -> None:
    """Let freed arrays of batches be used again, instead of being given back to the system and asked for anew.

    Folds and queries allocate and free the same few sizes again and again. glibc keeps blocks up to the largest that
    was once freed, so one is; folds take a third less time with it. Where malloc does otherwise nothing happens.
    See https://www.gnu.org/software/libc/manual/html_node/Malloc-Tunable-Parameters.html.

    >>> keep_freed_memory()
    """
    np.empty(KEPT_BYTES, np.uint8)


def fold_apart(location: str, projections: Mapping[str, Projection], scope: Scope, part: Part) -> FoldedPart:
    """Fold one part on its own: what a worker runs."""
    keep_freed_memory()
    with Ledger.open(location, read_only=True) as ledger:
        states = {name: projection.empty() for name, projection in projections.items()}
        seen = fold_part(ledger, part, projections, states, scope)
    return FoldedPart({name: state.packed() for name, state in states.items()}, seen)


def _fold_here(
    ledger: Ledger, parts: Sequence[Part], progress: Mapping[str, Progress], scope: Scope
) -> Iterator[tuple[Part, Seen]]:
    for part in parts:
        chosen = {name: progress[name].projection for name in part.projections}
        states = {name: progress[name].state for name in part.projections}
        seen = fold_part(ledger, part, chosen, states, scope)
        for name, state in states.items():
            progress[name].state = state
        yield part, seen


def _fold_elsewhere(
    ledger: Ledger, parts: Sequence[Part], progress: Mapping[str, Progress], scope: Scope, executor: Executor
) -> Iterator[tuple[Part, Seen]]:
    """Fold in the executor's workers; merge in the order of the parts, so that positions never run ahead."""
    waiting: deque[tuple[Part, Future[FoldedPart]]] = deque()
    rest = iter(parts)
    try:
        while True:
            for part in islice(rest, PARTS_IN_FLIGHT - len(waiting)):
                chosen = {name: progress[name].projection for name in part.projections}
                waiting.append((part, executor.submit(fold_apart, str(ledger.location), chosen, scope, part)))
            if not waiting:
                return
            part, future = waiting.popleft()
            folded = future.result()
            for name, packed in folded.states.items():
                _merge(progress[name], packed)
            yield part, folded.seen
    finally:
        for _, future in waiting:
            future.cancel()


def _merge(progress: Progress, packed: Packed) -> None:
    right = progress.projection.empty()
    right.receive(packed)
    progress.state = progress.projection.merge(progress.state, right)
