"""All rules, and how their findings become anomalies: joined where they touch, in time order."""

from __future__ import annotations

from typing import Final

from ....domain.timestamps import to_datetime
from ..answers import Anomaly
from ..demand import Demand
from ..history import GroupHistory
from .failed_attempts import FailedAttemptsRule
from .flapping import FlappingRule
from .idle_capacity import NeverScalesInRule
from .max_capacity import MaxCapacityRule
from .metrics import MetricMissingRule, WrongMetricRule
from .policies import AsymmetricPoliciesRule, OverlappingPoliciesRule, ShortCooldownRule
from .rule import HOUR_NS, Finding, Rule, references
from .scale_in import AggressiveScaleInRule, OutageScaleInRule
from .slow_provisioning import SlowProvisioningRule

RULES: Final[tuple[Rule, ...]] = (
    FlappingRule(),
    MaxCapacityRule(),
    FailedAttemptsRule(),
    SlowProvisioningRule(),
    AggressiveScaleInRule(),
    OutageScaleInRule(),
    ShortCooldownRule(),
    AsymmetricPoliciesRule(),
    OverlappingPoliciesRule(),
    NeverScalesInRule(),
    MetricMissingRule(),
    WrongMetricRule(),
)

JOIN_NS = HOUR_NS
"""Findings of one class closer than this are one anomaly. Chosen: one alert for one trouble."""


def find_anomalies(history: GroupHistory, demand: Demand) -> list[Anomaly]:
    """Return the anomalies of one group.

    >>> from ..history import group_history
    >>> find_anomalies(group_history("web", []), Demand())
    []
    """
    found = [finding for rule in RULES for finding in rule.find(history, demand)]
    found.sort(key=lambda finding: (finding.anomaly, finding.since_ns, -finding.until_ns))
    joined: list[Finding] = []
    for finding in found:
        last = joined[-1] if joined else None
        if last and last.anomaly == finding.anomaly and finding.since_ns <= last.until_ns + JOIN_NS:
            joined[-1] = _joined(last, finding)
        else:
            joined.append(finding)
    return [_anomaly(finding, history) for finding in joined]


def _joined(one: Finding, two: Finding) -> Finding:
    """Join two findings of a class: the longer one explains, its numbers count."""
    best = max(one, two, key=lambda finding: finding.until_ns - finding.since_ns)
    severities = {one.severity, two.severity}
    return Finding(
        one.anomaly,
        one.since_ns,
        max(one.until_ns, two.until_ns),
        next(level for level in ("critical", "warning", "info") if level in severities),
        best.explanation,
        best.numbers,
        references(one.evidence, two.evidence),
    )


def _anomaly(finding: Finding, history: GroupHistory) -> Anomaly:
    return Anomaly(
        anomaly=finding.anomaly,
        group=history.resource,
        service=history.service,
        since=to_datetime(finding.since_ns),
        until=to_datetime(finding.until_ns),
        severity=finding.severity,
        explanation=finding.explanation,
        numbers=finding.numbers,
        evidence=finding.evidence,
    )
