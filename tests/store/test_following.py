"""A follower sees what is committed, in order and once, from any process, whatever happens to segments meanwhile."""

import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from cloudledger.domain.errors import InvalidArgumentError
from cloudledger.store import Ledger
from cloudledger.store.local_file_system import LocalFileSystem, LocalReadable
from tests.store.builders import START_NS, STREAM, log_records

WRITER = """
import sys, time
from cloudledger.domain.batch import EventBatch
from cloudledger.store import Ledger

location, stream = sys.argv[1:]
with Ledger.open(location) as ledger:
    for number in range(40):
        batch = EventBatch.build(5, event_id=[[1, number * 5 + n + 1] for n in range(5)],
                                 occurred_at=[time.time_ns()] * 5, payload=[b"%d" % (number * 5 + n) for n in range(5)])
        ledger.append(stream, batch)
        if number % 9 == 8:
            ledger.seal()
"""


def test_a_follower_sees_events_of_another_process_within_a_second(tmp_path: Path) -> None:
    Ledger.open(tmp_path).close()
    stop, seen, delays = threading.Event(), list[bytes](), list[float]()
    patience = threading.Timer(20, stop.set)  # only used up where the writer fails
    patience.start()
    process = subprocess.Popen([sys.executable, "-c", WRITER, str(tmp_path), STREAM])
    with Ledger.open(tmp_path, read_only=True) as reader:
        for batch in reader.follow(columns=["occurred_at", "payload"], poll=0.02, stop=stop):
            delays.append(time.time() - batch.occurred_at[-1] / 1e9)
            seen += batch.payload.to_list()
            if len(seen) >= 200:
                stop.set()

    patience.cancel()
    assert process.wait() == 0
    assert seen == [b"%d" % number for number in range(200)]
    assert max(delays) < 1


def test_following_goes_on_through_sealing_and_retention(ledger: Ledger) -> None:
    """Dropped events that were not read yet are left out; all others come once and in order."""
    following = ledger.follow(STREAM, after=2, columns=["kind"], poll=0.01)
    seen: list[int] = []
    ledger.append(STREAM, log_records(0, 5))
    seen += next(following).positions.tolist()
    for number in range(1, 9):
        ledger.append(STREAM, log_records(number * 5, 5))
        if number % 2:
            ledger.seal()
        if number % 4:
            seen += next(following).positions.tolist()
        if number == 5:
            ledger.retain(older_than=START_NS + 10 * 10**9)
    while seen[-1] < 45:
        seen += next(following).positions.tolist()

    assert seen == list(range(3, 46))


def test_a_follower_behind_retention_goes_on_at_what_is_left(ledger: Ledger) -> None:
    following = ledger.follow(STREAM, columns=["kind"], poll=0.01)
    ledger.append(STREAM, log_records(0, 5))
    assert next(following).positions.tolist() == [1, 2, 3, 4, 5]
    for number in range(1, 4):
        ledger.append(STREAM, log_records(number * 5, 5))
        ledger.seal()
    ledger.retain(older_than=START_NS + 15 * 10**9)

    assert next(following).positions.tolist() == [16, 17, 18, 19, 20]


def test_streams_that_appear_are_followed_too(ledger: Ledger) -> None:
    following = ledger.follow(poll=0.01)
    ledger.append("a", log_records(0, 1))
    assert next(following).stream == "a"
    ledger.append("b", log_records(0, 1))
    assert next(following).stream == "b"


@pytest.mark.parametrize("how", ["stop", "close", "stopped before"])
def test_following_stops_when_it_is_told_to(ledger: Ledger, how: str) -> None:
    stop = threading.Event()
    ledger.append(STREAM, log_records(0, 3))
    following = ledger.follow(STREAM, poll=0.01, stop=stop)
    if how == "stopped before":
        stop.set()
        assert list(following) == []
        return
    assert len(next(following)) == 3
    threading.Timer(0.05, stop.set if how == "stop" else ledger.close).start()

    assert list(following) == []


def test_a_look_without_news_costs_the_same_however_many_segments_there_are(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The folder of segments is not listed, and no segment is opened."""
    for number in range(30):
        ledger.append(STREAM, log_records(number, 1))
        ledger.seal()
    stop, listed, opened = threading.Event(), list[str](), list[str]()
    following = ledger.follow(STREAM, poll=0.001, stop=stop)
    for _ in range(30):
        next(following)
    listing, opening = LocalFileSystem.names, LocalFileSystem.open_readable

    def names(self: LocalFileSystem, path: str) -> list[str]:
        listed.append(path)
        return listing(self, path)

    def open_readable(self: LocalFileSystem, path: str) -> LocalReadable:
        opened.append(path)
        return opening(self, path)

    monkeypatch.setattr(LocalFileSystem, "names", names)
    monkeypatch.setattr(LocalFileSystem, "open_readable", open_readable)
    threading.Timer(0.1, stop.set).start()

    assert list(following) == []
    assert len(listed) > 5
    assert {Path(path).name for path in listed[3:]} == {"manifest"}
    assert opened == []


def test_a_wrong_interval_is_refused(ledger: Ledger) -> None:
    with pytest.raises(InvalidArgumentError, match="more than 0"):
        ledger.follow(poll=0)
