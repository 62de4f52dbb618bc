"""Build the service graph of a window from its calls, its activity and its names."""

from __future__ import annotations

from collections import Counter
from datetime import datetime

import numpy as np

from ...domain.timestamps import to_datetime
from ..grouping import Grouping
from .edge_counting import count_edges
from .facts import DependencyFacts
from .schemas import ACTIVITY, BIN_NS, CALLS
from .service_graph import Edge, Service, ServiceGraph

DEFAULT_MIN_CONFIDENCE = 0.5
"""Below it an edge is more likely wrong than right."""


def build_graph(
    facts: DependencyFacts, since_ns: int | None, until_ns: int | None, min_confidence: float
) -> ServiceGraph:
    """Return the graph of [since, until)."""
    calls = facts.calls(since_ns, until_ns)
    counted = count_edges(calls.take(calls.caller != calls.callee), facts.doubts(since_ns, until_ns), facts.nodes)
    edges = sorted((edge for edge in counted if edge.confidence >= min_confidence), key=lambda e: (e.caller, e.callee))
    own = calls.take(calls.caller == calls.callee)
    callers = Grouping.of({"caller": own.caller})
    totals = callers.sums(own.calls).tolist()
    loops = {facts.nodes[code]: count for code, count in zip(callers.keys["caller"].tolist(), totals, strict=True)}
    services = _services(facts, since_ns, until_ns, loops)
    return ServiceGraph(
        services=tuple(sorted([*services, *_unobserved(facts, edges, services)], key=lambda s: s.name)),
        edges=tuple(edges),
        sampled_share=_sampled_share(facts, since_ns, until_ns),
    )


def _services(
    facts: DependencyFacts, since_ns: int | None, until_ns: int | None, loops: dict[str, int]
) -> list[Service]:
    table = facts.state[ACTIVITY].joined(since_ns=since_ns, until_ns=until_ns)
    bins, column = table.number("bin"), table.string("service")
    inside = np.ones(len(bins), np.bool_)
    if since_ns is not None:
        inside &= (bins + 1) * BIN_NS > since_ns
    if until_ns is not None:
        inside &= bins * BIN_NS < until_ns
    seen = bins[inside]
    groups = Grouping.of({"service": column.codes[inside]})
    events, errors = (groups.sums(table.measure(name)[inside]).tolist() for name in ("events", "errors"))
    firsts, lasts = groups.minima(seen).tolist(), groups.maxima(seen).tolist()
    return [
        Service(
            name=column.values[code],
            events=events[row],
            errors=errors[row],
            self_calls=loops.get(column.values[code], 0),
            first_seen=to_datetime(firsts[row] * BIN_NS),
            last_seen=to_datetime((lasts[row] + 1) * BIN_NS),
        )
        for row, code in enumerate(groups.keys["service"].tolist())
    ]


def _unobserved(facts: DependencyFacts, edges: list[Edge], services: list[Service]) -> list[Service]:
    """Return the nodes that only others name; they were seen when their callers named them."""
    kinds = _kinds(facts)
    known = {service.name for service in services}
    calls: Counter[str] = Counter()
    errors: Counter[str] = Counter()
    seen: dict[str, list[datetime]] = {}
    for edge in edges:
        for name in {edge.caller, edge.callee} - known:
            calls[name] += edge.calls
            errors[name] += edge.errors
            seen.setdefault(name, []).extend(t for t in (edge.first_seen, edge.last_seen) if t)
    return [
        Service(
            name=name,
            kind=kinds.get(name, "service"),
            errors=errors[name],
            first_seen=min(seen[name]),
            last_seen=max(seen[name]),
        )
        for name in seen
    ]


def _kinds(facts: DependencyFacts) -> dict[str, str]:
    kinds: dict[str, str] = {}
    for _, table in facts.state[CALLS].parts():
        for value in table.string("peer").values[1:]:
            peer = facts.peers.resolve(value)
            if peer is not None:
                kinds[peer.name] = min(kinds.get(peer.name, peer.kind), peer.kind)
    return kinds


def _sampled_share(facts: DependencyFacts, since_ns: int | None, until_ns: int | None) -> float:
    weights = [facts.traced_hour(hour).weight for hour in facts.traced_hours(since_ns, until_ns)]
    return round(1.0 / max(weights), 4) if weights else 1.0
