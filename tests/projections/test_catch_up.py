"""Catching up: from checkpoints, in parallel, after kills and damage, always the fold from zero."""

import os
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path

import pytest

from cloudledger.domain.batch import EventBatch
from cloudledger.domain.errors import InvalidArgumentError
from cloudledger.projections import ReadModels, catch_up, replay
from cloudledger.projections.partitions import ProjectionState
from cloudledger.store import Ledger
from tests.projections.event_counts import EventCounts, counted
from tests.projections.histories import history

STREAMS = ("aws/1", "azure/2", "gcp/3")
COUNTS = EventCounts()


def fill(ledger: Ledger, seed: int, count: int = 120) -> None:
    for number, stream in enumerate(STREAMS):
        ledger.append(stream, history(seed * 10 + number, count))


def encoded(models: ReadModels) -> dict[str, bytes]:
    return models.state("event-counts").encoded()


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with Ledger.open(tmp_path / "ledger") as opened:
        yield opened


def caught_up(ledger: Ledger, **options: object) -> ReadModels:
    return catch_up(ledger, projections=[COUNTS], **options)  # type: ignore[arg-type]


def test_an_empty_ledger_gives_empty_models(ledger: Ledger) -> None:
    assert encoded(caught_up(ledger)) == {}


def test_every_event_is_counted_once(ledger: Ledger) -> None:
    fill(ledger, seed=1)

    stored = sum(len(batch) for batch in ledger.read(columns=["kind"]))

    assert counted(caught_up(ledger).state("event-counts")) == stored == 3 * 120


def test_resuming_gives_what_folding_from_zero_gives(ledger: Ledger) -> None:
    for seed in (1, 2, 3):
        fill(ledger, seed)
        resumed = caught_up(ledger)

    assert encoded(resumed) == encoded(replay(ledger, projections=[COUNTS]))


def test_a_second_catch_up_folds_nothing_and_saves_nothing(ledger: Ledger) -> None:
    fill(ledger, seed=1)
    first = caught_up(ledger)
    saved = checkpoints(ledger)

    class NeverFolded(EventCounts):
        def fold(self, state: ProjectionState, batch: EventBatch) -> ProjectionState:
            raise AssertionError("nothing is new")

    again = catch_up(ledger, projections=[NeverFolded()])

    assert encoded(again) == encoded(first)
    assert checkpoints(ledger) == saved


def test_a_reader_catches_up_without_saving(ledger: Ledger) -> None:
    fill(ledger, seed=1)
    first = caught_up(ledger)
    fill(ledger, seed=2)
    saved = checkpoints(ledger)

    with Ledger.open(ledger.location, read_only=True) as reader:
        second = caught_up(reader)

    assert counted(second.state("event-counts")) == 2 * counted(first.state("event-counts"))
    assert checkpoints(ledger) == saved


@pytest.mark.parametrize("pool", [ThreadPoolExecutor, ProcessPoolExecutor])
def test_parallel_parts_give_what_one_fold_gives(ledger: Ledger, pool: type[Executor]) -> None:
    fill(ledger, seed=1)
    caught_up(ledger)
    fill(ledger, seed=2)

    with pool(2) as executor:  # type: ignore[call-arg]
        parallel = caught_up(ledger, executor=executor, checkpoint_every_events=50)

    assert encoded(parallel) == encoded(replay(ledger, projections=[COUNTS]))


def test_projections_at_different_positions_are_caught_up_in_one_pass(ledger: Ledger) -> None:
    class Sizes(EventCounts):
        name = "sizes@1"

    fill(ledger, seed=1)
    caught_up(ledger)
    fill(ledger, seed=2)

    models = catch_up(ledger, projections=[COUNTS, Sizes()])

    assert models.state("sizes").encoded() == models.state("event-counts").encoded()
    assert models.positions["sizes@1"] == models.positions["event-counts@1"]


def test_a_changed_projection_is_rebuilt_and_old_checkpoints_stay(ledger: Ledger) -> None:
    class Changed(EventCounts):
        name = "event-counts@2"

    fill(ledger, seed=1)
    before = caught_up(ledger)

    after = catch_up(ledger, projections=[Changed()])

    assert after.state("event-counts@2").encoded() == encoded(before)
    assert encoded(caught_up(ledger)) == encoded(before)


def test_a_catch_up_that_was_killed_is_done_again_with_the_same_result(tmp_path: Path) -> None:
    with Ledger.open(tmp_path / "ledger") as ledger:
        for seed in (1, 2, 3):
            fill(ledger, seed)
    script = """
        import os, signal, sys
        from cloudledger.projections import catch_up
        from cloudledger.store import Ledger
        from tests.projections.event_counts import EventCounts

        class Dying(EventCounts):
            left = int(sys.argv[2])
            def fold(self, state, batch):
                self.left -= 1
                if not self.left:
                    os.kill(os.getpid(), signal.SIGKILL)
                return super().fold(state, batch)

        with Ledger.open(sys.argv[1]) as ledger:
            catch_up(ledger, projections=[Dying()], checkpoint_every_events=100)
    """
    root = str(Path(__file__).resolve().parents[2])
    for folds in (2, 5, 1):
        command = [sys.executable, "-c", textwrap.dedent(script), str(tmp_path / "ledger"), str(folds)]
        killed = subprocess.run(command, env=os.environ | {"PYTHONPATH": root}, check=False)
        assert killed.returncode == -9

    with Ledger.open(tmp_path / "ledger") as ledger:
        assert encoded(caught_up(ledger)) == encoded(replay(ledger, projections=[COUNTS]))


def test_a_number_of_events_below_one_is_refused(ledger: Ledger) -> None:
    with pytest.raises(InvalidArgumentError, match="1 or more"):
        caught_up(ledger, checkpoint_every_events=0)


def test_a_projection_that_was_not_folded_is_named_in_the_error(ledger: Ledger) -> None:
    with pytest.raises(InvalidArgumentError, match="event-counts@1"):
        _ = caught_up(ledger).timeline


def checkpoints(ledger: Ledger) -> list[str]:
    return [checkpoint.id for checkpoint in ledger.checkpoints.list("event-counts@1")]
