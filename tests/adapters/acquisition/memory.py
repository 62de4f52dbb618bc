"""Providers in memory, one per port, with faults by the names of the failures they cause."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from cloudledger.adapters import Origin
from cloudledger.adapters.acquisition import (
    Check,
    Delivery,
    Failure,
    IncompleteWindowError,
    Lost,
    ObjectInfo,
    Page,
    Requests,
    SourceIdentity,
    Verdict,
    Window,
    page_of,
)
from tests.adapters.acquisition.clock import VirtualClock
from tests.wire.faults import Faults

IDENTITY = SourceIdentity(stream="memory/1", provider="aws", account="1", region="here", api="entries")

FAILURES = {failure.name.lower(): failure for failure in Failure}

SHARES = {
    "throttled": 0.08,
    "transient": 0.08,
    "expired": 0.04,
    "truncated": 0.04,
    "invalid_token": 0.03,
    "empty_page": 0.08,
}


class FaultError(Exception):
    """An SDK's exception; its text names the fault."""


def body(number: int) -> bytes:
    """Return a record whose id is made of its number (`insertId`), in the form of an exported entry."""
    entry = {
        "insertId": f"id-{number}",
        "logName": "projects/shop/logs/pay",
        "resource": {"type": "global", "labels": {"project_id": "shop"}},
        "timestamp": "2026-11-20T11:30:00Z",
        "textPayload": f"order {number}",
    }
    return json.dumps(entry).encode()


class Entry(NamedTuple):
    """An entry, and when it can be seen."""

    time_ns: int
    body: bytes
    visible_ns: int = 0


class MemoryReader:
    """What the readers in memory have in common."""

    def __init__(self, clock: VirtualClock, faults: Faults) -> None:
        self.identity, self.clock, self.faults = IDENTITY, clock, faults
        self.refreshed = 0

    def classify(self, error: Exception) -> Verdict:
        return Verdict(FAILURES.get(str(error), Failure.FATAL), str(error), 3.0 if str(error) == "throttled" else None)

    def refresh(self) -> None:
        self.refreshed += 1

    def check(self, requests: Requests) -> tuple[Check, ...]:
        requests.call(lambda: self.fail(""))
        return (Check("memory", True),)

    def fail(self, kind: str) -> None:
        if kind in FAILURES:
            raise FaultError(kind)


class MemoryWindows(MemoryReader):
    """Entries by time; a window that holds a poisoned entry is given in part."""

    def __init__(self, clock: VirtualClock, faults: Faults, entries: list[Entry], *, page_entries: int = 20) -> None:
        super().__init__(clock, faults)
        self.entries, self.page_entries = entries, page_entries
        self.poisoned: set[bytes] = set()
        self.asked: list[Window] = []

    def pages(self, window: Window, requests: Requests) -> Iterator[Page]:
        self.asked.append(window)
        now = self.clock.now_ns()
        found = [e.body for e in self.entries if window.since_ns <= e.time_ns < window.until_ns and e.visible_ns <= now]
        whole = [one for one in found if one not in self.poisoned]
        if whole != found:
            raise IncompleteWindowError("PartialError", page_of(whole, Origin("memory")))
        at = 0
        while at < len(found):
            page = requests.call(lambda at=at: self._page(found, at))  # type: ignore[misc]
            if page:
                yield page_of(page, Origin("memory"), offset=at)
            at += len(page)
        requests.call(lambda: self._page(found, at))

    def _page(self, found: list[bytes], at: int) -> list[bytes]:
        kind = self.faults.next()
        self.fail(kind)
        return [] if kind == "empty_page" else found[at : at + self.page_entries]


class MemoryStream(MemoryReader):
    """Two partitions of messages; sessions break where faults say so."""

    def __init__(self, clock: VirtualClock, faults: Faults, bodies: list[bytes]) -> None:
        super().__init__(clock, faults)
        self.partitions = {"0": bodies[::2], "1": bodies[1::2]}
        self.acknowledged = 0
        self.lost: list[Lost] = []
        self.hint = False

    def deliveries(self, positions: Mapping[str, str], requests: Requests) -> Iterator[Delivery]:
        requests.call(lambda: self.fail(self.faults.next()))
        at = {name: int(positions.get(name, "0")) for name in self.partitions}
        while any(at[name] < len(messages) for name, messages in self.partitions.items()):
            for name, messages in self.partitions.items():
                self.fail(self.faults.next())
                some = messages[at[name] : at[name] + 7]
                at[name] += len(some)
                lost, self.lost = tuple(self.lost), []
                page = page_of(some, Origin(f"memory/{name}"), offset=at[name]) if some else None
                positions = {name: str(at[name])} if some else {}
                yield Delivery(page, positions, lost, self._acknowledge, hint=self.hint)
        yield Delivery(caught_up=True)

    def _acknowledge(self) -> None:
        self.acknowledged += 1


class MemoryObjects(MemoryReader):
    """A bucket."""

    def __init__(self, clock: VirtualClock, faults: Faults) -> None:
        super().__init__(clock, faults)
        self.objects: dict[str, tuple[bytes, ObjectInfo]] = {}
        self.broken: dict[str, str] = {}

    def put(self, key: str, bodies: list[bytes], *, version: str = "1", grows: bool = False, cut: int = 0) -> None:
        lines = b"".join(one + b"\n" for one in bodies)
        content = lines if grows else gzip.compress(lines)
        content = content[: len(content) - cut]
        info = ObjectInfo(f"mem://bucket/{key}", len(content), version, self.clock.now_ns(), grows)
        self.objects[info.key] = content, info

    def listing(self, requests: Requests) -> Iterator[ObjectInfo]:
        requests.call(lambda: self.fail(self.faults.next()))
        yield from [info for _, info in self.objects.values()]

    def blocks(self, found: ObjectInfo, offset: int) -> Iterator[bytes]:
        self.fail(self.broken.get(found.key, ""))
        kind = self.faults.next()
        content = self.objects[found.key][0][offset : found.size]
        yield content[: len(content) // 2]
        self.fail(kind)
        yield content[len(content) // 2 :]

    def metadata(self, found: ObjectInfo) -> Mapping[str, str]:
        return {"provider": "gcp"}
