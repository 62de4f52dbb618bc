"""Laws of the timeline's fold."""

import random
from itertools import pairwise
from types import SimpleNamespace

import numpy as np
import pytest

from cloudledger.domain.batch import EventBatch
from cloudledger.projections.timeline import TimelineModel, TimelineProjection
from tests.projections.timeline.terraform_story import MINUTE, Story
from tests.projections.timeline.test_constructed_month import Month
from tests.projections.timeline.test_incident import build_story


@pytest.mark.parametrize("seed", range(5))
def test_the_state_does_not_depend_on_how_events_are_cut_and_ordered(seed: int) -> None:
    """fold(fold(empty, a), b) equals merge(fold(empty, a), fold(empty, b)), in any order and cut."""
    story, chance = build_story(), random.Random(seed)
    pieces: list[EventBatch] = []
    for batch in story.batches:
        cuts = sorted({0, len(batch), *(chance.randrange(len(batch) + 1) for _ in range(4))})
        pieces += [batch[start:end] for start, end in pairwise(cuts)]
    chance.shuffle(pieces)
    projection = TimelineProjection()
    left, right = projection.empty(), projection.empty()
    for number, piece in enumerate(pieces):
        side = left if number % 2 else right
        projection.fold(side, piece)

    assert projection.merge(left, right).encoded() == story.state.encoded()


def test_a_stored_state_answers_as_the_folded_one() -> None:
    month = Month(5)
    restored = TimelineProjection().empty()
    for key, stored in month.story.state.encoded().items():
        restored.restore(key, lambda stored=stored: stored)  # type: ignore[misc]

    assert TimelineModel(restored).events() == month.story.model().events()


def test_only_a_few_references_are_kept_of_many_events() -> None:
    story = Story()
    count = 5000
    batch = EventBatch.build(
        count, occurred_at=np.arange(count) + 60 * MINUTE, service="pay", resource="db-main", severity=17
    )
    story.add(batch)
    story.add(batch)

    assert len(story.state["exemplars"].joined()) == 4
    assert len(story.state["service_errors"].joined()) == 4
    assert story.state["mentions"].joined().measure("events").tolist() == [2 * count]


def test_an_event_that_names_a_thing_twice_counts_once() -> None:
    story = Story()
    story.add(EventBatch.build(1, occurred_at=[5], resource="a", peer="a", mentions=[["a", "b", "b"]]))
    table = story.state["mentions"].joined()

    assert dict(zip(table.string("identifier").to_list(), table.measure("events").tolist(), strict=True)) == {
        "a": 1,
        "b": 1,
    }


def test_all_references_are_read_from_the_ledger() -> None:
    story = build_story()
    ledger = SimpleNamespace(read=lambda **_: iter(story.batches), event=lambda reference: reference)
    model = TimelineModel(story.state, ledger=ledger)
    [row] = model.events(deployment="05_class", relation="managed-by")

    found = list(model.references(row))
    assert len(found) == len(set(found)) == row.events
    assert set(row.references) <= set(found)
