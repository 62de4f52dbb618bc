"""The engines keep the contract of sources with providers in memory, one for each port."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import pytest

from cloudledger.adapters.acquisition import (
    Lost,
    ObjectSource,
    PulledSource,
    RateLimit,
    StreamSource,
    WindowSettings,
    WindowSource,
)
from cloudledger.adapters.acquisition.object_cursor import decode_object_cursor
from cloudledger.adapters.acquisition.stream_cursor import decode_stream_cursor
from cloudledger.adapters.acquisition.window_cursor import decode_window_cursor
from tests.adapters.acquisition.clock import VirtualClock
from tests.adapters.acquisition.contract import SourceContract, World
from tests.adapters.acquisition.memory import SHARES, Entry, MemoryObjects, MemoryStream, MemoryWindows, body
from tests.wire.faults import Faults

UNLIMITED = RateLimit(per_s=1e6)
SECOND = 1_000_000_000


class MemoryWorld(World):
    """What the worlds in memory have in common: entries with an id of their own."""

    shares, outage = SHARES, "transient"

    def __init__(self) -> None:
        self.clock, self.faults = VirtualClock(), Faults(most_in_a_row=3)
        self.bodies = [body(number) for number in range(300)]

    def expected(self) -> Counter[str]:
        return Counter(f"order {number}" for number in range(300))

    def key(self, event: Any) -> str:
        return str(json.loads(event.payload)["textPayload"])


class WindowWorld(MemoryWorld):
    """Entries of the last hour, five of a second at a time."""

    empty_page = "empty_page"

    def __init__(self) -> None:
        super().__init__()
        start = self.clock.now_ns() - 3600 * SECOND
        entries = [Entry(start + number // 5 * 50 * SECOND, one) for number, one in enumerate(self.bodies)]
        self.reader = MemoryWindows(self.clock, self.faults, entries)

    def source(self) -> PulledSource:
        return WindowSource(self.reader, rate=UNLIMITED, windows=WindowSettings(window_s=1200, back_s=3601))

    def place(self, cursor: bytes | None) -> int:
        return decode_window_cursor(cursor, "").done_ns

    def lose(self) -> bool:
        self.reader.poisoned = {self.bodies[100], self.bodies[101]}
        return True

    def find_again(self) -> bool:
        self.reader.poisoned = set()
        return True


class StreamWorld(MemoryWorld):
    """Two partitions."""

    def __init__(self) -> None:
        super().__init__()
        self.reader = MemoryStream(self.clock, self.faults, self.bodies)

    def source(self) -> PulledSource:
        return StreamSource(self.reader, rate=UNLIMITED)

    def place(self, cursor: bytes | None) -> list[int]:
        positions = decode_stream_cursor(cursor, "").positions
        return [int(positions.get(name, "0")) for name in ("0", "1")]

    def lose(self) -> bool:
        self.reader.lost = [Lost(5, 9, "sampled")]
        return True


class ObjectWorld(MemoryWorld):
    """Ten compressed objects, and two that grow."""

    def __init__(self) -> None:
        super().__init__()
        self.reader = MemoryObjects(self.clock, self.faults)
        for number in range(10):
            self.reader.put(f"day/{number}.json.gz", self.bodies[number * 25 : number * 25 + 25])
        self.reader.put("PT1H.json", self.bodies[250:275], grows=True)
        self.reader.put("PT2H.json", [*self.bodies[275:], b'{"half'], grows=True, cut=1)

    def source(self) -> PulledSource:
        return ObjectSource(self.reader, rate=UNLIMITED)

    def place(self, cursor: bytes | None) -> int:
        state = decode_object_cursor(cursor, "")
        return len(state.marks()) + sum(state.grown.values())

    def lose(self) -> bool:
        self.reader.broken = {"mem://bucket/day/3.json.gz": "denied", "mem://bucket/PT1H.json": "fatal"}
        return True

    def find_again(self) -> bool:
        self.reader.broken = {}
        return True


class TestWindows(SourceContract):
    @pytest.fixture
    def world(self) -> World:
        return WindowWorld()


class TestStream(SourceContract):
    @pytest.fixture
    def world(self) -> World:
        return StreamWorld()


class TestObjects(SourceContract):
    @pytest.fixture
    def world(self) -> World:
        return ObjectWorld()
