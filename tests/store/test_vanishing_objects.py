"""An object that retention, compaction or somebody deletes while it is read: readers go on, or say what is gone."""

from __future__ import annotations

import threading
from random import Random

import pytest

from cloudledger.domain.errors import RetiredEventsError, SegmentDamageError, UnknownReferenceError
from cloudledger.domain.events import Event
from cloudledger.store import Ledger
from tests.store.builders import START_NS, STREAM, event_id, log_recorded, log_records
from tests.store.objects import Bucket

EVENTS = 40
SEGMENTS = 3


@pytest.fixture
def bucket() -> Bucket:
    """A ledger of three sealed segments, each of which takes several requests to read."""
    filled = Bucket()
    with filled.open() as ledger:
        for number in range(SEGMENTS):
            for part in range(2):
                ledger.append(STREAM, records(number * EVENTS + part * EVENTS // 2, EVENTS // 2))
            ledger.seal()
    return filled


@pytest.fixture(autouse=True)
def _small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cloudledger.store.object_files.BLOCK_BYTES", 512)
    monkeypatch.setattr("cloudledger.store.object_files.READ_AHEAD_BLOCKS", 1)


def records(first: int, count: int) -> list[Event]:
    """Return log records that do not compress, so that a reader does not get a segment with its first requests."""
    return [log_recorded(number, payload=Random(number).randbytes(400)) for number in range(first, first + count)]


def positions(batches: object) -> list[int]:
    """Return the positions of all events."""
    return [at for batch in batches for at in batch.positions.tolist()]  # type: ignore[attr-defined]


def retain(bucket: Bucket, segments: int) -> None:
    """Drop the oldest segments, as another process does."""
    with bucket.open() as writer:
        assert writer.retain(older_than=START_NS + segments * EVENTS * 10**9) == segments


def test_a_reader_is_told_which_events_retention_dropped_under_it(bucket: Bucket) -> None:
    with bucket.open(read_only=True) as reader:
        reading = reader.read(STREAM, batch_rows=1)
        first = next(reading)
        retain(bucket, 2)
        with pytest.raises(RetiredEventsError) as raised:
            positions(reading)

        assert first.positions.tolist() == [*range(1, 21)]
        assert (raised.value.first_position, raised.value.last_position) == (21, 80)
        rest = reader.read(STREAM, after=raised.value.last_position)
        assert positions(rest) == [*range(81, 121)]


def test_a_reader_goes_on_in_what_a_segment_was_compacted_into(bucket: Bucket) -> None:
    with bucket.open(read_only=True) as reader:
        reading = reader.read(STREAM, batch_rows=1)
        seen = next(reading).positions.tolist()
        with bucket.open() as writer:
            assert writer.compact().segments_after == 1

        assert [*seen, *positions(reading)] == [*range(1, SEGMENTS * EVENTS + 1)]


def test_a_follower_leaves_out_what_was_dropped_before_it_came_there(bucket: Bucket) -> None:
    stop = threading.Event()
    with bucket.open(read_only=True) as reader:
        following = reader.follow(STREAM, batch_rows=1, poll=0.01, stop=stop)
        seen = next(following).positions.tolist()
        retain(bucket, 2)
        while len(seen) < 60:
            seen += next(following).positions.tolist()
        stop.set()

    assert seen == [*range(1, 21), *range(81, 121)]


@pytest.mark.parametrize("how", ["retain", "compact"])
def test_a_search_goes_on_in_what_there_is(bucket: Bucket, how: str) -> None:
    with bucket.open(read_only=True) as reader:
        found = reader.search(limit=None)
        seen = [next(found).reference for _ in range(3)]
        if how == "retain":
            retain(bucket, 2)
        else:
            with bucket.open() as writer:
                writer.compact()
        seen += [event.reference for event in found]

    given = [int(reference.split("@")[1]) for reference in seen]
    assert given == sorted(set(given))
    assert set(range(81, 121)) <= set(given)
    if how == "compact":
        assert given == [*range(1, 121)]


def test_an_event_is_looked_for_where_it_is_now(bucket: Bucket) -> None:
    with bucket.open(read_only=True) as reader:
        assert reader.event(f"{STREAM}@1").event_id == event_id(0)
        with bucket.open() as writer:
            writer.compact()
        assert reader.event(f"{STREAM}@35").event_id == event_id(34)
        assert reader.event(event_id(99)).reference == f"{STREAM}@100"
        with bucket.open() as writer:
            writer.append(STREAM, log_records(500, 5))
            writer.seal()
            writer.retain(older_than=START_NS + 400 * 10**9)
        with pytest.raises(UnknownReferenceError):
            reader.event(f"{STREAM}@35")


def test_an_object_that_somebody_deleted_is_reported_as_missing(bucket: Bucket) -> None:
    with bucket.open(read_only=True) as reader:
        reading = reader.read(STREAM, batch_rows=1)
        next(reading)
        bucket.client.delete([bucket.keys(".seg")[0]])
        with pytest.raises(SegmentDamageError, match="missing"):
            positions(reading)
        damaged = reader.verify().damaged

    assert [one.reason for one in damaged] == ["the file is missing"]


def test_a_local_reader_reads_a_file_to_its_end_and_is_told_what_was_dropped_behind_it(ledger: Ledger) -> None:
    for number in range(SEGMENTS):
        for part in range(2):
            ledger.append(STREAM, records(number * EVENTS + part * EVENTS // 2, EVENTS // 2))
        ledger.seal()
    reading = ledger.read(STREAM, batch_rows=1)
    seen = next(reading).positions.tolist()

    assert ledger.retain(older_than=START_NS + 2 * EVENTS * 10**9) == 2
    seen += next(reading).positions.tolist()
    with pytest.raises(RetiredEventsError) as raised:
        next(reading)
    assert seen == [*range(1, 41)]
    assert (raised.value.first_position, raised.value.last_position) == (41, 80)
