"""The answer of `impact()`: who depends on a service, how likely each fails with it, and who is in trouble already."""

from __future__ import annotations

from collections import defaultdict
from math import exp, log

import msgspec
import numpy as np
import rustworkx as rx

from ..row_order import group
from .anomalies import Anomalies
from .call_columns import CallColumns
from .facts import DependencyFacts
from .service_graph import Edge, ServiceGraph
from .traced_calls import Tier

DECAY = 0.9
"""Per call on the way: retries, caches and fallbacks that the records do not show."""

PRIOR_CALLS = 2.0
"""Failed calls that the fallback (the share of requests that need the callee) counts for."""


class Impacted(msgspec.Struct, frozen=True, kw_only=True):
    """A service that depends on the one asked about.

    `probability` that it fails when that one fails; `path` leads from it to that one along the likeliest way;
    `observed` says that it is in trouble in the window.
    """

    service: str
    probability: float
    distance: int
    path: tuple[str, ...]
    observed: bool = False


class Impact(msgspec.Struct, frozen=True, kw_only=True):
    """The impact radius of a service: dependents by falling probability; `observed` and `at_risk` split their names."""

    service: str
    dependents: tuple[Impacted, ...] = ()
    observed: tuple[str, ...] = ()
    at_risk: tuple[str, ...] = ()


def impact_of(
    service: str, graph: ServiceGraph, weights: dict[tuple[str, str], float], found: Anomalies | None
) -> Impact:
    """Return the impact of a service's failure over a graph whose edges carry P(caller fails | callee fails)."""
    names = [node.name for node in graph.services]
    if service not in names:
        return Impact(service=service)
    index = {name: number for number, name in enumerate(names)}
    upwards: rx.PyDiGraph[str, float] = rx.PyDiGraph(multigraph=True)
    upwards.add_nodes_from(names)
    upwards.add_edges_from(
        [(index[e.callee], index[e.caller], -log(DECAY * weights[e.caller, e.callee])) for e in graph.edges]
    )
    paths = rx.dijkstra_shortest_paths(upwards, index[service], weight_fn=float)
    lengths = rx.dijkstra_shortest_path_lengths(upwards, index[service], float)
    troubled = set(found.anomalous) if found else set()
    dependents = [
        Impacted(
            service=names[node],
            probability=round(exp(-lengths[node]), 4),
            distance=len(path) - 1,
            path=tuple(names[step] for step in reversed(list(path))),
            observed=names[node] in troubled,
        )
        for node, path in paths.items()
        if node != index[service]
    ]
    dependents.sort(key=lambda d: (-d.probability, d.service))
    return Impact(
        service=service,
        dependents=tuple(dependents),
        observed=tuple(d.service for d in dependents if d.observed),
        at_risk=tuple(d.service for d in dependents if not d.observed),
    )


def failure_weights(facts: DependencyFacts, graph: ServiceGraph, calls: CallColumns) -> dict[tuple[str, str], float]:
    """Return P(caller fails | callee fails) of each edge: measured in common traces, else the share of its requests."""
    together = _together(facts, calls)
    received: dict[str, int] = defaultdict(int)
    made: dict[str, int] = defaultdict(int)
    for edge in graph.edges:
        received[edge.callee] += edge.calls
        made[edge.caller] = max(made[edge.caller], edge.calls)
    return {
        (e.caller, e.callee): _weight(e, max(received[e.caller], made[e.caller]), together.get((e.caller, e.callee)))
        for e in graph.edges
    }


def _weight(edge: Edge, requests: int, together: tuple[int, int] | None) -> float:
    share = min(1.0, edge.calls / requests)
    failed, both = together or (0, 0)
    return max((both + PRIOR_CALLS * share) / (failed + PRIOR_CALLS), 1e-6)


def _together(facts: DependencyFacts, calls: CallColumns) -> dict[tuple[str, str], tuple[int, int]]:
    """Return, per edge, failed traced calls, and those of them whose caller failed too."""
    failed = calls.take((calls.errors > 0) & (calls.tier != Tier.PEER))
    order, starts = group(failed.caller, failed.callee)
    if not len(order):
        return {}
    errors, both = (np.add.reduceat(column[order], starts).tolist() for column in (failed.errors, failed.both))
    firsts = order[starts].tolist()
    return {
        (facts.nodes[int(failed.caller[row])], facts.nodes[int(failed.callee[row])]): (int(e), int(b))
        for row, e, b in zip(firsts, errors, both, strict=True)
    }
