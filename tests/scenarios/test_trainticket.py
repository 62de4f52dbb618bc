"""The main job on a real system's logs: 27 services in three clouds' native envelopes, under 28 injected faults."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cloudledger.domain import to_instant_ns
from cloudledger.projections import ReadModels, catch_up
from cloudledger.store import Ledger

ROOT = Path(__file__).resolve().parents[2]
CORPUS = ROOT.parent / "shared" / "corpora" / "dependencies" / "trainticket-2023-01-29"
CONTAINER_LINES = {"aws.eks.container": 54_226, "azure.aks.container": 75_245, "gcp.gke.container": 39_126}
FAULT_NS = 180_000_000_000
"""Faults last some minutes; each is judged by its first three."""

pytestmark = pytest.mark.skipif(not CORPUS.is_dir(), reason="the corpus is not beside the checkout")


def analyse(ledger: Path) -> dict[str, Any]:
    command = [sys.executable, str(ROOT / "scripts" / "analyze.py"), str(CORPUS), "--ledger", str(ledger)]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True)
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


@pytest.fixture(scope="module")
def location(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("trainticket") / "ledger"


@pytest.fixture(scope="module")
def answer(location: Path) -> dict[str, Any]:
    return analyse(location)


@pytest.fixture(scope="module")
def models(location: Path, answer: dict[str, Any]) -> Iterator[ReadModels]:
    with Ledger.open(location, read_only=True) as ledger:
        yield catch_up(ledger)


def faults() -> list[tuple[int, str]]:
    """Return when each fault was injected, and into which service."""
    by_hour = json.loads((CORPUS / "2023-01-29-fault_list.json").read_text())
    return [
        (to_instant_ns(f"{fault['inject_time']}Z"), re.sub(r"-[0-9a-f]+-\w{5}$", "", fault["inject_pod"]))
        for hour in by_hour.values()
        for fault in hour
    ]


def test_every_line_becomes_an_event_and_none_is_rejected(answer: dict[str, Any]) -> None:
    entered = answer["entered"]

    assert {name: entered["formats"][name] for name in CONTAINER_LINES} == CONTAINER_LINES
    assert sum(CONTAINER_LINES.values()) == 168_597
    assert entered["rejected"] == {}
    assert entered["appended"] == entered["read"]


def test_a_second_run_adds_nothing_and_answers_the_same(location: Path, answer: dict[str, Any]) -> None:
    again = analyse(location)

    assert again["entered"]["appended"] == 0
    assert again["stored"] == answer["stored"]
    assert again["answers"] == answer["answers"]


def test_the_service_graph_comes_out_across_three_clouds_with_its_evidence(models: ReadModels) -> None:
    logging = set(json.loads((CORPUS / "services.json").read_text()))
    true = {(u, v) for u, v, _ in json.loads((CORPUS / "true_edges_2023-01-29.json").read_text())}
    graph = models.dependencies.graph()
    found = {(edge.caller, edge.callee) for edge in graph.edges}

    assert {service.name for service in graph.services} >= logging
    assert len(found & true) / len(found) >= 0.95
    assert len(found & true) / len({edge for edge in true if set(edge) <= logging}) >= 0.9
    for edge in graph.edges[:5]:
        assert models.dependencies.evidence(edge.caller, edge.callee, limit=2)


def test_the_faults_of_the_day_rank_high_among_root_causes(models: ReadModels) -> None:
    ranks = []
    for at, service in faults():
        causes = [cause.service for cause in models.dependencies.root_causes(since=at, until=at + FAULT_NS, limit=5)]
        ranks.append(causes.index(service) + 1 if service in causes else 6)

    assert len(ranks) == 28
    assert sum(rank <= 1 for rank in ranks) >= 14
    assert sum(rank <= 3 for rank in ranks) >= 20


def test_references_of_the_answer_open_the_original_lines(location: Path, answer: dict[str, Any]) -> None:
    references = re.findall(r'"(files/[^"@]+@\d+)"', json.dumps(answer["answers"]))

    assert references
    with Ledger.open(location, read_only=True) as ledger:
        for reference in references[:: max(1, len(references) // 20)]:
            assert ledger.event(reference).reference == reference
