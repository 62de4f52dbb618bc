"""The four aggregates that all contenders compute, as a projection of the ledger's own machinery.

Events and errors per service and minute; events per service and severity; events with a trace per service; bytes per
service and hour. Each can be said in one `GROUP BY`, so that every engine can do it.
"""

from __future__ import annotations

import numpy as np

from cloudledger.domain.batch import EventBatch
from cloudledger.projections.partitions import ProjectionState
from cloudledger.projections.table import TableSchema

from .contender import ERROR

MINUTE_NS = 60_000_000_000
HOUR_NS = 60 * MINUTE_NS

SCHEMAS = {
    "minutes": TableSchema(strings=("service",), numbers=("minute",), measures={"events": "sum", "errors": "sum"}),
    "severities": TableSchema(strings=("service",), numbers=("severity",), measures={"events": "sum"}),
    "traced": TableSchema(strings=("service",), measures={"events": "sum"}),
    "hours": TableSchema(strings=("service",), numbers=("hour",), measures={"bytes": "sum"}),
}


class EnvelopeFolds:
    """Folds the four aggregates into tables."""

    name = "envelope@1"
    columns = ("occurred_at", "service", "severity", "trace_id", "size_bytes")

    def empty(self) -> ProjectionState:
        """Return the state before any event."""
        return ProjectionState(SCHEMAS)

    def fold(self, state: ProjectionState, batch: EventBatch) -> ProjectionState:
        """Add a batch."""
        times, service = batch.occurred_at, {"service": batch.service}
        one = np.ones(len(batch), np.int64)
        errors = np.asarray(batch.severity >= ERROR)
        state["minutes"].add(times, service, {"minute": times // MINUTE_NS}, {"events": one, "errors": errors})
        state["severities"].add(times, service, {"severity": batch.severity}, {"events": one})
        state["traced"].add(times, service, {}, {"events": np.asarray(batch.trace_id.any(axis=1))})
        state["hours"].add(times, service, {"hour": times // HOUR_NS}, {"bytes": batch.size_bytes})
        return state

    def merge(self, left: ProjectionState, right: ProjectionState) -> ProjectionState:
        """Return the state of both."""
        left.merge(right)
        return left


def rows_of(state: ProjectionState, table: str) -> list[tuple[object, ...]]:
    """Return the rows of a table, its strings first, then numbers and measures."""
    joined, schema = state[table].joined(), SCHEMAS[table]
    columns = [joined.string(name).to_list() for name in schema.strings]
    columns += [joined.number(name).tolist() for name in schema.numbers]
    columns += [joined.measure(name).tolist() for name in schema.measures]
    return list(zip(*columns, strict=True))
