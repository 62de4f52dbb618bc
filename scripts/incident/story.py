"""The plan of the incident: what happens when, to whom. Everything else writes it down.

A Terraform apply lowers a database's connection limit and its size. The payment service cannot get connections; its
callers in all three clouds fail one after another. Autoscaling of one caller runs into its maximum. Apart from that, a
configuration change in another cloud has switched a search service to debug logging.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from random import Random

from .clock import MICROSECONDS, to_us
from .services import Service, cascade_of, make_services

DEFAULT_START = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
FIRST_FAILING = "payments"
NOISY = "search"
DEBUG_LINES = 12
"""Debug lines per request of the noisy service. Chosen: with its two ordinary lines a sevenfold volume."""

_DEBUG_AT, _APPLY_AT = 0.25, 0.40
_APPLY_SHARE, _APPLY_MAX_S = 0.03, 200
"""An RDS modification takes minutes; short stories shorten it."""


@dataclass(slots=True)
class Story:
    """Who there is, and the instants (microseconds) at which things happen."""

    seed: int
    services: list[Service]
    start: int
    end: int
    debug_at: int
    apply_start: int
    apply_end: int
    fault_at: int
    cascade: set[str]
    onset: dict[str, int]

    @property
    def duration(self) -> int:
        """Length of the story in microseconds."""
        return self.end - self.start

    def at(self, share: float) -> int:
        """Return the instant after a share of the story."""
        return self.start + int(self.duration * share)

    def service(self, name: str) -> Service:
        """Return a service by its name."""
        return next(service for service in self.services if service.name == name)

    def failure_probability(self, at_us: int) -> float:
        """Return how often the database refuses a connection at an instant: it rises as pools drain."""
        if at_us < self.fault_at:
            return 0.0
        return min(0.7, 0.35 + 0.35 * (at_us - self.fault_at) / (self.duration * 0.05))


def make_story(*, seed: int, services: int, minutes: int, start: datetime) -> Story:
    """Return the plan of an incident.

    >>> story = make_story(seed=7, services=12, minutes=90, start=DEFAULT_START)
    >>> story.debug_at < story.apply_start < story.apply_end < story.fault_at < story.onset["orders"] < story.end
    True
    """
    if minutes < 5:
        raise ValueError("the story needs at least 5 minutes")
    if start.tzinfo is None:
        raise ValueError("start needs a time zone")
    members = make_services(services, Random(f"services {seed}"))
    begin, duration = to_us(start), minutes * 60 * MICROSECONDS
    apply_start = begin + int(duration * _APPLY_AT)
    apply_end = apply_start + min(int(duration * _APPLY_SHARE), _APPLY_MAX_S * MICROSECONDS)
    fault_at = apply_end + min(int(duration * 0.004), 20 * MICROSECONDS)
    cascade = cascade_of(members, FIRST_FAILING)
    return Story(
        seed=seed,
        services=members,
        start=begin,
        end=begin + duration,
        debug_at=begin + int(duration * _DEBUG_AT),
        apply_start=apply_start,
        apply_end=apply_end,
        fault_at=fault_at,
        cascade=cascade,
        onset=_onsets(members, cascade, fault_at, min(1.0, minutes / 90)),
    )


def _onsets(services: list[Service], cascade: set[str], fault_at: int, pace: float) -> dict[str, int]:
    """Return when each service of the cascade starts to fail: after its first failing callee, and what it absorbs."""
    onset = {FIRST_FAILING: fault_at}
    absorbed = {s.name: int(s.absorbs_s * pace) * MICROSECONDS for s in services}
    for _ in services:
        for service in services:
            callees = [onset[c.callee.name] for c in service.calls if c.critical and c.callee.name in onset]
            if callees and service.name in cascade - {FIRST_FAILING}:
                onset[service.name] = max(min(callees), fault_at + absorbed[service.name])
    return onset
