"""The answer of `root_causes()`: ranked candidates, each with its reasons and records; and whether they decide."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import msgspec

from ...domain.timestamps import to_datetime
from .anomalies import ANOMALOUS, Anomalies
from .attribution import attribute
from .signals import Signal

DECIDED_BY = 1.5
"""The first candidate must lead the second by this factor; closer scores are within noise."""


class Reason(msgspec.Struct, frozen=True, kw_only=True):
    """One signal: its kind, how many times larger than usual, since when, and the records that show it."""

    signal: str
    score: float
    detail: str
    onset: datetime | None = None
    references: tuple[str, ...] = ()


class RootCause(msgspec.Struct, frozen=True, kw_only=True):
    """A candidate.

    `score` is its own trouble plus what its callers hand down, `own_score` its own alone; `explains` are the anomalous
    services that depend on it; `anomalous` tells candidates from services that are merely listed.
    """

    service: str
    rank: int
    score: float
    own_score: float
    anomalous: bool
    onset: datetime | None = None
    reasons: tuple[Reason, ...] = ()
    explains: tuple[str, ...] = ()


class RootCauses(msgspec.Struct, frozen=True, kw_only=True):
    """Candidates of one window, the likeliest first.

    `decided` is False where nothing is anomalous or the first two are within noise: look at both, or widen the
    window.
    """

    since: datetime | None = None
    until: datetime | None = None
    decided: bool = False
    candidates: tuple[RootCause, ...] = ()

    def __iter__(self) -> Iterator[RootCause]:
        """Yield the candidates in order."""
        return iter(self.candidates)

    def __len__(self) -> int:
        return len(self.candidates)


def rank_root_causes(found: Anomalies, limit: int) -> RootCauses:
    """Return the candidates of a window, ranked."""
    spread = found.spread()
    blame = attribute(found.scores, spread)
    order = sorted(blame, key=lambda node: (-blame[node], found.onset(node) or 1 << 62, node))
    candidates = tuple(_candidate(found, node, rank, blame[node], spread) for rank, node in enumerate(order[:limit], 1))
    clear = len(order) < 2 or blame[order[0]] >= DECIDED_BY * blame[order[1]]
    return RootCauses(
        since=to_datetime(found.compared.start_ns),
        until=to_datetime(found.compared.until_ns),
        decided=bool(candidates) and candidates[0].anomalous and clear,
        candidates=candidates,
    )


def _candidate(found: Anomalies, node: str, rank: int, blame: float, spread: list[tuple[str, str]]) -> RootCause:
    began = found.onset(node)
    return RootCause(
        service=node,
        rank=rank,
        score=round(blame, 3),
        own_score=round(found.scores[node], 3),
        anomalous=found.scores[node] >= ANOMALOUS,
        onset=None if began is None else to_datetime(began),
        reasons=tuple(_reason(signal) for signal in found.signals[node] if signal.score >= ANOMALOUS),
        explains=tuple(sorted(_callers_of(node, spread))),
    )


def _reason(signal: Signal) -> Reason:
    return Reason(
        signal=signal.kind,
        score=round(signal.score, 3),
        detail=signal.detail,
        onset=None if signal.onset_ns is None else to_datetime(signal.onset_ns),
        references=signal.references,
    )


def _callers_of(node: str, spread: list[tuple[str, str]]) -> set[str]:
    """Return all nodes from which trouble leads down to a node."""
    found: set[str] = set()
    pending = [node]
    while pending:
        callee = pending.pop()
        above = {u for u, v in spread if v == callee} - found - {node}
        found |= above
        pending.extend(above)
    return found
