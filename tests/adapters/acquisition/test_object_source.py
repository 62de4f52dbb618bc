"""ObjectSource where the contract does not look: late, replaced, growing, vanished and damaged objects."""

from __future__ import annotations

from pathlib import Path
from threading import Event

import pytest

from cloudledger.adapters import Pipeline, SourceReport
from cloudledger.adapters.acquisition import ObjectInfo, ObjectSource, RateLimit, open_gaps
from cloudledger.adapters.acquisition.object_cursor import decode_object_cursor
from cloudledger.adapters.committing import Commits
from cloudledger.domain import InvalidArgumentError, Kind
from cloudledger.store import Ledger
from tests.adapters.acquisition.clock import VirtualClock
from tests.adapters.acquisition.memory import MemoryObjects, body
from tests.wire.faults import Faults

UNLIMITED = RateLimit(per_s=1e6)


class Scene:
    """An empty bucket."""

    def __init__(self, path: Path) -> None:
        self.clock, self.faults = VirtualClock(), Faults()
        self.reader = MemoryObjects(self.clock, self.faults)
        self.source = ObjectSource(self.reader, rate=UNLIMITED)
        self.ledger = Ledger.open(path / "ledger")

    def poll(self) -> SourceReport:
        self.source.run_in(self.clock.runtime())
        return Commits(self.ledger, self.source, Pipeline()).run()

    def states(self) -> list[str]:
        found = self.ledger.search(kind=Kind.SOURCE_OBSERVED, limit=None)
        return [event.state for event in found]  # type: ignore[attr-defined]


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    return Scene(tmp_path)


def test_an_object_that_comes_late_into_an_older_folder_is_read(scene: Scene) -> None:
    scene.reader.put("day/2.gz", [body(2)])
    scene.poll()
    scene.reader.put("day/1.gz", [body(1)])

    assert scene.poll().appended == 1


def test_an_object_that_was_replaced_is_read_again(scene: Scene) -> None:
    scene.reader.put("a.gz", [b"plain line one"])
    scene.poll()
    scene.reader.put("a.gz", [b"plain line two"], version="2")

    assert scene.poll().appended == 1


def test_an_object_that_grows_is_read_on_from_its_last_whole_line(scene: Scene) -> None:
    scene.reader.put("PT1H.json", [body(1), body(2)], grows=True, cut=5)
    assert scene.poll().appended == 1

    scene.reader.put("PT1H.json", [body(1), body(2), body(3)], grows=True)

    assert scene.poll().appended == 2
    assert scene.poll().read == 0


def test_a_growing_object_without_a_line_feed_waits(scene: Scene) -> None:
    scene.reader.put("PT1H.json", [b"x" * 200_000], grows=True, cut=1)

    assert scene.poll().read == 0


def test_an_object_that_cannot_be_read_is_a_gap_and_the_others_are_read(scene: Scene) -> None:
    for number in range(3):
        scene.reader.put(f"{number}.gz", [body(number)])
    scene.reader.broken = {"mem://bucket/1.gz": "denied"}

    report = scene.poll()
    scene.poll()

    assert report.problem.startswith("denied")
    assert [gap.resource for gap in open_gaps(scene.ledger)] == ["mem://bucket/1.gz"]
    assert scene.states() == ["gap"]
    scene.reader.broken = {}
    assert scene.poll().appended == 2
    assert scene.states() == ["gap", "gap_healed"]


def test_a_damaged_object_gives_what_can_be_read_and_says_so(scene: Scene) -> None:
    scene.reader.put("a.gz", [body(number) for number in range(200)], cut=20)

    report = scene.poll()

    assert report.rejected
    assert report.appended > 1
    assert scene.poll().read == 0


def test_what_the_listing_no_longer_shows_is_forgotten(scene: Scene) -> None:
    scene.reader.put("a.gz", [body(1)])
    scene.reader.put("b.json", [body(2)], grows=True)
    scene.poll()
    scene.reader.objects.clear()

    scene.poll()

    state = decode_object_cursor(scene.ledger.cursor("memory/1"), "")
    assert (state.seen, state.grown) == (b"", {})


def test_an_outage_degrades_the_source(scene: Scene) -> None:
    scene.reader.put("a.gz", [body(1)])
    scene.faults.plan(["", *["transient"] * 9])

    assert scene.poll().problem.startswith("transient")
    assert scene.states() == ["degraded"]
    scene.faults.restart(0, {})
    scene.clock.forward(60)
    scene.poll()
    assert scene.states() == ["degraded", "recovered"]


def test_the_unexpected_degrades_the_source(scene: Scene) -> None:
    scene.reader.objects = None  # type: ignore[assignment]

    assert scene.poll().problem.startswith("fatal")


def test_a_wrong_argument_is_no_degradation(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(found: ObjectInfo) -> dict[str, str]:
        raise InvalidArgumentError("give another one")

    scene.reader.put("a.gz", [body(1)])
    monkeypatch.setattr(scene.reader, "metadata", refuse)

    with pytest.raises(InvalidArgumentError):
        scene.poll()


def test_a_stop_ends_a_poll(scene: Scene) -> None:
    stop = Event()
    stop.set()
    scene.source.run_in(scene.clock.runtime(stop=stop))

    assert list(scene.source.chunks(None)) == []


def test_the_cursor_of_another_kind_of_source_is_refused(scene: Scene) -> None:
    with pytest.raises(InvalidArgumentError, match="a stream of its own"):
        scene.source.chunks(b"{}")
