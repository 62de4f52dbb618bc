"""Blob exports from Azurite: a server that is not ours agrees on listings, ranges, signatures and conditions."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from azure.storage.blob import ContainerClient, ContainerSasPermissions, generate_container_sas

from cloudledger.adapters import ingest
from cloudledger.adapters.acquisition import Runtime, missing
from cloudledger.adapters.azure.sources import AzureCloud, BlobExports
from cloudledger.domain import Kind
from cloudledger.store import Ledger
from tests.adapters.azure.sources.blob_world import line
from tests.wire.azurite import ACCOUNT, KEY, azurite

HOUR = "resourceId=/SUBSCRIPTIONS/0B1F/RESOURCEGROUPS/SHOP/y=2026/m=11/d=20/h=11/m=00/PT1H.json"


@pytest.fixture(scope="module")
def container(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    with azurite(tmp_path_factory.mktemp("azurite")) as url:
        client = ContainerClient(url, "insights-logs-x", credential=KEY)
        client.create_container()
        yield client


@pytest.fixture
def source(container: Any, monkeypatch: pytest.MonkeyPatch) -> BlobExports:
    signature = generate_container_sas(
        ACCOUNT,
        "insights-logs-x",
        account_key=KEY,
        permission=ContainerSasPermissions(read=True, list=True),
        expiry=datetime.now(UTC) + timedelta(hours=1),
    )
    monkeypatch.setenv("TEST_SAS", signature)
    cloud = AzureCloud(blobs=container.url.removesuffix("/insights-logs-x").replace(ACCOUNT, "{account}"))
    return BlobExports(ACCOUNT, "insights-logs-x", sas="env:TEST_SAS", cloud=cloud)


def test_blobs_are_read_once_and_on_from_where_they_ended(container: Any, source: BlobExports, tmp_path: Path) -> None:
    appended = container.get_blob_client(HOUR)
    appended.create_append_blob()
    torn = line(3)
    appended.append_block(line(1) + line(2) + torn[:20])
    container.upload_blob("export/part 1 ü.json.gz", gzip.compress(line(4) + line(5)))
    for number in range(6, 12):
        container.upload_blob(f"export/more/{number}.json", line(number))

    with Ledger.open(tmp_path / "ledger") as ledger:
        first = ingest(ledger, [source])
        appended.append_block(torn[20:])
        container.upload_blob("export/more/6.json", line(60), overwrite=True)
        second = ingest(ledger, [source])
        third = ingest(ledger, [source])
        found = [json.loads(event.payload) for event in ledger.search(kind=Kind.LOG_RECORDED, limit=None)]  # type: ignore[attr-defined]

    assert [report.appended for report in (first, second, third)] == [10, 2, 0]
    assert sorted(one["properties"]["number"] for one in found) == [*range(1, 12), 60]
    source.run_in(Runtime())
    assert missing(source.check()) == ()
