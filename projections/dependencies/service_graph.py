"""The answer of `graph()`: services, and the edges between them with what speaks for each.

Plain frozen data, with the forms that other tools read. See `graph_export` for the text formats.
"""

from __future__ import annotations

from datetime import datetime

import msgspec
import rustworkx as rx

from .graph_export import dot_text, graphml_text, mermaid_text


class Service(msgspec.Struct, frozen=True, kw_only=True):
    """A node: a service that logs, or a datastore, queue or external host that services name.

    `kind` is service, datastore, queue or external; `self_calls` counts records that name their own service as peer.
    """

    name: str
    kind: str = "service"
    events: int = 0
    errors: int = 0
    self_calls: int = 0
    first_seen: datetime | None = None
    last_seen: datetime | None = None


class Edge(msgspec.Struct, frozen=True, kw_only=True):
    """`caller` calls `callee`.

    Attributes:
        calls, errors: counted by the kind of evidence that saw most (kinds watch the same calls, so never their sum).
        p50_us, p95_us, p99_us: latency within 5 %: the recorded duration, else the extent of the callee's records.
        confidence: lower end of the 95 % interval of "this edge is real", between 0 and 1.
        evidence: kinds of evidence, the surest first; `support` counts the calls that each kind saw.
        contradictions: observations that speak against the edge.
        retries: calls repeated by the same span after a failed one; they are in `calls` too.
        via: a service that probably stands between the two and whose records are missing; empty for a direct edge.
    """

    caller: str
    callee: str
    calls: int
    errors: int
    error_rate: float
    confidence: float
    evidence: tuple[str, ...]
    support: dict[str, int]
    contradictions: int = 0
    retries: int = 0
    via: str = ""
    p50_us: int | None = None
    p95_us: int | None = None
    p99_us: int | None = None
    first_seen: datetime | None = None
    last_seen: datetime | None = None


class ServiceGraph(msgspec.Struct, frozen=True, kw_only=True):
    """Services and edges, sorted by name.

    `sampled_share` is below 1 where an hour had more spans than the state keeps: counts are then scaled estimates.

    >>> graph = ServiceGraph(services=(Service(name="a"), Service(name="b")), edges=())
    >>> graph.to_rustworkx().num_nodes()
    2
    """

    services: tuple[Service, ...]
    edges: tuple[Edge, ...]
    sampled_share: float = 1.0

    def edge(self, caller: str, callee: str) -> Edge | None:
        """Return an edge, None where there is none."""
        return next((e for e in self.edges if e.caller == caller and e.callee == callee), None)

    def to_rustworkx(self) -> rx.PyDiGraph[Service, Edge]:
        """Return the graph for rustworkx; node and edge data are the `Service` and `Edge` structs."""
        # multigraph=True: False makes adding edges quadratic at hubs; our edges are distinct anyway.
        graph: rx.PyDiGraph[Service, Edge] = rx.PyDiGraph(multigraph=True)
        index = dict(zip((s.name for s in self.services), graph.add_nodes_from(self.services), strict=True))
        graph.add_edges_from([(index[e.caller], index[e.callee], e) for e in self.edges])
        return graph

    def to_dot(self) -> str:
        """Return the graph in Graphviz' DOT language."""
        return dot_text(self.services, self.edges)

    def to_mermaid(self) -> str:
        """Return the graph as a Mermaid flowchart, as Markdown pages show it."""
        return mermaid_text(self.services, self.edges)

    def to_graphml(self) -> str:
        """Return the graph as GraphML, as networkx, Gephi and yEd read it."""
        return graphml_text(self.services, self.edges)

    def to_json(self) -> str:
        """Return the graph as JSON: `services`, `edges`, `sampled_share`."""
        return msgspec.json.encode(self).decode()
