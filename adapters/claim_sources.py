"""Who says what about an event: the record's fields, its identifiers, the text in it, its envelope, the ingestion.

Used by `claims`. Read from the stored payload and context, by paths that the clouds document; only paths are listed
that speak of the emitting service and place, not of a caller's.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from ..domain.events import LogRecorded
from ..domain.identity import normalise_resource, parse_arn, parse_azure_resource_id, parse_gcp_resource_name
from ..domain.severity import severity_of_text
from ..domain.timestamps import parse_timestamp_ns
from . import app_json_names as names
from .attribute_types import BODY
from .attributes import decoded_record
from .claim_agreement import Said, Tolerance, agree
from .field_paths import object_at, value_at
from .registry import Registry
from .text.level_words import read_severities
from .tolerant_json import read_json
from .unnamed_fields import leaves_of

PICKED: Final[Mapping[str, str]] = {
    "account": "account",
    "region": "region",
    "resource": "resource",
    "service": "service",
    "severity": "severity",
    "time": "occurred_at",
}
"""Fact to the column that holds what was picked."""

FACTS: Final = tuple(PICKED)

_FIELDS: Final[Mapping[str, frozenset[str]]] = {
    "account": frozenset(
        {"recipientaccountid", "accountid", "account_id", "account-id", "awsaccountid", "subscriptionid"}
        | {"resource.labels.project_id", "logname"}
    ),
    "region": frozenset(
        {"awsregion", "region", "location", "resourcelocation", "resource.labels.location"}
        | {"resource.labels.region", "resource.labels.zone"}
    ),
    "resource": frozenset({"resourceid", "_resourceid", "webaclid"}),
    "service": frozenset(
        {"service", "service.name", "servicename", "service_name", "approlename", "resource.labels.service_name"}
        | {f"{labels}.{name}" for labels in ("kubernetes.labels", "kubernetesmetadata.podlabels") for name in ("app",)}
        | {f"{labels}.app.kubernetes.io/name" for labels in ("kubernetes.labels", "kubernetesmetadata.podlabels")}
        | {"kubernetes.labels.k8s-app", "labels.k8s-pod/app", "labels.k8s-pod/app_kubernetes_io/name"}
    ),
    "severity": frozenset({"severity", "level", "levelname", "loglevel", "properties.level", "severity.label"}),
    "time": frozenset(
        {"eventtime", "timestamp", "time", "timegenerated", "@timestamp", "eventtimestamp", "ts"}
        | {"jsonpayload.end_time"}
    ),
}
"""Paths in records, in lower case."""

_ATTRIBUTES: Final = {
    "cloud.account.id": "account",
    "cloud.region": "region",
    "cloud.availability_zone": "region",
    "cloud.resource_id": "resource",
    "service.name": "service",
}
_ENVELOPE: Final = {"owner": "account", "account": "account", "region": "region"}
_SEEN: Final = ("receivetimestamp", "ingestiontime", "_timereceived")
"""When a carrier took a record over, as it writes into the record itself."""

_NOWHERE: Final = frozenset({"", "-", "global", "unknown", "none", "n/a", "unspecified"})
_ZONE: Final = re.compile(r"([a-z]+-[a-z]+\d+)-[a-z]")
"""A zone of Google's: its region and a letter, `europe-west4-b`."""

_AWS_ZONE: Final = re.compile(r"([a-z]+(?:-[a-z]+)+-\d+)[a-z]")
"""An availability zone of AWS: `us-east-1a`."""

_ZONED: Final = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d\S*?(?:Z|[+-]\d\d:?\d\d)(?![\w:])")


def said_of(event: LogRecorded, registry: Registry, *, disputable: bool = False) -> list[Said]:
    """Return what the sources of an event say, each word once.

    Args:
        event: a log record.
        registry: formats.
        disputable: leave the level in a text unread where nobody else tells one (reading it costs as much as all else).

    >>> event = LogRecorded(format="app.json", service="pay", payload=b'{"service":"pay","severity":"ERROR"}')
    >>> [(one.fact, one.source, one.value) for one in said_of(event, Registry())]
    [('service', 'record:service', 'pay'), ('severity', 'record:severity', 17)]
    """
    record = decoded_record(event, registry)
    found = [
        *_of_record(event, record.fields),
        *_of_attributes(event, record.named),
        *_of_identifier(event),
        *_of_envelope(record.context, record.around, record.fields),
    ]
    with_level = not disputable or any(one.fact == "severity" and one.value for one in found)
    found += _of_text(record.named.get(BODY), record.fields, with_level=with_level)
    if event.recorded_at:
        found.append(Said("time", "ingestion", "recorded_at", event.recorded_at))
    once = {(one.fact, one.kind, str(one.value).casefold()): one for one in reversed(found) if one.value}
    kept = list(reversed(once.values()))
    return kept + [one for fact in FACTS if (one := _column(event, fact)) and not _is_told(event, one, kept)]


def _column(event: LogRecorded, fact: str) -> Said | None:
    value = getattr(event, PICKED[fact])
    return Said(fact, "event", "", value) if value else None


