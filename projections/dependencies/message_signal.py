"""Did what a service says change? Its mix of message templates, failed and not, against its usual mix.

New messages, errors and messages that stop coming all change the mix; more or less traffic alone does not.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ..table import Table
from .comparison import Comparison
from .facts import DependencyFacts
from .signals import Signal, first_references, onset_ns
from .surprise import change, habituated

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

MIN_USUAL_EVENTS = 20
"""Fewer earlier records do not say what is usual."""


@dataclass(frozen=True)
class _Counts:
    """Events per (kind of message, window): `service`, `template` and `failed` say which kind each row is."""

    service: Ints
    template: Ints
    failed: Ints
    starts: Ints
    windows: Floats
    services: list[str]


def message_signals(facts: DependencyFacts, compared: Comparison, threshold: float) -> list[Signal]:
    """Return the services whose mix of messages changed, scored; weak ones too."""
    table = facts.templates(compared.since_ns, compared.until_ns)
    counts = _counts(table, compared)
    if counts is None:
        return []
    kinds = np.diff(np.append(counts.starts, len(counts.service)))
    usual = counts.windows[:, :-1].sum(axis=1)
    said, said_before = (np.add.reduceat(column, counts.starts, axis=0) for column in (counts.windows, usual))
    exposures = np.repeat(said, kinds, axis=0), np.repeat(said_before, kinds)
    per_kind = change(counts.windows, exposures[0], usual[:, None], exposures[1][:, None])
    per_service = np.add.reduceat(per_kind, counts.starts, axis=0)
    scores = habituated(per_service[:, -1], np.where(said > 0, per_service, np.nan)[:, :-1], kinds)
    expected = usual / np.maximum(exposures[1], 1.0) * exposures[0][:, -1]
    enough = (said_before >= MIN_USUAL_EVENTS) & (said[:, -1] > 0)
    signals = []
    for row in np.flatnonzero(enough & (scores > 0)).tolist():
        rows = np.arange(counts.starts[row], counts.starts[row] + kinds[row])
        top = int(rows[np.argmax(per_kind[rows, -1])])
        signals.append(_signal(table, compared, counts, top, float(scores[row]), float(expected[top]), threshold))
    return signals


def _counts(table: Table, compared: Comparison) -> _Counts | None:
    bins = table.number("bin")
    inside = np.flatnonzero((bins >= compared.baseline) & (bins < compared.end))
    if not len(inside):
        return None
    service = table.string("service").codes[inside].astype(np.int64)
    template, numbers = np.unique(table.number("template")[inside], return_inverse=True)
    columns, windows = compared.columns_of(bins[inside])
    events, errors = table.measure("events")[inside], table.measure("errors")[inside]
    pair = (service * len(template) + numbers) * 2
    keys, rows = np.unique(np.concatenate([pair[events > errors], pair[errors > 0] + 1]), return_inverse=True)
    cells = np.concatenate([columns[events > errors], columns[errors > 0]])
    amounts = np.concatenate([(events - errors)[events > errors], errors[errors > 0]])
    counted = np.bincount(rows * windows + cells, amounts, len(keys) * windows)
    owner = keys // (2 * len(template))
    return _Counts(
        service=owner,
        template=template[keys // 2 % len(template)],
        failed=keys % 2,
        starts=np.flatnonzero(np.concatenate([[True], owner[1:] != owner[:-1]])),
        windows=counted.reshape(len(keys), windows).astype(np.float64),
        services=table.string("service").values,
    )


def _signal(
    table: Table, compared: Comparison, counts: _Counts, top: int, score: float, expected: float, threshold: float
) -> Signal:
    """Describe a service's change by the kind of message that changed most."""
    service = counts.services[int(counts.service[top])]
    if score < threshold:
        return Signal("messages", service, score, None, "")
    rows = np.flatnonzero(
        (table.number("template") == counts.template[top]) & (table.string("service").codes == counts.service[top])
    )
    errors = table.measure("errors")[rows]
    amounts = errors if counts.failed[top] else table.measure("events")[rows] - errors
    bins, now = table.number("bin")[rows], float(counts.windows[top, -1])
    rate = expected / (compared.end - compared.start)
    began = onset_ns(compared, bins, amounts, rate, falling=now < expected)
    shown = rows[(bins >= compared.start) & (bins < compared.end) & (amounts > 0)]
    what = "failures" if counts.failed[top] else "records"
    kept = "failed_position" if counts.failed[top] else "position"
    return Signal(
        kind="messages",
        service=service,
        score=score,
        onset_ns=began,
        detail=f"{now:.0f} {what} of template {int(counts.template[top]) & (1 << 64) - 1:016x}, {expected:.1f} usual",
        references=first_references(table, shown, kept),
    )
