"""Verification, statistics and retention."""

from pathlib import Path

import pytest

from cloudledger.domain.errors import ReadOnlyLedgerError
from cloudledger.store import Ledger
from cloudledger.store.stream_directory import stream_path
from tests.store.builders import SECOND_NS, START_NS, STREAM, event_id, log_records, random_batch


def segments(ledger: Ledger, stream: str = STREAM) -> list[Path]:
    """Return a stream's sealed segments."""
    return sorted(Path(stream_path(ledger.location, stream)).glob("*.seg"))


@pytest.fixture
def sealed(ledger: Ledger) -> Ledger:
    """A ledger of two streams with three sealed segments each, ten events and ten seconds a segment."""
    for number in range(3):
        for stream in (STREAM, "other"):
            ledger.append(stream, log_records(number * 10, 10))
            ledger.seal(stream)
    return ledger


def test_verify_counts_what_it_checked(sealed: Ledger) -> None:
    report = sealed.verify()

    assert report.ok
    assert (report.streams, report.segments, report.frames, report.events) == (2, 6, 6, 60)
    assert report.bytes == sum(path.stat().st_size for s in (STREAM, "other") for path in segments(sealed, s))


def test_a_sealed_file_that_was_exchanged_is_noticed(sealed: Ledger) -> None:
    """Each file is sound by itself; the manifest knows that it is not the one that was sealed."""
    first, second, _ = segments(sealed)
    (Path(stream_path(sealed.location, "other")) / second.name).write_bytes(second.read_bytes())

    damaged = sealed.verify().damaged

    assert [Path(one.path).name for one in damaged] == [second.name]
    assert first.exists()


def test_stats_count_events_and_bytes(ledger: Ledger) -> None:
    for number in range(4):
        ledger.append(STREAM, random_batch(number, 500))
    ledger.seal()
    ledger.append("other", log_records(0, 7))

    stats = ledger.stats()

    assert stats.events == 2007
    assert [(s.stream, s.first_position, s.last_position, s.segments) for s in stats.streams] == [
        (STREAM, 1, 2000, 1),
        ("other", 1, 7, 1),
    ]
    payloads = [len(p) for batch in ledger.read(columns=["payload"]) for p in batch.payload.to_list()]
    assert stats.raw_bytes == sum(payloads)
    assert stats.ratio == stats.disk_bytes / stats.raw_bytes
    assert (stats.streams[1].min_occurred, stats.streams[1].max_occurred) == (START_NS, START_NS + 6 * SECOND_NS)
    assert stats.damaged == ()


def test_an_empty_ledger_has_empty_stats(ledger: Ledger) -> None:
    assert (ledger.stats().events, ledger.stats().ratio, ledger.verify().ok) == (0, 0.0, True)


def test_stats_name_a_missing_segment(sealed: Ledger) -> None:
    segments(sealed)[1].unlink()

    assert [one.path for one in sealed.stats().damaged] == [str(segments(sealed)[0]).replace("01.seg", "11.seg")]


def test_segments_older_than_an_instant_are_dropped(sealed: Ledger) -> None:
    assert sealed.retain(older_than=START_NS + 20 * SECOND_NS) == 4

    assert [batch.positions.tolist()[0] for batch in sealed.read()] == [21, 21]
    assert sealed.last_position(STREAM) == 30
    assert sealed.append(STREAM, log_records(30, 1)).first_position == 31
    assert sealed.stats().streams[0].first_position == 21


def test_a_segment_with_one_young_event_is_kept(sealed: Ledger) -> None:
    assert sealed.retain(older_than=START_NS + 9 * SECOND_NS) == 0
    assert sealed.retain(older_than=START_NS + 9 * SECOND_NS + 1) == 2


def test_the_oldest_segments_are_dropped_until_the_ledger_is_small_enough(sealed: Ledger) -> None:
    size = sealed.stats().disk_bytes

    assert sealed.retain(max_bytes=size) == 0
    assert sealed.retain(max_bytes=size * 2 // 3) == 2

    assert sealed.stats().disk_bytes <= size * 2 // 3
    assert [len(segments(sealed, stream)) for stream in (STREAM, "other")] == [2, 2]


def test_a_dropped_event_may_come_again(sealed: Ledger) -> None:
    """The horizon of "once" is all segments that the stream holds."""
    sealed.retain(older_than=START_NS + 10 * SECOND_NS)

    with Ledger.open(sealed.location, read_only=True) as reader, pytest.raises(LookupError):
        reader.event(event_id(3))
    assert sealed.append(STREAM, log_records(0, 30)).appended == 10


def test_a_reader_drops_nothing(sealed: Ledger) -> None:
    with Ledger.open(sealed.location, read_only=True) as reader, pytest.raises(ReadOnlyLedgerError):
        reader.retain(older_than=START_NS + 100 * SECOND_NS)


def test_a_segment_that_is_full_is_sealed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cloudledger.store.stream_writer.SEGMENT_EVENTS", 25)
    with Ledger.open(tmp_path) as ledger:
        for number in range(9):
            ledger.append(STREAM, log_records(number * 10, 10))

        assert len(segments(ledger)) == 3
        assert [at for batch in ledger.read() for at in batch.positions.tolist()] == list(range(1, 91))
        assert ledger.append(STREAM, log_records(0, 90)).duplicates == 90
