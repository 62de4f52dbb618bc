"""Parse AWS auto scaling: EC2 Auto Scaling, Application Auto Scaling and ECS service actions into scaling events.

An adapter of facts between files or APIs and the store. Accepts the answers of the APIs (whole or split), and
EventBridge events. See https://docs.aws.amazon.com/autoscaling/ec2/userguide/as-monitoring-features.html.
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
from .application_autoscaling import service_activity_events
from .autoscaling_activity import FORMAT, Activity, activity_events, group_place
from .autoscaling_configuration import configuration_events
from .autoscaling_notice import notice_events

_LISTS: Final = ("Activities", "ScalingActivities", "AutoScalingGroups", "ScalableTargets", "Events")
_SOURCES: Final = frozenset({"aws.autoscaling", "aws.ecs"})


class AutoscalingParser:
    """AWS auto scaling records of every channel.

    >>> from ..records import Origin
    >>> body = b'{"Activities":[{"ActivityId":"a","AutoScalingGroupName":"web-asg","StartTime":"2021-01-13T20:47Z"}]}'
    >>> batch = AutoscalingParser().parse(Records.of([body], Origin("activities.json")))
    >>> batch[0].phase, batch[0].service
    ('attempt', 'web')
    """

    format = FORMAT

    def recognises(self, sample: Sample) -> bool:
        """Say whether a record is of this format."""
        objects = objects_of(sample.value, _LISTS)
        return bool(objects) and all(isinstance(o, dict) and _kind(_unwrapped(o, sample.context)) for o in objects)

    def parse(self, records: Records) -> EventBatch:
        """Return decisions, attempts, limits, statuses and configurations."""
        return batch_of(read_each(listed_objects(records, _LISTS), _events))

    def attributes(self, body: bytes, context: Mapping[str, Any]) -> dict[str, Any]:
        """Return a record's fields under the provider's names."""
        fields = msgspec.json.decode(body)
        return {f"{FORMAT}.{name}": value for name, value in fields.items()} if isinstance(fields, dict) else {}


def _unwrapped(fields: dict[str, Any], context: Mapping[str, Any]) -> dict[str, Any]:
    """Return an EventBridge event whole, also where the envelope was peeled off and stands in the context."""
    what = context.get("detail-type") or context.get("detailType")
    if what and "detail" not in fields:
        return {**context, "detail-type": what, "detail": fields}
    return fields


def _kind(fields: dict[str, Any]) -> str:
    if str(fields.get("source")) in _SOURCES and "detail" in fields:
        ours = fields["source"] == "aws.autoscaling" or fields.get("detail-type") == "ECS Service Action"
        return "notice" if ours else ""
    if "ActivityId" in fields:
        if "ServiceNamespace" in fields and "ScalableDimension" in fields:
            return "service_activity"
        return "activity" if "AutoScalingGroupName" in fields or "AutoScalingGroupARN" in fields else ""
    if {"MinCapacity", "MaxCapacity", "ScalableDimension"} <= fields.keys():
        return "configuration"
    return "configuration" if {"AutoScalingGroupName", "MinSize", "MaxSize"} <= fields.keys() else ""


def _events(item: Listed) -> list[Event]:
    fields = _unwrapped(item.fields, item.context)
    kind = _kind(fields)
    if kind == "activity":
        activity = msgspec.convert(fields, Activity, strict=False)
        account, region = item.metadata.get("account", ""), item.metadata.get("region", "")
        place = group_place(activity.AutoScalingGroupName, activity.AutoScalingGroupARN, account, region)
        return activity_events(activity, place)
    if kind == "notice":
        return notice_events(Listed(fields, item.records, item.row, item.ordinal))
    if kind == "service_activity":
        return service_activity_events(item)
    if kind == "configuration":
        return configuration_events(item)
    raise UnreadableRecordError(f"record {item.row} is no scaling activity, event or configuration of AWS")
