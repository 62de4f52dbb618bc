"""The fold gives the same state whatever the batches, their order, or the merges."""

import numpy as np
import pytest

from cloudledger.domain.batch import EventBatch
from cloudledger.projections.cost import CostProjection
from cloudledger.projections.grouping import Grouping
from cloudledger.projections.partitions import ProjectionState
from tests.projections.cost.log_batches import NOON_NS, charge


def history(seed: int, count: int = 600) -> EventBatch:
    rng = np.random.default_rng(seed)

    def pick(names: list[str]) -> list[str]:
        return [names[int(at)] for at in rng.integers(0, len(names), count)]

    batch = EventBatch.build(
        count,
        occurred_at=NOON_NS + rng.integers(0, 5 * 3_600_000_000_000, count),
        provider=pick(["aws", "azure"]),
        service=pick(["", "cart", "pay"]),
        format=pick(["app.json", "app.text"]),
        resource=pick(["", "i-1", "arn:aws:lambda:us-east-1:123456789012:function:f"]),
        context=pick(["", '{"logGroup":"/ecs/a"}', "not json"]),
        severity=rng.integers(0, 24, count),
        size_bytes=rng.integers(0, 900, count),
        template=rng.integers(0, 2**64 - 1, count, dtype=np.uint64) // 2**60 * 2**60,
    )
    return batch.stored_as("s", np.arange(1, count + 1))


def folded(*batches: EventBatch) -> ProjectionState:
    projection = CostProjection()
    state = projection.empty()
    for batch in batches:
        projection.fold(state, batch)
    return state


@pytest.mark.parametrize("seed", range(8))
def test_cut_shuffled_and_merged_folds_are_equal(seed: int) -> None:
    batch, bill = history(seed), charge("a", 1.0)
    cuts = [batch[start : start + 97] for start in range(0, len(batch), 97)]
    whole = folded(batch, bill).encoded()

    assert folded(bill, *cuts[::-1]).encoded() == whole
    assert CostProjection().merge(folded(*cuts[:3]), folded(*cuts[3:], bill)).encoded() == whole


def test_a_batch_of_logs_and_bills_is_folded_as_both() -> None:
    mixed = EventBatch.concat([history(1, 10), charge("a", 1.0)])

    state = folded(mixed.stored_as("s", np.arange(1, 12)))

    assert int(state["volume"].joined().measure("events").sum()) == 10
    assert len(state["charges"].joined()) == 1


def test_keys_too_wide_to_pack_are_grouped_all_the_same() -> None:
    wide = {name: np.array([0, 2**40, 0]) for name in ("a", "b")}

    groups = Grouping.of(wide)

    assert (groups.counts().tolist(), groups.keys["a"].tolist()) == ([2, 1], [0, 2**40])
