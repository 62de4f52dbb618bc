"""Power loss at every moment of a history, in every state that it may legally leave: acknowledged is there, once."""

from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from cloudledger.store import Ledger
from cloudledger.store.file_system import FileSystem
from tests.store.builders import START_NS, STREAM, log_records
from tests.store.simulated_disk import Appendable, SimulatedDisk

LOCATION = "/ledger"
EVENTS = 3


@dataclass
class History:
    """What a ledger's user knows: how many batches were acknowledged, and whether one is on its way."""

    acknowledged: int = 0
    dropped: int = 0
    on_its_way: bool = False
    checkpoints: int = 0
    images: int = 0
    violations: list[str] = field(default_factory=list)


def live(disk: FileSystem, history: History) -> None:
    """Append, seal, go on, save checkpoints, drop a segment, compact, restart: everything that writes."""
    for session in range(2):
        with Ledger.open(LOCATION, files=disk, clock=lambda: START_NS) as ledger:
            for number in range(3):
                append(ledger, history)
                if number == 1 and session == 0:
                    ledger.seal()
                if number == 2:
                    ledger.checkpoints.save("cost@1", {STREAM: 1}, {"hour": b"counts %d" % session})
                    history.checkpoints += 1
    with Ledger.open(LOCATION, files=disk, clock=lambda: START_NS) as ledger:
        history.dropped = 2 * EVENTS
        ledger.retain(older_than=START_NS + 6 * 10**9)
        append(ledger, history)
        ledger.seal()
        ledger.compact()
        append(ledger, history)


def append(ledger: Ledger, history: History) -> None:
    """Append the next batch; its cursor is its number."""
    history.on_its_way = True
    number = history.acknowledged
    ledger.append(STREAM, log_records(number * EVENTS, EVENTS), cursor=b"%d" % (number + 1))
    history.acknowledged, history.on_its_way = number + 1, False


def judge(disk: SimulatedDisk, history: History) -> None:
    """Open what a crash left: all acknowledged batches, perhaps the one on its way as a whole, nothing else."""
    with Ledger.open(LOCATION, files=disk, clock=lambda: START_NS) as ledger:
        last = ledger.last_position(STREAM)
        batches, part = divmod(last, EVENTS)
        assert not part
        assert history.acknowledged <= batches <= history.acknowledged + history.on_its_way
        assert (ledger.cursor(STREAM) or b"0") == b"%d" % batches
        positions = [at for batch in ledger.read(columns=["kind"]) for at in batch.positions.tolist()]
        assert positions in ([*range(1, last + 1)], [*range(history.dropped + 1, last + 1)])
        assert len(ledger.checkpoints.list("cost@1")) >= history.checkpoints
        again = ledger.append(STREAM, log_records(last - 1 if last else 0, EVENTS), cursor=b"next")
        assert again.last_position == last + again.appended
        assert again.duplicates == (1 if last else 0)
        report = ledger.verify()
        assert report.ok, report.damaged


def judge_images(disk: SimulatedDisk, history: History, judged: Callable[[SimulatedDisk, History], None]) -> None:
    """Judge all that a crash now may leave."""
    for image in disk.images():
        history.images += 1
        try:
            judged(image, history)
        except Exception as error:  # every kind of failure is a violation: they are shown together
            history.violations.append(f"image {history.images}: {type(error).__name__}: {error}")


def run(disk: SimulatedDisk) -> History:
    """Live through the history, judging all crash images after each operation."""
    history = History()
    disk.after_operation = lambda: judge_images(disk, history, judge)
    live(disk, history)
    return history


def test_no_crash_image_loses_or_invents_an_event(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cloudledger.store.verification.WRITE_S", 0.0)

    history = run(SimulatedDisk())

    assert history.images > 200
    assert not history.violations, "\n".join(history.violations[:5])


@pytest.mark.parametrize("forgotten", ["file", "directory"])
def test_the_simulation_notices_a_missing_sync(monkeypatch: pytest.MonkeyPatch, forgotten: str) -> None:
    """The harness itself: a store that forgets a sync must fail it."""
    if forgotten == "file":
        monkeypatch.setattr(Appendable, "sync", lambda self: self.disk.after_operation())
    else:
        monkeypatch.setattr(SimulatedDisk, "sync_directory", lambda self, path: self.after_operation())
    monkeypatch.setattr("tests.store.test_crashes.judge", judge_quickly)

    assert run(SimulatedDisk()).violations


def judge_quickly(disk: SimulatedDisk, history: History) -> None:
    """Look only for what was acknowledged."""
    with Ledger.open(LOCATION, files=disk, read_only=history.acknowledged > 0) as ledger:
        assert ledger.last_position(STREAM) >= history.acknowledged * EVENTS
