"""The dependency read model: which services call which, how sure that is, and what fails because of what.

Front door of the package for queries; answers come from the folded state alone. A model with its ledger also opens the
records behind an edge.
"""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

import msgspec
import rustworkx as rx

from ...domain.arguments import check_count, check_number
from ...domain.errors import InvalidArgumentError
from ...domain.events import Event
from ...domain.timestamps import window_ns
from ..partitions import ProjectionState
from .anomalies import Anomalies, find_anomalies
from .cascades import Cascade, find_cascades
from .comparison import comparison
from .evidence import EvidenceRow, evidence_rows
from .facts import DependencyFacts
from .graph_building import DEFAULT_MIN_CONFIDENCE, build_graph
from .impact import Impact, failure_weights, impact_of
from .root_causes import RootCauses, rank_root_causes
from .service_graph import Edge, Service, ServiceGraph

Instant = datetime | str | int

DEFAULT_EVIDENCE = 20
DEFAULT_CANDIDATES = 10


class EventReader(Protocol):
    """What is needed of a ledger to open references."""

    def event(self, reference: str) -> Event:
        """Return the event of a reference."""
        ...


class DependenciesModel:
    """Queries over one state of the dependency projection.

    >>> from cloudledger.domain.batch import EventBatch
    >>> from cloudledger.projections.dependencies import DependenciesProjection
    >>> projection = DependenciesProjection()
    >>> batch = EventBatch.build(2, service=["cart", "pay"], peer=["pay:8080", ""], peer_role=[1, 0])
    >>> model = DependenciesModel(projection.fold(projection.empty(), batch))
    >>> [(edge.caller, edge.callee, edge.calls) for edge in model.graph().edges]
    [('cart', 'pay', 1)]
    """

    def __init__(self, state: ProjectionState, *, ledger: EventReader | None = None) -> None:
        self._facts = DependencyFacts(state)
        self._ledger = ledger
        self._found: dict[tuple[int | None, int | None], Anomalies | None] = {}

    def graph(
        self,
        *,
        since: Instant | None = None,
        until: Instant | None = None,
        min_confidence: float = DEFAULT_MIN_CONFIDENCE,
    ) -> ServiceGraph:
        """Return services and edges seen in [since, until); without bounds, in all data.

        Calls that a record names by peer are kept by the minute: a bound inside a minute counts the whole minute.

        Raises:
            InvalidArgumentError: `since` is not before `until`, or a confidence outside 0 to 1.
        """
        check_number("min_confidence", min_confidence, 0.0, 1.0)
        return build_graph(self._facts, *_window(since, until), min_confidence)

    def to_rustworkx(
        self, *, since: Instant | None = None, until: Instant | None = None
    ) -> rx.PyDiGraph[Service, Edge]:
        """Return the graph for rustworkx."""
        return self.graph(since=since, until=until).to_rustworkx()

    def to_dot(self, *, since: Instant | None = None, until: Instant | None = None) -> str:
        """Return the graph in Graphviz' DOT language."""
        return self.graph(since=since, until=until).to_dot()

    def to_graphml(self, *, since: Instant | None = None, until: Instant | None = None) -> str:
        """Return the graph as GraphML."""
        return self.graph(since=since, until=until).to_graphml()

    def to_mermaid(self, *, since: Instant | None = None, until: Instant | None = None) -> str:
        """Return the graph as a Mermaid flowchart."""
        return self.graph(since=since, until=until).to_mermaid()

    def to_json(self, *, since: Instant | None = None, until: Instant | None = None) -> str:
        """Return the graph as JSON."""
        return self.graph(since=since, until=until).to_json()

    def root_causes(
        self, *, since: Instant | None = None, until: Instant | None = None, limit: int = DEFAULT_CANDIDATES
    ) -> RootCauses:
        """Return what most likely caused the trouble of [since, until), ranked, with reasons and records.

        The window is compared with the hours before it. Without `since`, or where the data begins only after it, the
        last incident in the data is looked for. Of a window longer than a month, the newest month is looked at.

        Raises:
            InvalidArgumentError: `since` is not before `until`, or `limit` is negative.
        """
        check_count("limit", limit)
        found = self._anomalies(since, until)
        return rank_root_causes(found, limit) if found else RootCauses()

    def cascades(self, *, since: Instant | None = None, until: Instant | None = None) -> tuple[Cascade, ...]:
        """Return the connected sets of anomalous services of [since, until), in the order that trouble took."""
        found = self._anomalies(since, until)
        return find_cascades(found) if found else ()

    def impact(self, service: str, *, since: Instant | None = None, until: Instant | None = None) -> Impact:
        """Return who depends on a service: in trouble already in [since, until), or at risk.

        Dependencies and probabilities are those of all data until then.

        Raises:
            InvalidArgumentError: no such service.
        """
        end = _window(since, until)[1]
        graph = build_graph(self._facts, None, end, DEFAULT_MIN_CONFIDENCE)
        names = [node.name for node in graph.services]
        if service not in names:
            raise InvalidArgumentError(f"no service {service!r}: known are {', '.join(names) or 'none yet'}")
        weights = failure_weights(self._facts, graph, self._facts.calls(None, end))
        return impact_of(service, graph, weights, self._anomalies(since, until))

    def evidence(
        self,
        caller: str,
        callee: str,
        *,
        since: Instant | None = None,
        until: Instant | None = None,
        limit: int = DEFAULT_EVIDENCE,
    ) -> tuple[EvidenceRow, ...]:
        """Return records that an edge was counted from, failed calls first; none where there is no such edge."""
        check_count("limit", limit)
        rows = evidence_rows(self._facts, caller, callee, *_window(since, until), limit)
        ledger = self._ledger
        if ledger is None:
            return tuple(rows)
        return tuple(msgspec.structs.replace(row, event=ledger.event(row.reference)) for row in rows)

    def _anomalies(self, since: Instant | None, until: Instant | None) -> Anomalies | None:
        window = _window(since, until)
        if window not in self._found:
            self._found.clear()  # one window is usually asked about several times in a row
            compared = comparison(self._facts, *window)
            self._found[window] = find_anomalies(self._facts, compared) if compared else None
        return self._found[window]


def _window(since: Instant | None, until: Instant | None) -> tuple[int | None, int | None]:
    bounds = window_ns(since, until)
    if bounds[0] is not None and bounds[0] == bounds[1]:
        raise InvalidArgumentError(f"since={since!r} is not before until={until!r}: pass the earlier time as since")
    return bounds
