"""WindowSource where the contract does not look: losses told by a tail, tokens refused, the unexpected, old gaps."""

from __future__ import annotations

import pickle
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from threading import Event

import pytest

from cloudledger.adapters import Pipeline, SourceReport
from cloudledger.adapters.acquisition import (
    HintSource,
    IncompleteWindowError,
    Lost,
    Overlap,
    Page,
    RateLimit,
    Requests,
    RetrySettings,
    Window,
    WindowSettings,
    WindowSource,
    open_gaps,
)
from cloudledger.adapters.acquisition.window import NS
from cloudledger.adapters.acquisition.window_cursor import decode_window_cursor
from cloudledger.adapters.committing import Commits
from cloudledger.domain import InvalidArgumentError, Kind
from cloudledger.store import Ledger
from tests.adapters.acquisition.clock import VirtualClock
from tests.adapters.acquisition.memory import Entry, MemoryStream, MemoryWindows, body
from tests.wire.faults import Faults

UNLIMITED = RateLimit(per_s=1e6)


class Scene:
    """An hour of entries, one each ten seconds, and a source of them."""

    def __init__(self, path: Path, **settings: float) -> None:
        self.clock, self.faults = VirtualClock(), Faults()
        start = self.clock.now_ns() - 3600 * NS
        entries = [Entry(start + number * 10 * NS, body(number)) for number in range(360)]
        self.reader = MemoryWindows(self.clock, self.faults, entries)
        self.start_ns, self.ledger = start, Ledger.open(path / "ledger")
        windows = WindowSettings(window_s=1800, least_s=60, **settings)
        self.source = WindowSource(self.reader, since=start, windows=windows, rate=UNLIMITED)

    def poll(self, source: WindowSource | None = None) -> SourceReport:
        source = source or self.source
        source.run_in(self.clock.runtime())
        return Commits(self.ledger, source, Pipeline()).run()

    def states(self) -> list[str]:
        found = self.ledger.search(kind=Kind.SOURCE_OBSERVED, limit=None)
        return [event.state for event in found]  # type: ignore[attr-defined]


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    return Scene(tmp_path)


def test_what_a_tail_did_not_give_is_recorded_and_read(scene: Scene) -> None:
    scene.poll()
    scene.source.lost.append(Lost(scene.start_ns, scene.start_ns + 60 * NS, "a sample"))
    scene.source.lost.append(Lost(scene.start_ns, scene.start_ns + 30 * NS, "cut", sampled=False))

    scene.poll()

    assert scene.states() == ["sampled", "gap", "gap_healed", "gap_healed"]
    assert scene.reader.asked[-2:] == [
        Window(scene.start_ns, scene.start_ns + 60 * NS),
        Window(scene.start_ns, scene.start_ns + 30 * NS),
    ]
    assert open_gaps(scene.ledger) == ()


def test_a_window_whose_token_is_refused_is_begun_anew_but_not_for_ever(scene: Scene) -> None:
    scene.faults.plan(["", "invalid_token"] * 3)
    assert not scene.poll().problem
    assert scene.source.tally["windows begun anew"] == 3

    scene.faults.plan(["invalid_token"] * 50)
    scene.clock.forward(10)

    assert scene.poll().problem.startswith("invalid token")
    assert scene.states() == ["degraded"]


def test_a_reader_that_meets_the_unexpected_is_degraded_and_ends_nobody_else(scene: Scene) -> None:
    scene.reader.entries = None  # type: ignore[assignment]  # what an SDK may give one day

    report = scene.poll()

    assert report.problem.startswith("fatal: TypeError: 'NoneType' object")
    assert scene.states() == ["degraded"]


def test_a_wrong_argument_is_no_degradation(scene: Scene) -> None:
    class Wrong(MemoryWindows):
        def pages(self, window: Window, requests: Requests) -> Iterator[Page]:
            raise InvalidArgumentError("give another one")

    with pytest.raises(InvalidArgumentError):
        scene.poll(WindowSource(Wrong(scene.clock, scene.faults, [])))


def test_a_window_that_stays_cut_off_becomes_a_gap_at_the_least_span(scene: Scene) -> None:
    poisoned = scene.start_ns + 600 * NS

    class Cut(MemoryWindows):
        def pages(self, window: Window, requests: Requests) -> Iterator[Page]:
            if window.since_ns <= poisoned < window.until_ns:
                requests.call(lambda: self.fail("truncated"))
            yield from super().pages(window, requests)

    reader = Cut(scene.clock, scene.faults, scene.reader.entries)
    source = WindowSource(reader, since=scene.start_ns, windows=scene.source.windows, rate=UNLIMITED)

    report = scene.poll(source)

    [gap] = open_gaps(scene.ledger)
    assert not report.problem
    assert gap.since_ns <= poisoned < gap.until_ns
    assert gap.until_ns - gap.since_ns < 120 * NS
    inside = sum(gap.since_ns <= entry.time_ns < gap.until_ns for entry in reader.entries)
    assert report.appended == 360 - inside + 1  # the gap's entries less, its event more


