"""Hand the blame down the call graph: a caller's trouble is its callee's, in the measure that the callee is in trouble.

The deepest-anomalous rule in a soft form: each anomalous node keeps the part of its score that its own share of the
trouble earns and passes the rest to its anomalous callees, from the top down. Nodes on a cycle pass nothing to each
other.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

import rustworkx as rx


def attribute(scores: Mapping[str, float], spread: Iterable[tuple[str, str]]) -> dict[str, float]:
    """Return the blame of each node.

    Args:
        scores: how anomalous each node is by itself.
        spread: pairs (caller, callee) along which trouble can have spread upwards.

    >>> blame = attribute({"web": 4.0, "pay": 4.0, "db": 8.0}, [("web", "pay"), ("pay", "db")])
    >>> {node: round(share, 1) for node, share in blame.items()}
    {'db': 12.0, 'pay': 2.0, 'web': 2.0}
    """
    nodes = sorted(scores)
    index = {node: number for number, node in enumerate(nodes)}
    graph: rx.PyDiGraph[str, None] = rx.PyDiGraph(multigraph=True)
    graph.add_nodes_from(nodes)
    graph.add_edges_from([(index[u], index[v], None) for u, v in sorted(set(spread)) if u in index and v in index])
    component = {n: number for number, members in enumerate(rx.strongly_connected_components(graph)) for n in members}
    callees: dict[int, set[int]] = defaultdict(set)
    for u, v in graph.edge_list():
        if component[u] != component[v]:
            callees[u].add(v)
    blame = [scores[node] for node in nodes]
    for number in _top_down(graph, component):
        _hand_down(number, nodes, scores, callees[number], blame)
    return dict(zip(nodes, blame, strict=True))


def _top_down(graph: rx.PyDiGraph[str, None], component: Mapping[int, int]) -> list[int]:
    """Return the nodes in an order in which callers come before callees; members of a cycle by name."""
    members: dict[int, list[int]] = defaultdict(list)
    for node in sorted(component):
        members[component[node]].append(node)
    condensed: rx.PyDiGraph[int, None] = rx.PyDiGraph(multigraph=True)
    condensed.add_nodes_from(range(len(members)))
    condensed.add_edges_from(
        [(component[u], component[v], None) for u, v in graph.edge_list() if component[u] != component[v]]
    )
    return [node for number in rx.topological_sort(condensed) for node in members[number]]


def _hand_down(node: int, nodes: list[str], scores: Mapping[str, float], callees: set[int], blame: list[float]) -> None:
    below = sum(scores[nodes[callee]] for callee in callees)
    if not below:
        return
    own, whole = scores[nodes[node]], blame[node]
    for callee in sorted(callees):
        blame[callee] += whole * scores[nodes[callee]] / (own + below)
    blame[node] = whole * own / (own + below)
