"""The timeline's fold: deployments and changes as facts, log events as counts per identifier that they name.

From event batches to the tables that `TimelineModel` answers from. Linking happens at query time, by joining the
identifiers that events name with those that deployments manage: so a plan that arrives after the logs links as well as
one before them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from ...domain.batch import EventBatch
from ...domain.columns import StringColumn
from ...domain.event_payload import facts_of
from ...domain.events import Kind
from ..earliest_rows import earliest_of_groups
from ..grouping import Grouping
from ..partitions import HOUR_NS, PartitionedTable, ProjectionState
from .fact import encode_fact
from .log_shapes import LogShapes
from .named_rows import named_rows
from .tables import CALM, CALM_MINUTES, ERROR, EXEMPLARS, SCHEMAS

Array = npt.NDArray[Any]


class TimelineProjection:
    """Folds events into the timeline's tables.

    >>> sorted(TimelineProjection().empty().schemas)
    ['exemplars', 'facts', 'mentions', 'service_errors', 'services']
    """

    name = "timeline@1"
    columns: tuple[str, ...] = (
        "occurred_at",
        "kind",
        "severity",
        "status",
        "format",
        "provider",
        "account",
        "region",
        "service",
        "resource",
        "name",
        "error",
        "peer",
        "mentions",
        "facts",
    )

    def empty(self) -> ProjectionState:
        """Return the state before any event."""
        return ProjectionState(SCHEMAS)

    def fold(self, state: ProjectionState, batch: EventBatch) -> ProjectionState:
        """Return the state after a batch."""
        facts = np.flatnonzero((batch.kind == Kind.DEPLOYMENT_RECORDED) | (batch.kind == Kind.RESOURCE_CHANGED))
        if len(facts):
            _fold_facts(state, batch, facts)
        logs = batch.of_kind(Kind.LOG_RECORDED)
        if len(logs):
            shapes = LogShapes.of(logs)
            _fold_services(state, shapes)
            _fold_mentions(state, shapes)
            _fold_exemplars(state, shapes)
        return state

    def merge(self, left: ProjectionState, right: ProjectionState) -> ProjectionState:
        """Return the state of both."""
        left.merge(right)
        return left


def _fold_facts(state: ProjectionState, batch: EventBatch, rows: Array) -> None:
    texts = [
        encode_fact(
            Kind(int(batch.kind[row])),
            facts_of(Kind(int(batch.kind[row])), batch.payload[row]),
            format=batch.format[row],
            provider=batch.provider[row],
            account=batch.account[row],
            region=batch.region[row],
            error=batch.error[row],
        )
        for row in rows.tolist()
    ]
    times = batch.occurred_at[rows]
    strings = {"stream": StringColumn.constant(batch.stream, len(rows)), "fact": StringColumn.of(texts)}
    state["facts"].add(times, strings, {"occurred_at": times, "position": batch.positions[rows]}, {})


def _fold_services(state: ProjectionState, shapes: LogShapes) -> None:
    minutes = Grouping.of({name: shapes.keys[name] for name in ("service", "minute", "severity")})
    known = np.flatnonzero(minutes.keys["service"])
    first, last = minutes.minima(shapes.first_at)[known], minutes.maxima(shapes.last_at)[known]
    state["services"].extend(
        first,
        {"service": shapes.coded("service", minutes.keys["service"][known])},
        {name: minutes.keys[name][known] for name in ("minute", "severity")},
        {"events": minutes.sums(shapes.events)[known], "first_at": first, "last_at": last},
    )


def _fold_mentions(state: ProjectionState, shapes: LogShapes) -> None:
    """Count the identifiers that events name."""
    shape, identifier = shapes.named()
    if not len(shape):
        return
    said = {name: shapes.keys[name][shape] for name in ("service", "account", "operation", "severity")}
    pairs = Grouping.of({"identifier": identifier.codes, **said, "minute": _counted_minutes(shapes)[shape]})
    strings = {name: shapes.coded(name, pairs.keys[name]) for name in ("service", "account", "operation")}
    strings["identifier"] = identifier.take(pairs.examples)
    first = pairs.minima(shapes.first_at[shape])
    state["mentions"].extend(
        first,
        strings,
        {name: pairs.keys[name] for name in ("minute", "severity")},
        {"events": pairs.sums(shapes.events[shape]), "first_at": first, "last_at": pairs.maxima(shapes.last_at[shape])},
    )


def _counted_minutes(shapes: LogShapes) -> Array:
    """Return the minute that each shape is counted in: what is calm needs only one in ten."""
    minute, is_calm = shapes.keys["minute"], (shapes.keys["severity"] == CALM) & (shapes.keys["operation"] == 0)
    return np.where(is_calm, minute // CALM_MINUTES * CALM_MINUTES, minute)


def _fold_exemplars(state: ProjectionState, shapes: LogShapes) -> None:
    """Keep references of the first events that name an identifier, and of a service's first errors."""
    rows = shapes.earliest()
    said = {name: shapes.keys[name][shapes.groups.group_of[rows]] for name in ("service", "operation", "severity")}
    failed = np.flatnonzero((said["severity"] == ERROR) & (said["service"] != 0))
    _add_references(state["service_errors"], shapes, rows[failed], {"service": said["service"][failed]}, {})
    pair, identifier = named_rows(shapes.logs.take(rows))
    if len(pair):
        keys = {name: column[pair] for name, column in said.items()}
        _add_references(state["exemplars"], shapes, rows[pair], keys, {"identifier": identifier})


def _add_references(
    table: PartitionedTable,
    shapes: LogShapes,
    rows: Array,
    keys: Mapping[str, Array],
    strings: Mapping[str, StringColumn],
) -> None:
    """Add the first rows of each distinct key and hour."""
    times = shapes.logs.occurred_at[rows]
    codes = {name: column.codes for name, column in strings.items()}
    groups = Grouping.of({**keys, **codes, "hour": times // HOUR_NS})
    kept = earliest_of_groups(groups.group_of, len(groups), times, rows, EXEMPLARS)
    coded = {name: shapes.coded(name, keys[name][kept]) for name in keys if name in table.schema.strings}
    coded |= {name: column.take(kept) for name, column in strings.items()}
    coded["stream"] = StringColumn.constant(shapes.logs.stream, len(kept))
    numbers = {name: keys[name][kept] for name in keys if name in table.schema.numbers}
    numbers |= {"occurred_at": times[kept], "position": shapes.logs.positions[rows[kept]]}
    table.extend(times[kept], coded, numbers, {})
