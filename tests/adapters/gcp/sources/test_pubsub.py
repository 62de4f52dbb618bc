"""Pub/Sub: the contract, and deadlines, acknowledgements, streams and messages that are no entries."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from cloudledger.adapters import Pipeline, follow
from cloudledger.adapters.acquisition import RateLimit, Requests, RetrySettings, Runtime, missing
from cloudledger.adapters.committing import Commits
from cloudledger.adapters.gcp.sources import PubSubSubscription
from cloudledger.adapters.gcp.sources.leases import Leases
from cloudledger.adapters.gcp.sources.pubsub_subscription import Subscription
from cloudledger.domain import InvalidArgumentError
from cloudledger.store import Ledger
from tests.adapters.acquisition.contract import Crash, SourceContract, World
from tests.adapters.gcp.sources.pubsub_world import PubSubWorld, opened

QUICK = {"rate": RateLimit(per_s=1e6, burst=1000), "retry": RetrySettings(base_s=0.01)}


class TestPubSub(SourceContract):
    @pytest.fixture
    def world(self) -> Iterator[PubSubWorld]:
        yield from opened()

    def test_nothing_is_waiting_after_all_was_stored(self, world: World, ledger: Ledger) -> None:
        assert isinstance(world, PubSubWorld)
        world.poll_until_calm(ledger)

        assert not world.fake.waiting
        assert set(world.fake.delivered.values()) == {1}


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with Ledger.open(tmp_path / "ledger") as ledger:
        yield ledger


@pytest.fixture
def live() -> Iterator[PubSubWorld]:
    world = PubSubWorld(clock_ns=time.time_ns)
    with world.fake:
        yield world


def until(reached: Callable[[], object]) -> None:
    for _ in range(3000):
        if reached():
            return
        time.sleep(0.01)
    raise AssertionError("never")


def test_a_message_is_acknowledged_only_after_its_commit(ledger: Ledger) -> None:
    world = PubSubWorld(entries=60)
    source = world.source(**QUICK)
    with world.fake:
        for chunk in source.chunks(None):
            assert len(world.fake.waiting) == 80
            last = chunk
        last.committed()

        assert len(world.fake.waiting) < 80


def test_a_crash_between_commit_and_acknowledgement_brings_messages_again_and_stores_them_once(ledger: Ledger) -> None:
    world = PubSubWorld(entries=60)

    class Dies(Subscription):
        def _acknowledge(self, *_: object) -> None:
            raise Crash

    source = world.source()
    source.reader.__class__ = Dies  # as a process that is killed there
    with world.fake:
        source.run_in(world.clock.runtime())
        with pytest.raises(Crash):
            Commits(ledger, source, Pipeline()).run()
        world.clock.forward(11)
        report = world.poll(ledger)

    assert (report.appended, report.duplicates) == (0, 80)
    assert world.stored(ledger) == world.expected()
    assert not world.fake.waiting


@pytest.mark.parametrize("seed", range(2))
def test_a_followed_subscription_is_stored_once_through_faults(live: PubSubWorld, ledger: Ledger, seed: int) -> None:
    live.faults.restart(seed, {"unavailable": 0.1, "reset": 0.05, "truncated": 0.05, "repeated": 0.1})
    source, stop = live.source(**QUICK), threading.Event()
    thread = threading.Thread(target=follow, args=(ledger, [source]), kwargs={"stop": stop})
    thread.start()
    try:
        until(lambda: ledger.last_position(source.stream) >= 400)
    finally:
        stop.set()
        thread.join(10)

    assert not thread.is_alive()
    assert live.stored(ledger) == live.expected()
    [first] = [one for name, one in live.fake.requests if name == "Stream"][:1]
    assert (first.stream_ack_deadline_seconds, first.max_outstanding_messages) == (60, 1000)


def streaming(world: PubSubWorld, **settings: Any) -> tuple[Iterator[Any], Requests]:
    """Return what one session of a streaming pull delivers."""
    source = world.source(**QUICK)
    source.reader = Subscription(source.reader.connection, source.reader.path, "s", wait_s=1, **settings)  # type: ignore[attr-defined]
    source.run_in(Runtime(live=True))
    requests = source.requests()
    return source.reader.deliveries({}, requests), requests


def test_a_slow_commit_keeps_its_messages_by_longer_deadlines() -> None:
    world = PubSubWorld(entries=10)
    with world.fake:
        world.fake.at_once = 100
        source = world.source(**QUICK)
        reader = Subscription(source.reader.connection, source.reader.path, "s", wait_s=1, tick_s=0.05)  # type: ignore[attr-defined]
        session = reader.deliveries({}, source.requests())
        delivery = next(session)
        until(lambda: "ModifyAckDeadline" in [name for name, _ in world.fake.requests])
        until(lambda: min(world.fake.leased_until.values()) > world.clock.now_ns() + 50_000_000_000)
        world.clock.forward(40)  # the commit, four times as long as the subscription's own deadline
        delivery.acknowledge()
        assert next(session).caught_up

    assert not world.fake.waiting
    assert set(world.fake.delivered.values()) == {1}


def test_a_deadline_that_cannot_be_extended_is_counted_and_harmless() -> None:
    world = PubSubWorld(entries=10, clock_ns=time.time_ns)
    with world.fake:
        session, requests = streaming(world, tick_s=0.05)
        next(one for one in session if one.page)
        world.faults.plan(["denied"] * 3)
        until(lambda: requests.tally["leases not extended"])
        session.close()  # type: ignore[attr-defined]


def test_a_stream_that_the_service_closes_after_a_while_is_no_trouble() -> None:
    world = PubSubWorld(entries=10, clock_ns=time.time_ns)
    with world.fake:
        world.faults.plan(["", "", "unavailable"])
        session, requests = streaming(world)
        next(one for one in session if one.page)
        requests.runtime.monotonic = lambda: time.monotonic() + 100
        world.fake.publish(b"more")
        assert not [one.page for one in session if one.page]

        world.faults.plan(["unavailable"])
        session, _ = streaming(world)
        with pytest.raises(Exception, match="unavailable"):
            list(session)


def test_a_stream_that_ends_ends_its_session() -> None:
    world = PubSubWorld(entries=10, clock_ns=time.time_ns)
    with world.fake:
        world.faults.plan(["", "", "end"])
        session, _ = streaming(world)
        next(one for one in session if one.page)
        world.fake.publish(b"more")

        assert not [one.page for one in session if one.page]


def test_a_silent_stream_delivers_nothing_now_and_then() -> None:
    world = PubSubWorld(entries=0, clock_ns=time.time_ns)
    world.fake.waiting.clear()
    with world.fake:
        session, _ = streaming(world)

        assert next(session).page is None
        session.close()  # type: ignore[attr-defined]


def test_nothing_came_while_a_pull_waited() -> None:
    world = PubSubWorld(entries=10)
    with world.fake:
        source = world.source(**QUICK)
        world.faults.plan(["deadline", "", "deadline", "deadline"])
        found = list(source.reader.deliveries({}, source.requests()))

    assert [bool(one.page) for one in found] == [True, False]


def test_messages_that_are_no_entries_are_named_by_their_message(ledger: Ledger) -> None:
    world = PubSubWorld(entries=0)
    world.names, bodies = [], [b'{"msg":"paid","order":7}', b"plain words", b"plain words", b""]
    world.fake.waiting.clear()
    for number, body in enumerate(bodies):
        world.fake.publish(body, name=f"{number}" if number < 2 else f"odd-{number}")
    with world.fake:
        source = world.source()
        source.reader.__class__ = Unacknowledging
        world.poll(ledger, source)
        stored = [event.event_id for batch in ledger.read() for event in batch]
        again = world.poll(ledger)

    assert len(stored) >= 3
    assert (again.appended, again.read) == (0, len(stored))


class Unacknowledging(Subscription):
    def _acknowledge(self, *_: object) -> None:
        """Forget to."""


def test_a_check_takes_no_messages_and_says_what_is_missing() -> None:
    world = PubSubWorld(entries=10)
    with world.fake:
        source = world.source()
        source.run_in(world.clock.runtime())
        assert missing(source.check()) == ()
        world.fake.permissions = []
        [lack] = missing(source.check())
        world.faults.plan(["missing"])
        [away] = missing(source.check())

    assert (lack.name, lack.remedy) == ("pubsub.subscriptions.consume", "grant roles/pubsub.subscriber")
    assert away.name == "access"
    assert not world.fake.delivered


def test_a_subscription_is_named_by_its_id_or_wholly() -> None:
    other = PubSubSubscription("projects/other/subscriptions/logs", project="shop-prod")

    assert other.reader.path == "projects/other/subscriptions/logs"  # type: ignore[attr-defined]
    with pytest.raises(InvalidArgumentError, match="subscription"):
        PubSubSubscription("", project="shop-prod")


def test_a_lease_is_extended_until_it_is_dropped() -> None:
    extended: list[list[str]] = []
    leases = Leases(extended.append, tick_s=0.01)
    leases.add(["a", "b"])
    until(lambda: len(extended) >= 2)
    leases.drop(["a", "never held"])
    count = len(extended)
    until(lambda: len(extended) > count + 1)
    leases.close()
    leases._thread.join(1)

    assert extended[0] == ["a", "b"]
    assert extended[-1] == ["b"]
    assert not leases._thread.is_alive()
