"""Entries split by a container runtime are one event, wherever polls of a source that reads again cut between parts."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from cloudledger.adapters import Origin, Pipeline
from cloudledger.adapters.acquisition import RateLimit, Requests, Window, WindowSource
from cloudledger.adapters.acquisition.page import Page, page_of
from cloudledger.adapters.acquisition.window import NS
from cloudledger.adapters.committing import Commits
from cloudledger.adapters.joining import entry_joiner
from cloudledger.domain import LogRecorded
from cloudledger.store import Ledger
from tests.adapters.acquisition.clock import VirtualClock
from tests.adapters.acquisition.memory import MemoryWindows
from tests.wire.faults import Faults


class Lines(MemoryWindows):
    """Lines of one container, by their time."""

    def __init__(self, clock: VirtualClock) -> None:
        super().__init__(clock, Faults(), [])
        self.lines: list[tuple[int, str]] = []

    def write(self, *texts: str) -> None:
        """Write lines now, each a nanosecond behind the other."""
        for number, text in enumerate(texts):
            now_ns = self.clock.now_ns() + number
            self.lines.append((now_ns, f"2026-11-20T{_clock_time(now_ns)}Z stdout {text}"))

    def pages(self, window: Window, requests: Requests) -> Iterator[Page]:
        found = [line.encode() for at_ns, line in self.lines if window.since_ns <= at_ns < window.until_ns]
        if found:
            yield page_of(found, Origin("container", {}, self.clock.now_ns()))


def _clock_time(now_ns: int) -> str:
    seconds, rest = divmod(now_ns, NS)
    return f"{seconds // 3600 % 24:02}:{seconds // 60 % 60:02}:{seconds % 60:02}.{rest:09}"


class Scene:
    """A container, and a source that is polled as `follow` polls it."""

    def __init__(self, path: Path) -> None:
        self.clock = VirtualClock()
        self.lines = Lines(self.clock)
        source = WindowSource(self.lines, rate=RateLimit(per_s=1e6))
        source.run_in(self.clock.runtime())
        self.ledger = Ledger.open(path / "ledger")
        self.commits = Commits(self.ledger, source, Pipeline(), holds=True)

    def poll(self, after_s: float) -> None:
        self.clock.forward(after_s)
        assert not self.commits.run().problem

    def stored(self) -> list[str]:
        found = [event for event in self.ledger.search(limit=None) if isinstance(event, LogRecorded)]
        return [event.payload.decode().split(" ", 3)[3] for event in found]


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    return Scene(tmp_path)


def test_parts_wait_for_the_next_poll_and_no_poll_makes_an_entry_of_the_rest(scene: Scene) -> None:
    scene.lines.write("P INFO one ", "P two ")
    scene.poll(0.001)
    assert scene.stored() == []

    scene.lines.write("F three")
    for after_s in (1, 1, 30, 20, *[1] * 20):  # the overlap begins before, within and behind the parts
        scene.poll(after_s)

    assert scene.stored() == ["INFO one two three"]


def test_an_overlap_that_begins_within_an_entry_makes_no_entry_of_its_rest(scene: Scene) -> None:
    scene.lines.write("P INFO one ")
    scene.clock.forward(2)
    scene.lines.write("P two ")
    scene.clock.forward(2)
    scene.lines.write("F three")

    for after_s in (1, 10, *[1] * 60):
        scene.poll(after_s)

    assert scene.stored() == ["INFO one two three"]


def test_parts_whose_rest_never_comes_are_stored_as_they_are(scene: Scene) -> None:
    scene.lines.write("P INFO one ", "P two ")
    for _ in range(15):
        scene.poll(1)

    assert sorted(scene.stored()) == ["INFO one ", "two "]


def test_parts_that_no_poll_reads_again_are_stored_at_once(scene: Scene) -> None:
    scene.lines.write("P INFO one ")
    scene.poll(600)

    assert scene.stored() == ["INFO one "]


def test_the_memory_of_joined_parts_is_bounded(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(entry_joiner, "MAX_JOINED", 4)
    for number in range(10):
        scene.lines.write(f"P INFO {number} ", f"F end {number}")
        scene.poll(1)

    assert scene.stored()[:2] == ["INFO 0 end 0", "INFO 1 end 1"]
    assert len(scene.commits.pipeline.joiner._joined) == 4
