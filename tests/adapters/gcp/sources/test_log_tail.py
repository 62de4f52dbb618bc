"""The tail of Cloud Logging: entries at once, what it leaves out is read by the listing, sessions end in many ways."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from google.cloud.logging_v2.types import TailLogEntriesRequest

from cloudledger.adapters import follow
from cloudledger.adapters.acquisition import Lost, Runtime, WindowSettings
from cloudledger.adapters.acquisition.wake_call import WakeCall
from cloudledger.adapters.gcp.sources.grpc_session import GrpcSession
from cloudledger.adapters.gcp.sources.log_tail import TailLogEntries
from cloudledger.adapters.gcp.sources.pump import WAITING, Pump
from cloudledger.domain import Kind
from cloudledger.store import Ledger
from tests.adapters.gcp.sources.logging_world import LoggingWorld, entry
from tests.wire.google_logging import TAILED, FakeLogging

QUIET = WindowSettings(poll_s=3600, back_s=60)


@pytest.fixture
def world() -> Iterator[LoggingWorld]:
    world = LoggingWorld(entries=1)
    world.fake = FakeLogging()
    with world.fake:
        yield world


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with Ledger.open(tmp_path / "ledger") as ledger:
        yield ledger


def until(reached: Callable[[], object]) -> None:
    for _ in range(3000):
        if reached():
            return
        time.sleep(0.01)
    raise AssertionError("never")


def answer(*numbers: int, left_out: int = 0) -> Any:
    suppressed = [TAILED.SuppressionInfo(reason=1, suppressed_count=left_out)] if left_out else []
    return TAILED(entries=[entry(n, time.time_ns()).entry for n in numbers], suppression_info=suppressed)


class Followed:
    """Follows a source in a thread until the block ends."""

    def __init__(self, ledger: Ledger, source: Any) -> None:
        self.stop = threading.Event()
        self._thread = threading.Thread(target=follow, args=(ledger, [source]), kwargs={"stop": self.stop})

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self.stop.set()
        self._thread.join(10)
        assert not self._thread.is_alive()


def test_an_entry_of_the_tail_is_stored_at_once_and_not_again_by_the_listing(
    world: LoggingWorld, ledger: Ledger
) -> None:
    told = answer(1, 2)
    world.fake.tails = [[told]]
    source = world.source(tail=True, windows=QUIET, since=None)
    with Followed(ledger, source):
        until(lambda: ledger.last_position(source.stream) == 2)
        world.fake.entries = [entry(n, one.timestamp.ToNanoseconds()) for n, one in enumerate(told.entries, 1)]
        source.wake.set()
        until(lambda: source.tally["windows"] >= 2)

    assert ledger.last_position(source.stream) == 2
    assert [name for name, _ in world.fake.requests].count("Tail") == 1


def test_what_the_tail_left_out_is_a_sampled_stream_until_the_listing_has_read_it(
    world: LoggingWorld, ledger: Ledger
) -> None:
    world.fake.tails = [[answer(1, left_out=7)]]
    source = world.source(tail=True, windows=QUIET, since=None)
    source.companions[0].settle_s = 0.1

    def states() -> list[str]:
        return [one.state for one in ledger.search(kind=Kind.SOURCE_OBSERVED, limit=None)]  # type: ignore[attr-defined]

    with Followed(ledger, source):
        until(lambda: states() == ["sampled", "gap_healed"])

    [sampled, _] = ledger.search(kind=Kind.SOURCE_OBSERVED, limit=None)
    assert sampled.detail == "the tail left out entries (7 or more: RATE_LIMIT)"  # type: ignore[attr-defined]


def reader_of(world: LoggingWorld) -> TailLogEntries:
    [hints] = world.source(tail=True).companions
    assert isinstance(hints.reader, TailLogEntries)
    return hints.reader


def deliveries(world: LoggingWorld) -> Iterator[Any]:
    """Return what one session of the tail delivers."""
    [hints] = world.source(tail=True).companions
    hints.tell("truth", WakeCall(), deque[Lost]())
    hints.run_in(Runtime(live=True))
    return hints.reader.deliveries({}, hints.requests())


@pytest.mark.parametrize("end", ["out_of_range", "deadline", "end"])
def test_the_end_of_the_hour_ends_a_session_without_trouble(world: LoggingWorld, end: str) -> None:
    world.fake.tails = [[answer(1), end]]

    seen = [one for one in deliveries(world) if one.page or one.hint]

    assert [one.hint for one in seen] == [True, False]


def test_another_end_is_an_error_of_the_session(world: LoggingWorld) -> None:
    world.fake.tails = [["unavailable"]]
    [hints] = world.source(tail=True).companions

    with pytest.raises(Exception, match="unavailable") as error:
        list(deliveries(world))
    assert hints.reader.classify(error.value).failure.value == "transient"


def test_a_silent_tail_still_delivers_nothing_now_and_then(world: LoggingWorld) -> None:
    """google-api-core would wait for the first entry before it gives the call."""
    session = deliveries(world)

    started = time.monotonic()
    first, second = next(session), next(session)
    session.close()  # type: ignore[attr-defined]

    assert (first.hint, second.page) == (True, None)
    assert time.monotonic() - started < 10


def test_a_tail_needs_no_more_than_the_listing_and_connects_anew(world: LoggingWorld) -> None:
    [hints] = world.source(tail=True).companions
    reader = reader_of(world)
    reader.connection.logging()

    assert hints.check() == ()
    reader.refresh()
    assert not reader.connection._clients


def test_a_pump_reads_no_further_than_what_waits_and_stops_when_closed() -> None:
    given: list[int] = []

    def endless() -> Iterator[int]:
        for number in range(10_000):
            given.append(number)
            yield number

    cancelled: list[bool] = []
    pump = Pump(endless, lambda: cancelled.append(True))
    items = pump.items(every_s=0.5)
    assert next(items) == 0
    until(lambda: len(given) == WAITING + 2)
    time.sleep(0.15)
    assert len(given) == WAITING + 2
    items.close()  # type: ignore[attr-defined]
    pump._thread.join(2)

    assert not pump._thread.is_alive()
    assert cancelled == [True]


def test_a_pump_gives_nothing_while_its_stream_is_silent_and_goes_on() -> None:
    more = threading.Event()

    def slow() -> Iterator[int]:
        more.wait(5)
        yield 1

    items = Pump(slow, lambda: None).items(every_s=0.01)
    assert [next(items), next(items)] == [None, None]
    more.set()
    assert [item for item in items if item] == [1]


def test_a_pump_ends_with_its_stream_and_breaks_with_it() -> None:
    def broken() -> Iterator[int]:
        yield 1
        raise OSError("reset")

    assert list(Pump(lambda: iter([1, 2]), lambda: None).items(every_s=1)) == [1, 2]
    with pytest.raises(OSError, match="reset"):
        list(Pump(broken, lambda: None).items(every_s=1))


def test_a_session_that_is_over_before_it_was_opened_is_cancelled(world: LoggingWorld) -> None:
    client = reader_of(world).connection.logging
    session = GrpcSession(client, "tail_log_entries", TailLogEntriesRequest(), timeout_s=5)
    session._cancelled()

    with pytest.raises(Exception, match=r"(?i)cancel"):
        next(session._opened())
