"""FakeCloudWatchLogs: FilterLogEvents and Live Tail as boto3 sees them, with faults, late and doubled entries.

JSON 1.1 with `X-Amz-Target`; Live Tail answers with frames of `application/vnd.amazon.eventstream`. Pages may be empty
or partial and still have a token; `endTime` is inclusive; a token is refused once it has expired. Entries become
visible when the clock reaches their `visible_ms`.
"""

from __future__ import annotations

import json
import struct
import time
import zlib
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from itertools import chain
from typing import Any, NamedTuple

from tests.wire.faults import Faults
from tests.wire.http_fake import Answer, HttpFake, Request

ACCOUNT = "123456789012"
JSON = {"Content-Type": "application/x-amz-json-1.1"}


class Entry(NamedTuple):
    """One log entry; visible from a time on that may be long after its own."""

    timestamp_ms: int
    id: str
    message: str
    stream: str = "stream-1"
    visible_ms: int = 0


class FakeCloudWatchLogs(HttpFake):
    """A log group.

    Args:
        entries: what it holds, in any order.
        faults: kinds besides the network's: throttled, slow_down, unavailable, expired, empty_page, stuck,
            token_refused, denied, repeated.
        clock_ms: decides what is visible.
        page_entries: entries in a page at most.

    Attributes:
        poison: the id of an entry that makes every page with it unreadable.
        tail: gives the frames of a Live Tail session.
    """

    def __init__(
        self,
        entries: Sequence[Entry] = (),
        faults: Faults | None = None,
        *,
        clock_ms: Callable[[], int] = lambda: time.time_ns() // 1_000_000,
        page_entries: int = 100,
    ) -> None:
        super().__init__(faults)
        self.entries = sorted(entries)
        self.page_entries, self.clock_ms = page_entries, clock_ms
        self.tail: Callable[[], Iterator[bytes]] = lambda: iter(())
        self.account, self.poison = ACCOUNT, ""

    def faulty(self, request: Request) -> bool:
        """Only the calls of the log group go wrong."""
        return "FilterLogEvents" in _target(request) or "StartLiveTail" in _target(request)

    def answer(self, request: Request) -> Answer:
        """Answer as the service does."""
        target = _target(request)
        if target.endswith("FilterLogEvents"):
            found, token = self._found(json.loads(request.body))
            poisoned = any(entry.id == self.poison for entry in found)
            return Answer(200, b"{" if poisoned else _page(found, token), JSON)
        if target.endswith("StartLiveTail"):
            frames = chain([_event("initial-response", {})], self.tail())
            return Answer(200, b"", {"Content-Type": "application/vnd.amazon.eventstream"}, frames)
        if b"GetCallerIdentity" in request.body:
            return Answer(200, _identity(self.account), {"Content-Type": "text/xml"})
        return _error(400, "UnknownOperationException", target)

    def fault(self, kind: str, request: Request) -> Answer:
        """Answer that something is wrong."""
        if kind == "empty_page":
            asked = json.loads(request.body)
            return _json({"events": [], "nextToken": asked.get("nextToken", "0") + "'"})
        if kind == "stuck":
            return _json({"events": [], "nextToken": "7'"})
        if kind == "repeated":
            asked = json.loads(request.body)
            found, token = self._found(asked)
            return Answer(200, _page([entry for entry in found for _ in (1, 2)], token), JSON)
        status, code, headers = {
            "throttled": (400, "ThrottlingException", {}),
            "slow_down": (400, "ThrottlingException", {"Retry-After": "2"}),
            "unavailable": (503, "ServiceUnavailableException", {}),
            "expired": (400, "ExpiredTokenException", {}),
            "token_refused": (400, "InvalidParameterException", {}),
            "denied": (400, "AccessDeniedException", {}),
        }[kind]
        return _error(status, code, "The specified nextToken is invalid." if kind == "token_refused" else kind, headers)

    def _found(self, asked: dict[str, Any]) -> tuple[list[Entry], str]:
        """Return the entries of a page, and the token of the next one."""
        start = bisect_left(self.entries, (asked["startTime"],))
        end = bisect_right(self.entries, (asked["endTime"] + 1,))
        at = start + int(asked.get("nextToken", "0").rstrip("'"))
        now = self.clock_ms()
        size = min(self.page_entries, asked.get("limit", 10_000))
        found = [entry for entry in self.entries[at : min(at + size, end)] if entry.visible_ms <= now]
        return found, str(at + size - start) if at + size < end else ""


def _page(found: Sequence[Entry], token: str) -> bytes:
    events, more = ",".join(map(_written, found)), f',"nextToken":"{token}"' if token else ""
    return f'{{"events":[{events}],"searchedLogStreams":[]{more}}}'.encode()


@lru_cache(maxsize=1 << 20)
def _written(entry: Entry) -> str:
    fields = {
        "logStreamName": entry.stream,
        "timestamp": entry.timestamp_ms,
        "message": entry.message,
        "ingestionTime": max(entry.timestamp_ms, entry.visible_ms),
        "eventId": entry.id,
    }
    return json.dumps(fields)


def session_start() -> bytes:
    """Return the first frame of a Live Tail session."""
    return _event("sessionStart", {"sessionId": "1"})


def session_update(entries: Sequence[Entry], *, sampled: bool = False) -> bytes:
    """Return a frame of a Live Tail session."""
    shown = [{"logStreamName": e.stream, "message": e.message, "timestamp": e.timestamp_ms} for e in entries]
    return _event("sessionUpdate", {"sessionMetadata": {"sampled": sampled}, "sessionResults": shown})


def session_exception(name: str) -> bytes:
    """Return the frame that ends a session with an exception."""
    headers = {":message-type": "exception", ":exception-type": name, ":content-type": "application/json"}
    return _frame(headers, json.dumps({"message": name}).encode())


def _event(kind: str, payload: dict[str, Any]) -> bytes:
    headers = {":message-type": "event", ":event-type": kind, ":content-type": "application/json"}
    return _frame(headers, json.dumps(payload).encode())


def _frame(headers: dict[str, str], payload: bytes) -> bytes:
    """Return a frame: prelude, its checksum, headers (type 7: text), payload, checksum of all."""
    block = b"".join(
        struct.pack("!B", len(name)) + name.encode() + b"\x07" + struct.pack("!H", len(value)) + value.encode()
        for name, value in headers.items()
    )
    prelude = struct.pack("!II", 16 + len(block) + len(payload), len(block))
    head = prelude + struct.pack("!I", zlib.crc32(prelude)) + block + payload
    return head + struct.pack("!I", zlib.crc32(head))


def _target(request: Request) -> str:
    return next((value for name, value in request.headers.items() if name.lower() == "x-amz-target"), "")


def _json(value: dict[str, Any]) -> Answer:
    return Answer(200, json.dumps(value).encode(), JSON)


def _error(status: int, code: str, message: str, headers: dict[str, str] | None = None) -> Answer:
    return Answer(status, json.dumps({"__type": code, "message": message}).encode(), {**JSON, **(headers or {})})


def _identity(account: str) -> bytes:
    return (
        "<GetCallerIdentityResponse xmlns='https://sts.amazonaws.com/doc/2011-06-15/'><GetCallerIdentityResult>"
        f"<Arn>arn:aws:iam::{account}:user/reader</Arn><UserId>A</UserId><Account>{account}</Account>"
        "</GetCallerIdentityResult></GetCallerIdentityResponse>"
    ).encode()
