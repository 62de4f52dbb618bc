"""Give events in the classes of the Open Cybersecurity Schema Framework.

An export: the model stays OpenTelemetry's. Each event goes to the class of what it reports, else to the Base Event;
attributes without a place there stand in `unmapped`, so that nothing is lost. See https://schema.ocsf.io/1.5.0/ and
`ocsf_classes`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from ...domain.events import DeploymentRecorded, Event, ResourceChanged
from ..attribute_types import BODY
from ..attributes import attributes_of
from ..registry import Registry
from . import ocsf_objects as objects
from .event_class import Activity, activity_of, operation_of, outcome_of, record_id
from .instants import epoch_ms
from .nested_fields import present
from .ocsf_classes import CLASSES, CRUD, METHODS, OCSF_VERSION, OTHER, UNKNOWN, VENDORS, severity_of
from .ocsf_objects import Attributes, Fields

__all__ = ["OCSF_VERSION", "to_ocsf"]

_REFUSED: Final = frozenset({"REJECT", "DENIED", "DENY", "DROP", "BLOCK", "D"})
_STATUSES: Final = {"unknown": (0, "Unknown"), "success": (1, "Success"), "failure": (2, "Failure")}


def to_ocsf(event: Event, *, registry: Registry | None = None) -> dict[str, Any]:
    """Return an event as OCSF.

    >>> found = to_ocsf(Event(format="aws.x", provider="aws", severity=17, occurred_at=1_795_168_800_123_456_789))
    >>> found["class_uid"], found["type_uid"], found["severity_id"], found["time"], found["cloud"]
    (0, 0, 4, 1795168800123, {'provider': 'AWS'})
    """
    held = attributes_of(event, registry=registry)
    attributes = Attributes(held)
    kind = activity_of(event, held)
    found = _classified(event, held, kind)
    found |= _occurred(event, held)
    found |= _ABOUT[kind](event, attributes)
    place = objects.cloud(attributes, event)
    found |= {"metadata": _metadata(event, attributes, bool(place))} | ({"cloud": place} if place else {})
    if message := attributes.first(BODY):
        found["message"] = message if isinstance(message, str) else str(message)
    return found | present({"resources": _resources(event, attributes, kind), "unmapped": attributes.unmapped})


def _classified(event: Event, held: Mapping[str, Any], kind: Activity) -> Fields:
    """Return class, category, activity and type, as numbers and names."""
    its = CLASSES[kind]
    activity = _activity(event, held, kind)
    name = its.activities.get(activity) or (event.name if activity == OTHER else "Unknown") or "Other"
    return {
        "activity_id": activity,
        "activity_name": name,
        "category_uid": its.category_uid,
        "category_name": its.category,
        "class_uid": its.uid,
        "class_name": its.name,
        "type_uid": its.uid * 100 + activity,
        "type_name": f"{its.name}: {name}",
    }


def _activity(event: Event, held: Mapping[str, Any], kind: Activity) -> int:
    if kind is Activity.HTTP:
        return METHODS.get(str(held.get("http.request.method", "")).upper(), OTHER)
    if kind in (Activity.API, Activity.ENTITY):
        return CRUD[operation_of(event)] if event.name or isinstance(event, ResourceChanged) else UNKNOWN
    if kind is Activity.NETWORK:
        return 5 if event.name.upper() in _REFUSED else 6
    if kind is Activity.DNS:
        return 6 if "dns.response_code" in held or event.error else 1
    known = {Activity.FINDING: 1, Activity.LIFECYCLE: 8, Activity.AUTHENTICATION: 2 if event.name == "ExitRole" else 1}
    return known.get(kind, OTHER if event.name else UNKNOWN)


def _occurred(event: Event, held: Mapping[str, Any]) -> Fields:
    number, caption = severity_of(event.severity)
    status, told = _STATUSES[outcome_of(event, held)]
    if activity_of(event, held) is Activity.FINDING:
        status, told = 1, "New"  # findings have a life cycle instead of an outcome
    found = {
        "time": epoch_ms(event.occurred_at),
        "severity_id": number,
        "severity": caption,
        "status_id": status,
        "status": told,
    }
    code = str(event.status) if event.status else event.error
    duration = None if event.duration_us is None else event.duration_us // 1000
    return found | present({"status_code": code, "status_detail": event.error, "duration": duration})


def _metadata(event: Event, attributes: Attributes, in_cloud: bool) -> Fields:
    vendor = VENDORS.get(event.provider, (event.provider or "Unknown", ""))[0]
    group = attributes.first("aws.log.group.names", "gcp.log_name")
    required = {
        "version": OCSF_VERSION,
        "product": {"name": event.service or event.format or "Unknown", "vendor_name": vendor},
    }
    attributes.first("service.name")
    return required | present(
        {
            "profiles": ["cloud"] if in_cloud else [],
            "uid": record_id(event, {"log.record.uid": attributes.first("log.record.uid")}),
            "event_code": event.name,
            "log_name": str(group[0]) if isinstance(group, list) else group,
            "log_provider": event.format,
            "logged_time": epoch_ms(event.recorded_at) if event.recorded_at else None,
            "correlation_uid": event.trace_id,
        }
    )


def _resources(event: Event, attributes: Attributes, kind: Activity) -> list[Fields]:
    attributes.first("error.type")  # stands in status_detail
    if kind not in (Activity.API, Activity.FINDING):
        return []
    resource = attributes.text("cloud.resource_id") or event.resource
    if not resource:
        return []
    return [present({"uid": resource, "region": event.region})]


def _about_api(event: Event, attributes: Attributes) -> Fields:
    service = attributes.text("rpc.system.name", "aws.event_source") or event.service
    request = attributes.text("aws.request_id", "azure.correlation_id")
    response = {"code": event.status or None, "error": event.error}
    return {
        "actor": objects.actor(attributes, event),
        "api": {"operation": attributes.text("rpc.method") or event.name or "unknown"}
        | present({"service": {"name": service}, "request": {"uid": request}, "response": response}),
        "src_endpoint": objects.endpoint(attributes, "client", "source", "network.peer") or {"name": "unknown"},
    } | present(
        {"dst_endpoint": objects.endpoint(attributes, "server"), "http_request": objects.http_request(attributes)}
    )


def _about_authentication(event: Event, attributes: Attributes) -> Fields:
    user = objects.user_of(attributes) or {"name": "unknown"}
    source = objects.endpoint(attributes, "client", "source", "network.peer")
    return {"user": user, "service": {"name": event.service or event.provider or "unknown"}} | present(
        {"src_endpoint": source, "http_request": objects.http_request(attributes)}
    )


def _about_network(event: Event, attributes: Attributes) -> Fields:
    source = objects.endpoint(attributes, "source", "client")
    target = objects.endpoint(attributes, "destination", "server")
    return {"connection_info": objects.connection(attributes)} | present(
        {
            "src_endpoint": source,
            "dst_endpoint": target,
            "traffic": objects.traffic(attributes),
            "tls": objects.tls(attributes),
        }
    )


def _about_http(event: Event, attributes: Attributes) -> Fields:
    source = objects.endpoint(attributes, "client", "source", "network.peer")
    target = objects.endpoint(attributes, "server", "destination", service=event.service)
    request = objects.http_request(attributes)
    return {"dst_endpoint": target or {"name": "unknown"}, "http_request": request} | present(
        {
            "src_endpoint": source,
            "http_response": objects.http_response(attributes, event),
            "tls": objects.tls(attributes),
        }
    )


def _about_dns(event: Event, attributes: Attributes) -> Fields:
    source = objects.endpoint(attributes, "source", "client")
    target = objects.endpoint(attributes, "destination", "server", service=event.service or "dns")
    return objects.dns(attributes) | present({"src_endpoint": source, "dst_endpoint": target})


def _about_finding(event: Event, attributes: Attributes) -> Fields:
    title = attributes.text(*[f"{event.format}.{name}" for name in ("title", "Title")]) or event.name or "unknown"
    about = attributes.text(*[f"{event.format}.{name}" for name in ("description", "Description")])
    info = {"uid": attributes.text("log.record.uid") or event.event_id.hex() or "unknown", "title": title}
    return {"finding_info": info | present({"desc": about, "types": [event.name] if event.name else []})}


def _about_lifecycle(event: Event, attributes: Attributes) -> Fields:
    named = event.component or event.stack if isinstance(event, DeploymentRecorded) else ""
    return {"app": {"name": named or event.service or "unknown", "vendor_name": event.provider or "unknown"}}


def _about_entity(event: Event, attributes: Attributes) -> Fields:
    change = event if isinstance(event, ResourceChanged) else None
    entity = {
        "uid": event.resource,
        "name": change.address if change else "",
        "type": change.resource_type if change else "",
    }
    return {"entity": present(entity) or {"name": "unknown"}}


def _about_nothing(event: Event, attributes: Attributes) -> Fields:
    return {}


_ABOUT: Final[Mapping[Activity, Callable[[Event, Attributes], Fields]]] = {
    Activity.API: _about_api,
    Activity.AUTHENTICATION: _about_authentication,
    Activity.HTTP: _about_http,
    Activity.DNS: _about_dns,
    Activity.NETWORK: _about_network,
    Activity.FINDING: _about_finding,
    Activity.LIFECYCLE: _about_lifecycle,
    Activity.ENTITY: _about_entity,
    Activity.OTHER: _about_nothing,
}
