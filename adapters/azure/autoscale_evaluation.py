"""Turn Azure autoscale resource logs into events: what the engine measured, compared, decided and did.

Under the autoscale parser. Azure is the only provider that logs the whole decision. Records come raw (fields under
`property`, which other categories call `properties`) or as rows of the tables AutoscaleEvaluationsLog and
AutoscaleScaleActionsLog (the same fields, capitalised, on top).
See https://learn.microsoft.com/azure/azure-monitor/autoscale/autoscale-diagnostics.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Final

from ...domain.event_id import event_id
from ...domain.events import Event, Flag, MetricRecorded, ScalingRecorded
from ...domain.severity import Severity
from ...domain.timestamps import parse_timestamp_ns
from ..listed_records import Listed
from ..scaling_groups import direction_of, service_of_group
from ..scaling_reasons import reason_class_of

FORMAT: Final = "azure.autoscale"

_CLOCK: Final = re.compile(r"(?:(\d+)\.)?(\d+):(\d+):(\d+)")
_OUTCOMES: Final = {
    "Succeeded": "succeeded",
    "Success": "succeeded",
    "Completed": "succeeded",
    "Failed": "failed",
    "Timeout": "failed",
    "Canceled": "cancelled",
    "InProgress": "in_progress",
}


@dataclass(frozen=True, slots=True)
class Evaluation:
    """One record of the engine: its fields with a small first letter, its target and its time."""

    fields: dict[str, Any]
    item: Listed
    target: str
    at_ns: int

    @property
    def operation(self) -> str:
        """What was evaluated or done."""
        return str(self.fields.get("operationName", ""))

    def number(self, name: str) -> int | None:
        """Return a field as a whole number."""
        value = self.fields.get(name)
        try:
            return None if value in (None, "") else int(float(str(value)))
        except ValueError:
            return None

    def real(self, name: str) -> float | None:
        """Return a field as a number."""
        value = self.fields.get(name)
        try:
            return None if value in (None, "") else float(str(value))
        except ValueError:
            return None

    def text(self, name: str) -> str:
        """Return a field as text."""
        return str(self.fields.get(name) or "")

    def event(self, *identity: str, **facts: Any) -> ScalingRecorded:
        """Return an event with the record's envelope; its id is made of the record's own ids and what is told."""
        parts = (self.text("correlationId"), self.target, self.operation, str(self.at_ns), *identity)
        shared: dict[str, Any] = {
            "event_id": event_id(FORMAT, *parts) if parts[0] else self.item.place_id(FORMAT, *identity),
            "name": self.operation,
            "severity": Severity.INFO,
            "group_kind": "vm",
            **target_envelope(self.target, self.at_ns),
        }
        return ScalingRecorded(**{**shared, **facts})


def target_envelope(target: str, at_ns: int) -> dict[str, Any]:
    """Return the envelope columns of a target resource; Azure compares ids without case, so they are stored lower.

    >>> target_envelope("/subscriptions/S/resourceGroups/g/providers/Microsoft.Web/serverfarms/Cart-Plan", 5)["service"]
    'cart'
    """
    resource = target.lower()
    parts = resource.split("/")
    return {
        "format": FORMAT,
        "provider": "azure",
        "account": parts[2] if resource.startswith("/subscriptions/") and len(parts) > 2 else "",
        "service": service_of_group(parts[-1]),
        "resource": resource,
        "occurred_at": at_ns,
        "flags": Flag.NONE if at_ns else Flag.TIME_UNSET,
    }


def evaluation_of(item: Listed) -> Evaluation:
    """Return a record with its nested fields beside the others.

    >>> from ..records import Origin, Records
    >>> chunk = Records.of([b"{}"], Origin("x"))
    >>> evaluation_of(Listed({"OperationName": "A", "property": {"threshold": 70}}, chunk, 0)).fields["threshold"]
    70
    """
    fields = _small(item.fields)
    nested = fields.pop("property", None) or fields.pop("properties", None)
    fields |= _small(nested) if isinstance(nested, dict) else {}
    target = str(fields.get("targetResourceId") or fields.get("resourceId") or "")
    at_ns = parse_timestamp_ns(fields.get("time") or fields.get("timeGenerated") or fields.get("timeGenerated [UTC]"))
    return Evaluation(fields, item, target, at_ns or item.envelope_time_ns)


def evaluation_events(item: Listed) -> list[Event]:
    """Return the events of one record of either category."""
    told = evaluation_of(item)
    if told.operation == "InstanceScaleAction" or told.text("category") == "AutoscaleScaleActions":
        return _action(told)
    reader = _READERS.get(told.operation)
    return reader(told) if reader else [told.event(phase="status", message=told.text("profile"))]


def _small(fields: dict[str, Any]) -> dict[str, Any]:
    return {name[:1].lower() + name[1:]: value for name, value in fields.items()}


def _cooldown(told: Evaluation) -> list[Event]:
    skipped = str(told.fields.get("skipRuleEvaluationForCooldown")).lower() == "true"
    return [
        told.event(
            told.text("scaleDirection"),
            phase="limit" if skipped else "status",
            direction={"Increase": "out", "Decrease": "in"}.get(told.text("scaleDirection"), "none"),
            limited_by="cooldown" if skipped else "",
            message=f"cooldown {told.text('cooldown')} since {told.text('lastScaleActionTime')}",
        )
    ]


def _rule(told: Evaluation) -> list[Event]:
    result, metric = told.text("estimateScaleResult"), told.text("metricName")
    observed, threshold = told.real("observedValue"), told.real("threshold")
    events: list[Event] = [
        told.event(
            metric,
            told.text("operator"),
            str(threshold),
            phase="status",
            metric=metric,
            observed=observed,
            threshold=threshold,
            reason_class="metric" if result == "Unknown" else "",
            outcome={"Triggered": "triggered", "NotTriggered": "not_triggered", "Unknown": "unknown"}.get(result, ""),
            message=f"{metric} {told.text('operator')} {threshold}: observed {observed}",
        )
    ]
    if observed is not None and metric:
        events.append(_sample(told, metric, told.at_ns, observed))
    return events


def _metric(told: Evaluation) -> list[Event]:
    data, start = told.fields.get("data"), parse_timestamp_ns(told.text("startTime"))
    metric, grain_ns = told.text("metricName"), _clock_ns(told.text("timeGrain"))
    events: list[Event] = [told.event(metric, phase="status", metric=metric, message=f"{metric} was read")]
    if isinstance(data, list) and start and grain_ns and metric:
        start -= start % grain_ns  # overlapping windows then name the same samples
        values = [(start + i * grain_ns, float(v)) for i, v in enumerate(data) if isinstance(v, int | float)]
        events += [_sample(told, metric, at_ns, value, period_s=grain_ns // 10**9) for at_ns, value in values]
    return events


def _sample(told: Evaluation, metric: str, at_ns: int, value: float, period_s: int = 0) -> MetricRecorded:
    return MetricRecorded(
        event_id=event_id(FORMAT, told.target, metric, str(period_s), str(at_ns)),
        name=metric,
        value=value,
        statistic=told.text("timeGrainStatistic"),
        period_s=period_s,
        **target_envelope(told.target, at_ns),
    )


def _count(told: Evaluation) -> list[Event]:
    return [
        told.event(
            phase="config",
            new_size=told.number("currentInstanceCount"),
            min_size=told.number("minimumInstanceCount"),
            max_size=told.number("maximumInstanceCount"),
        )
    ]


def _running(told: Evaluation) -> list[Event]:
    status = told.text("lastScaleActionOperationStatus")
    return [
        told.event(
            phase="status",
            attempt_id=told.text("lastScaleActionOperationId"),
            outcome=_OUTCOMES.get(status, status.lower()),
        )
    ]


def _update(told: Evaluation) -> list[Event]:
    old, new = told.number("currentInstanceCount"), told.number("newInstanceCount")
    decided = str(told.fields.get("shouldUpdateInstance")).lower() == "true"
    reason = told.text("reason") or told.text("instanceUpdateReason")
    if not decided:
        return [told.event(phase="status", new_size=old, message=reason)]
    return [_decision(told, old, new, reason)]


def _decision(told: Evaluation, old: int | None, new: int | None, reason: str) -> ScalingRecorded:
    """Make the decision that both categories tell of: the same id from either."""
    place = (told.text("correlationId"), told.target.lower(), "decision", str(old), str(new))
    ids = {"event_id": event_id(FORMAT, *place)} if place[0] else {}
    return told.event(
        "decision",
        phase="decision",
        direction=direction_of(old, new),
        old_size=old,
        new_size=new,
        trigger="alarm",
        policy=told.text("profile") or told.text("selectedProfile"),
        policy_type="step",
        message=reason,
        **ids,
    )


def _action(told: Evaluation) -> list[Event]:
    old, new = told.number("currentInstanceCount"), told.number("newInstanceCount")
    job = told.text("scaleActionOperationId") or told.text("createdAsyncScaleActionJobId")
    status = told.text("scaleActionOperationStatus") or told.text("resultType")
    outcome = _OUTCOMES.get(status, "in_progress")
    said = " ".join(filter(None, (told.text("scaleActionMessage"), told.text("resultDescription"))))
    failed = outcome == "failed"
    reason = ("timeout" if status == "Timeout" else reason_class_of(said)) if failed else ""
    attempt = told.event(
        "attempt",
        job,
        outcome,
        phase="attempt",
        severity=Severity.ERROR if failed else Severity.INFO,
        error=reason,
        direction={"Increase": "out", "Decrease": "in"}.get(told.text("scaleDirection"), direction_of(old, new)),
        old_size=old,
        new_size=new,
        reason_class=reason,
        outcome=outcome,
        attempt_id=job,
        started_at=told.at_ns if outcome == "in_progress" else None,
        ended_at=None if outcome == "in_progress" else told.at_ns,
        message=said or status,
    )
    return [attempt] if old is None or new is None or old == new else [_decision(told, old, new, said), attempt]


def _clock_ns(text: str) -> int:
    match = _CLOCK.fullmatch(text)
    if not match:
        return 0
    days, hours, minutes, seconds = (int(part or 0) for part in match.groups())
    return (((days * 24 + hours) * 60 + minutes) * 60 + seconds) * 10**9


_READERS: Final = {
    "ScaleRuleCooldownEvaluation": _cooldown,
    "ScaleRuleEvaluation": _rule,
    "MetricEvaluation": _metric,
    "InstanceCountEvaluation": _count,
    "ScaleActionOperationEvaluation": _running,
    "InstanceUpdateEvaluation": _update,
}
