"""The port of a read model: a pure fold over event batches.

`catch_up` and `replay` drive it; it knows no ledger, no clock and no other projection.
"""

from __future__ import annotations

from typing import Protocol

from ..domain.batch import EventBatch
from .partitions import ProjectionState


class Projection(Protocol):
    """Folds events into tables.

    Guarantees: deterministic; neither the order nor the size of batches matters; fold(fold(empty, a), b) equals
    merge(fold(empty, a), fold(empty, b)); the rows of an event lie in the partition of the hour in which it occurred,
    so that hours can be reused, or folded again, by themselves. `tests/projections/test_projection_laws.py` proves it.
    """

    @property
    def name(self) -> str:
        """Name and version (`"cost@1"`): a changed fold gets a new version, is rebuilt, and old checkpoints stay."""
        ...

    @property
    def columns(self) -> tuple[str, ...]:
        """The batch columns that `fold` reads; `facts` is the payload of all events but log records."""
        ...

    def empty(self) -> ProjectionState:
        """Return the state before any event."""
        ...

    def fold(self, state: ProjectionState, batch: EventBatch) -> ProjectionState:
        """Return the state after a batch; the state given may be changed and returned."""
        ...

    def merge(self, left: ProjectionState, right: ProjectionState) -> ProjectionState:
        """Return the state of both; `left` may be changed and returned."""
        ...
