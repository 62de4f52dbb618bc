"""Which nodes are unlike themselves in a window, by how much, since when; and which failures are told explicitly.

The signals joined per node: what a service says, how often it fails, how slow it is by itself, who names it as failing.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

from ..partitions import HOUR_NS
from .comparison import Comparison
from .error_signal import error_signals
from .facts import DependencyFacts
from .graph_building import DEFAULT_MIN_CONFIDENCE, build_graph
from .latency_signal import latency_signals
from .message_signal import message_signals
from .naming_signal import naming_signals
from .schemas import BIN_NS
from .service_graph import ServiceGraph
from .signals import Signal, Telling

ANOMALOUS = 1.0
"""More than chance (once in a thousand) and habit explain together."""

ONSET_TOLERANCE_NS = 2 * BIN_NS
"""A callee may seem to begin this much after its caller: one bin of each."""


@dataclass(frozen=True)
class Anomalies:
    """What was found in one window.

    `scores` holds every node's strongest signal, weak ones too; `told` the explicit failures of (caller, callee).
    """

    compared: Comparison
    graph: ServiceGraph
    signals: dict[str, list[Signal]] = field(default_factory=dict)
    scores: dict[str, float] = field(default_factory=dict)
    told: dict[tuple[str, str], Telling] = field(default_factory=dict)

    @property
    def anomalous(self) -> list[str]:
        """The nodes that are unlike themselves, sorted."""
        return sorted(node for node, score in self.scores.items() if score >= ANOMALOUS)

    def onset(self, node: str) -> int | None:
        """Return when a node's anomaly began."""
        return min(
            (s.onset_ns for s in self.signals.get(node, ()) if s.onset_ns is not None and s.score >= ANOMALOUS),
            default=None,
        )

    def is_failing(self, node: str) -> bool:
        """Return whether a node fails or is slow, rather than only saying other things than usual."""
        return any(s.kind != "messages" and s.score >= ANOMALOUS for s in self.signals.get(node, ()))

    def spread(self) -> list[tuple[str, str]]:
        """Return the pairs (caller, callee) along which trouble can have spread, from callee to caller.

        Both are anomalous, the caller fails or is slow, and the callee began no later. A caller whose records say who
        failed it is believed instead.
        """
        nodes = set(self.anomalous)
        told = {(u, v) for u, v in self.told if u in nodes and v in nodes}
        tellers = {u for u, _ in told}
        pairs = {(u, v) for u, v in self._reachable(nodes) if u not in tellers and self._in_order(u, v)}
        return sorted(pairs | told)

    def _reachable(self, nodes: set[str]) -> set[tuple[str, str]]:
        """Return the pairs of given nodes that are joined by an edge, or by two with a quiet service between.

        A service that catches its callee's failure and answers with nothing is quiet itself, and its callers fail.
        """
        callees: dict[str, set[str]] = defaultdict(set)
        for edge in self.graph.edges:
            callees[edge.caller].add(edge.callee)
        near = {(u, v) for u in nodes for v in callees[u]}
        beyond = {(u, w) for u, v in sorted(near) if v not in nodes for w in callees[v]}
        return {(u, v) for u, v in near | beyond if u != v and v in nodes and self.is_failing(u)}

    def _in_order(self, caller: str, callee: str) -> bool:
        later, earlier = self.onset(caller), self.onset(callee)
        return later is None or earlier is None or earlier <= later + ONSET_TOLERANCE_NS


def find_anomalies(facts: DependencyFacts, compared: Comparison) -> Anomalies:
    """Return what is unlike itself in a window, over the graph of the window and its baseline."""
    found: dict[str, list[Signal]] = defaultdict(list)
    named = naming_signals(facts, compared)
    for signal in (
        *message_signals(facts, compared, ANOMALOUS),
        *error_signals(facts, compared, ANOMALOUS),
        *latency_signals(facts, compared, ANOMALOUS),
        *named,
    ):
        found[signal.service].append(signal)
    return Anomalies(
        compared=compared,
        graph=build_graph(facts, *_whole_hours(compared), DEFAULT_MIN_CONFIDENCE),
        signals={node: sorted(signals, key=lambda s: (-s.score, s.kind)) for node, signals in sorted(found.items())},
        scores={node: max(signal.score for signal in signals) for node, signals in found.items()},
        told={(t.caller, s.service): t for s in named if s.score >= ANOMALOUS for t in s.named_by},
    )


def _whole_hours(compared: Comparison) -> tuple[int, int]:
    """Return the hours around baseline and window: who calls whom is better known the longer one looks."""
    return compared.since_ns // HOUR_NS * HOUR_NS, -(-compared.until_ns // HOUR_NS) * HOUR_NS
