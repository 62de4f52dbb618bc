"""Turn a HorizontalPodAutoscaler object into events: its configuration, and what its conditions say of limits.

Under the HPA parser. `ScalingLimited` is a condition, never an Event: only the object says that a maximum is hit.
See https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/horizontal-pod-autoscaler-v2/.
"""

from __future__ import annotations

from typing import Any, Final

import msgspec

from ...domain.event_id import event_id
from ...domain.events import Event, Flag, ScalingRecorded
from ...domain.identity import kubernetes_resource
from ...domain.severity import Severity
from ...domain.timestamps import parse_timestamp_ns
from ..listed_records import Listed
from ..scaling_groups import service_of_group
from .scaling_event import FORMAT

_LIMITS: Final = {
    "TooManyReplicas": "max",
    "TooFewReplicas": "min",
    "ScaleUpLimit": "rate",
    "ScaleDownLimit": "rate",
    "ScaleDownStabilized": "stabilization",
    "ScaleUpStabilized": "stabilization",
    "BackoffBoth": "cooldown",
    "BackoffUpscale": "cooldown",
    "BackoffDownscale": "cooldown",
}


class Condition(msgspec.Struct):
    """One condition of the status."""

    type: str = ""
    status: str = ""
    reason: str = ""
    message: str = ""
    lastTransitionTime: str | None = None


class Target(msgspec.Struct):
    """What is scaled."""

    kind: str = ""
    name: str = ""


class Spec(msgspec.Struct):
    """What is wanted."""

    scaleTargetRef: Target = msgspec.field(default_factory=Target)
    minReplicas: int | None = None
    maxReplicas: int | None = None


class Status(msgspec.Struct):
    """What is."""

    currentReplicas: int | None = None
    desiredReplicas: int | None = None
    lastScaleTime: str | None = None
    conditions: list[Condition] = []


class Metadata(msgspec.Struct):
    """Which object it is."""

    name: str = ""
    namespace: str = ""
    uid: str = ""
    resourceVersion: str = ""
    creationTimestamp: str | None = None


class Autoscaler(msgspec.Struct):
    """The object."""

    metadata: Metadata = msgspec.field(default_factory=Metadata)
    spec: Spec = msgspec.field(default_factory=Spec)
    status: Status = msgspec.field(default_factory=Status)


def autoscaler_object_events(item: Listed) -> list[Event]:
    """Return the configuration and the conditions of one object."""
    told = msgspec.convert(item.fields, Autoscaler, strict=False)
    conditions: list[Event] = [_condition(c, told, item) for c in told.status.conditions if _matters(c)]
    return [_configuration(told, item), *conditions]


def _matters(condition: Condition) -> bool:
    if condition.type == "ScalingLimited" or condition.reason.startswith(("ScaleDownStab", "ScaleUpStab", "Backoff")):
        return condition.status == "True"
    return condition.status == "False"


def _shared(told: Autoscaler, item: Listed, at_ns: int, *identity: str) -> dict[str, Any]:
    cluster, namespace, name = item.metadata.get("cluster", ""), told.metadata.namespace, told.metadata.name
    target = told.spec.scaleTargetRef
    whole = (told.metadata.uid or f"{cluster}/{namespace}/{name}", *identity)
    return {
        "event_id": event_id(FORMAT, *whole),
        "occurred_at": at_ns,
        "flags": Flag.NONE if at_ns else Flag.TIME_UNSET,
        "format": FORMAT,
        "provider": item.metadata.get("provider", ""),
        "account": item.metadata.get("account", ""),
        "region": item.metadata.get("region", ""),
        "service": service_of_group(target.name or name),
        "resource": kubernetes_resource(cluster, namespace, "horizontalpodautoscaler", name),
        "mentions": (kubernetes_resource(cluster, namespace, target.kind, target.name),) if target.name else (),
        "group_kind": "pod",
        "min_size": told.spec.minReplicas,
        "max_size": told.spec.maxReplicas,
    }


def _configuration(told: Autoscaler, item: Listed) -> ScalingRecorded:
    at_ns = item.envelope_time_ns or parse_timestamp_ns(told.status.lastScaleTime) or _created(told)
    facts = _shared(told, item, at_ns, "config", told.metadata.resourceVersion, str(at_ns))
    return ScalingRecorded(
        **facts, name="GroupDescribed", severity=Severity.INFO, phase="config", new_size=told.status.desiredReplicas
    )


def _condition(condition: Condition, told: Autoscaler, item: Listed) -> ScalingRecorded:
    at_ns = parse_timestamp_ns(condition.lastTransitionTime) or item.envelope_time_ns or _created(told)
    limited_by = _LIMITS.get(condition.reason, "")
    missing = "Metric" in condition.reason
    facts = _shared(told, item, at_ns, condition.type, condition.reason, str(at_ns))
    return ScalingRecorded(
        **facts,
        name=condition.reason,
        severity=Severity.WARN if missing or limited_by == "max" else Severity.INFO,
        phase="limit" if limited_by else "status",
        direction={"max": "out", "min": "in"}.get(limited_by, "none"),
        new_size=told.status.desiredReplicas,
        limited_by=limited_by,
        reason_class="metric" if missing else "",
        outcome="failed" if condition.reason.startswith("Failed") else "",
        message=f"{condition.type}: {condition.message}",
    )


def _created(told: Autoscaler) -> int:
    return parse_timestamp_ns(told.metadata.creationTimestamp) or 0
