"""CloudTrail's lookups, scaling activities and queries of Insights: the contract, and what is each one's own."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cloudledger.adapters import FileSource, ingest
from cloudledger.adapters.acquisition import missing, open_gaps
from cloudledger.adapters.aws.sources import (
    ApplicationScalingActivities,
    AutoScalingActivities,
    CloudTrailLookup,
    CloudWatchInsights,
    cloudwatch_insights,
)
from cloudledger.adapters.aws.sources.cloudtrail_lookup import _body
from cloudledger.domain import InvalidArgumentError, Kind
from cloudledger.store import Ledger
from tests.adapters.acquisition.contract import SourceContract
from tests.adapters.aws.sources.aws_world import set_keys, trail_event
from tests.adapters.aws.sources.window_worlds import GroupWorld, InsightsWorld, ServiceWorld, TrailWorld
from tests.wire.aws_windows import NS, Row


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with Ledger.open(tmp_path / "ledger") as ledger:
        yield ledger


@pytest.fixture
def keys(monkeypatch: pytest.MonkeyPatch) -> None:
    set_keys(monkeypatch)


@pytest.fixture
def trail(keys: None) -> Iterator[TrailWorld]:
    world = TrailWorld()
    with world.fake:
        yield world


@pytest.fixture
def groups(keys: None) -> Iterator[GroupWorld]:
    world = GroupWorld()
    with world.fake:
        yield world


@pytest.fixture
def services(keys: None) -> Iterator[ServiceWorld]:
    world = ServiceWorld()
    with world.fake:
        yield world


@pytest.fixture
def insights(keys: None) -> Iterator[InsightsWorld]:
    world = InsightsWorld()
    with world.fake:
        yield world


class TestCloudTrailLookup(SourceContract):
    @pytest.fixture
    def world(self, trail: TrailWorld) -> TrailWorld:
        return trail


class TestAutoScalingActivities(SourceContract):
    @pytest.fixture
    def world(self, groups: GroupWorld) -> GroupWorld:
        return groups


class TestApplicationScalingActivities(SourceContract):
    @pytest.fixture
    def world(self, services: ServiceWorld) -> ServiceWorld:
        return services


class TestCloudWatchInsights(SourceContract):
    @pytest.fixture
    def world(self, insights: InsightsWorld) -> InsightsWorld:
        return insights


def test_an_event_that_is_looked_up_has_the_id_that_it_has_in_a_file(
    trail: TrailWorld, ledger: Ledger, tmp_path: Path
) -> None:
    trail.poll(ledger)
    (tmp_path / "trail.json").write_text(json.dumps({"Records": [trail_event(7)]}))

    ingest(ledger, [FileSource(tmp_path / "trail.json", stream="file")])

    from_file = ledger.event("file@1")
    looked_up = next(one for one in ledger.search(limit=None) if trail.key(one) == trail.key(from_file))
    assert (looked_up.event_id, looked_up.format) == (from_file.event_id, "aws.cloudtrail")


def test_events_that_appear_late_are_read(trail: TrailWorld, ledger: Ledger) -> None:
    trail.poll(ledger)
    now_s = trail.clock.now_ns() / NS
    for number in range(50):
        trail.add(9000 + number, now_s - number * 10, late_s=800 + number * 10)

    for _ in range(14):
        trail.poll(ledger)
        trail.clock.forward(100)

    assert trail.stored(ledger) == trail.expected()


def test_lookups_are_asked_at_most_twice_a_second(trail: TrailWorld, ledger: Ledger) -> None:
    started = trail.clock.now_ns()
    report = trail.poll(ledger)

    spent_s = (trail.clock.now_ns() - started) / NS - 30  # a poll lets as much pass
    assert report.activity["requests"] / spent_s <= 2.5


def test_lookups_may_be_narrowed(trail: TrailWorld, ledger: Ledger) -> None:
    trail.poll(ledger, trail.source(attribute=("EventSource", "ec2.amazonaws.com"), insights=True, stream="x"))

    asked = trail.fake.asked("LookupEvents")[-1]
    assert asked["LookupAttributes"] == [{"AttributeKey": "EventSource", "AttributeValue": "ec2.amazonaws.com"}]
    assert asked["EventCategory"] == "insight"


def test_an_item_without_its_record_is_kept() -> None:
    assert json.loads(_body({"EventId": "1"})) == {"EventId": "1"}


def test_a_token_that_leads_to_itself_is_no_endless_window(trail: TrailWorld, ledger: Ledger) -> None:
    trail.faults.plan(["stuck"] * 4)

    assert not trail.poll(ledger).problem
    assert trail.stored(ledger) == trail.expected()


def test_an_activity_is_recorded_while_it_runs_and_when_it_has_ended(groups: GroupWorld, ledger: Ledger) -> None:
    now_s = groups.clock.now_ns() / NS
    groups.add(500, now_s - 60, lasts_s=7200)
    groups.poll(ledger)
    outcomes = {one.outcome for one in ledger.search(kind=Kind.SCALING_RECORDED, limit=None)}  # type: ignore[attr-defined]
    groups.clock.forward(7300)
    groups.poll(ledger)

    stored = groups.stored(ledger)
    assert "in_progress" in outcomes
    assert (stored["a-0500 in_progress"], stored["a-0500 succeeded"]) == (1, 1)


def test_activities_of_named_groups_are_asked_for_group_by_group(groups: GroupWorld, ledger: Ledger) -> None:
    report = groups.poll(ledger, groups.source("web-0-asg", "web-2-asg"))

    assert report.appended == 60
    asked = groups.fake.asked("DescribeScalingActivities")
    assert {one["AutoScalingGroupName"] for one in asked} == {"web-0-asg", "web-2-asg"}
    assert asked[0]["Filters.member.1.Name"] == "StartTimeLowerBound"


def test_what_was_not_scaled_is_a_limit(services: ServiceWorld, ledger: Ledger) -> None:
    services.poll(ledger)

    limits = [one for one in ledger.search(kind=Kind.SCALING_RECORDED, limit=None) if one.phase == "limit"]  # type: ignore[attr-defined]
    assert len(limits) == 30
    assert {(one.limited_by, one.max_size) for one in limits} == {("max", 4)}  # type: ignore[attr-defined]
    assert services.fake.asked("DescribeScalingActivities")[0]["IncludeNotScaledActivities"] is True


def test_pages_of_activities_long_before_a_window_are_not_read(services: ServiceWorld, ledger: Ledger) -> None:
    services.poll(ledger)
    services.clock.forward(5 * 86400)
    services.poll(ledger)
    before = len(services.fake.asked("DescribeScalingActivities"))

    services.poll(ledger)

    assert len(services.fake.asked("DescribeScalingActivities")) == before + 1


def test_a_query_is_looked_at_until_it_is_complete(insights: InsightsWorld, ledger: Ledger) -> None:
    insights.fake.statuses = ["Scheduled", "Running", "Running"]

    insights.poll(ledger)

    assert insights.stored(ledger) == insights.expected()


def test_a_query_that_runs_too_long_is_stopped_and_its_window_halved(
    insights: InsightsWorld, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cloudwatch_insights, "LONGEST_S", 20.0)
    insights.fake.statuses = ["Running"] * 30

    report = insights.poll(ledger)

    assert insights.fake.stopped
    assert report.activity["windows split"]


def test_a_query_that_failed_is_no_answer(insights: InsightsWorld, ledger: Ledger) -> None:
    insights.fake.statuses = ["Failed"]

    report = insights.poll(ledger)

    assert report.activity["windows split"]
    assert insights.stored(ledger) == insights.expected()


def test_equal_entries_are_told_apart(insights: InsightsWorld, ledger: Ledger) -> None:
    row = Row(insights.fake.rows[5].at_ms, '{"msg":"twice"}')
    insights.fake.rows += [row, row]

    insights.poll(ledger)

    assert insights.stored(ledger)['{"msg":"twice"}'] == 2


def test_queries_name_groups_of_other_accounts_by_arn_and_are_narrowed(insights: InsightsWorld, ledger: Ledger) -> None:
    arn = "arn:aws:logs:eu-west-1:210987654321:log-group:/ecs/pay"
    source = insights.source(f"{arn}:*", condition="@message like /order/")

    insights.poll(ledger, source)

    asked = insights.fake.asked("StartQuery")[-1]
    assert (asked["logGroupIdentifiers"], source.stream) == ([arn], "aws/123456789012/eu-west-1/insights/ecs/pay")
    assert "| filter @message like /order/ |" in asked["queryString"]


def test_a_second_with_more_than_a_query_gives_is_a_gap(insights: InsightsWorld, ledger: Ledger) -> None:
    at_ms = insights.fake.rows[40].at_ms
    insights.fake.rows += [Row(at_ms, f'{{"msg":"burst {number}"}}') for number in range(60)]

    insights.poll(ledger)

    [gap] = open_gaps(ledger)
    assert gap.since_ns <= at_ms * 1_000_000 < gap.until_ns
    assert "50 rows at most" in gap.reason


def test_checks_say_what_is_missing(
    trail: TrailWorld, groups: GroupWorld, services: ServiceWorld, insights: InsightsWorld
) -> None:
    def denied(world: Any) -> list[str]:
        source = world.source()
        source.run_in(world.clock.runtime())
        assert missing(source.check()) == ()
        world.faults.plan(["denied"])
        return [check.name for check in missing(source.check())]

    assert denied(trail) == ["cloudtrail:LookupEvents"]
    assert denied(groups) == ["autoscaling:DescribeScalingActivities"]
    assert denied(services) == ["application-autoscaling:DescribeScalingActivities"]
    assert denied(insights) == ["logs:StartQuery"]
    assert insights.fake.stopped


def test_names_of_streams() -> None:
    place: dict[str, Any] = {"account": "1", "region": "eu-west-1"}

    assert CloudTrailLookup(**place, insights=True).stream == "aws/1/eu-west-1/cloudtrail-insights"
    assert AutoScalingActivities(**place, stream="own").stream == "own"


def test_what_is_not_named_is_refused() -> None:
    place: dict[str, Any] = {"account": "1", "region": "eu-west-1"}
    for make in (
        lambda: ApplicationScalingActivities(**place),
        lambda: CloudWatchInsights(**place),
        lambda: CloudWatchInsights("", **place),
        lambda: CloudWatchInsights("a", most_rows=20_000, **place),
    ):
        with pytest.raises(InvalidArgumentError):
            make()
