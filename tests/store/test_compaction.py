"""Compaction changes what segments look like and nothing that anybody reads; it may be killed at any instant."""

import threading
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cloudledger.domain.errors import NewerFormatError, WriterPoisonedError
from cloudledger.domain.events import Event, MetricRecorded, RecordRejected
from cloudledger.store import Ledger, frame_header, segment_header
from cloudledger.store.quote_columns import decode_lines, encode_lines
from cloudledger.store.stream_directory import stream_path
from tests.store.builders import START_NS, STREAM, contents, event_id, joined, log_records, random_batch
from tests.store.faulty_file_system import FaultyFileSystem
from tests.store.simulated_disk import SimulatedDisk
from tests.store.test_recovery import flip

VALUES = st.one_of(
    st.binary(max_size=30),
    st.from_regex(rb'\A\{"a":"[0-9a-f]{6}","n":(-?[0-9]{1,20}|"x")\}\Z'),
    st.sampled_from([b"", b'"', b'{"t":"2026-01-01T00:00:09Z"}', b'{"t":"2026-01-01T00:00:10Z"}', b'{"n":007}']),
    st.integers(-(10**20), 10**20).map(lambda n: b'{"id":%d}' % n),
)


@settings(max_examples=200)
@given(lines=st.lists(VALUES, max_size=40))
def test_any_lines_survive_as_columns(lines: list[bytes]) -> None:
    assert decode_lines(encode_lines(lines)) == lines


@settings(max_examples=200)
@given(lines=st.lists(VALUES, min_size=1, max_size=40), places=st.lists(st.integers(0, 39), max_size=9))
def test_some_lines_are_those_that_all_lines_hold(lines: list[bytes], places: list[int]) -> None:
    rows = [place % len(lines) for place in places]

    assert decode_lines(encode_lines(lines), np.array(rows, np.int64)) == [lines[row] for row in rows]


def test_logs_in_columns_take_a_fraction_of_their_bytes() -> None:
    lines = [b'{"time":"2026-11-20T10:00:%02d.%06dZ","n":%d,"id":"%032x"}' % (n % 60, n, n, n**9) for n in range(900)]

    assert decode_lines(encode_lines(lines)) == lines
    assert len(encode_lines(lines)) < 0.4 * sum(map(len, lines))


def test_lines_of_very_many_pieces_survive() -> None:
    lines = [b'"' * 5000, b'"' * 3, b'"' * 5000 + b"x"]

    assert decode_lines(encode_lines(lines)) == lines


@settings(max_examples=15)
@given(sizes=st.lists(st.integers(1, 60), min_size=1, max_size=8), unsealed=st.booleans(), seed=st.integers(0, 99))
def test_compaction_changes_nothing_that_is_read(sizes: list[int], unsealed: bool, seed: int) -> None:
    """Positions, ids, payloads, cursors, search and dedupe are as before, also after opening again."""
    disk = SimulatedDisk()
    with Ledger.open("/l", files=disk, clock=lambda: START_NS) as ledger:
        for number, size in enumerate(sizes):
            ledger.append(STREAM, random_batch(seed * 100 + number, size), cursor=b"%d" % number)
            if number < len(sizes) - 1 or not unsealed:
                ledger.seal()
        before = joined(list(ledger.read()))
        found = [event.reference for event in ledger.search(service="cart", kind="log.recorded", limit=None)]

        ledger.compact()

        again = joined(list(ledger.read()))
        assert contents(again) == contents(before)
        assert again.positions.tolist() == before.positions.tolist()
        assert [event.reference for event in ledger.search(service="cart", kind="log.recorded", limit=None)] == found
        assert ledger.append(STREAM, before, cursor=b"end").appended == 0
        assert ledger.verify().ok
    with Ledger.open("/l", files=disk, clock=lambda: START_NS) as ledger:
        assert ledger.cursor(STREAM) == b"end"
        assert contents(joined(list(ledger.read()))) == contents(before)
        assert ledger.append(STREAM, before).appended == 0
        assert ledger.verify().ok


def build(ledger: Ledger, parts: int = 6) -> None:
    """Fill a stream with sealed segments of ten events each."""
    for number in range(parts):
        ledger.append(STREAM, log_records(number * 10, 10), cursor=b"%d" % number)
        ledger.seal()


def files(ledger: Ledger, pattern: str = "*.seg") -> list[str]:
    """Return the names of a stream's files."""
    return sorted(path.name for path in Path(stream_path(ledger.location, STREAM)).glob(pattern))


def test_each_event_of_a_compacted_segment_is_found_by_its_reference(ledger: Ledger) -> None:
    """Logs as columns between facts and rejected records, which are kept apart from them."""
    others: list[Event] = [
        MetricRecorded(event_id=event_id(900), occurred_at=START_NS, name="cpu", value=1.5),
        RecordRejected(event_id=event_id(901), occurred_at=START_NS, payload=b"{", reason="cut"),
    ]
    ledger.append(STREAM, [*log_records(0, 250), *others, *log_records(250, 250)])
    ledger.seal()
    ledger.compact()

    stored = [event for part in ledger.read(STREAM) for event in part]

    assert [ledger.event(event.reference) for event in stored] == stored
    assert [ledger.event(event.event_id) for event in stored[240:260]] == stored[240:260]
    assert list(ledger.search(limit=None, since=-(1 << 62))) == sorted(stored, key=lambda event: event.occurred_at)


