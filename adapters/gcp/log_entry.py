"""The envelope of every record of Cloud Logging: wire types and the columns that all of them give.

Shared by the parsers of audit logs, load balancers and everything else. See
https://cloud.google.com/logging/docs/reference/v2/rest/v2/LogEntry.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, Final
from urllib.parse import unquote

import msgspec
import numpy as np

from ...domain.event_id import event_ids
from ...domain.events import Flag
from ...domain.identity import gcp_resource_of_labels
from ...domain.severity import SEVERITY_OF_GCP, SEVERITY_OF_GCP_NUMBER
from ...domain.timestamps import rfc3339_column
from ...domain.trace_context import gcp_span_id, parse_gcp_trace, span_id_column, trace_id_column
from ..log_batch import Times
from ..number_columns import duration_column, status_column
from ..records import Records


class Resource(msgspec.Struct, gc=False):
    """The monitored resource."""

    type: str = ""
    labels: dict[str, str] = {}


class HttpRequest(msgspec.Struct, gc=False):
    """The request that an entry is about; numbers arrive as text."""

    requestMethod: str | None = None
    requestUrl: str | None = None
    status: int | str | None = None
    latency: str | None = None
    requestSize: str | int | None = None
    responseSize: str | int | None = None
    serverIp: str | None = None
    remoteIp: str | None = None


class Split(msgspec.Struct, gc=False):
    """Says that an entry is a part of a longer one."""

    totalSplits: int = 0


class Entry(msgspec.Struct, gc=False):
    """What all entries have."""

    logName: str
    resource: Resource = msgspec.field(default_factory=Resource)
    insertId: str = ""
    timestamp: str | None = None
    receiveTimestamp: str | None = None
    severity: str | int | None = None
    trace: str | None = None
    spanId: str | None = None
    httpRequest: HttpRequest | None = None
    split: Split | None = None


_SEVERITIES: Final[Mapping[Any, int]] = {**SEVERITY_OF_GCP_NUMBER, **dict[Any, int](SEVERITY_OF_GCP)}


def entry_columns(records: Records, entries: Sequence[Entry]) -> dict[str, Any]:
    """Return severity, id and trace context of entries.

    >>> from ..records import Origin
    >>> entry = Entry("projects/p/logs/x", severity="ERROR", trace="projects/p/traces/" + "a" * 32)
    >>> columns = entry_columns(Records.of([b"{}"], Origin("x")), [entry])
    >>> columns["severity"].tolist(), bool(columns["trace_id"].any())
    ([17], True)
    """
    columns: dict[str, Any] = {
        "severity": np.array([_SEVERITIES.get(e.severity or "", 0) for e in entries], np.uint8),
        "trace_id": trace_id_column([_trace(e.trace) if e.trace else "" for e in entries]),
        "span_id": span_id_column([gcp_span_id(e.spanId) if e.spanId else "" for e in entries]),
    }
    if records.ids is None and all(e.insertId for e in entries):
        # The three together are unique: https://cloud.google.com/logging/docs/reference/v2/rest/v2/LogEntry
        columns["event_id"] = event_ids(
            [f"gcp.logentry\0{e.logName}\0{e.timestamp or ''}\0{e.insertId}" for e in entries]
        )
    return columns


def entry_times(entries: Sequence[Entry]) -> Times:
    """Return the entries' times: the event's, else when it was received."""
    return rfc3339_column([e.timestamp or e.receiveTimestamp or "" for e in entries])


def entry_flags(entries: Sequence[Entry], flags: Any) -> Any:
    """Add PARTIAL for entries that are a part of a longer one."""
    parts = [bool(e.split and e.split.totalSplits > 1) for e in entries]
    return flags | np.where(parts, int(Flag.PARTIAL), 0).astype(np.uint8) if any(parts) else flags


def request_columns(requests: Sequence[HttpRequest | None]) -> dict[str, Any]:
    """Return status, duration and method of the requests that entries are about.

    >>> columns = request_columns([HttpRequest("GET", status="503", latency="0.25s"), None])
    >>> columns["status"].tolist(), columns["duration_us"].tolist(), columns["name"]
    ([503, 0], [250000, -1], ['GET', ''])
    """
    return {
        "status": status_column([r.status if r else None for r in requests]),
        "duration_us": duration_column([r.latency if r else None for r in requests], "s"),
        "name": [r.requestMethod or "" if r else "" for r in requests],
    }


def log_id(log_name: str) -> str:
    """Return the decoded LOG_ID of a log's name.

    >>> log_id("projects/p/logs/cloudaudit.googleapis.com%2Factivity")
    'cloudaudit.googleapis.com/activity'
    """
    return _log_id(log_name)


@lru_cache(4096)
def _log_id(log_name: str) -> str:
    return unquote(log_name.partition("/logs/")[2] or log_name)


def project_of(log_name: str, labels: Mapping[str, str]) -> str:
    """Return the project id (never its number), else the log's own.

    >>> project_of("projects/p/logs/x", {}), project_of("organizations/1/logs/x", {"project_id": "q"})
    ('p', 'q')
    """
    parts = log_name.split("/", 2)
    own = parts[1] if parts[0] == "projects" and len(parts) > 2 else ""
    return labels.get("project_id", "") or own


def region_of(labels: Mapping[str, str]) -> str:
    """Return the region of a resource; a zone's is the part before its letter.

    >>> region_of({"zone": "us-east1-b"}), region_of({"location": "europe-west4"}), region_of({"zone": "global"})
    ('us-east1', 'europe-west4', '')
    """
    place = labels.get("region") or labels.get("location") or labels.get("zone") or ""
    if place == "global":
        return ""
    return place.rpartition("-")[0] if place.count("-") == 2 else place


def resource_of(kind: str, labels: Mapping[str, str]) -> str:
    """Return the full name that a monitored resource stands for, '' where none is known.

    >>> resource_of("gcs_bucket", {"bucket_name": "b"})
    '//storage.googleapis.com/b'
    """
    return gcp_resource_of_labels(kind, labels)


def _trace(text: str) -> str:
    if text.startswith("projects/"):
        return text.rpartition("/")[2]
    found = parse_gcp_trace(text)
    return found.trace_id if found else ""


def frozen_labels(labels: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """Return labels as a key of `described`."""
    return tuple(labels.items())
