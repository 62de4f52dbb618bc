"""Turn Kubernetes Events about scaling into scaling events: HPA, Cluster Autoscaler, Karpenter and KEDA.

Under the HPA parser. `SuccessfulRescale` carries only the new size: the way it went is read from its reason, the old
size is found by the read model. An Event is updated in place when it repeats, so its count belongs to the id.
See https://github.com/kubernetes/kubernetes/blob/master/pkg/controller/podautoscaler/horizontal.go and
https://github.com/kubernetes/autoscaler/blob/master/cluster-autoscaler/FAQ.md#what-events-are-emitted-by-ca.
"""

from __future__ import annotations

import re
from typing import Any, Final

from ...domain.event_id import event_id
from ...domain.events import Event, Flag, ScalingRecorded
from ...domain.identity import kubernetes_resource
from ...domain.severity import Severity
from ...domain.timestamps import parse_timestamp_ns
from ..listed_records import Listed
from ..scaling_groups import direction_of, service_of_group
from ..scaling_reasons import reason_class_of

FORMAT: Final = "k8s.hpa"

_RESCALE: Final = re.compile(r"New size: (\d+); reason: ([^;]*)(?:; error: (.*))?", re.DOTALL)
_METRIC: Final = re.compile(r"^(.*?)(?: resource utilization| metric)?(?: \(percentage of request\))? above target")
_GROUP_CHANGE: Final = re.compile(r"\{?(\S+) (\d+)->(\d+) \(max: (\d+)\)\}?")
_SET_SIZE: Final = re.compile(r"group (\S+?),? (?:size )?set to (\d+)(?: instead of (\d+))?(?: \(max: (\d+)\))?")
_SIZES: Final = re.compile(r"group: (\S+?), sizes \(current/new\): (\d+)/(\d+)")

HPA_REASONS: Final = frozenset(
    {
        *("SuccessfulRescale", "FailedRescale", "FailedGetResourceMetric", "FailedGetContainerResourceMetric"),
        *("FailedGetObjectMetric", "FailedGetPodsMetric", "FailedGetExternalMetric", "FailedGetScale"),
        *("FailedComputeMetricsReplicas", "FailedConvertHPA", "FailedUpdateStatus", "InvalidMetricSourceType"),
    }
)
NODE_REASONS: Final = frozenset(
    {
        *("TriggeredScaleUp", "NotTriggerScaleUp", "ScaledUpGroup", "FailedToScaleUpGroup", "ScaleDownEmpty"),
        *("ScaleDown", "ScaleDownFailed", "ScaleUpTimedOut"),
    }
)
KARPENTER_REASONS: Final = frozenset(
    {
        *("InsufficientCapacityError", "NoCompatibleInstanceTypes", "NodeClassNotReady", "DisruptionLaunching"),
        *("DisruptionTerminating", "DisruptionBlocked", "SpotInterrupted", "ConsolidationApproved"),
    }
)
_FAILED_REASONS: Final = {
    "InsufficientCapacityError": "capacity",
    "NoCompatibleInstanceTypes": "config",
    "NodeClassNotReady": "config",
    "ScaleUpTimedOut": "timeout",
}
_KEDA: Final = {"KEDAScaleTargetActivated": ("out", 0, 1), "KEDAScaleTargetDeactivated": ("in", 1, 0)}


def is_scaling_event(fields: dict[str, Any]) -> bool:
    """Say whether an object is a Kubernetes Event about scaling.

    >>> is_scaling_event({"reason": "SuccessfulRescale", "involvedObject": {"name": "cart"}})
    True
    """
    if not isinstance(fields.get("involvedObject") or fields.get("regarding"), dict):
        return False
    reason = str(fields.get("reason", ""))
    known = HPA_REASONS | NODE_REASONS | KARPENTER_REASONS
    return reason in known or reason.startswith("KEDA") or _involved(fields).get("kind") == "HorizontalPodAutoscaler"


def scaling_events(item: Listed) -> list[Event]:
    """Return the events of one Kubernetes Event about scaling."""
    reason = str(item.fields.get("reason", ""))
    if reason in NODE_REASONS:
        return _node_group_events(reason, item)
    if reason.startswith("KEDA"):
        direction, old, new = _KEDA.get(reason, ("none", None, None))
        failed = "Failed" in reason
        facts = {"phase": "decision" if new is not None else "status", "direction": direction, "old_size": old}
        return [_event(item, **facts, new_size=new, trigger="event", outcome="failed" if failed else "")]
    if reason in KARPENTER_REASONS:
        return [_karpenter(reason, item)]
    return [_hpa(reason, item)]


def _hpa(reason: str, item: Listed) -> ScalingRecorded:
    message = str(item.fields.get("message", ""))
    rescale = _RESCALE.search(message)
    if rescale and reason in {"SuccessfulRescale", "FailedRescale"}:
        why = rescale[2].strip()
        failed = reason == "FailedRescale"
        metric = _METRIC.match(why)
        return _event(
            item,
            phase="attempt" if failed else "decision",
            direction=rescale_direction(why),
            new_size=int(rescale[1]),
            trigger="metric",
            policy_type="target",
            metric=metric[1].strip() if metric else "",
            outcome="failed" if failed else "",
            reason_class=reason_class_of(rescale[3] or "") if failed else "",
        )
    missing = "Metric" in reason
    failed = reason.startswith(("Failed", "Invalid"))
    return _event(
        item,
        phase="status",
        reason_class="metric" if missing else reason_class_of(message) if failed else "",
        outcome="failed" if failed else "",
    )


