"""ScalingModel: the questions that the scaling read model answers.

At the end of the flow: works from the folded state alone. Histories are made once per group and kept.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING

from ...domain.timestamps import to_datetime, window_ns
from ..partitions import ProjectionState
from .answers import Anomaly, CapacityWeek, Correlation, Failure, Lag, ScalingGroup, ScalingStep
from .capacity import capacity_of
from .correlations import correlations_of
from .demand import Demand, demand_of
from .failures import failures_of
from .group_facts import StoredFact, facts_by_group, find_group
from .history import GroupHistory, group_history
from .lags import lags_of
from .minute_series import MetricIndex, service_minutes
from .rules import find_anomalies

if TYPE_CHECKING:
    from ...store import Ledger

HOUR_NS = 3_600_000_000_000

When = datetime | str | int


class ScalingModel:
    """What the autoscalers did, and what kept them from it.

    >>> from .projection import ScalingProjection
    >>> ScalingModel(ScalingProjection().empty()).groups()
    []
    """

    def __init__(self, state: ProjectionState, *, ledger: Ledger | None = None) -> None:
        self._state = state
        self._ledger = ledger
        self._known: dict[str, tuple[GroupHistory, Demand]] = {}

    def groups(self) -> list[ScalingGroup]:
        """Return all groups that scale.

        >>> from .projection import ScalingProjection
        >>> ScalingModel(ScalingProjection().empty()).groups()
        []
        """
        return [_group(group_history(resource, facts)) for resource, facts in self._facts.items()]

    def history(self, group: str) -> list[ScalingStep]:
        """Return all that happened to a group, in time order.

        Args:
            group: its resource, the last part of it, or its service.

        Raises:
            InvalidArgumentError: no group, or several, answer to it.
        """
        history, _ = self._find(group)
        known = {
            decision.reference: decision for decision in (*history.decisions, *history.tagged) if decision.reference
        }
        return [
            _step(fact, known[fact.reference].old_size if fact.reference in known else None) for fact in history.facts
        ]

    def lags(self, group: str) -> list[Lag]:
        """Return how long each part of a group's scaling takes: p50 and p95 per part and direction."""
        return lags_of(*self._find(group))

    def failures(self, group: str) -> list[Failure]:
        """Return a group's failed attempts by the class of their reason."""
        return failures_of(self._find(group)[0])

    def correlations(self, group: str) -> list[Correlation]:
        """Return how errors, latency, load and metrics of the group's service move around its decisions."""
        return correlations_of(self._find(group)[0])

    def anomalies(self, since: When | None = None, until: When | None = None) -> list[Anomaly]:
        """Return what is wrong with how groups scale, in time order; those that overlap [since, until).

        Raises:
            InvalidArgumentError: `since` is after `until`.

        >>> from .projection import ScalingProjection
        >>> ScalingModel(ScalingProjection().empty()).anomalies()
        []
        """
        first, last = (None if bound is None else to_datetime(bound) for bound in window_ns(since, until))
        found = [anomaly for resource in self._facts for anomaly in self._anomalies_of(resource)]
        kept = [a for a in found if (first is None or a.until >= first) and (last is None or a.since < last)]
        return sorted(kept, key=lambda anomaly: (anomaly.since, anomaly.group, anomaly.anomaly))

    def capacity(self, group: str) -> list[CapacityWeek]:
        """Return how much of its room a group used, per week."""
        return capacity_of(*self._find(group))

    @cached_property
    def _facts(self) -> dict[str, list[StoredFact]]:
        return facts_by_group(self._state)

    @cached_property
    def _metrics(self) -> MetricIndex:
        return MetricIndex(self._state)

    @cached_property
    def _found(self) -> dict[str, list[Anomaly]]:
        return {}

    def _anomalies_of(self, resource: str) -> list[Anomaly]:
        if resource not in self._found:
            self._found[resource] = find_anomalies(*self._group(resource))
        return self._found[resource]

    def _find(self, group: str) -> tuple[GroupHistory, Demand]:
        names = [
            (resource, next((f.service for f in facts if f.service), "")) for resource, facts in self._facts.items()
        ]
        return self._group(find_group(names, group))

    def _group(self, resource: str) -> tuple[GroupHistory, Demand]:
        if resource not in self._known:
            history = group_history(resource, self._facts[resource])
            since = history.since_ns - 2 * HOUR_NS
            resources = frozenset({resource, *(fact.resource for fact in history.facts)})
            history = replace(
                history,
                minutes=service_minutes(self._state, history.service, since),
                metrics=self._metrics.of(resources, history.service),
            )
            self._known[resource] = (history, demand_of(history))
        return self._known[resource]


def _group(history: GroupHistory) -> ScalingGroup:
    last = history.facts[-1]
    until = history.until_ns
    return ScalingGroup(
        resource=history.resource,
        service=history.service,
        provider=last.provider,
        account=last.account,
        region=last.region,
        kind=next((f.fact.group_kind for f in history.facts if f.fact.group_kind), ""),
        size=history.size_at(until),
        min_size=history.min_at(until),
        max_size=history.max_at(until),
        decisions=len(history.decisions) + len(history.tagged),
        attempts=len(history.attempts),
        failures=sum(a.outcome in {"failed", "cancelled"} for a in history.attempts),
        first_seen=to_datetime(history.since_ns),
        last_seen=to_datetime(until),
    )


def _step(stored: StoredFact, old_size: int | None) -> ScalingStep:
    fact = stored.fact
    old = fact.old_size if fact.old_size is not None else old_size
    direction = fact.direction
    if direction == "none" and old is not None and fact.new_size is not None and old != fact.new_size:
        direction = "out" if fact.new_size > old else "in"
    return ScalingStep(
        at=to_datetime(stored.at_ns),
        phase=fact.phase,
        direction=direction,
        old_size=old,
        new_size=fact.new_size,
        trigger=fact.trigger,
        policy=fact.policy,
        metric=fact.metric,
        limited_by=fact.limited_by,
        outcome=fact.outcome,
        reason_class=fact.reason_class,
        message=fact.message,
        evidence=stored.reference,
    )
