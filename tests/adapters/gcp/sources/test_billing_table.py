"""The billing export in BigQuery: the contract, equal and corrected rows, new columns, and what a query may cost."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from cloudledger.adapters import FileSource, ingest
from cloudledger.adapters.acquisition import RateLimit, WindowSettings, missing, open_gaps
from cloudledger.adapters.gcp.sources import BillingTable
from cloudledger.adapters.gcp.sources import billing_table as module
from cloudledger.domain import CostRecorded, InvalidArgumentError
from cloudledger.store import Ledger
from tests.adapters.acquisition.contract import SourceContract
from tests.adapters.gcp.sources.billing_world import DAY_NS, TABLE, BillingWorld, opened, row
from tests.wire.google_bigquery import Charge
from tests.wire.google_rest import told
from tests.wire.http_fake import Answer, Request

WHOLE = WindowSettings(window_s=86400, least_s=86400)


class TestBillingTable(SourceContract):
    @pytest.fixture
    def world(self) -> Iterator[BillingWorld]:
        yield from opened()


@pytest.fixture
def world() -> Iterator[BillingWorld]:
    yield from opened()


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with Ledger.open(tmp_path / "ledger") as ledger:
        yield ledger


def costs(ledger: Ledger) -> list[CostRecorded]:
    return [event for batch in ledger.read() for event in batch if isinstance(event, CostRecorded)]


def test_rows_are_those_that_a_json_export_of_the_table_gives(
    world: BillingWorld, ledger: Ledger, tmp_path: Path
) -> None:
    world.poll_until_calm(ledger)
    exported = tmp_path / "export.json"
    exported.write_text("".join(json.dumps(charge.row) + "\n" for charge in world.fake.charges))
    with Ledger.open(tmp_path / "files") as files:
        ingest(files, [FileSource(exported)])
        from_file = costs(files)

    def facts(found: list[CostRecorded]) -> list[Any]:
        own = {"event_id": b"", "export": "", "reference": "", "recorded_at": 0, "size_bytes": 0}
        return sorted(repr(msgspec.structs.replace(one, **own)) for one in found)

    assert facts(costs(ledger)) == facts(from_file)
    assert len(from_file) == 312


def test_late_and_corrected_rows_are_added_and_none_is_stored_twice(world: BillingWorld, ledger: Ledger) -> None:
    """A correction is a row of its own with a later `export_time`: the export never changes one."""
    world.poll(ledger)
    now = world.clock.now_ns()
    late = [Charge(now - DAY_NS, row(900 + n, now - DAY_NS), now + n * DAY_NS // 5) for n in range(1, 6)]
    corrected = Charge(now + 1_000_000_000, row(7, now, cost=-0.07))
    world.fake.charges += [*late, corrected]
    for _ in range(30):
        world.poll(ledger)
        world.clock.forward(6 * 3600)

    assert world.stored(ledger) == world.expected()
    assert open_gaps(ledger) == ()


def test_a_column_that_is_new_makes_no_row_new(world: BillingWorld, ledger: Ledger) -> None:
    world.poll(ledger)
    world.fake.charges = [c._replace(row={**c.row, "price": None, "tags": {"a": None}}) for c in world.fake.charges]
    renewed = [c._replace(row={n: v for n, v in c.row.items() if n != "tags"}) for c in world.fake.charges]
    world.fake.charges = renewed

    report = world.poll(ledger)

    assert (report.appended, report.read > 0) == (0, True)


def test_a_query_is_bounded_and_its_cost_capped(world: BillingWorld, ledger: Ledger) -> None:
    world.poll(ledger, world.source(condition="charge.project.id = 'shop-prod'", most_bytes=1 << 30))

    asked = [json.loads(one.body) for one in world.fake.requests if one.method == "POST"]
    assert {one["maximumBytesBilled"] for one in asked} == {str(1 << 30)}
    assert all("charge.export_time >= @since AND charge.export_time < @until" in one["query"] for one in asked)
    assert all("AND (charge.project.id = 'shop-prod')" in one["query"] for one in asked)
    assert all(f"FROM `{TABLE}`" in one["query"] for one in asked)
    assert {one["location"] for one in asked} == {"EU"}
    assert len({one["requestId"] for one in asked}) == len(asked)


def test_a_query_that_is_repeated_is_the_same_job(world: BillingWorld, ledger: Ledger) -> None:
    """Else a lost answer would be paid twice."""
    world.faults.plan(["truncated"])
    world.poll(ledger, world.source(location=""))

    first, second = (json.loads(one.body) for one in world.fake.requests[:2])
    assert first == second
    assert "location" not in first


def test_a_query_that_is_never_done_is_a_gap(
    world: BillingWorld, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MOST_LOOKS", 3)
    world.faults.plan(["pending"] * 300)
    world.poll(ledger, world.source(windows=WHOLE, rate=RateLimit(per_s=1e6)))

    assert {gap.reason for gap in open_gaps(ledger)} == {"a query was not done after 80 s"}


def test_pages_that_are_lost_are_a_gap(world: BillingWorld, ledger: Ledger) -> None:
    world.faults.plan(["short"])
    world.poll(ledger, world.source(windows=WHOLE))

    assert [gap.reason for gap in open_gaps(ledger)] == ["20 rows came of 50"]


def test_a_service_that_repeats_its_token_is_a_gap_and_no_endless_loop(
    world: BillingWorld, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    def again(request: Request) -> Answer:
        return told({"jobComplete": True, "jobReference": {"jobId": "j"}, "pageToken": "again", "totalRows": "9"})

    monkeypatch.setattr(world.fake, "answer", again)
    world.poll(ledger, world.source(windows=WHOLE, rate=RateLimit(per_s=1e6)))

    assert {gap.reason for gap in open_gaps(ledger)} == {"the token of the next page is that of one before"}


def test_a_check_costs_nothing_and_says_what_a_query_scans(world: BillingWorld) -> None:
    source = world.source()
    source.run_in(world.clock.runtime())

    [found] = source.check()
    assert (found.ok, found.detail) == (True, "a query scans 1048576 bytes")
    assert json.loads(world.fake.requests[0].body)["dryRun"] is True
    world.faults.plan(["denied"])
    [lack] = missing(source.check())
    assert "roles/bigquery.jobUser" in lack.remedy


@pytest.mark.parametrize("table", ["", "billing.x", "a.b.c` UNION ALL SELECT", "a.b.c.d.e"])
def test_a_table_is_given_by_its_whole_name(table: str) -> None:
    with pytest.raises(InvalidArgumentError, match="table"):
        BillingTable(table, project="shop-prod")
    assert BillingTable("shop.com:p.d.t", project="p").reader
    with pytest.raises(InvalidArgumentError, match="most_bytes"):
        BillingTable(TABLE, project="p", most_bytes=0)
