"""Requests through the services: spans with nested intervals, their log lines, and what fails.

The heart of the generator. Each request has a W3C trace id; each service logs when its span begins and ends; a caller
names the host of a callee that failed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from random import Random
from typing import Protocol

from .containers import Emit
from .places import DATABASE_HOST, SKEW_US, service_host
from .services import BACKGROUND_ERROR_RATE, Call, Service
from .story import DEBUG_LINES, FIRST_FAILING, NOISY, Story

_NETWORK_US = 500
_CROSS_CLOUD_US = 9_000
"""One way between two clouds of one region of the world. Chosen: a public internet path of 9 ms."""

_BACKOFF_US = 120_000
_REASONS = {500: "Internal Server Error", 502: "Bad Gateway", 503: "Service Unavailable"}
_CASCADED = (502, 503)
"""Statuses that stem from the database; a fault of a service's own is 500, and 500 for its callers."""

_REFUSALS = (
    f"connection to {DATABASE_HOST}:5432 failed: FATAL: remaining connection slots are reserved for non-replication "
    "superuser connections",
    f"HikariPool-1 - Connection is not available, request timed out after 2500ms: connection to {DATABASE_HOST}:5432 "
    "refused",
)
_BUGS = (
    "unhandled java.lang.NullPointerException: customer address is null",
    "unhandled ValueError: currency XTS is not supported",
    "unhandled io.grpc.StatusRuntimeException: DEADLINE_EXCEEDED: deadline exceeded after 0.999s",
)

Ended = tuple[int, int]
"""When a span ended, and its HTTP status."""


class Edge(Protocol):
    """What writes the record of a request at the edge or of a function: instants, status, trace."""

    def __call__(self, start_us: int, end_us: int, status: int, trace: str, span: str) -> None:
        """Write it."""
        ...


