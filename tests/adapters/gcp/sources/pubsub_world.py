"""The world of Pub/Sub for the contract: a sink's subscription with entries, some published twice."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

from cloudledger.adapters.gcp.sources import PubSubSubscription
from cloudledger.adapters.gcp.sources.log_entry_json import entry_json
from tests.adapters.acquisition.clock import VirtualClock
from tests.adapters.acquisition.contract import World
from tests.adapters.gcp.sources.logging_world import HOUR_NS, PROJECT, entry
from tests.wire.faults import Faults
from tests.wire.google_pubsub import FakePubSub

SHARES = {
    "throttled": 0.08,
    "throttled_bare": 0.02,
    "unavailable": 0.08,
    "internal": 0.04,
    "reset": 0.04,
    "truncated": 0.04,
    "expired": 0.03,
    "empty": 0.05,
    "repeated": 0.08,
}


class PubSubWorld(World):
    """A subscription; an event's key is its `insertId`."""

    shares = SHARES

    def __init__(self, *, entries: int = 400, **settings: Any) -> None:
        self.clock = VirtualClock()
        self.faults = Faults(most_in_a_row=4)
        self.since_ns = self.clock.now_ns() - HOUR_NS
        bodies = [entry_json(entry(number, self.since_ns + number).entry) for number in range(entries)]
        twice = bodies + bodies[:: max(1, entries // 20)]  # as a sink that gave an entry twice
        self.names = [json.loads(body)["insertId"] for body in bodies]
        self.fake = FakePubSub(twice, self.faults, **{"clock_ns": self.clock.now_ns, **settings})

    def source(self, **settings: Any) -> PubSubSubscription:
        self.clock.forward(11)  # a process that starts anew finds what one that died had taken
        return PubSubSubscription("logs", **{"project": PROJECT, "endpoint": self.fake.url, **settings})

    def expected(self) -> Counter[str]:
        return Counter(self.names)

    def key(self, event: Any) -> str:
        return str(json.loads(event.payload)["insertId"])

    def place(self, cursor: bytes | None) -> int:
        return 0  # the subscription keeps it


def opened() -> Iterator[PubSubWorld]:
    """Yield a world whose fake serves."""
    world = PubSubWorld()
    with world.fake:
        yield world
