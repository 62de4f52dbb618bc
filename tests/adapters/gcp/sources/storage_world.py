"""The world of Cloud Storage for the contract: a sink's bucket with a day of hourly files and some addenda."""

from __future__ import annotations

import gzip
import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

from cloudledger.adapters.acquisition.object_cursor import decode_object_cursor
from cloudledger.adapters.gcp.sources import StorageObjects
from cloudledger.adapters.gcp.sources.log_entry_json import entry_json
from tests.adapters.acquisition.clock import VirtualClock
from tests.adapters.acquisition.contract import World
from tests.adapters.gcp.sources.logging_world import HOUR_NS, PROJECT, entry
from tests.wire.faults import Faults
from tests.wire.google_storage import FakeStorage

BUCKET = "shop-logs"

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
}


def lines(*numbers: int) -> bytes:
    """Return a file of entries as a sink writes it."""
    return b"".join(entry_json(entry(number, 1_795_000_000_000_000_000 + number).entry) + b"\n" for number in numbers)


class StorageWorld(World):
    """A bucket; an event's key is its `insertId`."""

    shares, empty_page = SHARES, "empty_page"

    def __init__(self, *, files: int = 24, entries: int = 20) -> None:
        self.clock = VirtualClock()
        self.faults = Faults(most_in_a_row=4)
        self.fake = FakeStorage(self.faults)
        self.since_ns = self.clock.now_ns() - 24 * HOUR_NS
        for hour in range(files):
            self.put(hour, range(hour * entries, (hour + 1) * entries))
        self.put(3, range(70, 75), shard="A0")  # an addendum repeats some of the entries

    def put(self, hour: int, numbers: range, *, shard: str = "S0") -> None:
        """Write the file of an hour; every other one compressed."""
        name = f"pay/2026/11/19/{hour:02d}:00:00_{hour:02d}:59:59_{shard}.json"
        content = lines(*numbers)
        self.fake.put(name, gzip.compress(content) if hour % 2 else content, self.since_ns + hour * HOUR_NS)

    def source(self, **settings: Any) -> StorageObjects:
        return StorageObjects(BUCKET, **{"project": PROJECT, "prefix": "pay/", "endpoint": self.fake.url, **settings})

    def expected(self) -> Counter[str]:
        contents = [one.content for one in self.fake.objects.values()]
        plain = [gzip.decompress(one) if one[:2] == b"\x1f\x8b" else one for one in contents]
        return Counter({json.loads(line)["insertId"]: 1 for one in plain for line in one.splitlines()})

    def key(self, event: Any) -> str:
        return str(json.loads(event.payload)["insertId"])

    def place(self, cursor: bytes | None) -> int:
        return len(decode_object_cursor(cursor, "").marks())

    def lose(self) -> bool:
        """A file that is listed and cannot be read."""
        self.fake.broken.add(next(iter(self.fake.objects)))
        return True

    def find_again(self) -> bool:
        self.fake.broken.clear()
        return True


def opened() -> Iterator[StorageWorld]:
    """Yield a world whose fake serves."""
    world = StorageWorld()
    with world.fake:
        yield world
