"""StreamSource and HintSource: sessions that break, acknowledgements, losses, and tails that only hint."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from pathlib import Path
from threading import Event

import pytest

from cloudledger.adapters import Origin, Pipeline, SourceReport
from cloudledger.adapters.acquisition import (
    Delivery,
    HintSource,
    Lost,
    Page,
    RateLimit,
    Requests,
    RetrySettings,
    StreamSource,
    open_gaps,
)
from cloudledger.adapters.acquisition.wake_call import WakeCall
from cloudledger.adapters.committing import Commits
from cloudledger.adapters.files.framed_chunk import rejected_piece
from cloudledger.adapters.records import Records
from cloudledger.domain import InvalidArgumentError, Kind
from cloudledger.store import Ledger
from tests.adapters.acquisition.clock import VirtualClock
from tests.adapters.acquisition.memory import MemoryStream, body
from tests.wire.faults import Faults

UNLIMITED = RateLimit(per_s=1e6)


class Scene:
    """A stream of twenty messages."""

    def __init__(self, path: Path) -> None:
        self.clock, self.faults = VirtualClock(), Faults()
        self.reader = MemoryStream(self.clock, self.faults, [body(number) for number in range(20)])
        self.source = StreamSource(self.reader, rate=UNLIMITED)
        self.ledger = Ledger.open(path / "ledger")

    def run(self, source: StreamSource | None = None) -> SourceReport:
        source = source or self.source
        source.run_in(self.clock.runtime())
        return Commits(self.ledger, source, Pipeline()).run()

    def states(self) -> list[str]:
        found = self.ledger.search(kind=Kind.SOURCE_OBSERVED, limit=None)
        return [event.state for event in found]  # type: ignore[attr-defined]


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    return Scene(tmp_path)


def test_messages_are_acknowledged_after_the_commit_that_holds_them(scene: Scene) -> None:
    held: list[int] = []
    scene.reader._acknowledge = lambda: held.append(scene.ledger.last_position("memory/1"))  # type: ignore[method-assign]

    assert scene.run().appended == 20
    assert held == [20] * len(held)
    assert held


def test_an_acknowledgement_that_fails_loses_nothing(scene: Scene) -> None:
    def fail() -> None:
        raise ConnectionError("no acknowledgement")

    scene.reader._acknowledge = fail  # type: ignore[method-assign]

    report = scene.run()

    assert report.problem == "ConnectionError: no acknowledgement"
    assert report.appended == 20


def test_a_session_that_breaks_is_opened_again_where_it_was(scene: Scene) -> None:
    scene.faults.plan(["", "", "transient", "", "expired", "", "throttled"])

    report = scene.run()

    assert not report.problem
    assert report.appended - len(scene.states()) == 20
    assert scene.states()[0] == "degraded"
    assert scene.states()[-1] == "recovered"
    assert scene.reader.refreshed == 1


def test_a_stream_that_is_denied_is_given_up(scene: Scene) -> None:
    scene.faults.plan(["denied"] * 2)

    assert scene.run().problem.startswith("denied")
    assert scene.states() == ["degraded"]


def test_what_a_stream_lost_is_a_gap(scene: Scene) -> None:
    scene.reader.lost = [Lost(5, 9, "sampled"), Lost(9, 12, "fell behind", sampled=False)]

    scene.run()

    assert scene.states() == ["sampled", "gap"]
    assert [(gap.since_ns, gap.reason) for gap in open_gaps(scene.ledger)] == [(5, "sampled"), (9, "fell behind")]


def test_what_a_stream_finds_again_heals_its_gap_and_what_could_not_be_framed_is_kept(scene: Scene) -> None:
    missing = Lost(5, 6, "denied", sampled=False, resource="s3://logs/a.gz")
    piece = rejected_piece(Origin("s3://logs/a.gz"), b"\0", 7, "binary data")
    pages = [Delivery(lost=(missing,)), Delivery(Page(Records.of([], Origin("a")), 0, (piece,)), found=(missing,))]

    class Losing(MemoryStream):
        def deliveries(self, positions: Mapping[str, str], requests: Requests) -> Iterator[Delivery]:
            yield from pages

    scene.run(StreamSource(Losing(scene.clock, scene.faults, [])))

    assert scene.states() == ["gap", "gap_healed"]
    assert open_gaps(scene.ledger) == ()
    assert [event.payload for event in scene.ledger.search(kind=Kind.RECORD_REJECTED)] == [b"\0"]  # type: ignore[attr-defined]


def test_a_wrong_argument_is_no_degradation(scene: Scene) -> None:
    class Wrong(MemoryStream):
        def deliveries(self, positions: Mapping[str, str], requests: Requests) -> Iterator[Delivery]:
            raise InvalidArgumentError("give another one")

    with pytest.raises(InvalidArgumentError):
        scene.run(StreamSource(Wrong(scene.clock, scene.faults, [])))


def test_the_cursor_of_another_kind_of_source_is_refused(scene: Scene) -> None:
    with pytest.raises(InvalidArgumentError, match="a stream of its own"):
        list(scene.source.chunks(b"\x93 no json"))


def test_a_stop_while_waiting_ends_the_stream(scene: Scene) -> None:
    stop = Event()

    def sleep(seconds: float) -> bool:
        stop.set()
        return True

    runtime = scene.clock.runtime(stop=stop)
    runtime._sleep = sleep
    scene.source.run_in(runtime)
    scene.faults.plan(["transient"] * 9)

    problems = [chunk.problem for chunk in scene.source.chunks(None)]

    assert not any(problems)


def test_a_stop_between_sessions_ends_the_stream(scene: Scene) -> None:
    stop = Event()

    class Silent(MemoryStream):
        def deliveries(self, positions: Mapping[str, str], requests: Requests) -> Iterator[Delivery]:
            yield Delivery()
            stop.set()

    source = StreamSource(Silent(scene.clock, scene.faults, []))
    source.run_in(scene.clock.runtime(live=True, stop=stop))

    assert list(source.chunks(None)) == []
    assert source.tally["sessions"] == 1


def test_a_session_that_breaks_in_a_broken_wait_ends_the_stream(scene: Scene) -> None:
    stop = Event()

    class Breaking(MemoryStream):
        def deliveries(self, positions: Mapping[str, str], requests: Requests) -> Iterator[Delivery]:
            stop.set()
            self.fail("transient")
            yield Delivery()

    source = StreamSource(Breaking(scene.clock, scene.faults, []), retry=RetrySettings(attempts=9))
    source.run_in(scene.clock.runtime(stop=stop))

    assert len(list(source.chunks(None))) == 1


def test_a_session_that_ends_when_reading_what_is_there_is_the_end(scene: Scene) -> None:
    class Short(MemoryStream):
        def deliveries(self, positions: Mapping[str, str], requests: Requests) -> Iterator[Delivery]:
            yield Delivery()

    assert scene.run(StreamSource(Short(scene.clock, scene.faults, []))).appended == 0


def test_a_tail_wakes_the_pull_and_leaves_its_cursor_alone(scene: Scene) -> None:
    wake, lost = WakeCall(), deque[Lost]()
    tail = HintSource(scene.reader)
    tail.settle_s = 0.0
    tail.tell("truth", wake, lost)
    scene.reader.lost = [Lost(5, 9, "sampled")]
    scene.ledger.append("truth", [], cursor=b"the pull's own")

    report = scene.run(tail)

    assert report.stream == "truth"
    assert scene.ledger.cursor("truth") == b"the pull's own"
    assert wake.is_set()
    assert list(lost) == [Lost(5, 9, "sampled")]
    assert scene.states() == []


def test_losses_of_a_tail_that_follow_each_other_are_one(scene: Scene) -> None:
    second = 1_000_000_000
    now = scene.clock.now_ns()

    class Sampled(MemoryStream):
        def deliveries(self, positions: Mapping[str, str], requests: Requests) -> Iterator[Delivery]:
            for number in range(700):
                scene.clock.forward(1)
                at = now + number * second
                yield Delivery(hint=True, lost=(Lost(at, at + second, "sampled"),))
            for _ in range(30):
                scene.clock.forward(1)
                yield Delivery()

    lost = deque[Lost]()
    tail = HintSource(Sampled(scene.clock, scene.faults, []))
    tail.tell("truth", WakeCall(), lost)

    scene.run(tail)

    assert list(lost) == [
        Lost(now, now + 600 * second, "sampled"),
        Lost(now + 600 * second, now + 700 * second, "sampled"),
    ]


def test_a_tail_without_anything_to_say_wakes_nobody(scene: Scene) -> None:
    wake = WakeCall()
    tail = HintSource(MemoryStream(scene.clock, scene.faults, []))
    tail.tell("truth", wake, deque())

    scene.run(tail)

    assert not wake.is_set()
    wake.set()
    wake.clear()
    assert not wake.is_set()
