"""Turn GKE cluster autoscaler visibility events into scaling events: decisions, results, reasons for doing nothing.

Under the autoscaler parser. A decision and its result share an `eventId`: it is the attempt's id of both.
See https://cloud.google.com/kubernetes-engine/docs/how-to/cluster-autoscaler-visibility.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

from ...domain.events import Event, Flag, ScalingRecorded
from ...domain.severity import Severity
from ...domain.timestamps import parse_timestamp_ns
from ..listed_records import Listed
from ..scaling_groups import service_of_group
from ..scaling_reasons import reason_class_of
from .autoscaler_resize import FORMAT, entry_id, entry_time_ns

LOG_NAME: Final = "cluster-autoscaler-visibility"

_PARTS: Final = ("decision", "resultInfo", "noDecisionStatus")
_GROUP_URL: Final = re.compile(r"projects/([^/]+)/zones/([^/]+)/instanceGroups?(?:Managers)?/([^/]+)")


def visibility_of(fields: dict[str, Any]) -> dict[str, Any] | None:
    """Return the visibility payload of a log entry, or of a payload alone; None where there is none.

    >>> visibility_of({"jsonPayload": {"decision": {}}}), visibility_of({"a": 1})
    ({'decision': {}}, None)
    """
    payload = fields.get("jsonPayload", fields)
    known = isinstance(payload, dict) and any(isinstance(payload.get(part), dict) for part in _PARTS)
    return payload if known else None


def visibility_events(item: Listed) -> list[Event]:
    """Return the events of one entry; an entry that says nothing of scaling gives a status."""
    payload = visibility_of(item.fields) or {}
    place = _Place(item)
    told = [*_decision(payload.get("decision") or {}, place), *_results(payload.get("resultInfo") or {}, place)]
    told += _nothing_done(payload.get("noDecisionStatus") or {}, place)
    return [*told] or [place.event("status", phase="status", message=", ".join(payload))]


class _Place:
    """Where an entry comes from, and the making of its events."""

    def __init__(self, item: Listed) -> None:
        labels = (item.fields.get("resource") or {}).get("labels") or {}
        self._item = item
        self.project = str(labels.get("project_id") or item.metadata.get("account", ""))
        self.location = str(labels.get("location") or item.metadata.get("region", ""))
        name = str(labels.get("cluster_name") or item.metadata.get("cluster", ""))
        self.cluster = f"//container.googleapis.com/projects/{self.project}/locations/{self.location}/clusters/{name}"

    def event(self, *identity: str, at: Any = None, group: str = "", zone: str = "", **facts: Any) -> ScalingRecorded:
        at_ns = parse_timestamp_ns(at) or entry_time_ns(self._item)
        resource, name = self._group(group, zone)
        region = self.location.rpartition("-")[0] if self.location.count("-") == 2 else self.location
        shared: dict[str, Any] = {
            "event_id": entry_id(self._item, *identity),
            "occurred_at": at_ns,
            "flags": Flag.NONE if at_ns else Flag.TIME_UNSET,
            "format": FORMAT,
            "provider": "gcp",
            "account": self.project,
            "region": region,
            "service": service_of_group(name),
            "resource": resource,
            "name": LOG_NAME,
            "severity": Severity.INFO,
            "group_kind": "node",
            "zone": zone,
        }
        return ScalingRecorded(**{**shared, **facts})

    def _group(self, group: str, zone: str) -> tuple[str, str]:
        url = _GROUP_URL.search(group)
        project, zone, name = (url[1], url[2], url[3]) if url else (self.project, zone, group)
        if not name:
            return self.cluster, self.cluster.rpartition("/")[2]
        if not zone:
            return f"{self.cluster}/instanceGroups/{name}", name
        return f"//compute.googleapis.com/projects/{project}/zones/{zone}/instanceGroupManagers/{name}", name


def _decision(decision: dict[str, Any], place: _Place) -> Iterator[ScalingRecorded]:
    at, attempt = decision.get("decideTime"), str(decision.get("eventId", ""))
    up, down = decision.get("scaleUp") or {}, decision.get("scaleDown") or {}
    for increased in up.get("increasedMigs") or []:
        mig = increased.get("mig") or {}
        name, zone = str(mig.get("name", "")), str(mig.get("zone", ""))
        yield place.event(
            *("decision", attempt, name),
            at=at,
            group=name,
            zone=zone,
            phase="decision",
            direction="out",
            attempt_id=attempt,
            trigger="pods",
            message=f"scale up {name} by {increased.get('requestedNodes', '?')} nodes",
        )
    for removed in down.get("nodesToBeRemoved") or []:
        node = removed.get("node") or {}
        mig = node.get("mig") or {}
        yield place.event(
            *("decision", attempt, str(node.get("name", ""))),
            at=at,
            group=str(mig.get("name", "")),
            zone=str(mig.get("zone", "")),
            phase="decision",
            direction="in",
            attempt_id=attempt,
            trigger="idle",
            message=f"remove node {node.get('name', '')}",
        )


def _results(info: dict[str, Any], place: _Place) -> Iterator[ScalingRecorded]:
    for result in info.get("results") or []:
        error = result.get("errorMsg") or {}
        message, parameters = str(error.get("messageId", "")), [str(p) for p in error.get("parameters") or []]
        group = next((p for p in parameters if _GROUP_URL.search(p) or p.endswith("-grp")), "")
        reason = reason_class_of(message) if message else ""
        attempt = str(result.get("eventId", ""))
        yield place.event(
            *("result", attempt),
            at=info.get("measureTime"),
            group=group,
            phase="attempt",
            direction="in" if message.startswith("scale.down") else "out" if message else "none",
            severity=Severity.ERROR if message else Severity.INFO,
            error=reason,
            reason_class=reason,
            outcome="failed" if message else "succeeded",
            attempt_id=attempt,
            message=" ".join((message, *parameters)).strip(),
        )


def _nothing_done(status: dict[str, Any], place: _Place) -> Iterator[ScalingRecorded]:
    at = status.get("measureTime")
    up, down = status.get("noScaleUp") or {}, status.get("noScaleDown") or {}
    pods, skipped, nodes = up.get("unhandledPodGroups"), up.get("skippedMigs"), down.get("nodes")
    reasons: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
        ("out", reason, {}) for group in pods or [] for reason in _group_reasons(group)
    ]
    reasons += [("out", one.get("reason") or {}, one.get("mig") or {}) for one in skipped or []]
    reasons += [("out", up["reason"], {})] if isinstance(up.get("reason"), dict) else []
    reasons += [("in", one.get("reason") or {}, (one.get("node") or {}).get("mig") or {}) for one in nodes or []]
    for number, (direction, reason, mig) in enumerate(reasons):
        message = str(reason.get("messageId", ""))
        failed = "error" in message or "max" in message
        parameters = " ".join(str(p) for p in reason.get("parameters") or [])
        yield place.event(
            *("nothing", str(number), message),
            at=at,
            group=str(mig.get("name", "")),
            zone=str(mig.get("zone", "")),
            phase="limit",
            direction=direction,
            severity=Severity.WARN if failed and direction == "out" else Severity.INFO,
            limited_by=_limit_of(message, parameters),
            reason_class=reason_class_of(message) if "error" in message else "",
            outcome="not_scaled",
            message=f"{message} {parameters}".strip(),
        )


def _group_reasons(group: dict[str, Any]) -> list[dict[str, Any]]:
    rejected = [r.get("reason") or {} for r in group.get("rejectedMigs") or []]
    return [*(group.get("napFailureReasons") or []), *rejected]


def _limit_of(message: str, parameters: str) -> str:
    if "group.min.size" in message or "minimal.resource.limits" in message:
        return "min"
    return "max" if "max" in f"{message} {parameters}" else ""
