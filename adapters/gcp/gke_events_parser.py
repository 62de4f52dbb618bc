"""Parse the events of GKE's clusters as Cloud Logging holds them: those about scaling become `ScalingRecorded`.

All entries of the log `events` come here, since those about scaling look like the others; the others are read as any
entry of a cluster is. See https://cloud.google.com/kubernetes-engine/docs/how-to/view-logs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

import msgspec
import numpy as np

from ...domain.batch import EventBatch
from ...domain.batch_rows import batch_of
from ...domain.event_id import event_id
from ...domain.events import Event
from ..kubernetes.scaling_event import is_scaling_event, scaling_events
from ..listed_records import UNREADABLE, Listed
from ..parser import Sample, UnreadableRecordError
from ..records import Records
from .log_entry import log_id, region_of
from .logentry_parser import LOG_ENTRY_PARSERS

FORMAT: Final = "gcp.gke.events"
_OTHERS: Final = next(parser for parser in LOG_ENTRY_PARSERS if parser.format == "gcp.gke")


class GkeEventsParser:
    """Kubernetes Events in entries of Cloud Logging.

    >>> from ..records import Origin
    >>> body = b'''{"insertId":"a","logName":"projects/p/logs/events","timestamp":"2026-11-20T12:00:00Z","jsonPayload":{
    ... "kind":"Event","reason":"SuccessfulRescale","message":"New size: 5; reason: All metrics below target",
    ... "involvedObject":{"kind":"HorizontalPodAutoscaler","namespace":"shop","name":"pay"},"metadata":{"uid":"u"}},
    ... "resource":{"type":"k8s_cluster","labels":{"project_id":"p","cluster_name":"eu","location":"europe-west1"}}}'''
    >>> event = GkeEventsParser().parse(Records.of([body], Origin("a.json")))[0]
    >>> event.resource, event.direction, event.new_size, event.region
    ('k8s://eu/shop/horizontalpodautoscaler/pay', 'in', 5, 'europe-west1')
    """

    format = FORMAT

    def recognises(self, sample: Sample) -> bool:
        """Say whether a record is an entry of the log of a cluster's events."""
        return _is_event(sample.fields)

    def parse(self, records: Records) -> EventBatch:
        """Return scaling events, and log events of all others."""
        entries = [msgspec.json.decode(body) for body in records.bodies]
        if not all(isinstance(entry, dict) and _is_event(entry) for entry in entries):
            raise UnreadableRecordError("a record is no entry of a cluster's events")
        found = [_scaling(entry, records, row) for row, entry in enumerate(entries)]
        others = np.array([row for row, events in enumerate(found) if not events], np.int64)
        scaling = batch_of([event for events in found for event in events])
        if not len(others):
            return scaling
        rest = _OTHERS.parse(records.take(others))
        return EventBatch.concat([scaling, rest]) if len(scaling) else rest

    def attributes(self, body: bytes, context: Mapping[str, Any]) -> dict[str, Any]:
        """Return an entry's attributes, as of any entry of a cluster."""
        return _OTHERS.attributes(body, context)


def _is_event(fields: Mapping[str, Any]) -> bool:
    name, payload, resource = fields.get("logName"), fields.get("jsonPayload"), fields.get("resource")
    kind = resource.get("type") if isinstance(resource, dict) else ""
    if not isinstance(name, str) or log_id(name) != "events" or not str(kind).startswith("k8s_"):
        return False
    return isinstance(payload, dict) and isinstance(payload.get("involvedObject") or payload.get("regarding"), dict)


def _scaling(entry: dict[str, Any], records: Records, row: int) -> list[Event]:
    """Return what an entry says about scaling; nothing where it says something else, or cannot be read so."""
    payload = entry["jsonPayload"]
    if not is_scaling_event(payload):
        return []
    labels = entry["resource"].get("labels")
    labels = labels if isinstance(labels, dict) else {}
    place = {
        "provider": "gcp",
        "account": str(labels.get("project_id", "")),
        "region": region_of(labels),
        "cluster": str(labels.get("cluster_name", "")),
    }
    origin = replace(records.origin, metadata={**records.origin.metadata, **{n: v for n, v in place.items() if v}})
    timed = {"eventTime": entry.get("timestamp"), **payload}
    try:
        events = scaling_events(Listed(timed, replace(records, origin=origin), row))
    except UNREADABLE:
        return []
    metadata = payload.get("metadata")
    if isinstance(metadata, dict) and metadata.get("uid"):
        return events
    own = [str(entry.get(name, "")) for name in ("logName", "timestamp", "insertId")]
    return [
        msgspec.structs.replace(event, event_id=event_id(FORMAT, *own, str(number)))
        for number, event in enumerate(events)
    ]
