"""Write the scaling histories: one group that thrashes against its maximum, and healthy ones on every platform.

Between the story and the files. The group of the checkout service grows to its maximum when requests begin to hang,
asks for more than it may have, and fails to launch; its HPA says that it is limited. The others follow their load.
"""

from __future__ import annotations

from random import Random
from typing import Any

from . import places
from .clock import MICROSECONDS, utc_text
from .containers import compact
from .native_file import FileSet
from .pods import guid
from .story import Story

FAULTY_GROUP, FAULTY_SERVICE = "checkout-asg", "checkout"
MAXIMUM, MAXIMUM_PODS = 10, 20
HEALTHY_GROUPS = ("accounts-asg", "pricing-vmss", "search-mig", "catalogue", "inventory")
_GROUPS = f"arn:aws:autoscaling:{places.AWS_REGION}:{places.AWS_ACCOUNT}:autoScalingGroup"
_MINUTE = 60 * MICROSECONDS
_NO_CAPACITY = (
    "We currently do not have sufficient m6i.xlarge capacity in the Availability Zone you requested (eu-west-1b). "
    "Our system will be working on provisioning additional capacity. Launching EC2 instance failed."
)


def write_scaling(files: FileSet, story: Story) -> None:
    """Write all scaling histories."""
    random = Random(f"scaling {story.seed}")
    activities = _faulty_activities(random, story) + _healthy_activities(random, story)
    activities.sort(key=lambda activity: str(activity["StartTime"]), reverse=True)
    files.write_document(
        "aws/autoscaling/describe-scaling-activities.json", compact({"Activities": activities}), len(activities)
    )
    evaluations = _azure_evaluations(random, story)
    files.write_document("azure/autoscale/PT1H.json", "\n".join(map(compact, evaluations)), len(evaluations))
    sizes = _mig_sizes(random, story)
    files.write_document("gcp/system-events/autoscaler.ndjson", "\n".join(map(compact, sizes)), len(sizes))
    events = _hpa_events(random, story)
    files.write_document("kubernetes/events.ndjson", "\n".join(map(compact, events)), len(events))
    objects = _hpa_objects(story)
    document = {"apiVersion": "v1", "kind": "List", "items": objects}
    files.write_document("kubernetes/horizontal-pod-autoscalers.json", compact(document), len(objects))