class Traffic:
    """Sends requests through the services and writes what they log.

    Attributes:
        first_errors: per service the instant of its first server error after its onset.
        requests, spans: how many there were.
        database_calls: calls of the first failing service to its database.
    """

    def __init__(self, story: Story, random: Random, emitters: Mapping[str, Emit], edges: Mapping[str, Edge]) -> None:
        self._story, self._emit, self._edges = story, emitters, edges
        self._roll, self._bits = random.random, random.getrandbits
        self._skew = {service.name: SKEW_US[service.cloud] for service in story.services}
        self.first_errors: dict[str, int] = {}
        self.requests = self.spans = self.database_calls = 0
        self.refusals: list[int] = []

    def request(self, entry: Service, at_us: int) -> None:
        """Send one request to an entry service."""
        trace, parent = f"{self._bits(128) | 1 << 127:032x}", f"{self._bits(64) | 1:016x}"
        self.requests += 1
        end, status = self._serve(entry, entry.method, entry.path, at_us, trace, parent)
        if edge := self._edges.get(entry.name):
            edge(at_us - _NETWORK_US, end + _NETWORK_US, status, trace, parent)

    def _serve(self, service: Service, method: str, path: str, at_us: int, trace: str, parent: str) -> Ended:
        """Serve a call: log, work, call others, log; times are true times, logged times those of the cloud's clock."""
        emit, name, skew = self._emit[service.name], service.name, self._skew[service.name]
        number = self._bits(20)
        span = f"{number:05x}{self._bits(44):011x}"
        self.spans += 1
        emit(
            at_us + skew,
            "INFO",
            f"handling {method} {path}/{number} tenant=t-{number % 97} client=10.0.{number % 250}.7",
            trace,
            span,
            parent,
        )
        cursor, status = at_us + int(service.own_us * (0.3 + self._roll())), 200
        if name == NOISY and at_us >= self._story.debug_at:
            cursor = self._debug(emit, cursor, skew, (trace, span, parent))
        if service.datastore:
            cursor, status = self._query(emit, cursor, skew, (trace, span, parent))
        for call in service.calls if status == 200 else ():
            if self._roll() < call.probability:
                cursor, status = self._call(service, call, cursor, trace, span)
                if status != 200:
                    break
        if status == 200 and self._roll() < BACKGROUND_ERROR_RATE:
            status = 500
            emit(cursor + skew, "ERROR", _BUGS[number % 3], trace, span, parent)
        end = cursor + service.own_us // 3
        level = "ERROR" if status >= 500 else "INFO"
        said = f"completed {method} {path}/{number} status={status} duration_ms={(end - at_us) // 1000}"
        emit(end + skew, level, said, trace, span, parent)
        if status in _CASCADED:
            self._note_error(name, end)
        return end, status

    def _call(self, caller: Service, call: Call, cursor: int, trace: str, span: str) -> Ended:
        """Call another service, perhaps again; give the status that its failure leaves the caller with."""
        callee = call.callee
        network = _NETWORK_US if caller.cloud == callee.cloud else _CROSS_CLOUD_US
        emit, skew = self._emit[caller.name], self._skew[caller.name]
        target = f"{call.method} http://{service_host(callee.name, callee.cloud, caller.cloud)}{call.path}"
        for attempt in range(1 + call.retries):
            end, status = self._invoke(callee, call, cursor + network, trace, span)
            call.count += 1
            cursor = end + network
            if status < 500:
                return cursor, 200
            if attempt < call.retries:
                emit(
                    cursor + skew,
                    "WARN",
                    f"{target} failed: {status} {_REASONS[status]}, retrying in 120 ms",
                    trace,
                    span,
                    "",
                )
                cursor += _BACKOFF_US
        if not call.critical or self._is_absorbed(caller, callee, cursor):
            emit(
                cursor + skew,
                "WARN",
                f"{target} failed: {status} {_REASONS[status]}, continuing without it",
                trace,
                span,
                "",
            )
            return cursor, 200
        emit(cursor + skew, "ERROR", f"{target} failed: {status} {_REASONS[status]}", trace, span, "")
        return cursor, 502 if status in _CASCADED else 500

    def _invoke(self, callee: Service, call: Call, at_us: int, trace: str, span: str) -> Ended:
        if callee.kind == "container":
            return self._serve(callee, call.method, call.path, at_us, trace, span)
        end = at_us + int(callee.own_us * (0.5 + self._roll()))
        self.spans += 1
        self._edges[callee.name](at_us, end, 200, trace, span)
        return end, 200

    def _query(self, emit: Emit, cursor: int, skew: int, ids: tuple[str, str, str]) -> Ended:
        """Use the database: slow, or refused, after the change."""
        self.database_calls += 1
        probability = self._story.failure_probability(cursor)
        if self._roll() >= probability:
            return cursor + int((4_000 + 6_000 * self._roll()) * (1 + 40 * probability)), 200
        cursor += 60_000 + int(2_440_000 * self._roll())
        emit(cursor + skew, "ERROR", _REFUSALS[cursor % 2], *ids)
        self.refusals.append(cursor)
        return cursor, 503

    def _debug(self, emit: Emit, cursor: int, skew: int, ids: tuple[str, str, str]) -> int:
        for step in range(DEBUG_LINES):
            shard = self._bits(16)
            emit(
                cursor + skew,
                "DEBUG",
                f"scoring shard={shard % 64} step={step} candidates={shard} cache=miss took_us={shard % 977}",
                *ids,
            )
            cursor += 150
        return cursor

    def _is_absorbed(self, caller: Service, callee: Service, at_us: int) -> bool:
        """Say whether a caller still bears its callee's failure by fallback or queue."""
        onset = self._story.onset
        return (
            callee.name in onset
            and caller.name in onset
            and at_us < onset[caller.name]
            and at_us >= onset[FIRST_FAILING]
        )

    def _note_error(self, name: str, at_us: int) -> None:
        onset = self._story.onset.get(name)
        if onset is not None and at_us >= onset and name not in self.first_errors:
            self.first_errors[name] = at_us


def lines_per_request(story: Story, entries: list[Service], weights: list[float], random: Random) -> float:
    """Return the mean number of records of a request, measured by sending some at instants all over the story."""
    lines = 0

    def count(*_: object) -> None:
        nonlocal lines
        lines += 1

    emitters: dict[str, Callable[..., None]] = {service.name: count for service in story.services}
    edges: dict[str, Callable[..., None]] = {}

    def invoke(*_: object) -> None:
        for _line in range(4):
            count()

    for service in story.services:
        if service.name in {"web-gateway", "storefront"}:
            edges[service.name] = count
        elif service.kind == "lambda":
            edges[service.name] = invoke
    traffic = Traffic(story, random, emitters, edges)
    samples = 1500
    for number in range(samples):
        traffic.request(random.choices(entries, weights)[0], story.at((number + 0.5) / samples))
    for service in story.services:
        for call in service.calls:
            call.count = 0
    return lines / samples
