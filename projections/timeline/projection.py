"""The timeline's fold: deployments and changes as facts, log events as counts per identifier that they name.

From event batches to the tables that `TimelineModel` answers from. Linking happens at query time, by joining the
identifiers that events name with those that deployments manage: so a plan that arrives after the logs links as well as
one before them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from ...domain.batch import EventBatch
from ...domain.columns import StringColumn
from ...domain.dictionary import Dictionary
from ...domain.event_payload import facts_of
from ...domain.events import Kind
from ...domain.severity import Severity
from ..partitions import ProjectionState
from ..table import group
from .fact import encode_fact
from .tables import AUDIT_FORMATS, CALM, CALM_NS, ERROR, EXEMPLARS, MINUTE_NS, SCHEMAS, WARNING

Array = npt.NDArray[Any]

HTTP_SERVER_ERROR = 500
_FACT_KINDS = (Kind.DEPLOYMENT_RECORDED, Kind.RESOURCE_CHANGED)


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
        facts = np.flatnonzero(np.isin(batch.kind, _FACT_KINDS))
        if len(facts):
            _fold_facts(state, batch, facts)
        logs = np.flatnonzero(batch.kind == Kind.LOG_RECORDED)
        if len(logs):
            severities = _severity_classes(batch)
            _fold_services(state, batch, logs, severities)
            _fold_mentions(state, batch, logs, severities)
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


def _severity_classes(batch: EventBatch) -> Array:
    is_error = (batch.severity >= Severity.ERROR) | (batch.status >= HTTP_SERVER_ERROR) | (batch.error.codes != 0)
    return np.where(is_error, ERROR, np.where(batch.severity >= Severity.WARN, WARNING, CALM)).astype(np.int64)


def _fold_services(state: ProjectionState, batch: EventBatch, logs: Array, severities: Array) -> None:
    rows = logs[batch.service.codes[logs] != 0]
    times, classes = batch.occurred_at[rows], severities[rows]
    service = batch.service.take(rows)
    state["services"].add(
        times,
        {"service": service},
        {"minute": times // MINUTE_NS, "severity": classes},
        {"events": np.ones(len(rows), np.int64), "first_at": times, "last_at": times},
    )
    errors = _first_of_groups(np.flatnonzero(classes == ERROR), times, [service.codes])
    state["service_errors"].add(
        times[errors],
        {"service": service.take(errors), "stream": StringColumn.constant(batch.stream, len(errors))},
        {"occurred_at": times[errors], "position": batch.positions[rows[errors]]},
        {},
    )


def _fold_mentions(state: ProjectionState, batch: EventBatch, logs: Array, severities: Array) -> None:
    rows, identifier = _named(batch, logs)
    if not len(rows):
        return
    times, classes = batch.occurred_at[rows], severities[rows]
    service, operation = batch.service.take(rows), _operations(batch).take(rows)
    widths = np.where((classes == CALM) & (operation.codes == 0), CALM_NS, MINUTE_NS)
    state["mentions"].add(
        times,
        {"identifier": identifier, "service": service, "account": batch.account.take(rows), "operation": operation},
        {"minute": times // widths * (widths // MINUTE_NS), "severity": classes},
        {"events": np.ones(len(rows), np.int64), "first_at": times, "last_at": times},
    )
    keys = [identifier.codes, service.codes, operation.codes, classes]
    kept = _first_of_groups(np.arange(len(rows)), times, keys)
    state["exemplars"].add(
        times[kept],
        {
            "identifier": identifier.take(kept),
            "service": service.take(kept),
            "operation": operation.take(kept),
            "stream": StringColumn.constant(batch.stream, len(kept)),
        },
        {"severity": classes[kept], "occurred_at": times[kept], "position": batch.positions[rows[kept]]},
        {},
    )


def _named(batch: EventBatch, logs: Array) -> tuple[Array, StringColumn]:
    """Return each pair of a log event's row and an identifier that it names: its resource, its peer, its mentions."""
    names = Dictionary()
    rows, codes = [], []
    for column in (batch.resource, batch.peer):
        named = logs[column.codes[logs] != 0]
        rows.append(named)
        codes.append(_recoded(column.codes[named], column.values, names))
    mentions = batch.mentions
    if len(mentions.codes):
        is_log = np.zeros(len(batch), np.bool_)
        is_log[logs] = True
        of_row = mentions.row_numbers()
        kept = np.flatnonzero(is_log[of_row] & (mentions.codes != 0))
        rows.append(of_row[kept])
        codes.append(_recoded(mentions.codes[kept], mentions.values, names))
    all_rows, all_codes = np.concatenate(rows), np.concatenate(codes)
    # An event that names a thing twice counts once.
    order, starts = group(all_rows, all_codes)
    distinct = order[starts]
    return all_rows[distinct], StringColumn(all_codes[distinct], names)


def _recoded(codes: Array, values: Sequence[str], target: Dictionary) -> Array:
    if not len(codes):
        return np.zeros(0, np.uint32)
    used = np.flatnonzero(np.bincount(codes))
    table = np.zeros(int(used[-1]) + 1, np.uint32)
    table[used] = target.encode([values[code] for code in used.tolist()])
    return table[codes]


def _operations(batch: EventBatch) -> StringColumn:
    """Return the operation of calls to a control plane, '' for all other events."""
    values = batch.format.values
    is_audit = np.fromiter((value in AUDIT_FORMATS for value in values), np.bool_, len(values))
    codes = np.where(is_audit[batch.format.codes], batch.name.codes, np.uint32(0))
    return StringColumn(codes.astype(np.uint32), batch.name.dictionary)


def _first_of_groups(rows: Array, times: Array, keys: Sequence[Array]) -> Array:
    """Return the rows that are among the first of their group in time; the table keeps no more of them anyway."""
    if not len(rows):
        return rows
    hours = times[rows] // (60 * MINUTE_NS)
    in_time = np.argsort(times[rows], kind="stable")
    ordered = rows[in_time]
    order, starts = group(hours[in_time], *[key[ordered] for key in keys])
    sizes = np.diff(np.append(starts, len(order)))
    rank = np.arange(len(order)) - np.repeat(starts, sizes)
    return np.sort(ordered[order[rank < EXEMPLARS]])
