"""Following keeps a ledger current from many sources at once; one that is down delays none; it stops cleanly."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from cloudledger.adapters import FileSource, SourceChunk, SourceReport, follow, ingest
from cloudledger.adapters.acquisition import (
    Delivery,
    HintSource,
    RateLimit,
    Requests,
    Runtime,
    StreamSource,
    WindowSettings,
    WindowSource,
)
from cloudledger.adapters.acquisition.window import NS
from cloudledger.domain import InvalidArgumentError, Kind, LedgerError, LogRecorded
from cloudledger.store import Ledger
from tests.adapters.acquisition.clock import VirtualClock
from tests.adapters.acquisition.memory import Entry, MemoryStream, MemoryWindows, body
from tests.wire.faults import Faults

UNLIMITED = RateLimit(per_s=1e6)


class RealClock(VirtualClock):
    """The clock on the wall."""

    def now_ns(self) -> int:
        return time.time_ns()


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with Ledger.open(tmp_path / "ledger") as ledger:
        yield ledger


def windows(stream: str = "memory/1", *, poll_s: float = 0.02) -> tuple[MemoryWindows, WindowSource]:
    reader = MemoryWindows(RealClock(), Faults(), [])
    reader.identity = type(reader.identity)(stream=stream, provider="aws", api=stream)
    settings = WindowSettings(poll_s=poll_s, ahead_s=5)
    return reader, WindowSource(reader, windows=settings, rate=UNLIMITED)


def until(condition: object, most_s: float = 10.0) -> None:
    started = time.monotonic()
    while not condition():  # type: ignore[operator]
        assert time.monotonic() - started < most_s, "it never came"
        time.sleep(0.005)


class Followed:
    """Runs `follow` in a thread."""

    def __init__(self, ledger: Ledger, sources: list[object]) -> None:
        self.stop, self.report, self.error = threading.Event(), None, None
        self._thread = threading.Thread(target=self._run, args=(ledger, sources))

    def _run(self, ledger: Ledger, sources: list[object]) -> None:
        try:
            self.report = follow(ledger, sources, stop=self.stop)  # type: ignore[arg-type, assignment]
        except Exception as error:
            self.error = error  # type: ignore[assignment]

    def __enter__(self) -> Followed:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop.set()
        self._thread.join(10)
        assert not self._thread.is_alive()


def test_files_pulls_and_streams_enter_together_and_stop_together(ledger: Ledger, tmp_path: Path) -> None:
    (tmp_path / "app.log").write_text("ready\n")
    reader, pull = windows("pull")
    stream = MemoryStream(RealClock(), Faults(), [body(number) for number in range(1000, 1020)])
    files = FileSource(tmp_path / "app.log", stream="files")

    with Followed(ledger, [files, pull, StreamSource(stream, rate=UNLIMITED)]) as followed:
        until(lambda: ledger.last_position("memory/1") == 20 and ledger.last_position("files") == 1)
        reader.entries.append(Entry(time.time_ns(), body(1)))
        until(lambda: ledger.last_position("pull") == 1)
        with (tmp_path / "app.log").open("a") as file:
            file.write("steady\n")
        until(lambda: ledger.last_position("files") == 2)

    assert followed.report.appended == 23  # type: ignore[attr-defined]
    assert {one.problem for one in followed.report.sources} == {""}  # type: ignore[attr-defined]


def test_a_provider_that_is_down_delays_none_of_the_others(ledger: Ledger, tmp_path: Path) -> None:
    down, source = windows("down")
    down.faults.plan(["denied"] * 10_000)
    reader, pull = windows("pull")
    missing = FileSource(tmp_path / "not-there-yet", stream="files")

    with Followed(ledger, [source, pull, missing]) as followed:
        for number in range(5):
            reader.entries.append(Entry(time.time_ns(), body(number)))
            until(lambda number=number: ledger.last_position("pull") == number + 1)

    problems = {one.stream: one.problem.split(":")[0] for one in followed.report.sources}  # type: ignore[attr-defined]
    assert problems == {"down": "denied", "pull": "", "files": "SourceNotFoundError"}
    states = [event.state for event in ledger.search(kind=Kind.SOURCE_OBSERVED)]  # type: ignore[attr-defined]
    assert states == ["degraded"]


def test_batch_reading_of_a_provider_that_is_down_delays_none_of_the_others(ledger: Ledger) -> None:
    down, source = windows("down")
    down.faults.plan(["denied"] * 100)
    reader, pull = windows("pull")
    reader.entries.append(Entry(time.time_ns(), body(1)))

    report = ingest(ledger, [source, pull])

    assert [one.problem.split(":")[0] for one in report.sources] == ["denied", ""]
    assert report.sources[1].appended == 1
    assert report.activity["denied"] == 1


def test_a_hint_brings_an_entry_long_before_the_next_poll(ledger: Ledger) -> None:
    reader, _ = windows()
    seen = threading.Event()

    class Tail(MemoryStream):
        def deliveries(self, positions: Mapping[str, str], requests: Requests) -> Iterator[Delivery]:
            while not seen.wait(0.01):
                yield Delivery()
            seen.clear()
            yield Delivery(hint=True)
            while True:
                time.sleep(0.01)
                yield Delivery()

    tail = Tail(RealClock(), Faults(), [])
    pull = WindowSource(reader, hints=HintSource(tail), windows=WindowSettings(poll_s=3600, ahead_s=5), rate=UNLIMITED)

    with Followed(ledger, [pull]):
        until(lambda: pull.tally["windows"] == 1)
        reader.entries.append(Entry(time.time_ns(), body(1)))
        seen.set()
        until(lambda: ledger.last_position("memory/1") == 1)


def test_following_ends_at_an_instant(ledger: Ledger) -> None:
    _, pull = windows()

    started = time.monotonic()
    report = follow(ledger, [pull], until=datetime.now(UTC) + timedelta(seconds=0.3))

    assert 0.2 < time.monotonic() - started < 5
    assert report.sources[0].activity["windows"] > 1


def test_an_interrupt_from_the_keyboard_ends_following_with_its_report(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, pull = windows()

    class Interrupted(threading.Event):
        def wait(self, timeout: float | None = None) -> bool:
            if threading.current_thread() is threading.main_thread() and pull.tally["windows"]:
                raise KeyboardInterrupt
            return super().wait(timeout)

    stop = Interrupted()

    report = follow(ledger, [pull], stop=stop)

    assert stop.is_set()
    assert report.sources[0].stream == "memory/1"


def test_two_sources_of_one_stream_are_refused(ledger: Ledger) -> None:
    with pytest.raises(InvalidArgumentError, match="one of its own"):
        follow(ledger, [windows()[1], windows()[1]])


def test_a_ledger_that_cannot_be_written_ends_all_and_says_so(ledger: Ledger, tmp_path: Path) -> None:
    reader, pull = windows()
    reader.entries.append(Entry(time.time_ns(), body(1)))
    _, other = windows("other")

    with Ledger.open(ledger.location) as rival:
        rival.append("memory/1", [LogRecorded(event_id=bytes([7] * 16))])
        with pytest.raises(LedgerError, match="is being written"):
            follow(ledger, [pull, other])


def test_a_source_that_keeps_failing_is_asked_ever_more_seldom(ledger: Ledger) -> None:
    _, source = windows("down", poll_s=0.05)
    source.reader.faults.plan(["denied"] * 10_000)  # type: ignore[attr-defined]

    follow(ledger, [source], until=time.time_ns() + NS)

    assert 2 <= source.tally["polls failed"] <= 6


class Endless:
    """A source of files that breaks."""

    stream = "breaking"

    def chunks(self, cursor: bytes | None) -> Iterator[SourceChunk]:
        raise ConnectionResetError("the peer hung up")


def test_a_source_that_breaks_is_read_again(ledger: Ledger) -> None:
    reports: list[SourceReport] = []

    report = follow(ledger, [Endless()], until=time.time_ns() + NS // 10, on_progress=reports.append)

    assert report.sources[0].problem == "ConnectionResetError: the peer hung up"


def test_runtimes_are_made_where_none_is_given() -> None:
    assert Runtime().now_ns() > NS


def test_two_api_sources_of_one_stream_are_refused_since_the_second_would_lose_its_past(ledger: Ledger) -> None:
    _, first = windows("logs")
    _, second = windows("logs")

    for run in (ingest, follow):
        with pytest.raises(InvalidArgumentError, match="'logs'"):
            run(ledger, [first, second])
    assert ingest(ledger, [first, first]).appended == 0


def test_two_folders_of_one_stream_are_refused(ledger: Ledger, tmp_path: Path) -> None:
    (tmp_path / "a.log").write_text("INFO paid\n")
    sources = [FileSource(tmp_path / "a.log", stream="files/a"), FileSource(tmp_path, stream="files/a")]

    with pytest.raises(InvalidArgumentError, match="files/a"):
        follow(ledger, sources)


def test_what_is_stopped_before_it_begins_asks_nothing(ledger: Ledger) -> None:
    _, source = windows()
    stop = threading.Event()
    stop.set()

    report = follow(ledger, [source], stop=stop)

    assert report.read == 0
    assert ledger.streams() == []
