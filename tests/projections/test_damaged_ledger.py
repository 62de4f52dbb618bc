"""A damaged ledger file: refused by default, left out and named when the caller wants what is readable."""

from concurrent.futures import Executor, ThreadPoolExecutor
from pathlib import Path

import pytest

from cloudledger.domain import SegmentDamageError
from cloudledger.projections import catch_up
from cloudledger.store import Ledger
from tests.projections.event_counts import EventCounts
from tests.projections.histories import history


@pytest.fixture
def location(tmp_path: Path) -> Path:
    """A ledger of two streams; one has damage in the middle of a sealed segment of several commits."""
    with Ledger.open(tmp_path / "ledger") as ledger:
        for seed in range(8):
            ledger.append("aws/1", history(seed, 50))
        ledger.append("azure/2", history(100, 50))
        ledger.seal()
    [segment] = (tmp_path / "ledger").rglob("*aws*/*.seg")
    content = bytearray(segment.read_bytes())
    middle = range(len(content) // 4, len(content) // 2, 40)  # so close that some column of each commit is hit
    for place in middle:
        content[place] ^= 0xFF
    segment.write_bytes(content)
    return tmp_path / "ledger"


def test_damage_is_an_error_by_default(location: Path) -> None:
    with Ledger.open(location) as ledger, pytest.raises(SegmentDamageError, match="damaged in bytes"):
        catch_up(ledger, projections=[EventCounts()])


@pytest.mark.parametrize("parallel", [False, True])
def test_what_is_readable_answers_and_the_rest_is_named(location: Path, parallel: bool) -> None:
    executor: Executor | None = ThreadPoolExecutor(2) if parallel else None
    with Ledger.open(location) as ledger:
        models = catch_up(ledger, projections=[EventCounts()], executor=executor, skip_damaged=True)

        assert {place.path.endswith(".seg") for place in models.damage} == {True}
        assert models.state(EventCounts().name).keys()
        assert ledger.checkpoints.list(EventCounts().name) == []


def test_a_healthy_ledger_has_no_damage(tmp_path: Path) -> None:
    with Ledger.open(tmp_path / "ledger") as ledger:
        ledger.append("aws/1", history(1, 50))

        assert catch_up(ledger, projections=[EventCounts()], skip_damaged=True).damage == ()
        assert len(ledger.checkpoints.list(EventCounts().name)) == 1
