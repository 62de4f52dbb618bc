"""The history of one group, made of its facts: decisions, attempts, limits, sizes and bounds over time.

Under the scaling model; rules, lags, failures and capacity read it. What the events leave out is filled in here: the
old size of an HPA's rescale, the direction of a change, the end of an attempt that was first told of in progress.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from .group_facts import StoredFact
from .minute_series import EMPTY, Floats, Ints, Series, ServiceMinutes

TAGGED = frozenset({"manual", "schedule", "health", "refresh"})
"""Policy types that change a group without a decision of its autoscaler: shown, never judged."""

_ENDED = {"succeeded": 3, "failed": 3, "cancelled": 2, "in_progress": 1}


@dataclass(frozen=True, slots=True)
class Decision:
    """The autoscaler decided on a size."""

    at_ns: int
    old_size: int | None
    new_size: int | None
    direction: str
    trigger: str
    policy: str
    policy_type: str
    limited_by: str
    max_size: int | None
    unconstrained_size: int | None
    metric: str
    observed: float | None
    threshold: float | None
    reference: str

    @property
    def step(self) -> int:
        """How many instances it adds or takes away, 0 where unknown."""
        return abs(self.new_size - self.old_size) if self.old_size is not None and self.new_size is not None else 0


@dataclass(frozen=True, slots=True)
class Attempt:
    """Instances were asked for, or given back."""

    attempt_id: str
    direction: str
    outcome: str
    reason_class: str
    maintenance: str
    zone: str
    started_ns: int | None
    ended_ns: int | None
    message: str
    reference: str

    @property
    def at_ns(self) -> int:
        """When it ended, else began."""
        return self.ended_ns or self.started_ns or 0

    @property
    def provision_s(self) -> float | None:
        """How long a success took."""
        if self.outcome != "succeeded" or self.started_ns is None or self.ended_ns is None:
            return None
        return (self.ended_ns - self.started_ns) / 1e9


@dataclass(frozen=True)
class GroupHistory:
    """All that is known of one group.

    Attributes:
        resource, service: which group it is.
        facts: its facts in time order.
        decisions: the autoscaler's decisions, each once; `tagged` are those that are not judged.
        attempts: each once, as it ended.
        sizes, maxima, minima: (time, value) in time order.
        minutes: what the service logged; `metrics` what was measured.
    """

    resource: str
    service: str
    facts: Sequence[StoredFact]
    decisions: Sequence[Decision] = ()
    tagged: Sequence[Decision] = ()
    attempts: Sequence[Attempt] = ()
    sizes: Sequence[tuple[int, int]] = ()
    maxima: Sequence[tuple[int, int]] = ()
    minima: Sequence[tuple[int, int]] = ()
    minutes: ServiceMinutes | None = None
    metrics: dict[str, Series] = field(default_factory=dict)

    @property
    def since_ns(self) -> int:
        """Time of the first fact that has one."""
        return next((fact.at_ns for fact in self.facts if not fact.timeless), 0)

    @property
    def until_ns(self) -> int:
        """Time of the last fact that has one."""
        return next((fact.at_ns for fact in reversed(self.facts) if not fact.timeless), 0)

    @property
    def horizon_ns(self) -> int:
        """Time of the last that is known of the group: a fact, a metric or a log of its service."""
        ends = [series.minutes[-1] for series in (*self.metrics.values(), self.load) if len(series)]
        return max([self.until_ns, *(int(minute) * 60_000_000_000 for minute in ends)])

    def size_at(self, at_ns: int) -> int | None:
        """Return the desired size at an instant."""
        return _value_at(self.sizes, at_ns)

    def max_at(self, at_ns: int) -> int | None:
        """Return the maximum at an instant; the first known one counts for the time before it."""
        return _value_at(self.maxima, at_ns) or (self.maxima[0][1] if self.maxima else None)

    def min_at(self, at_ns: int) -> int | None:
        """Return the minimum at an instant; the first known one counts for the time before it."""
        known = _value_at(self.minima, at_ns)
        return known if known is not None else self.minima[0][1] if self.minima else None

    def size_series(self, minutes: Ints) -> Floats:
        """Return the desired size in each of some minutes, 0 where it is not known."""
        if not self.sizes:
            return np.zeros(len(minutes))
        known = np.array(self.sizes, np.int64)
        index = np.searchsorted(known[:, 0], minutes * 60_000_000_000, side="right")
        return np.where(index > 0, known[index - 1, 1], 0).astype(np.float64)

    @property
    def load(self) -> Series:
        """Events per minute of the service."""
        return self.minutes.load if self.minutes else EMPTY

    @property
    def error_rate(self) -> Series:
        """Share of the service's events that failed, per minute."""
        return self.minutes.error_rate if self.minutes else EMPTY


