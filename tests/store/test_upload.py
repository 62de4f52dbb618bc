"""Uploading copies what is sealed, once and checked, and can be killed at any moment and run again."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from cloudledger.domain.errors import LedgerError, SegmentDamageError, StreamLockedError, UploadConflictError
from cloudledger.store import Ledger, upload_sealed
from cloudledger.store.stream_directory import stream_path
from tests.store.builders import SECOND_NS, START_NS, STREAM, log_recorded, log_records
from tests.store.objects import URL, Bucket, Cut, FaultyClient
from tests.store.test_recovery import flip


@pytest.fixture
def sealed(ledger: Ledger) -> Ledger:
    """A ledger of two streams with three sealed segments each, and events that are not sealed."""
    for number in range(3):
        for stream in (STREAM, "other"):
            ledger.append(stream, log_records(number * 10, 10), cursor=b"%d" % number)
            ledger.seal(stream)
    ledger.append(STREAM, log_records(30, 5))
    return ledger


def stored(ledger: Ledger, stream: str = STREAM) -> list[bytes]:
    """Return the payloads of a stream."""
    return [one for batch in ledger.read(stream) for one in batch.payload.to_list()]


def test_the_copy_is_a_ledger_of_what_was_sealed(sealed: Ledger) -> None:
    bucket, copied = Bucket(), list[tuple[str, int]]()

    report = upload_sealed(sealed, URL, files=bucket.files(), on_segment=lambda path, size: copied.append((path, size)))

    assert (report.copied, report.present, report.manifests, report.bytes) == (6, 0, 2, sum(size for _, size in copied))
    with bucket.open(read_only=True) as copy:
        assert copy.identity == sealed.identity
        assert stored(copy) == stored(sealed)[:30]
        assert (copy.cursor(STREAM), copy.verify().ok) == (b"2", True)


def test_a_second_upload_copies_only_what_is_new(sealed: Ledger) -> None:
    bucket = Bucket()
    upload_sealed(sealed, URL, files=bucket.files())
    assert upload_sealed(sealed, URL, files=bucket.files()).copied == 0
    sealed.seal()

    report = upload_sealed(sealed, URL, files=bucket.files())

    assert (report.copied, report.present, report.manifests) == (1, 6, 1)
    with bucket.open() as copy:
        assert stored(copy) == stored(sealed)
        assert copy.append(STREAM, log_records(0, 36)).duplicates == 35


def test_what_was_dropped_or_compacted_locally_stays_readable_there(sealed: Ledger) -> None:
    bucket = Bucket()
    upload_sealed(sealed, URL, files=bucket.files())
    everything = stored(sealed)
    assert sealed.retain(older_than=START_NS + 10 * SECOND_NS) == 2
    sealed.seal()
    sealed.compact()

    upload_sealed(sealed, URL, files=bucket.files())

    with bucket.open(read_only=True) as copy:
        assert stored(copy) == everything
        assert copy.verify().ok


@pytest.mark.parametrize("fault", ["before", "after", "die before", "die after"])
def test_an_upload_that_is_killed_at_any_request_goes_on(
    sealed: Ledger, fault: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cloudledger.store.object_creation.FIRST_WAIT_S", 0)
    counting = FaultyClient(Bucket().client)
    upload_sealed(sealed, URL, files=Bucket().files(counting))
    assert counting.requests > 10
    for number in range(1, counting.requests + 1):
        bucket = Bucket()
        client = FaultyClient(bucket.client, fault=fault, fail_at=number)
        try:
            upload_sealed(sealed, URL, files=bucket.files(client))
        except (Cut, LedgerError):
            bucket.forget_holders()
        upload_sealed(sealed, URL, files=bucket.files())
        with bucket.open(read_only=True) as copy:
            assert stored(copy) == stored(sealed)[:30]
            assert stored(copy, "other") == stored(sealed, "other")
            assert copy.verify().ok


def test_a_large_segment_goes_up_in_parts(ledger: Ledger) -> None:
    bucket = Bucket()
    for number in range(3):
        ledger.append(STREAM, [log_recorded(number, payload=os.urandom(4_000_000))])
    ledger.seal()

    assert upload_sealed(ledger, URL, files=bucket.files()).bytes > 12_000_000

    with bucket.open(read_only=True) as copy:
        assert stored(copy) == stored(ledger)


def test_another_ledger_at_the_place_is_a_conflict(sealed: Ledger, tmp_path: Path) -> None:
    bucket = Bucket()
    with Ledger.open(tmp_path / "another") as another:
        upload_sealed(another, URL, files=bucket.files())

    with pytest.raises(UploadConflictError, match="another ledger"):
        upload_sealed(sealed, URL, files=bucket.files())


def test_a_copy_that_went_on_by_itself_is_a_conflict(sealed: Ledger) -> None:
    bucket = Bucket()
    upload_sealed(sealed, URL, files=bucket.files())
    with bucket.open() as copy:
        copy.append(STREAM, log_records(50, 20))
        copy.seal()

    with pytest.raises(UploadConflictError, match="position 50"):
        upload_sealed(sealed, URL, files=bucket.files())


def test_a_stream_that_is_written_there_is_left_alone(sealed: Ledger) -> None:
    bucket = Bucket()
    upload_sealed(sealed, URL, files=bucket.files())
    sealed.seal()
    with bucket.open() as copy:
        copy.append(STREAM, log_records(50, 1))
        with pytest.raises(StreamLockedError):
            upload_sealed(sealed, URL, files=bucket.files())


def test_a_damaged_segment_is_not_uploaded(sealed: Ledger) -> None:
    bucket = Bucket()
    flip(min(Path(stream_path(sealed.location, STREAM)).glob("*.seg")), -20)

    with pytest.raises(SegmentDamageError, match="not the segment"):
        upload_sealed(sealed, URL, files=bucket.files())

    assert not [key for key in bucket.keys(".man") if "cloudwatch" in key]
