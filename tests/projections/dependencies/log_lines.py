"""Builders of log records: spans as the lines that services write within them, and calls that name their peer."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from cloudledger.domain.batch import EventBatch
from cloudledger.projections.dependencies import DependenciesModel, DependenciesProjection
from cloudledger.projections.partitions import ProjectionState

START_NS = 1_700_000_000_000_000_000 // 3_600_000_000_000 * 3_600_000_000_000
MS = 1_000_000
SECOND = 1000 * MS


@dataclass(frozen=True)
class Line:
    """One log record; times are milliseconds after the start of an hour."""

    service: str
    at_ms: float
    trace: int = 0
    span: int = 0
    parent: int = 0
    failed: bool = False
    peer: str = ""
    role: int = 0
    duration_us: int = -1
    template: int = 1
    status: int = 0


def span(
    trace: int, number: int, service: str, first_ms: float, last_ms: float, *, parent: int = 0, failed: bool = False
) -> list[Line]:
    """Return the two lines that a service writes when a span begins and ends."""
    line = Line(service, first_ms, trace=trace, span=number, parent=parent)
    return [line, replace(line, at_ms=last_ms, failed=failed, template=2)]


def batch_of(lines: Sequence[Line], *, stream: str = "logs", first_position: int = 1) -> EventBatch:
    """Return lines as a stored batch."""
    batch = EventBatch.build(
        len(lines),
        occurred_at=np.array([START_NS + round(line.at_ms * MS) for line in lines], np.int64),
        service=[line.service for line in lines],
        trace_id=np.array([(0, line.trace) for line in lines], np.uint64).reshape(-1, 2),
        span_id=np.array([line.span for line in lines], np.uint64),
        parent_span_id=np.array([line.parent for line in lines], np.uint64),
        severity=np.array([17 if line.failed else 9 for line in lines], np.uint8),
        status=np.array([line.status for line in lines], np.uint16),
        peer=[line.peer for line in lines],
        peer_role=np.array([line.role for line in lines], np.uint8),
        duration_us=np.array([line.duration_us for line in lines], np.int64),
        template=np.array([line.template for line in lines], np.uint64),
        format="app.json",
    )
    return batch.stored_as(stream, np.arange(first_position, first_position + len(lines), dtype=np.int64))


def state_of(*batches: EventBatch) -> ProjectionState:
    """Return the state that batches fold to."""
    projection = DependenciesProjection()
    state = projection.empty()
    for batch in batches:
        state = projection.fold(state, batch)
    return state


def model_of(lines: Sequence[Line]) -> DependenciesModel:
    """Return the read model of some lines."""
    return DependenciesModel(state_of(batch_of(lines)))


def edges_of(lines: Sequence[Line], *, min_confidence: float = 0.5) -> dict[tuple[str, str], tuple[int, int]]:
    """Return calls and errors of each edge."""
    graph = model_of(lines).graph(min_confidence=min_confidence)
    return {(edge.caller, edge.callee): (edge.calls, edge.errors) for edge in graph.edges}
