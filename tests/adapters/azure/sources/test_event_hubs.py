"""Event hubs through the real client: the contract, expired events, hubs made anew, bodies of all kinds, live."""

from __future__ import annotations

import pickle
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cloudledger.adapters import follow
from cloudledger.adapters.acquisition import missing, open_gaps
from cloudledger.adapters.azure.sources import EventHubs
from cloudledger.adapters.azure.sources.event_hub_pump import EventHubPump
from cloudledger.adapters.azure.sources.event_hubs import Partitions
from cloudledger.domain import InvalidArgumentError, Kind
from cloudledger.store import Ledger
from tests.adapters.acquisition.contract import SourceContract
from tests.adapters.azure.sources.hub_world import HubWorld, message
from tests.wire.azure_fake import FakeCredential
from tests.wire.event_hub import HUB, Sent, readable_frames


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Iterator[HubWorld]:
    yield from opened(monkeypatch)


def opened(monkeypatch: pytest.MonkeyPatch) -> Iterator[HubWorld]:
    """Yield a world whose hub listens; a link that is silent for a second is dead."""
    world = HubWorld()
    monkeypatch.setattr(Partitions, "silent_looks", 20)
    monkeypatch.setattr("cloudledger.adapters.azure.sources.event_hubs.IDLE_S", 0.05)
    with readable_frames(monkeypatch), world.fake:
        monkeypatch.setenv("TEST_HUB", world.fake.connection_string)
        yield world


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with Ledger.open(tmp_path / "ledger") as ledger:
        yield ledger


class TestEventHubs(SourceContract):
    @pytest.fixture
    def world(self, monkeypatch: pytest.MonkeyPatch) -> Iterator[HubWorld]:
        yield from opened(monkeypatch)


def test_what_expired_before_it_was_read_is_a_gap_told_once(world: HubWorld, ledger: Ledger) -> None:
    world.fake.partitions["1"] = world.fake.partitions["1"][:5]
    world.poll(ledger)
    world.fake.partitions["1"] = [Sent(20, message(1000))]
    world.fake.began["1"] = 20

    world.poll(ledger)
    world.poll(ledger)

    [gap] = open_gaps(ledger)
    assert gap.reason == "partition 1: 5 to 19 expired before they were read"
    assert world.stored(ledger)["1000"] == 1
    assert world.place(ledger.cursor(world.source().stream)) == [39, 20]


def test_a_hub_that_was_made_anew_is_read_from_its_start(world: HubWorld, ledger: Ledger) -> None:
    world.poll(ledger)
    world.fake.partitions = {"0": [Sent(0, message(2000))], "1": []}
    world.fake.created_ms += 1000

    world.poll(ledger)

    assert world.stored(ledger)["2000"] == 1
    assert "counts anew" in open_gaps(ledger)[0].reason


def test_a_source_may_begin_with_what_comes(world: HubWorld, ledger: Ledger) -> None:
    assert world.poll(ledger, world.source(start="latest")).appended == 0
    world.fake.arrive("0", Sent(40, message(3000)))

    assert world.poll(ledger, world.source(start="latest")).appended == 1
    assert world.stored(ledger) == Counter(["3000"])


def test_bodies_of_every_kind_are_kept(world: HubWorld, ledger: Ledger) -> None:
    bodies: list[Any] = [{"msg": "mapped", "list": [b"x", 1]}, "a text", [1, 2], message(7)]
    world.fake.partitions = {"0": [Sent(place, body) for place, body in enumerate(bodies)], "1": []}

    assert world.poll(ledger).appended == 4
    payloads = [event.payload for event in ledger.search(kind=Kind.LOG_RECORDED)]  # type: ignore[attr-defined]
    assert b'{"msg":"mapped","list":["x",1]}' in payloads


def test_an_event_that_arrives_is_in_the_ledger_within_two_seconds(world: HubWorld, ledger: Ledger) -> None:
    stop, stream = threading.Event(), world.source().stream
    following = threading.Thread(target=follow, args=(ledger, [world.source()]), kwargs={"stop": stop})
    following.start()
    try:
        wait_for(lambda: ledger.last_position(stream) == 240)
        sent = time.monotonic()
        world.fake.arrive("1", Sent(40, message(4000)))
        wait_for(lambda: ledger.last_position(stream) == 241)
        took_s = time.monotonic() - sent
    finally:
        stop.set()
        following.join(15)

    assert took_s < 2
    assert not following.is_alive()


def wait_for(condition: Any) -> None:
    started = time.monotonic()
    while not condition():
        assert time.monotonic() - started < 20, "it never came"
        time.sleep(0.01)


def test_a_check_says_what_is_missing(world: HubWorld) -> None:
    source = world.source()
    source.run_in(world.clock.runtime())
    assert missing(source.check()) == ()

    world.faults.plan(["management"] * 6)
    [absent] = missing(source.check())

    assert "Azure Event Hubs Data Receiver" in absent.remedy


def test_a_source_travels_to_another_process(world: HubWorld, ledger: Ledger) -> None:
    assert world.poll(ledger, pickle.loads(pickle.dumps(world.source()))).appended == 240


def test_an_identity_may_be_used_instead_of_a_connection_string() -> None:
    source = EventHubs("shop", HUB, credentials=FakeCredential(), ca_file="ca.pem")

    with source.reader._client() as client:  # type: ignore[attr-defined]
        assert client._address.hostname == "shop.servicebus.windows.net"
    source.reader.refresh()


def test_a_connection_string_must_be_given_by_reference() -> None:
    with pytest.raises(InvalidArgumentError, match="by reference"):
        EventHubs("shop", HUB, connection_string="Endpoint=sb://x/;SharedAccessKeyName=a;SharedAccessKey=literal")


@pytest.mark.parametrize("arguments", [{"namespace": ""}, {"hub": ""}, {"group": ""}, {"start": "0"}])
def test_wrong_arguments_are_refused(arguments: dict[str, Any]) -> None:
    with pytest.raises(InvalidArgumentError):
        EventHubs(**{"namespace": "shop", "hub": HUB, **arguments})


class FloodingClient:
    """A client that has more than anybody takes, and breaks at its end."""

    def __init__(self) -> None:
        self.closed = threading.Event()

    def receive_batch(self, on_event_batch: Any, **settings: Any) -> None:
        on_event_batch(None, [])
        while not self.closed.is_set():
            on_event_batch(type("Context", (), {"partition_id": "0"}), [1])
        raise OSError("closed")

    def close(self) -> None:
        self.closed.set()


def test_a_client_that_nobody_listens_to_is_stopped() -> None:
    with EventHubPump(FloodingClient(), {"0": -1}) as pump:
        assert pump.next(5) is not None
        time.sleep(0.3)

    assert not pump._thread.is_alive()


class EndingClient(FloodingClient):
    """A client that ends without a word."""

    def receive_batch(self, on_event_batch: Any, **settings: Any) -> None:
        return


def test_a_client_that_ends_without_a_word_ends_the_session() -> None:
    with EventHubPump(EndingClient(), {"0": 7}) as pump:
        pump._thread.join(5)
        with pytest.raises(ConnectionError, match="has ended"):
            pump.next(0.05)


def test_a_link_that_is_silent_while_events_wait_is_opened_anew(world: HubWorld, ledger: Ledger) -> None:
    world.faults.links.plan(["silent", "silent"])

    assert world.poll(ledger).activity["sessions broken: transient"] == 1
    assert world.stored(ledger) == world.expected()
