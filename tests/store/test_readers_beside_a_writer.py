"""Readers take no lock and see a prefix, while a writer appends, seals and drops."""

import random
import shutil
import threading
from pathlib import Path

from cloudledger.domain.batch import EventBatch
from cloudledger.store import Ledger
from tests.store.builders import SECOND_NS, START_NS, STREAM, log_records


def test_a_reader_sees_what_was_appended_since_it_opened(ledger: Ledger) -> None:
    with Ledger.open(ledger.location, read_only=True) as reader:
        assert reader.streams() == []
        for number in range(3):
            ledger.append(STREAM, log_records(number, 1), cursor=b"%d" % number)
            assert reader.last_position(STREAM) == number + 1
            assert reader.cursor(STREAM) == b"%d" % number
            assert sum(len(batch) for batch in reader.read(STREAM)) == number + 1
            ledger.seal()
            assert reader.last_position(STREAM) == number + 1


def test_a_dropped_segment_is_gone_for_a_reader_too(ledger: Ledger) -> None:
    with Ledger.open(ledger.location, read_only=True) as reader:
        for number in range(3):
            ledger.append(STREAM, log_records(number * 10, 10))
            ledger.seal()
        assert sum(len(batch) for batch in reader.read()) == 30

        assert ledger.retain(older_than=START_NS + 15 * SECOND_NS) == 1

        assert [batch.positions[0] for batch in reader.read()] == [11, 21]
        assert reader.verify().ok


def test_readers_always_see_a_prefix(tmp_path: Path) -> None:
    """Each read, while commits and seals go on, gives positions 1 to n with their own payloads."""
    stop, problems = threading.Event(), list[str]()

    def look() -> None:
        seen = 0
        with Ledger.open(tmp_path, read_only=True) as reader:
            while not stop.is_set():
                batches = list(reader.read(STREAM, columns=["payload"]))
                numbers = [int(p) for batch in batches for p in batch.payload.to_list()]
                if numbers != list(range(1, len(numbers) + 1)) or len(numbers) < seen:
                    problems.append(f"{len(numbers)} after {seen}: {numbers[:3]}...{numbers[-3:]}")
                seen = len(numbers)

    with Ledger.open(tmp_path) as ledger:
        readers = [threading.Thread(target=look) for _ in range(2)]
        for reader in readers:
            reader.start()
        for first in range(1, 3_000, 30):
            numbers = range(first, first + 30)
            batch = EventBatch.build(30, event_id=[[1, n] for n in numbers], payload=[b"%d" % n for n in numbers])
            ledger.append(STREAM, batch)
            if first % 11 == 0:
                ledger.seal()
        stop.set()
        for reader in readers:
            reader.join()

    assert not problems


def test_a_copy_of_the_files_made_while_writing_opens(tmp_path: Path) -> None:
    """A backup: files copied in any order are a ledger of some prefix."""
    with Ledger.open(tmp_path / "live") as ledger:
        for number in range(5):
            ledger.append(STREAM, log_records(number * 10, 10))
        shutil.copytree(tmp_path / "live", tmp_path / "copy")
        ledger.append(STREAM, log_records(50, 10))

    with Ledger.open(tmp_path / "copy") as copy:
        assert copy.verify().ok
        assert copy.append(STREAM, log_records(0, 60)).duplicates == 50


def test_copies_of_single_files_in_any_order_while_a_writer_compacts_open(tmp_path: Path) -> None:
    """Each file is copied at another moment; a file that is gone by then was compacted into one that is copied later.

    So the folder is listed again until nothing in it is new.
    """
    pick = random.Random(3)
    for round_ in range(6):
        live, copy = tmp_path / f"live-{round_}", tmp_path / f"copy-{round_}"
        with Ledger.open(live) as ledger:
            acknowledged = 0
            for _ in range(60):
                acknowledged += ledger.append(STREAM, log_records(acknowledged, 7)).appended
                step = pick.randrange(4)
                if step == 0:
                    ledger.seal()
                elif step == 1:
                    ledger.compact()
                copy_some(live, copy, pick)
            first = acknowledged
            while copy_some(live, copy, pick):
                acknowledged += ledger.append(STREAM, log_records(acknowledged, 7)).appended

        with Ledger.open(copy) as opened:
            positions = [at for batch in opened.read() for at in batch.positions.tolist()]
            assert positions == list(range(1, len(positions) + 1))
            assert 0 < len(positions) <= acknowledged
            assert len(positions) >= first - 7 * 60
            assert opened.append(STREAM, log_records(0, acknowledged)).last_position == acknowledged


def copy_some(live: Path, copy: Path, pick: random.Random) -> bool:
    """Copy three files that were not copied yet; say whether there were any."""
    files = [path for path in live.rglob("*") if path.is_file() and not (copy / path.relative_to(live)).exists()]
    for path in pick.sample(files, min(3, len(files))):
        target = copy / path.relative_to(live)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, target)
    return bool(files)
