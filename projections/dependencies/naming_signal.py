"""Whom do failing callers name? Explicit failures ("timeout connecting to v") speak for v even where v is silent.

This is what finds services that died, and datastores that never log to us.
"""

from __future__ import annotations

from collections import defaultdict
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from ..table import Table
from .comparison import Comparison
from .facts import DependencyFacts
from .schemas import ACTIVITY
from .signals import Signal, Telling, first_references, onset_ns
from .surprise import habituated, rise

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


class _Told(NamedTuple):
    """What one caller says of one node: how much more than usual, since when, how often, in which rows."""

    caller: str
    score: float
    onset_ns: int | None
    failures: int
    rows: Ints


def naming_signals(facts: DependencyFacts, compared: Comparison) -> list[Signal]:
    """Return the nodes that callers name as failing more than usual: one signal per node, the sum over its callers."""
    table, pairs = facts.failures_named(compared.since_ns, compared.until_ns)
    watched = _watched(facts, compared)
    told: dict[str, list[_Told]] = defaultdict(list)
    for (caller, node), rows in pairs.items():
        said = _told(table, compared, caller, rows, watched)
        if said.score > 0:
            told[node].append(said)
    return [_signal(table, node, callers) for node, callers in sorted(told.items())]


def _told(table: Table, compared: Comparison, caller: str, rows: Ints, watched: Floats) -> _Told:
    bins = table.number("bin")[rows]
    rows = rows[(bins >= compared.baseline) & (bins < compared.end)]
    bins, errors = table.number("bin")[rows], table.measure("errors")[rows]
    earlier = len(watched) - 1
    counts = np.bincount(compared.windows_of(bins) + earlier, errors, len(watched))
    failed_before, watched_before = counts[:-1].sum(keepdims=True), watched[:-1].sum(keepdims=True)
    above = rise(counts, watched, failed_before, watched_before)
    score = habituated(above[-1:], np.where(watched > 0, above, np.nan)[None, :-1], np.ones(1))
    began = onset_ns(compared, bins, errors, float(failed_before[0]) / max(float(watched_before[0]), 1.0))
    return _Told(caller, float(score[0]), began, int(counts[-1]), rows[bins >= compared.start])


def _watched(facts: DependencyFacts, compared: Comparison) -> Floats:
    """Return in how many bins of each window anything was logged at all: before the data begins nobody could fail."""
    table = facts.state[ACTIVITY].joined(since_ns=compared.since_ns, until_ns=compared.until_ns)
    bins = np.unique(table.number("bin"))
    bins = bins[(bins >= compared.baseline) & (bins < compared.end)]
    earlier = -int(compared.windows_of(np.array([compared.baseline]))[0])
    return np.bincount(compared.windows_of(bins) + earlier, minlength=earlier + 1).astype(np.float64)


def _signal(table: Table, node: str, callers: list[_Told]) -> Signal:
    return Signal(
        kind="named as failing",
        service=node,
        score=sum(said.score for said in callers),
        onset_ns=min((said.onset_ns for said in callers if said.onset_ns is not None), default=None),
        detail=f"{sum(said.failures for said in callers)} failed calls told by {', '.join(s.caller for s in callers)}",
        references=first_references(table, np.concatenate([said.rows for said in callers])),
        named_by=tuple(Telling(said.caller, said.failures, first_references(table, said.rows)) for said in callers),
    )
