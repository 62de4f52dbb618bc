"""Turn EventBridge events about scaling into events: EC2 Auto Scaling's, and ECS service actions.

Under the autoscaling parser. EventBridge is best effort: an attempt told here has the id that the same attempt has in
the API's answer, so that reconciling the two stores it once.
See https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-event-reference.html.
"""

from __future__ import annotations

from typing import Any, Final

import msgspec

from ...domain.event_id import event_id
from ...domain.events import Event, Flag, ScalingRecorded
from ...domain.severity import Severity
from ...domain.timestamps import parse_timestamp_ns
from ..listed_records import Listed
from ..scaling_groups import service_of_group
from ..scaling_reasons import reason_class_of
from .autoscaling_activity import FORMAT, Activity, GroupPlace, activity_events, group_place

_OUTCOMES: Final = {"Successful": "succeeded", "Unsuccessful": "failed"}
_ECS_FAILURES: Final = {
    "SERVICE_TASK_PLACEMENT_FAILURE": "capacity",
    "SERVICE_TASK_CONFIGURATION_FAILURE": "config",
    "SERVICE_TASK_START_IMPAIRED": "config",
    "ECS_OPERATION_THROTTLED": "quota",
    "SERVICE_DISCOVERY_OPERATION_THROTTLED": "quota",
}


def notice_events(item: Listed) -> list[Event]:
    """Return the events of one EventBridge event."""
    fields = item.fields
    told = fields.get("detail")
    detail: dict[str, Any] = told if isinstance(told, dict) else {}
    if fields.get("source") == "aws.ecs":
        return [_ecs_action(fields, detail, item)]
    place = _place(fields, detail, item)
    what = str(fields.get("detail-type", ""))
    if detail.get("ActivityId"):
        activity = msgspec.convert(detail, Activity, strict=False)
        if not activity.Description:  # an unsuccessful event has none
            activity.Description = "Launching" if " Launch " in what else "Terminating"
        return activity_events(activity, place, outcome=_OUTCOMES.get(what.rpartition(" ")[2], ""))
    return [_status(what, fields, detail, place, item)]


def _place(fields: dict[str, Any], detail: dict[str, Any], item: Listed) -> GroupPlace:
    resources = fields.get("resources")
    named = resources if isinstance(resources, list) else []
    arns = [r for r in named if isinstance(r, str) and ":autoScalingGroup:" in r]
    account = str(fields.get("account") or item.metadata.get("account", ""))
    region = str(fields.get("region") or item.metadata.get("region", ""))
    return group_place(str(detail.get("AutoScalingGroupName", "")), arns[0] if arns else "", account, region)


def _status(
    what: str, fields: dict[str, Any], detail: dict[str, Any], place: GroupPlace, item: Listed
) -> ScalingRecorded:
    at_ns = parse_timestamp_ns(fields.get("time")) or item.envelope_time_ns
    refresh = "Instance Refresh" in what
    failed = what.endswith(("Failed", "Unsuccessful"))
    steps = ", ".join(f"{name}={value}" for name, value in detail.items() if name != "AutoScalingGroupName")
    return ScalingRecorded(
        event_id=_notice_id(fields, item, what),
        occurred_at=at_ns,
        flags=Flag.NONE if at_ns else Flag.TIME_UNSET,
        name=what,
        severity=Severity.WARN if failed else Severity.INFO,
        mentions=tuple(str(detail[n]) for n in ("EC2InstanceId",) if detail.get(n)),
        phase="status",
        group_kind="vm",
        trigger="refresh" if refresh else "hook",
        attempt_id=str(detail.get("InstanceRefreshId") or detail.get("LifecycleActionToken") or ""),
        outcome=what.rpartition(" ")[2].lower() if refresh else "",
        message=f"{what}: {steps}",
        **place.envelope,  # type: ignore[arg-type]
    )


def _notice_id(fields: dict[str, Any], item: Listed, what: str) -> bytes:
    notice = str(fields.get("id", ""))
    if not notice:
        return item.place_id(FORMAT)
    return event_id(FORMAT, notice, what, str(fields.get("time", "")))


def _ecs_action(fields: dict[str, Any], detail: dict[str, Any], item: Listed) -> ScalingRecorded:
    resources = fields.get("resources")
    resource = str(resources[0]) if isinstance(resources, list) and resources else ""
    name = str(detail.get("eventName", ""))
    failure = _ECS_FAILURES.get(name, "")
    reason = str(detail.get("reason", ""))
    at_ns = parse_timestamp_ns(detail.get("createdAt")) or parse_timestamp_ns(fields.get("time")) or 0
    return ScalingRecorded(
        event_id=_notice_id(fields, item, name),
        occurred_at=at_ns,
        flags=Flag.NONE if at_ns else Flag.TIME_UNSET,
        format=FORMAT,
        provider="aws",
        account=str(fields.get("account", "")),
        region=str(fields.get("region", "")),
        service=service_of_group(resource.rpartition("/")[2]),
        resource=resource,
        name=name,
        severity={"ERROR": Severity.ERROR, "WARN": Severity.WARN}.get(str(detail.get("eventType")), Severity.INFO),
        error=failure,
        phase="attempt" if failure else "status",
        group_kind="task",
        direction="out" if failure else "none",
        reason_class=(reason_class_of(reason) if reason else failure) if failure else "",
        outcome="failed" if failure else "",
        started_at=at_ns or None,
        message=f"{name} {reason}".strip(),
    )
