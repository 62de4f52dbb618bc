"""Fold events into what service dependencies are inferred from: spans, named calls, failures, activity.

From columns of log records to the tables of `schemas`; no Python per event. Inference itself happens at query time,
since an edge may need records that arrive later, in another stream.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from ...domain.batch import EventBatch
from ...domain.columns import StringColumn
from ...domain.dictionary import ABSENT
from ...domain.events import Kind, PeerRole
from ..partitions import HOUR_NS, ProjectionState
from .condensing import condense
from .latency_buckets import bucket_of
from .peer_names import host_column
from .schemas import ACTIVITY, BIN_NS, CALLS, FAILURES, MINUTE_NS, NO_POSITION, SCHEMAS, SPANS, TEMPLATES
from .span_units import span_units, trace_keys

Array = npt.NDArray[Any]

ERROR_SEVERITY = 17
"""OpenTelemetry's ERROR: https://opentelemetry.io/docs/specs/otel/logs/data-model/#field-severitynumber."""

WARN_SEVERITY = 13
"""OpenTelemetry's WARN."""

_ADMINISTRATION = ("activity", "audit", "cloudtrail", "signin", "guardduty", "findings", "securityhub")
_NETWORK = ("vpcflow", "vnetflow", "nsgflow", "dns", "firewall", "waf", "nat", "router", "healthcheck")
_BESIDE_THE_CALLS = frozenset((*_ADMINISTRATION, *_NETWORK))
"""Last words of formats whose `service` is an API that was administered, or a network: no part of the service graph."""


class DependenciesProjection:
    """The fold of the dependency read model.

    >>> projection = DependenciesProjection()
    >>> batch = EventBatch.build(1, service="cart", peer="pay", peer_role=1)
    >>> sorted(projection.fold(projection.empty(), batch).encoded())
    ['activity/0', 'calls/0', 'templates/0']
    """

    name = "dependencies@1"
    columns: tuple[str, ...] = (
        "occurred_at",
        "kind",
        "format",
        "service",
        "severity",
        "status",
        "error",
        "duration_us",
        "peer",
        "peer_role",
        "template",
        "trace_id",
        "span_id",
        "parent_span_id",
    )

    def empty(self) -> ProjectionState:
        """Return the state before any event."""
        return ProjectionState(SCHEMAS)

    def fold(self, state: ProjectionState, batch: EventBatch) -> ProjectionState:
        """Add a batch of events; only what services log of their work says who calls whom."""
        logs = _work_of_services(batch.of_kind(Kind.LOG_RECORDED))
        if len(logs):
            failed = failures_of(logs)
            _fold_activity(state, logs, failed)
            _fold_templates(state, logs, failed)
            _fold_spans(state, logs, failed)
            _fold_named_calls(state, logs, failed)
        return state

    def merge(self, left: ProjectionState, right: ProjectionState) -> ProjectionState:
        """Return the state of both parts."""
        left.merge(right)
        return left


def _work_of_services(logs: EventBatch) -> EventBatch:
    """Return the records without those of administration and network."""
    excluded = np.array([is_beside_the_calls(name) for name in logs.format.values], np.bool_)[logs.format.codes]
    return logs.take(~excluded) if excluded.any() else logs


def is_beside_the_calls(format_id: str) -> bool:
    """Return whether records of a format tell of administration or of a network, not of services at work.

    >>> is_beside_the_calls("aws.cloudtrail"), is_beside_the_calls("terraform.ui"), is_beside_the_calls("aws.elb.alb")
    (True, True, False)
    """
    return format_id.startswith("terraform.") or format_id.rpartition(".")[2] in _BESIDE_THE_CALLS


def failures_of(batch: EventBatch) -> npt.NDArray[np.bool_]:
    """Return which records tell of a failure: an error's severity, a 5xx status, or an error's name.

    >>> failures_of(EventBatch.build(3, severity=[9, 17, 9], status=[200, 0, 503])).tolist()
    [False, True, True]
    """
    failed: npt.NDArray[np.bool_] = batch.severity >= ERROR_SEVERITY
    failed |= (batch.status >= 500) & (batch.status < 600)
    failed |= batch.error.codes != ABSENT
    return failed


