"""Records of every kind of format, and the ways in which they are damaged.

Used by the tests and by `benchmarks/fuzz_parsers.py`, which runs longer.
"""

import json
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import replace
from random import Random
from typing import Any

from cloudledger.adapters.records import Records
from cloudledger.domain.columns import StringColumn
from tests.adapters.azure.azure_records import AZURE
from tests.adapters.builders import ORIGIN, fluent_bit
from tests.adapters.gcp.gcp_records import GCP
from tests.adapters.native_records import EXAMPLES, POSTGRES

FACTS: dict[str, str] = {
    "aws.autoscaling": json.dumps(
        {
            "ActivityId": "a",
            "AutoScalingGroupName": "web",
            "Cause": "At 2021-01-13T20:47:00Z a user request updated the group changing the desired capacity.",
            "Description": "Launching a new EC2 instance: i-0123456789abcdef0",
            "StartTime": "2021-01-13T20:47:00Z",
            "StatusCode": "Failed",
            "Details": '{"Availability Zone":"us-east-1a"}',
        }
    ),
    "azure.autoscale": json.dumps(
        {
            "time": "2018-09-10 18:12:00.61",
            "category": "AutoscaleEvaluations",
            "operationName": "InstanceCountEvaluation",
            "correlationId": "c",
            "property": {
                "targetResourceId": "/subscriptions/s/x",
                "currentInstanceCount": 20,
                "maximumInstanceCount": 30,
            },
        }
    ),
    "gcp.autoscaler": json.dumps(
        {
            "protoPayload": {
                "methodName": "compute.autoscalers.resize",
                "metadata": {"oldSize": 1, "newSize": 2},
                "resourceName": "projects/p/zones/us-east1-d/autoscalers/cart",
            },
            "resource": {"type": "autoscaler", "labels": {}},
            "timestamp": "2026-11-20T10:00:00Z",
        }
    ),
    "k8s.hpa": json.dumps(
        {
            "kind": "Event",
            "reason": "SuccessfulRescale",
            "lastTimestamp": "2026-11-20T10:00:00Z",
            "involvedObject": {"kind": "HorizontalPodAutoscaler", "namespace": "shop", "name": "cart-hpa"},
            "message": "New size: 5; reason: cpu resource utilization (percentage of request) above target",
        }
    ),
    "terraform.plan": json.dumps(
        {
            "format_version": "1.2",
            "resource_changes": [
                {
                    "address": "aws_instance.web[0]",
                    "type": "aws_instance",
                    "name": "web",
                    "provider_name": "registry.terraform.io/hashicorp/aws",
                    "change": {
                        "actions": ["update"],
                        "before": {"id": "i-1", "a": [1]},
                        "after": {"id": "i-1", "a": [2]},
                    },
                }
            ],
        }
    ),
    "terraform.apply_log": json.dumps(
        {
            "@level": "info",
            "@message": "aws_instance.web: Creating...",
            "@module": "terraform.ui",
            "@timestamp": "2026-11-20T10:00:00.000000Z",
            "type": "apply_start",
            "hook": {"resource": {"addr": "aws_instance.web", "resource_type": "aws_instance"}, "action": "create"},
        }
    ),
    "terraform.state": json.dumps(
        {
            "version": 4,
            "terraform_version": "1.11.4",
            "serial": 1,
            "lineage": "x",
            "resources": [
                {
                    "mode": "managed",
                    "type": "aws_instance",
                    "name": "web",
                    "instances": [{"attributes": {"id": "i-1", "arn": "arn:aws:ec2:eu-west-1:1:instance/i-1"}}],
                }
            ],
        }
    ),
    "aws.eks.container": fluent_bit("ERROR no stock"),
}
"""Records of formats that are no logs of Azure or Google Cloud, and are not in `native_records`."""

RECORDS: dict[str, str] = {**EXAMPLES, **AZURE, **GCP, **FACTS}
"""A record of each kind, under a name."""

CONTEXTS: list[dict[str, Any]] = [
    {},
    *[
        {"envelope": "aws.cloudwatch_logs", "owner": "123456789012", "logGroup": group, "logStream": "s"}
        for group in (
            *("/aws/lambda/pay", "/aws/rds/cluster/orders/postgresql", "/aws/rds/instance/orders/slowquery"),
            *("/aws/rds/cluster/orders/audit", "/aws/eks/prod/cluster", "API-Gateway-Execution-Logs_a1/prod"),
            *("/aws/codebuild/shop", "/aws/apprunner/pay/1/application", "sns/eu-west-1/123456789012/orders"),
            *("/aws/route53/example.com", "/aws/vpc/flows", "aws-waf-logs-shop", "/ecs/cart", "/aws/docdb/carts/audit"),
        )
    ],
    {"envelope": "csv", "header": "version account-id interface-id srcaddr dstaddr srcport dstport"},
    {"envelope": "csv", "header": "#Fields: date time x-edge-location sc-bytes c-ip cs-method"},
    {
        "envelope": "csv",
        "header": "lineItem/UsageAccountId,lineItem/UnblendedCost,lineItem/UsageStartDate,identity/LineItemId",
    },
    {
        "envelope": "csv",
        "header": "Date,CostInBillingCurrency,BillingCurrencyCode,MeterCategory,SubscriptionId,ResourceId",
    },
    {
        "envelope": "csv",
        "header": "BilledCost,BillingCurrency,ChargePeriodStart,ChargePeriodEnd,ServiceName,SubAccountId",
    },
]
"""What envelopes say: nothing, log groups of services, and headers of files."""

