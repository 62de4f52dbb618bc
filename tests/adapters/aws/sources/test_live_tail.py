"""Live Tail through real boto3: it hints, says what it sampled, and ends in all the ways in which sessions end."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from cloudledger.adapters import follow
from cloudledger.adapters.acquisition import Delivery, RequestFailedError, RetrySettings, WindowSettings, open_gaps
from cloudledger.adapters.aws.sources.live_tail import LiveTail
from cloudledger.domain import Kind
from cloudledger.store import Ledger
from tests.adapters.aws.sources.cloudwatch_world import CloudWatchWorld, opened
from tests.wire.cloudwatch_logs import Entry, session_exception, session_start, session_update

SHOWN = [Entry(1_795_176_000_000, "1", "ready")]


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Iterator[CloudWatchWorld]:
    monkeypatch.setenv("TEST_AWS_KEY", "AKIAIOSFODNN7EXAMPLE")
    monkeypatch.setenv("TEST_AWS_SECRET", "not-a-secret-at-all")
    yield from opened()


def deliveries(world: CloudWatchWorld, frames: list[bytes], **settings: str) -> list[Delivery]:
    world.fake.tail = lambda: iter(frames)
    source = world.source(live_tail=True, retry=RetrySettings(attempts=1), **settings)
    source.run_in(world.clock.runtime())
    [tail] = source.companions
    return list(tail.reader.deliveries({}, tail.requests()))


def test_an_update_with_entries_is_a_hint(world: CloudWatchWorld) -> None:
    frames = [session_start(), session_update([]), session_update(SHOWN), session_exception("SessionTimeoutException")]

    assert [delivery.hint for delivery in deliveries(world, frames)] == [False, False, True]


def test_a_sampled_update_says_what_it_lacks(world: CloudWatchWorld) -> None:
    [delivery] = deliveries(world, [session_update(SHOWN, sampled=True)])

    [lost] = delivery.lost
    assert lost.sampled
    assert lost.since_ns <= SHOWN[0].timestamp_ms * 1_000_000 < lost.until_ns


def test_a_session_that_breaks_says_why(world: CloudWatchWorld) -> None:
    with pytest.raises(Exception, match="SessionStreamingException") as raised:
        deliveries(world, [session_start(), session_exception("SessionStreamingException")])
    assert world.source(live_tail=True).companions[0].reader.classify(raised.value).failure.name == "TRANSIENT"


def test_a_session_that_is_cut_off_within_an_update_gives_what_came_before(world: CloudWatchWorld) -> None:
    frames = [session_start(), session_update(SHOWN), session_update(SHOWN)[:-7]]

    assert [delivery.hint for delivery in deliveries(world, frames)] == [False, True]


def test_a_connection_that_is_cut_off_is_a_passing_failure(world: CloudWatchWorld) -> None:
    world.faults.plan(["truncated"])

    with pytest.raises(Exception, match="ended prematurely") as raised:
        deliveries(world, [session_start(), session_update(SHOWN)])

    [tail] = world.source(live_tail=True).companions
    assert tail.reader.classify(raised.value).failure.name == "TRANSIENT"


def test_a_session_that_may_not_be_opened_fails(world: CloudWatchWorld) -> None:
    world.faults.plan(["denied"])

    with pytest.raises(RequestFailedError, match="denied"):
        deliveries(world, [])


def test_a_session_is_for_what_the_source_is_for(world: CloudWatchWorld) -> None:
    deliveries(world, [], filter_pattern="ERROR", stream_prefix="task")

    body = world.fake.requests[-1].body
    assert b'"logEventFilterPattern": "ERROR"' in body
    assert b'"logStreamNamePrefixes": ["task"]' in body
    assert b"arn:aws:logs:eu-west-1:123456789012:log-group:/ecs/pay" in body


def test_a_tail_checks_whether_it_may_listen(world: CloudWatchWorld) -> None:
    world.fake.tail = lambda: iter([session_start()])
    [tail] = world.source(live_tail=True).companions
    tail.run_in(world.clock.runtime())

    assert [check.ok for check in tail.check()] == [True]
    world.faults.plan(["expired"])
    tail.reader.refresh()
    assert isinstance(tail.reader, LiveTail)
    assert [check.name for check in tail.check()] == ["logs:StartLiveTail"]


def test_what_live_tail_samples_is_reconciled_by_the_pull(world: CloudWatchWorld, tmp_path: Path) -> None:
    now_ms = time.time_ns() // 1_000_000
    first = Entry(now_ms - 60_000, "0" * 55 + "1", "first")
    second = Entry(now_ms - 30_000, "0" * 55 + "2", "second")
    world.fake.entries, world.fake.clock_ms = [first], lambda: time.time_ns() // 1_000_000
    shown, stop = threading.Event(), threading.Event()

    def frames() -> Iterator[bytes]:
        yield session_start()
        while not stop.is_set():
            if shown.wait(0.05):
                shown.clear()
                yield session_update([second], sampled=True)
            else:
                yield session_update([])

    world.fake.tail = frames
    source = world.source(
        live_tail=True, since=(now_ms - 120_000) * 1_000_000, windows=WindowSettings(poll_s=3600, ahead_s=60)
    )
    source.companions[0].settle_s = 0.0
    with Ledger.open(tmp_path / "ledger") as ledger:
        following = threading.Thread(target=follow, args=(ledger, [source]), kwargs={"stop": stop})
        following.start()
        wait_for(lambda: ledger.last_position(source.stream) == 1)
        world.fake.entries.append(second)
        shown.set()
        wait_for(lambda: len(list(ledger.search(kind=Kind.SOURCE_OBSERVED))) == 2)
        stop.set()
        following.join(15)

        logs = [event.payload for event in ledger.search(kind=Kind.LOG_RECORDED)]  # type: ignore[attr-defined]
        states = [event.state for event in ledger.search(kind=Kind.SOURCE_OBSERVED)]  # type: ignore[attr-defined]
        assert len(logs) == 2
        assert states == ["sampled", "gap_healed"]
        assert open_gaps(ledger) == ()


def wait_for(condition: object) -> None:
    started = time.monotonic()
    while not condition():  # type: ignore[operator]
        assert time.monotonic() - started < 15, "it never came"
        time.sleep(0.01)
