"""The port of a read model: a pure fold over event batches.

`catch_up` and `replay` drive it; it knows no ledger, no clock and no other projection.
"""

from __future__ import annotations

from typing import Protocol

from ..domain.batch import EventBatch
from .partitions import ProjectionState


class Projection(Protocol):
    """Folds events into tables.

    Attributes:
        name: name and version (`"cost@1"`): a changed fold gets a new version, is rebuilt, and old checkpoints stay.
        columns: the batch columns that `fold` reads (`payload` means facts: see `folds_payload_of`).

    Guarantees: deterministic; the order of batches does not matter; fold(fold(empty, a), b) equals
    merge(fold(empty, a), fold(empty, b)).
    """

    name: str
    columns: tuple[str, ...]

    def empty(self) -> ProjectionState:
        """Return the state before any event."""
        ...

    def fold(self, state: ProjectionState, batch: EventBatch) -> ProjectionState:
        """Return the state after a batch; the state given may be changed and returned."""
        ...

    def merge(self, left: ProjectionState, right: ProjectionState) -> ProjectionState:
        """Return the state of both; `left` may be changed and returned."""
        ...
