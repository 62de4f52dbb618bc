"""Parse platform metrics of Azure: one `MetricRecorded` for each statistic of a record.

Between the store and diagnostic settings (category AllMetrics, in blobs and event hubs), the table AzureMetrics, or the
metrics API, whose points the source writes in the form of the settings. See
https://learn.microsoft.com/azure/azure-monitor/platform/resource-logs-schema and
https://learn.microsoft.com/azure/azure-monitor/reference/tables/azuremetrics.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

import msgspec

from ...domain.batch import EventBatch
from ...domain.batch_rows import batch_of
from ...domain.event_id import event_id
from ...domain.events import Event, MetricRecorded
from ...domain.identity import normalise_resource
from ...domain.timestamps import parse_timestamp_ns
from ..listed_records import Listed, listed_objects, objects_of, read_each
from ..parser import Sample, UnreadableRecordError
from ..records import Records
from .common_schema import place_of

FORMAT: Final = "azure.metrics"
STATISTICS: Final = ("average", "total", "minimum", "maximum", "count")
_LISTS: Final = ("records", "value")
_GRAIN: Final = re.compile(r"PT?(?:(\d+)D)?T?(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?")
_SECONDS: Final = (86_400, 3_600, 60, 1)


class MetricsParser:
    """Platform metrics.

    >>> from ..records import Origin
    >>> body = b'''{"time":"2026-11-20T12:00:00Z","resourceId":"/SUBSCRIPTIONS/0/RESOURCEGROUPS/G/PROVIDERS/A.X/Y/SHOP",
    ... "metricName":"Requests","timeGrain":"PT1M","total":7,"count":2}'''
    >>> [(event.name, event.statistic, event.value) for event in MetricsParser().parse(Records.of([body], Origin("a")))]
    [('Requests', 'total', 7.0), ('Requests', 'count', 2.0)]
    """

    format = FORMAT

    def recognises(self, sample: Sample) -> bool:
        """Say whether a record is a metric or a list of them."""
        objects = objects_of(sample.value, _LISTS)
        return bool(objects) and all(isinstance(one, dict) and _is_metric(_lowered(one)) for one in objects)

    def parse(self, records: Records) -> EventBatch:
        """Return one MetricRecorded per statistic."""
        return batch_of(read_each(listed_objects(records, _LISTS), _events))

    def attributes(self, body: bytes, context: Mapping[str, Any]) -> dict[str, Any]:
        """Return a record's fields under the provider's names."""
        fields = msgspec.json.decode(body)
        return {f"{FORMAT}.{name}": value for name, value in fields.items()} if isinstance(fields, dict) else {}


def _lowered(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {name.lower(): value for name, value in fields.items()}


def _is_metric(fields: Mapping[str, Any]) -> bool:
    """Say whether a record has a metric's name, its grain, a resource and a number; decisions of autoscale do not."""
    named = isinstance(fields.get("metricname"), str) and isinstance(fields.get("timegrain"), str)
    placed = isinstance(fields.get("resourceid") or fields.get("_resourceid"), str)
    return named and placed and any(_is_number(fields.get(one)) for one in STATISTICS)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _events(item: Listed) -> list[Event]:
    fields = _lowered(item.fields)
    if not _is_metric(fields):
        raise UnreadableRecordError(f"record {item.row} is no metric")
    resource = normalise_resource(fields.get("resourceid") or fields.get("_resourceid"), provider="azure")
    at_ns = parse_timestamp_ns(fields.get("time") or fields.get("timegenerated"))
    if not at_ns:
        raise ValueError("a metric without a time")
    account, kind, name = place_of(resource)
    dimensions = fields.get("dimensions")
    told = {key: str(value) for key, value in dimensions.items()} if isinstance(dimensions, dict) else {}
    identity = msgspec.json.encode([fields["metricname"], resource, told, fields["timegrain"]], order="deterministic")
    return [
        MetricRecorded(
            event_id=event_id(FORMAT, identity.decode(), str(at_ns), statistic),
            occurred_at=at_ns,
            format=FORMAT,
            provider="azure",
            account=account,
            region=str(fields.get("region") or item.metadata.get("region", "")).lower().replace(" ", ""),
            service=name or kind,
            resource=resource,
            name=fields["metricname"],
            value=float(fields[statistic]),
            unit=str(fields.get("unit") or fields.get("unitname") or ""),
            statistic=statistic,
            period_s=grain_s(fields["timegrain"]),
            dimensions=told,
        )
        for statistic in STATISTICS
        if _is_number(fields.get(statistic))
    ]


def grain_s(grain: str) -> int:
    """Return the seconds of a time grain; 0 for what is none.

    >>> grain_s("PT1M"), grain_s("PT1H"), grain_s("P1D"), grain_s("FULL")
    (60, 3600, 86400, 0)
    """
    found = _GRAIN.fullmatch(grain)
    return sum(int(part) * seconds for part, seconds in zip(found.groups("0"), _SECONDS, strict=True)) if found else 0
