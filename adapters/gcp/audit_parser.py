"""Parse Cloud Audit Logs: admin activity, data access, system events, policy denials.

See https://cloud.google.com/logging/docs/reference/audit/auditlog/rest/Shared.Types/AuditLog.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, Final

import msgspec
import numpy as np

from ...domain.batch import EventBatch
from ...domain.identity import normalise_resource, parse_kubernetes
from ...domain.message_template import template_column
from ..described import Description, described
from ..log_batch import log_batch
from ..parser import Sample, UnreadableRecordError
from ..quoted_identifiers import GCP, normal_mentions, quoted_identifiers
from ..records import Records
from ..tolerant_json import read_json
from ..typed_records import TypedRecords
from .audit_names import AUDIT_NAMES
from .autoscaler_parser import METHODS
from .entry_attributes import entry_attributes
from .log_entry import (
    Entry,
    entry_columns,
    entry_flags,
    entry_times,
    frozen_labels,
    log_id,
    project_of,
    region_of,
    resource_of,
)

_TYPE: Final = "google.cloud.audit.AuditLog"
_LOG: Final = "cloudaudit.googleapis.com"

_CODES: Final = """
OK CANCELLED UNKNOWN INVALID_ARGUMENT DEADLINE_EXCEEDED NOT_FOUND ALREADY_EXISTS PERMISSION_DENIED RESOURCE_EXHAUSTED
FAILED_PRECONDITION ABORTED OUT_OF_RANGE UNIMPLEMENTED INTERNAL UNAVAILABLE DATA_LOSS UNAUTHENTICATED
"""
CODE_NAMES: Final = tuple(_CODES.split())
"""google.rpc.Code: https://github.com/googleapis/googleapis/blob/master/google/rpc/code.proto."""


class _Status(msgspec.Struct, gc=False):
    code: int | None = None
    message: str | None = None


class _Authentication(msgspec.Struct, gc=False):
    principalEmail: str | None = None


class _Permission(msgspec.Struct, gc=False):
    resource: str | None = None


class _AuditLog(msgspec.Struct, gc=False):
    type: str = msgspec.field(name="@type", default="")
    serviceName: str = ""
    methodName: str = ""
    resourceName: str | None = None
    status: _Status | None = None
    authenticationInfo: _Authentication | None = None
    authorizationInfo: list[_Permission] | None = None


class _AuditEntry(Entry, kw_only=True, gc=False):
    protoPayload: _AuditLog


_ENTRIES = TypedRecords(_AuditEntry)
_Key = tuple[str, str, str, tuple[tuple[str, str], ...], str, str, str, tuple[str, ...]]


class AuditParser:
    """Entries of audit logs.

    >>> from ..records import Origin
    >>> body = b'''{"logName":"projects/p/logs/cloudaudit.googleapis.com%2Factivity","insertId":"1","resource":
    ... {"type":"cloudsql_database","labels":{"project_id":"p","database_id":"p:orders","region":"europe-west4"}},
    ... "protoPayload":{"@type":"type.googleapis.com/google.cloud.audit.AuditLog",
    ... "methodName":"cloudsql.instances.update","serviceName":"cloudsql.googleapis.com",
    ... "resourceName":"projects/p/instances/orders","status":{"code":7}}}'''
    >>> event = AuditParser().parse(Records.of([body], Origin("audit.json")))[0]
    >>> event.service, event.error, event.resource
    ('cloudsql', 'PERMISSION_DENIED', '//cloudsql.googleapis.com/projects/p/instances/orders')
    """

    format = "gcp.audit"

    def recognises(self, sample: Sample) -> bool:
        """Say whether a record is an entry with an audit log in its payload."""
        payload = sample.fields.get("protoPayload")
        if not isinstance(payload, dict) or "logName" not in sample.fields:
            return False
        if str(payload.get("@type", "")).endswith(_TYPE):
            return True
        return _LOG in str(sample.fields["logName"])

    def parse(self, records: Records) -> EventBatch:
        """Return one LogRecorded per entry."""
        entries, flags = _ENTRIES.decode(records)
        payloads = [e.protoPayload for e in entries]
        if not all(p.type.endswith(_TYPE) or _LOG in e.logName for p, e in zip(payloads, entries, strict=True)):
            raise UnreadableRecordError("an entry is no audit log")
        names = [p.methodName for p in payloads]
        if any(name.endswith(METHODS) for name in set(names)):
            raise UnreadableRecordError("an entry is the autoscaler's")
        errors = [_code(p.status) for p in payloads]
        columns = entry_columns(records, entries)
        # A denied or failed call has severity ERROR by the API; where an entry leaves it out, its code says so.
        failed = np.array([bool(error) for error in errors], np.bool_)
        columns["severity"] = np.where((columns["severity"] == 0) & failed, 17, columns["severity"])
        return log_batch(
            records,
            format=self.format,
            provider="gcp",
            times=entry_times(entries),
            flags=entry_flags(entries, flags),
            name=names,
            error=errors,
            template=template_column([f"{n} {e}" for n, e in zip(names, errors, strict=True)]),
            **{**columns, **described(_keys(records, entries), _describe)},
        )

    def attributes(self, body: bytes, context: Mapping[str, Any]) -> dict[str, Any]:
        """Return the entry's attributes in OpenTelemetry names."""
        entry = read_json(body)
        log = log_id(str(entry.get("logName", ""))).rpartition("/")[2]
        return {"gcp.audit.log": log, **entry_attributes(entry, AUDIT_NAMES, "gcp.audit")}


