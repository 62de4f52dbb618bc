"""The fold: the same state whatever the batches, bounded, and every number with its record."""

from dataclasses import replace

import numpy as np
import pytest

from cloudledger.domain.batch import EventBatch
from cloudledger.projections.dependencies import DependenciesModel, DependenciesProjection, facts
from cloudledger.projections.dependencies import projection as fold
from cloudledger.projections.dependencies.schemas import SCHEMAS, SPANS
from cloudledger.projections.partitions import ProjectionState
from cloudledger.projections.table import Table, TableSchema
from tests.projections.dependencies.log_lines import START_NS, Line, batch_of, model_of, span, state_of


def history(seed: int, count: int = 800) -> EventBatch:
    rng = np.random.default_rng(seed)
    services, peers = ["", "web", "app", "db"], ["", "pay:80", "app", "10.0.0.1"]
    batch = EventBatch.build(
        count,
        occurred_at=START_NS + rng.integers(0, 3 * 3_600_000_000_000, count),
        service=[services[at] for at in rng.integers(0, 4, count).tolist()],
        peer=[peers[at] for at in rng.integers(0, 4, count).tolist()],
        peer_role=rng.integers(0, 3, count),
        severity=rng.integers(0, 24, count),
        status=rng.choice([0, 200, 503], count),
        kind=rng.choice([1, 1, 1, 5], count),
        duration_us=rng.integers(-1, 10**6, count),
        template=rng.integers(0, 2**63, 6, dtype=np.uint64)[rng.integers(0, 6, count)],
        trace_id=rng.integers(0, 40, (count, 2)).astype(np.uint64),
        span_id=rng.integers(0, 5, count).astype(np.uint64) << np.uint64(61),
        parent_span_id=rng.integers(0, 5, count).astype(np.uint64) << np.uint64(61),
    )
    return batch.stored_as("s", np.arange(1, count + 1, dtype=np.int64))


@pytest.mark.parametrize("seed", range(8))
def test_order_batches_and_merges_do_not_matter(seed: int) -> None:
    """Folding in any order, in any batches, or in parts that are merged gives the same bytes."""
    batch, rng = history(seed), np.random.default_rng(seed)
    shuffled = batch.take(rng.permutation(len(batch)))
    cuts = np.sort(rng.integers(0, len(batch), 5)).tolist()
    parts = [shuffled[start:end] for start, end in zip([0, *cuts], [*cuts, len(batch)], strict=True)]
    projection = DependenciesProjection()
    left, right = state_of(*parts[:3]), state_of(*parts[3:])

    whole = state_of(batch).encoded()

    assert state_of(*parts).encoded() == whole
    assert projection.merge(left, right).encoded() == whole


def test_a_state_restored_from_its_partitions_answers_alike() -> None:
    state = state_of(history(3))
    restored = DependenciesProjection().empty()
    for key, stored in state.encoded().items():
        restored.restore(key, lambda stored=stored: stored)  # type: ignore[misc]

    assert DependenciesModel(restored).to_json() == DependenciesModel(state).to_json()


def test_the_fold_needs_only_its_columns() -> None:
    batch = history(1)
    projection = DependenciesProjection()
    columns = {name: getattr(batch, name) for name in projection.columns}
    narrow = EventBatch(len(batch), columns, stream="s", positions=batch.positions)

    assert state_of(narrow).encoded() == state_of(batch).encoded()


def test_more_spans_than_are_kept_are_sampled_by_trace_and_scaled(monkeypatch: pytest.MonkeyPatch) -> None:
    schemas = {**SCHEMAS, SPANS: replace(SCHEMAS[SPANS], limit=1000)}
    monkeypatch.setattr(fold, "SCHEMAS", schemas)
    rng = np.random.default_rng(5)
    lines = [
        line
        for trace in rng.integers(1, 2**62, 4000).tolist()
        for line in [*span(trace, 1, "web", 0, 100), *span(trace, 2, "app", 10, 90, parent=1)]
    ]
    forwards, backwards = batch_of(lines), batch_of(lines).take(np.arange(len(lines))[::-1])

    graph = DependenciesModel(state_of(forwards)).graph()

    assert state_of(backwards).encoded() == state_of(forwards).encoded()
    assert graph.sampled_share == pytest.approx(1000 / 8000, rel=0.2)
    assert graph.edges[0].calls == pytest.approx(4000, rel=0.2)


def test_an_hour_never_holds_more_rows_than_its_bound() -> None:
    schema = TableSchema(numbers=("unit",), measures={"n": "sum"}, limit=10, order=("unit",))
    table = Table(schema)
    for chunk in np.array_split(np.random.default_rng(1).permutation(1000), 7):
        table.add({}, {"unit": chunk}, {"n": np.ones(len(chunk), np.int64)})

    assert table.number("unit").tolist() == list(range(10))


