"""The sources against moto's server: another reading of the same APIs than that of our own fakes.

Where moto falls short of AWS (faults, paging, scaling activities, lookups), the fakes of `tests/wire` are used.
"""

from __future__ import annotations

import datetime as dt
import gzip
import json
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import boto3
import pytest

from cloudledger.adapters import Pipeline, SourceReport
from cloudledger.adapters.acquisition import RetrySettings, Runtime, missing
from cloudledger.adapters.aws.sources import (
    CloudFormationStacks,
    CloudWatchInsights,
    CloudWatchMetrics,
    CostExplorer,
    KinesisStream,
    MetricQuery,
    S3Notifications,
    S3Objects,
    SqsMessages,
    sqs_queue,
)
from cloudledger.adapters.committing import Commits
from cloudledger.domain import Kind
from cloudledger.store import Ledger
from tests.adapters.aws.sources.aws_world import CREDENTIALS, REGION, set_keys, trail_event
from tests.adapters.aws.sources.test_kinesis import message

moto_server = pytest.importorskip("moto.server", reason="moto is not installed")

ACCOUNT = "123456789012"
FOLDER = "AWSLogs/123456789012/CloudTrail/eu-west-1/2026/11/20"


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = moto_server.ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


class Scene:
    """A ledger, and ways to fill and to read moto's AWS."""

    def __init__(self, url: str, ledger: Ledger) -> None:
        self.url, self.ledger = url, ledger
        self.told: dict[str, Any] = {
            "account": ACCOUNT,
            "region": REGION,
            "credentials": CREDENTIALS,
            "endpoint_url": url,
        }

    def client(self, service: str) -> Any:
        session = boto3.Session(aws_access_key_id="AKIAIOSFODNN7EXAMPLE", aws_secret_access_key="x")
        return session.client(service, region_name=REGION, endpoint_url=self.url)

    def read(self, source: Any) -> SourceReport:
        source.retry = RetrySettings(attempts=2, base_s=0.01)
        source.run_in(Runtime())
        return Commits(self.ledger, source, Pipeline()).run()

    def trail_file(self, bucket: str, key: str, numbers: range) -> None:
        content = gzip.compress(json.dumps({"Records": [trail_event(number) for number in numbers]}).encode())
        self.client("s3").put_object(Bucket=bucket, Key=key, Body=content)

    def bucket(self, name: str) -> None:
        self.client("s3").create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION})


@pytest.fixture
def scene(url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Scene]:
    set_keys(monkeypatch)
    monkeypatch.setattr(sqs_queue, "WAIT_S", 0)
    with urlopen(Request(f"{url}/moto-api/reset", method="POST")) as answer:
        answer.read()
    with Ledger.open(tmp_path / "ledger") as ledger:
        yield Scene(url, ledger)


def test_objects_of_a_bucket(scene: Scene) -> None:
    scene.bucket("trail")
    for number in range(5):
        scene.trail_file("trail", f"{FOLDER}/{number} a+b.json.gz", range(number * 4, number * 4 + 4))
    source = S3Objects("trail", f"{FOLDER}/", **scene.told)

    assert scene.read(source).appended == 20
    assert scene.read(source).read == 0
    assert missing(source.check()) == ()


def test_versions_of_objects(scene: Scene) -> None:
    scene.bucket("trail")
    scene.client("s3").put_bucket_versioning(Bucket="trail", VersioningConfiguration={"Status": "Enabled"})
    for numbers in (range(3), range(3, 6)):
        scene.trail_file("trail", "same.json.gz", numbers)

    assert scene.read(S3Objects("trail", versions=True, **scene.told)).appended == 6


def test_objects_that_a_queue_tells_of(scene: Scene) -> None:
    scene.bucket("trail")
    queue = scene.client("sqs").create_queue(QueueName="trail")["QueueUrl"]
    told = {"QueueArn": f"arn:aws:sqs:{REGION}:{ACCOUNT}:trail", "Events": ["s3:ObjectCreated:*"]}
    scene.client("s3").put_bucket_notification_configuration(
        Bucket="trail", NotificationConfiguration={"QueueConfigurations": [told]}
    )
    scene.trail_file("trail", f"{FOLDER}/a b+c.json.gz", range(7))
    source = S3Notifications(queue, **scene.told)

    assert scene.read(source).appended == 7
    left = scene.client("sqs").get_queue_attributes(QueueUrl=queue, AttributeNames=["All"])["Attributes"]
    assert (left["ApproximateNumberOfMessages"], left["ApproximateNumberOfMessagesNotVisible"]) == ("0", "0")


def test_messages_of_a_queue(scene: Scene) -> None:
    queue = scene.client("sqs").create_queue(QueueName="scaling")["QueueUrl"]
    for number in range(12):
        scene.client("sqs").send_message(QueueUrl=queue, MessageBody=json.dumps(trail_event(number)))

    assert scene.read(SqsMessages(queue, **scene.told)).appended == 12


