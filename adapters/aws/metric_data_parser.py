"""Parse samples of CloudWatch metrics: results of GetMetricData, each beside the query that it answers.

Between the metrics source and the store: a result alone names neither metric nor resource, so a record is
`{"MetricDataQuery": {...}, "MetricDataResult": {...}}`, both as the API spells them. See
https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricData.html.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

import msgspec

from ...domain.batch import EventBatch
from ...domain.batch_rows import batch_of
from ...domain.event_id import event_id
from ...domain.events import Event, MetricRecorded
from ...domain.identity import normalise_resource
from ...domain.timestamps import parse_timestamp_ns
from ..listed_records import Listed, listed_objects, read_each
from ..parser import Sample
from ..records import Records
from ..scaling_groups import service_of_group
from .application_autoscaling import target_resource
from .autoscaling_activity import group_place

FORMAT: Final = "aws.cloudwatch.metrics"

_TYPES: Final = {
    "FunctionName": "aws::lambda::function",
    "DBInstanceIdentifier": "aws::rds::dbinstance",
    "DBClusterIdentifier": "aws::rds::dbcluster",
    "QueueName": "aws::sqs::queue",
    "TopicName": "aws::sns::topic",
    "BucketName": "aws::s3::bucket",
    "LogGroupName": "aws::logs::loggroup",
    "InstanceId": "",
    "LoadBalancer": "",
    "TargetGroup": "",
    "TableName": "aws::dynamodb::table",
}
"""Dimensions that name a resource, and the CloudFormation type of its bare name, the most telling first."""


class _Dimension(msgspec.Struct):
    Name: str
    Value: str


class _Metric(msgspec.Struct):
    MetricName: str
    Namespace: str = ""
    Dimensions: list[_Dimension] = []


class _Stat(msgspec.Struct):
    Metric: _Metric
    Period: int = 0
    Stat: str = ""
    Unit: str = ""


class _Query(msgspec.Struct):
    MetricStat: _Stat
    AccountId: str = ""


class _Result(msgspec.Struct):
    Timestamps: list[str | float]
    Values: list[float]


class MetricDataParser:
    """Samples of metrics.

    >>> from ..records import Origin
    >>> body = b'''{"MetricDataQuery":{"MetricStat":{"Metric":{"Namespace":"AWS/AutoScaling",
    ... "MetricName":"GroupDesiredCapacity","Dimensions":[{"Name":"AutoScalingGroupName","Value":"web-asg"}]},
    ... "Period":60,"Stat":"Average"}},"MetricDataResult":{"Timestamps":["2026-11-20T10:00:00Z"],"Values":[4.0]}}'''
    >>> sample = MetricDataParser().parse(Records.of([body], Origin("x", {"account": "1", "region": "eu-west-1"})))[0]
    >>> sample.name, sample.value, sample.service
    ('GroupDesiredCapacity', 4.0, 'web')
    """

    format = FORMAT

    def recognises(self, sample: Sample) -> bool:
        """Say whether a record is a result beside its query."""
        query, result = sample.fields.get("MetricDataQuery"), sample.fields.get("MetricDataResult")
        return isinstance(query, dict) and "MetricStat" in query and isinstance(result, dict)

    def parse(self, records: Records) -> EventBatch:
        """Return one MetricRecorded per sample."""
        return batch_of(read_each(listed_objects(records, ()), _samples))

    def attributes(self, body: bytes, context: Mapping[str, Any]) -> dict[str, Any]:
        """Return a record's fields under the provider's names."""
        fields = msgspec.json.decode(body)
        return {f"{FORMAT}.{name}": value for name, value in fields.items()} if isinstance(fields, dict) else {}


def _samples(item: Listed) -> Iterator[Event]:
    query = msgspec.convert(item.fields["MetricDataQuery"], _Query)
    result = msgspec.convert(item.fields["MetricDataResult"], _Result)
    stat = query.MetricStat
    account, region = query.AccountId or item.metadata.get("account", ""), item.metadata.get("region", "")
    dimensions = {one.Name: one.Value for one in stat.Metric.Dimensions}
    resource, service = _subject(stat.Metric.Namespace, dimensions, account, region)
    named = [f"{name}={value}" for name, value in sorted(dimensions.items())]
    place = (account, region, stat.Metric.Namespace, stat.Metric.MetricName, *named, str(stat.Period), stat.Stat)
    for time, value in zip(result.Timestamps, result.Values, strict=True):
        at_ns = parse_timestamp_ns(time) or 0
        yield MetricRecorded(
            # The value is part of the id: a sample that CloudWatch changes later is another one.
            event_id=event_id(FORMAT, *place, str(at_ns), repr(value)),
            occurred_at=at_ns,
            format=FORMAT,
            provider="aws",
            account=account,
            region=region,
            service=service,
            resource=resource,
            name=stat.Metric.MetricName,
            value=value,
            unit=stat.Unit,
            statistic=stat.Stat,
            period_s=stat.Period,
            dimensions={"Namespace": stat.Metric.Namespace, **dimensions},
        )


def _subject(namespace: str, dimensions: Mapping[str, str], account: str, region: str) -> tuple[str, str]:
    """Return the resource that a metric is of, and its service."""
    group = dimensions.get("AutoScalingGroupName")
    if group:
        return group_place(group, "", account, region).resource, service_of_group(group)
    if "ServiceName" in dimensions and "ClusterName" in dimensions:
        name = dimensions["ServiceName"]
        path = f"service/{dimensions['ClusterName']}/{name}"
        return target_resource("ecs", path, account, region), service_of_group(name)
    for dimension, resource_type in _TYPES.items():
        name = dimensions.get(dimension, "")
        if name:
            resource = normalise_resource(
                name, provider="aws", account=account, region=region, resource_type=resource_type
            )
            return resource, _service_of(dimension, name)
    return next(iter(dimensions.values()), ""), namespace.rpartition("/")[2].lower()


def _service_of(dimension: str, name: str) -> str:
    """Return the service that a resource's name stands for; an instance's id stands for none."""
    if dimension == "InstanceId":
        return ""
    return service_of_group(name.split("/")[1] if "/" in name and dimension != "LogGroupName" else name)
