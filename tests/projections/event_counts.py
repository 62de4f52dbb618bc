"""A small projection for the tests of what drives projections."""

import numpy as np

from cloudledger.domain.batch import EventBatch
from cloudledger.domain.columns import StringColumn
from cloudledger.projections.partitions import ProjectionState
from cloudledger.projections.table import TableSchema

SCHEMA = TableSchema(
    strings=("stream", "service"),
    numbers=("kind",),
    measures={"events": "sum", "bytes": "sum", "first_at": "min", "last_position": "max"},
)


class EventCounts:
    """Counts the events of each service by kind."""

    name = "event-counts@1"
    columns: tuple[str, ...] = ("occurred_at", "service", "kind", "size_bytes")

    def empty(self) -> ProjectionState:
        return ProjectionState({"counts": SCHEMA})

    def fold(self, state: ProjectionState, batch: EventBatch) -> ProjectionState:
        ones = np.ones(len(batch), np.int64)
        state["counts"].add(
            batch.occurred_at,
            {"stream": StringColumn.constant(batch.stream, len(batch)), "service": batch.service},
            {"kind": batch.kind},
            {
                "events": ones,
                "bytes": batch.size_bytes,
                "first_at": batch.occurred_at,
                "last_position": batch.positions,
            },
        )
        return state

    def merge(self, left: ProjectionState, right: ProjectionState) -> ProjectionState:
        left.merge(right)
        return left


def counted(state: ProjectionState) -> int:
    """Return the number of events that a state of `EventCounts` has counted."""
    return int(state["counts"].joined().measure("events").sum())