def test_records_of_a_stream_before_and_after_a_split(scene: Scene) -> None:
    kinesis = scene.client("kinesis")
    kinesis.create_stream(StreamName="logs", ShardCount=1)
    for number in range(3):
        kinesis.put_record(StreamName="logs", Data=message(range(number * 2, number * 2 + 2)), PartitionKey="p")
    kinesis.split_shard(StreamName="logs", ShardToSplit="shardId-000000000000", NewStartingHashKey=str(2**127))
    kinesis.put_record(StreamName="logs", Data=message(range(100, 102)), PartitionKey="p")
    source = KinesisStream("logs", **scene.told)

    scene.read(source)
    scene.read(source)

    events = {json.loads(one.payload)["id"] for one in scene.ledger.search(limit=None)}  # type: ignore[attr-defined]
    assert f"{1:056d}" in events
    assert missing(source.check()) == ()


def test_what_firehose_delivers_is_members_of_gzip_without_line_feeds(scene: Scene) -> None:
    """Each delivery is a gzip member; within one, documents follow each other without a separator."""
    scene.bucket("delivered")
    plain = [gzip.decompress(message(range(n, n + 2))) for n in range(0, 12, 2)]
    content = gzip.compress(plain[0] + plain[1] + plain[2]) + gzip.compress(plain[3]) + gzip.compress(plain[4])
    scene.client("s3").put_object(Bucket="delivered", Key="2026/11/20/11/logs-1", Body=content)
    scene.client("s3").put_object(Bucket="delivered", Key="2026/11/20/11/logs-2", Body=gzip.compress(plain[5]))

    report = scene.read(S3Objects("delivered", "%Y/%m/%d/%H/", since="2026-11-20T11:00:00Z", **scene.told))

    assert (report.appended, dict(report.rejected)) == (12, {})


def test_entries_by_a_query(scene: Scene) -> None:
    logs = scene.client("logs")
    now_ms = int(dt.datetime.now(dt.UTC).timestamp() * 1000)
    logs.create_log_group(logGroupName="/ecs/pay")
    logs.create_log_stream(logGroupName="/ecs/pay", logStreamName="task-1")
    events = [{"timestamp": now_ms - 60_000 + n, "message": f"order {n}"} for n in range(5)]
    logs.put_log_events(logGroupName="/ecs/pay", logStreamName="task-1", logEvents=events)

    assert scene.read(CloudWatchInsights("/ecs/pay", **scene.told)).appended == 5


def test_samples_of_a_metric(scene: Scene) -> None:
    now = dt.datetime.now(dt.UTC).replace(second=0, microsecond=0)
    data = [{"MetricName": "Orders", "Value": 2.0, "Timestamp": now - dt.timedelta(minutes=n)} for n in range(10, 20)]
    scene.client("cloudwatch").put_metric_data(Namespace="Shop", MetricData=data)
    source = CloudWatchMetrics(MetricQuery("Shop", "Orders", statistic="Sum"), **scene.told)

    scene.read(source)

    samples: list[Any] = list(scene.ledger.search(kind=Kind.METRIC_RECORDED, limit=None))
    assert [one.value for one in samples] == [2.0] * 10


def test_costs_page_after_page(scene: Scene) -> None:
    period = {"Start": "2026-11-19", "End": "2026-11-20"}
    group = {"Keys": ["AmazonCloudWatch"], "Metrics": {"UnblendedCost": {"Amount": "1.5", "Unit": "USD"}}}
    definitions = [{"Type": "DIMENSION", "Key": "SERVICE"}]
    pages: list[dict[str, Any]] = [
        {"ResultsByTime": [{"TimePeriod": period, "Groups": [group]}], "NextPageToken": "t"},
        {"ResultsByTime": [{"TimePeriod": {**period, "Start": "2026-11-18"}, "Groups": [group]}]},
    ]
    results = [{"GroupDefinitions": definitions, "DimensionValueAttributes": [], **page} for page in pages]
    body = json.dumps({"results": results}).encode()
    with urlopen(Request(f"{scene.url}/moto-api/static/ce/cost-and-usage-results", body, method="POST")) as answer:
        answer.read()
    told = {**scene.told, "region": "us-east-1"}

    report = scene.read(CostExplorer(**told, group_by=("SERVICE",), since=dt.datetime.now(dt.UTC)))

    assert report.formats == {"aws.cost_explorer": 2}


def test_what_a_stack_did(scene: Scene) -> None:
    template = {"Resources": {"Queue": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": "jobs"}}}}
    scene.client("cloudformation").create_stack(StackName="shop", TemplateBody=json.dumps(template))
    source = CloudFormationStacks(**scene.told)

    scene.read(source)

    deployments: list[Any] = list(scene.ledger.search(kind=Kind.DEPLOYMENT_RECORDED, limit=None))
    assert {one.stack for one in deployments} == {"shop"}
    assert missing(source.check()) == ()
