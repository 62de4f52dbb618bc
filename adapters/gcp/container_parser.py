"""Parse LogEntry records of `k8s_container`: container logs of GKE in Cloud Logging.

See https://cloud.google.com/logging/docs/reference/v2/rest/v2/LogEntry and
https://cloud.google.com/stackdriver/docs/solutions/gke/using-logs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, Literal

import msgspec
import numpy as np

from ...domain.batch import EventBatch
from ...domain.event_id import event_ids
from ...domain.severity import SEVERITY_OF_GCP
from ...domain.timestamps import rfc3339_column
from ...domain.trace_context import span_id_column, trace_id_column
from ..app_json_exception import exception_attributes
from ..attribute_table import Names
from ..field_map import known_or
from ..kubernetes.container_logs import PodKey, container_batch
from ..kubernetes.partial_lines import partial_lines
from ..parser import Sample
from ..records import Records
from ..text.line_attributes import line_attributes
from ..tolerant_json import read_json
from .entry_attributes import entry_attributes
from .log_entry import Split

Place = tuple[str, str, str, str]

MESSAGE_KEYS = ("message", "msg", "log", "textPayload")
"""Where JSON loggers put the text of a structured entry."""


class _ResourceLabels(msgspec.Struct):
    project_id: str = ""
    location: str = ""
    cluster_name: str = ""
    namespace_name: str = ""
    pod_name: str = ""
    container_name: str = ""


class _Resource(msgspec.Struct):
    type: Literal["k8s_container"]
    labels: _ResourceLabels


class _Labels(msgspec.Struct):
    name: str = msgspec.field(name="k8s-pod/app_kubernetes_io/name", default="")
    app: str = msgspec.field(name="k8s-pod/app", default="")
    k8s_app: str = msgspec.field(name="k8s-pod/k8s-app", default="")


class _Entry(msgspec.Struct, gc=False):
    resource: msgspec.Raw
    insertId: str = ""
    logName: str = ""
    timestamp: str = ""
    receiveTimestamp: str = ""
    severity: str = "DEFAULT"
    textPayload: str | None = None
    jsonPayload: dict[str, Any] | None = None
    split: Split | None = None
    labels: msgspec.Raw = msgspec.Raw(b"{}")
    trace: str = ""
    spanId: str = ""


_DECODER = msgspec.json.Decoder(_Entry)


class GcpContainerParser:
    """Container log lines in Cloud Logging."""

    format = "gcp.gke.container"

    def recognises(self, sample: Sample) -> bool:
        """Say whether a record is a LogEntry of a Kubernetes container with a text or JSON payload."""
        resource = sample.fields.get("resource")
        return (
            isinstance(resource, dict)
            and resource.get("type") == "k8s_container"
            and ("textPayload" in sample.fields or "jsonPayload" in sample.fields)
        )

    def parse(self, records: Records) -> EventBatch:
        """Return one LogRecorded per entry."""
        entries = _DECODER.decode_lines(b"\n".join(records.bodies))
        if len(entries) != len(records):
            raise ValueError("a record holds several JSON values")
        messages = [e.textPayload or "" for e in entries]
        parts = [e.split is not None and e.split.totalSplits > 1 for e in entries]
        own = _own_ids(entries)
        batch = container_batch(
            records,
            format=self.format,
            provider="gcp",
            messages=messages,
            objects={row: e.jsonPayload for row, e in enumerate(entries) if e.jsonPayload is not None},
            headers=[(bytes(entry.resource), bytes(entry.labels)) for entry in entries],
            pod_of=_pod_of,
            times=rfc3339_column([e.timestamp or e.receiveTimestamp for e in entries]),
            streams=[e.logName.rpartition("/")[2] for e in entries],
            partial=partial_lines(messages, parts),
            traced=own["trace_id"].any(axis=1) & (own["span_id"] != 0),
            severity=np.array([SEVERITY_OF_GCP.get(e.severity, 0) for e in entries], np.uint8),
            overrides={"event_id": entry_ids(records, [(e.logName, e.timestamp, e.insertId) for e in entries])},
        )
        return batch.with_columns(**{name: known_or(ids, getattr(batch, name)) for name, ids in own.items()})

    def attributes(self, body: bytes, context: Mapping[str, Any]) -> dict[str, Any]:
        """Return the entry's attributes in OpenTelemetry names."""
        entry = read_json(body)
        found = entry_attributes(entry, _BODY, "gcp.payload")
        payload = entry.get("jsonPayload")
        if isinstance(payload, dict):
            found |= exception_attributes(payload)
        if isinstance(text := entry.get("textPayload"), str):
            found = {**line_attributes(text), **found, "log.record.body": text}
        return found if "log.record.body" in found or payload is None else {**found, "log.record.body": payload}


_BODY: Final[Names] = dict.fromkeys(MESSAGE_KEYS, "log.record.body")


def entry_ids(records: Records, keys: list[tuple[str, str, str]]) -> Any:
    """Return event ids of entries: (logName, timestamp, insertId) is unique in Cloud Logging."""
    if records.ids is None and "" not in [insert_id for _, _, insert_id in keys]:
        return event_ids([f"gcp.logentry\0{log}\0{time}\0{insert_id}" for log, time, insert_id in keys])
    return records.event_ids()


def _pod_of(header: tuple[bytes, bytes]) -> PodKey:
    """Return the container that an entry's resource and labels name."""
    resource = msgspec.json.decode(header[0], type=_Resource).labels
    labels = msgspec.json.decode(header[1], type=_Labels)
    services = (labels.name, labels.app, labels.k8s_app)
    return (resource.namespace_name, resource.pod_name, resource.container_name, services, _place(resource))


def _place(resource: _ResourceLabels) -> Place:
    """Return cluster id, account, region and cluster name."""
    project, location, cluster = resource.project_id, resource.location, resource.cluster_name
    kind = "zones" if location.count("-") == 2 else "locations"
    name = f"//container.googleapis.com/projects/{project}/{kind}/{location}/clusters/{cluster}" if cluster else ""
    region = location.rpartition("-")[0] if kind == "zones" else location
    return (name, project, region, cluster)


def _own_ids(entries: Sequence[_Entry]) -> dict[str, Any]:
    """Return the ids of the entries' own trace fields, which win over those in their text."""
    return {
        "trace_id": trace_id_column([entry.trace.rpartition("/")[2] if entry.trace else "" for entry in entries]),
        "span_id": span_id_column([entry.spanId for entry in entries]),
    }
