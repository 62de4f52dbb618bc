"""The activity log by its API: the contract, late events, ids of exported rows, scaling, pages, checks."""

from __future__ import annotations

import json
import pickle
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote_plus

import pytest

from cloudledger.adapters import FileSource, ingest
from cloudledger.adapters.acquisition import missing
from cloudledger.adapters.azure.sources import ActivityLog, deployment_activity
from cloudledger.domain import InvalidArgumentError, Kind
from cloudledger.store import Ledger
from tests.adapters.acquisition.contract import SourceContract
from tests.adapters.azure.sources.activity_world import ActivityWorld
from tests.adapters.azure.sources.log_analytics_world import SECOND
from tests.wire.azure_management import SUBSCRIPTION, Activity
from tests.wire.tls import ca_file


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Iterator[ActivityWorld]:
    monkeypatch.setenv("TEST_AZURE_SECRET", "not-a-secret-at-all")
    world = ActivityWorld()
    with world.fake:
        yield world


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with Ledger.open(tmp_path / "ledger") as ledger:
        yield ledger


class TestActivityLog(SourceContract):
    @pytest.fixture
    def world(self, monkeypatch: pytest.MonkeyPatch) -> Iterator[ActivityWorld]:
        monkeypatch.setenv("TEST_AZURE_SECRET", "not-a-secret-at-all")
        world = ActivityWorld()
        with world.fake:
            yield world


def test_late_events_are_stored_once(world: ActivityWorld, ledger: Ledger) -> None:
    world.be_late(1)
    for _ in range(32):
        world.clock.forward(60)
        world.poll(ledger)

    assert world.stored(ledger) == world.expected()


def test_an_event_has_the_id_that_its_row_in_log_analytics_has(
    world: ActivityWorld, ledger: Ledger, tmp_path: Path
) -> None:
    world.fake.activities = world.fake.activities[:1]
    row = {
        "TimeGenerated": "2026-11-20T11:00:00Z",
        "Type": "AzureActivity",
        "CategoryValue": "Administrative",
        "OperationNameValue": "MICROSOFT.WEB/SITES/WRITE",
        "EventDataId": "event-0",
        "_ItemId": "other",
        "_ResourceId": f"/subscriptions/{SUBSCRIPTION}/resourcegroups/shop/providers/microsoft.web/sites/pay",
    }
    (tmp_path / "row.json").write_text(json.dumps(row) + "\n")

    world.poll(ledger)
    ingest(ledger, [FileSource(tmp_path / "row.json", stream="row")])

    pulled, exported = ledger.search(kind=Kind.LOG_RECORDED)
    assert pulled.format == exported.format == "azure.activity"
    assert pulled.event_id == exported.event_id
    assert pulled.account == SUBSCRIPTION


def test_autoscale_entries_become_scaling_events(world: ActivityWorld, ledger: Ledger) -> None:
    target = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/g/providers/Microsoft.Web/serverfarms/cart-plan"
    told = {"OldInstancesCount": "2", "NewInstancesCount": "3", "ResourceName": target}
    operation = {"value": "Microsoft.Insights/AutoscaleSettings/Scaleup/Action"}
    fields = {"category": {"value": "Autoscale"}, "operationName": operation, "properties": told}
    world.fake.activities = [Activity(world.since_ns + SECOND, "scaled", fields)]

    world.poll(ledger)

    [event] = ledger.search(kind=Kind.SCALING_RECORDED)
    assert (event.old_size, event.new_size, event.service) == (2, 3, "cart")  # type: ignore[attr-defined]


def test_a_link_that_repeats_is_no_endless_list(world: ActivityWorld, ledger: Ledger) -> None:
    world.faults.plan(["", "stuck"])

    assert not world.poll(ledger).problem
    assert world.stored(ledger) == world.expected()


def test_a_token_is_not_sent_to_another_host(world: ActivityWorld, ledger: Ledger) -> None:
    world.fake.elsewhere = "https://elsewhere.example"

    assert "another host" in world.poll(ledger).problem


def test_only_what_is_wanted_is_asked_for(world: ActivityWorld, ledger: Ledger) -> None:
    world.poll(ledger, world.source(filter="resourceGroupName eq 'shop'"))

    asked = unquote_plus(world.fake.requests[-1].path)
    assert "eventTimestamp ge '2026-11-20T11:40:00.0000000Z' and eventTimestamp le '" in asked
    assert "and resourceGroupName eq 'shop'" in asked


def test_deployments_are_asked_for_by_their_provider(world: ActivityWorld, ledger: Ledger) -> None:
    settings = {"credentials": world.credentials, "cloud": world.fake.cloud, "ca_file": ca_file()}

    world.poll(ledger, deployment_activity(SUBSCRIPTION, **settings))

    assert "and resourceProvider eq 'Microsoft.Resources'" in unquote_plus(world.fake.requests[-1].path)


def test_a_check_says_what_is_missing(world: ActivityWorld) -> None:
    source = world.source()
    source.run_in(world.clock.runtime())
    assert missing(source.check()) == ()

    world.faults.plan(["denied"])
    [absent] = missing(source.check())

    assert "Monitoring Reader" in absent.remedy


def test_a_source_travels_to_another_process(world: ActivityWorld, ledger: Ledger) -> None:
    assert world.poll(ledger, pickle.loads(pickle.dumps(world.source()))).appended == 300


def test_a_subscription_must_be_named() -> None:
    with pytest.raises(InvalidArgumentError):
        ActivityLog("")