def test_small_segments_become_one_and_the_old_files_go(ledger: Ledger) -> None:
    build(ledger)

    report = ledger.compact()

    assert (report.segments_before, report.segments_after) == (6, 1)
    assert report.bytes_after < report.bytes_before
    assert files(ledger) == [f"{1:020d}-{60:020d}.seg"]
    assert ledger.compact() == ledger.compact(STREAM)
    assert ledger.event(event_id(33)).reference == f"{STREAM}@34"
    assert ledger.stats().events == 60


def test_only_old_segments_are_compacted_when_asked(ledger: Ledger) -> None:
    build(ledger)

    assert ledger.compact(older_than=START_NS + 30 * 10**9).segments_before == 3
    assert len(files(ledger)) == 4
    assert ledger.compact().segments_before == 4


def test_a_damaged_segment_is_left_as_it_is(ledger: Ledger) -> None:
    build(ledger)
    flip(Path(stream_path(ledger.location, STREAM)) / f"{21:020d}.seg", 700)

    ledger.compact()

    assert f"{21:020d}.seg" in files(ledger)
    assert not ledger.verify().ok
    assert sum(len(batch) for batch in ledger.read(on_damage=lambda error: None)) == 50


def test_readers_and_followers_go_on_while_segments_are_exchanged(ledger: Ledger) -> None:
    build(ledger)
    with Ledger.open(ledger.location, read_only=True) as reader:
        reading, following = reader.read(STREAM, batch_rows=1), reader.follow(STREAM, batch_rows=1, poll=0.01)
        searching = reader.search(limit=None)
        seen = [next(reading).positions.tolist(), next(following).positions.tolist()]
        assert seen[0] == seen[1] == list(range(1, 11))
        first = next(searching).reference

        ledger.compact()
        ledger.append(STREAM, log_records(60, 1))

        assert [at for batch in reading for at in batch.positions.tolist()][:50] == list(range(11, 61))
        followed: list[int] = []
        while len(followed) < 51:
            followed += next(following).positions.tolist()
        assert followed == list(range(11, 62))
        assert [first, *[event.reference for event in searching]][:60] == [f"{STREAM}@{n}" for n in range(1, 61)]
        assert reader.verify().ok


def test_appending_goes_on_during_a_compaction(ledger: Ledger) -> None:
    build(ledger, 12)
    thread = threading.Thread(target=ledger.compact)
    thread.start()
    for number in range(12, 40):
        ledger.append(STREAM, log_records(number * 10, 10))
        if number % 5 == 0:
            ledger.seal()
    thread.join()

    assert [at for batch in ledger.read() for at in batch.positions.tolist()] == list(range(1, 401))
    assert ledger.append(STREAM, log_records(0, 400)).appended == 0
    assert ledger.verify().ok


def test_checkpoints_hold_after_a_compaction(ledger: Ledger) -> None:
    build(ledger)
    ledger.checkpoints.save("cost@1", {STREAM: 25}, {"hour": b"counts"})

    ledger.compact()

    checkpoint = ledger.checkpoints.latest("cost@1")
    assert checkpoint is not None
    assert next(ledger.read(after=checkpoint.positions)).positions[0] == 26


def test_an_older_reader_refuses_a_compacted_segment_clearly(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    build(ledger)
    ledger.compact()
    monkeypatch.setattr(segment_header, "SEGMENT_VERSION", 1)

    with Ledger.open(ledger.location, read_only=True) as older, pytest.raises(NewerFormatError, match="version 2"):
        list(older.read())
    monkeypatch.undo()
    monkeypatch.setattr(frame_header, "FRAME_VERSION", 0)
    with Ledger.open(ledger.location, read_only=True) as older, pytest.raises(NewerFormatError):
        list(older.read())


def test_a_failure_at_any_operation_of_a_compaction_loses_nothing(tmp_path: Path) -> None:
    for fail_at in range(1, 60):
        location = tmp_path / str(fail_at)
        with Ledger.open(location, files=(disk := FaultyFileSystem(0))) as ledger:
            build(ledger, 3)
            disk.fail_at, disk.operations = fail_at, 0
            try:
                ledger.compact()
            except (OSError, WriterPoisonedError):
                pass
            else:
                assert disk.operations < fail_at
        with Ledger.open(location) as ledger:
            assert ledger.append(STREAM, log_records(0, 31)).appended == 1
            assert [at for batch in ledger.read() for at in batch.positions.tolist()] == list(range(1, 32))
            ledger.seal()
            assert ledger.compact().segments_after <= 1
            assert len(files(ledger)) == 1
            assert ledger.verify().ok
        if disk.operations < fail_at:
            return
    raise AssertionError("a compaction has fewer operations")


def test_a_compacted_segment_stands_in_where_the_newest_manifest_is_damaged(ledger: Ledger) -> None:
    """The manifest before lists the segments that were compacted, whose files are gone."""
    build(ledger)
    ledger.compact()
    newest = max((Path(stream_path(ledger.location, STREAM)) / "manifest").iterdir())
    ledger.close()
    flip(newest, 100)

    for read_only in (True, False):
        with Ledger.open(ledger.location, read_only=read_only) as again:
            if not read_only:
                assert again.append(STREAM, log_records(0, 61)).appended == 1
            assert [at for batch in again.read() for at in batch.positions.tolist()][:60] == list(range(1, 61))
            assert [one.path for one in again.verify().damaged] == ([str(newest)] if read_only else [])
