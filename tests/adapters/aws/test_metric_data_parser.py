"""Samples of CloudWatch metrics name the resource and the service that their dimensions stand for."""

from __future__ import annotations

import json
from typing import Any

import pytest

from cloudledger.adapters import Origin
from cloudledger.adapters.aws.metric_data_parser import MetricDataParser
from cloudledger.adapters.records import Records

PLACE = {"account": "123456789012", "region": "eu-west-1"}


def sample(namespace: str, dimensions: dict[str, str]) -> Any:
    named = [{"Name": name, "Value": value} for name, value in dimensions.items()]
    metric = {"Namespace": namespace, "MetricName": "m", "Dimensions": named}
    record = {
        "MetricDataQuery": {"Id": "m0", "MetricStat": {"Metric": metric, "Period": 60, "Stat": "Sum"}},
        "MetricDataResult": {"Timestamps": [1_795_168_800], "Values": [1.5]},
    }
    return MetricDataParser().parse(Records.of([json.dumps(record).encode()], Origin("x", PLACE)))[0]


@pytest.mark.parametrize(
    ("namespace", "dimensions", "resource", "service"),
    [
        (
            "AWS/ECS",
            {"ClusterName": "default", "ServiceName": "web"},
            "arn:aws:ecs:eu-west-1:123456789012:service/default/web",
            "web",
        ),
        ("AWS/Lambda", {"FunctionName": "pay"}, "arn:aws:lambda:eu-west-1:123456789012:function:pay", "pay"),
        (
            "AWS/EC2",
            {"InstanceId": "i-0123456789abcdef0"},
            "arn:aws:ec2:eu-west-1:123456789012:instance/i-0123456789abcdef0",
            "",
        ),
        (
            "AWS/ApplicationELB",
            {"LoadBalancer": "app/shop/0123456789abcdef"},
            "arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/app/shop/0123456789abcdef",
            "shop",
        ),
        ("AWS/Usage", {"Type": "API"}, "API", "usage"),
        ("Own", {}, "", "own"),
    ],
)
def test_dimensions_name_resource_and_service(
    namespace: str, dimensions: dict[str, str], resource: str, service: str
) -> None:
    event = sample(namespace, dimensions)

    assert (event.resource, event.service) == (resource, service)
    assert event.occurred_at == 1_795_168_800_000_000_000
    assert event.dimensions == {"Namespace": namespace, **dimensions}


def test_attributes_are_the_records_fields() -> None:
    assert MetricDataParser().attributes(b'{"a":1}', {}) == {"aws.cloudwatch.metrics.a": 1}
    assert MetricDataParser().attributes(b"[]", {}) == {}
