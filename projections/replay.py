"""Replay: the read models as they were, or would have been, at another time.

Beside `catch_up`, and writing nothing. Until an event time, the partitions of hours that ended before it are reused
from a checkpoint, and only the events of the last, partial hour are folded again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import Executor
from datetime import datetime

from ..domain.arguments import check_type
from ..domain.errors import InvalidArgumentError
from ..domain.timestamps import to_instant_ns
from ..store import Ledger
from .checkpointing import named, newest, stream_ends
from .folding import Progress, fold_parts
from .models import ReadModels, default_projections
from .partitions import HOUR_NS
from .projection import Projection
from .reading import Scope, plan_parts

Instant = datetime | str | int


def replay(
    ledger: Ledger,
    *,
    until: Instant | None = None,
    as_known_at: Instant | None = None,
    checkpoint: str | None = None,
    projections: Sequence[Projection] | None = None,
    executor: Executor | None = None,
) -> ReadModels:
    """Return the read models of a part of the ledger's history; nothing is written.

    Args:
        ledger: the ledger, open for reading or writing.
        until: only events that occurred at or before this instant (event time).
        as_known_at: only events that had been recorded at or before this instant, late ones left out.
        checkpoint: exactly the events that this checkpoint holds, for all projections, whichever of them it was saved
            for; `cost@1/12`, or `12` for the first projection that has it (`ledger.checkpoints.list("cost@1")` lists
            them). Goes with `until`.
        projections: the folds; the library's four by default.
        executor: folds in parallel, as in `catch_up`.

    With none of the three, everything is folded from zero, without any checkpoint: a check of what `catch_up` gives.

    Raises:
        InvalidArgumentError: an argument is no time, or `checkpoint` came together with `as_known_at`.
        UnknownCheckpointError: no checkpoint has this name.
    """
    check_type("ledger", ledger, Ledger, "give an open ledger, like Ledger.open('ledger')")
    if checkpoint is not None and as_known_at is not None:
        raise InvalidArgumentError(
            "checkpoint and as_known_at both say what was known: give one of them, and until= to go back in event time"
        )
    chosen = default_projections() if projections is None else projections
    end_ns = None if until is None else to_instant_ns(until) + 1
    known_ns = None if as_known_at is None else to_instant_ns(as_known_at)
    from_zero = until is None and as_known_at is None and checkpoint is None
    ends = stream_ends(ledger) if checkpoint is None else dict(named(ledger, chosen, checkpoint).positions)
    progress = {p.name: Progress.zero(p) if from_zero else newest(ledger, p, ends, known_ns=known_ns) for p in chosen}
    _fold_rest(ledger, progress, ends, end_ns, known_ns, executor)
    return ReadModels(ledger, progress)


def _fold_rest(
    ledger: Ledger,
    progress: Mapping[str, Progress],
    ends: Mapping[str, int],
    end_ns: int | None,
    known_ns: int | None,
    executor: Executor | None,
) -> None:
    """Fold what the checkpoints lack: later positions, and the last hour where the event time ends within it."""
    parts = plan_parts(ends, {name: one.positions for name, one in progress.items()})
    if end_ns is None:
        fold_parts(ledger, parts, progress, scope=Scope(known_ns=known_ns), executor=executor)
        return
    hour_ns = end_ns // HOUR_NS * HOUR_NS
    for one in progress.values():
        one.state = one.state.before(hour_ns // HOUR_NS)
    fold_parts(ledger, parts, progress, scope=Scope(until_ns=hour_ns, known_ns=known_ns), executor=executor)
    if end_ns > hour_ns:
        parts = plan_parts(ends, {name: {} for name in progress})
        scope = Scope(since_ns=hour_ns, until_ns=end_ns, known_ns=known_ns)
        fold_parts(ledger, parts, progress, scope=scope, executor=executor)
