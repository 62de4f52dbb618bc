"""Checkpoints of projections: resume from the newest that is usable, store what changed.

Between the store's checkpoints and the states that are folded. Nothing here can fail for damage: a checkpoint that
cannot be read is passed over, and a partition that cannot be read is folded again from the events of its hour.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

from ..domain.errors import InvalidArgumentError, LedgerError, UnknownCheckpointError
from ..store import Checkpoint, Ledger
from .folding import Progress, fold_part
from .partitions import HOUR_NS
from .projection import Projection
from .reading import Scope, plan_parts

KNOWN_AT = "known_at"
"""Note in a checkpoint: the latest `recorded_at` among the events that it holds."""


def newest(ledger: Ledger, projection: Projection, ends: Mapping[str, int], *, known_ns: int | None = None) -> Progress:
    """Return a projection's progress at its newest usable checkpoint, at zero where there is none.

    Args:
        ledger: the ledger.
        projection: the fold; checkpoints of its other versions do not count.
        ends: pass over checkpoints that reach beyond these positions.
        known_ns: pass over checkpoints that hold events recorded later than this.
    """
    for checkpoint in reversed(ledger.checkpoints.list(projection.name)):
        in_time = known_ns is None or known_at(checkpoint) <= known_ns
        if in_time and all(at <= ends.get(stream, 0) for stream, at in checkpoint.positions.items()):
            return _resumed(ledger, projection, checkpoint)
    return Progress.zero(projection)


def named(ledger: Ledger, projections: Sequence[Projection], reference: str) -> Checkpoint:
    """Return a checkpoint by its reference: `projection/id`, or the id alone for the first projection that has it.

    Raises:
        UnknownCheckpointError: there is no such checkpoint.
    """
    known = [checkpoint for projection in projections for checkpoint in ledger.checkpoints.list(projection.name)]
    for checkpoint in known:
        if reference in (checkpoint.id, f"{checkpoint.name}/{checkpoint.id}"):
            return checkpoint
    raise UnknownCheckpointError(reference, tuple(f"{one.name}/{one.id}" for one in known))


def known_at(checkpoint: Checkpoint) -> int:
    """Return the latest recorded time among the events that a checkpoint holds."""
    noted = checkpoint.extra.get(KNOWN_AT, "")
    return int(noted) if noted.isdecimal() else checkpoint.recorded_at


def stream_ends(ledger: Ledger) -> dict[str, int]:
    """Return the last position of each stream."""
    return {stream: ledger.last_position(stream) for stream in ledger.streams()}


def save(ledger: Ledger, progress: Progress) -> None:
    """Store a checkpoint: the partitions that changed, and the names of those that did not."""
    state, name, notes = progress.state, progress.projection.name, {KNOWN_AT: str(progress.known_at)}
    changed = state.encoded(state.dirty_keys())
    try:
        saved = ledger.checkpoints.save(name, progress.positions, {**progress.stored, **changed}, extra=notes)
    except InvalidArgumentError:  # a stored partition is gone: give all of them, folded again where needed
        changed = state.encoded()
        saved = ledger.checkpoints.save(name, progress.positions, changed, extra=notes)
    progress.stored, progress.unsaved = dict(saved.partitions), 0
    state.mark_stored()
    for key in changed:
        state.restore(key, partial(_load, ledger, progress, dict(progress.positions), key, saved.partitions[key]))


def _resumed(ledger: Ledger, projection: Projection, checkpoint: Checkpoint) -> Progress:
    """Return the progress that a checkpoint holds; its partitions are loaded when first used."""
    progress = Progress(
        projection, projection.empty(), dict(checkpoint.positions), known_at(checkpoint), dict(checkpoint.partitions)
    )
    for key, content_name in checkpoint.partitions.items():
        progress.state.restore(key, partial(_load, ledger, progress, dict(checkpoint.positions), key, content_name))
    return progress


def _load(ledger: Ledger, progress: Progress, positions: Mapping[str, int], key: str, content_name: str) -> bytes:
    """Return a partition's bytes from the store; where they are damaged, fold the events of its hour again."""
    try:
        return ledger.checkpoints.read_partition(content_name)
    except LedgerError:
        progress.state.mark_changed(key)
        return _folded_again(ledger, progress.projection, positions, key)


def _folded_again(ledger: Ledger, projection: Projection, positions: Mapping[str, int], key: str) -> bytes:
    hour = int(key.rpartition("/")[2])
    scope = Scope(since_ns=hour * HOUR_NS, until_ns=(hour + 1) * HOUR_NS)
    states = {projection.name: projection.empty()}
    for part in plan_parts(positions, {projection.name: {}}):
        fold_part(ledger, part, {projection.name: projection}, states, scope)
    return states[projection.name].encode(key)
