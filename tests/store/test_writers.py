"""One writer per stream: a second one is refused, a dead one's lock is taken over, a zombie cannot commit."""

import multiprocessing
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import msgspec
import pytest

from cloudledger.domain.errors import FencedWriterError, StreamLockedError
from cloudledger.store import Ledger
from cloudledger.store.durable_file import read_whole, write_durably
from cloudledger.store.local_file_system import LocalFileSystem
from cloudledger.store.stream_directory import OWNER, stream_path
from cloudledger.store.stream_lock import Owner
from tests.store.builders import STREAM, log_recorded, log_records

HOLD = """
import sys, time
from cloudledger.store import Ledger
from cloudledger.domain.events import LogRecorded
ledger = Ledger.open(sys.argv[1])
ledger.append(sys.argv[2], [LogRecorded(event_id=b"0" * 16)])
print("held", flush=True)
time.sleep(60)
"""


def owner(ledger: Ledger) -> Owner:
    """Return who owns the stream, by its file."""
    path = f"{stream_path(ledger.location, STREAM)}/{OWNER}"
    return msgspec.json.decode(read_whole(LocalFileSystem(), path), type=Owner)


def test_a_second_writer_of_a_stream_is_refused(ledger: Ledger) -> None:
    ledger.append(STREAM, [log_recorded()])

    with Ledger.open(ledger.location) as rival, pytest.raises(StreamLockedError, match=str(os.getpid())):
        rival.append(STREAM, [log_recorded(1)])


def test_writers_of_other_streams_do_not_wait(ledger: Ledger) -> None:
    ledger.append(STREAM, [log_recorded()])

    with Ledger.open(ledger.location) as other:
        assert other.append("another", [log_recorded()]).appended == 1


def test_a_closed_writer_gives_its_stream_up(ledger: Ledger) -> None:
    ledger.append(STREAM, [log_recorded()])
    ledger.close()

    with Ledger.open(ledger.location) as heir:
        assert heir.append(STREAM, [log_recorded(1)]).first_position == 2


def test_a_dead_writers_lock_is_taken_over(tmp_path: Path) -> None:
    process = subprocess.Popen([sys.executable, "-c", HOLD, str(tmp_path), STREAM], stdout=subprocess.PIPE)
    try:
        assert process.stdout
        assert process.stdout.readline() == b"held\n"
        with Ledger.open(tmp_path) as ledger:
            with pytest.raises(StreamLockedError, match=str(process.pid)):
                ledger.append(STREAM, log_records(0, 1))
            process.send_signal(signal.SIGKILL)
            process.wait()

            assert ledger.append(STREAM, log_records(0, 1)).first_position == 2
    finally:
        process.kill()
        process.communicate()


def test_each_writer_has_a_higher_epoch(tmp_path: Path) -> None:
    epochs = []
    for number in range(3):
        with Ledger.open(tmp_path) as ledger:
            ledger.append(STREAM, [log_recorded(number)])
            epochs.append(owner(ledger).epoch)

    assert epochs == [1, 2, 3]


def test_a_writer_that_was_fenced_cannot_commit(ledger: Ledger) -> None:
    """A zombie: its lock was lost without its knowledge, for example on a network file system."""
    ledger.append(STREAM, [log_recorded()])
    path = f"{stream_path(ledger.location, STREAM)}/{OWNER}"
    write_durably(LocalFileSystem(), path, msgspec.json.encode(Owner(1, "elsewhere", owner(ledger).epoch + 1)))

    with pytest.raises(FencedWriterError):
        ledger.append(STREAM, [log_recorded(1)])

    assert ledger.last_position(STREAM) == 1


def sleep_on() -> None:
    """Outlive the parent's ledger."""
    time.sleep(30)


def test_a_forked_child_does_not_keep_the_lock(tmp_path: Path) -> None:
    with Ledger.open(tmp_path) as ledger:
        ledger.append(STREAM, [log_recorded()])
        child = multiprocessing.get_context("fork").Process(target=sleep_on)
        child.start()
    try:
        with Ledger.open(tmp_path) as heir:
            assert heir.append(STREAM, [log_recorded(1)]).appended == 1
    finally:
        child.kill()
        child.join()
