"""The world of Log Analytics for the contract: a fake with an hour of rows, some late."""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Iterator
from typing import Any

from cloudledger.adapters.acquisition import Overlap, WindowSettings
from cloudledger.adapters.acquisition.window_cursor import decode_window_cursor
from cloudledger.adapters.azure.sources import AzureCredentials, LogAnalytics
from tests.adapters.acquisition.clock import VirtualClock
from tests.adapters.acquisition.contract import World
from tests.wire.faults import Faults
from tests.wire.log_analytics import WORKSPACE, FakeLogAnalytics, Row
from tests.wire.tls import ca_file

SECOND = 1_000_000_000
RESOURCE = "/subscriptions/0b1f/resourcegroups/shop/providers/microsoft.insights/components/pay"
CREDENTIALS = AzureCredentials(
    method="client_secret", tenant_id="tenant-1", client_id="client-1", client_secret="env:TEST_AZURE_SECRET"
)

SHARES = {
    "throttled": 0.06,
    "slow_down": 0.04,
    "bare_429": 0.03,
    "unavailable": 0.04,
    "internal": 0.02,
    "bad_gateway": 0.02,
    "timeout": 0.02,
    "reset": 0.04,
    "truncated": 0.05,
    "empty200": 0.03,
    "html200": 0.02,
    "no_tables": 0.02,
    "expired": 0.02,
    "partial": 0.04,
    "repeated": 0.05,
}


class LogAnalyticsWorld(World):
    """A workspace; a row's message is its number."""

    outage, shares = "unavailable", SHARES

    def __init__(self, *, rows: int = 600, credentials: Any = CREDENTIALS, **settings: Any) -> None:
        self.clock = VirtualClock()
        self.faults = Faults(most_in_a_row=4)
        self.settings, self.credentials = settings, credentials
        self.since_ns = self.clock.now_ns() - 3600 * SECOND
        self.fake = FakeLogAnalytics(self.faults, clock_ns=self.clock.now_ns)
        self.fake.most_rows = 120
        self.fake.rows = [self.row(number, self.since_ns + number * 3600 * SECOND // rows) for number in range(rows)]

    def row(self, number: int, generated_ns: int, *, late_s: float = 0.0) -> Row:
        """Return a row whose time has 100 ns: it is ingested and visible a little later."""
        columns = {"Message": f"order {number}", "SeverityLevel": 1, "Properties": None, "_ResourceId": RESOURCE}
        generated_ns += 123_456_700
        late_ns = round(late_s * SECOND)
        return Row(generated_ns, f"item-{number}", columns, "AppTraces", generated_ns + late_ns, generated_ns + late_ns)

    def source(self, **settings: Any) -> LogAnalytics:
        return LogAnalytics(
            WORKSPACE,
            **{
                "tables": "AppTraces",
                "credentials": self.credentials,
                "cloud": self.fake.cloud,
                "ca_file": ca_file(),
                "since": self.since_ns,
                "windows": WindowSettings(window_s=900),
                "overlap": Overlap(each_poll_s=60, deep_s=1800, deep_every_s=600),
                **self.settings,
                **settings,
            },
        )

    def be_late(self, seed: int) -> None:
        """Add rows that are ingested up to 20 minutes after their time."""
        chance = random.Random(seed)
        now = self.clock.now_ns()
        for number in range(100_000, 100_150):
            at = now - 1200 * SECOND + chance.randrange(1500) * SECOND
            self.fake.rows.append(self.row(number, at, late_s=chance.random() * 1200))

    def expected(self) -> Counter[str]:
        now = self.clock.now_ns()
        return Counter(row.columns["Message"] for row in self.fake.rows if row.visible_ns <= now)

    def key(self, event: Any) -> str:
        return str(json.loads(event.payload)["Message"])

    def place(self, cursor: bytes | None) -> int:
        return decode_window_cursor(cursor, "").done_ns

    def lose(self) -> bool:
        """A row that no answer ever holds, and because of which each is partial."""
        self.fake.poison = "item-300"
        return True

    def find_again(self) -> bool:
        self.fake.poison = "none"
        return True


def opened(**settings: Any) -> Iterator[LogAnalyticsWorld]:
    """Yield a world whose fake serves."""
    world = LogAnalyticsWorld(**settings)
    with world.fake:
        yield world
