"""Checkpoints: saved whole or not at all, costing what changed, passed over when damaged, pruned by age."""

import threading
from pathlib import Path

import pytest

from cloudledger.domain.errors import (
    InvalidArgumentError,
    ReadOnlyLedgerError,
    SegmentDamageError,
    UnknownCheckpointError,
)
from cloudledger.store import Checkpoint, Ledger
from cloudledger.store.checkpoint_packs import PACKS
from tests.store.builders import STREAM, log_records
from tests.store.test_recovery import flip

HOUR_NS = 3_600_000_000_000
NAME = "cost@1"


def packs(ledger: Ledger) -> list[Path]:
    """Return the files that hold partitions, oldest first."""
    folder = Path(ledger.location) / "checkpoints" / PACKS
    return sorted(folder.glob("*.pack"), key=lambda path: path.stat().st_mtime_ns)


def save(ledger: Ledger, number: int, **partitions: bytes | str) -> Checkpoint:
    """Save a checkpoint."""
    return ledger.checkpoints.save(NAME, {STREAM: number}, partitions, extra={"number": str(number)})


@pytest.fixture
def filled(ledger: Ledger) -> Ledger:
    """A ledger with ten events."""
    ledger.append(STREAM, log_records(0, 10))
    return ledger


def test_what_was_saved_is_there_after_reopening(filled: Ledger) -> None:
    save(filled, 3, hour=b"counts", day=b"")

    with Ledger.open(filled.location, read_only=True) as reader:
        latest = reader.checkpoints.latest(NAME)
        assert latest is not None
        assert (latest.positions, latest.extra, latest.name) == ({STREAM: 3}, {"number": "3"}, NAME)
        assert {k: reader.checkpoints.read_partition(v) for k, v in latest.partitions.items()} == {
            "hour": b"counts",
            "day": b"",
        }


def test_a_partition_that_did_not_change_is_not_written_again(filled: Ledger) -> None:
    first = save(filled, 1, old=b"x" * 100_000, new=b"1")
    save(filled, 2, old=first.partitions["old"], new=b"2")
    save(filled, 3, old=b"x" * 100_000, new=b"2")

    assert len(packs(filled)) == 2
    assert packs(filled)[1].stat().st_size < 200


def test_a_content_name_that_is_not_stored_is_refused(filled: Ledger) -> None:
    with pytest.raises(InvalidArgumentError, match="nowhere"):
        save(filled, 1, hour="nowhere")

    assert filled.checkpoints.list(NAME) == []


def test_old_checkpoints_can_be_opened_by_id(filled: Ledger) -> None:
    ids = [save(filled, number, hour=b"%d" % number).id for number in range(1, 4)]

    assert [filled.checkpoints.get(NAME, id).positions[STREAM] for id in ids] == [1, 2, 3]
    assert [checkpoint.id for checkpoint in filled.checkpoints.list(NAME)] == ids
    with pytest.raises(UnknownCheckpointError, match=ids[-1]):
        filled.checkpoints.get(NAME, "77")


def test_without_checkpoints_there_is_no_latest(filled: Ledger) -> None:
    assert filled.checkpoints.latest(NAME) is None
    assert filled.checkpoints.list("other") == []
    assert filled.checkpoints.names() == []


def test_a_read_only_ledger_saves_nothing(filled: Ledger) -> None:
    with Ledger.open(filled.location, read_only=True) as reader:
        with pytest.raises(ReadOnlyLedgerError):
            save(reader, 1, hour=b"x")
        with pytest.raises(ReadOnlyLedgerError):
            reader.checkpoints.prune()


