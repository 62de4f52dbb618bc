"""The real Google Cloud, read only: skipped unless the environment names what may be read.

Credentials are those of the environment (Application Default Credentials). A subscription is only checked, since
reading it would acknowledge its messages; a query of the billing table is only tried for what it would scan.

    CLOUDLEDGER_GCP_PROJECT        project whose logs and metrics of the last minutes are read
    CLOUDLEDGER_GCP_BUCKET         bucket of which the objects of the last hour are read
    CLOUDLEDGER_GCP_SUBSCRIPTION   subscription to check
    CLOUDLEDGER_GCP_BILLING_TABLE  table of a billing export to check
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cloudledger.adapters import ingest
from cloudledger.adapters.acquisition import WindowSettings, missing
from cloudledger.adapters.gcp.sources import (
    BillingTable,
    CloudLogging,
    CloudMonitoring,
    PubSubSubscription,
    StorageObjects,
    deployment_logs,
)
from cloudledger.store import Ledger

PROJECT = os.environ.get("CLOUDLEDGER_GCP_PROJECT", "")
MINUTES = WindowSettings(back_s=300, window_s=60, ahead_s=60)
ENTRIES = "logging.googleapis.com/log_entry_count"

pytestmark = pytest.mark.skipif(not PROJECT, reason="CLOUDLEDGER_GCP_PROJECT names no project")


def named(variable: str) -> str:
    value = os.environ.get(variable, "")
    return value or pytest.skip(f"{variable} names nothing")


READ: dict[str, Callable[[], Any]] = {
    "logs": lambda: CloudLogging(PROJECT, windows=MINUTES, filter="severity>=WARNING"),
    "audit": lambda: deployment_logs(PROJECT, windows=MINUTES),
    "metrics": lambda: CloudMonitoring(PROJECT, [ENTRIES], windows=WindowSettings(back_s=600)),
    "bucket": lambda: StorageObjects(
        named("CLOUDLEDGER_GCP_BUCKET"), project=PROJECT, since=time.time_ns() - 3_600_000_000_000
    ),
}

CHECKED: dict[str, Callable[[], Any]] = {
    "subscription": lambda: PubSubSubscription(named("CLOUDLEDGER_GCP_SUBSCRIPTION"), project=PROJECT),
    "billing": lambda: BillingTable(named("CLOUDLEDGER_GCP_BILLING_TABLE"), project=PROJECT),
}


@pytest.mark.parametrize("name", READ)
def test_what_may_be_read_is_read_twice_and_stored_once(name: str, tmp_path: Path) -> None:
    assert missing(READ[name]().check()) == ()
    with Ledger.open(tmp_path / "ledger") as ledger:
        first = ingest(ledger, [READ[name]()])
        again = ingest(ledger, [READ[name]()])

    assert [one.problem for one in (*first.sources, *again.sources)] == ["", ""]


@pytest.mark.parametrize("name", CHECKED)
def test_what_would_cost_or_consume_is_only_checked(name: str) -> None:
    assert missing(CHECKED[name]().check()) == ()
