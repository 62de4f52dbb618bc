"""Write what AWS logs of its control plane and network: CloudTrail files, VPC flow log files.

Between the story and the files; of few rows. CloudTrail has the Terraform runs' calls among unrelated ones.
"""

from __future__ import annotations

from random import Random
from typing import Any

from . import places
from .clock import MICROSECONDS, utc_text
from .containers import compact
from .native_file import FileSet
from .pods import guid, pods_of
from .story import Story
from .terraform_run import Run

_READS = (
    ("ec2.amazonaws.com", "DescribeInstances", "Boto3/1.40.1 md/Botocore#1.40.1 cfg/retry-mode#standard"),
    ("ssm.amazonaws.com", "GetParameter", "aws-sdk-go-v2/1.30.3 os/linux lang/go#1.23.1"),
    ("rds.amazonaws.com", "DescribeDBInstances", "APN/1.0 Datadog"),
    ("sts.amazonaws.com", "AssumeRole", "aws-sdk-java/2.28.1 Linux/5.10"),
    ("elasticloadbalancing.amazonaws.com", "DescribeTargetHealth", "aws-load-balancer-controller/2.9"),
)
_TERRAFORM = "APN/1.0 HashiCorp/1.0 Terraform/1.11.4 (+https://www.terraform.io) terraform-provider-aws/5.91.0"


def write_cloudtrail(files: FileSet, story: Story, runs: list[Run], count: int) -> None:
    """Write CloudTrail: the calls of the AWS runs, among `count` others, in gzip files as CloudTrail delivers them."""
    random = Random(f"cloudtrail {story.seed}")
    records = [_read_call(random, story) for _ in range(count)]
    for run in runs:
        for at_us, source, name, parameters, response in run.api_calls:
            records.append(_terraform_call(random, run, at_us, source, name, parameters, response))
    records.sort(key=lambda record: (record["eventTime"], record["eventID"]))
    half = len(records) // 2
    date = utc_text(story.start)[:10]
    folder = f"aws/AWSLogs/{places.AWS_ACCOUNT}/CloudTrail/{places.AWS_REGION}/{date.replace('-', '/')}"
    for number, part in enumerate((records[:half], records[half:])):
        stamp = utc_text(story.at((number + 1) / 2), 0).replace("-", "").replace(":", "")
        name = f"{places.AWS_ACCOUNT}_CloudTrail_{places.AWS_REGION}_{stamp}_{random.getrandbits(64):016x}.json.gz"
        files.write_document(f"{folder}/{name}", compact({"Records": part}), len(part))


def write_flow_log(files: FileSet, story: Story, count: int) -> None:
    """Write a VPC flow log file with its header: pods of the payment service and its database, and other traffic."""
    random = Random(f"flows {story.seed}")
    date = utc_text(story.start)[:10]
    folder = f"aws/AWSLogs/{places.AWS_ACCOUNT}/vpcflowlogs/{places.AWS_REGION}/{date.replace('-', '/')}"
    file = files.open(
        f"{folder}/{places.AWS_ACCOUNT}_vpcflowlogs_{places.AWS_REGION}_fl-0a1b2c3d4e5f60718"
        f"_{date.replace('-', '')}T0000Z_5f0e2b7a.log.gz"
    )
    file.write(
        "version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end "
        "action log-status",
        0,
    )
    clients = [
        (f"eni-{random.getrandbits(68):017x}", pod.ip)
        for s in story.services
        if s.cloud == "aws" and s.kind == "container"
        for pod in pods_of(s, story.seed)
    ]
    for number in range(count):
        second = (story.start + story.duration * number // max(count, 1)) // MICROSECONDS
        (interface, source), port = random.choice(clients), random.randrange(32_768, 61_000)
        target, target_port = ("10.20.9.15", 5432) if number % 3 == 0 else (random.choice(clients)[1], 8080)
        packets = random.randrange(4, 400)
        file.write(
            f"2 {places.AWS_ACCOUNT} {interface} {source} {target} {port} {target_port} 6 {packets} "
            f"{packets * random.randrange(60, 900)} {second - 60} {second} ACCEPT OK"
        )
    last = story.end // MICROSECONDS
    file.write(f"2 {places.AWS_ACCOUNT} eni-0f00ba4c0ffee1234 - - - - - - - {last - 60} {last} - NODATA")


def _record(random: Random, at_us: int, source: str, name: str, identity: dict[str, Any], agent: str) -> dict[str, Any]:
    return {
        "eventVersion": "1.11",
        "userIdentity": identity,
        "eventTime": utc_text(at_us, 0),
        "eventSource": source,
        "eventName": name,
        "awsRegion": places.AWS_REGION,
        "sourceIPAddress": f"198.51.100.{random.randrange(2, 250)}",
        "userAgent": agent,
        "requestParameters": None,
        "responseElements": None,
        "requestID": guid(random),
        "eventID": guid(random),
        "readOnly": True,
        "eventType": "AwsApiCall",
        "managementEvent": True,
        "recipientAccountId": places.AWS_ACCOUNT,
        "eventCategory": "Management",
    }


def _identity(random: Random, role: str, session: str) -> dict[str, Any]:
    principal = f"AROA{random.getrandbits(64):016X}"
    account = places.AWS_ACCOUNT
    return {
        "type": "AssumedRole",
        "principalId": f"{principal}:{session}",
        "arn": f"arn:aws:sts::{account}:assumed-role/{role}/{session}",
        "accountId": account,
        "sessionContext": {
            "sessionIssuer": {
                "type": "Role",
                "principalId": principal,
                "arn": f"arn:aws:iam::{account}:role/{role}",
                "accountId": account,
                "userName": role,
            },
            "attributes": {"mfaAuthenticated": "false"},
        },
    }


def _read_call(random: Random, story: Story) -> dict[str, Any]:
    source, name, agent = random.choice(_READS)
    at_us = story.start + int(story.duration * random.random())
    record = _record(
        random, at_us, source, name, _identity(random, "PlatformReader", f"i-{random.getrandbits(68):017x}"), agent
    )
    if random.random() < 0.02:
        record |= {"errorCode": "ThrottlingException", "errorMessage": "Rate exceeded"}
    return record


def _terraform_call(
    random: Random,
    run: Run,
    at_us: int,
    source: str,
    name: str,
    parameters: dict[str, Any],
    response: dict[str, Any] | None,
) -> dict[str, Any]:
    record = _record(random, at_us, source, name, _identity(random, "TerraformDeploy", run.session), _TERRAFORM)
    return record | {"requestParameters": parameters, "responseElements": response, "readOnly": False}
