"""Calls inferred from intervals of one trace, where no record names its parent."""

import numpy as np
import pytest

from cloudledger.domain.dictionary import Dictionary
from cloudledger.projections.dependencies.clock_skew import clock_offsets
from cloudledger.projections.dependencies.nesting import nest
from cloudledger.projections.dependencies.parent_links import parent_rows
from cloudledger.projections.dependencies.span_rows import Names, spans_of_hour
from tests.projections.dependencies.log_lines import START_NS, Line, batch_of, edges_of, model_of, span, state_of


def many(make: object, count: int = 30) -> list[Line]:
    return [line for trace in range(1, count + 1) for line in make(trace)]  # type: ignore[operator]


def tiers(trace: int) -> list[Line]:
    return [*span(trace, 1, "web", 0, 100), *span(trace, 2, "app", 10, 90), *span(trace, 3, "db", 20, 30)]


def test_the_innermost_enclosing_interval_is_the_caller() -> None:
    assert edges_of(many(tiers)) == {("web", "app"): (30, 0), ("app", "db"): (30, 0)}


def test_two_votes_are_not_enough() -> None:
    assert edges_of(many(tiers, 2)) == {}


def test_less_than_one_call_in_a_hundred_is_not_enough() -> None:
    lines = many(tiers, 400) + [
        line for trace in range(1000, 1003) for line in [*span(trace, 1, "job", 0, 100), *span(trace, 2, "db", 10, 20)]
    ]

    assert ("job", "db") not in edges_of(lines, min_confidence=0.0)


def test_equal_intervals_say_nothing() -> None:
    assert edges_of(many(lambda t: [*span(t, 1, "web", 0, 5), *span(t, 2, "app", 0, 5)])) == {}


def test_one_common_end_still_encloses() -> None:
    """Clocks of milliseconds make a caller's last line and its callee's meet."""
    assert edges_of(many(lambda t: [*span(t, 1, "web", 0, 5), *span(t, 2, "app", 2, 5)])) == {("web", "app"): (30, 0)}


def test_siblings_that_overlap_by_chance_lose_confidence() -> None:
    def parallel(trace: int) -> list[Line]:
        inside = trace % 3 == 0
        return [
            *span(trace, 1, "web", 0, 100),
            *span(trace, 2, "app", 10, 60),
            *span(trace, 3, "log", 20, 50 if inside else 80),
        ]

    assert ("app", "log") not in edges_of(many(parallel, 60))
    assert ("app", "log") in edges_of(many(parallel, 60), min_confidence=0.0)


def test_a_callee_whose_callers_log_no_end_gives_doubtful_edges() -> None:
    """A caller that writes nothing after its call encloses nothing: what encloses the callee then does so by chance."""

    def tail_call(trace: int) -> list[Line]:
        busy = trace % 3 == 0
        return [
            *span(trace, 1, "web", 0, 10),
            *span(trace, 2, "mail", 12, 14),
            *(span(trace, 3, "queue", 11, 20) if busy else []),
        ]

    assert ("queue", "mail") not in edges_of(many(tail_call, 60))


def test_an_edge_past_a_lost_span_is_marked_not_asserted() -> None:
    lines = many(tiers, 100) + [
        line for trace in range(1000, 1004) for line in [*span(trace, 1, "web", 0, 100), *span(trace, 3, "db", 20, 30)]
    ]
    edge = model_of(lines).graph(min_confidence=0.0).edge("web", "db")

    assert edge is not None
    assert (edge.calls, edge.via) == (4, "app")
    assert ("web", "db") not in edges_of(lines)


def test_an_edge_that_is_direct_as_well_is_not_doubted() -> None:
    lines = many(lambda t: [*tiers(t), *span(t, 4, "db", 92, 95)])
    edge = model_of(lines).graph().edge("web", "db")

    assert edge is not None
    assert (edge.calls, edge.via) == (30, "")


def test_records_without_span_ids_nest_by_service_with_less_confidence() -> None:
    with_ids = model_of(many(tiers)).graph().edge("web", "app")
    lines = many(lambda t: [*span(t, 0, "web", 0, 100), *span(t, 0, "app", 10, 90)])
    without = model_of(lines).graph().edge("web", "app")

    assert with_ids is not None
    assert without is not None
    assert without.evidence == ("nested in trace, by service",)
    assert without.confidence < with_ids.confidence


def test_a_clock_that_is_off_is_learnt_from_calls_known_by_id() -> None:
    """The callee's clock is 50 ms early: its next callee, known by time alone, is still placed rightly."""

    def skewed(trace: int) -> list[Line]:
        return [
            *span(trace, 1, "web", 100, 130),
            *span(trace, 2, "app", 55, 75, parent=1),
            *span(trace, 3, "db", 115, 120),
        ]

    assert ("app", "db") in edges_of(many(skewed))


def test_no_clock_offset_is_learnt_from_asynchronous_calls() -> None:
    lines = many(lambda t: [*span(t, 1, "web", 0, 10), *span(t, 2, "app", 5 + t, 500 + 10 * t, parent=1)])
    names = Names(Dictionary(), Dictionary())
    spans = spans_of_hour(state_of(batch_of(lines))["spans"], START_NS // 3_600_000_000_000, names)

    assert not clock_offsets(spans, parent_rows(spans), len(names.services)).any()


def test_a_point_inside_an_interval_is_enclosed() -> None:
    lines = many(lambda t: [*span(t, 1, "web", 0, 10), Line("app", 5, trace=t, span=2)])

    assert edges_of(lines) == {("web", "app"): (30, 0)}


@pytest.mark.parametrize("seed", range(20))
def test_nesting_agrees_with_the_plain_definition(seed: int) -> None:
    """The innermost enclosing interval of another service, walking outwards one enclosing interval at a time."""
    rng = np.random.default_rng(seed)
    count = 60
    trace, service = rng.integers(0, 4, count), rng.integers(1, 5, count)
    first = rng.integers(0, 1000, count)
    last = first + rng.integers(0, 400, count)

    found = nest(trace, service, first, last).caller

    for row in range(count):
        enclosing = [
            o
            for o in range(count)
            if trace[o] == trace[row]
            and first[o] <= first[row]
            and last[o] >= last[row]
            and (first[o], last[o]) != (first[row], last[row])
            and service[o] != service[row]
        ]
        if found[row] < 0:
            assert not enclosing
        else:
            assert int(found[row]) in enclosing
            latest = max(int(first[o]) for o in enclosing)
            assert first[found[row]] == latest
