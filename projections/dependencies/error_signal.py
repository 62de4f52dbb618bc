"""Does a service fail more often than usual? Its failed records against its usual share of failures.

The mix of messages holds failures too; alone they are not drowned by a service that says many other things.
"""

from __future__ import annotations

import numpy as np

from .comparison import Comparison
from .facts import DependencyFacts
from .signals import Signal, first_references, onset_ns
from .surprise import habituated, rise


def error_signals(facts: DependencyFacts, compared: Comparison, threshold: float) -> list[Signal]:
    """Return the services that fail more often than usual, scored; weak ones too."""
    table = facts.templates(compared.since_ns, compared.until_ns)
    bins = table.number("bin")
    inside = np.flatnonzero((bins >= compared.baseline) & (bins < compared.end))
    if not len(inside):
        return []
    names, codes = table.string("service").values, table.string("service").codes[inside].astype(np.int64)
    columns, windows = compared.columns_of(bins[inside])
    cells, shape = codes * windows + columns, (len(names), windows)
    events = np.bincount(cells, table.measure("events")[inside], shape[0] * shape[1]).reshape(shape)
    errors = np.bincount(cells, table.measure("errors")[inside], shape[0] * shape[1]).reshape(shape)
    failed_before, said_before = errors[:, :-1].sum(axis=1), events[:, :-1].sum(axis=1)
    above = rise(errors, events, failed_before[:, None], said_before[:, None])
    usual = np.where(events > 0, above, np.nan)[:, :-1]
    scores = habituated(above[:, -1], usual, np.ones(len(names)))
    signals = []
    for code in np.flatnonzero(scores > 0).tolist():
        if scores[code] < threshold:
            signals.append(Signal("errors", names[code], float(scores[code]), None, ""))
            continue
        rows = inside[(codes == code) & (table.measure("errors")[inside] > 0)]
        expected = float(failed_before[code] / max(said_before[code], 1.0) * events[code, -1])
        rate = expected / (compared.end - compared.start)
        began = onset_ns(compared, bins[rows], table.measure("errors")[rows], rate)
        detail = f"{errors[code, -1]:.0f} of {events[code, -1]:.0f} records failed, {expected:.1f} usual"
        shown = first_references(table, rows[bins[rows] >= compared.start], "failed_position")
        signals.append(Signal("errors", names[code], float(scores[code]), began, detail, shown))
    return signals
