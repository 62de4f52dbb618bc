"""Samples of CloudWatch metrics and costs of Cost Explorer: the contract, parts of answers, restated costs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cloudledger.adapters.acquisition import Overlap, missing
from cloudledger.adapters.aws.sources import CloudWatchMetrics, CostExplorer, MetricQuery
from cloudledger.domain import InvalidArgumentError, Kind
from cloudledger.store import Ledger
from tests.adapters.acquisition.contract import SourceContract
from tests.adapters.aws.sources.aws_world import set_keys
from tests.adapters.aws.sources.metric_worlds import DAY_S, METRICS, CostWorld, MetricWorld


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with Ledger.open(tmp_path / "ledger") as ledger:
        yield ledger


@pytest.fixture
def metrics(monkeypatch: pytest.MonkeyPatch) -> Iterator[MetricWorld]:
    set_keys(monkeypatch)
    world = MetricWorld()
    with world.fake:
        yield world


@pytest.fixture
def costs(monkeypatch: pytest.MonkeyPatch) -> Iterator[CostWorld]:
    set_keys(monkeypatch)
    world = CostWorld()
    with world.fake:
        yield world


class TestCloudWatchMetrics(SourceContract):
    @pytest.fixture
    def world(self, metrics: MetricWorld) -> MetricWorld:
        return metrics


class TestCostExplorer(SourceContract):
    @pytest.fixture
    def world(self, costs: CostWorld) -> CostWorld:
        return costs


def test_samples_say_what_they_are_of(metrics: MetricWorld, ledger: Ledger) -> None:
    metrics.poll(ledger)

    samples: list[Any] = list(ledger.search(kind=Kind.METRIC_RECORDED, limit=None))
    capacity = next(one for one in samples if one.name == "GroupDesiredCapacity")
    assert capacity.resource.endswith("autoScalingGroupName/web-asg")
    assert (capacity.service, capacity.period_s, capacity.statistic) == ("web", 60, "Average")
    load = next(one for one in samples if one.name == "CPUUtilization")
    assert (load.account, load.unit, load.statistic) == ("210987654321", "Percent", "Maximum")


def test_a_sample_that_changes_later_is_another_one(metrics: MetricWorld, ledger: Ledger) -> None:
    metrics.poll(ledger)
    at = int(metrics.since_s) + 60 * 110
    metrics.fake.values["CPUUtilization"][at] = 999.0
    metrics.clock.forward(600)  # when the deep overlap is due

    metrics.poll(ledger)

    assert metrics.stored(ledger)[f"CPUUtilization {at}"] == 2


def test_a_period_is_read_when_it_has_settled(metrics: MetricWorld, ledger: Ledger) -> None:
    now_s = metrics.clock.now_ns() // 10**9
    metrics.fake.values["CPUUtilization"][now_s // 60 * 60] = 1.0

    metrics.poll(ledger)
    before = metrics.stored(ledger)
    for _ in range(8):
        metrics.poll(ledger)

    assert f"CPUUtilization {now_s // 60 * 60}" not in before
    assert metrics.stored(ledger)[f"CPUUtilization {now_s // 60 * 60}"] == 1


def test_a_part_without_a_token_is_no_whole_answer(metrics: MetricWorld, ledger: Ledger) -> None:
    metrics.fake.states = {"CPUUtilization": "PartialData"}

    report = metrics.poll(ledger)

    assert report.activity["windows split"]
    assert report.activity["gaps"]


def test_metrics_that_may_not_be_read_degrade_the_source(metrics: MetricWorld, ledger: Ledger) -> None:
    metrics.fake.states = {one.metric: "Forbidden" for one in METRICS}

    assert metrics.poll(ledger).problem.startswith("denied: GetMetricData: m0: Forbidden")


def test_five_hundred_metrics_are_asked_for_at_once(metrics: MetricWorld, ledger: Ledger) -> None:
    many = [MetricQuery("Own", f"m{number}") for number in range(501)]

    metrics.poll(ledger, metrics.source(*many))

    assert {len(one["MetricDataQueries"]) for one in metrics.fake.asked("GetMetricData")} == {500, 1}


def test_costs_that_change_replace_what_was(costs: CostWorld, ledger: Ledger) -> None:
    costs.poll(ledger)
    day = costs.today.isoformat()
    key = ("AmazonCloudWatch", "EUC1-DataProcessing-Bytes")
    costs.fake.amounts[day][key] = "77.5"
    costs.clock.forward(DAY_S / 4)

    report = costs.poll(ledger)

    rows: list[Any] = list(ledger.search(kind=Kind.COST_RECORDED, limit=None))
    changed = [one for one in rows if costs.key(one).startswith(f"{day} {'/'.join(key)}")]
    assert report.appended == 1
    assert [one.billed_cost_micros for one in sorted(changed, key=lambda one: one.exported_at)] == [50_000, 77_500_000]
    assert len({one.charge_key for one in changed}) == 1
    assert (changed[0].region, changed[0].log_class) == ("eu-central-1", "ingest")


def test_costs_are_asked_for_by_month_hour_and_tag(costs: CostWorld, ledger: Ledger) -> None:
    place: dict[str, Any] = {"since": "2026-11-10T12:30:00Z", "overlap": Overlap(deep_s=600)}

    costs.poll(ledger, costs.source(granularity="MONTHLY", group_by=("TAG:env",), **place))
    costs.poll(ledger, costs.source(granularity="HOURLY", group_by=(), condition={"Dimensions": {}}, **place))

    monthly, hourly = costs.fake.asked("GetCostAndUsage")[0], costs.fake.asked("GetCostAndUsage")[-1]
    assert monthly["TimePeriod"]["Start"] == "2026-11-01"
    assert monthly["GroupBy"] == [{"Type": "TAG", "Key": "env"}]
    assert hourly["TimePeriod"]["Start"].endswith("T00:00:00Z")
    assert hourly["Filter"] == {"Dimensions": {}}
    assert "GroupBy" not in hourly


def test_checks_say_what_is_missing(metrics: MetricWorld, costs: CostWorld) -> None:
    for world, right in ((metrics, "cloudwatch:GetMetricData"), (costs, "ce:GetCostAndUsage")):
        source: Any = world.source()
        source.run_in(world.clock.runtime())
        assert missing(source.check()) == ()
        world.faults.plan(["denied"])
        assert [check.name for check in missing(source.check())] == [right]


def test_what_makes_no_sense_is_refused() -> None:
    place: dict[str, Any] = {"account": "1", "region": "eu-west-1"}
    for make in (
        lambda: CloudWatchMetrics(**place),
        lambda: CloudWatchMetrics(METRICS[0], period_s=0, **place),
        lambda: MetricQuery("", "x"),
        lambda: CostExplorer(account="1", granularity="YEARLY"),
        lambda: CostExplorer(account="1", group_by=("A", "B", "C")),
    ):
        with pytest.raises(InvalidArgumentError):
            make()
