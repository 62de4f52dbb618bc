"""Turn Application Auto Scaling activities (ECS, DynamoDB, Lambda, Aurora, ...) into events.

Under the autoscaling parser. A change is decided and provisioned in one activity: it gives a decision and an attempt.
An activity that was not scaled (`--include-not-scaled-activities`) gives one limit for each of its reasons.
See https://docs.aws.amazon.com/autoscaling/application/APIReference/API_ScalingActivity.html.
"""

from __future__ import annotations

import re
from typing import Any, Final

import msgspec

from ...domain.event_id import event_id
from ...domain.events import Event, Flag, ScalingRecorded
from ...domain.severity import Severity
from ...domain.timestamps import parse_timestamp_ns
from ..listed_records import Listed
from ..scaling_groups import service_of_group
from ..scaling_reasons import reason_class_of
from .autoscaling_activity import FORMAT, activity_times

_SIZE: Final = re.compile(r"[Ss]et(?:ting)? (?:desired count|\S+(?: \S+)?) to (\d+)")
_CAUSE: Final = re.compile(r"monitor alarm (\S+) in state (\w+) triggered policy (.+?)\.?$")
_OUTCOMES: Final = {
    "Successful": "succeeded",
    "Failed": "failed",
    "Unfulfilled": "failed",
    "Overridden": "cancelled",
    "Pending": "in_progress",
    "InProgress": "in_progress",
}
_LIMITS: Final = {
    "AlreadyAtMaxCapacity": "max",
    "AlreadyAtMinCapacity": "min",
    "AutoScalingAnticipatedFlapping": "flap_guard",
}
_KINDS: Final = {"ecs": "task", "lambda": "function", "dynamodb": "capacity"}


class NotScaledReason(msgspec.Struct):
    """Why nothing was changed."""

    Code: str = ""
    MaxCapacity: int | None = None
    MinCapacity: int | None = None
    CurrentCapacity: int | None = None


class ServiceActivity(msgspec.Struct):
    """The fields of an activity that are read; times are epoch floats or ISO texts, by the tool that asked."""

    ActivityId: str = ""
    ServiceNamespace: str = ""
    ResourceId: str = ""
    ScalableDimension: str = ""
    Description: str = ""
    Cause: str = ""
    StartTime: str | float | None = None
    EndTime: str | float | None = None
    StatusCode: str = ""
    StatusMessage: str = ""
    NotScaledReasons: list[NotScaledReason] = []


def target_resource(namespace: str, resource_id: str, account: str, region: str) -> str:
    """Return the ARN of a scalable target, as far as its parts are known.

    >>> target_resource("ecs", "service/default/web", "123456789012", "us-east-1")
    'arn:aws:ecs:us-east-1:123456789012:service/default/web'
    """
    return f"arn:aws:{namespace}:{region}:{account}:{resource_id}"


def service_activity_events(item: Listed) -> list[Event]:
    """Return the events of one activity: decision and attempt, or limits."""
    activity = msgspec.convert(item.fields, ServiceActivity, strict=False)
    shared = _shared(activity, item)
    limits: list[Event] = [_limit(reason, activity, shared) for reason in activity.NotScaledReasons]
    return limits or _change(activity, shared)


def _shared(activity: ServiceActivity, item: Listed) -> dict[str, Any]:
    account, region = item.metadata.get("account", ""), item.metadata.get("region", "")
    cause = _CAUSE.search(activity.Cause)
    name = activity.ResourceId.split(":")[1] if activity.ServiceNamespace == "lambda" else activity.ResourceId
    return {
        "format": FORMAT,
        "provider": "aws",
        "account": account,
        "region": region,
        "service": service_of_group(name.rpartition("/")[2]),
        "resource": target_resource(activity.ServiceNamespace, activity.ResourceId, account, region),
        "name": activity.ScalableDimension,
        "group_kind": _KINDS.get(activity.ServiceNamespace, activity.ServiceNamespace),
        "trigger": "alarm" if cause else "schedule" if "scheduled action" in activity.Cause else "",
        "policy": cause[3] if cause else "",
        "policy_type": _policy_type(activity.Cause, cause[1] if cause else ""),
        "metric": cause[1] if cause else "",
    }


def _policy_type(cause: str, alarm: str) -> str:
    if "scheduled action" in cause:
        return "schedule"
    return "target" if alarm.startswith("TargetTracking-") else "step" if alarm else ""


def _limit(reason: NotScaledReason, activity: ServiceActivity, shared: dict[str, Any]) -> ScalingRecorded:
    at_ns = parse_timestamp_ns(activity.StartTime)
    limited_by = _LIMITS.get(reason.Code, "")
    return ScalingRecorded(
        event_id=event_id(FORMAT, activity.ActivityId, reason.Code),
        occurred_at=at_ns or 0,
        flags=Flag.NONE if at_ns else Flag.TIME_UNSET,
        severity=Severity.WARN if limited_by == "max" else Severity.INFO,
        phase="limit" if limited_by else "status",
        direction={"max": "out", "min": "in"}.get(limited_by, "none"),
        new_size=reason.MaxCapacity if limited_by == "max" else reason.MinCapacity if limited_by == "min" else None,
        old_size=reason.CurrentCapacity,
        min_size=reason.MinCapacity,
        max_size=reason.MaxCapacity,
        limited_by=limited_by,
        reason_class="config" if reason.Code == "TargetServicePutResourceAsUnscalable" else "",
        outcome="not_scaled",
        attempt_id=activity.ActivityId,
        message=f"{reason.Code}: {activity.Description}",
        **shared,
    )


def _change(activity: ServiceActivity, shared: dict[str, Any]) -> list[Event]:
    started, ended = activity_times(activity.StartTime, activity.EndTime)
    outcome = _OUTCOMES.get(activity.StatusCode, "in_progress")
    told = activity.StatusMessage or activity.Description
    size = _SIZE.search(activity.Description)
    known: dict[str, Any] = {**shared, "new_size": int(size[1]) if size else None, "attempt_id": activity.ActivityId}
    unset = Flag.NONE if started else Flag.TIME_UNSET
    decision = ScalingRecorded(
        event_id=event_id(FORMAT, activity.ActivityId, "decision"),
        occurred_at=started or 0,
        flags=unset,
        severity=Severity.INFO,
        phase="decision" if size else "status",
        message=f"{activity.Description} {activity.Cause}".strip(),
        **known,
    )
    attempt = ScalingRecorded(
        event_id=event_id(FORMAT, activity.ActivityId, outcome),
        occurred_at=(started if outcome == "in_progress" else ended or started) or 0,
        flags=unset,
        severity=Severity.ERROR if outcome == "failed" else Severity.INFO,
        error=reason_class_of(told) if outcome == "failed" else "",
        duration_us=(ended - started) // 1000 if started and ended else None,
        phase="attempt",
        reason_class=reason_class_of(told) if outcome == "failed" else "",
        outcome=outcome,
        started_at=started,
        ended_at=ended,
        message=told,
        **known,
    )
    return [decision, attempt]
