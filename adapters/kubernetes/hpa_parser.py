"""Parse Kubernetes autoscaling: Events and objects of HPAs, Events of node autoscalers and KEDA, log lines.

An adapter of facts between `kubectl get ... -o json`, watches or controller logs and the store.
See https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from ...domain.batch import EventBatch
from ...domain.batch_rows import batch_of
from ...domain.events import Event
from ..listed_records import Listed, objects_of, read_each
from ..parser import Sample, UnreadableRecordError
from ..records import Records
from .autoscaler_log_line import autoscaler_line_events, is_autoscaler_line
from .hpa_object import autoscaler_object_events
from .other_object import other_object_event
from .scaling_event import FORMAT, is_scaling_event, scaling_events

_LISTS: Final = ("items",)


class HpaParser:
    """Kubernetes autoscaling records of every channel.

    >>> from ..records import Origin
    >>> body = b'''{"kind":"Event","reason":"SuccessfulRescale","lastTimestamp":"2026-11-20T10:00:00Z","involvedObject":
    ... {"kind":"HorizontalPodAutoscaler","namespace":"shop","name":"cart-hpa"},
    ... "message":"New size: 5; reason: cpu resource utilization (percentage of request) above target"}'''
    >>> event = HpaParser().parse(Records.of([body], Origin("events.json", {"cluster": "eu"})))[0]
    >>> event.resource, event.direction, event.new_size, event.old_size
    ('k8s://eu/shop/horizontalpodautoscaler/cart-hpa', 'out', 5, None)
    """

    format = FORMAT

    def recognises(self, sample: Sample) -> bool:
        """Say whether a record is of this format; of a list of objects one about scaling is enough."""
        if sample.value is None:
            return is_autoscaler_line(sample.text)
        objects = objects_of(sample.value, _LISTS)
        return any(isinstance(o, dict) and bool(_kind(o)) for o in objects)

    def parse(self, records: Records) -> EventBatch:
        """Return decisions, attempts, limits and statuses; other objects of a list become log events."""
        events: list[Event] = []
        for row, body in enumerate(records.bodies):
            events.extend(_events_of(body, records, row))
        return batch_of(events)

    def attributes(self, body: bytes, context: Mapping[str, Any]) -> dict[str, Any]:
        """Return a record's fields under the provider's names."""
        try:
            fields = msgspec.json.decode(body)
        except msgspec.MsgspecError:
            return {"message": body.decode("utf-8", "replace")}
        return {f"{FORMAT}.{name}": value for name, value in fields.items()} if isinstance(fields, dict) else {}


def _events_of(body: bytes, records: Records, row: int) -> list[Event]:
    if body.lstrip()[:1] not in (b"{", b"["):
        text = body.decode("utf-8", "replace")
        events = autoscaler_line_events(text, Listed({}, records, row))
        if not events:
            raise UnreadableRecordError(f"record {row} is no line about scaling")
        return events
    objects = objects_of(msgspec.json.decode(body), _LISTS)
    if not any(isinstance(o, dict) and _kind(o) for o in objects):
        raise UnreadableRecordError(f"record {row} is no scaling object of Kubernetes")
    listed = len(objects) > 1
    items = [Listed(o if isinstance(o, dict) else {"": o}, records, row, i, listed) for i, o in enumerate(objects)]
    return read_each(items, _object_events)


def _object_events(item: Listed) -> list[Event]:
    kind = _kind(item.fields)
    if kind == "event":
        return scaling_events(item)
    if kind == "autoscaler":
        return autoscaler_object_events(item)
    return [other_object_event(item.fields, item)]


def _kind(fields: dict[str, Any]) -> str:
    if fields.get("kind") == "HorizontalPodAutoscaler" and isinstance(fields.get("spec"), dict):
        return "autoscaler"
    return "event" if is_scaling_event(fields) else ""
