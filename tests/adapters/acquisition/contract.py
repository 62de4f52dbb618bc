"""The contract of every source that asks an API, whatever it reads and however: each source's tests inherit it.

    class TestCloudWatchLogs(SourceContract):
        @pytest.fixture
        def world(self) -> Iterator[World]: ...

A `World` holds a provider (a fake on loopback), its clock and faults, makes sources anew as a new process would, and
knows which entries exist.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cloudledger.adapters import Pipeline, SourceChunk, SourceReport
from cloudledger.adapters.acquisition import OpenGap, PulledSource, open_gaps
from cloudledger.adapters.committing import Commits
from cloudledger.domain import Kind
from cloudledger.store import Ledger
from tests.adapters.acquisition.clock import VirtualClock
from tests.wire.faults import Faults

MOST_POLLS = 60


class Crash(BaseException):
    """The process dies here."""


class World(ABC):
    """A provider, and what is true of it.

    Attributes:
        faults: chooses what goes wrong; shared with the fake.
        shares: the faults of the seeded schedules, by chance; together well below 1.
        outage: the kind of fault that stands for "nothing works".
        empty_page: the kind of fault that gives an empty page which is not the end; "" where pages do not exist.
    """

    clock: VirtualClock
    faults: Faults
    shares: dict[str, float]
    outage = "unavailable"
    empty_page = ""

    @abstractmethod
    def source(self) -> PulledSource:
        """Return the source as a new process makes it, not yet in any runtime."""

    @abstractmethod
    def expected(self) -> Counter[str]:
        """Return what must be in the ledger, each as `key` names an event."""

    @abstractmethod
    def place(self, cursor: bytes | None) -> Any:
        """Return what of a cursor must never go back, to be compared."""

    def key(self, event: Any) -> str:
        """Return what an event is compared by."""
        return str(event.payload.decode())

    def lose(self) -> bool:
        """Make the provider lose entries that no repetition brings; say whether this one can."""
        return False

    def find_again(self) -> bool:
        """Make the provider give what it had lost; say whether it can."""
        return False

    def poll(self, ledger: Ledger, source: PulledSource | None = None) -> SourceReport:
        """Read what is there, as one process does, and let a little time pass."""
        source = source or self.source()
        source.run_in(self.clock.runtime())
        try:
            return Commits(ledger, source, Pipeline()).run()
        finally:
            self.clock.forward(30)

    def poll_until_calm(self, ledger: Ledger) -> list[SourceReport]:
        """Read until a poll went well and brought nothing new."""
        reports = []
        for _ in range(MOST_POLLS):
            reports.append(self.poll(ledger))
            if not reports[-1].problem and not reports[-1].appended:
                return reports
        raise AssertionError(f"never calm: {reports[-1]}")

    def stored(self, ledger: Ledger) -> Counter[str]:
        """Return what the ledger holds, without what sources say of themselves."""
        found = (event for batch in ledger.read() for event in batch)
        events = [event for event in found if not event.format.startswith("cloudledger.")]
        return Counter(self.key(event) for event in events)


class DyingSource:
    """Dies after so many chunks."""

    def __init__(self, source: PulledSource, chunks: int) -> None:
        self.source, self.stream, self.left = source, source.stream, chunks

    def chunks(self, cursor: bytes | None) -> Iterator[SourceChunk]:
        for chunk in self.source.chunks(cursor):
            if not self.left:
                raise Crash
            self.left -= 1
            yield urgent(chunk)


def urgent(chunk: SourceChunk) -> SourceChunk:
    """Return a chunk that is committed by itself, so that there are many commits to die at."""
    return SourceChunk(
        chunk.records,
        chunk.cursor,
        chunk.raw_bytes,
        chunk.rejected,
        chunk.observed,
        chunk.problem,
        chunk.committed,
        urgent=True,
    )


class SourceContract:
    """What every source keeps; give a `world` fixture."""

    @pytest.fixture
    def ledger(self, tmp_path: Path) -> Iterator[Ledger]:
        with Ledger.open(tmp_path / "ledger") as ledger:
            yield ledger

    def test_every_entry_is_stored_once(self, world: World, ledger: Ledger) -> None:
        world.poll_until_calm(ledger)

        assert world.stored(ledger) == world.expected()
        assert open_gaps(ledger) == ()

    def test_a_second_run_adds_nothing(self, world: World, ledger: Ledger) -> None:
        world.poll_until_calm(ledger)
        before = world.stored(ledger)

        again = world.poll(ledger)

        assert (again.appended, world.stored(ledger)) == (0, before)

    @pytest.mark.parametrize("seed", range(3))
    def test_every_entry_is_stored_once_through_a_schedule_of_faults(
        self, world: World, ledger: Ledger, seed: int
    ) -> None:
        world.faults.restart(seed, world.shares)
        reports = world.poll_until_calm(ledger)

        assert world.stored(ledger) == world.expected()
        assert sum(world.faults.injected.values())
        assert not reports[-1].problem

    def test_a_cursor_never_goes_back(self, world: World, ledger: Ledger) -> None:
        world.faults.restart(7, world.shares)
        places = []

        for _ in range(8):
            report = world.poll(ledger)
            places.append(world.place(ledger.cursor(report.stream)))

        assert places == sorted(places)

    def test_nothing_moves_the_cursor_while_nothing_can_be_read(self, world: World, ledger: Ledger) -> None:
        world.faults.plan([world.outage] * 200)

        report = world.poll(ledger)

        assert report.problem
        assert world.place(ledger.cursor(report.stream)) == world.place(None)
        assert not world.stored(ledger)

    def test_an_outage_and_its_end_are_in_the_ledger(self, world: World, ledger: Ledger) -> None:
        world.faults.plan([world.outage] * 200)
        world.poll(ledger)
        world.poll(ledger)
        world.faults.restart(0, {})
        world.clock.forward(3600)
        world.poll_until_calm(ledger)

        states = [event.state for event in ledger.search(kind=Kind.SOURCE_OBSERVED)]  # type: ignore[attr-defined]
        assert states == ["degraded", "recovered"]
        assert world.stored(ledger) == world.expected()

    def test_an_empty_page_is_not_the_end(self, world: World, ledger: Ledger) -> None:
        if not world.empty_page:
            pytest.skip("this provider has no pages")
        world.faults.plan([world.empty_page] * 3)

        world.poll_until_calm(ledger)

        assert world.stored(ledger) == world.expected()

    def test_a_crash_before_any_commit_loses_and_doubles_nothing(self, world: World, ledger: Ledger) -> None:
        for chunks in (0, 1, 2, 3, 5, 8, 13):
            source = world.source()
            source.run_in(world.clock.runtime())
            try:
                Commits(ledger, DyingSource(source, chunks), Pipeline()).run()
            except Crash:
                continue
        world.poll_until_calm(ledger)

        assert world.stored(ledger) == world.expected()

    def test_a_crash_after_any_commit_loses_and_doubles_nothing(self, world: World, ledger: Ledger) -> None:
        for commits in (1, 2, 3, 5, 8):
            source = world.source()
            source.run_in(world.clock.runtime())
            left = iter(range(commits))

            def die(report: SourceReport, left: Iterator[int] = left) -> None:
                if next(left, None) is None:
                    raise Crash

            try:
                Commits(ledger, DyingSource(source, 1 << 30), Pipeline(), die).run()
            except Crash:
                continue
        world.poll_until_calm(ledger)

        assert world.stored(ledger) == world.expected()

    def test_what_cannot_be_had_is_a_recorded_gap_until_it_can(self, world: World, ledger: Ledger) -> None:
        if not world.lose():
            pytest.skip("this provider tells of no losses")
        world.poll(ledger)
        gaps = open_gaps(ledger)
        assert gaps
        assert all(isinstance(gap, OpenGap) and gap.source for gap in gaps)
        if not world.find_again():
            return
        for _ in range(5):
            world.clock.forward(3600)
            world.poll_until_calm(ledger)

        assert open_gaps(ledger) == ()
        assert world.stored(ledger) == world.expected()
