"""Turn one EC2 Auto Scaling activity into events: the decisions that its cause tells of, and the attempt that it is.

Under the autoscaling parser; activities come from DescribeScalingActivities or inside EventBridge events. An activity
is about one instance, so one decision stands in the causes of many: its id is made of its sentence, and it is stored
once.
See https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_Activity.html.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Final

import msgspec

from ...domain.event_id import event_id
from ...domain.events import Event, Flag, ScalingRecorded
from ...domain.severity import Severity
from ...domain.timestamps import parse_timestamp_ns
from ..scaling_groups import direction_of, service_of_group
from ..scaling_reasons import reason_class_of
from .autoscaling_cause import CauseSentence, cause_sentences, maintenance_of

FORMAT: Final = "aws.autoscaling"

_INSTANCE: Final = re.compile(r"\bi-[0-9a-f]{8,17}\b")
_OUTCOMES: Final = {"Successful": "succeeded", "Failed": "failed", "Cancelled": "cancelled"}
_GROUP_ARN: Final = re.compile(r"arn:[\w-]+:autoscaling:([\w-]*):(\d*):autoScalingGroup:[\w-]*:autoScalingGroupName/")


class Activity(msgspec.Struct):
    """The fields of an activity that are read; `Details` is JSON text in the API and an object on EventBridge."""

    ActivityId: str = ""
    AutoScalingGroupName: str = ""
    AutoScalingGroupARN: str = ""
    Description: str = ""
    Cause: str = ""
    StartTime: str | float | None = None
    EndTime: str | float | None = None
    StatusCode: str = ""
    StatusMessage: str = ""
    Details: Any = None
    EC2InstanceId: str = ""


@dataclass(frozen=True, slots=True)
class GroupPlace:
    """A group and where it lives."""

    name: str
    resource: str
    account: str
    region: str

    @property
    def envelope(self) -> dict[str, str]:
        """The envelope columns that all events of the group share."""
        return {
            "format": FORMAT,
            "provider": "aws",
            "account": self.account,
            "region": self.region,
            "service": service_of_group(self.name),
            "resource": self.resource,
        }


def group_place(name: str, arn: str, account: str, region: str) -> GroupPlace:
    """Return a group's place; without an ARN the resource is the ARN less its unknown unique part.

    >>> group_place("web", "", "123456789012", "us-east-1").resource
    'arn:aws:autoscaling:us-east-1:123456789012:autoScalingGroup::autoScalingGroupName/web'
    """
    known = _GROUP_ARN.match(arn)
    if known:
        return GroupPlace(name or arn.rpartition("/")[2], arn, known[2] or account, known[1] or region)
    resource = f"arn:aws:autoscaling:{region}:{account}:autoScalingGroup::autoScalingGroupName/{name}"
    return GroupPlace(name, resource, account, region)


def activity_events(activity: Activity, place: GroupPlace, *, outcome: str = "") -> list[Event]:
    """Return the decisions and the attempt of an activity.

    Args:
        activity: the activity.
        place: its group.
        outcome: what the carrier said of it. EventBridge sends "Launch Successful" with the status InProgress.

    >>> told = Activity(ActivityId="a1", StatusCode="Failed", StartTime="2021-01-13T20:47:30Z",
    ...     EndTime="2021-01-13T20:47:31Z", Description="Launching a new EC2 instance.", StatusMessage="boom",
    ...     Cause="At 2021-01-13T20:47:24Z a user request changing the desired capacity from 0 to 3.")
    >>> [(e.phase, e.outcome) for e in activity_events(told, group_place("web", "", "1", "r"))]
    [('decision', ''), ('attempt', 'failed')]
    """
    sentences = cause_sentences(activity.Cause)
    decided = [s for s in sentences if s.changes_desired or s.max_size is not None]
    events: list[Event] = [_decision(sentence, activity, place) for sentence in decided]
    if activity.ActivityId:
        known = outcome or _OUTCOMES.get(activity.StatusCode, "in_progress")
        events.append(_attempt(activity, place, sentences, known))
    return events


def activity_times(start: str | float | None, end: str | float | None) -> tuple[int | None, int | None]:
    """Return start and end; an end in whole seconds may be written before a start with a fraction: it is the start.

    >>> activity_times("2021-01-13T20:47:30.094Z", "2021-01-13T20:47:30Z")
    (1610570850094000000, 1610570850094000000)
    """
    started, ended = parse_timestamp_ns(start), parse_timestamp_ns(end)
    return started, max(started, ended) if started and ended else ended


def _decision(sentence: CauseSentence, activity: Activity, place: GroupPlace) -> ScalingRecorded:
    at_ns = sentence.at_ns or parse_timestamp_ns(activity.StartTime)
    return ScalingRecorded(
        event_id=event_id(FORMAT, place.account, place.region, place.name, str(at_ns), sentence.text),
        occurred_at=at_ns or 0,
        flags=Flag.NONE if at_ns else Flag.TIME_UNSET,
        name="ScalingDecision" if sentence.changes_desired else "GroupUpdated",
        severity=Severity.INFO,
        phase="decision" if sentence.changes_desired else "config",
        group_kind="vm",
        direction=direction_of(sentence.old_size, sentence.new_size),
        old_size=sentence.old_size,
        new_size=sentence.new_size,
        min_size=sentence.min_size,
        max_size=sentence.max_size,
        trigger=sentence.trigger,
        policy=sentence.policy,
        policy_type=sentence.policy_type,
        metric=sentence.alarm,
        message=sentence.text,
        **place.envelope,  # type: ignore[arg-type]
    )


def _attempt(activity: Activity, place: GroupPlace, sentences: list[CauseSentence], outcome: str) -> ScalingRecorded:
    started, ended = activity_times(activity.StartTime, activity.EndTime)
    occurred = (ended or started) if outcome != "in_progress" else started
    failed = outcome in {"failed", "cancelled"}
    told = activity.StatusMessage or (activity.Description if failed else "")
    instances = tuple(dict.fromkeys(_INSTANCE.findall(f"{activity.EC2InstanceId} {activity.Description}")))
    sizes = next((s for s in reversed(sentences) if s.old_size is not None and not s.changes_desired), None)
    return ScalingRecorded(
        event_id=event_id(FORMAT, activity.ActivityId, outcome),
        occurred_at=occurred or 0,
        flags=Flag.NONE if occurred else Flag.TIME_UNSET,
        name=_operation(activity.Description),
        severity=Severity.ERROR if failed else Severity.INFO,
        error=reason_class_of(told) if failed else "",
        duration_us=(ended - started) // 1000 if ended and started and outcome != "in_progress" else None,
        mentions=instances,
        phase="attempt",
        group_kind="vm",
        direction=_attempt_direction(activity.Description, sizes),
        old_size=sizes.old_size if sizes else None,
        new_size=sizes.new_size if sizes else None,
        trigger=maintenance_of(sentences),
        reason_class=reason_class_of(told) if failed else "",
        outcome=outcome,
        attempt_id=activity.ActivityId,
        started_at=started,
        ended_at=ended if outcome != "in_progress" else None,
        zone=_details(activity.Details).get("Availability Zone", ""),
        message=told or activity.Description,
        **place.envelope,  # type: ignore[arg-type]
    )


def _operation(description: str) -> str:
    return {"Launching": "LaunchInstance", "Terminating": "TerminateInstance"}.get(
        description.partition(" ")[0], "ScalingActivity"
    )


def _attempt_direction(description: str, sizes: CauseSentence | None) -> str:
    if description.startswith("Launching"):
        return "out"
    if description.startswith("Terminating"):
        return "in"
    return direction_of(sizes.old_size, sizes.new_size) if sizes else "none"


def _details(details: Any) -> dict[str, str]:
    if isinstance(details, str):
        try:
            details = msgspec.json.decode(details)
        except msgspec.MsgspecError:
            details = None
    return {str(k): str(v) for k, v in details.items()} if isinstance(details, dict) else {}
