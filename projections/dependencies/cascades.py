"""The answer of `cascades()`: connected sets of anomalous services, in the order in which trouble reached them."""

from __future__ import annotations

from datetime import datetime

import msgspec
import rustworkx as rx

from ...domain.timestamps import to_datetime
from .anomalies import Anomalies
from .attribution import attribute


class CascadeStep(msgspec.Struct, frozen=True, kw_only=True):
    """A service that the cascade reached; `onset` is None where its trouble grew without a clear beginning."""

    service: str
    order: int
    score: float
    onset: datetime | None = None


class CascadeLink(msgspec.Struct, frozen=True, kw_only=True):
    """Trouble of `callee` that reached `caller`.

    `told` says that records of the caller name the callee as failing; `references` are then those records.
    """

    caller: str
    callee: str
    line: str
    told: bool = False
    references: tuple[str, ...] = ()


class Cascade(msgspec.Struct, frozen=True, kw_only=True):
    """A connected set of anomalous services: where it came from, whom it reached and along which calls."""

    origin: str
    began: datetime | None
    steps: tuple[CascadeStep, ...]
    links: tuple[CascadeLink, ...]


def find_cascades(found: Anomalies) -> tuple[Cascade, ...]:
    """Return the cascades of a window, the worst first."""
    spread = found.spread()
    nodes = sorted({node for pair in spread for node in pair})
    index = {node: number for number, node in enumerate(nodes)}
    graph: rx.PyDiGraph[str, None] = rx.PyDiGraph(multigraph=True)
    graph.add_nodes_from(nodes)
    graph.add_edges_from([(index[callee], index[caller], None) for caller, callee in spread])
    sets = [sorted(nodes[number] for number in members) for members in rx.weakly_connected_components(graph)]
    cascades = [_cascade(found, members, [pair for pair in spread if pair[0] in members]) for members in sets]
    return tuple(sorted(cascades, key=lambda c: (-sum(step.score for step in c.steps), c.origin)))


def _cascade(found: Anomalies, members: list[str], spread: list[tuple[str, str]]) -> Cascade:
    blame = attribute({node: found.scores[node] for node in members}, spread)
    origin = max(members, key=lambda node: (blame[node], node))
    ordered = _in_order(found, members, spread)
    onsets = [onset for onset in map(found.onset, members) if onset is not None]
    return Cascade(
        origin=origin,
        began=to_datetime(min(onsets)) if onsets else None,
        steps=tuple(_step(found, node, number) for number, node in enumerate(ordered, 1)),
        links=tuple(_link(found, caller, callee) for caller, callee in sorted(spread)),
    )


def _in_order(found: Anomalies, members: list[str], spread: list[tuple[str, str]]) -> list[str]:
    """Order by onset, but no caller before a callee that it was reached from (cycles: by onset alone)."""
    waiting = set(members)
    ordered: list[str] = []
    while waiting:
        free = [n for n in waiting if not any(u == n and v in waiting and v != n for u, v in spread)]
        first = min(free or waiting, key=lambda node: (found.onset(node) or 1 << 62, node))
        ordered.append(first)
        waiting.remove(first)
    return ordered


def _step(found: Anomalies, node: str, order: int) -> CascadeStep:
    began = found.onset(node)
    return CascadeStep(
        service=node,
        order=order,
        score=round(found.scores[node], 3),
        onset=None if began is None else to_datetime(began),
    )


def _link(found: Anomalies, caller: str, callee: str) -> CascadeLink:
    said = found.told.get((caller, callee))
    if said is not None:
        line = f"{caller} failed calling {callee}: {said.failures} times"
        return CascadeLink(caller=caller, callee=callee, line=line, told=True, references=said.references)
    reasons = {node: found.signals[node][0] for node in (caller, callee)}
    line = f"{caller} ({reasons[caller].kind}) calls {callee} ({reasons[callee].kind})"
    edge = found.graph.edge(caller, callee)
    return CascadeLink(caller=caller, callee=callee, line=line if edge else f"{line} through a quiet service")
