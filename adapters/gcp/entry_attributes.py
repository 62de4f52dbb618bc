"""Attributes of a LogEntry: its envelope in OpenTelemetry names, its payload by the table of its format.

Names follow OpenTelemetry's collector where the conventions have none. See
https://cloud.google.com/logging/docs/reference/v2/rest/v2/LogEntry.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from ..attribute_readers import boolean, http_protocol, number, seconds, url
from ..attribute_table import Names, named_attributes
from ..field_paths import object_at

_OWNERS: Final = {
    "projects": "gcp.project",
    "organizations": "gcp.organization",
    "billingAccounts": "gcp.billing_account",
    "folders": "gcp.folder",
}


def _log_name(value: Any) -> dict[str, Any]:
    if not isinstance(value, str):
        return {}
    kind, _, rest = value.partition("/")
    owner, _, log = rest.partition("/logs/")
    found = {_OWNERS[kind]: owner} if kind in _OWNERS and log else {}
    return {"gcp.log_name": value, **found}


def _labels(value: Any) -> dict[str, Any]:
    return {f"gcp.label.{key}": label for key, label in value.items() if label} if isinstance(value, dict) else {}


def _resource_labels(value: Any) -> dict[str, Any]:
    labels = object_at({"labels": value}, "labels")
    zone = labels.get("zone") or labels.get("location")
    known = {
        "cloud.account.id": labels.get("project_id"),
        "cloud.availability_zone": zone if isinstance(zone, str) and zone.count("-") == 2 else None,
        "k8s.cluster.name": labels.get("cluster_name"),
        "k8s.namespace.name": labels.get("namespace_name"),
        "k8s.pod.name": labels.get("pod_name"),
        "k8s.container.name": labels.get("container_name"),
        "k8s.node.name": labels.get("node_name"),
        "faas.name": labels.get("function_name"),
        "gcp.cloud_run.job.execution": labels.get("execution_name"),
        "service.version": labels.get("revision_name") or labels.get("version_id"),
    }
    return {name: label for name, label in known.items() if label} | _labels(value)


def _split(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        return {}
    names = {"uid": "uid", "index": "index", "totalSplits": "total_splits"}
    return {"gcp.split": {names.get(key, key): part for key, part in value.items()}}


def _error_groups(value: Any) -> dict[str, Any]:
    listed = value if isinstance(value, list) else []
    ids = [one["id"] for one in listed if isinstance(one, dict) and isinstance(one.get("id"), str)]
    return {"gcp.error_group": ids} if ids and len(ids) == len(listed) else {}


def _request_url(value: Any) -> dict[str, Any]:
    found = url(value)
    return found if "url.full" in found else {"url.full": value}


ENTRY: Final[Names] = {
    "insertId": "log.record.uid",
    "logName": _log_name,
    "resource.type": "gcp.resource_type",
    "resource.labels": _resource_labels,
    "labels": _labels,
    "receiveTimestamp": "gcp.receive_timestamp",
    "traceSampled": boolean("gcp.trace_sampled"),
    "operation.id": "gcp.operation.id",
    "operation.producer": "gcp.operation.producer",
    "operation.first": boolean("gcp.operation.first"),
    "operation.last": boolean("gcp.operation.last"),
    "sourceLocation.file": "code.file.path",
    "sourceLocation.line": number("code.line.number"),
    "sourceLocation.function": "code.function.name",
    "split": _split,
    "errorGroups": _error_groups,
    "textPayload": "log.record.body",
    "httpRequest.requestMethod": "http.request.method",
    "httpRequest.requestUrl": _request_url,
    "httpRequest.requestSize": number("http.request.size"),
    "httpRequest.responseSize": number("http.response.size"),
    "httpRequest.status": number("http.response.status_code"),
    "httpRequest.userAgent": "user_agent.original",
    "httpRequest.remoteIp": "client.address",
    "httpRequest.serverIp": "server.address",
    "httpRequest.referer": "http.request.header.referer",
    "httpRequest.protocol": http_protocol,
    "httpRequest.latency": seconds("http.request.server.duration"),
    "httpRequest.cacheLookup": boolean("gcp.cache.lookup"),
    "httpRequest.cacheHit": boolean("gcp.cache.hit"),
    "httpRequest.cacheValidatedWithOriginServer": boolean("gcp.cache.validated_with_origin_server"),
    "httpRequest.cacheFillBytes": number("gcp.cache.fill_bytes"),
}
"""Fields of every entry."""

_COLUMNS: Final = frozenset({"timestamp", "severity", "trace", "spanId", "jsonPayload", "protoPayload"})
"""What columns of the event hold, and the payloads."""


def entry_attributes(entry: Mapping[str, Any], names: Names, prefix: str) -> dict[str, Any]:
    """Return the attributes of an entry.

    Args:
        entry: the decoded entry.
        names: table of the payload's fields.
        prefix: of the payload's other fields.

    >>> entry_attributes({"insertId": "1", "jsonPayload": {"a": 2}, "httpRequest": {"status": "200"}}, {}, "gcp.x")
    {'log.record.uid': '1', 'http.response.status_code': 200, 'gcp.x.a': 2}
    """
    own = named_attributes({key: value for key, value in entry.items() if key not in _COLUMNS}, ENTRY, "gcp")
    told: dict[str, Any] = {}
    for key in ("jsonPayload", "protoPayload"):
        payload = entry.get(key)
        told |= named_attributes(payload, names, prefix) if isinstance(payload, dict) else {}
        if payload is not None and not isinstance(payload, dict):
            told[prefix] = payload
    # The payload knows its request better than the entry: behind a proxy, who asked.
    return own | told