def rescale_direction(why: str) -> str:
    """Return which way a rescale went, as far as its reason says.

    >>> rescale_direction("cpu resource utilization (percentage of request) above target")
    'out'
    >>> rescale_direction("All metrics below target")
    'in'
    """
    lowered = why.lower()
    if "below target" in lowered or "above spec.maxreplicas" in lowered:
        return "in"
    return "out" if "above target" in lowered or "below spec.minreplicas" in lowered else "none"


def _node_group_events(reason: str, item: Listed) -> list[Event]:
    message = str(item.fields.get("message", ""))
    changes = node_group_changes(message)
    if changes:
        return [_node_decision(item, message, *change) for change in changes]
    if reason == "NotTriggerScaleUp":
        full = "max node group size reached" in message or "max limit reached" in message
        return [_event(item, phase="limit", direction="out", limited_by="max" if full else "", outcome="not_scaled")]
    failed = "Fail" in reason or reason in _FAILED_REASONS
    why = _FAILED_REASONS.get(reason) or reason_class_of(message) if failed else ""
    return [
        _event(
            item,
            phase="attempt" if failed else "status",
            direction="in" if "ScaleDown" in reason else "out",
            outcome="failed" if failed else "",
            reason_class=why,
            trigger="idle" if "ScaleDown" in reason else "pods",
        )
    ]


def node_group_changes(message: str) -> list[tuple[str, int | None, int, int | None]]:
    """Return group, old size, new size and maximum of each change that a Cluster Autoscaler text names.

    >>> node_group_changes("pod triggered scale-up: [{spot-1 15->16 (max: 500)}]")
    [('spot-1', 15, 16, 500)]
    >>> node_group_changes("Scale-up: group spot-1 size set to 4 instead of 3 (max: 10)")
    [('spot-1', 3, 4, 10)]
    """
    found: list[tuple[str, int | None, int, int | None]] = [
        (m[1].lstrip("[{"), int(m[2]), int(m[3]), int(m[4])) for m in _GROUP_CHANGE.finditer(message)
    ]
    found += [(m[1], int(m[2]), int(m[3]), None) for m in _SIZES.finditer(message)]
    found += [
        (m[1], int(m[3]) if m[3] else None, int(m[2]), int(m[4]) if m[4] else None) for m in _SET_SIZE.finditer(message)
    ]
    return found


def _node_decision(
    item: Listed, message: str, group: str, old: int | None, new: int, maximum: int | None
) -> ScalingRecorded:
    at_ns = _time_ns(item)
    cluster = item.metadata.get("cluster", "")
    name = group.rpartition("/")[2]
    # Every pending pod is told of the same scale-up: one decision.
    identity = event_id(FORMAT, cluster, group, str(old), str(new), str(at_ns // 10**10))
    return _event(
        item,
        event_id=identity,
        resource=kubernetes_resource(cluster, "", "nodegroup", name),
        service=service_of_group(name),
        group_kind="node",
        phase="decision",
        direction=direction_of(old, new),
        old_size=old,
        new_size=new,
        max_size=maximum,
        trigger="pods",
        message=message,
    )


def _karpenter(reason: str, item: Listed) -> ScalingRecorded:
    failed = _FAILED_REASONS.get(reason, "")
    return _event(
        item,
        group_kind="node",
        phase="attempt" if failed else "status",
        direction="out" if failed else "none",
        outcome="failed" if failed else "",
        reason_class=failed,
        trigger="spot" if reason == "SpotInterrupted" else "consolidation" if "onsolidation" in reason else "",
        started_at=_time_ns(item) or None,
    )


def _involved(fields: dict[str, Any]) -> dict[str, Any]:
    involved = fields.get("involvedObject") or fields.get("regarding")
    return involved if isinstance(involved, dict) else {}


def _time_ns(item: Listed) -> int:
    fields, series = item.fields, item.fields.get("series")
    last = series.get("lastObservedTime") if isinstance(series, dict) else None
    metadata = fields.get("metadata") if isinstance(fields.get("metadata"), dict) else {}
    times = (last, fields.get("lastTimestamp"), fields.get("eventTime"), fields.get("firstTimestamp"))
    created = metadata.get("creationTimestamp") if metadata else None
    return next((ns for ns in map(parse_timestamp_ns, (*times, created)) if ns), 0) or item.envelope_time_ns


def _event(item: Listed, **facts: Any) -> ScalingRecorded:
    fields, involved = item.fields, _involved(item.fields)
    at_ns, cluster = _time_ns(item), item.metadata.get("cluster", "")
    kind, name = str(involved.get("kind", "")), str(involved.get("name", ""))
    failed = facts.get("outcome") == "failed"
    shared: dict[str, Any] = {
        "event_id": _identity(item),
        "occurred_at": at_ns,
        "flags": Flag.NONE if at_ns else Flag.TIME_UNSET,
        "format": FORMAT,
        "provider": item.metadata.get("provider", ""),
        "account": item.metadata.get("account", ""),
        "region": item.metadata.get("region", ""),
        "service": service_of_group(name),
        "resource": kubernetes_resource(cluster, str(involved.get("namespace", "")), kind, name),
        "name": str(fields.get("reason", "")),
        "severity": Severity.WARN if failed or fields.get("type") == "Warning" else Severity.INFO,
        "error": str(facts.get("reason_class", "")) if failed else "",
        "group_kind": "pod",
        "message": str(fields.get("message") or fields.get("note") or ""),
    }
    return ScalingRecorded(**{**shared, **facts})


def _identity(item: Listed) -> bytes:
    metadata = item.fields.get("metadata")
    uid = metadata.get("uid") if isinstance(metadata, dict) else None
    series = item.fields.get("series")
    repeats = series.get("count") if isinstance(series, dict) else item.fields.get("count")
    return event_id(FORMAT, str(uid), str(repeats)) if uid else item.place_id(FORMAT)
