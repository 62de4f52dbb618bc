"""The world of event hubs for the contract: two partitions of messages with several records each."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from typing import Any

from cloudledger.adapters.acquisition import RateLimit
from cloudledger.adapters.acquisition.stream_cursor import decode_stream_cursor
from cloudledger.adapters.azure.sources import EventHubs
from tests.adapters.acquisition.clock import VirtualClock
from tests.adapters.acquisition.contract import World
from tests.adapters.azure.sources.blob_world import line
from tests.wire.event_hub import HUB, FakeEventHub, Sent
from tests.wire.faults import Faults

LINKS = {"busy": 0.08, "forced": 0.08, "reset": 0.08, "denied": 0.03, "stolen": 0.03, "silent": 0.03}


class HubFaults(Faults):
    """A schedule for requests for the state of the hub, and with the same seed one for links to partitions."""

    def __init__(self) -> None:
        self.links = Faults(most_in_a_row=3)
        super().__init__(most_in_a_row=3)

    def restart(self, seed: int, shares: Mapping[str, float]) -> None:
        super().restart(seed, shares)
        self.links.restart(seed, LINKS if shares else {})


def message(*numbers: int) -> bytes:
    """Return a message as diagnostic settings send it."""
    return json.dumps({"records": [json.loads(line(number)) for number in numbers]}).encode()


class HubWorld(World):
    """A hub with 240 records; a message holds three."""

    outage, shares = "management", {"management": 0.4}

    def __init__(self) -> None:
        self.clock = VirtualClock()
        self.faults: HubFaults = HubFaults()
        numbers = [(at, at + 1, at + 2) for at in range(0, 240, 3)]
        partitions = {
            name: [Sent(place, message(*part)) for place, part in enumerate(numbers[start::2])]
            for start, name in enumerate("01")
        }
        self.fake = FakeEventHub(partitions, self.faults.links, self.faults)

    def source(self, **settings: Any) -> EventHubs:
        return EventHubs(
            "shop", HUB, **{"connection_string": "env:TEST_HUB", "rate": RateLimit(per_s=1e6, burst=1000), **settings}
        )

    def expected(self) -> Counter[str]:
        return Counter(str(number) for number in range(240))

    def key(self, event: Any) -> str:
        return str(json.loads(event.payload)["properties"]["number"])

    def place(self, cursor: bytes | None) -> list[int]:
        positions = decode_stream_cursor(cursor, "").positions
        return [int(positions.get(name, "-1")) for name in ("0", "1")]
