"""Replaying: until an event time, as known at a recorded time, and exactly as a checkpoint has it."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cloudledger.domain.errors import InvalidArgumentError, UnknownCheckpointError
from cloudledger.projections import ReadModels, catch_up, replay
from cloudledger.projections.models import default_projections
from cloudledger.projections.projection import Projection
from cloudledger.store import Ledger
from tests.projections.event_counts import EventCounts
from tests.projections.histories import SECOND_NS, SPAN_S, START_NS, history
from tests.projections.test_projection_laws import folded

PROJECTIONS: tuple[Projection, ...] = (EventCounts(), *default_projections())
STREAMS = ("aws/1", "azure/2")


@pytest.fixture(scope="module")
def ledger(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ledger]:
    """A ledger with three checkpoints and a tail that no checkpoint holds."""
    with Ledger.open(tmp_path_factory.mktemp("replay") / "ledger") as opened:
        for round_number in range(4):
            for number, stream in enumerate(STREAMS):
                opened.append(stream, history(10 * round_number + number, 150))
            if round_number < 3:
                catch_up(opened, projections=PROJECTIONS)
        yield opened


def replayed(ledger: Ledger, **options: object) -> dict[str, dict[str, bytes]]:
    return encoded(replay(ledger, projections=PROJECTIONS, **options))  # type: ignore[arg-type]


def encoded(models: ReadModels) -> dict[str, dict[str, bytes]]:
    return {projection.name: models.state(projection.name).encoded() for projection in PROJECTIONS}


def from_zero(ledger: Ledger, column: str, last: int) -> dict[str, dict[str, bytes]]:
    """Fold, without any checkpoint, the events whose column is at most a value."""
    batches = [batch.take(getattr(batch, column) <= last) for batch in ledger.read()]
    return {p.name: folded(p, [batch for batch in batches if len(batch)]).encoded() for p in PROJECTIONS}


@settings(max_examples=12, deadline=None)
@given(second=st.one_of(st.integers(-1, SPAN_S), st.sampled_from([3600, 7200, 2 * SPAN_S])), ns=st.integers(-1, 1))
def test_until_an_instant_gives_the_events_that_had_occurred(ledger: Ledger, second: int, ns: int) -> None:
    instant = START_NS + second * SECOND_NS + ns

    assert replayed(ledger, until=instant) == from_zero(ledger, "occurred_at", instant)


def test_an_event_at_the_very_instant_has_occurred(ledger: Ledger) -> None:
    instant = int(next(iter(ledger.read())).occurred_at[0])

    with_it = replayed(ledger, until=instant)["event-counts@1"]
    without = replayed(ledger, until=instant - 1)["event-counts@1"]

    assert with_it != without


def test_as_known_at_leaves_out_what_was_recorded_later(ledger: Ledger) -> None:
    instants = np.unique(np.concatenate([batch.recorded_at for batch in ledger.read(columns=["recorded_at"])]))

    for instant in (instants[0] - 1, instants[0], instants[len(instants) // 2], instants[-1]):
        assert replayed(ledger, as_known_at=int(instant)) == from_zero(ledger, "recorded_at", int(instant))


def test_with_no_argument_everything_is_folded_from_zero(ledger: Ledger) -> None:
    assert replayed(ledger) == from_zero(ledger, "occurred_at", 2**62)


def test_a_checkpoint_gives_exactly_its_state(tmp_path: Path) -> None:
    with Ledger.open(tmp_path / "ledger") as ledger:
        ledger.append("s", history(1, 100))
        then = catch_up(ledger, projections=PROJECTIONS)
        name = newest_checkpoint(ledger)
        ledger.append("s", history(2, 100))
        catch_up(ledger, projections=PROJECTIONS)

        assert replayed(ledger, checkpoint=name) == encoded(then)


def test_an_unknown_checkpoint_is_refused_with_the_known_ones(ledger: Ledger) -> None:
    with pytest.raises(UnknownCheckpointError, match="nowhere"):
        replay(ledger, checkpoint="nowhere")


def test_two_times_of_knowledge_are_refused(ledger: Ledger) -> None:
    with pytest.raises(InvalidArgumentError, match="one of them"):
        replay(ledger, checkpoint="x", as_known_at="2026-11-20T10:05:00Z")


def test_a_text_that_is_no_time_is_refused(ledger: Ledger) -> None:
    with pytest.raises(InvalidArgumentError, match="not a time"):
        replay(ledger, until="tomorrow")


def newest_checkpoint(ledger: Ledger) -> str:
    return "event-counts@1/" + ledger.checkpoints.list("event-counts@1")[-1].id
