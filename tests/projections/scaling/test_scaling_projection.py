"""The fold does not depend on order, on splits or on merges, and keeps what it needs only."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cloudledger.domain.batch import EventBatch
from cloudledger.domain.batch_rows import batch_of
from cloudledger.domain.event_id import event_id
from cloudledger.domain.events import Event, LogRecorded, MetricRecorded
from cloudledger.projections.partitions import ProjectionState
from cloudledger.projections.scaling import ScalingModel, ScalingProjection
from tests.projections.scaling.folded import GROUP, MINUTE_NS, START_NS, scaling

PROJECTION = ScalingProjection()


def history() -> list[Event]:
    events: list[Event] = [scaling(m, old_size=m % 7, new_size=(m + 1) % 7, observed=m / 3) for m in range(0, 200, 9)]
    for minute in range(0, 200, 5):
        at_ns = START_NS + minute * MINUTE_NS
        events.append(
            LogRecorded(
                event_id=event_id("log", str(minute)),
                occurred_at=at_ns,
                service="cart" if minute % 2 else "pay",
                severity=17 if minute % 3 else 9,
                duration_us=minute * 10 if minute % 4 else None,
                payload=b"x",
            )
        )
        metric = {"resource": GROUP, "name": "CPU", "value": minute / 7}
        events.append(MetricRecorded(event_id=event_id("metric", str(minute)), occurred_at=at_ns, **metric))  # type: ignore[arg-type]
    return events


def stored() -> EventBatch:
    batch = batch_of(history())
    return batch.stored_as("s", np.arange(1, len(batch) + 1))


def folded(*parts: EventBatch) -> ProjectionState:
    state = PROJECTION.empty()
    for part in parts:
        state = PROJECTION.fold(state, part)
    return state


@settings(max_examples=30)
@given(st.permutations(range(8)), st.lists(st.integers(0, 102), min_size=7, max_size=7))
def test_batches_in_any_order_and_split_give_the_same_bytes(order: list[int], cuts: list[int]) -> None:
    batch = stored()
    bounds = [0, *sorted(min(cut, len(batch)) for cut in cuts), len(batch)]
    parts = [batch[a:b] for a, b in pairwise(bounds)]

    assert folded(*[parts[i] for i in order]).encoded() == folded(batch).encoded()


@settings(max_examples=20)
@given(st.integers(0, 100))
def test_merged_states_are_the_state_of_all(cut: int) -> None:
    batch = stored()

    merged = PROJECTION.merge(folded(batch[:cut]), folded(batch[cut:]))

    assert merged.encoded() == folded(batch).encoded()


def test_a_restored_state_answers_as_the_state_did() -> None:
    state = folded(stored())
    restored = PROJECTION.empty()
    for key, encoded in state.encoded().items():
        restored.restore(key, lambda encoded=encoded: encoded)  # type: ignore[misc]

    before, after = ScalingModel(state), ScalingModel(restored)

    assert before.groups() == after.groups()
    assert before.history("cart") == after.history("cart")
    assert before.correlations("cart") == after.correlations("cart")
    assert before.capacity("cart") == after.capacity("cart")


def test_errors_are_counted_by_severity_and_by_status() -> None:
    batch = EventBatch.build(
        4, service="cart", severity=[9, 17, 9, 9], status=[200, 0, 503, 404], duration_us=[5, -1, 7, -1]
    )
    table = folded(batch)["service_minutes"].joined()

    assert [table.measure(m).tolist() for m in ("events", "errors", "duration_us", "timed")] == [[4], [2], [12], [2]]


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -1e300, 0.1234567])
def test_any_metric_value_is_folded(value: float) -> None:
    metric = MetricRecorded(event_id=bytes(16), resource=GROUP, name="CPU", value=value)

    assert len(folded(batch_of([metric]))["metrics"].joined()) == 1
