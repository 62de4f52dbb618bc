"""Turn Compute Engine autoscaler audit entries into events: recommended sizes with their reasons, changes of status.

Under the autoscaler parser. `oldSize` and `newSize` are recommended sizes: with autoscaling mode OFF nothing is
resized. `calculatedSize` beyond `limitSize` is demand that went unmet.
See https://cloud.google.com/compute/docs/autoscaler/viewing-autoscaler-logs.
"""

from __future__ import annotations

from typing import Any, Final

import msgspec

from ...domain.event_id import event_id
from ...domain.events import Event, Flag, ScalingRecorded
from ...domain.severity import Severity
from ...domain.timestamps import parse_timestamp_ns
from ..listed_records import Listed
from ..scaling_groups import direction_of, service_of_group
from ..scaling_reasons import reason_class_of

FORMAT: Final = "gcp.autoscaler"

_LIMITS: Final = {"MAX_INSTANCES": "max", "MIN_INSTANCES": "min", "STABILIZATION": "stabilization"}


class CalculationDetails(msgspec.Struct):
    """What a signal said."""

    signalTarget: float | None = None
    signalValue: float | None = None
    singleInstanceAssignment: float | None = None


class ScalingSignal(msgspec.Struct):
    """What asked for a size."""

    name: str = ""
    calculatedSize: int | None = None
    calculationDetails: CalculationDetails = msgspec.field(default_factory=CalculationDetails)


class ScalingLimit(msgspec.Struct):
    """What kept the size from what was asked."""

    name: str = ""
    limitSize: int | None = None


class AutoscalingReason(msgspec.Struct):
    """Why a size was recommended."""

    scalingSignal: ScalingSignal = msgspec.field(default_factory=ScalingSignal)
    scalingLimit: ScalingLimit | None = None
    summary: str = ""


class StatusDetails(msgspec.Struct):
    """A status in words."""

    details: str = ""


class AutoscalerMetadata(msgspec.Struct):
    """`protoPayload.metadata` of both methods."""

    autoscalingMode: str = "ON"
    oldSize: int | None = None
    newSize: int | None = None
    autoscalingReason: AutoscalingReason = msgspec.field(default_factory=AutoscalingReason)
    oldStatus: StatusDetails = msgspec.field(default_factory=StatusDetails)
    newStatus: StatusDetails = msgspec.field(default_factory=StatusDetails)


def group_resource(resource_name: str, group: str, project: str, location: str) -> str:
    """Return the full name of the managed instance group that an autoscaler drives; regional or zonal.

    >>> group_resource("projects/p/regions/us-east1/autoscalers/a", "cart-mig", "p", "us-east1")
    '//compute.googleapis.com/projects/p/regions/us-east1/instanceGroupManagers/cart-mig'
    """
    place = "regions" if "/regions/" in resource_name or location.count("-") == 1 else "zones"
    return f"//compute.googleapis.com/projects/{project}/{place}/{location}/instanceGroupManagers/{group}"


def autoscaler_events(item: Listed) -> list[Event]:
    """Return the event of one `compute.autoscalers.resize` or `.changeStatus` entry."""
    payload = item.fields.get("protoPayload") or {}
    metadata = msgspec.convert(payload.get("metadata") or {}, AutoscalerMetadata, strict=False)
    shared = _envelope(item, payload)
    if payload.get("methodName", "").endswith("changeStatus"):
        return [_status(metadata, shared)]
    return [_resize(metadata, shared)]


def entry_time_ns(item: Listed) -> int:
    """Return the time of a LogEntry, 0 where it has none."""
    times = (item.fields.get("timestamp"), item.fields.get("receiveTimestamp"))
    return next((ns for ns in map(parse_timestamp_ns, times) if ns), 0) or item.envelope_time_ns


def entry_id(item: Listed, *parts: str) -> bytes:
    """Return an event id made of a LogEntry's own: log name, timestamp and insertId name it together."""
    fields = item.fields
    if not fields.get("insertId"):
        return item.place_id(FORMAT, *parts)
    return event_id(FORMAT, *(str(fields.get(n, "")) for n in ("logName", "timestamp", "insertId")), *parts)


def _envelope(item: Listed, payload: dict[str, Any]) -> dict[str, Any]:
    labels = (item.fields.get("resource") or {}).get("labels") or {}
    resource_name = str(payload.get("resourceName", ""))
    parts = resource_name.split("/")
    project = str(labels.get("project_id") or (parts[1] if len(parts) > 1 else ""))
    location = str(labels.get("location") or (parts[3] if len(parts) > 3 else ""))
    group = str(labels.get("instance_group_manager_name") or labels.get("autoscaler_name") or parts[-1])
    at_ns = entry_time_ns(item)
    zonal = location.count("-") == 2
    return {
        "event_id": entry_id(item),
        "occurred_at": at_ns,
        "flags": Flag.NONE if at_ns else Flag.TIME_UNSET,
        "format": FORMAT,
        "provider": "gcp",
        "account": project,
        "region": location.rpartition("-")[0] if zonal else location,
        "zone": location if zonal else "",
        "service": service_of_group(group),
        "resource": group_resource(resource_name, group, project, location),
        "name": str(payload.get("methodName", "")),
        "mentions": (f"//compute.googleapis.com/{resource_name}",) if resource_name else (),
        "group_kind": "vm",
    }


def _resize(metadata: AutoscalerMetadata, shared: dict[str, Any]) -> ScalingRecorded:
    signal, limit = metadata.autoscalingReason.scalingSignal, metadata.autoscalingReason.scalingLimit
    direction = direction_of(metadata.oldSize, metadata.newSize)
    acts = metadata.autoscalingMode == "ON" or (metadata.autoscalingMode.startswith("ONLY") and direction == "out")
    limited_by = _LIMITS.get(limit.name, "rate") if limit and limit.name else ""
    bound = limit.limitSize if limit else None
    return ScalingRecorded(
        **shared,
        severity=Severity.WARN if limited_by == "max" else Severity.INFO,
        phase=("decision" if direction != "none" or not limited_by else "limit") if acts else "status",
        direction=direction,
        old_size=metadata.oldSize,
        new_size=metadata.newSize,
        min_size=bound if limited_by == "min" else None,
        max_size=bound if limited_by == "max" else None,
        unconstrained_size=signal.calculatedSize,
        trigger="metric",
        policy=signal.name,
        policy_type=_policy_type(signal.name),
        metric=signal.name,
        observed=signal.calculationDetails.signalValue,
        threshold=signal.calculationDetails.signalTarget,
        limited_by=limited_by,
        outcome="" if acts else "recommended",
        message=metadata.autoscalingReason.summary,
    )


def _policy_type(signal: str) -> str:
    if signal.startswith("PREDICTED"):
        return "predictive"
    return "schedule" if "SCHEDULE" in signal else "target"


def _status(metadata: AutoscalerMetadata, shared: dict[str, Any]) -> ScalingRecorded:
    details = metadata.newStatus.details
    well = details.strip().rstrip(".").upper() in {"", "OK", "ACTIVE"}
    reason = "" if well else reason_class_of(details)
    return ScalingRecorded(
        **shared,
        severity=Severity.INFO if well else Severity.WARN,
        phase="status",
        reason_class=reason,
        outcome="ok" if well else "degraded",
        message=f"{metadata.oldStatus.details} -> {details}",
    )