@pytest.mark.parametrize("what", ["manifest", "partition", "pack head", "missing pack"])
def test_a_damaged_checkpoint_is_passed_over_for_the_one_before(filled: Ledger, what: str) -> None:
    save(filled, 1, hour=b"one")
    last = save(filled, 2, hour=b"two" * 50)
    if what == "manifest":
        flip(max((Path(filled.location) / "checkpoints").rglob("*.ckpt")), 60)
    elif what == "missing pack":
        packs(filled)[1].unlink()
    else:
        flip(packs(filled)[1], -2 if what == "partition" else 30)

    with Ledger.open(filled.location) as ledger:
        assert ledger.verify().ok == (what == "missing pack")
        latest = ledger.checkpoints.latest(NAME)
        assert latest is not None
        assert latest.positions == {STREAM: 1}
        with pytest.raises(UnknownCheckpointError):
            ledger.checkpoints.get(NAME, last.id)
        if what != "manifest":
            with pytest.raises((SegmentDamageError, UnknownCheckpointError)):
                ledger.checkpoints.read_partition(last.partitions["hour"])
        again = ledger.checkpoints.save(NAME, {STREAM: 2}, {"hour": b"two" * 50})
        assert ledger.checkpoints.latest(NAME) == again
        assert ledger.checkpoints.read_partition(again.partitions["hour"]) == b"two" * 50
        assert ledger.last_position(STREAM) == 10


def test_a_checkpoint_that_reaches_beyond_the_ledger_is_passed_over(filled: Ledger) -> None:
    """For example when an older copy of the streams was restored."""
    save(filled, 9, hour=b"9")
    save(filled, 11, hour=b"11")

    latest = filled.checkpoints.latest(NAME)

    assert latest is not None
    assert latest.positions == {STREAM: 9}


def test_pruning_keeps_one_per_hour_then_one_per_day_and_the_newest(tmp_path: Path) -> None:
    now = [0]
    with Ledger.open(tmp_path, clock=lambda: now[0]) as ledger:
        ledger.append(STREAM, log_records(0, 1))
        for number in range(0, 24 * 60, 5):
            now[0] = number * HOUR_NS // 2
            ledger.checkpoints.save(NAME, {STREAM: 1}, {})
        save(ledger, 1, hour=b"x")
        hours = {c.recorded_at // HOUR_NS for c in ledger.checkpoints.list(NAME)}

        deleted = ledger.checkpoints.prune(hourly=48, daily=10)

        kept = [checkpoint.recorded_at // HOUR_NS for checkpoint in ledger.checkpoints.list(NAME)]
        recent = sorted(hour for hour in hours if now[0] // HOUR_NS - hour < 48)
        assert kept[-len(recent) :] == recent
        assert len({hour // 24 for hour in kept}) == 10
        assert len(kept) <= len(recent) + 10
        assert deleted == 289 - len(kept)


def test_pruning_gives_back_what_no_checkpoint_refers_to(tmp_path: Path) -> None:
    now = [0]
    with Ledger.open(tmp_path, clock=lambda: now[0]) as ledger:
        ledger.append(STREAM, log_records(0, 10))
        first = save(ledger, 1, kept=b"k" * 500, gone=bytes(range(256)) * 40)
        now[0] = 100 * 24 * HOUR_NS
        save(ledger, 2, kept=first.partitions["kept"], gone=b"new")

        assert ledger.checkpoints.prune() == 1

        assert sum(path.stat().st_size for path in packs(ledger)) < 600
        latest = ledger.checkpoints.latest(NAME)
        assert latest is not None
        assert ledger.checkpoints.read_partition(latest.partitions["kept"]) == b"k" * 500
        with pytest.raises(UnknownCheckpointError):
            ledger.checkpoints.read_partition(first.partitions["gone"])


def test_savers_beside_each_other_wait(filled: Ledger) -> None:
    def save_some(name: str) -> None:
        with Ledger.open(filled.location) as ledger:
            for number in range(5):
                ledger.checkpoints.save(name, {STREAM: number}, {"hour": b"%d" % number, "name": name.encode()})

    threads = [threading.Thread(target=save_some, args=(name,)) for name in ("a", "b", "a")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert [len(filled.checkpoints.list(name)) for name in ("a", "b")] == [10, 5]