def _code(status: _Status | None) -> str:
    if status is None or not status.code:
        return ""
    return CODE_NAMES[status.code] if 0 < status.code < len(CODE_NAMES) else f"code {status.code}"[:32]


def _keys(records: Records, entries: Sequence[_AuditEntry]) -> list[_Key]:
    quoted = quoted_identifiers(records.bodies, GCP)
    return [
        (
            e.protoPayload.serviceName,
            e.logName,
            e.resource.type,
            frozen_labels(e.resource.labels),
            e.protoPayload.resourceName or "",
            (e.protoPayload.authenticationInfo and e.protoPayload.authenticationInfo.principalEmail) or "",
            _first_resource(e.protoPayload.authorizationInfo),
            tuple(found),
        )
        for e, found in zip(entries, quoted, strict=True)
    ]


def _first_resource(permissions: list[_Permission] | None) -> str:
    return next((p.resource for p in permissions if p.resource), "") if permissions else ""


def _describe(key: _Key) -> Description:
    service, log_name, kind, frozen, name, caller, permitted, quoted = key
    project, region, labelled, cluster = _place(log_name, kind, frozen)
    own = _resource(service, name or permitted, cluster, project) or labelled
    mentions = dict.fromkeys((labelled, *_mentioned(quoted, project), caller.lower()))
    if own != labelled and "/" in name:
        mentions[name.rpartition("/")[2]] = None
    mentions.pop("", None)
    mentions.pop(own, None)
    return Description(project, region, service.removesuffix(".googleapis.com"), own, tuple(mentions))


@lru_cache(16_384)
def _mentioned(quoted: tuple[str, ...], project: str) -> tuple[str, ...]:
    """Return the normal forms of what an entry names; entries of one kind of call name the same."""
    return normal_mentions(quoted, "gcp", project, "")


@lru_cache(16_384)
def _place(log_name: str, kind: str, frozen: tuple[tuple[str, str], ...]) -> tuple[str, str, str, str]:
    """Return project, region, full name and (of Kubernetes) cluster of a monitored resource."""
    labels = dict(frozen)
    cluster = labels.get("cluster_name", "") if kind == "k8s_cluster" else ""
    return project_of(log_name, labels), region_of(labels), resource_of(kind, labels), cluster


@lru_cache(65_536)
def _resource(service: str, name: str, cluster: str, project: str) -> str:
    """Return the full name of what a call was about; Kubernetes names lack their cluster."""
    if service in ("k8s.io", "container.googleapis.com") and cluster:
        found = parse_kubernetes(name, cluster=cluster)
        if found:
            return str(found)
    if not name:
        return ""
    # protoPayload.resourceName may use the project's number; the entry's labels know its id.
    return normalise_resource(name, provider="gcp", account=project, resource_type=service)
