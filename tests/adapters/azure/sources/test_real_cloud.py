"""Azure itself, read only, where an account is named: the least that shows that addresses and rights are right.

    CLOUDLEDGER_AZURE_WORKSPACE        id of a workspace of Log Analytics, with CLOUDLEDGER_AZURE_TABLE
    CLOUDLEDGER_AZURE_SUBSCRIPTION     activity log, deployments and costs
    CLOUDLEDGER_AZURE_STORAGE          account/container of exported blobs
    CLOUDLEDGER_AZURE_EVENT_HUB        namespace/hub/consumer group

Credentials come from `AzureCredentials(method="default")`. Costs are asked for once; nothing is written.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from cloudledger.adapters import ingest
from cloudledger.adapters.acquisition import PulledSource, Runtime, WindowSettings, missing
from cloudledger.adapters.azure.sources import (
    ActivityLog,
    AzureCredentials,
    BlobExports,
    CostQuery,
    Deployments,
    EventHubs,
    LogAnalytics,
)
from cloudledger.store import Ledger

CREDENTIALS = AzureCredentials(method="default")
SHORT = WindowSettings(back_s=600.0)


def named(name: str) -> str:
    """Return what a variable names; skip the test where it is not set."""
    value = os.environ.get(f"CLOUDLEDGER_AZURE_{name}", "")
    if not value:
        pytest.skip(f"CLOUDLEDGER_AZURE_{name} is not set: no account to read from")
    return value


def log_analytics() -> PulledSource:
    table = os.environ.get("CLOUDLEDGER_AZURE_TABLE", "AzureActivity")
    return LogAnalytics(named("WORKSPACE"), table, credentials=CREDENTIALS, windows=SHORT)


def activity_log() -> PulledSource:
    return ActivityLog(named("SUBSCRIPTION"), credentials=CREDENTIALS, windows=SHORT)


def deployments() -> PulledSource:
    return Deployments(named("SUBSCRIPTION"), credentials=CREDENTIALS)


def cost_query() -> PulledSource:
    return CostQuery(f"/subscriptions/{named('SUBSCRIPTION')}", credentials=CREDENTIALS)


def blob_exports() -> PulledSource:
    account, container = named("STORAGE").split("/")
    return BlobExports(account, container, prefixes="resourceId=", days=1, credentials=CREDENTIALS)


def event_hubs() -> PulledSource:
    namespace, hub, group = named("EVENT_HUB").split("/")
    return EventHubs(namespace, hub, group=group, start="latest", credentials=CREDENTIALS)


@pytest.mark.parametrize("make", [log_analytics, activity_log, deployments, cost_query, blob_exports, event_hubs])
def test_a_source_may_read_and_reads(make: object, tmp_path: Path) -> None:
    source: PulledSource = make()  # type: ignore[operator]
    source.run_in(Runtime())
    assert missing(source.check()) == ()

    with Ledger.open(tmp_path / "ledger") as ledger:
        report = ingest(ledger, [source])

    assert all(not one.problem for one in report.sources)
