"""The world of Cloud Monitoring for the contract: two metrics of some containers, a point each minute, some late."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from cloudledger.adapters.acquisition import WindowSettings
from cloudledger.adapters.acquisition.window_cursor import decode_window_cursor
from cloudledger.adapters.gcp.sources import CloudMonitoring
from tests.adapters.acquisition.clock import VirtualClock
from tests.adapters.acquisition.contract import World
from tests.adapters.gcp.sources.logging_world import HOUR_NS, PROJECT
from tests.wire.faults import Faults
from tests.wire.google_monitoring import FakeMonitoring, Point

MINUTE_NS = HOUR_NS // 60
METRICS = ("run.googleapis.com/request_count", "custom.googleapis.com/orders")

SHARES = {
    "throttled": 0.08,
    "quota": 0.02,
    "unavailable": 0.06,
    "internal": 0.02,
    "reset": 0.05,
    "truncated": 0.06,
    "empty_page": 0.05,
    "empty200": 0.03,
    "html200": 0.03,
    "expired": 0.03,
    "token_refused": 0.02,
}


class MonitoringWorld(World):
    """A project; a point's key is its metric, container and time."""

    shares, empty_page = SHARES, "empty_page"

    def __init__(self, *, containers: int = 4, **tls: Any) -> None:
        self.clock = VirtualClock()
        self.faults = Faults(most_in_a_row=4)
        self.fake = FakeMonitoring(self.faults, clock_ns=self.clock.now_ns, **tls)
        self.since_ns = self.clock.now_ns() - HOUR_NS
        for metric in METRICS:
            for number in range(containers):
                points = [Point(self.since_ns + n * MINUTE_NS, n + number / 8) for n in range(1, 61)]
                self.fake.series[metric, f"c{number}"] = points

    def source(self, **settings: Any) -> CloudMonitoring:
        fixed = {"since": self.since_ns, "windows": WindowSettings(window_s=1200, least_s=60)}
        return CloudMonitoring(PROJECT, METRICS, **{**fixed, "endpoint": self.fake.url, **settings})

    def expected(self) -> Counter[str]:
        now = self.clock.now_ns()
        held = [(key, p) for key, points in self.fake.series.items() for p in points]
        return Counter(f"{m} {c} {p.at_ns} {p.value}" for (m, c), p in held if max(p.visible_ns, p.at_ns) <= now)

    def key(self, event: Any) -> str:
        return f"{event.name} {event.service} {event.occurred_at} {event.value}"

    def place(self, cursor: bytes | None) -> int:
        return decode_window_cursor(cursor, "").done_ns

    def lose(self) -> bool:
        """Answers say that they are only a part."""
        self.fake.errors = ["a shard did not answer"]
        return True

    def find_again(self) -> bool:
        self.fake.errors = []
        return True


def opened() -> Iterator[MonitoringWorld]:
    """Yield a world whose fake serves."""
    world = MonitoringWorld()
    with world.fake:
        yield world