LINES: tuple[str, ...] = (
    POSTGRES,
    "1,2.5,2026-11-20,x,y,z,w",
    "E0417 12:00:00.1 1 a.go:1] no",
    'level=error msg="no stock" x=1',
)

ODD: tuple[Any, ...] = (
    None, True, 0, -1, 2**63, 10**30, 10**400, 1e308, -0.5, "", "-", "9" * 5000, "\x00\x1b[31m", "\ud800", "x" * 5000,
    [], {}, [[]], [None], {"a": {"b": []}}, "9999-99-99T99:99:99Z", "0001-01-01T00:00:00Z", "{'a': 'b'", '{"a":',
)  # fmt: skip
"""Values that no field expects."""

FILLERS: tuple[str, ...] = (
    *(" x", '"', "\\", "=1 ", "[", "9", ".", "-", "at a.b(", "\t", "/", ",", "ERROR ", "'", "a:b ", "{}", "|", "%20"),
    *("trace_id=", "GET / HTTP/1.1 ", "java.lang.", "&sig=", "\u00e9"),
)
"""What a record may be prolonged with; repeated, each is the worst case of some pattern."""


def mutants(body: str, random: Random, count: int) -> list[bytes]:
    """Return a record damaged in random ways: fields gone, replaced or doubled, bytes changed, its end cut off."""
    return [_mutant(body, random) for _ in range(count)]


def _mutant(body: str, random: Random) -> bytes:
    if body.startswith("{") and random.random() < 0.7:
        return _changed(json.loads(body), random)
    data = bytearray(body.encode("utf-8", "surrogatepass"))
    for _ in range(random.randrange(1, 6)):
        _damage(data, random)
    text = bytes(data).replace(b"\n", b" ")
    return text if text.strip() else b"-"


def _damage(data: bytearray, random: Random) -> None:
    at = random.randrange(len(data)) if data else 0
    kind = random.randrange(5)
    if kind == 0:
        del data[at : at + random.randrange(1, 8)]
    elif kind == 1:
        data[at:at] = data[at : at + random.randrange(1, 40)]
    elif kind == 2 and data:
        data[at] = random.randrange(256)
    elif kind == 3:
        del data[at:]
    else:
        data[at:at] = random.choice([b"{", b"}", b'"', b"\\", b"[1]", b"null", b"1e999", b"\xff", b"\\ud800", b"\x00"])


def _changed(record: dict[str, Any], random: Random) -> bytes:
    holders = list(_holders(record))
    for _ in range(random.randrange(1, 4)):
        holder = random.choice(holders)
        if not holder:
            continue
        key = random.choice(list(holder))
        kind = random.randrange(4)
        if kind == 0:
            del holder[key]
        elif kind == 1:
            holder[key] = deepcopy(random.choice(ODD))
        elif kind == 2:
            holder[random.choice([key.swapcase(), key + "2", "category", "time"])] = deepcopy(holder[key])
        else:
            holder[key] = _deep(holder[key], random.choice([3, 60, 200]))
    return json.dumps(record, default=str).encode("utf-8", "surrogatepass")


def _holders(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
        for inner in list(value.values()):
            yield from _holders(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _holders(inner)


def _deep(value: Any, depth: int) -> Any:
    for level in range(depth):
        value = {"a": value} if level % 2 else [value]
    return value


def prolonged(body: str, filler: str, length: int) -> str:
    """Return a record with a text of some length in it: in its longest field, or at its end."""
    text = filler * (length // len(filler))
    if not body.startswith("{"):
        return f"{body} {text}"
    record = json.loads(body)
    holder = max(_holders(record), key=lambda one: max([len(v) for v in one.values() if isinstance(v, str)], default=0))
    texts = [key for key, value in holder.items() if isinstance(value, str)] or ["message"]
    key = max(texts, key=lambda name: len(holder.get(name, "")))
    holder[key] = f"{holder.get(key, '')} {text}"
    return json.dumps(record)


def in_context(bodies: list[bytes], context: dict[str, Any]) -> Records:
    """Return records under what an envelope says of them."""
    records = Records.of(bodies, ORIGIN)
    told = json.dumps(context) if context else ""
    return replace(records, context=StringColumn.constant(told, len(bodies)))
