"""Read models keep up with a ledger that grows, in this process and in another, and stop cleanly."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from cloudledger.domain import InvalidArgumentError, LogRecorded
from cloudledger.projections import catch_up, follow_models
from cloudledger.projections.models import ReadModels
from cloudledger.store import Ledger


def log(number: int) -> LogRecorded:
    return LogRecorded(
        event_id=number.to_bytes(16, "big"), occurred_at=10**18 + number, service="cart", payload=b"ready"
    )


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with Ledger.open(tmp_path / "ledger") as ledger:
        yield ledger


def reached(models: ReadModels) -> int:
    return min(at.get("app", 0) for at in models.positions.values())


def test_models_come_at_once_and_after_each_change(ledger: Ledger) -> None:
    ledger.append("app", [log(1)])
    stop = threading.Event()
    models = follow_models(ledger, stop=stop, poll_s=0.01)

    assert reached(next(models)) == 1
    ledger.append("app", [log(2), log(3)])
    assert reached(next(models)) == 3
    stop.set()
    assert list(models) == []


def test_the_last_models_hold_what_was_committed_before_the_stop(ledger: Ledger) -> None:
    stop = threading.Event()
    models = follow_models(ledger, stop=stop)
    next(models)
    ledger.append("app", [log(1)])
    stop.set()

    assert [reached(one) for one in models] == [1]


def test_models_follow_another_process(ledger: Ledger) -> None:
    """Its own opening of the ledger, read-only, stands for the other process: they share nothing but the files."""
    with Ledger.open(ledger.location, read_only=True) as reader:
        models = follow_models(reader, poll_s=0.01)
        assert reached(next(models)) == 0
        ledger.append("app", [log(1)])
        assert reached(next(models)) == 1
        models.close()  # type: ignore[attr-defined]


def test_followed_models_are_those_that_catch_up_gives(ledger: Ledger) -> None:
    stop = threading.Event()
    models = follow_models(ledger, stop=stop, checkpoint_every_s=0.0)
    for number in range(1, 200, 10):
        ledger.append("app", [log(n) for n in range(number, number + 10)])
        followed = next(models)
    states = {name: followed.state(name).encoded() for name in followed.positions}
    stop.set()
    list(models)

    again = catch_up(ledger)

    assert {name: again.state(name).encoded() for name in again.positions} == states


def test_a_follower_leaves_a_checkpoint_behind(ledger: Ledger) -> None:
    ledger.append("app", [log(1)])
    models = follow_models(ledger, poll_s=0.01)
    name = next(iter(next(models).positions))
    models.close()  # type: ignore[attr-defined]

    assert ledger.checkpoints.list(name)[-1].positions == {"app": 1}


def test_following_ends_at_an_instant(ledger: Ledger) -> None:
    started = time.monotonic()

    assert len(list(follow_models(ledger, until=time.time_ns() + 200_000_000, poll_s=0.01))) == 1
    assert 0.1 < time.monotonic() - started < 5


def test_an_interrupt_from_the_keyboard_is_a_wish_to_stop(ledger: Ledger) -> None:
    class Interrupted(threading.Event):
        def wait(self, timeout: float | None = None) -> bool:
            raise KeyboardInterrupt

    stop = Interrupted()

    assert len(list(follow_models(ledger, stop=stop))) == 1
    assert stop.is_set()


@pytest.mark.parametrize("arguments", [{"poll_s": 0}, {"until": "some day"}])
def test_wrong_arguments_are_refused(ledger: Ledger, arguments: dict[str, object]) -> None:
    with pytest.raises(InvalidArgumentError):
        follow_models(ledger, **arguments)  # type: ignore[arg-type]


def test_what_is_no_ledger_is_refused() -> None:
    with pytest.raises(InvalidArgumentError, match="open ledger"):
        follow_models("ledger")  # type: ignore[arg-type]
