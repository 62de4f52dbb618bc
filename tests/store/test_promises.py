"""The promises of the store's docstring, each quoted, and where it is proved; here as one short story each."""

import re
from pathlib import Path

import pytest

import cloudledger.store
from cloudledger.domain.errors import SegmentDamageError, StreamLockedError
from cloudledger.store import Ledger
from tests.store import (
    test_acknowledged_end,
    test_append_and_read,
    test_bit_flips,
    test_checkpoints,
    test_compaction,
    test_crashes,
    test_following,
    test_io_errors,
    test_kills,
    test_once,
    test_readers_beside_a_writer,
    test_recovery,
    test_writers,
)
from tests.store.builders import STREAM, log_records
from tests.store.test_recovery import flip, segment

PROOFS = {
    "Durable": [
        test_crashes.test_no_crash_image_loses_or_invents_an_event,
        test_kills.test_what_a_killed_writer_acknowledged_is_there_once,
        test_compaction.test_compaction_changes_nothing_that_is_read,
        test_compaction.test_a_failure_at_any_operation_of_a_compaction_loses_nothing,
    ],
    "Atomic": [
        test_recovery.test_a_file_cut_at_any_byte_of_its_last_commit_loses_that_commit_only,
        test_io_errors.test_a_failure_of_any_operation_loses_nothing_and_invents_nothing,
    ],
    "Once": [test_once.test_any_history_of_redelivery_stores_each_event_once],
    "Immutable and checkable": [
        test_bit_flips.test_a_flipped_bit_is_found_and_harms_no_other_event,
        test_acknowledged_end.test_a_flipped_bit_anywhere_in_the_last_commit_is_never_silent,
    ],
    "Ordered": [
        test_append_and_read.test_positions_start_at_1_and_have_no_gaps_over_streams_and_restarts,
        test_readers_beside_a_writer.test_readers_always_see_a_prefix,
        test_following.test_a_follower_sees_events_of_another_process_within_a_second,
        test_compaction.test_readers_and_followers_go_on_while_segments_are_exchanged,
    ],
    "One writer per stream": [
        test_writers.test_a_second_writer_of_a_stream_is_refused,
        test_writers.test_a_writer_that_was_fenced_cannot_commit,
    ],
    "Rebuildable": [test_checkpoints.test_a_damaged_checkpoint_is_passed_over_for_the_one_before],
}


def promises() -> dict[str, str]:
    """Return the promises of the docstring, by their first words."""
    found = re.findall(r"^\d\. ([A-Z][\w ]+?)[.,] (.*?)(?=^\d\. |\Z)", cloudledger.store.__doc__ or "", re.M | re.S)
    return {name: " ".join(text.split()) for name, text in found}


def test_each_promise_has_its_proof() -> None:
    """Bounded is proved below."""
    assert list(promises()) == [*PROOFS, "Bounded"]


def test_durable(ledger: Ledger) -> None:
    """When `append` returns, the events survive SIGKILL and power loss (file and directory are synced)."""
    ledger.append(STREAM, log_records(0, 2))

    with Ledger.open(ledger.location, read_only=True) as after:  # nothing was closed or flushed
        assert after.last_position(STREAM) == 2


def test_atomic(ledger: Ledger) -> None:
    """A batch and its source cursor are one commit."""
    ledger.append(STREAM, log_records(0, 2), cursor=b"2")
    ledger.append(STREAM, log_records(2, 2), cursor=b"4")
    path = segment_of(ledger)
    path.write_bytes(path.read_bytes()[:-1])

    with Ledger.open(ledger.location, read_only=True) as after:
        assert (after.last_position(STREAM), after.cursor(STREAM)) == (2, b"2")


def test_once_only(ledger: Ledger) -> None:
    """An `event_id` already in the stream is not stored again."""
    ledger.append(STREAM, log_records(0, 2))

    assert ledger.append(STREAM, log_records(0, 3)).appended == 1


def test_immutable_and_checkable(ledger: Ledger) -> None:
    """Damage names file and range, and leaves the rest readable."""
    ledger.append(STREAM, log_records(0, 2))
    ledger.append(STREAM, log_records(2, 2))
    ledger.seal()
    flip(segment_of(ledger), segment_of(ledger).read_bytes().index(b"CLFRAME\n") + 40)

    with Ledger.open(ledger.location, read_only=True) as after:
        met: list[SegmentDamageError] = []
        assert sum(len(batch) for batch in after.read(on_damage=met.append)) == 2
        assert [(one.path, one.first_position, one.last_position) for one in met] == [(str(segment_of(ledger)), 1, 2)]


def test_one_writer_per_stream(ledger: Ledger) -> None:
    """A second writer gets a clear error."""
    ledger.append(STREAM, log_records(0, 1))

    with Ledger.open(ledger.location) as rival, pytest.raises(StreamLockedError, match="being written by process"):
        rival.append(STREAM, log_records(1, 1))


def test_bounded(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    """Memory does not grow with the ledger: readers stream blocks, indexes are lazy."""
    monkeypatch.setattr("cloudledger.store.stream_writer.SEGMENT_EVENTS", 100)
    for number in range(40):
        ledger.append(STREAM, log_records(number * 100, 100))

    with Ledger.open(ledger.location, read_only=True) as reader:
        sizes = [len(batch) for batch in reader.read(STREAM)]
        assert sizes == [100] * 40
        assert len(reader._reader(STREAM)._readers) <= 16


def segment_of(ledger: Ledger) -> Path:
    """Return the only segment."""
    return segment(Path(ledger.location))
