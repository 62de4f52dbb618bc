"""Give events in the names of the Elastic Common Schema.

An export: the model stays OpenTelemetry's. What the schema has no field for keeps its OpenTelemetry name, which the
schema allows (custom fields), so that nothing is lost. See https://www.elastic.co/docs/reference/ecs and `ecs_fields`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from ...domain.events import CostRecorded, Event, LogRecorded, MetricRecorded
from ...domain.severity import Severity
from ..attributes import attributes_of
from ..registry import Registry
from .ecs_fields import DIRECTIONS, ECS_OF, FIRST_OF_LIST, SIDES
from .event_class import Activity, Operation, activity_of, operation_of, outcome_of, record_id
from .instants import iso_instant
from .nested_fields import is_ip, present, put

ECS_VERSION: Final = "9.3.0"

_LEVELS: Final = ((Severity.EMERGENCY, "emergency"), (Severity.ALERT, "alert"), (Severity.CRITICAL, "critical"))
_LOWER_LEVELS: Final = ((17, "error"), (13, "warn"), (10, "notice"), (9, "info"), (5, "debug"), (1, "trace"))

_CATEGORIES: Final[Mapping[Activity, tuple[str, str]]] = {
    Activity.API: ("api", ""),
    Activity.AUTHENTICATION: ("authentication", "start"),
    Activity.HTTP: ("web", "access"),
    Activity.DNS: ("network", "protocol"),
    Activity.NETWORK: ("network", "connection"),
    Activity.FINDING: ("intrusion_detection", "info"),
    Activity.LIFECYCLE: ("configuration", "change"),
    Activity.ENTITY: ("configuration", ""),
}
"""`event.category` and `event.type`, https://www.elastic.co/docs/reference/ecs/ecs-allowed-values-event-category."""

_HTTP: Final = ("http", "https")
_VERDICTS: Final = {
    **dict.fromkeys(("ACCEPT", "ALLOWED", "ALLOW"), ("allowed",)),
    **dict.fromkeys(("REJECT", "DENIED", "DENY", "BLOCK"), ("denied",)),
}
"""What a firewall said; a further `event.type`."""

_TYPES: Final = {
    Operation.CREATE: "creation",
    Operation.READ: "access",
    Operation.UPDATE: "change",
    Operation.DELETE: "deletion",
    Operation.OTHER: "info",
}


def to_ecs(event: Event, *, registry: Registry | None = None) -> dict[str, Any]:
    """Return an event as a document of the Elastic Common Schema.

    >>> document = to_ecs(LogRecorded(format="app.json", severity=17, payload=b'{"msg":"no stock","order":7}'))
    >>> document["message"], document["log"], document["app"]
    ('no stock', {'level': 'error'}, {'order': 7})
    """
    attributes = attributes_of(event, registry=registry)
    document = present(_base(event, attributes))
    for name, value in ecs_fields(attributes).items():
        if not put(document, name, value):
            _keep_beside(document, name, value)
    return document


def ecs_fields(attributes: Mapping[str, Any]) -> dict[str, Any]:
    """Return attributes under the schema's names, with dots.

    >>> ecs_fields({"http.request.size": 29, "client.address": "cart", "aws.elb.elb": "app/shop"})
    {'http.request.bytes': 29, 'client.address': 'cart', 'aws.elb.elb': 'app/shop'}
    """
    fields: dict[str, Any] = {}
    for name, value in attributes.items():
        field = ECS_OF.get(name, name)
        if field in FIRST_OF_LIST and isinstance(value, list):
            value = value[0] if value else ""
        if name == "http.request.method_original":
            fields[field] = value  # the schema's method keeps the case of the record
        elif name == "dns.answers":
            fields[field] = [{"data": one} for one in value]
        elif name == "network.io.direction":
            fields["network.direction"] = DIRECTIONS.get(value, value)
        elif name == "network.protocol.version" and attributes.get("network.protocol.name") in _HTTP:
            fields["http.version"] = value
        else:
            fields.setdefault(field, value)
    return fields | _derived(attributes)


def _derived(attributes: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the schema repeats: IP addresses, who and where at a glance."""
    addresses = {side: attributes.get(f"{side}.address", "") for side in SIDES}
    found: dict[str, Any] = {f"{side}.ip": address for side, address in addresses.items() if is_ip(address)}
    if related := sorted(set(found.values())):
        found["related.ip"] = related
    if users := sorted({str(attributes[name]) for name in ("user.name", "user.id") if attributes.get(name)}):
        found["related.user"] = users
    if "k8s.pod.name" in attributes:
        found |= {"orchestrator.type": "kubernetes", "orchestrator.resource.type": "pod"}
    if attributes.get("cloud.provider") == "gcp" and "cloud.account.id" in attributes:
        found["cloud.project.id"] = attributes["cloud.account.id"]
    return found


def _base(event: Event, attributes: Mapping[str, Any]) -> dict[str, Any]:
    category, kind = _CATEGORIES.get(activity_of(event, attributes), ("", ""))
    return {
        "@timestamp": iso_instant(event.occurred_at),
        "ecs": {"version": ECS_VERSION},
        "event": {
            "kind": _kind(event, attributes),
            "category": [category] if category else [],
            "type": [kind or _TYPES[operation_of(event)], *_VERDICTS.get(event.name.upper(), ())] if category else [],
            "action": event.name,
            "outcome": outcome_of(event, attributes),
            "dataset": event.format,
            "module": event.provider,
            "provider": attributes.get("rpc.system.name") or attributes.get("aws.event_source"),
            "id": record_id(event, attributes),
            "duration": None if event.duration_us is None else event.duration_us * 1000,
            "severity": event.severity or None,
            "ingested": iso_instant(event.recorded_at) if event.recorded_at else None,
            "reference": event.reference,
        },
        "log": {"level": level_of(event.severity)},
        "trace": {"id": event.trace_id},
        "span": {"id": event.span_id},
    }


def _kind(event: Event, attributes: Mapping[str, Any]) -> str:
    if isinstance(event, MetricRecorded | CostRecorded):
        return "metric"
    if activity_of(event, attributes) is Activity.FINDING:
        return "alert"
    return "event" if isinstance(event, LogRecorded) or event.format != "unknown" else "pipeline_error"


def level_of(severity: int) -> str:
    """Return the word of a severity number; "" where the record tells none.

    >>> level_of(13), level_of(18), level_of(0)
    ('warn', 'error', '')
    """
    return next((word for number, word in (*_LEVELS, *_LOWER_LEVELS) if severity >= number), "")


def _keep_beside(document: dict[str, Any], name: str, value: Any) -> None:
    """Keep a field whose place is taken: what the base holds already is the same; the rest becomes a label."""
    held: Any = document
    for key in name.split("."):
        held = held.get(key) if isinstance(held, dict) else None
    if held != value:
        text = value if isinstance(value, str) else str(value)
        document.setdefault("labels", {}).setdefault(name.replace(".", "_"), text)
