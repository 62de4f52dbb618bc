"""The world of Cloud Logging for the contract: a fake with an hour of entries, some late, some doubled."""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Iterator
from typing import Any

from cloudledger.adapters.acquisition import WindowSettings
from cloudledger.adapters.acquisition.window_cursor import decode_window_cursor
from cloudledger.adapters.gcp.sources import CloudLogging
from tests.adapters.acquisition.clock import VirtualClock
from tests.adapters.acquisition.contract import World
from tests.wire.faults import Faults
from tests.wire.google_logging import ENTRY, FakeLogging, Held

PROJECT = "shop-prod"
HOUR_NS = 3_600_000_000_000

SHARES = {
    "throttled": 0.08,
    "throttled_bare": 0.02,
    "unavailable": 0.05,
    "internal": 0.02,
    "aborted": 0.02,
    "deadline": 0.02,
    "reset": 0.03,
    "truncated": 0.05,
    "empty_page": 0.08,
    "expired": 0.02,
    "token_refused": 0.03,
    "repeated": 0.05,
}


def entry(number: int, at_ns: int, *, name: str = "", visible_ns: int = 0) -> Held:
    """Return an entry whose payload is its number."""
    insert_id = name or f"id-{number:07d}"
    made = ENTRY(log_name=f"projects/{PROJECT}/logs/pay", insert_id=insert_id, severity=200)
    made.timestamp.FromNanoseconds(at_ns)
    made.receive_timestamp.FromNanoseconds(max(at_ns, visible_ns))
    made.resource.type = "k8s_container"
    made.resource.labels.update({"project_id": PROJECT, "container_name": "pay", "namespace_name": "shop"})
    made.json_payload.update({"message": f"order {number}", "number": number})
    return Held(at_ns, insert_id, made, visible_ns)


class LoggingWorld(World):
    """A log; an entry's key is its `insertId`."""

    outage, empty_page = "unavailable", "empty_page"
    shares = SHARES

    def __init__(self, *, entries: int = 600, page_entries: int = 40, **tls: Any) -> None:
        self.clock = VirtualClock()
        self.faults = Faults(most_in_a_row=4)
        self.since_ns = self.clock.now_ns() - HOUR_NS
        made = [entry(number, self.since_ns + number * HOUR_NS // entries) for number in range(entries)]
        self.fake = FakeLogging(made, self.faults, clock_ns=self.clock.now_ns, page_entries=page_entries, **tls)

    def source(self, **settings: Any) -> CloudLogging:
        windows = WindowSettings(window_s=900, ahead_s=7200)
        return CloudLogging(
            PROJECT, **{"since": self.since_ns, "windows": windows, "endpoint": self.fake.url, **settings}
        )

    def be_late_and_doubled(self, seed: int) -> None:
        """Add entries that become visible up to 20 minutes after their time, some of them ahead of the clock."""
        chance, now = random.Random(seed), self.clock.now_ns()
        for number in range(100_000, 100_200):
            at = now - 1_200_000_000_000 + chance.randrange(1_500_000_000_000)
            self.fake.entries.append(entry(number, at, visible_ns=at + chance.randrange(1_200_000_000_000)))
        self.fake.entries.sort(key=lambda held: held[:2])

    def expected(self) -> Counter[str]:
        now = self.clock.now_ns()
        return Counter(held.id for held in self.fake.entries if held.visible_ns <= now)

    def key(self, event: Any) -> str:
        return str(json.loads(event.payload)["insertId"])

    def place(self, cursor: bytes | None) -> int:
        return decode_window_cursor(cursor, "").done_ns

    def lose(self) -> bool:
        """An entry that cuts off each page which holds it."""
        self.fake.poison = self.fake.entries[len(self.fake.entries) // 2].id
        return True

    def find_again(self) -> bool:
        self.fake.poison = ""
        return True


def opened() -> Iterator[LoggingWorld]:
    """Yield a world whose fake serves."""
    world = LoggingWorld()
    with world.fake:
        yield world
