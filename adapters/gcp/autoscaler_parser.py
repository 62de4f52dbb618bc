"""Parse Google Cloud autoscaling: Compute Engine autoscaler audit entries, GKE cluster autoscaler visibility events.

An adapter of facts between Cloud Logging exports and the store.
See https://cloud.google.com/compute/docs/autoscaler/viewing-autoscaler-logs.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from ...domain.batch import EventBatch
from ...domain.batch_rows import batch_of
from ...domain.events import Event
from ..listed_records import Listed, listed_objects, objects_of, read_each
from ..parser import Sample, UnreadableRecordError
from ..records import Records
from .autoscaler_resize import FORMAT, autoscaler_events
from .cluster_autoscaler_visibility import LOG_NAME, visibility_events, visibility_of

_LISTS: Final = ("entries",)
METHODS: Final = ("compute.autoscalers.resize", "compute.autoscalers.changeStatus")


class AutoscalerParser:
    """Google Cloud autoscaling entries.

    >>> from ..records import Origin
    >>> body = b'''{"protoPayload":{"methodName":"compute.autoscalers.resize","metadata":{"oldSize":1,"newSize":2},
    ... "resourceName":"projects/p/zones/us-east1-d/autoscalers/cart"},"resource":{"type":"autoscaler","labels":{}}}'''
    >>> event = AutoscalerParser().parse(Records.of([body], Origin("a.json")))[0]
    >>> event.phase, event.direction, event.service
    ('decision', 'out', 'cart')
    """

    format = FORMAT

    def recognises(self, sample: Sample) -> bool:
        """Say whether a record is of this format."""
        objects = objects_of(sample.value, _LISTS)
        return bool(objects) and all(isinstance(o, dict) and _kind(o, sample.context) for o in objects)

    def parse(self, records: Records) -> EventBatch:
        """Return decisions, attempts, limits and statuses."""
        return batch_of(read_each(listed_objects(records, _LISTS), _events))

    def attributes(self, body: bytes, context: Mapping[str, Any]) -> dict[str, Any]:
        """Return a record's fields under the provider's names."""
        fields = msgspec.json.decode(body)
        return {f"{FORMAT}.{name}": value for name, value in fields.items()} if isinstance(fields, dict) else {}


def _events(item: Listed) -> list[Event]:
    kind = _kind(item.fields, item.context)
    if not kind:
        raise UnreadableRecordError(f"record {item.row} is no autoscaler entry of Google Cloud")
    return autoscaler_events(item) if kind == "autoscaler" else visibility_events(item)


def _kind(fields: dict[str, Any], context: Mapping[str, Any]) -> str:
    payload = fields.get("protoPayload")
    if isinstance(payload, dict):
        return "autoscaler" if str(payload.get("methodName", "")).endswith(METHODS) else ""
    log_name = str(fields.get("logName") or context.get("logName") or LOG_NAME)
    return "visibility" if LOG_NAME in log_name and visibility_of(fields) is not None else ""
