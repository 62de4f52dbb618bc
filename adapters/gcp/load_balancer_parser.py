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
from ..log_batch import log_batch
from ..parser import Sample
from ..records import Records
from ..tolerant_json import read_json
from ..typed_records import TypedRecords
from .entry_attributes import entry_attributes
from .load_balancer_names import LOAD_BALANCER_NAMES
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
        kind = resource.get("type") if isinstance(resource, dict) else None
        return isinstance(kind, str) and kind in _TYPES and "logName" in sample.fields

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
        return entry_attributes(read_json(body), LOAD_BALANCER_NAMES, "gcp.load_balancing")


def _describe(key: _Key) -> Description:
    log_name, kind, frozen = key
    labels = dict(frozen)
    names = [
        labels.get(f"{part}_name", "") for part in ("forwarding_rule", "url_map", "target_proxy", "backend_service")
    ]
    service = labels.get("url_map_name") or labels.get("forwarding_rule_name") or ""
    mentions = tuple(dict.fromkeys(name for name in names if name))
    return Description(project_of(log_name, labels), region_of(labels), service, resource_of(kind, labels), mentions)