def scaling_since(story: Story) -> int:
    """Return when the faulty group and its pods reached their maximum."""
    return story.onset[FAULTY_SERVICE] + 2 * (story.duration // 90)


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


def _faulty_activities(random: Random, story: Story) -> list[dict[str, Any]]:
    """Return out, out, out to the maximum; then in and out again while launches fail."""
    step, at_us = story.duration // 90, story.onset[FAULTY_SERVICE] + story.duration // 90
    before = story.start - 45 * _MINUTE
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


def _azure_evaluations(random: Random, story: Story) -> list[dict[str, Any]]:
    """Return what the engine logs each two minutes: the load, the count, and two actions in the whole story."""
    setting = f"{places.AZURE_ROOT}/Microsoft.Insights/autoscaleSettings/pricing-autoscale".upper()
    target = f"{places.AZURE_ROOT}/Microsoft.Compute/virtualMachineScaleSets/{HEALTHY_GROUPS[1]}"
    records: list[dict[str, Any]] = []
    count, steps = 3, max(int(story.duration // (2 * _MINUTE)), 8)
    for step in range(steps):
        load = 76.0 if step == steps // 4 else 24.0 if step == 3 * steps // 4 else 48.0 + step % 9
        new = count + (load > 70) - (load < 30)
        head = {"time": utc_text(story.at(step / steps), 7), "resourceId": setting, "correlationId": guid(random)}
        rule = {
            "metricName": "Percentage CPU",
            "timeGrain": "00:01:00",
            "timeWindow": "00:10:00",
            "operator": "GreaterThan",
            "threshold": 70,
            "observedValue": load,
            "estimateScaleResult": "Triggered" if load > 70 else "NotTriggered",
        }
        counts = {
            "currentInstanceCount": count,
            "minimumInstanceCount": 2,
            "maximumInstanceCount": 8,
            "defaultInstanceCount": 2,
        }
        records.append(_evaluation(head, "ScaleRuleEvaluation", "AutoscaleEvaluations", target, rule))
        records.append(_evaluation(head, "InstanceCountEvaluation", "AutoscaleEvaluations", target, counts))
        if new != count:
            action = {
                "currentInstanceCount": count,
                "newInstanceCount": new,
                "scaleDirection": "Increase" if new > count else "Decrease",
                "createdAsyncScaleActionJob": True,
                "createdAsyncScaleActionJobId": guid(random),
            }
            records.append(
                _evaluation(head, "InstanceScaleAction", "AutoscaleScaleActions", target, action)
                | {"resultType": "Succeeded"}
            )
            count = new
    return records


def _evaluation(
    head: dict[str, Any], operation: str, category: str, target: str, told: dict[str, Any]
) -> dict[str, Any]:
    return {**head, "operationName": operation, "category": category, "property": {"targetResourceId": target, **told}}


def _mig_sizes(random: Random, story: Story) -> list[dict[str, Any]]:
    """Return a healthy managed instance group that touches its maximum for a few minutes and comes back."""
    history = (
        (0.15, 2, 3, 3, 0.71),
        (0.30, 3, 5, 5, 0.83),
        (0.33, 5, 6, 7, 0.70),
        (0.37, 6, 5, 5, 0.49),
        (0.85, 5, 3, 3, 0.35),
    )
    return [_mig_size(random, story.at(share), *sizes) for share, *sizes in history]  # type: ignore[arg-type]


def _mig_size(random: Random, at_us: int, old: int, new: int, calculated: int, load: float) -> dict[str, Any]:
    limit = (
        {"scalingLimit": {"limitPolicy": {"maxNumReplicas": 6}, "limitSize": 6, "name": "MAX_INSTANCES"}}
        if calculated > new
        else {}
    )
    signal = {
        "calculatedSize": calculated,
        "calculationDetails": {"servingSize": old, "signalTarget": 0.6, "signalValue": load},
        "name": "CPU_UTILIZATION",
        "signalPolicy": {"coolDownPeriodSec": 60, "cpuUtilization": {"utilizationTarget": 0.6}},
    }
    group = HEALTHY_GROUPS[2]
    reason = f"the average CPU utilization was {load:.0%}"
    summary = f"The autoscaler's recommended size changed from {old} to {new} because {reason}."
    return {
        "insertId": f"{random.getrandbits(60):015x}",
        "logName": f"projects/{places.GCP_PROJECT}/logs/cloudaudit.googleapis.com%2Fsystem_event",
        "protoPayload": {
            "@type": "type.googleapis.com/google.cloud.audit.AuditLog",
            "metadata": {
                "@type": "type.googleapis.com/autoscaler.AutoscalerSizeChangeExplanation",
                "autoscalingMode": "ON",
                "autoscalingReason": {**limit, "scalingSignal": signal, "summary": summary},
                "newSize": new,
                "oldSize": old,
            },
            "methodName": "compute.autoscalers.resize",
            "resourceName": f"projects/{places.GCP_PROJECT}/zones/{places.GCP_ZONE}/autoscalers/{group}",
            "serviceName": "compute.googleapis.com",
        },
        "receiveTimestamp": utc_text(at_us + 900_000, 9),
        "resource": {
            "type": "autoscaler",
            "labels": {
                "autoscaler_name": group,
                "instance_group_manager_name": group,
                "location": places.GCP_ZONE,
                "project_id": places.GCP_PROJECT,
            },
        },
        "severity": "INFO",
        "timestamp": utc_text(at_us, 9),
    }


def _hpa_events(random: Random, story: Story) -> list[dict[str, Any]]:
    """Return Events of HPAs: the faulty group's pods to their maximum, then too busy to measure; others normal."""
    onset, step = story.onset[FAULTY_SERVICE], story.duration // 90
    above, below = "cpu resource utilization (percentage of request) above target", "All metrics below target"
    told = [
        (FAULTY_SERVICE, story.at(0.05), 6, above),
        (FAULTY_SERVICE, onset + step, 12, above),
        (FAULTY_SERVICE, onset + 2 * step, MAXIMUM_PODS, above),
        ("catalogue", story.at(0.2), 5, above),
        ("catalogue", story.at(0.7), 4, below),
        ("inventory", story.at(0.22), 4, above),
        ("inventory", story.at(0.75), 3, below),
    ]
    rows = [(name, at_us, "SuccessfulRescale", f"New size: {size}; reason: {why}") for name, at_us, size, why in told]
    unready = "did not receive metrics for targeted pods (pods might be unready)"
    busy = [story.fault_at + (story.end - story.fault_at) * share // 10 for share in (3, 5, 7, 9)]
    rows += [
        (FAULTY_SERVICE, at_us, "FailedGetResourceMetric", f"failed to get cpu utilization: {unready}")
        for at_us in busy
    ]
    return [_hpa_event(random, *row) for row in sorted(rows, key=lambda row: row[1])]


def _hpa_event(random: Random, name: str, at_us: int, reason: str, message: str) -> dict[str, Any]:
    return {
        "kind": "Event",
        "apiVersion": "v1",
        "metadata": {
            "name": f"{name}.{random.getrandbits(64):016x}",
            "namespace": places.NAMESPACE,
            "uid": guid(random),
        },
        "involvedObject": {
            "kind": "HorizontalPodAutoscaler",
            "namespace": places.NAMESPACE,
            "name": name,
            "apiVersion": "autoscaling/v2",
        },
        "reason": reason,
        "message": message,
        "source": {"component": "horizontal-pod-autoscaler"},
        "firstTimestamp": utc_text(at_us, 0),
        "lastTimestamp": utc_text(at_us, 0),
        "count": 1,
        "type": "Normal" if reason == "SuccessfulRescale" else "Warning",
    }


def _hpa_objects(story: Story) -> list[dict[str, Any]]:
    """Return the HPAs as they are at the end: one limited by its maximum, two within range."""
    since = story.onset[FAULTY_SERVICE] + 2 * (story.duration // 90)
    limited = {
        "type": "ScalingLimited",
        "status": "True",
        "reason": "TooManyReplicas",
        "lastTransitionTime": utc_text(since, 0),
        "message": "the desired replica count is more than the maximum replica count",
    }
    within = {
        "type": "ScalingLimited",
        "status": "False",
        "reason": "DesiredWithinRange",
        "lastTransitionTime": utc_text(story.start, 0),
        "message": "the desired count is within the acceptable range",
    }
    return [
        _hpa_object(FAULTY_SERVICE, MAXIMUM_PODS, MAXIMUM_PODS, 97, since, limited),
        _hpa_object("catalogue", 4, 12, 52, story.at(0.7), within),
        _hpa_object("inventory", 3, 8, 44, story.at(0.75), within),
    ]


def _hpa_object(
    name: str, size: int, maximum: int, load: int, scaled: int, condition: dict[str, Any]
) -> dict[str, Any]:
    able = {
        "type": "AbleToScale",
        "status": "True",
        "reason": "ReadyForNewScale",
        "lastTransitionTime": utc_text(scaled, 0),
        "message": "recommended size matches current size",
    }
    resource = {"name": "cpu", "current": {"averageUtilization": load}}
    return {
        "apiVersion": "autoscaling/v2",
        "kind": "HorizontalPodAutoscaler",
        "metadata": {
            "name": name,
            "namespace": places.NAMESPACE,
            "uid": guid(Random(f"hpa {name}")),
            "resourceVersion": "88120417",
        },
        "spec": {
            "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": name},
            "minReplicas": 2,
            "maxReplicas": maximum,
            "metrics": [
                {
                    "type": "Resource",
                    "resource": {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 60}},
                }
            ],
        },
        "status": {
            "currentReplicas": size,
            "desiredReplicas": size,
            "lastScaleTime": utc_text(scaled, 0),
            "currentMetrics": [{"type": "Resource", "resource": resource}],
            "conditions": [able, condition],
        },
    }
