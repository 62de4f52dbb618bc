"""Parse Azure autoscale: its resource logs, and the Autoscale category of the activity log, into scaling events.

An adapter of facts between files, Event Hubs or Log Analytics and the store.
See https://learn.microsoft.com/azure/azure-monitor/autoscale/autoscale-diagnostics.
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
from .autoscale_activity import autoscale_activity_events, is_autoscale_activity
from .autoscale_evaluation import FORMAT, evaluation_events

_LISTS: Final = ("records", "value")
_CATEGORIES: Final = frozenset({"AutoscaleEvaluations", "AutoscaleScaleActions"})
_TABLES: Final = frozenset({"AutoscaleEvaluationsLog", "AutoscaleScaleActionsLog"})


class AutoscaleParser:
    """Azure autoscale records of every channel.

    >>> from ..records import Origin
    >>> body = b'''{"time":"2018-09-10 18:12:00.61","category":"AutoscaleEvaluations","correlationId":"c",
    ... "operationName":"InstanceCountEvaluation","property":{"targetResourceId":"/subscriptions/s/x",
    ... "currentInstanceCount":20,"maximumInstanceCount":30}}'''
    >>> event = AutoscaleParser().parse(Records.of([body], Origin("a.json")))[0]
    >>> event.phase, event.new_size, event.max_size
    ('config', 20, 30)
    """

    format = FORMAT

    def recognises(self, sample: Sample) -> bool:
        """Say whether a record is of this format."""
        objects = objects_of(sample.value, _LISTS)
        return bool(objects) and all(isinstance(o, dict) and _kind(o) for o in objects)

    def parse(self, records: Records) -> EventBatch:
        """Return decisions, attempts, limits, statuses, configurations and the metric samples that were compared."""
        return batch_of(read_each(listed_objects(records, _LISTS), _events))

    def attributes(self, body: bytes, context: Mapping[str, Any]) -> dict[str, Any]:
        """Return a record's fields under the provider's names."""
        fields = msgspec.json.decode(body)
        return {f"{FORMAT}.{name}": value for name, value in fields.items()} if isinstance(fields, dict) else {}


def _events(item: Listed) -> list[Event]:
    kind = _kind(item.fields)
    if not kind:
        raise UnreadableRecordError(f"record {item.row} is no autoscale record of Azure")
    return evaluation_events(item) if kind == "evaluation" else autoscale_activity_events(item)


def _kind(fields: dict[str, Any]) -> str:
    category = fields.get("category") or fields.get("Category")
    if str(category) in _CATEGORIES or str(fields.get("Type")) in _TABLES:
        return "evaluation"
    return "activity" if is_autoscale_activity(fields) else ""
