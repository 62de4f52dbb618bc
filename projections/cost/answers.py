"""What the cost queries answer: frozen rows, money as Decimal, each with references to the events behind it."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

import msgspec


class CostLine(msgspec.Struct, frozen=True, kw_only=True):
    """What one group of logs cost, in one currency.

    `cost` is usage; `credits` and `taxes` are kept apart; `total` is all three. `methods` says how the money came to
    the group: see `allocation`. A group whose service is empty and whose methods hold `unallocated` is what no
    measured log explains. `estimated` lines come from list prices, before free allowances, because no bill covers
    these logs.
    """

    group: dict[str, str]
    currency: str
    cost: Decimal
    credits: Decimal
    taxes: Decimal
    total: Decimal
    estimated: bool
    share: float
    methods: tuple[str, ...]
    events: int
    bytes: int
    evidence: tuple[str, ...]


class VolumeLine(msgspec.Struct, frozen=True, kw_only=True):
    """How much one group logged; `bytes` as the provider bills them, `share` of the bytes of all groups."""

    group: dict[str, str]
    events: int
    bytes: int
    share: float
    evidence: tuple[str, ...]


class Allocation(msgspec.Struct, frozen=True, kw_only=True, rename="pascal"):
    """A part of a charge given to a service, in the names of FOCUS 1.3 when encoded.

    `origin_charge` names the charge that was split; the `allocated_ratio`s of one origin add up to exactly 1.
    `allocated_resource_id` is None for the part that nothing explains.
    """

    origin_charge: str = msgspec.field(name="x_OriginCharge")
    allocated_method_id: str
    allocated_ratio: Decimal
    allocated_method_details: dict[str, list[dict[str, str]]]
    allocated_resource_id: str | None
    allocated_resource_name: str | None
    allocated_tags: dict[str, str]
    billed_cost: Decimal
    billing_currency: str
    charge_category: str
    charge_period_start: datetime
    charge_period_end: datetime
    provider_name: str
    service_provider_name: str
    host_provider_name: str
    sub_account_id: str
    region_id: str
    resource_id: str
    log_class: str = msgspec.field(name="x_LogClass")


class TrendPoint(msgspec.Struct, frozen=True, kw_only=True):
    """One day of a trend."""

    day: datetime
    cost: Decimal
    bytes: int
    events: int


class Trend(msgspec.Struct, frozen=True, kw_only=True):
    """The daily course of one group.

    `slope_per_day` is the median slope of all pairs of days (Theil-Sen) of the cost, `bytes_slope_per_day` of the
    bytes; `week_over_week` compares the last seven days with the seven before (None where they are missing or zero).
    """

    group: dict[str, str]
    currency: str
    estimated: bool
    points: tuple[TrendPoint, ...]
    slope_per_day: float
    bytes_slope_per_day: float
    week_over_week: float | None


class Cause(msgspec.Struct, frozen=True, kw_only=True):
    """What an anomaly's excess consists of: one severity, template, format or resource, and its share of the excess."""

    dimension: str
    value: str
    share: float
    text: str
    evidence: tuple[str, ...]


class Anomaly(msgspec.Struct, frozen=True, kw_only=True):
    """A jump of a service's log volume, or of what it is billed.

    `impact` is what the excess cost while it lasted, `monthly_impact` what it would cost in 30 days; `expected` and
    `actual` are bytes (`kind` volume) or money (`kind` cost) per slot of `slot_s` seconds; `score` counts robust
    deviations (median and MAD of the slots before).
    """

    kind: str
    service: str
    provider: str
    started_at: datetime
    ended_at: datetime
    slot_s: int
    expected: float
    actual: float
    factor: float
    score: float
    excess_bytes: int
    currency: str
    impact: Decimal
    monthly_impact: Decimal
    causes: tuple[Cause, ...]
    evidence: tuple[str, ...]


class Saving(msgspec.Struct, frozen=True, kw_only=True):
    """Money saved in 30 days: low counts the free allowance and half the effect, high adds storage."""

    low: Decimal
    expected: Decimal
    high: Decimal
    currency: str


class Recommendation(msgspec.Struct, frozen=True, kw_only=True):
    """One change of what is logged, with what it saves and what was checked before proposing it.

    `action` is raise_level (stop a level), sample (keep `1 - rate`) or shorten; `template` is the hash of the message
    in hexadecimal, `text` its masked form where a ledger was at hand. Numbers are of the period seen, `saving` of 30
    days.
    """

    action: str
    service: str
    provider: str
    format: str
    level: str
    template: str
    text: str
    events: int
    bytes: int
    share: float
    rate: float
    period_days: float
    unit_price: Decimal
    price_source: str
    saving: Saving
    guards_passed: tuple[str, ...]
    cautions: tuple[str, ...]
    how: str
    rollback: str
    evidence: tuple[str, ...]
