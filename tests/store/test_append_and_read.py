"""Appending gives positions without gaps and commits the cursor with the events; reading filters by place and time."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from cloudledger.domain.batch import EventBatch
from cloudledger.domain.errors import (
    ClosedLedgerError,
    ColumnNotReadError,
    InvalidArgumentError,
    ReadOnlyLedgerError,
    UnknownReferenceError,
    WriterPoisonedError,
)
from cloudledger.domain.events import Event
from cloudledger.store import Ledger
from tests.store.builders import SECOND_NS, START_NS, STREAM, event_id, joined, log_recorded, log_records


def references(ledger: Ledger, **filters: object) -> list[str]:
    """Return the references of what a read gives."""
    return [event.reference for batch in ledger.read(**filters) for event in batch]  # type: ignore[arg-type]


def test_positions_start_at_1_and_have_no_gaps_over_streams_and_restarts(tmp_path: Path) -> None:
    for session in range(3):
        with Ledger.open(tmp_path) as ledger:
            for stream in ("a", "b"):
                for part in range(4):
                    ledger.append(stream, log_records(session * 100 + part * 10, part))
                if session == 1:
                    ledger.seal(stream)

    with Ledger.open(tmp_path, read_only=True) as ledger:
        for stream in ("a", "b"):
            positions = np.concatenate([batch.positions for batch in ledger.read(stream)])
            assert positions.tolist() == list(range(1, 19))
            assert ledger.last_position(stream) == 18


def test_the_result_says_what_was_stored_and_where(ledger: Ledger) -> None:
    ledger.append(STREAM, log_records(0, 3))

    result = ledger.append(STREAM, log_records(2, 4))

    assert (result.appended, result.duplicates, result.first_position, result.last_position) == (3, 1, 4, 6)


def test_the_cursor_is_the_last_one_committed(ledger: Ledger) -> None:
    assert ledger.cursor(STREAM) is None

    ledger.append(STREAM, log_records(0, 1), cursor=b"page-1")
    ledger.append(STREAM, log_records(1, 1))

    assert ledger.cursor(STREAM) == b"page-1"


def test_a_cursor_without_new_events_is_committed(tmp_path: Path) -> None:
    with Ledger.open(tmp_path) as ledger:
        ledger.append(STREAM, [], cursor=b"empty page")
        ledger.append("other", log_records(0, 2), cursor=b"first")
        ledger.append("other", log_records(0, 2), cursor=b"second")

    with Ledger.open(tmp_path, read_only=True) as ledger:
        assert (ledger.cursor(STREAM), ledger.last_position(STREAM)) == (b"empty page", 0)
        assert (ledger.cursor("other"), ledger.last_position("other")) == (b"second", 2)


def test_sealing_a_segment_of_cursors_only_waits_for_events(tmp_path: Path) -> None:
    """Else two segments would begin at one position."""
    with Ledger.open(tmp_path) as ledger:
        for number in range(3):
            ledger.append(STREAM, [], cursor=b"empty %d" % number)
            ledger.seal()
            ledger.append(STREAM, log_records(number, 1))
            ledger.seal()

    with Ledger.open(tmp_path) as ledger:
        assert references(ledger) == [f"{STREAM}@{position}" for position in (1, 2, 3)]
        assert ledger.cursor(STREAM) == b"empty 2"
        assert ledger.verify().ok


def test_the_cursor_survives_sealing_and_dropping_all_segments(tmp_path: Path) -> None:
    with Ledger.open(tmp_path) as ledger:
        ledger.append(STREAM, log_records(0, 5), cursor=b"at 5")
        ledger.seal()
        assert ledger.retain(older_than=START_NS + 100 * SECOND_NS) == 1
        ledger.append(STREAM, log_records(5, 1))

    with Ledger.open(tmp_path) as ledger:
        assert ledger.cursor(STREAM) == b"at 5"
        assert references(ledger) == [f"{STREAM}@6"]


def test_recorded_at_is_the_clock_where_the_event_has_none(tmp_path: Path) -> None:
    with Ledger.open(tmp_path, clock=lambda: 42) as ledger:
        ledger.append(STREAM, [log_recorded(1), log_recorded(2, recorded_at=7)])

        assert [event.recorded_at for batch in ledger.read() for event in batch] == [42, 7]


def test_reading_goes_on_behind_a_position(ledger: Ledger) -> None:
    ledger.append("a", log_records(0, 4))
    ledger.append("b", log_records(0, 4))

    assert references(ledger, stream="a", after=2) == ["a@3", "a@4"]
    assert references(ledger, after={"a": 3, "b": 4}) == ["a@4"]


@pytest.mark.parametrize("sealed", [False, True])
def test_reading_ends_at_a_last_position(ledger: Ledger, sealed: bool) -> None:
    for part in range(4):
        ledger.append("a", log_records(part * 10, 3))
        if sealed:
            ledger.seal()
    everything = references(ledger, stream="a")

    for last in range(14):
        assert references(ledger, stream="a", last=last) == everything[:last]
        assert references(ledger, stream="a", after=4, last=last, since=START_NS) == everything[4:last]


@pytest.mark.parametrize("sealed", [False, True])
def test_since_is_included_and_until_is_not(ledger: Ledger, sealed: bool) -> None:
    for first in range(0, 40, 10):
        ledger.append("a", log_records(first, 10))
    if sealed:
        ledger.seal()

    found = references(ledger, since=START_NS + 9 * SECOND_NS, until=START_NS + 12 * SECOND_NS)

    assert found == ["a@10", "a@11", "a@12"]


def test_times_can_be_given_as_text(ledger: Ledger) -> None:
    ledger.append("a", [log_recorded(1, occurred_at=1_795_169_100 * SECOND_NS)])

    assert references(ledger, since="2026-11-20T10:05:00Z", until="2026-11-20T10:05:01Z") == ["a@1"]
    assert references(ledger, until="2026-11-20T10:05:00Z") == []


def test_recorded_until_leaves_out_what_came_later(tmp_path: Path) -> None:
    times = iter([5, 10, 20, 30, 40])
    with Ledger.open(tmp_path, clock=lambda: next(times)) as ledger:
        ledger.append("a", log_records(0, 1))
        ledger.append("a", log_records(1, 1))

        recorded = [event.recorded_at for batch in ledger.read() for event in batch]
        assert references(ledger, recorded_until=recorded[1]) == ["a@1"]


def test_small_commits_are_joined_into_large_batches(ledger: Ledger) -> None:
    for number in range(30):
        ledger.append("a", log_records(number * 10, 10))

    batches = list(ledger.read("a", columns=["service", "occurred_at"], batch_rows=100))

    assert [len(batch) for batch in batches] == [100, 100, 100]
    assert len({id(batch.service.dictionary) for batch in batches}) == 1


def test_a_column_that_was_not_read_says_so(ledger: Ledger) -> None:
    ledger.append("a", log_records(0, 2))

    batch = next(ledger.read(columns=["service"], since=START_NS))

    with pytest.raises(ColumnNotReadError):
        assert batch.occurred_at


def test_an_unknown_column_is_refused(ledger: Ledger) -> None:
    with pytest.raises(InvalidArgumentError, match="colour"):
        list(ledger.read(columns=["colour"]))


def test_an_event_without_id_is_refused(ledger: Ledger) -> None:
    with pytest.raises(InvalidArgumentError, match="event_id"):
        ledger.append("a", EventBatch.build(2, service="cart"))


def test_a_read_only_ledger_is_not_written(ledger: Ledger) -> None:
    with Ledger.open(ledger.location, read_only=True) as reader, pytest.raises(ReadOnlyLedgerError):
        reader.append("a", log_records(0, 1))


def test_a_closed_ledger_is_not_written(ledger: Ledger) -> None:
    ledger.append("a", log_records(0, 1))
    writer = ledger._writer("a")
    ledger.close()

    with pytest.raises(WriterPoisonedError, match="closed"):
        writer.append(joined([]), b"late")
    with pytest.raises(ClosedLedgerError, match="open it again"):
        ledger.append("a", log_records(1, 1))


@pytest.mark.parametrize(
    "question",
    [
        lambda ledger: ledger.streams(),
        lambda ledger: ledger.cursor("a"),
        lambda ledger: ledger.last_position("a"),
        lambda ledger: ledger.read("a"),
        lambda ledger: ledger.follow("a"),
        lambda ledger: ledger.search(),
        lambda ledger: ledger.search_page(),
        lambda ledger: ledger.event("a@1"),
        lambda ledger: ledger.stats(),
        lambda ledger: ledger.verify(),
        lambda ledger: ledger.seal(),
        lambda ledger: ledger.retain(max_bytes=0),
    ],
)
def test_a_closed_ledger_is_not_read(ledger: Ledger, question: Callable[[Ledger], object]) -> None:
    ledger.append("a", log_records(0, 1))
    ledger.close()

    with pytest.raises(ClosedLedgerError, match="open it again"):
        question(ledger)


@pytest.mark.parametrize("sealed", [False, True])
def test_an_event_is_opened_by_position_and_by_id(ledger: Ledger, sealed: bool) -> None:
    for first in range(0, 60, 20):
        ledger.append("a/b", log_records(first, 20))
    if sealed:
        ledger.seal()

    for number in (0, 19, 20, 59):
        expected = b"line %d" % number
        opened: list[Event] = [
            ledger.event(f"a/b@{number + 1}"),
            ledger.event(event_id(number)),
            ledger.event(event_id(number).hex()),
        ]
        assert [getattr(event, "payload", None) for event in opened] == [expected] * 3


@pytest.mark.parametrize("reference", ["a@0", "a@4", "b@1", "nothing", "f" * 32, b"f" * 16, b"short"])
def test_an_unknown_reference_is_named(ledger: Ledger, reference: str | bytes) -> None:
    ledger.append("a", log_records(0, 3))

    with pytest.raises(UnknownReferenceError):
        ledger.event(reference)


@pytest.mark.parametrize("stream", ["a/b", "..", ".hidden", "größe %41", "a" * 200, "s3://bucket/key?x=1", "*"])
def test_a_stream_may_have_any_name(ledger: Ledger, stream: str) -> None:
    ledger.append(stream, log_records(0, 1), cursor=b"c")

    assert ledger.streams() == [stream]
    assert references(ledger) == [f"{stream}@1"]


def test_a_stream_name_that_no_file_system_holds_is_refused(ledger: Ledger) -> None:
    with pytest.raises(InvalidArgumentError, match="256"):
        ledger.append("a" * 256, log_records(0, 1))
