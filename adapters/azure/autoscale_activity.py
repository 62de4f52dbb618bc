"""Turn the Autoscale category of the Azure activity log into events: flapping that was avoided, scale actions, results.

Under the autoscale parser. The event carries the active profile, so it is a snapshot of the configuration too.
See https://learn.microsoft.com/azure/azure-monitor/autoscale/autoscale-flapping.
"""

from __future__ import annotations

import re
from typing import Any, Final

import msgspec

from ...domain.event_id import event_id
from ...domain.events import Event, ScalingRecorded
from ...domain.severity import Severity
from ...domain.timestamps import parse_timestamp_ns
from ..listed_records import Listed
from ..scaling_groups import direction_of
from ..scaling_reasons import reason_class_of
from .autoscale_evaluation import FORMAT, target_envelope

_TARGET: Final = re.compile(r"Resource: '([^']+)'")
_INTENDED: Final = re.compile(r"Intended new instance count: '(\d+)'")
_OPERATION: Final = re.compile(r"/AutoscaleSettings/([^/]+)", re.IGNORECASE)


def is_autoscale_activity(fields: dict[str, Any]) -> bool:
    """Say whether an activity log record is of the Autoscale category.

    >>> is_autoscale_activity({"eventCategory": "Autoscale"}), is_autoscale_activity({"category": "Administrative"})
    (True, False)
    """
    categories = ("category", "categoryValue", "CategoryValue", "eventCategory")
    return any(_plain(fields.get(name)) == "Autoscale" for name in categories)


def autoscale_activity_events(item: Listed) -> list[Event]:
    """Return what happened, and the configuration that the event carries."""
    fields = {name[:1].lower() + name[1:]: value for name, value in item.fields.items()}
    outer = _object(fields.get("properties")) or _object(fields.get("properties_d"))
    told = _object(outer.get("eventProperties")) or _object(fields.get("eventProperties")) or outer
    operation = _operation(fields)
    description = str(told.get("Description") or fields.get("description") or "")
    target = _target(told, description, fields)
    times = (fields.get(n) for n in ("time", "eventTimestamp", "eventSubmissionTimestamp", "timeGenerated"))
    at_ns = next((ns for ns in map(parse_timestamp_ns, map(_text_or_none, times)) if ns), 0) or item.envelope_time_ns
    own = str(fields.get("eventDataId") or outer.get("eventDataId") or fields.get("operationId") or "")
    shared = {"name": operation, "group_kind": "vm", "message": description, **target_envelope(target, at_ns)}
    identity = _Identity(item, own)
    configuration = _configuration(told, shared, identity)
    return [_happening(operation, told, fields, shared, identity), *configuration]


class _Identity:
    """Makes the event ids of one record: of its own id, else of its place."""

    def __init__(self, item: Listed, own: str) -> None:
        self._item, self._own = item, own

    def of(self, part: str) -> bytes:
        return event_id(FORMAT, self._own, part) if self._own else self._item.place_id(FORMAT, part)


def _happening(
    operation: str, told: dict[str, Any], fields: dict[str, Any], shared: dict[str, Any], identity: _Identity
) -> ScalingRecorded:
    old, new = _whole(told.get("OldInstancesCount")), _whole(told.get("NewInstancesCount"))
    sizes: dict[str, Any] = {"old_size": old, "new_size": new, "direction": direction_of(old, new)}
    if "flapping" in operation.lower() or _plain(fields.get("eventName")) == "FlappingOccurred":
        intended = _INTENDED.search(shared["message"])
        return ScalingRecorded(
            **{**shared, **sizes, "direction": "in"},
            event_id=identity.of("flapping"),
            severity=Severity.WARN,
            phase="limit",
            limited_by="flap_guard",
            unconstrained_size=int(intended[1]) if intended else None,
        )
    if operation.lower().endswith("result"):
        status = _plain(fields.get("activityStatusValue") or fields.get("status") or fields.get("resultType"))
        failed = status.lower() in {"failed", "failure"}
        return ScalingRecorded(
            **shared,
            **sizes,
            event_id=identity.of("attempt"),
            severity=Severity.ERROR if failed else Severity.INFO,
            phase="attempt",
            attempt_id=str(fields.get("correlationId") or fields.get("operationId") or ""),
            outcome="failed" if failed else "succeeded",
            reason_class=reason_class_of(f"{shared['message']} {fields.get('resultDescription')}") if failed else "",
            ended_at=shared["occurred_at"],
        )
    decided = old is not None and new is not None and old != new
    phase = "decision" if decided else "status"
    return ScalingRecorded(
        **shared, **sizes, event_id=identity.of(phase), severity=Severity.INFO, phase=phase, trigger="alarm"
    )


def _configuration(told: dict[str, Any], shared: dict[str, Any], identity: _Identity) -> list[Event]:
    profile = _object(told.get("ActiveAutoscaleProfile"))
    capacity = _object(profile.get("Capacity"))
    if not capacity:
        return []
    rules = profile.get("Rules") if isinstance(profile.get("Rules"), list) else []
    return [
        ScalingRecorded(
            **{**shared, "message": msgspec.json.encode(rules).decode()},
            event_id=identity.of("config"),
            severity=Severity.INFO,
            phase="config",
            min_size=_whole(capacity.get("Minimum")),
            max_size=_whole(capacity.get("Maximum")),
            policy=str(profile.get("Name", "")),
        )
    ]


def _operation(fields: dict[str, Any]) -> str:
    name = _plain(fields.get("operationName") or fields.get("operationNameValue"))
    match = _OPERATION.search(name)
    return match[1] if match else _plain(fields.get("eventName")) or name


def _target(told: dict[str, Any], description: str, fields: dict[str, Any]) -> str:
    named = told.get("ResourceName") or told.get("TargetResourceId") or ""
    if str(named).startswith("/"):
        return str(named)
    match = _TARGET.search(description)
    names = ("resourceId", "_ResourceId", "resource")
    return match[1] if match else next((str(fields[name]) for name in names if fields.get(name)), "")


def _plain(value: Any) -> str:
    return str(value.get("value", "")) if isinstance(value, dict) else str(value or "")


def _text_or_none(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def _object(value: Any) -> dict[str, Any]:
    if isinstance(value, str) and value[:1] == "{":
        try:
            value = msgspec.json.decode(value)
        except msgspec.MsgspecError:
            return {}
    return value if isinstance(value, dict) else {}


def _whole(value: Any) -> int | None:
    text = str(value)
    return int(text) if text.isdecimal() else None
