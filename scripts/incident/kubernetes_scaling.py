"""Write HorizontalPodAutoscalers and their Events: the faulty service's pods at their maximum, two healthy ones.

Under the scaling files; that a maximum holds is said by the object's condition only, never by an Event.
"""

from __future__ import annotations

from random import Random
from typing import Any

from . import places
from .clock import utc_text
from .pods import guid
from .scaling_groups import FAULTY_SERVICE, MAXIMUM_PODS
from .story import Story


def autoscaler_events(random: Random, story: Story) -> list[dict[str, Any]]:
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


def autoscaler_objects(story: Story) -> list[dict[str, Any]]:
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
