"""Smoke tests against a real account: read-only, skipped unless the environment names it; Cost Explorer costs a cent.

CLOUDLEDGER_AWS_ACCOUNT=123456789012 CLOUDLEDGER_AWS_REGION=eu-west-1 [CLOUDLEDGER_AWS_PROFILE=reader]
[CLOUDLEDGER_AWS_LOG_GROUP=/ecs/pay] [CLOUDLEDGER_AWS_BUCKET=trail CLOUDLEDGER_AWS_PREFIX=AWSLogs/...]
[CLOUDLEDGER_AWS_COSTS=1]
"""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

import pytest

from cloudledger.adapters import Pipeline
from cloudledger.adapters.acquisition import Runtime, missing
from cloudledger.adapters.aws.sources import (
    ApplicationScalingActivities,
    AutoScalingActivities,
    AwsCredentials,
    CloudFormationStacks,
    CloudTrailLookup,
    CloudWatchInsights,
    CloudWatchLogs,
    CloudWatchMetrics,
    CostExplorer,
    MetricQuery,
    S3Objects,
)
from cloudledger.adapters.committing import Commits
from cloudledger.store import Ledger

ENVIRONMENT = "CLOUDLEDGER_AWS_"


def told(name: str) -> str:
    return os.environ.get(ENVIRONMENT + name, "")


pytestmark = pytest.mark.skipif(not told("ACCOUNT"), reason=f"{ENVIRONMENT}ACCOUNT names no account")


def sources() -> list[Any]:
    """Return the sources that the environment names, of the last ten minutes."""
    place: dict[str, Any] = {
        "account": told("ACCOUNT"),
        "region": told("REGION") or "us-east-1",
        "credentials": AwsCredentials(profile=told("PROFILE")),
    }
    recent = {**place, "since": time.time_ns() - 600 * 10**9}
    found: list[Any] = [
        CloudTrailLookup(**recent),
        AutoScalingActivities(**recent),
        ApplicationScalingActivities("ecs", **recent),
        CloudFormationStacks(**recent),
        CloudWatchMetrics(MetricQuery("AWS/Logs", "IncomingBytes", statistic="Sum"), **recent),
    ]
    if group := told("LOG_GROUP"):
        found += [CloudWatchLogs(group, **recent), CloudWatchInsights(group, **recent)]
    if bucket := told("BUCKET"):
        found.append(S3Objects(bucket, told("PREFIX"), days=1, **place))
    if told("COSTS"):
        found.append(CostExplorer(account=told("ACCOUNT"), credentials=place["credentials"], since=recent["since"]))
    return found


def test_sources_of_a_real_account_may_be_read(tmp_path: Path) -> None:
    with Ledger.open(tmp_path / "ledger") as ledger:
        for source in sources():
            source.run_in(Runtime())
            assert missing(source.check()) == ()
            assert not Commits(ledger, source, Pipeline()).run().problem
