"""Write EC2 Auto Scaling activities: the group of the checkout service thrashes, another follows its load.

Under the scaling files; the document is DescribeScalingActivities'. The faulty group grows to its maximum when requests
begin to hang; then it shrinks and grows again while launches fail for want of capacity.
"""

from __future__ import annotations

from random import Random
from typing import Any

from . import places
from .clock import MICROSECONDS, utc_text
from .containers import compact
from .pods import guid
from .scaling_groups import FAULTY_GROUP, FAULTY_SERVICE, HEALTHY_GROUPS, MAXIMUM, MINUTE
from .story import Story

_GROUPS = f"arn:aws:autoscaling:{places.AWS_REGION}:{places.AWS_ACCOUNT}:autoScalingGroup"
_NO_CAPACITY = (
    "We currently do not have sufficient m6i.xlarge capacity in the Availability Zone you requested (eu-west-1b). "
    "Our system will be working on provisioning additional capacity. Launching EC2 instance failed."
)


def scaling_activities(random: Random, story: Story) -> list[dict[str, Any]]:
    """Return the activities of both groups, latest first as the API gives them."""
    activities = _faulty_activities(random, story) + _healthy_activities(random, story)
    return sorted(activities, key=lambda activity: str(activity["StartTime"]), reverse=True)


def _faulty_activities(random: Random, story: Story) -> list[dict[str, Any]]:
    """Return out, out, out to the maximum; then in and out again while launches fail."""
    step, at_us = story.duration // 90, story.onset[FAULTY_SERVICE] + story.duration // 90
    before = story.start - 45 * MINUTE
    request = (
        f"At {utc_text(before, 0)} a user request update of AutoScalingGroup constraints to min: 2, max: {MAXIMUM}, "
        "desired: 4 changing the desired capacity from 3 to 4."
    )
    activities = [_activity(random, FAULTY_GROUP, before + 4 * MICROSECONDS, 62 * MICROSECONDS, "out", 3, 4, request)]
    size = 4
    for new in (7, MAXIMUM):
        decided = _alarm(FAULTY_GROUP, at_us, "out", size, new)
        activities += [
            _activity(random, FAULTY_GROUP, at_us + 7 * MICROSECONDS, 66 * MICROSECONDS, "out", size, new, decided)
            for _ in range(new - size)
        ]
        size, at_us = new, at_us + step
    while at_us + 2 * step < story.end:
        decided = _alarm(FAULTY_GROUP, at_us, "in", MAXIMUM, MAXIMUM - 2)
        activities += [
            _activity(
                random, FAULTY_GROUP, at_us + 5 * MICROSECONDS, 40 * MICROSECONDS, "in", MAXIMUM, MAXIMUM - 2, decided
            )
            for _ in range(2)
        ]
        at_us += step
        decided = _alarm(FAULTY_GROUP, at_us, "out", MAXIMUM - 2, MAXIMUM)
        for launch in range(2):
            failed = _NO_CAPACITY if launch else ""
            lasted = MICROSECONDS if failed else 70 * MICROSECONDS
            activities.append(
                _activity(
                    random, FAULTY_GROUP, at_us + 6 * MICROSECONDS, lasted, "out", MAXIMUM - 2, MAXIMUM, decided, failed
                )
            )
        at_us += 2 * step
    return activities


def _healthy_activities(random: Random, story: Story) -> list[dict[str, Any]]:
    out_at, in_at, group = story.at(0.1), story.at(0.8), HEALTHY_GROUPS[0]
    return [
        _activity(
            random, group, out_at + 6 * MICROSECONDS, 61 * MICROSECONDS, "out", 3, 4, _alarm(group, out_at, "out", 3, 4)
        ),
        _activity(
            random, group, in_at + 6 * MICROSECONDS, 45 * MICROSECONDS, "in", 4, 3, _alarm(group, in_at, "in", 4, 3)
        ),
    ]


def _activity(
    random: Random,
    group: str,
    begun: int,
    lasted: int,
    direction: str,
    old: int,
    new: int,
    decided: str,
    failed: str = "",
) -> dict[str, Any]:
    instance, out = f"i-{random.getrandbits(68):017x}", direction == "out"
    did = f"Launching a new EC2 instance: {instance}" if out else f"Terminating EC2 instance: {instance}"
    way = "started" if out else "taken out of service"
    change = "increasing" if out else "shrinking"
    cause = (
        f"{decided}  At {utc_text(begun, 0)} an instance was {way} in response to a difference between desired and "
        f"actual capacity, {change} the capacity from {old} to {new}."
    )
    unique = guid(Random(f"group {group}"))
    activity = {
        "ActivityId": guid(random),
        "AutoScalingGroupName": group,
        "Description": f"Launching a new EC2 instance.  Status Reason: {failed}" if failed else did,
        "Cause": cause,
        "StartTime": utc_text(begun + 400_000, 3),
        "EndTime": utc_text(begun + lasted, 0),
        "StatusCode": "Failed" if failed else "Successful",
        "Progress": 100,
        "Details": compact({"Subnet ID": "subnet-0a5d1c9e7b3f24680", "Availability Zone": "eu-west-1b"}),
        "AutoScalingGroupARN": f"{_GROUPS}:{unique}:autoScalingGroupName/{group}",
    }
    return activity | ({"StatusMessage": failed} if failed else {})


def _alarm(group: str, at_us: int, direction: str, old: int, new: int) -> str:
    alarm = (
        f"TargetTracking-{group}-Alarm{'High' if direction == 'out' else 'Low'}-b9376cab-18a7-4385-920c-dfa3f7783f82"
    )
    return (
        f"At {utc_text(at_us, 0)} a monitor alarm {alarm} in state ALARM triggered policy {group}-cpu60 "
        f"changing the desired capacity from {old} to {new}."
    )
