"""The bill is split truly: against a world whose billing parameters the pipeline does not know."""

from collections import defaultdict
from decimal import Decimal
from functools import cache
from random import Random

import pytest

from cloudledger.projections.cost import CostModel, CostProjection
from cloudledger.projections.partitions import ProjectionState
from tests.projections.cost.cloud_bill import World, make_world

CENT = Decimal("0.01")


@cache
def folded(seed: int) -> tuple[World, ProjectionState]:
    world, projection = make_world(seed), CostProjection()
    state = projection.empty()
    batches = list(world.batches)
    Random(seed).shuffle(batches)
    for batch in batches:
        projection.fold(state, batch)
    return world, state


@pytest.mark.parametrize("seed", [0, 3])
def test_every_service_of_one_percent_of_its_pool_is_within_five_percent(seed: int) -> None:
    world, state = folded(seed)
    pools: dict[str, Decimal] = defaultdict(Decimal)
    for (provider, _), cost in world.cost.items():
        pools[provider] += cost

    for line in CostModel(state).report(by=["provider", "service"]):
        provider, service = line.group["provider"], line.group["service"]
        truth = world.cost[provider, service]
        if truth >= pools[provider] / 100:
            assert abs(line.cost - truth) <= truth * Decimal("0.05"), (provider, service)


def test_totals_are_the_bills_to_the_cent_with_credits_apart() -> None:
    world, state = folded(0)

    lines = CostModel(state).report(by="provider")

    for line in lines:
        assert abs(line.cost - world.totals[line.group["provider"], "Usage"]) < CENT / 100
        assert abs(line.credits - world.totals[line.group["provider"], "Credit"]) < CENT / 100
        assert line.total == line.cost + line.credits + line.taxes
    assert {(line.group["provider"], line.currency) for line in lines} == {
        ("aws", "USD"),
        ("azure", "EUR"),
        ("gcp", "USD"),
    }


@pytest.mark.parametrize("by", ["service", "resource", "format", "severity", "template", "day", "hour", "log_class"])
def test_every_grouping_adds_up_to_the_same_total(by: str) -> None:
    model = CostModel(folded(0)[1])

    totals: dict[str, Decimal] = defaultdict(Decimal)
    for line in model.report(by=by):
        totals[line.currency] += line.total

    assert totals == {line.currency: line.total for line in model.report(by=())}


def test_the_parts_of_each_charge_add_up_to_it_and_their_ratios_to_one() -> None:
    world, state = folded(0)
    model = CostModel(state)

    rows = [*model.allocation("2026-10"), *model.allocation("2026-11")]

    ratios: dict[str, Decimal] = defaultdict(Decimal)
    for row in rows:
        ratios[row.origin_charge] += row.allocated_ratio
    assert set(ratios.values()) == {Decimal(1)}
    assert abs(sum((row.billed_cost for row in rows), Decimal()) - sum(world.totals.values(), Decimal())) < CENT


def test_a_shared_log_group_is_split_by_who_wrote_into_it() -> None:
    rows = CostModel(folded(0)[1]).allocation("2026-10-25")

    shared = {row.allocated_resource_id: row for row in rows if row.resource_id.endswith("log-group:/shop/shared")}

    assert set(shared) == {"orders", "invoices"}
    assert {row.allocated_method_id for row in shared.values()} == {"direct:log-group"}


def test_a_day_without_logs_borrows_the_shares_of_the_others() -> None:
    lines = CostModel(folded(0)[1]).report(by=["provider", "service"], since="2026-10-30", until="2026-10-31")

    azure = [line for line in lines if line.group["provider"] == "azure"]

    assert {line.group["service"] for line in azure} == {"checkout", "profile", "mailer"}
    assert {line.methods for line in azure} == {("share:period-bytes",)}
