"""Did a service become slow by itself? The time its spans take, less the time of the calls they make.

A slow callee makes its callers' spans long, but not this; so slowness is not handed up the graph.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ...domain.reference import format_reference
from ..row_order import order_of
from .comparison import Comparison
from .facts import DependencyFacts
from .quantile_places import quantiles
from .schemas import BIN_NS
from .signals import MAX_REFERENCES, Signal, onset_ns
from .surprise import habituated, rise

Ints = npt.NDArray[np.int64]

SLOW_FACTOR = 2
"""Slow is twice what nine in ten spans used to stay below: smaller drifts (a growing table) are no incident."""

USUAL_SHARE = 0.9

MIN_USUAL_SPANS = 20
"""Fewer earlier spans do not say what is usual."""


def latency_signals(facts: DependencyFacts, compared: Comparison, threshold: float) -> list[Signal]:
    """Return the services whose own time grew, scored; weak ones too."""
    service, first, own_us, stream, position = _own_times(facts, compared)
    if not len(service):
        return []
    columns, windows = compared.columns_of(first // BIN_NS)
    slow = own_us > SLOW_FACTOR * _usual_limits(service, own_us, columns < windows - 1)[service]
    shape = (int(service.max()) + 1, windows)
    cells = service * shape[1] + columns
    total = np.bincount(cells, minlength=shape[0] * shape[1]).reshape(shape)
    slower = np.bincount(cells[slow], minlength=shape[0] * shape[1]).reshape(shape)
    slow_before, seen_before = slower[:, :-1].sum(axis=1), total[:, :-1].sum(axis=1)
    above = rise(slower, total, slow_before[:, None], seen_before[:, None])
    usual_rises = np.where(total > 0, above, np.nan)[:, :-1]
    scores = habituated(above[:, -1], usual_rises, np.ones(shape[0]))
    signals = []
    for code in np.flatnonzero(scores > 0).tolist():
        if scores[code] < threshold:
            signals.append(Signal("latency", facts.nodes[code], float(scores[code]), None, ""))
            continue
        rows = np.flatnonzero(slow & (service == code) & (first >= compared.start_ns))
        usual = float(slow_before[code] / max(seen_before[code], 1) * total[code, -1])
        bins = first[rows] // BIN_NS
        began = onset_ns(compared, bins, np.ones(len(rows), np.int64), usual / (compared.end - compared.start))
        detail = f"{len(rows)} of {int(total[code, -1])} spans slow by their own time, {usual:.1f} usual"
        shown = rows[np.argsort(first[rows], kind="stable")][:MAX_REFERENCES].tolist()
        references = tuple(
            format_reference(facts.names.streams.values[stream[row]], int(position[row])) for row in shown
        )
        signals.append(Signal("latency", facts.nodes[code], float(scores[code]), began, detail, references))
    return signals


def _own_times(facts: DependencyFacts, compared: Comparison) -> tuple[Ints, Ints, Ints, Ints, Ints]:
    """Return service, begin, own time, stream and position of the spans of baseline and window."""
    parts: list[tuple[Ints, ...]] = [(np.zeros(0, np.int64),) * 5]
    for hour in facts.traced_hours(compared.since_ns, compared.until_ns):
        found = facts.traced(hour)
        spans, taken = found.spans, found.spans.latency_us()
        handed_on = np.bincount(found.caller, taken[found.callee], len(spans)).astype(np.int64)
        inside = (spans.first >= compared.since_ns) & (spans.first < compared.until_ns) & (spans.service > 0)
        own = np.maximum(taken - handed_on, 0)
        parts.append(tuple(c[inside] for c in (spans.service, spans.first, own, spans.stream, spans.position)))
    service, first, own_us, stream, position = (np.concatenate(columns) for columns in zip(*parts, strict=True))
    return service, first, own_us, stream, position


def _usual_limits(service: Ints, own_us: Ints, earlier: npt.NDArray[np.bool_]) -> npt.NDArray[np.float64]:
    """Return, per service, what nine in ten of its earlier spans stayed below; infinite where too few are known."""
    limits = np.full(int(service.max()) + 1, np.inf)
    service, own_us = service[earlier], own_us[earlier]
    order = order_of(service, own_us)
    counts = np.bincount(service, minlength=len(limits))
    enough = np.flatnonzero(counts >= MIN_USUAL_SPANS)
    starts = (np.cumsum(counts) - counts)[enough]
    limits[enough] = quantiles(own_us[order], starts, counts[enough], USUAL_SHARE)
    return limits
