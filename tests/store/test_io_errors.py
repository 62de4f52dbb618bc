"""After any failed write or sync nothing more is written until the ledger is reopened; nothing acknowledged is lost."""

import errno
import resource
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from cloudledger.domain.errors import WriterPoisonedError
from cloudledger.store import Ledger
from tests.store.builders import STREAM, log_records
from tests.store.faulty_file_system import FaultyFileSystem

EVENTS = 3
BATCHES = 5


def append_all(ledger: Ledger) -> int:
    """Append batches, sealing in between; return how many were acknowledged before a failure."""
    for number in range(BATCHES):
        try:
            ledger.append(STREAM, log_records(number * EVENTS, EVENTS), cursor=b"%d" % (number + 1))
            if number == 2:
                ledger.seal()
        except WriterPoisonedError:
            with pytest.raises(WriterPoisonedError):
                ledger.append(STREAM, log_records(900, 1))
            last = ledger._reader(STREAM).next_position - 1
            return last // EVENTS if number == 2 and last == 3 * EVENTS else number
        except OSError:
            return number
    return BATCHES


@pytest.mark.parametrize("for_good", [False, True], ids=["once", "for good"])
@pytest.mark.parametrize("code", [errno.EIO, errno.ENOSPC], ids=["EIO", "ENOSPC"])
def test_a_failure_of_any_operation_loses_nothing_and_invents_nothing(
    tmp_path: Path, code: int, for_good: bool
) -> None:
    fail_at = 0
    while True:
        fail_at += 1
        location = tmp_path / str(fail_at)
        files = FaultyFileSystem(fail_at, code=code, for_good=for_good)
        try:
            with Ledger.open(location, files=files) as ledger:
                acknowledged = append_all(ledger)
        except OSError:
            acknowledged = 0  # the ledger itself could not be created
        with Ledger.open(location) as ledger:
            last, cursor = ledger.last_position(STREAM), int(ledger.cursor(STREAM) or b"0")
            assert last == cursor * EVENTS
            assert acknowledged <= cursor <= acknowledged + 1
            if not for_good:
                assert cursor == acknowledged
            ledger.append(STREAM, log_records(0, BATCHES * EVENTS))
            assert ledger.last_position(STREAM) == BATCHES * EVENTS
            assert ledger.verify().ok
        if files.operations < fail_at:
            return


FILL = """
import resource, signal, sys
from cloudledger.domain.batch import EventBatch
from cloudledger.domain.errors import WriterPoisonedError
from cloudledger.store import Ledger
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
with Ledger.open(sys.argv[1]) as ledger:
    resource.setrlimit(resource.RLIMIT_FSIZE, (60_000, 60_000))
    done = 0
    while True:
        ids = [[1, number] for number in range(done + 1, done + 200)]
        try:
            ledger.append(sys.argv[2], EventBatch.build(199, event_id=ids))
        except WriterPoisonedError:
            break
        done += 199
        print(done, flush=True)
"""


def test_a_full_disk_ends_the_writer_and_keeps_what_was_acknowledged(tmp_path: Path) -> None:
    assert hasattr(resource, "RLIMIT_FSIZE")
    assert hasattr(signal, "SIGXFSZ")
    done = subprocess.run([sys.executable, "-c", FILL, str(tmp_path), STREAM], capture_output=True, check=True)
    acknowledged = int(done.stdout.split()[-1])

    with Ledger.open(tmp_path) as ledger:
        assert ledger.last_position(STREAM) == acknowledged
        assert ledger.append(STREAM, log_records(0, 1)).appended == 1
        assert ledger.verify().ok
