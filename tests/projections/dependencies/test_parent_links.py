"""Calls known by parent ids: Zipkin's DependencyLinker cases, re-expressed for log records."""

from dataclasses import replace

from cloudledger.projections.dependencies import DependenciesModel
from tests.projections.dependencies.log_lines import batch_of, edges_of, model_of, span, state_of

WEB, APP, DB = 1, 2, 3


def three_tiers(trace: int = 7) -> list:  # type: ignore[type-arg]
    return [
        *span(trace, WEB, "web", 0, 100),
        *span(trace, APP, "app", 10, 90, parent=WEB),
        *span(trace, DB, "db", 20, 30, parent=APP, failed=True),
    ]


def test_no_records_give_no_graph() -> None:
    graph = model_of([]).graph()

    assert (graph.services, graph.edges) == ((), ())


def test_three_tiers_are_two_edges_and_the_error_is_the_databases() -> None:
    assert edges_of(three_tiers()) == {("web", "app"): (1, 0), ("app", "db"): (1, 1)}


def test_a_trace_recorded_twice_counts_once() -> None:
    """The reference of a span is its id: replayed records add lines to it, not calls."""
    state = state_of(batch_of(three_tiers()), batch_of(three_tiers(), first_position=100))

    assert [edge.calls for edge in DependenciesModel(state).graph().edges] == [1, 1]


def test_two_traces_are_two_calls() -> None:
    assert edges_of(three_tiers(7) + three_tiers(8)) == {("web", "app"): (2, 0), ("app", "db"): (2, 2)}


def test_the_64_bit_and_the_128_bit_form_of_a_trace_id_are_one_trace() -> None:
    batch = batch_of(three_tiers())
    longer = batch.trace_id.copy()
    longer[2:, 0] = 0xABCDEF

    assert len(DependenciesModel(state_of(batch.with_columns(trace_id=longer))).graph().edges) == 2


def test_traces_of_version_1_uuids_of_one_host_stay_apart() -> None:
    batch = batch_of([*span(7, WEB, "web", 0, 100), *span(7, APP, "app", 10, 90, parent=WEB)])
    ids = batch.trace_id.copy()
    ids[:, 0], ids[2:, 0] = 0x1111_1111_1111_1000, 0x2222_2222_2222_1000
    ids[:, 1] = 0x8000_0000_0000_0001

    assert DependenciesModel(state_of(batch.with_columns(trace_id=ids))).graph().edges == ()


def test_one_client_span_with_two_server_children_is_two_calls_and_one_error() -> None:
    lines = [
        *span(7, 1, "web", 0, 100),
        *span(7, 2, "app", 10, 20, parent=1, failed=True),
        *span(7, 3, "app", 30, 40, parent=1),
    ]

    assert edges_of(lines) == {("web", "app"): (2, 1)}


def test_an_inner_span_of_the_same_service_is_no_call() -> None:
    lines = [*span(7, 1, "web", 0, 100), *span(7, 2, "web", 10, 90, parent=1), *span(7, 3, "app", 20, 80, parent=2)]

    assert edges_of(lines) == {("web", "app"): (1, 0)}


def test_a_span_of_unknown_service_is_walked_through() -> None:
    lines = [*span(7, 1, "web", 0, 100), *span(7, 2, "", 10, 90, parent=1), *span(7, 3, "app", 20, 80, parent=2)]

    assert edges_of(lines) == {("web", "app"): (1, 0)}


def test_client_and_server_that_share_a_span_id_are_one_call() -> None:
    """B3's shared spans: the server's records carry the client's span id and parent."""
    lines = [
        *span(7, 1, "web", 0, 100),
        *span(7, 2, "web", 10, 90, parent=1),
        *span(7, 2, "app", 20, 80, parent=1),
        *span(7, 3, "db", 30, 70, parent=2),
    ]

    assert edges_of(lines)[("web", "app")] == (1, 0)


def test_two_orphans_of_one_lost_parent_are_not_linked() -> None:
    lines = [
        line
        for trace in range(1, 30)
        for line in [*span(trace, 2, "app", 10, 90, parent=1), *span(trace, 3, "db", 20, 30, parent=1)]
    ]

    assert edges_of(lines) == {}


def test_a_root_of_a_service_that_states_parents_is_not_nested_by_time() -> None:
    lines = [
        line
        for trace in range(1, 30)
        for line in [
            *span(trace, 1, "web", 0, 100),
            *span(trace, 2, "app", 10, 90, parent=1),
            *span(trace, 3, "app", 20, 30),
        ]
    ]

    assert edges_of(lines) == {("web", "app"): (29, 0)}


def test_ids_are_right_though_the_callees_clock_is_off() -> None:
    lines = [*span(7, 1, "web", 0, 100), *span(7, 2, "app", -5000, -4920, parent=1)]

    assert edges_of(lines) == {("web", "app"): (1, 0)}


def test_a_span_that_is_its_own_parent_calls_nobody() -> None:
    assert edges_of([*span(7, 1, "web", 0, 100, parent=1), *span(7, 2, "app", 200, 300, parent=2)]) == {}


def test_parents_that_form_a_circle_of_unknown_services_end() -> None:
    lines = [*span(7, 1, "", 0, 9, parent=2), *span(7, 2, "", 0, 9, parent=1), *span(7, 3, "app", 1, 2, parent=1)]

    assert edges_of(lines) == {}


def test_a_repeated_call_after_a_failed_one_is_a_retry() -> None:
    lines = [
        *span(7, 1, "web", 0, 100),
        *span(7, 2, "app", 10, 20, parent=1, failed=True),
        *span(7, 3, "app", 30, 40, parent=1),
        *span(7, 4, "app", 50, 60, parent=1),
    ]
    edge = model_of(lines).graph().edges[0]

    assert (edge.calls, edge.errors, edge.retries) == (3, 1, 1)


def test_a_trace_across_the_hour_is_counted_once_and_whole() -> None:
    hour = 3_600_000
    lines = [
        *span(7, 1, "web", hour - 50, hour + 100),
        *span(7, 2, "app", hour - 20, hour + 50, parent=1),
        *span(7, 3, "db", hour + 10, hour + 20, parent=2),
        *span(8, 1, "web", hour + 200, hour + 300),
    ]

    assert edges_of(lines) == {("web", "app"): (1, 0), ("app", "db"): (1, 0)}


def test_the_recorded_duration_is_the_latency_and_the_extent_stands_in_for_it() -> None:
    extent = [*span(7, 1, "web", 0, 100), *span(7, 2, "app", 10, 50, parent=1)]
    recorded = [replace(line, duration_us=10_000) if line.service == "app" else line for line in extent]

    (edge,), (timed,) = model_of(extent).graph().edges, model_of(recorded).graph().edges

    assert edge.p50_us is not None
    assert abs(edge.p50_us - 40_000) <= 2_000
    assert timed.p99_us is not None
    assert abs(timed.p99_us - 10_000) <= 500
