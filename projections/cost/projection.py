"""The cost projection: log volume by every dimension that money can be split by, and the billing rows.

Folds columns only: log events are grouped by packed dictionary codes; the few billing rows are decoded one by one.
"""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import numpy.typing as npt

from ...domain.batch import EventBatch
from ...domain.columns import StringColumn
from ...domain.dictionary import Dictionary
from ...domain.event_payload import facts_of
from ...domain.events import Kind
from ..grouping import Grouping
from ..partitions import HOUR_NS, ProjectionState
from .log_place import place_of_context, place_of_resource
from .quantities import bytes_of_quantity
from .schemas import SCHEMAS, SLOT_NS

Ints = npt.NDArray[np.int64]

_RESERVED = re.compile(r"commitment|reservation", re.IGNORECASE)
_KEYS = ("service", "provider", "account", "region", "format")


class CostProjection:
    """Folds log volume and charges.

    >>> from ...domain.events import LogRecorded
    >>> from ...domain.batch_rows import batch_of
    >>> events = batch_of([LogRecorded(event_id=bytes(16), service="cart", payload=b"abc")])
    >>> projection = CostProjection()
    >>> state = projection.fold(projection.empty(), events.stored_as("s", np.array([1])))
    >>> state["volume"].joined().measure("bytes").tolist()
    [3]
    """

    name = "cost@1"
    columns = (
        "kind",
        "occurred_at",
        "recorded_at",
        "severity",
        "size_bytes",
        "template",
        "provider",
        "account",
        "region",
        "service",
        "resource",
        "format",
        "context",
        "facts",
    )

    def empty(self) -> ProjectionState:
        """Return the state before any event."""
        return ProjectionState(SCHEMAS)

    def fold(self, state: ProjectionState, batch: EventBatch) -> ProjectionState:
        """Add a batch's log volume and charges."""
        logs = batch.kind == Kind.LOG_RECORDED
        charges = np.flatnonzero(batch.kind == Kind.COST_RECORDED)
        if len(charges):
            _add_charges(state, batch, charges)
        if bool(logs.all()):
            _add_volume(state, batch, None)
        elif bool(logs.any()):
            _add_volume(state, batch, np.flatnonzero(logs))
        return state

    def merge(self, left: ProjectionState, right: ProjectionState) -> ProjectionState:
        """Return the state of both."""
        left.merge(right)
        return left


