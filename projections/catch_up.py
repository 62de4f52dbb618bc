"""Catch up: bring the read models to the end of the ledger, from the newest checkpoints.

Between the ledger and the queries. Only events after a checkpoint are read, once for all projections, and only the
partitions that they touched are written again. Killed at any moment, the next run continues from the last checkpoint.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import Executor

from ..domain.arguments import check_count, check_type
from ..domain.errors import InvalidArgumentError
from ..store import Ledger
from .checkpointing import newest, save, stream_ends
from .folding import Progress, fold_parts
from .models import ReadModels, default_projections
from .projection import Projection
from .reading import PART_EVENTS, DamagedPlace, Scope, plan_parts

CHECKPOINT_EVENTS = 5_000_000
"""Events between checkpoints. Chosen: some seconds of folding, which is what a killed run has to do again."""


def catch_up(
    ledger: Ledger,
    *,
    projections: Sequence[Projection] | None = None,
    executor: Executor | None = None,
    checkpoint_every_events: int = CHECKPOINT_EVENTS,
    skip_damaged: bool = False,
) -> ReadModels:
    """Return the read models of all events of the ledger.

    Args:
        ledger: the ledger; opened with `read_only=True` no checkpoint is saved.
        projections: the folds; the library's four by default.
        executor: any `concurrent.futures.Executor` whose workers reach the ledger's location: folds in parallel.
        checkpoint_every_events: save a checkpoint after so many events, and at the end.
        skip_damaged: answer from what is readable when a stored file is damaged; `damage` of the models names what was
            left out, and no checkpoint is saved, so that a repaired ledger gives the whole answer.

    Raises:
        InvalidArgumentError: no ledger, a `checkpoint_every_events` below 1, or two projections of the same name.
        SegmentDamageError: a stored file is damaged, and `skip_damaged` was not given.

    >>> with Ledger.open("ledger") as ledger:
    ...     catch_up(ledger).cost.recommendations()
    ()
    """
    chosen = default_projections() if projections is None else projections
    check_type("ledger", ledger, Ledger, "give an open ledger, like Ledger.open('ledger')")
    check_count("checkpoint_every_events", checkpoint_every_events, least=1)
    checked_projections(chosen)
    ends = stream_ends(ledger)
    progress = {projection.name: newest(ledger, projection, ends) for projection in chosen}
    size = min(PART_EVENTS, checkpoint_every_events)
    parts = plan_parts(ends, {name: one.positions for name, one in progress.items()}, size=size)
    damage: list[DamagedPlace] = []

    def save_now_and_then() -> None:
        if (
            not ledger.read_only
            and not damage
            and max(one.unsaved for one in progress.values()) >= checkpoint_every_events
        ):
            save_all(ledger, progress)

    scope = Scope(skip_damaged=skip_damaged)
    fold_parts(ledger, parts, progress, scope=scope, executor=executor, after_part=save_now_and_then, damage=damage)
    if not ledger.read_only and not damage:
        save_all(ledger, progress)
    return ReadModels(ledger, progress, damage)


def save_all(ledger: Ledger, progress: Mapping[str, Progress]) -> None:
    """Store a checkpoint of each projection that has folded something since its last one."""
    for one in progress.values():
        if one.unsaved:
            save(ledger, one)


def checked_projections(projections: Sequence[Projection]) -> Sequence[Projection]:
    """Return projections of which no two have the same name and version, or refuse them."""
    names = [projection.name for projection in projections]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise InvalidArgumentError(f"projections {twice} are given twice: give each name and version once")
    return projections
