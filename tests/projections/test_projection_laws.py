"""Laws of every projection, without a ledger: the same events, the same bytes, whatever way they came."""

import itertools
from functools import partial
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cloudledger.domain.batch import EventBatch
from cloudledger.domain.batch_rows import batch_of
from cloudledger.projections.models import default_projections
from cloudledger.projections.partitions import HOUR_NS, ProjectionState
from cloudledger.projections.projection import Projection
from tests.projections.event_counts import EventCounts
from tests.projections.histories import history

PROJECTIONS: tuple[Projection, ...] = (EventCounts(), *default_projections())
STREAMS = ("aws/1", "azure/2", "gcp/3")

each_projection = pytest.mark.parametrize("projection", PROJECTIONS, ids=lambda projection: projection.name)
histories = given(seed=st.integers(0, 2**32), count=st.integers(0, 250), cuts=st.integers(1, 12))
quick = settings(max_examples=6, deadline=None)


def stored_batches(seed: int, count: int, cuts: int) -> list[EventBatch]:
    """Return a random history as batches of several streams."""
    events, random = history(seed, count), Random(seed)
    bounds = sorted({0, len(events), *[random.randint(0, len(events)) for _ in range(cuts)]})
    ends = dict.fromkeys(STREAMS, 0)
    batches = []
    for start, stop in itertools.pairwise(bounds):
        stream = random.choice(STREAMS)
        positions = np.arange(ends[stream] + 1, ends[stream] + 1 + stop - start)
        ends[stream] += stop - start
        batches.append(batch_of(events[start:stop]).stored_as(stream, positions))
    return batches


def folded(projection: Projection, batches: list[EventBatch]) -> ProjectionState:
    state = projection.empty()
    for batch in batches:
        state = projection.fold(state, batch)
    return state


@each_projection
@quick
@histories
def test_the_order_of_batches_does_not_matter(projection: Projection, seed: int, count: int, cuts: int) -> None:
    batches = stored_batches(seed, count, cuts)
    shuffled = Random(seed + 1).sample(batches, len(batches))

    assert folded(projection, shuffled).encoded() == folded(projection, batches).encoded()


@each_projection
@quick
@histories
def test_the_size_of_batches_does_not_matter(projection: Projection, seed: int, count: int, cuts: int) -> None:
    batches = stored_batches(seed, count, cuts)
    halves = [half for batch in batches for half in (batch[: len(batch) // 3], batch[len(batch) // 3 :]) if len(half)]

    assert folded(projection, halves).encoded() == folded(projection, batches).encoded()


@each_projection
@quick
@histories
def test_merged_parts_equal_one_fold(projection: Projection, seed: int, count: int, cuts: int) -> None:
    """fold(fold(empty, a), b) equals merge(fold(empty, a), fold(empty, b))."""
    batches = stored_batches(seed, count, cuts)
    left, right = folded(projection, batches[::2]), folded(projection, batches[1::2])

    assert projection.merge(left, right).encoded() == folded(projection, batches).encoded()


@each_projection
@quick
@histories
def test_a_fold_goes_on_from_stored_partitions(projection: Projection, seed: int, count: int, cuts: int) -> None:
    batches = stored_batches(seed, count, cuts)
    half = folded(projection, batches[::2]).encoded()
    resumed = projection.empty()
    for key, content in half.items():
        resumed.restore(key, partial(bytes, content))

    for batch in batches[1::2]:
        resumed = projection.fold(resumed, batch)

    assert resumed.encoded() == folded(projection, batches).encoded()


@each_projection
@quick
@histories
def test_a_partition_holds_the_events_of_its_hour_only(
    projection: Projection, seed: int, count: int, cuts: int
) -> None:
    """What lets `replay` reuse the hours that ended, and lets a damaged partition be folded again by itself."""
    batches = stored_batches(seed, count, cuts)
    whole = folded(projection, batches).encoded()
    hours = {hour for batch in batches for hour in (batch.occurred_at // HOUR_NS).tolist()}

    apart = projection.empty()
    for hour in hours:
        of_hour = [batch.take(batch.occurred_at // HOUR_NS == hour) for batch in batches]
        state = folded(projection, [batch for batch in of_hour if len(batch)])
        assert {key.rpartition("/")[2] for key in state.encoded()} <= {str(hour)}
        apart = projection.merge(apart, state)

    assert apart.encoded() == whole


@each_projection
def test_a_fold_reads_only_the_columns_that_it_names(projection: Projection) -> None:
    for batch in stored_batches(1, 300, 3):
        names = set(projection.columns) - {"facts"} | ({"payload"} if "facts" in projection.columns else set())
        narrow = EventBatch(
            len(batch),
            {name: getattr(batch, name) for name in names},
            stream=batch.stream,
            positions=batch.positions,
        )
        projection.fold(projection.empty(), narrow)
