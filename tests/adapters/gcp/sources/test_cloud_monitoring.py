"""Cloud Monitoring: the contract, aligned periods that settle, rights and arguments."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from cloudledger.adapters.acquisition import Overlap, RateLimit, WindowSettings, missing, open_gaps
from cloudledger.adapters.gcp.sources import CloudMonitoring
from cloudledger.domain import InvalidArgumentError, MetricRecorded
from cloudledger.store import Ledger
from tests.adapters.acquisition.contract import SourceContract
from tests.adapters.gcp.sources.monitoring_world import METRICS, MINUTE_NS, MonitoringWorld, opened
from tests.wire.google_monitoring import Point
from tests.wire.google_rest import told
from tests.wire.http_fake import Answer, Request


class TestCloudMonitoring(SourceContract):
    @pytest.fixture
    def world(self) -> Iterator[MonitoringWorld]:
        yield from opened()


@pytest.fixture
def world() -> Iterator[MonitoringWorld]:
    yield from opened()


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with Ledger.open(tmp_path / "ledger") as ledger:
        yield ledger


def points(ledger: Ledger) -> list[MetricRecorded]:
    return [event for batch in ledger.read() for event in batch if isinstance(event, MetricRecorded)]


def test_late_points_are_read(world: MonitoringWorld, ledger: Ledger) -> None:
    now = world.clock.now_ns()
    late = [Point(now - n * MINUTE_NS + 1_000_000_000, 500.0 + n, now + 300_000_000_000) for n in range(1, 20)]
    world.fake.series[METRICS[0], "late"] = late
    world.poll(ledger)
    world.clock.forward(3600)
    world.poll_until_calm(ledger)

    assert world.stored(ledger) == world.expected()
    assert len(points(ledger)) == 2 * 4 * 60 + 19


def test_a_period_is_read_once_and_only_when_it_has_settled(world: MonitoringWorld, ledger: Ledger) -> None:
    """An aligned value that still changes would be stored as it was first seen."""
    now = world.clock.now_ns()
    world.fake.series = {
        (METRICS[0], "c0"): [Point(now - 90_000_000_000, 1.0), Point(now - 80_000_000_000, 2.0, now + 150_000_000_000)]
    }
    settings = {"aligner": "ALIGN_SUM", "period_s": 60, "rate": RateLimit(per_s=1e6)}
    for _ in range(12):
        world.poll(ledger, world.source(**settings))
        world.clock.forward(60)

    [sample] = points(ledger)
    assert (sample.value, sample.statistic, sample.period_s, sample.unit) == (3.0, "sum", 60, "1")
    assert sample.occurred_at % MINUTE_NS == 0


def test_nothing_is_asked_before_anything_has_settled(world: MonitoringWorld, ledger: Ledger) -> None:
    now = world.clock.now_ns()

    assert not world.poll(ledger, world.source(aligner="ALIGN_SUM", since=now - MINUTE_NS)).problem
    assert not world.fake.requests


def test_a_project_without_points_is_read_without_trouble(world: MonitoringWorld, ledger: Ledger) -> None:
    world.fake.series.clear()

    report = world.poll(ledger)

    assert (report.appended, report.problem) == (0, "")


def test_series_that_are_no_numbers_are_kept_each_once(
    world: MonitoringWorld, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Their places within pages are the same: they must not be taken for one."""
    numbers = iter(range(1000))

    def words(request: Request) -> Answer:
        number = next(numbers)
        more = {"nextPageToken": str(number)} if number < 5 else {}
        return told({"timeSeries": [{"metric": {"type": f"m{number}"}, "valueType": "STRING", "points": []}], **more})

    monkeypatch.setattr(world.fake, "answer", words)
    world.poll(ledger, world.source(windows=WindowSettings(window_s=3600)))

    assert sum(len(batch) for batch in ledger.read()) == 7


def test_a_service_that_repeats_its_token_is_a_gap_and_no_endless_loop(
    world: MonitoringWorld, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    def again(request: Request) -> Answer:
        return told({"nextPageToken": "again"})

    monkeypatch.setattr(world.fake, "answer", again)
    world.poll(ledger, world.source(windows=WindowSettings(window_s=3600, least_s=3600), rate=RateLimit(per_s=1e6)))

    assert [gap.reason for gap in open_gaps(ledger)] == ["the token of the next page is that of one before"]


def test_a_check_says_what_is_missing(world: MonitoringWorld) -> None:
    source = world.source()
    source.run_in(world.clock.runtime())

    assert missing(source.check()) == ()
    assert "view=HEADERS" in world.fake.requests[0].path
    world.faults.plan(["denied"])
    [lack] = missing(source.check())
    assert "roles/monitoring.viewer" in lack.remedy


def test_arguments_that_would_lose_periods_are_refused() -> None:
    with pytest.raises(InvalidArgumentError, match="list"):
        CloudMonitoring("p", "run.googleapis.com/request_count")
    with pytest.raises(InvalidArgumentError, match="some would be lost"):
        CloudMonitoring("p", METRICS, aligner="ALIGN_MEAN", overlap=Overlap(each_poll_s=60))


def test_a_whole_filter_stays_and_windows_are_of_whole_periods(world: MonitoringWorld, ledger: Ledger) -> None:
    condition = f'metric.type="{METRICS[1]}" AND resource.type="k8s_container"'
    source = CloudMonitoring(
        "shop-prod", [condition], aligner="ALIGN_MEAN", period_s=120, endpoint=world.fake.url, since=world.since_ns + 7
    )
    world.poll(ledger, source)

    assert (source.windows.align_s, source.windows.least_s) == (120, 120)
    assert Counter(one.period_s for one in points(ledger)).keys() == {120}
    assert all("aggregation.alignmentPeriod=120s" in one.path for one in world.fake.requests)