def test_evidence_of_a_traced_edge_is_the_records_of_both_spans() -> None:
    lines = [*span(7, 1, "web", 0, 100), *span(7, 2, "app", 10, 90, parent=1, failed=True)]

    rows = model_of(lines).evidence("web", "app")

    assert {(row.reference, row.side, row.failed) for row in rows} == {
        ("logs@1", "caller", True),
        ("logs@3", "callee", True),
    }


def test_evidence_of_a_named_edge_begins_with_the_failed_records_and_is_bounded() -> None:
    lines = [
        Line("cart", 60_000.0 * at, peer="pay.example.com", role=1, failed=at == 25, duration_us=at) for at in range(50)
    ]

    rows = model_of(lines).evidence("cart", "pay.example.com", limit=10)

    assert len(rows) == 10
    assert (rows[0].reference, rows[0].failed, rows[0].side) == ("logs@26", True, "caller")


def test_evidence_of_a_window_lies_in_it() -> None:
    lines = [
        line
        for at in range(50)
        for line in [
            *span(at + 1, 1, "web", 1000 * at, 1000 * at + 100),
            *span(at + 1, 2, "app", 1000 * at + 10, 1000 * at + 90, parent=1),
        ]
    ]
    rows = model_of(lines).evidence("web", "app", since=START_NS + 30 * 10**9, until=START_NS + 31 * 10**9)

    assert [row.reference for row in rows] == ["logs@121", "logs@123"]


def test_without_such_an_edge_there_is_no_evidence() -> None:
    assert model_of([*span(7, 1, "web", 0, 100)]).evidence("web", "nobody") == ()


def test_a_model_with_its_ledger_opens_the_records() -> None:
    lines = [*span(7, 1, "web", 0, 100), *span(7, 2, "app", 10, 90, parent=1)]
    batch = batch_of(lines)

    class OneBatchLedger:
        def event(self, reference: str):  # type: ignore[no-untyped-def]
            return batch[int(reference.rpartition("@")[2]) - 1]

    rows = DependenciesModel(state_of(batch), ledger=OneBatchLedger()).evidence("web", "app")

    assert [row.event.service for row in rows if row.event] == ["web", "app"]


def test_forgotten_hours_answer_as_they_did(monkeypatch: pytest.MonkeyPatch) -> None:
    state = state_of(history(6, 3000))
    window = {"since": START_NS + 40 * 60_000_000_000, "until": START_NS + 100 * 60_000_000_000}
    expected = [DependenciesModel(state).to_json(), DependenciesModel(state).to_json(**window)]

    monkeypatch.setattr(facts, "MAX_TRACED_HOURS", 1)
    model = DependenciesModel(state)

    assert [model.to_json(), model.to_json(**window)] == expected
    assert [model.to_json(), model.to_json(**window)] == expected


def test_only_log_records_are_folded() -> None:
    batch = EventBatch.build(2, kind=[5, 6], service="web", peer="pay", peer_role=1)

    assert state_of(batch).encoded() == {}


def test_administration_and_networks_are_no_part_of_the_service_graph() -> None:
    formats = ["aws.cloudtrail", "gcp.audit", "azure.activity", "aws.vpcflow", "terraform.ui", "app.json"]
    batch = EventBatch.build(6, format=formats, service=["ec2", "iam", "network", "vpc", "terraform", "cart"])

    assert [service.name for service in DependenciesModel(state_of(batch)).graph().services] == ["cart"]


def test_a_state_knows_nothing_of_an_empty_batch() -> None:
    state: ProjectionState = state_of(EventBatch.build(0))

    assert state.keys() == []


@pytest.mark.parametrize("seed", range(9))
def test_every_query_answers_whatever_the_times_are(seed: int) -> None:
    rng, batch = np.random.default_rng(seed), history(seed, 700)
    times = batch.occurred_at.copy()
    times[rng.integers(0, len(times), 30)] = rng.choice([0, -9 * 10**18, 9 * 10**18])
    model = DependenciesModel(state_of(batch.with_columns(occurred_at=times)))

    for window in ({}, {"since": START_NS + 10**9}, {"until": START_NS + 10**12}):
        graph = model.graph(**window)
        assert all(model.evidence(edge.caller, edge.callee, **window) for edge in graph.edges)
        assert model.root_causes(**window).until is not None
        assert all(cascade.steps for cascade in model.cascades(**window))
        assert all(model.impact(service.name, **window).service for service in graph.services if service.events)