def group_history(resource: str, facts: Sequence[StoredFact]) -> GroupHistory:
    """Return the history that facts tell; minutes and metrics are added by the model.

    >>> group_history("web", []).decisions
    ()
    """
    sizes = _sizes(facts)
    decisions = _decisions(facts, sizes)
    service = next((fact.service for fact in reversed(facts) if fact.service), "")
    return GroupHistory(
        resource=resource,
        service=service,
        facts=facts,
        decisions=tuple(d for d in decisions if d.policy_type not in TAGGED),
        tagged=tuple(d for d in decisions if d.policy_type in TAGGED),
        attempts=tuple(_attempts(facts)),
        sizes=sizes,
        maxima=_bounds((f.at_ns, f.fact.max_size, f.timeless) for f in facts),
        minima=_bounds((f.at_ns, f.fact.min_size, f.timeless) for f in facts),
    )


def _sizes(facts: Sequence[StoredFact]) -> list[tuple[int, int]]:
    """Return the changes of the desired size: what was decided, configured or found."""
    told: list[tuple[int, int]] = []
    for fact in facts:
        one = fact.fact
        if fact.timeless or one.phase not in {"decision", "config", "limit"}:
            continue
        if one.phase == "decision" and one.old_size is not None and not told:
            told.append((fact.at_ns - 1, one.old_size))
        if one.new_size is not None and not (one.phase == "limit" and one.limited_by == "flap_guard"):
            told.append((fact.at_ns, one.new_size))
    return [step for i, step in enumerate(told) if not i or step[1] != told[i - 1][1]]


def _decisions(facts: Sequence[StoredFact], sizes: Sequence[tuple[int, int]]) -> list[Decision]:
    found: dict[tuple[int, int | None, int | None, str], Decision] = {}
    for fact in facts:
        one = fact.fact
        if one.phase != "decision" or fact.timeless:
            continue
        old = one.old_size if one.old_size is not None else _value_at(sizes, fact.at_ns - 1)
        key = (fact.at_ns, old, one.new_size, one.policy)
        found.setdefault(key, _decision(fact, old))
    return list(found.values())


def _decision(fact: StoredFact, old: int | None) -> Decision:
    one = fact.fact
    direction = one.direction
    if direction == "none" and old is not None and one.new_size is not None and old != one.new_size:
        direction = "out" if one.new_size > old else "in"
    return Decision(
        at_ns=fact.at_ns,
        old_size=old,
        new_size=one.new_size,
        direction=direction,
        trigger=one.trigger,
        policy=one.policy,
        policy_type=one.policy_type,
        limited_by=one.limited_by,
        max_size=one.max_size,
        unconstrained_size=one.unconstrained_size,
        metric=one.metric,
        observed=one.observed,
        threshold=one.threshold,
        reference=fact.reference,
    )


def _attempts(facts: Iterable[StoredFact]) -> list[Attempt]:
    merged: dict[str, Attempt] = {}
    for number, fact in enumerate(facts):
        if fact.fact.phase != "attempt":
            continue
        attempt = _attempt(fact)
        key = attempt.attempt_id or f"#{number}"
        known = merged.get(key)
        merged[key] = attempt if known is None else _later(known, attempt)
    return sorted(merged.values(), key=lambda attempt: (attempt.at_ns, attempt.attempt_id))


def _attempt(fact: StoredFact) -> Attempt:
    one = fact.fact
    ended = one.ended_at or (None if one.outcome == "in_progress" else fact.at_ns)
    return Attempt(
        attempt_id=one.attempt_id,
        direction=one.direction,
        outcome=one.outcome,
        reason_class=one.reason_class,
        maintenance=one.trigger if one.trigger in {"health", "rebalance", "refresh", "spot"} else "",
        zone=one.zone,
        started_ns=one.started_at,
        ended_ns=ended,
        message=one.message,
        reference=fact.reference,
    )


def _later(known: Attempt, told: Attempt) -> Attempt:
    """Join two tellings of one attempt: the one that ended counts, with the earlier's start."""
    best, other = (told, known) if _ENDED.get(told.outcome, 0) > _ENDED.get(known.outcome, 0) else (known, told)
    return replace(
        best,
        started_ns=best.started_ns or other.started_ns,
        direction=best.direction if best.direction != "none" else other.direction,
        zone=best.zone or other.zone,
    )


def _bounds(told: Iterable[tuple[int, int | None, bool]]) -> list[tuple[int, int]]:
    """Return a bound over time; one without a time is kept only while no other is known."""
    known = [(at_ns, value, timeless) for at_ns, value, timeless in told if value is not None]
    timed = [(at_ns, value) for at_ns, value, timeless in known if not timeless]
    return timed or [(0, value) for _, value, _ in known[-1:]]


def _value_at(steps: Sequence[tuple[int, int]], at_ns: int) -> int | None:
    index = bisect_right(steps, at_ns, key=lambda step: step[0])
    return steps[index - 1][1] if index else None
