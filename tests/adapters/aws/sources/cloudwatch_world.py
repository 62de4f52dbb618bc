"""The world of CloudWatch Logs for the contract: a fake with an hour of entries, some late, some doubled."""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Iterator
from typing import Any

from cloudledger.adapters.acquisition import WindowSettings
from cloudledger.adapters.acquisition.window_cursor import decode_window_cursor
from cloudledger.adapters.aws.sources import AwsCredentials, CloudWatchLogs
from tests.adapters.acquisition.clock import VirtualClock
from tests.adapters.acquisition.contract import World
from tests.wire.cloudwatch_logs import ACCOUNT, Entry, FakeCloudWatchLogs
from tests.wire.faults import Faults

REGION = "eu-west-1"
GROUP = "/ecs/pay"
CREDENTIALS = AwsCredentials(access_key_id="env:TEST_AWS_KEY", secret_access_key="env:TEST_AWS_SECRET")

SHARES = {
    "throttled": 0.08,
    "slow_down": 0.02,
    "unavailable": 0.05,
    "reset": 0.05,
    "truncated": 0.05,
    "empty_page": 0.08,
    "empty200": 0.03,
    "html200": 0.02,
    "expired": 0.01,
    "token_refused": 0.03,
    "repeated": 0.05,
}


class CloudWatchWorld(World):
    """A log group; an entry's message is a JSON text with its number."""

    outage, empty_page = "unavailable", "empty_page"
    shares = SHARES

    def __init__(self, *, entries: int = 900, page_entries: int = 50, credentials: Any = CREDENTIALS) -> None:
        self.clock = VirtualClock()
        self.faults = Faults(most_in_a_row=4)
        self.since_ms = self.clock.now_ms() - 3_600_000
        self.credentials = credentials
        made = [self.entry(number, self.since_ms + number * 3_600_000 // entries) for number in range(entries)]
        self.fake = FakeCloudWatchLogs(made, self.faults, clock_ms=self.clock.now_ms, page_entries=page_entries)

    def entry(self, number: int, timestamp_ms: int, *, late_s: float = 0.0) -> Entry:
        message = json.dumps({"level": "info", "msg": f"order {number}"})
        visible_ms = timestamp_ms + int(late_s * 1000)
        return Entry(timestamp_ms, f"{number:056d}", message, f"task-{number % 3}", visible_ms)

    def source(self, **settings: Any) -> CloudWatchLogs:
        return CloudWatchLogs(
            GROUP,
            account=ACCOUNT,
            region=REGION,
            endpoint_url=self.fake.url,
            **{
                "credentials": self.credentials,
                "since": self.since_ms * 1_000_000,
                "windows": WindowSettings(window_s=900, ahead_s=7200),
                **settings,
            },
        )

    def be_late_and_doubled(self, seed: int) -> None:
        """Add entries that become visible up to 20 minutes after their time, some of them ahead of the clock."""
        chance = random.Random(seed)
        now = self.clock.now_ms()
        for number in range(100_000, 100_200):
            at = now - 1_200_000 + chance.randrange(1_500_000)
            self.fake.entries.append(self.entry(number, at, late_s=chance.random() * 1_200))
        self.fake.entries.sort()

    def expected(self) -> Counter[str]:
        now = self.clock.now_ms()
        return Counter(entry.message for entry in self.fake.entries if entry.visible_ms <= now)

    def key(self, event: Any) -> str:
        return str(json.loads(event.payload)["message"])

    def place(self, cursor: bytes | None) -> int:
        return decode_window_cursor(cursor, "").done_ns

    def lose(self) -> bool:
        """An entry that breaks each page which holds it."""
        self.fake.poison = self.fake.entries[len(self.fake.entries) // 2].id
        return True

    def find_again(self) -> bool:
        self.fake.poison = ""
        return True


def opened() -> Iterator[CloudWatchWorld]:
    """Yield a world whose fake serves."""
    world = CloudWatchWorld()
    with world.fake:
        yield world
