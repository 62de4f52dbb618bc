"""A writer killed at random instants, again and again, on one ledger: what it acknowledged is there, once."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

from cloudledger.store import Ledger
from tests.store.builders import STREAM

ROUNDS = int(os.environ.get("CLOUDLEDGER_KILL_ROUNDS", "8"))
"""CLOUDLEDGER_KILL_ROUNDS=500 makes a long run of it."""

WRITER = """
import random, sys
from cloudledger.domain.batch import EventBatch
from cloudledger.store import Ledger

location, stream, seed = sys.argv[1], sys.argv[2], int(sys.argv[3])
pick = random.Random(seed)
with Ledger.open(location) as ledger:
    done = int(ledger.cursor(stream) or b"0")
    print(done, flush=True)
    while True:
        count = pick.randrange(1, 400)
        ids = [[1, number] for number in range(done + 1, done + count + 1)]
        batch = EventBatch.build(count, event_id=ids, payload=[b"%d" % pair[1] for pair in ids])
        ledger.append(stream, batch, cursor=b"%d" % (done + count))
        done += count
        print(done, flush=True)
        if pick.random() < 0.1:
            ledger.seal(stream)
        if pick.random() < 0.1:
            ledger.checkpoints.save("cost@1", {stream: done}, {"hour": b"counts until %d" % done})
        if pick.random() < 0.1:
            ledger.checkpoints.prune(hourly=0, daily=1)
        if pick.random() < 0.1:
            ledger.compact()
        if pick.random() < 0.03:
            ledger.retain(max_bytes=200_000)
"""


def acknowledged(location: Path, seed: int, *, seconds: float) -> int:
    """Run a writer for a moment, kill it, and return the last cursor that it acknowledged."""
    command = [sys.executable, "-c", WRITER, str(location), STREAM, str(seed)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, env={**os.environ, "COVERAGE_PROCESS_START": ""})
    assert process.stdout
    first = process.stdout.readline()
    time.sleep(seconds)
    process.send_signal(signal.SIGKILL)
    rest, _ = process.communicate()
    lines = [line for line in (first + rest).split(b"\n")[:-1] if line]
    return int(lines[-1])


def test_what_a_killed_writer_acknowledged_is_there_once(tmp_path: Path) -> None:
    pick, reached = random.Random(1), 0
    for seed in range(ROUNDS):
        reached = max(reached, acknowledged(tmp_path, seed, seconds=pick.random() * 0.15))

        with Ledger.open(tmp_path, read_only=True) as ledger:
            last = ledger.last_position(STREAM)
            assert last >= reached
            assert int(ledger.cursor(STREAM) or b"0") == last
            checkpoint = ledger.checkpoints.latest("cost@1")
            assert checkpoint is None or checkpoint.positions[STREAM] <= last

    with Ledger.open(tmp_path) as ledger:
        numbers = [int(p) for b in ledger.read(columns=["payload"]) for p in b.payload.to_list()]
        assert numbers == list(range(last + 1 - len(numbers), last + 1))
        assert numbers
        assert ledger.append(STREAM, [], cursor=b"%d" % last).last_position == last
        assert ledger.verify().ok