def _add_volume(state: ProjectionState, batch: EventBatch, rows: Ints | None) -> None:
    if not len(batch):
        return
    columns = _volume_columns(batch, rows)
    sizes, times = _picked(batch.size_bytes, rows), _picked(batch.occurred_at, rows)
    strings = {name: column.codes for name, column in columns.items()}
    numbers = {"hour": times // HOUR_NS, "severity": _picked(batch.severity, rows)}
    fine = Grouping.of({**strings, **numbers, "template": _picked(batch.template, rows)})
    positions = fine.minima(_picked(_positions(batch), rows))
    measures = {"events": fine.counts(), "bytes": fine.sums(sizes), "position": positions}
    for table in ("volume", "templates"):
        _add(state, table, fine.keys["hour"] * HOUR_NS, _named(columns, fine, batch.stream), fine.keys, measures)
    pulse = Grouping.of({"service": strings["service"], "provider": strings["provider"], "slot": times // SLOT_NS})
    pulsed = {"events": pulse.counts(), "bytes": pulse.sums(sizes)}
    _add(state, "pulse", pulse.keys["slot"] * SLOT_NS, _named(columns, pulse, batch.stream), pulse.keys, pulsed)


def _named(columns: dict[str, StringColumn], groups: Grouping, stream: str) -> dict[str, StringColumn]:
    named = {
        name: StringColumn(groups.keys[name].astype(np.uint32), column.dictionary)
        for name, column in columns.items()
        if name in groups.keys
    }
    return {**named, "stream": StringColumn.constant(stream, len(groups))}


def _add(
    state: ProjectionState,
    table: str,
    instants: Ints,
    strings: dict[str, StringColumn],
    numbers: dict[str, Any],
    measures: dict[str, Ints],
) -> None:
    schema = SCHEMAS[table]
    state[table].extend(
        instants,
        {name: strings[name] for name in schema.strings},
        {name: numbers[name] for name in schema.numbers},
        {name: measures[name] for name in schema.measures},
    )


def _volume_columns(batch: EventBatch, rows: Ints | None) -> dict[str, StringColumn]:
    columns = {name: getattr(batch, name) for name in _KEYS}
    columns["resource"] = _places(batch)
    return columns if rows is None else {name: column.take(rows) for name, column in columns.items()}


def _places(batch: EventBatch) -> StringColumn:
    """The place that each event is billed at: of its context where that names one, else of its resource."""
    dictionary = Dictionary()
    of_resource = _translated(batch.resource, place_of_resource, dictionary)
    of_context = _translated(batch.context, place_of_context, dictionary)
    codes = of_resource[batch.resource.codes]
    if of_context.any():
        named = of_context[batch.context.codes]
        codes = np.where(named > 0, named, codes)
    return StringColumn(codes, dictionary)


def _translated(column: StringColumn, translate: Any, dictionary: Dictionary) -> npt.NDArray[np.uint32]:
    """Return, per code of a column, the code of its translation; unused codes are left out."""
    values = column.values
    table = np.zeros(len(values), np.uint32)
    is_used = np.zeros(len(values), np.bool_)
    is_used[column.codes] = True
    used = np.flatnonzero(is_used)
    table[used] = dictionary.encode([translate(values[code]) for code in used.tolist()])
    return table


def _picked(values: npt.NDArray[Any], rows: Ints | None) -> npt.NDArray[Any]:
    return values if rows is None else values[rows]


def _positions(batch: EventBatch) -> Ints:
    return batch.positions if len(batch.positions) == len(batch) else np.zeros(len(batch), np.int64)


def _add_charges(state: ProjectionState, batch: EventBatch, rows: Ints) -> None:
    facts = [facts_of(Kind.COST_RECORDED, batch.payload[row]) for row in rows.tolist()]
    providers = [batch.provider[row] for row in rows.tolist()]
    strings = {
        "charge_key": StringColumn.of([fact["charge_key"] for fact in facts]),
        "export": StringColumn.of([fact["export"] for fact in facts]),
        "stream": StringColumn.constant(batch.stream, len(rows)),
        "log_class": StringColumn.of([fact["log_class"] for fact in facts]),
        "currency": StringColumn.of([fact["billing_currency"] for fact in facts]),
        "category": StringColumn.of([fact["charge_category"] for fact in facts]),
        "usage_type": StringColumn.of([fact["usage_type"] for fact in facts]),
        "resource": StringColumn.of([place_of_resource(batch.resource[row]) for row in rows.tolist()]),
        **{name: getattr(batch, name).take(rows) for name in ("provider", "account", "region", "service")},
    }
    numbers: dict[str, Any] = {
        "exported_at": [fact["exported_at"] for fact in facts],
        "recorded_at": batch.recorded_at[rows],
        "position": _positions(batch)[rows],
        "start": [fact["charge_period_start"] for fact in facts],
        "end": [fact["charge_period_end"] for fact in facts],
        "micros": [fact["billed_cost_micros"] for fact in facts],
        "picos": [fact["billed_cost_picos"] for fact in facts],
        "quantity_bytes": [_quantity(fact, provider) for fact, provider in zip(facts, providers, strict=True)],
    }
    state["charges"].add(batch.occurred_at[rows], strings, numbers, {})


def _quantity(fact: dict[str, Any], provider: str) -> int:
    """Billed bytes; a commitment's quantity is what was reserved, not what was logged."""
    if _RESERVED.search(fact["usage_type"]):
        return 0
    return bytes_of_quantity(fact["consumed_quantity"], fact["consumed_unit"], provider)