def test_a_gap_that_does_not_heal_is_tried_ever_more_seldom_then_given_up(tmp_path: Path) -> None:
    scene = Scene(tmp_path, heal_after_s=60, heal_within_s=3600)
    scene.reader.poisoned = {body(5)}
    scene.poll()
    tries = []

    for minute in range(120):
        scene.clock.forward(60)
        before = scene.source.tally["gaps read again"]
        scene.poll()
        if scene.source.tally["gaps read again"] > before:
            tries.append(minute + 1)

    assert tries == [1, 3, 7, 15, 31, 63]
    assert scene.states() == ["gap", "gap_abandoned"]
    [gap] = open_gaps(scene.ledger)
    assert gap.abandoned
    assert decode_window_cursor(scene.ledger.cursor("memory/1"), "").gaps == ()


def test_a_gap_heals_in_part(scene: Scene) -> None:
    scene.reader.poisoned = {body(5), body(12)}
    scene.poll()
    before = open_gaps(scene.ledger)
    scene.reader.poisoned = {body(12)}
    scene.clock.forward(61)

    scene.poll()

    assert len(open_gaps(scene.ledger)) < len(before) or (
        open_gaps(scene.ledger)[0].until_ns - open_gaps(scene.ledger)[0].since_ns
        < before[0].until_ns - before[0].since_ns
    )


def test_a_partial_window_that_cannot_be_halved_gives_what_it_has(scene: Scene) -> None:
    class Partial(MemoryWindows):
        def pages(self, window: Window, requests: Requests) -> Iterator[Page]:
            raise IncompleteWindowError("no more is given")
            yield

    reader = Partial(scene.clock, scene.faults, [])
    report = scene.poll(WindowSource(reader, windows=WindowSettings(window_s=1, least_s=1, back_s=1), rate=UNLIMITED))

    assert (report.appended, scene.states()) == (1, ["gap"])


def test_the_cursor_of_another_kind_of_source_is_refused(scene: Scene) -> None:
    with pytest.raises(InvalidArgumentError, match="a stream of its own"):
        scene.source.chunks(b"\x93 no json")


def test_a_stop_ends_a_poll_without_moving_the_cursor(scene: Scene) -> None:
    stop = Event()
    stop.set()
    scene.source.run_in(scene.clock.runtime(stop=stop))

    assert list(scene.source.chunks(None)) == []


def test_a_source_travels_to_another_process_without_its_clock(scene: Scene) -> None:
    hints = HintSource(MemoryStream(VirtualClock(), Faults(), []))
    source = WindowSource(scene.reader, hints=hints)
    scene.reader.clock = None  # type: ignore[assignment]
    scene.reader.faults = None  # type: ignore[assignment]
    hints.reader.clock = hints.reader.faults = None  # type: ignore[attr-defined]

    again = pickle.loads(pickle.dumps(source))

    assert repr(again) == "WindowSource(stream='memory/1')"
    assert again.companions[0].stream == "memory/1"
    assert again.runtime is not None


def test_a_source_checks_itself(scene: Scene) -> None:
    assert [check.ok for check in scene.source.check()] == [True]


def test_settings_are_kept(scene: Scene) -> None:
    source = WindowSource(scene.reader, overlap=Overlap(each_poll_s=1), retry=RetrySettings(attempts=1))

    assert (source.overlap.each_poll_s, source.retry.attempts, source.poll_s) == (1, 1, 5.0)


def test_gaps_that_an_overlap_meets_again_are_not_recorded_again(scene: Scene) -> None:
    scene.reader.poisoned = {entry.body for entry in scene.reader.entries[-6:]}
    for _ in range(11):
        scene.poll()
        scene.clock.forward(5)

    found = sorted(gap.window for gap in decode_window_cursor(scene.ledger.cursor("memory/1"), "").gaps)
    assert all(before.until_ns <= after.since_ns for before, after in pairwise(found))
    assert scene.states() == ["gap"] * len(found)

    scene.reader.poisoned = set()
    scene.clock.forward(3600)
    scene.poll()
    assert open_gaps(scene.ledger) == ()


def test_a_source_may_begin_at_the_epoch(scene: Scene) -> None:
    windows = WindowSettings(window_s=1e10)
    scene.reader.entries.insert(0, Entry(0, body(1000)))

    report = scene.poll(WindowSource(scene.reader, since="1970-01-01T00:00:00Z", windows=windows, rate=UNLIMITED))

    assert report.appended == 361
