"""Costs by query: the contract, days that change, links followed with the same body, other days refused."""

from __future__ import annotations

import json
import pickle
from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from cloudledger.adapters.acquisition import missing, open_gaps
from cloudledger.adapters.acquisition.window_cursor import decode_window_cursor
from cloudledger.adapters.azure.sources import CostQuery
from cloudledger.domain import InvalidArgumentError, Kind
from cloudledger.store import Ledger
from tests.adapters.acquisition.clock import VirtualClock
from tests.adapters.acquisition.contract import SourceContract, World
from tests.adapters.azure.sources.activity_world import SHARES
from tests.adapters.azure.sources.log_analytics_world import CREDENTIALS
from tests.wire.azure_management import SCOPE, SUBSCRIPTION, FakeManagement
from tests.wire.faults import Faults
from tests.wire.tls import ca_file

RESOURCE = f"{SCOPE}/resourceGroups/shop/providers/Microsoft.Web/sites/pay"
DAY_S = 86_400


class CostWorld(World):
    """A subscription with three charges on each of forty days."""

    outage, empty_page = "unavailable", ""
    shares = {kind: share for kind, share in SHARES.items() if kind not in ("empty_page", "timeout")} | {
        "cost_quota": 0.06
    }

    def __init__(self) -> None:
        self.clock = VirtualClock()
        self.faults = Faults(most_in_a_row=4)
        self.fake = FakeManagement(self.faults, clock_ns=self.clock.now_ns)
        self.fake.page_items = 20
        for number in range(40):
            day = f"2026-{10 + (number + 11) // 31:02d}-{(number + 11) % 31 + 1:02d}"
            self.fake.costs[day] = [(number + part / 4, f"{RESOURCE}{part}", "Storage") for part in range(3)]

    def source(self, **settings: Any) -> CostQuery:
        return CostQuery(
            SCOPE,
            **{
                "credentials": CREDENTIALS,
                "cloud": self.fake.cloud,
                "ca_file": ca_file(),
                "since": "2026-10-12T00:00:00Z",
                **settings,
            },
        )

    def expected(self) -> Counter[str]:
        found = self.fake.costs.items()
        return Counter(f"{day} {cost} {resource}" for day, rows in found for cost, resource, _ in rows)

    def key(self, event: Any) -> str:
        day = str(self.days[event.charge_period_start // (DAY_S * 1_000_000_000)])
        name = event.resource.rpartition("/")[2]
        return f"{day} {event.billed_cost_micros / 1e6} {RESOURCE.rpartition('/')[0]}/{name}"

    @property
    def days(self) -> dict[int, str]:
        """Days since 1970 by their names."""
        return {(date.fromisoformat(day) - date(1970, 1, 1)).days: day for day in self.fake.costs}

    def place(self, cursor: bytes | None) -> int:
        return decode_window_cursor(cursor, "").done_ns


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Iterator[CostWorld]:
    monkeypatch.setenv("TEST_AZURE_SECRET", "not-a-secret-at-all")
    world = CostWorld()
    with world.fake:
        yield world


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with Ledger.open(tmp_path / "ledger") as ledger:
        yield ledger


class TestCostQuery(SourceContract):
    @pytest.fixture
    def world(self, monkeypatch: pytest.MonkeyPatch) -> Iterator[CostWorld]:
        monkeypatch.setenv("TEST_AZURE_SECRET", "not-a-secret-at-all")
        world = CostWorld()
        with world.fake:
            yield world


def test_a_day_that_changed_is_stored_anew_and_the_newest_counts(world: CostWorld, ledger: Ledger) -> None:
    world.poll_until_calm(ledger)
    world.fake.costs["2026-11-19"][0] = (100.0, f"{RESOURCE}0", "Storage")

    report = world.poll(ledger)

    assert report.appended == 3
    found = [event for event in ledger.search(kind=Kind.COST_RECORDED, limit=None) if event.resource.endswith("pay0")]
    same = Counter(event.charge_key for event in found)  # type: ignore[attr-defined]
    [key] = [key for key, count in same.items() if count == 2]
    exports = {event.export for event in found if event.charge_key == key}  # type: ignore[attr-defined]
    assert len(exports) == 2


def test_rows_have_what_an_export_has(world: CostWorld, ledger: Ledger) -> None:
    world.fake.costs = {"2026-11-19": [(0.000012345, f"{RESOURCE}0", "Log Analytics")]}
    world.poll(ledger)

    [event] = ledger.search(kind=Kind.COST_RECORDED)

    assert event.account == SUBSCRIPTION
    assert event.billed_cost_micros == 12  # type: ignore[attr-defined]
    assert event.billed_cost_picos == 345_000  # type: ignore[attr-defined]
    assert event.billing_currency == "EUR"  # type: ignore[attr-defined]
    assert event.service_name == "Log Analytics"  # type: ignore[attr-defined]


def test_each_page_is_asked_for_with_the_same_body(world: CostWorld, ledger: Ledger) -> None:
    world.poll(ledger)

    asked = [request for request in world.fake.requests if "CostManagement" in request.path]
    assert len({request.body for request in asked}) < len(asked)
    assert json.loads(asked[0].body)["timePeriod"] == {"from": "2026-10-12T00:00:00Z", "to": "2026-11-11T23:59:59Z"}


def test_costs_of_other_days_than_those_asked_for_are_a_gap(world: CostWorld, ledger: Ledger) -> None:
    world.faults.plan(["shifted"] * 200)

    world.poll(ledger)

    assert not world.stored(ledger)
    gaps = open_gaps(ledger)
    assert gaps
    assert all("other days: 2020-01-01" in gap.reason for gap in gaps)


def test_a_link_that_repeats_is_no_endless_list(world: CostWorld, ledger: Ledger) -> None:
    world.faults.plan(["stuck", "stuck"])
    world.poll_until_calm(ledger)

    assert world.stored(ledger) == world.expected()


def test_a_check_says_what_is_missing(world: CostWorld) -> None:
    source = world.source()
    source.run_in(world.clock.runtime())
    assert missing(source.check()) == ()

    world.faults.plan(["denied"])
    [absent] = missing(source.check())

    assert "Cost Management Reader" in absent.remedy


def test_a_source_travels_to_another_process(world: CostWorld, ledger: Ledger) -> None:
    assert world.poll(ledger, pickle.loads(pickle.dumps(world.source()))).appended == 120


def test_a_scope_above_subscriptions_names_no_account() -> None:
    source = CostQuery("/providers/Microsoft.Billing/billingAccounts/7", groups="MeterCategory")

    assert source.identity.account == ""
    assert source.reader._body("2026-11-20", {"Cost": 1}) == b'{"Date":"2026-11-20","Cost":1}'  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "arguments", [{"scope": "/"}, {"groups": ("ServiceName",)}, {"groups": ("a", "b", "MeterCategory")}]
)
def test_wrong_arguments_are_refused(arguments: dict[str, Any]) -> None:
    with pytest.raises(InvalidArgumentError):
        CostQuery(**{"scope": SCOPE, **arguments})
