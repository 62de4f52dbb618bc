"""The world of the activity log for the contract: an hour of events, some of one instant."""

from __future__ import annotations

import json
import random
from collections import Counter
from typing import Any

from cloudledger.adapters.acquisition import WindowSettings
from cloudledger.adapters.acquisition.window_cursor import decode_window_cursor
from cloudledger.adapters.azure.sources import ActivityLog
from tests.adapters.acquisition.clock import VirtualClock
from tests.adapters.acquisition.contract import World
from tests.adapters.azure.sources.log_analytics_world import CREDENTIALS, SECOND
from tests.wire.azure_management import SUBSCRIPTION, Activity, FakeManagement
from tests.wire.faults import Faults
from tests.wire.tls import ca_file

SHARES = {
    "throttled": 0.06,
    "bare_429": 0.03,
    "unavailable": 0.05,
    "bad_gateway": 0.03,
    "timeout": 0.03,
    "reset": 0.04,
    "truncated": 0.05,
    "empty_page": 0.06,
    "empty200": 0.03,
    "html200": 0.02,
    "no_list": 0.03,
    "token_refused": 0.02,
    "expired": 0.02,
}


class ActivityWorld(World):
    """A subscription with 300 events."""

    outage, empty_page, shares = "unavailable", "empty_page", SHARES

    def __init__(self, credentials: Any = CREDENTIALS) -> None:
        self.clock = VirtualClock()
        self.faults = Faults(most_in_a_row=4)
        self.credentials = credentials
        self.since_ns = self.clock.now_ns() - 3600 * SECOND
        self.fake = FakeManagement(self.faults, clock_ns=self.clock.now_ns)
        self.fake.activities = [
            Activity(self.since_ns + number // 3 * 30 * SECOND, f"event-{number}") for number in range(300)
        ]

    def source(self, **settings: Any) -> ActivityLog:
        return ActivityLog(
            SUBSCRIPTION,
            **{
                "credentials": self.credentials,
                "cloud": self.fake.cloud,
                "ca_file": ca_file(),
                "since": self.since_ns,
                "windows": WindowSettings(window_s=1200),
                **settings,
            },
        )

    def be_late(self, seed: int) -> None:
        """Add events that are seen up to 20 minutes after their time."""
        chance = random.Random(seed)
        for number in range(1000, 1100):
            at = self.clock.now_ns() - 1200 * SECOND + chance.randrange(1500) * SECOND
            self.fake.activities.append(Activity(at, f"event-{number}", None, at + chance.randrange(1200) * SECOND))

    def expected(self) -> Counter[str]:
        now = self.clock.now_ns()
        return Counter(one.id for one in self.fake.activities if one.visible_ns <= now)

    def key(self, event: Any) -> str:
        return str(json.loads(event.payload)["eventDataId"])

    def place(self, cursor: bytes | None) -> int:
        return decode_window_cursor(cursor, "").done_ns
