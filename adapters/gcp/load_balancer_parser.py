"""Parse request logs of Google Cloud load balancers, external and internal, with Cloud Armor's verdicts.

See https://cloud.google.com/load-balancing/docs/https/https-logging-monitoring.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import msgspec
import numpy as np

from ...domain.batch import EventBatch
from ...domain.events import PeerRole
from ...domain.message_template import template_column
from ..described import Description, described
from ..field_paths import flattened, object_at
from ..log_batch import log_batch
from ..parser import Sample
from ..records import Records
from ..tolerant_json import read_json
from ..typed_records import TypedRecords
from .log_entry import (
    Entry,
    entry_columns,
    entry_flags,
    entry_times,
    frozen_labels,
    project_of,
    region_of,
    request_columns,
    resource_of,
)

_TYPES: Final = frozenset({"http_load_balancer", "internal_http_lb_rule", "http_external_regional_lb_rule"})

_SERVED: Final = frozenset(
    {"response_sent_by_backend", "response_from_cache", "response_from_cache_validated", "byte_range_caching"}
    | {"response_sent_by_serverless", "redirect", "https_redirect", "internal_redirect", ""}
)
"""`statusDetails` of requests that went well; all others name what failed."""


class _Payload(msgspec.Struct, gc=False):
    statusDetails: str | None = None
    proxyStatus: str | None = None
    backendTargetProjectNumber: str | None = None


class _LoadBalancerEntry(Entry, kw_only=True, gc=False):
    jsonPayload: _Payload = msgspec.field(default_factory=_Payload)


_ENTRIES = TypedRecords(_LoadBalancerEntry)
_Key = tuple[str, str, tuple[tuple[str, str], ...]]


class LoadBalancerParser:
    """Requests of HTTP load balancers.

    >>> from ..records import Origin
    >>> body = b'''{"logName":"projects/p/logs/requests","insertId":"1","timestamp":"2026-11-20T10:00:00Z",
    ... "httpRequest":{"requestMethod":"GET","status":502,"latency":"0.05s"},"jsonPayload":{"statusDetails":
    ... "backend_connection_closed_before_data_sent_to_client"},"resource":{"type":"http_load_balancer",
    ... "labels":{"project_id":"p","url_map_name":"shop","backend_service_name":"cart"}}}'''
    >>> event = LoadBalancerParser().parse(Records.of([body], Origin("lb.json")))[0]
    >>> event.service, event.peer, event.status, event.duration_us, event.error[:25]
    ('shop', 'cart', 502, 50000, 'backend_connection_closed')
    """

    format = "gcp.loadbalancer"

    def recognises(self, sample: Sample) -> bool:
        """Say whether a record is an entry of an HTTP load balancer's resource."""
        resource = sample.fields.get("resource")
        return isinstance(resource, dict) and resource.get("type") in _TYPES and "logName" in sample.fields

    def parse(self, records: Records) -> EventBatch:
        """Return one LogRecorded per request."""
        entries, flags = _ENTRIES.decode(records)
        if not all(e.resource.type in _TYPES for e in entries):
            raise ValueError("an entry is of another resource than a load balancer")
        details = [e.jsonPayload.statusDetails or "" for e in entries]
        columns = entry_columns(records, entries) | request_columns([e.httpRequest for e in entries])
        labels = [e.resource.labels for e in entries]
        peers = [one.get("backend_service_name") or one.get("backend_name") or "" for one in labels]
        statuses = columns["status"].tolist()
        errors = ["" if detail in _SERVED else detail for detail in details]
        return log_batch(
            records,
            format=self.format,
            provider="gcp",
            times=entry_times(entries),
            flags=entry_flags(entries, flags),
            error=[e if e and (s >= 400 or not s) else "" for e, s in zip(errors, statuses, strict=True)],
            peer=peers,
            peer_role=np.where([bool(peer) for peer in peers], int(PeerRole.CALLEE), 0).astype(np.uint8),
            template=template_column([f"{n} {d}" for n, d in zip(columns["name"], details, strict=True)]),
            **{
                **columns,
                **described(
                    [(e.logName, e.resource.type, frozen_labels(e.resource.labels)) for e in entries], _describe
                ),
            },
        )

    def attributes(self, body: bytes, context: Mapping[str, Any]) -> dict[str, Any]:
        """Return the entry's attributes in OpenTelemetry names."""
        return request_attributes(read_json(body), "gcp.load_balancing")


def _describe(key: _Key) -> Description:
    log_name, kind, frozen = key
    labels = dict(frozen)
    names = [
        labels.get(f"{part}_name", "") for part in ("forwarding_rule", "url_map", "target_proxy", "backend_service")
    ]
    service = labels.get("url_map_name") or labels.get("forwarding_rule_name") or ""
    mentions = tuple(dict.fromkeys(name for name in names if name))
    return Description(project_of(log_name, labels), region_of(labels), service, resource_of(kind, labels), mentions)


_HTTP: Final = {
    "requestMethod": "http.request.method",
    "requestUrl": "url.full",
    "requestSize": "http.request.size",
    "responseSize": "http.response.size",
    "status": "http.response.status_code",
    "userAgent": "user_agent.original",
    "remoteIp": "client.address",
    "serverIp": "server.address",
    "referer": "http.request.header.referer",
    "protocol": "network.protocol.version",
    "latency": "gcp.http_request.latency",
}
_NUMBERS: Final = frozenset({"requestSize", "responseSize", "status"})


def request_attributes(entry: Mapping[str, Any], prefix: str) -> dict[str, Any]:
    """Return the attributes of an entry: its request in standard names, payload and labels under their prefixes.

    >>> request_attributes({"insertId": "1", "httpRequest": {"requestSize": "29"}}, "gcp.x")
    {'log.record.uid': '1', 'http.request.size': 29}
    """
    resource = object_at(entry, "resource")
    labels = object_at(resource, "labels")
    found: dict[str, Any] = {
        "log.record.uid": entry.get("insertId"),
        "gcp.log_name": entry.get("logName"),
        "gcp.resource_type": resource.get("type"),
        "cloud.account.id": labels.get("project_id"),
    }
    for key, value in object_at(entry, "httpRequest").items():
        number = int(value) if key in _NUMBERS and str(value).isdecimal() else value
        found[_HTTP.get(key, f"gcp.http_request.{key}")] = number
    if version := str(found.get("network.protocol.version") or ""):
        found["network.protocol.version"] = version.removeprefix("HTTP/")
    for key, prefix_of in (("textPayload", "log.record.body"), ("jsonPayload", prefix), ("protoPayload", prefix)):
        found |= flattened(entry[key], prefix_of) if key in entry else {}
    if source := object_at(entry, "sourceLocation"):
        places = {"file": "code.file.path", "line": "code.line.number", "function": "code.function.name"}
        found |= {places[key]: int(v) if str(v).isdecimal() else v for key, v in source.items() if key in places}
    found |= {f"gcp.label.{key}": value for key, value in {**object_at(entry, "labels"), **labels}.items()}
    return {name: value for name, value in found.items() if value not in (None, "")}
