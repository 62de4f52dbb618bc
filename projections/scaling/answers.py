"""What the scaling read model answers with: frozen Structs, times as aware datetimes, evidence as references."""

from __future__ import annotations

from datetime import datetime

import msgspec


class ScalingGroup(msgspec.Struct, frozen=True, kw_only=True):
    """One group that scales."""

    resource: str
    service: str
    provider: str
    account: str
    region: str
    kind: str
    size: int | None
    min_size: int | None
    max_size: int | None
    decisions: int
    attempts: int
    failures: int
    first_seen: datetime
    last_seen: datetime


class ScalingStep(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that happened to a group: a decision, attempt, limit, status or configuration."""

    at: datetime
    phase: str
    direction: str
    old_size: int | None
    new_size: int | None
    trigger: str
    policy: str
    metric: str
    limited_by: str
    outcome: str
    reason_class: str
    message: str
    evidence: str


class Lag(msgspec.Struct, frozen=True, kw_only=True):
    """How long one part of scaling takes in one direction.

    `part` is trigger (breach to decision), request (decision to first attempt), provision (attempt's start to its
    end) or recovery (decision to the metric, or the errors, back to normal).
    """

    part: str
    direction: str
    count: int
    p50_s: float
    p95_s: float
    evidence: tuple[str, ...]


class Failure(msgspec.Struct, frozen=True, kw_only=True):
    """The failed attempts of one reason class; `share` is of all attempts that ended."""

    reason_class: str
    count: int
    share: float
    texts: tuple[str, ...]
    zones: tuple[str, ...]
    first_seen: datetime
    last_seen: datetime
    evidence: tuple[str, ...]


class Correlation(msgspec.Struct, frozen=True, kw_only=True):
    """How a signal of the group's service moves around decisions of one direction.

    `before` and `after` are means of ten minutes; `coefficient` is the strongest correlation of the group's size with
    the signal, reached when the signal is shifted by `lag_minutes` (positive: the size follows the signal).
    """

    signal: str
    direction: str
    decisions: int
    before: float
    after: float
    lag_minutes: int
    coefficient: float
    evidence: tuple[str, ...]


class Anomaly(msgspec.Struct, frozen=True, kw_only=True):
    """Something wrong with how a group scales; `numbers` are what decided it."""

    anomaly: str
    group: str
    service: str
    since: datetime
    until: datetime
    severity: str
    explanation: str
    numbers: dict[str, float]
    evidence: tuple[str, ...]


class CapacityWeek(msgspec.Struct, frozen=True, kw_only=True):
    """How much of its room a group used in one week.

    Values that need a metric or the autoscaler's own calculation are None where neither is known.
    """

    week: datetime
    peak_size: int | None
    max_size: int | None
    peak_share_of_max: float | None
    minutes_at_max: int
    unmet_instance_minutes: float | None
    over_provisioned_instance_minutes: float | None
    provision_p50_s: float | None
    provision_p95_s: float | None
    failure_share: dict[str, float]
    days_to_max: float | None
    days_to_max_low: float | None
    days_to_max_high: float | None
