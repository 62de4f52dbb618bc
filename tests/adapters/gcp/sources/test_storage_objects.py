"""Cloud Storage: the contract, generations and bounds, and the same through the public emulator."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from gcp_storage_emulator.server import create_server

from cloudledger.adapters.acquisition import ObjectInfo, missing, open_gaps
from cloudledger.adapters.gcp.sources import StorageObjects
from cloudledger.adapters.gcp.sources import storage_objects as module
from cloudledger.domain import CostRecorded, InvalidArgumentError
from cloudledger.store import Ledger
from tests.adapters.acquisition.contract import SourceContract
from tests.adapters.gcp.sources.logging_world import HOUR_NS
from tests.adapters.gcp.sources.storage_world import BUCKET, StorageWorld, lines, opened


class TestStorageObjects(SourceContract):
    @pytest.fixture
    def world(self) -> Iterator[StorageWorld]:
        yield from opened()


@pytest.fixture
def world() -> Iterator[StorageWorld]:
    yield from opened()


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with Ledger.open(tmp_path / "ledger") as ledger:
        yield ledger


def test_a_file_that_comes_late_or_is_replaced_is_read(world: StorageWorld, ledger: Ledger) -> None:
    world.poll(ledger)
    world.fake.put("pay/2026/11/18/01:00:00_01:59:59_A7.json", lines(9001), world.since_ns)
    world.put(23, range(460, 490))

    report = world.poll(ledger)

    assert report.appended == 11
    assert world.stored(ledger) == world.expected()


def test_a_file_that_is_replaced_while_it_is_read_is_a_gap_until_the_next_listing(
    world: StorageWorld, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    replaced = world.source()
    listing = replaced.reader.listing

    def late(asked: object) -> Iterator[object]:
        found = list(listing(asked))  # type: ignore[arg-type]
        world.put(23, range(460, 490))
        yield from found

    monkeypatch.setattr(replaced.reader, "listing", late)
    assert "404" in world.poll(ledger, replaced).problem
    assert len(open_gaps(ledger)) == 1
    world.poll(ledger)

    assert world.stored(ledger) == world.expected()
    assert open_gaps(ledger) == ()


def test_a_large_file_is_read_in_blocks(world: StorageWorld, ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "BLOCK_BYTES", 1000)

    world.poll(ledger)

    assert world.stored(ledger) == world.expected()
    assert len([one for one in world.fake.requests if "alt=media" in one.path]) > 50


def test_only_what_was_written_since_is_read(world: StorageWorld, ledger: Ledger) -> None:
    source = world.source(since=world.since_ns + 22 * HOUR_NS, metadata={"region": "here"})

    assert world.poll(ledger, source).appended == 40
    told = {"provider": "gcp", "account": "shop-prod", "region": "here"}
    assert source.reader.metadata(ObjectInfo("gs://shop-logs/a", 1)) == told


def test_a_check_says_which_permission_is_missing(world: StorageWorld) -> None:
    source = world.source()
    source.run_in(world.clock.runtime())

    assert missing(source.check()) == ()
    world.fake.permissions = ["storage.objects.list"]
    [lack] = missing(source.check())
    assert (lack.name, lack.remedy) == ("storage.objects.get", "grant roles/storage.objectViewer")


@pytest.mark.parametrize("bucket", ["", "gs://shop", "shop/logs"])
def test_a_bucket_is_given_by_its_name(bucket: str) -> None:
    with pytest.raises(InvalidArgumentError, match="name of a bucket"):
        StorageObjects(bucket, project="shop-prod")


@pytest.fixture(scope="module")
def emulator() -> Iterator[str]:
    server = create_server("127.0.0.1", 0, in_memory=True, default_bucket=BUCKET)
    server.start()
    yield f"http://127.0.0.1:{server._api._httpd.server_port}"
    server.stop()


def upload(emulator: str, name: str, content: bytes) -> None:
    url = f"{emulator}/upload/storage/v1/b/{BUCKET}/o"
    requests.post(url, params={"uploadType": "media", "name": name}, data=content, timeout=10).raise_for_status()


def test_files_of_a_sink_and_of_billing_are_read_from_the_emulator(
    emulator: str, world: StorageWorld, ledger: Ledger
) -> None:
    upload(emulator, "pay/2026/11/19/00:00:00_00:59:59_S0.json", lines(1, 2))
    row = {"billing_account_id": "A", "service": {"id": "S", "description": "Compute Engine"}, "cost": 0.25}
    row |= {"sku": {"id": "K", "description": "Core"}, "usage_start_time": "2026-11-19 00:00:00 UTC", "currency": "EUR"}
    upload(emulator, "billing/rows.json", json.dumps(row).encode() + b"\n")
    source = world.source(endpoint=emulator, prefix="", glob="**/*.json")

    first = world.poll(ledger, source)
    upload(emulator, "pay/2026/11/19/01:00:00_01:59:59_S0.json", lines(2, 3))
    second = world.poll(ledger, source)

    assert (first.appended, first.problem, second.appended) == (3, "", 1)
    [cost] = [event for batch in ledger.read() for event in batch if isinstance(event, CostRecorded)]
    assert cost.billed_cost_micros == 250_000
