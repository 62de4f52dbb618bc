"""The four aggregates that all contenders compute, as a projection of the ledger's own machinery.

Events and errors per service and minute; events per service and severity; events with a trace per service; bytes per
service and hour. Each can be said in one `GROUP BY`, so that every engine can do it.
"""

from __future__ import annotations

import numpy as np

from cloudledger.domain.batch import EventBatch
from cloudledger.domain.columns import StringColumn
from cloudledger.projections.grouping import Grouping
from cloudledger.projections.partitions import ProjectionState
from cloudledger.projections.table import TableSchema

from .contender import ERROR

MINUTE_NS = 60_000_000_000
HOUR_MINUTES = 60

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
        groups = Grouping.of(
            {"service": batch.service.codes, "minute": batch.occurred_at // MINUTE_NS, "severity": batch.severity}
        )
        is_traced = (batch.trace_id[:, 0] | batch.trace_id[:, 1]) != 0
        counted = {"events": groups.counts(), "bytes": groups.sums(batch.size_bytes)}
        counted["traced"] = groups.counts(np.flatnonzero(is_traced))
        minute, is_error = groups.keys["minute"], groups.keys["severity"] >= ERROR
        columns = {"minute": minute, "severity": groups.keys["severity"], "hour": minute // HOUR_MINUTES}
        measures = {
            "minutes": {"events": counted["events"], "errors": np.where(is_error, counted["events"], 0)},
            "severities": {"events": counted["events"]},
            "traced": {"events": counted["traced"]},
            "hours": {"bytes": counted["bytes"]},
        }
        service = {"service": StringColumn(groups.keys["service"].astype(np.uint32), batch.service.dictionary)}
        for table, summed in measures.items():
            state[table].add(minute * MINUTE_NS, service, columns, summed)
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