def _fold_activity(state: ProjectionState, logs: EventBatch, failed: Array) -> None:
    rows = condense(
        {"service": logs.service.codes, "bin": logs.occurred_at // BIN_NS},
        {
            "events": (np.ones(len(logs), np.int64), "sum"),
            "errors": (failed.astype(np.int64), "sum"),
            "warnings": ((logs.severity >= WARN_SEVERITY).astype(np.int64), "sum"),
        },
    )
    _add(state, ACTIVITY, rows, rows["bin"] * BIN_NS, {"service": logs.service}, known="service")


def _fold_templates(state: ProjectionState, logs: EventBatch, failed: Array) -> None:
    rows = condense(
        {
            "template": logs.template,
            "service": logs.service.codes,
            "bin": logs.occurred_at // BIN_NS,
        },
        {
            "events": (np.ones(len(logs), np.int64), "sum"),
            "errors": (failed.astype(np.int64), "sum"),
            "position": (_positions(logs), "min"),
            "failed_position": (np.where(failed, _positions(logs), NO_POSITION), "min"),
        },
    )
    strings = {"service": logs.service, "stream": _stream(logs)}
    _add(state, TEMPLATES, rows, rows["bin"] * BIN_NS, strings, known="service")


def _fold_spans(state: ProjectionState, logs: EventBatch, failed: Array) -> None:
    traced = np.flatnonzero(logs.trace_id.any(axis=1))
    if not len(traced):
        return
    traces, spans, parents = trace_keys(logs.trace_id[traced]), logs.span_id[traced], logs.parent_span_id[traced]
    times = logs.occurred_at[traced]
    rows = condense(
        {
            "unit": span_units(traces, spans, parents),
            "service": logs.service.codes[traced],
            "hour": times // HOUR_NS,
        },
        {
            "trace": (traces.view(np.int64), "max"),
            "span": (spans.view(np.int64), "max"),
            "parent": (parents.view(np.int64), "max"),
            "first": (times, "min"),
            "last": (times, "max"),
            "duration_us": (logs.duration_us[traced], "max"),
            "events": (np.ones(len(traced), np.int64), "sum"),
            "errors": (failed[traced].astype(np.int64), "sum"),
            "position": (_positions(logs)[traced], "min"),
        },
    )
    _add(state, SPANS, rows, rows["first"], {"service": logs.service, "stream": _stream(logs)})


def _fold_named_calls(state: ProjectionState, logs: EventBatch, failed: Array) -> None:
    peers = host_column(logs.peer)
    named = np.flatnonzero((peers.codes != ABSENT) & (logs.peer_role != PeerRole.NONE))
    if not len(named):
        return
    strings = {"service": logs.service, "peer": peers, "stream": _stream(logs)}
    calls = condense(
        {
            **_pair(logs, peers, named),
            "minute": logs.occurred_at[named] // MINUTE_NS,
            "bucket": bucket_of(logs.duration_us[named]),
        },
        {
            "calls": (np.ones(len(named), np.int64), "sum"),
            "errors": (failed[named].astype(np.int64), "sum"),
            "first": (logs.occurred_at[named], "min"),
            "last": (logs.occurred_at[named], "max"),
            "position": (_positions(logs)[named], "min"),
        },
    )
    _add(state, CALLS, calls, calls["minute"] * MINUTE_NS, strings, known="service")
    failing = named[failed[named]]
    if len(failing):
        failures = condense(
            {**_pair(logs, peers, failing), "bin": logs.occurred_at[failing] // BIN_NS},
            {"errors": (np.ones(len(failing), np.int64), "sum"), "position": (_positions(logs)[failing], "min")},
        )
        _add(state, FAILURES, failures, failures["bin"] * BIN_NS, strings, known="service")


def _pair(logs: EventBatch, peers: StringColumn, rows: Array) -> dict[str, Array]:
    return {
        "service": logs.service.codes[rows],
        "peer": peers.codes[rows],
        "role": logs.peer_role[rows].astype(np.int64),
    }


def _add(
    state: ProjectionState,
    table: str,
    rows: Mapping[str, Array],
    times_ns: Array,
    strings: Mapping[str, StringColumn],
    *,
    known: str = "",
) -> None:
    """Add condensed rows to a table, leaving out those whose `known` string is absent."""
    kept = np.flatnonzero(rows[known] != ABSENT) if known else np.arange(len(times_ns))
    if len(kept):
        coded = {name: _picked(column, rows.get(name), kept) for name, column in strings.items()}
        numbers = {name: column[kept] for name, column in rows.items()}
        state[table].add(times_ns[kept], coded, numbers, numbers)


def _picked(column: StringColumn, codes: Array | None, kept: Array) -> StringColumn:
    """Return the strings of the kept rows; a column without codes of its own is the same for all rows."""
    if codes is None:
        return StringColumn(np.repeat(column.codes, len(kept)), column.dictionary)
    return StringColumn(codes[kept].astype(np.uint32), column.dictionary)


def _stream(logs: EventBatch) -> StringColumn:
    return StringColumn.constant(logs.stream, 1)


def _positions(logs: EventBatch) -> Array:
    return logs.positions if len(logs.positions) else np.zeros(len(logs), np.int64)
