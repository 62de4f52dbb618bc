"""Write Compute Engine autoscaler entries of a healthy group that touches its maximum and comes back.

Under the scaling files; see https://cloud.google.com/compute/docs/autoscaler/viewing-autoscaler-logs.
"""

from __future__ import annotations

from random import Random
from typing import Any

from . import places
from .clock import utc_text
from .scaling_groups import HEALTHY_GROUPS
from .story import Story


def group_sizes(random: Random, story: Story) -> list[dict[str, Any]]:
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
