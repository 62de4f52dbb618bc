"""Parse time series of Cloud Monitoring: one `MetricRecorded` for each point.

Between timeSeries.list (its answers, or files of them) and the store. A distribution gives its mean and its count. See
https://cloud.google.com/monitoring/api/ref_v3/rest/v3/TimeSeries.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec

from ...domain.batch import EventBatch
from ...domain.batch_rows import batch_of
from ...domain.event_id import event_id
from ...domain.events import Event, MetricRecorded
from ...domain.timestamps import parse_timestamp_ns
from ..listed_records import Listed, listed_objects, objects_of, read_each
from ..parser import Sample, UnreadableRecordError
from ..records import Records
from .log_entry import region_of, resource_of

FORMAT: Final = "gcp.monitoring"
_LISTS: Final = ("timeSeries",)
_SERVICE_LABELS: Final = ("service_name", "container_name", "function_name", "module_id", "backend_target_name")
_NS = 1_000_000_000


class MetricsParser:
    """Time series of Cloud Monitoring.

    >>> from ..records import Origin
    >>> body = b'''{"metric":{"type":"run.googleapis.com/request_count","labels":{"code":"500"}},"metricKind":"DELTA",
    ... "resource":{"type":"cloud_run_revision","labels":{"service_name":"pay"}},"valueType":"INT64","points":[{"value":
    ... {"int64Value":"7"},"interval":{"startTime":"2026-11-20T12:00:00Z","endTime":"2026-11-20T12:01:00Z"}}]}'''
    >>> event = MetricsParser().parse(Records.of([body], Origin("a.json")))[0]
    >>> event.name, event.value, event.service, event.period_s
    ('run.googleapis.com/request_count', 7.0, 'pay', 60)
    """

    format = FORMAT

    def recognises(self, sample: Sample) -> bool:
        """Say whether a record is one time series or a list of them."""
        objects = objects_of(sample.value, _LISTS)
        return bool(objects) and all(_is_series(one) for one in objects)

    def parse(self, records: Records) -> EventBatch:
        """Return one MetricRecorded per point."""
        return batch_of(read_each(listed_objects(records, _LISTS), _events))

    def attributes(self, body: bytes, context: Mapping[str, Any]) -> dict[str, Any]:
        """Return a record's fields under the provider's names."""
        fields = msgspec.json.decode(body)
        return {f"{FORMAT}.{name}": value for name, value in fields.items()} if isinstance(fields, dict) else {}


def _is_series(value: Any) -> bool:
    metric = value.get("metric") if isinstance(value, dict) else None
    named = isinstance(metric, dict) and isinstance(metric.get("type"), str)
    return named and isinstance(value.get("points"), list) and value.get("valueType") != "STRING"


def _events(item: Listed) -> list[Event]:
    fields = item.fields
    if not _is_series(fields):
        raise UnreadableRecordError(f"record {item.row} is no time series of numbers")
    aligner = str(item.context.get("aligner", ""))
    statistic = aligner.removeprefix("ALIGN_").lower() or str(fields.get("metricKind", "")).lower()
    described = _described(item)
    identity = msgspec.json.encode([fields["metric"], fields.get("resource", {}), statistic], order="deterministic")
    events: list[Event] = []
    for point in fields["points"]:
        start_ns, end_ns = _interval(point["interval"])
        for value, kind in _values(point["value"], statistic):
            period_s = (end_ns - start_ns) // _NS
            event = MetricRecorded(
                event_id=event_id(FORMAT, identity.decode(), str(start_ns), str(end_ns), kind),
                occurred_at=end_ns,
                value=value,
                statistic=kind,
                period_s=period_s,
                **described,
            )
            events.append(event)
    return events


def _described(item: Listed) -> dict[str, Any]:
    """Return what all points of a series have in common."""
    metric, resource = item.fields["metric"], item.fields.get("resource", {})
    labels = _texts(resource.get("labels"))
    kind = str(resource.get("type", ""))
    return {
        "format": FORMAT,
        "provider": "gcp",
        "account": labels.get("project_id") or item.metadata.get("account", ""),
        "region": region_of(labels),
        "service": _first(labels, _SERVICE_LABELS) or kind,
        "resource": resource_of(kind, labels),
        "name": metric["type"],
        "unit": str(item.fields.get("unit", "")),
        "dimensions": {**labels, **_texts(metric.get("labels"))},
    }


def _texts(labels: Any) -> dict[str, str]:
    return {name: str(value) for name, value in labels.items()} if isinstance(labels, dict) else {}


def _first(labels: Mapping[str, str], names: Sequence[str]) -> str:
    return next((labels[name] for name in names if labels.get(name)), "")


def _interval(interval: Mapping[str, str]) -> tuple[int, int]:
    """Return start and end of a point; they are the same for a gauge."""
    end_ns = parse_timestamp_ns(interval["endTime"])
    start_ns = parse_timestamp_ns(interval.get("startTime") or interval["endTime"])
    if not end_ns or not start_ns:
        raise ValueError(f"no time in {interval!r}")
    return start_ns, end_ns


def _values(value: Mapping[str, Any], statistic: str) -> list[tuple[float, str]]:
    """Return the numbers of a point, and which statistic each is."""
    if "distributionValue" in value:
        held = value["distributionValue"]
        return [(float(held.get("mean", 0)), "mean"), (float(held.get("count", 0)), "count")]
    found = value.get("doubleValue", value.get("int64Value", value.get("boolValue")))
    if found is None:
        raise ValueError(f"no number in {sorted(value)}")
    return [(float(found), statistic)]
