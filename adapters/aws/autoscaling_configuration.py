"""Turn DescribeAutoScalingGroups and DescribeScalableTargets answers into configuration events: minimum and maximum.

Under the autoscaling parser. The answers carry no time of their own: the event says so, unless an envelope knows it.
"""

from __future__ import annotations

from typing import Any

from ...domain.event_id import event_id
from ...domain.events import Event, Flag, ScalingRecorded
from ...domain.severity import Severity
from ..listed_records import Listed
from ..scaling_groups import service_of_group
from .application_autoscaling import target_resource
from .autoscaling_activity import FORMAT, group_place


def configuration_events(item: Listed) -> list[Event]:
    """Return the configuration of one group or scalable target."""
    fields = item.fields
    if "ScalableDimension" in fields:
        return [_event(item, _target_envelope(item), fields.get("MinCapacity"), fields.get("MaxCapacity"), None)]
    place = group_place(
        str(fields.get("AutoScalingGroupName", "")),
        str(fields.get("AutoScalingGroupARN", "")),
        item.metadata.get("account", ""),
        item.metadata.get("region", ""),
    )
    desired = fields.get("DesiredCapacity")
    return [_event(item, place.envelope, fields.get("MinSize"), fields.get("MaxSize"), desired)]


def _target_envelope(item: Listed) -> dict[str, str]:
    account, region = item.metadata.get("account", ""), item.metadata.get("region", "")
    resource_id = str(item.fields.get("ResourceId", ""))
    return {
        "format": FORMAT,
        "provider": "aws",
        "account": account,
        "region": region,
        "service": service_of_group(resource_id.rpartition("/")[2]),
        "resource": target_resource(str(item.fields.get("ServiceNamespace", "")), resource_id, account, region),
    }


def _event(item: Listed, envelope: dict[str, str], low: Any, high: Any, desired: Any) -> ScalingRecorded:
    at_ns = item.envelope_time_ns
    sizes = [int(size) if isinstance(size, int | float) else None for size in (low, high, desired)]
    identity = (str(at_ns), *map(str, sizes)) if at_ns else (*map(str, sizes), item.records.origin.object_key)
    return ScalingRecorded(
        event_id=event_id(FORMAT, "config", envelope["resource"], *identity),
        occurred_at=at_ns,
        flags=Flag.NONE if at_ns else Flag.TIME_UNSET,
        name="GroupDescribed",
        severity=Severity.INFO,
        phase="config",
        min_size=sizes[0],
        max_size=sizes[1],
        new_size=sizes[2],
        **envelope,  # type: ignore[arg-type]
    )
