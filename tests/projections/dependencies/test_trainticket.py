"""Judged by a real system: 27 services in three clouds' envelopes, under 28 injected faults."""

import json
import re

import pytest

from cloudledger.domain.timestamps import to_instant_ns
from cloudledger.projections.dependencies import DependenciesModel
from tests.projections.dependencies.log_lines import state_of
from tests.projections.dependencies.trainticket import FOLDER, batches

pytestmark = pytest.mark.skipif(not FOLDER.is_dir(), reason="the corpus is not beside the checkout")

FAULT_NS = 180_000_000_000
"""Faults last some minutes; each is judged by its first three."""


@pytest.fixture(scope="module")
def model() -> DependenciesModel:
    return DependenciesModel(state_of(*batches()))


def true_edges() -> dict[tuple[str, str], int]:
    """Return the calls of each true edge whose two ends log."""
    logging = set(json.loads((FOLDER / "services.json").read_text()))
    edges = json.loads((FOLDER / "true_edges_2023-01-29.json").read_text())
    return {(caller, callee): calls for caller, callee, calls in edges if {caller, callee} <= logging}


def faults() -> list[tuple[int, str]]:
    """Return when each fault was injected, and into which service."""
    by_hour = json.loads((FOLDER / "2023-01-29-fault_list.json").read_text())
    return [
        (to_instant_ns(f"{fault['inject_time']}Z"), re.sub(r"-[0-9a-f]+-\w{5}$", "", fault["inject_pod"]))
        for hour in by_hour.values()
        for fault in hour
    ]


def test_the_service_graph_comes_out_of_the_lines_alone(model: DependenciesModel) -> None:
    true, found = true_edges(), {(edge.caller, edge.callee) for edge in model.graph().edges}

    assert len(found & set(true)) / len(found) >= 0.95
    assert len(found & set(true)) / len(true) >= 0.9


def test_most_calls_are_counted(model: DependenciesModel) -> None:
    true, graph = true_edges(), model.graph()
    counted = {(e.caller, e.callee): e.calls for e in graph.edges}
    shares = sorted(counted[pair] / calls for pair, calls in true.items() if pair in counted)

    assert 0.9 <= shares[len(shares) // 2] <= 1.05


def test_the_faulty_service_ranks_high_among_root_causes(model: DependenciesModel) -> None:
    ranks = []
    for at, service in faults():
        causes = [c.service for c in model.root_causes(since=at, until=at + FAULT_NS, limit=5)]
        ranks.append(causes.index(service) + 1 if service in causes else 6)

    assert sum(rank <= 1 for rank in ranks) >= 12
    assert sum(rank <= 3 for rank in ranks) >= 20
    assert sum(rank <= 5 for rank in ranks) >= 24


def test_evidence_of_every_edge_can_be_opened(model: DependenciesModel) -> None:
    for edge in model.graph().edges:
        rows = model.evidence(edge.caller, edge.callee, limit=4)
        assert {row.side for row in rows} == {"caller", "callee"}
