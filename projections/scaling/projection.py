"""Fold events into the scaling read model's state.

Between the ledger and `ScalingModel`. Three tables: scaling facts as they are (few, rich), metric samples per minute,
and per service and minute how much was logged, how much of it failed and how long it took: what scaling is correlated
with.
"""

from __future__ import annotations

import msgspec
import numpy as np
import numpy.typing as npt

from ...domain.batch import EventBatch
from ...domain.columns import NO_DURATION, StringColumn
from ...domain.event_payload import SCHEMA_VERSION, facts_of
from ...domain.events import Kind
from ...domain.severity import Severity
from ..grouping import Grouping
from ..partitions import ProjectionState
from ..table import TableSchema
from .scaling_fact import ScalingFact

Ints = npt.NDArray[np.int64]

MINUTE_NS = 60_000_000_000
MICROS = 1_000_000
"""Metric values are kept as whole millionths: integers add up the same in any order."""

MAX_VALUE = 10**11
"""Chosen: a larger sample is cut, so that the sum of a minute's samples fits 64 bits."""

SCHEMAS = {
    "facts": TableSchema(
        strings=("resource", "service", "account", "region", "provider", "format", "name", "stream", "fact"),
        numbers=("occurred_at", "flags", "position"),
    ),
    "metrics": TableSchema(
        strings=("resource", "service", "metric"),
        numbers=("minute",),
        measures={"sum_micros": "sum", "samples": "sum"},
    ),
    "service_minutes": TableSchema(
        strings=("service",),
        numbers=("minute",),
        measures={"events": "sum", "errors": "sum", "duration_us": "sum", "timed": "sum"},
    ),
}

_FACT_STRINGS = ("resource", "service", "account", "region", "provider", "format", "name")


class ScalingProjection:
    """Folds scaling events, metric samples and the load and errors of services.

    >>> from ...domain.batch_rows import batch_of
    >>> from ...domain.events import ScalingRecorded
    >>> decision = ScalingRecorded(event_id=bytes(16), resource="web", phase="decision", old_size=2, new_size=4)
    >>> projection = ScalingProjection()
    >>> projection.fold(projection.empty(), batch_of([decision])).keys()
    ['facts/0']
    """

    name = "scaling@1"
    columns: tuple[str, ...] = (
        *("occurred_at", "kind", "severity", "status", "duration_us", "flags", *_FACT_STRINGS),
        "facts",
    )

    def empty(self) -> ProjectionState:
        """Return the state before any event."""
        return ProjectionState(SCHEMAS)

    def fold(self, state: ProjectionState, batch: EventBatch) -> ProjectionState:
        """Return the state after a batch."""
        _fold_services(state, batch)
        scaling = np.flatnonzero(batch.kind == Kind.SCALING_RECORDED)
        if len(scaling):
            _fold_facts(state, batch, scaling)
        metrics = np.flatnonzero(batch.kind == Kind.METRIC_RECORDED)
        if len(metrics):
            _fold_metrics(state, batch, metrics)
        return state

    def merge(self, left: ProjectionState, right: ProjectionState) -> ProjectionState:
        """Return the state of both."""
        left.merge(right)
        return left


def _fold_services(state: ProjectionState, batch: EventBatch) -> None:
    """Count load, errors and durations of services by the minute."""
    is_log = batch.kind == Kind.LOG_RECORDED
    failed = (batch.severity >= Severity.ERROR) | (batch.status >= 500) & (batch.status < 600)
    timed = np.flatnonzero((batch.duration_us != NO_DURATION) & is_log)
    groups = Grouping.of({"service": batch.service.codes, "minute": batch.occurred_at // MINUTE_NS, "log": is_log})
    kept = np.flatnonzero((groups.keys["service"] != 0) & (groups.keys["log"] != 0))
    minutes = groups.keys["minute"][kept]
    service = StringColumn(groups.keys["service"][kept].astype(np.uint32), batch.service.dictionary)
    measures = {
        "events": groups.counts(),
        "errors": groups.counts(np.flatnonzero(failed)),
        "duration_us": groups.sums(batch.duration_us, timed),
        "timed": groups.counts(timed),
    }
    state["service_minutes"].extend(
        minutes * MINUTE_NS, {"service": service}, {"minute": minutes}, {n: m[kept] for n, m in measures.items()}
    )


def _fold_facts(state: ProjectionState, batch: EventBatch, rows: Ints) -> None:
    facts = [ScalingFact.of(facts_of(Kind.SCALING_RECORDED, batch.payload[row])).encode() for row in rows.tolist()]
    strings = {name: getattr(batch, name).take(rows) for name in _FACT_STRINGS}
    strings["stream"] = StringColumn.constant(batch.stream, len(rows))
    strings["fact"] = StringColumn.of(facts)
    positions = batch.positions[rows] if len(batch.positions) else np.zeros(len(rows), np.int64)
    times = batch.occurred_at[rows]
    numbers = {"occurred_at": times, "flags": batch.flags[rows].astype(np.int64), "position": positions}
    state["facts"].add(times, strings, numbers, {})


class _MetricValue(msgspec.Struct):
    """The one field of a metric's facts that is folded."""

    value: float


_METRIC_DECODER = msgspec.msgpack.Decoder(tuple[int, _MetricValue])


def _value_of(payload: bytes) -> float:
    """Return a sample's value; metrics may be many, so only it is decoded. An older shape is lifted first."""
    try:
        version, facts = _METRIC_DECODER.decode(payload)
        if version == SCHEMA_VERSION:
            return facts.value
    except msgspec.ValidationError:
        pass
    return float(facts_of(Kind.METRIC_RECORDED, payload)["value"])


def _fold_metrics(state: ProjectionState, batch: EventBatch, rows: Ints) -> None:
    values = [_value_of(batch.payload[row]) for row in rows.tolist()]
    known = np.nan_to_num(np.array(values, np.float64), nan=0.0, posinf=MAX_VALUE, neginf=-MAX_VALUE)
    micros = np.rint(np.clip(known, -MAX_VALUE, MAX_VALUE) * MICROS).astype(np.int64)
    times = batch.occurred_at[rows]
    state["metrics"].add(
        times,
        {"resource": batch.resource.take(rows), "service": batch.service.take(rows), "metric": batch.name.take(rows)},
        {"minute": times // MINUTE_NS},
        {"sum_micros": micros, "samples": np.ones(len(rows), np.int64)},
    )
