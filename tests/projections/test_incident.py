"""The summary of an incident, and what a ledger holds."""

from pathlib import Path

import msgspec
import pytest

from cloudledger.projections import catch_up, contents_of, replay, summarise_incident
from cloudledger.store import Ledger
from tests.projections.histories import START_NS, history


def test_an_empty_ledger_has_no_suspects(tmp_path: Path) -> None:
    with Ledger.open(tmp_path / "ledger") as ledger:
        summary = summarise_incident(catch_up(ledger))

    assert (summary.suspects, summary.impact, summary.decided) == ((), None, False)


@pytest.mark.parametrize("seed", range(3))
def test_any_history_is_summarised_the_same_however_it_was_folded(tmp_path: Path, seed: int) -> None:
    with Ledger.open(tmp_path / "ledger") as ledger:
        for number, stream in enumerate(("aws/1", "azure/2", "gcp/3")):
            ledger.append(stream, history(seed * 10 + number, 300))
            catch_up(ledger)
        resumed, zero = summarise_incident(catch_up(ledger)), summarise_incident(replay(ledger))

    assert msgspec.json.encode(resumed) == msgspec.json.encode(zero)


def test_before_anything_happened_there_is_nothing_to_suspect(tmp_path: Path) -> None:
    with Ledger.open(tmp_path / "ledger") as ledger:
        ledger.append("aws/1", history(1, 300))

        summary = summarise_incident(replay(ledger, until=START_NS - 1))

    assert summary.suspects == ()
    assert summary.cost == ()


def test_a_reader_that_stays_open_sees_what_was_appended_since(tmp_path: Path) -> None:
    with Ledger.open(tmp_path / "ledger") as ledger:
        ledger.append("aws/1", history(1, 50))
        with Ledger.open(tmp_path / "ledger", read_only=True) as reader:
            before = catch_up(reader)
            ledger.append("aws/1", history(2, 50))
            after = catch_up(reader)

    assert before.positions["cost@1"] == {"aws/1": 50}
    assert after.positions["cost@1"] == {"aws/1": 100}


def test_contents_count_each_stored_event_once(tmp_path: Path) -> None:
    with Ledger.open(tmp_path / "ledger") as ledger:
        ledger.append("aws/1", history(1, 200))
        contents = contents_of(ledger)

    assert contents.events == contents.streams["aws/1"] == sum(contents.kinds.values()) == 200
    assert sum(contents.formats.values()) == 200
    assert sum(contents.rejected.values()) == contents.kinds["record.rejected"]
