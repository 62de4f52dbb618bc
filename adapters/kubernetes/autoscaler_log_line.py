"""Turn klog lines of the HPA controller and the Cluster Autoscaler into scaling events.

Under the HPA parser. Unlike the Event, the controller's log has the old and the new size. klog writes no year: the
time comes from the envelope, or from a year that the user told.
"""

from __future__ import annotations

import re
from typing import Any, Final

from ...domain.events import Event, Flag, ScalingRecorded
from ...domain.identity import kubernetes_resource
from ...domain.severity import Severity
from ...domain.timestamps import parse_timestamp_ns
from ..listed_records import Listed
from ..scaling_groups import direction_of, service_of_group
from ..scaling_reasons import reason_class_of
from .scaling_event import FORMAT, node_group_changes

_HEADER: Final = re.compile(r"([IWEF])(\d\d)(\d\d) (\d\d:\d\d:\d\d(?:\.\d+)?)\s+\d+ ([^\]\s]+)\] ?")
_RESCALE: Final = re.compile(r"Successful rescale of (\S+), old size: (\d+), new size: (\d+), reason: (.*)")
_RESCALED: Final = re.compile(
    r'"Successfully rescaled" .*?HPA="(?:([^/"]+)/)?([^"]+)" currentReplicas=(\d+) desiredReplicas=(\d+)'
    r' reason="([^"]*)"'
)
_FAILED_ADDING: Final = re.compile(r"Failed adding (\d+) nodes .*?to group (\S+) due to (.*)")
_PLAN: Final = "Final scale-up plan:"


def is_autoscaler_line(text: str) -> bool:
    """Say whether a log line tells of scaling.

    >>> is_autoscaler_line("... Successful rescale of cart, old size: 2, new size: 5, reason: cpu")
    True
    """
    return _PLAN in text or any(p.search(text) for p in (_RESCALE, _RESCALED, _FAILED_ADDING))


def autoscaler_line_events(text: str, item: Listed) -> list[Event]:
    """Return the events of one line."""
    rescale, rescaled = _RESCALE.search(text), _RESCALED.search(text)
    if rescale:
        return [_rescale(text, item, "", *rescale.groups())]
    if rescaled:
        return [_rescale(text, item, *(part or "" for part in rescaled.groups()))]
    failed = _FAILED_ADDING.search(text)
    if failed:
        return [_failed(text, item, failed[2], failed[3])]
    changes = node_group_changes(text)
    return [_planned(text, item, number, *change) for number, change in enumerate(changes)]


def _rescale(text: str, item: Listed, namespace: str, name: str, old: str, new: str, reason: str) -> ScalingRecorded:
    spot = namespace or item.metadata.get("namespace", "")
    return _event(
        text,
        item,
        resource=kubernetes_resource(item.metadata.get("cluster", ""), spot, "horizontalpodautoscaler", name),
        service=service_of_group(name),
        name="SuccessfulRescale",
        phase="decision",
        group_kind="pod",
        direction=direction_of(int(old), int(new)),
        old_size=int(old),
        new_size=int(new),
        trigger="metric",
        policy_type="target",
        message=reason,
    )


def _planned(
    text: str, item: Listed, number: int, group: str, old: int | None, new: int, maximum: int | None
) -> ScalingRecorded:
    return _event(
        text,
        item,
        *("plan", str(number)),
        **_node_group(item, group),
        name="ScaleUpPlan",
        phase="decision",
        direction=direction_of(old, new),
        old_size=old,
        new_size=new,
        max_size=maximum,
        trigger="pods",
        message=text,
    )


def _failed(text: str, item: Listed, group: str, reason: str) -> ScalingRecorded:
    why = reason_class_of(reason)
    return _event(
        text,
        item,
        **_node_group(item, group),
        name="FailedToScaleUpGroup",
        severity=Severity.ERROR,
        error=why,
        phase="attempt",
        direction="out",
        reason_class=why,
        outcome="failed",
        message=reason,
    )


def _node_group(item: Listed, group: str) -> dict[str, str]:
    name = group.rpartition("/")[2]
    resource = kubernetes_resource(item.metadata.get("cluster", ""), "", "nodegroup", name)
    return {"resource": resource, "service": service_of_group(name), "group_kind": "node"}


def _event(text: str, item: Listed, *identity: str, **facts: Any) -> ScalingRecorded:
    at_ns = item.envelope_time_ns or _klog_time_ns(text, item.metadata.get("year", ""))
    shared: dict[str, Any] = {
        "event_id": item.place_id(FORMAT, *identity),
        "occurred_at": at_ns,
        "flags": Flag.NONE if at_ns else Flag.TIME_UNSET,
        "format": FORMAT,
        "provider": item.metadata.get("provider", ""),
        "account": item.metadata.get("account", ""),
        "region": item.metadata.get("region", ""),
        "severity": Severity.INFO,
    }
    return ScalingRecorded(**{**shared, **facts})


def _klog_time_ns(text: str, year: str) -> int:
    header = _HEADER.match(text)
    if not header or not year.isdecimal():
        return 0
    return parse_timestamp_ns(f"{year}-{header[2]}-{header[3]}T{header[4]}Z") or 0
