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
from ..grouping import Grouping
from ..partitions import HOUR_NS, ProjectionState
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
            _fold_messages(state, logs, failed)
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


def _fold_messages(state: ProjectionState, logs: EventBatch, failed: Array) -> None:
    """Count messages by template, and from these counts the activity of services."""
    positions, failures = _positions(logs), np.flatnonzero(failed)
    groups = Grouping.of({"service": logs.service.codes, "template": logs.template, "bin": logs.occurred_at // BIN_NS})
    counts = {"events": groups.counts(), "errors": groups.counts(failures)}
    placed = {
        "position": groups.minima(positions),
        "failed_position": groups.minima(positions, failures, absent=NO_POSITION),
    }
    _add(state, TEMPLATES, groups.keys | counts | placed, "bin", BIN_NS, logs, known="service")
    counts["warnings"] = groups.counts(np.flatnonzero(logs.severity >= WARN_SEVERITY))
    bins = Grouping.of({name: groups.keys[name] for name in ("service", "bin")})
    activity = {name: bins.sums(column) for name, column in counts.items()}
    _add(state, ACTIVITY, bins.keys | activity, "bin", BIN_NS, logs, known="service")


def _fold_spans(state: ProjectionState, logs: EventBatch, failed: Array) -> None:
    is_traced = (logs.trace_id[:, 0] | logs.trace_id[:, 1]) != 0
    if not is_traced.any():
        return
    if not is_traced.all():
        traced = np.flatnonzero(is_traced)
        logs, failed = logs.take(traced), failed[traced]
    traces, spans, parents = trace_keys(logs.trace_id), logs.span_id, logs.parent_span_id
    times = logs.occurred_at
    groups = Grouping.unordered(
        {
            "trace": traces.view(np.int64),
            "span": spans.view(np.int64),
            "parent": parents.view(np.int64),
            "service": logs.service.codes,
            "hour": times // HOUR_NS,
        }
    )
    some = groups.examples
    rows = {
        "unit": span_units(traces[some], spans[some], parents[some]),
        "first": groups.minima(times),
        "last": groups.maxima(times),
        "duration_us": groups.maxima(logs.duration_us),
        "events": groups.counts(),
        "errors": groups.counts(np.flatnonzero(failed)),
        "position": groups.minima(_positions(logs)),
    }
    _add(state, SPANS, groups.keys | rows, "first", 1, logs)


def _fold_named_calls(state: ProjectionState, logs: EventBatch, failed: Array) -> None:
    named = np.flatnonzero((logs.peer.codes != ABSENT) & (logs.peer_role != PeerRole.NONE))
    peers = host_column(logs.peer.take(named))
    hosts = np.flatnonzero(peers.codes != ABSENT)
    if not len(hosts):
        return
    named = named[hosts]
    failures, times, positions = np.flatnonzero(failed[named]), logs.occurred_at[named], _positions(logs)[named]
    pair: dict[str, Array] = {
        "service": logs.service.codes[named],
        "peer": peers.codes[hosts],
        "role": logs.peer_role[named],
    }
    calls = Grouping.of({**pair, "minute": times // MINUTE_NS, "bucket": bucket_of(logs.duration_us[named])})
    counted = {
        "calls": calls.counts(),
        "errors": calls.counts(failures),
        "first": calls.minima(times),
        "last": calls.maxima(times),
        "position": calls.minima(positions),
    }
    _add(state, CALLS, calls.keys | counted, "minute", MINUTE_NS, logs, peers, known="service")
    if len(failures):
        failing = {name: column[failures] for name, column in pair.items()}
        bins = Grouping.of({**failing, "bin": times[failures] // BIN_NS})
        counted = {"errors": bins.counts(), "position": bins.minima(positions[failures])}
        _add(state, FAILURES, bins.keys | counted, "bin", BIN_NS, logs, peers, known="service")


def _add(
    state: ProjectionState,
    table: str,
    rows: Mapping[str, Array],
    time: str,
    unit_ns: int,
    logs: EventBatch,
    peers: StringColumn | None = None,
    *,
    known: str = "",
) -> None:
    """Add rows to a table, leaving out those whose `known` string is absent; `time` is the column that places them."""
    if known:
        kept = np.flatnonzero(rows[known] != ABSENT)
        rows = {name: column[kept] for name, column in rows.items()}
    count = len(rows[time])
    strings = {"service": StringColumn(rows["service"].astype(np.uint32), logs.service.dictionary)}
    strings["stream"] = StringColumn.constant(logs.stream, count)
    if peers is not None:
        strings["peer"] = StringColumn(rows["peer"].astype(np.uint32), peers.dictionary)
    state[table].extend(rows[time] * unit_ns, strings, rows, rows)


def _positions(logs: EventBatch) -> Array:
    return logs.positions if len(logs.positions) else np.zeros(len(logs), np.int64)
