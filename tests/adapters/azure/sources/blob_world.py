"""The world of blob exports for the contract: hours of append blobs, compressed block blobs, a folder."""

from __future__ import annotations

import gzip
import json
from collections import Counter
from typing import Any

from cloudledger.adapters.acquisition.object_cursor import decode_object_cursor
from cloudledger.adapters.azure.sources import BlobExports
from tests.adapters.acquisition.clock import VirtualClock
from tests.adapters.acquisition.contract import World
from tests.adapters.azure.sources.log_analytics_world import CREDENTIALS
from tests.wire.blobs import CONTAINER, FakeBlobs
from tests.wire.faults import Faults
from tests.wire.tls import ca_file

RESOURCE = "/SUBSCRIPTIONS/0B1F/RESOURCEGROUPS/SHOP/PROVIDERS/MICROSOFT.WEB/SITES/PAY"
FOLDER = f"resourceId={RESOURCE}/y=2026/m=11/d=20"

SHARES = {
    "throttled": 0.05,
    "slow_down": 0.04,
    "unavailable": 0.05,
    "internal": 0.03,
    "reset": 0.05,
    "truncated": 0.06,
    "empty200": 0.03,
    "html200": 0.03,
    "no_marker": 0.03,
    "empty_page": 0.05,
    "whole": 0.02,
    "expired": 0.03,
}


def line(number: int) -> bytes:
    """Return a record of a resource log as a line."""
    record = {
        "time": "2026-11-20T10:00:00.1234567Z",
        "resourceId": RESOURCE,
        "category": "AppServiceConsoleLogs",
        "operationName": "Do",
        "properties": {"number": number},
    }
    return json.dumps(record).encode() + b"\n"


class BlobWorld(World):
    """A container with 300 records."""

    outage, empty_page, shares = "unavailable", "empty_page", SHARES

    def __init__(self, credentials: Any = CREDENTIALS) -> None:
        self.clock = VirtualClock()
        self.faults = Faults(most_in_a_row=4)
        self.credentials = credentials
        self.fake = FakeBlobs(self.faults, clock_ns=self.clock.now_ns)
        self.fake.folders = {FOLDER}
        for hour in range(10):
            lines = b"".join(line(number) for number in range(hour * 25, hour * 25 + 25))
            self.fake.append(f"{FOLDER}/h={hour:02d}/m=00/PT1H.json", lines)
        for part in range(2):
            lines = b"".join(line(number) for number in range(250 + part * 25, 275 + part * 25))
            self.fake.put(f"export/part {part}.json.gz", gzip.compress(lines))

    def source(self, **settings: Any) -> BlobExports:
        return BlobExports(
            "shoplogs",
            CONTAINER,
            **{"credentials": self.credentials, "cloud": self.fake.cloud, "ca_file": ca_file(), **settings},
        )

    def expected(self) -> Counter[str]:
        return Counter(str(number) for number in range(300))

    def key(self, event: Any) -> str:
        return str(json.loads(event.payload)["properties"]["number"])

    def place(self, cursor: bytes | None) -> int:
        state = decode_object_cursor(cursor, "")
        return len(state.marks()) + sum(state.grown.values())

    def lose(self) -> bool:
        """Two blobs that are listed and cannot be read."""
        self.fake.unreadable = {f"{FOLDER}/h=03/m=00/PT1H.json", "export/part 1.json.gz"}
        return True

    def find_again(self) -> bool:
        self.fake.unreadable = set()
        return True
