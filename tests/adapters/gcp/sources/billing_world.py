"""The world of a billing export for the contract: a month of rows, some equal, some late, some corrected."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from cloudledger.adapters.acquisition import WindowSettings
from cloudledger.adapters.acquisition.window_cursor import decode_window_cursor
from cloudledger.adapters.gcp.sources import BillingTable
from tests.adapters.acquisition.clock import VirtualClock
from tests.adapters.acquisition.contract import World
from tests.adapters.gcp.sources.logging_world import HOUR_NS, PROJECT
from tests.wire.faults import Faults
from tests.wire.google_bigquery import Charge, FakeBigQuery

TABLE = "shop-prod.billing.gcp_billing_export_v1_0A"
DAY_NS = 24 * HOUR_NS

SHARES = {
    "throttled": 0.05,
    "quota": 0.05,
    "unavailable": 0.06,
    "internal": 0.02,
    "reset": 0.05,
    "truncated": 0.06,
    "empty200": 0.03,
    "html200": 0.03,
    "expired": 0.03,
    "pending": 0.1,
}


def iso(at_ns: int) -> str:
    return datetime.fromtimestamp(at_ns // 10**9, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def row(number: int, exported_ns: int, *, cost: float | None = None) -> dict[str, Any]:
    """Return a row as TO_JSON_STRING writes it."""
    used_ns = exported_ns - exported_ns % HOUR_NS - 6 * HOUR_NS
    return {
        "billing_account_id": "0A",
        "service": {"id": "6F81-5844-456A", "description": "Compute Engine"},
        "sku": {"id": f"SKU-{number % 7}", "description": "N2 Core"},
        "usage_start_time": iso(used_ns),
        "usage_end_time": iso(used_ns + HOUR_NS),
        "project": {"id": PROJECT, "number": "1", "name": "shop", "labels": [], "ancestry_numbers": None},
        "labels": [{"key": "app", "value": f"pay-{number}"}],
        "system_labels": [],
        "location": {"location": "europe-west1", "country": "BE", "region": "europe-west1", "zone": None},
        "export_time": iso(exported_ns),
        "cost": number / 100 if cost is None else cost,
        "currency": "EUR",
        "usage": {"amount": 3600.0, "unit": "seconds", "amount_in_pricing_units": 1.0, "pricing_unit": "hour"},
        "credits": [{"name": "CUD", "amount": -0.01}],
        "invoice": {"month": "202611"},
        "cost_type": "regular",
        "adjustment_info": None,
    }


class BillingWorld(World):
    """A table; a row's key is its label and its cost."""

    shares = SHARES

    def __init__(self, *, rows: int = 300, days: int = 6) -> None:
        self.clock = VirtualClock()
        self.faults = Faults(most_in_a_row=4)
        self.fake = FakeBigQuery(self.faults, clock_ns=self.clock.now_ns)
        self.since_ns = self.clock.now_ns() - days * DAY_NS
        for number in range(rows):
            at = self.since_ns + number * days * DAY_NS // rows
            self.fake.charges += [Charge(at, row(number, at))] * (3 if number % 50 == 0 else 1)

    def source(self, **settings: Any) -> BillingTable:
        fixed = {"since": self.since_ns, "windows": WindowSettings(window_s=86400), "location": "EU"}
        return BillingTable(TABLE, project=PROJECT, **{**fixed, "endpoint": self.fake.url, **settings})

    def expected(self) -> Counter[str]:
        now = self.clock.now_ns()
        rows = [c.row for c in self.fake.charges if max(c.visible_ns, c.exported_ns) <= now]
        return Counter(f"{one['labels'][0]['value']} {one['cost'] - 0.01:.2f}" for one in rows)

    def key(self, event: Any) -> str:
        return f"{event.tags['app']} {event.billed_cost_micros / 1e6:.2f}"

    def place(self, cursor: bytes | None) -> int:
        return decode_window_cursor(cursor, "").done_ns

    def lose(self) -> bool:
        """A row that is counted and never given."""
        self.fake.poison = self.fake.charges[len(self.fake.charges) // 2].row
        return True

    def find_again(self) -> bool:
        self.fake.poison = {}
        return True


def opened() -> Iterator[BillingWorld]:
    """Yield a world whose fake serves."""
    world = BillingWorld()
    with world.fake:
        yield world
