"""Promise 7, Rebuildable: from zero, resumed from any checkpoint, merged from parts: equal bit for bit."""

from collections.abc import Iterator, Mapping
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cloudledger.projections import ReadModels, catch_up, replay
from cloudledger.projections.models import default_projections
from cloudledger.projections.projection import Projection
from cloudledger.store import Ledger
from tests.projections.event_counts import EventCounts
from tests.projections.histories import history
from tests.projections.test_projection_laws import folded

PROJECTIONS: tuple[Projection, ...] = (EventCounts(), *default_projections())
STREAMS = ("aws/1", "azure/2", "gcp/3")


@pytest.fixture(scope="module", params=[ThreadPoolExecutor, ProcessPoolExecutor])
def executor(request: pytest.FixtureRequest) -> Iterator[Executor]:
    with request.param(2) as pool:
        yield pool


def encoded(models: ReadModels) -> dict[str, dict[str, bytes]]:
    return {projection.name: models.state(projection.name).encoded() for projection in PROJECTIONS}


def folded_until(ledger: Ledger, positions: Mapping[str, int]) -> dict[str, dict[str, bytes]]:
    """Fold, without any checkpoint, the events up to some positions."""
    batches = [batch.take(batch.positions <= positions.get(batch.stream, 0)) for batch in ledger.read()]
    return {p.name: folded(p, [batch for batch in batches if len(batch)]).encoded() for p in PROJECTIONS}


@settings(max_examples=3, deadline=None)
@given(seed=st.integers(0, 2**32), rounds=st.integers(1, 4), every=st.integers(20, 200))
def test_however_the_models_are_caught_up_they_are_the_same(
    executor: Executor, seed: int, rounds: int, every: int
) -> None:
    random = Random(seed)
    with TemporaryDirectory() as folder, Ledger.open(Path(folder) / "ledger") as ledger:
        for number in range(rounds):
            for stream in random.sample(STREAMS, random.randint(1, 3)):
                # Overlapping seeds: the same events come again, in the same and in other streams.
                ledger.append(stream, history(seed + number // 2, random.randrange(80)))
            if random.random() < 0.6:
                catch_up(ledger, projections=PROJECTIONS, checkpoint_every_events=every)

        zero = encoded(replay(ledger, projections=PROJECTIONS))
        with Ledger.open(ledger.location, read_only=True) as reader:
            assert encoded(catch_up(reader, projections=PROJECTIONS)) == zero
            assert encoded(catch_up(reader, projections=PROJECTIONS, executor=executor)) == zero
        parallel = replay(ledger, projections=PROJECTIONS, executor=executor)
        assert encoded(parallel) == zero
        assert encoded(catch_up(ledger, projections=PROJECTIONS, checkpoint_every_events=every)) == zero
        for checkpoint in ledger.checkpoints.list(PROJECTIONS[0].name):
            then = replay(ledger, projections=PROJECTIONS, checkpoint=f"{checkpoint.name}/{checkpoint.id}")
            assert encoded(then) == folded_until(ledger, checkpoint.positions)