def _is_told(event: LogRecorded, column: Said, kept: list[Said]) -> bool:
    """Say whether a source says what a column holds; an event that was never stored has no other time than its own."""
    said = [one for one in kept if one.fact == column.fact and one.kind != "ingestion"]
    if not said:
        return column.fact == "time" and not event.recorded_at
    return any(agree(event, one, column, Tolerance(0, 0)) for one in said)


def _of_record(event: LogRecorded, fields: Mapping[str, Any]) -> Iterator[Said]:
    is_flow = _is_flow(fields)
    for path, value in leaves_of(fields):
        lower = path.lower()
        for fact, paths in _FIELDS.items():
            if lower in paths and not (fact == "service" and "protoPayload" in fields):  # an audit log's is the API
                # A flow's entry is written when its aggregation ends: its timestamp is the carrier's.
                kind = "envelope" if is_flow and lower == "timestamp" else "record"
                yield Said(fact, kind, path, _as_fact(event, fact, value))


def _is_flow(fields: Mapping[str, Any]) -> bool:
    """Say whether a record is a flow of Google's, which has its own begin and end."""
    return "end_time" in object_at(fields, "jsonPayload")


def _of_attributes(event: LogRecorded, named: Mapping[str, Any]) -> Iterator[Said]:
    """What the format's parser reads out of lines and nested fields."""
    for name, fact in _ATTRIBUTES.items():
        if isinstance(value := named.get(name), str):
            zone = _AWS_ZONE.fullmatch(value) if name == "cloud.availability_zone" else None
            yield Said(fact, "record", name, _as_fact(event, fact, zone[1] if zone else value))


def _of_identifier(event: LogRecorded) -> Iterator[Said]:
    account, region = _places(event.resource)
    yield Said("account", "identifier", event.resource, account)
    yield Said("region", "identifier", event.resource, _region(region))


def _places(resource: str) -> tuple[str, str]:
    """Return the account and region that a resource's name holds."""
    if arn := parse_arn(resource):
        return arn.account, arn.region
    if azure := parse_azure_resource_id(resource):
        return azure.subscription, ""
    google = parse_gcp_resource_name(resource) if resource.startswith("//") else None
    if google is None:
        return "", ""
    place = re.search(r"/(?:zones|regions|locations)/([^/]+)", resource)
    return google.project, place[1] if place else ""


def _of_text(body: Any, fields: Mapping[str, Any], *, with_level: bool) -> Iterator[Said]:
    """What a message says of itself: an object by the usual names, a text by its level word and a time with a zone."""
    payload = object_at(fields, "jsonPayload") or (_object(body) if isinstance(body, str) else body)
    if isinstance(payload, dict) and payload and not _is_flow(fields):
        for fact, paths in (("service", names.SERVICES), ("severity", names.LEVELS), ("time", names.TIMES)):
            for path in paths:
                if value := _as_fact(None, fact, value_at(payload, path)):
                    yield Said(fact, "text", path, value)
                    break
    elif isinstance(body, str):
        if with_level:
            yield Said("severity", "text", "", _level(body))
        if time := _ZONED.match(body):
            yield Said("time", "text", "", parse_timestamp_ns(time[0]))


def _of_envelope(context: Mapping[str, Any], around: Mapping[str, Any], fields: Mapping[str, Any]) -> Iterator[Said]:
    for key, fact in _ENVELOPE.items():
        value = context.get(key)
        yield Said(fact, "envelope", key, _region(value) if fact == "region" else _text(value))
    group = _text(context.get("logGroup"))
    if group.startswith("/aws/lambda/"):
        yield Said("service", "envelope", "logGroup", group.removeprefix("/aws/lambda/"))
    if isinstance(sent := around.get("timestamp"), int | str):
        yield Said("time", "envelope", "timestamp", parse_timestamp_ns(sent, unit="ms"))
    for key, value in fields.items():
        if key.lower() in _SEEN:
            yield Said("time", "envelope", key, _as_fact(None, "time", value))


def _as_fact(event: LogRecorded | None, fact: str, value: Any) -> Any:
    """Return a field's value as the column of its fact would hold it; nothing where it says nothing."""
    if fact == "time":
        return parse_timestamp_ns(value) if type(value) in (str, int, float) else None
    if type(value) is not str:
        return None
    if fact == "severity":
        return severity_of_text(value)
    if fact == "region":
        return _region(value)
    if fact == "resource" and event is not None:
        return normalise_resource(value, provider=event.provider, account=event.account, region=event.region)
    if fact == "account" and value.startswith(("projects/", "folders/", "organizations/")):
        return value.split("/")[1] if value.startswith("projects/") else ""
    return _text(value)


def _level(text: str) -> int:
    return int(read_severities([text])[0])


def _region(value: Any) -> str:
    text = _text(value).lower().replace(" ", "")
    zone = _ZONE.fullmatch(text)
    return zone[1] if zone else text


def _text(value: Any) -> str:
    return value if isinstance(value, str) and value.lower() not in _NOWHERE else ""


def _object(text: str) -> Any:
    if text.lstrip()[:1] != "{":
        return None
    try:
        return read_json(text.encode("utf-8", "replace"))
    except ValueError:
        return None
