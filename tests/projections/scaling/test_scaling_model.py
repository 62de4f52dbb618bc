"""The scaling read model answers from facts: sizes, directions, lags, failures, correlations, capacity."""

from datetime import UTC, datetime

import numpy as np
import pytest

from cloudledger.domain.batch import EventBatch
from cloudledger.domain.batch_rows import batch_of
from cloudledger.domain.errors import InvalidArgumentError
from cloudledger.domain.event_id import event_id
from cloudledger.domain.events import Event, Flag, MetricRecorded
from tests.projections.scaling.folded import (
    GROUP,
    MINUTE_NS,
    START_NS,
    model_of,
    model_of_batches,
    scaling,
)

NAMED = "arn:aws:autoscaling:eu-west-1:1:autoScalingGroup::autoScalingGroupName/web"
WHOLE = "arn:aws:autoscaling:eu-west-1:1:autoScalingGroup:283179a2:autoScalingGroupName/web"


def attempt(minute: float, took_s: float, outcome: str = "succeeded", **facts: object) -> Event:
    started = START_NS + int(minute * MINUTE_NS)
    told = {"started_at": started, "ended_at": started + int(took_s * 1e9), "direction": "out", "outcome": outcome}
    return scaling(minute + took_s / 60, "attempt", **{**told, "attempt_id": f"a{minute}", **facts})


def metrics(values: list[float]) -> list[Event]:
    return [
        MetricRecorded(
            event_id=event_id("m", str(minute)),
            occurred_at=START_NS + minute * MINUTE_NS,
            resource=GROUP,
            name="CPU",
            value=value,
        )
        for minute, value in enumerate(values)
    ]


def logs(error_rate: list[float], per_minute: int = 10) -> EventBatch:
    count = len(error_rate) * per_minute
    place = np.tile(np.arange(per_minute) / per_minute, len(error_rate))
    return EventBatch.build(
        count,
        occurred_at=START_NS + np.repeat(np.arange(len(error_rate)), per_minute) * MINUTE_NS,
        service="cart",
        severity=np.where(place < np.repeat(error_rate, per_minute), 17, 9),
        duration_us=2000,
    )


def test_the_old_size_of_a_rescale_is_that_of_the_last_one() -> None:
    model = model_of(scaling(0, new_size=2), scaling(5, new_size=5), scaling(9, new_size=3))

    assert [(s.old_size, s.new_size, s.direction) for s in model.history("cart")] == [
        (None, 2, "none"),
        (2, 5, "out"),
        (5, 3, "in"),
    ]


def test_a_group_has_its_last_size_and_its_bounds() -> None:
    model = model_of(scaling(0, "config", min_size=1, max_size=9, new_size=2), scaling(5, old_size=2, new_size=4))
    (group,) = model.groups()

    assert (group.size, group.min_size, group.max_size, group.decisions) == (4, 1, 9, 1)
    assert group.last_seen == datetime(2026, 11, 20, 0, 5, tzinfo=UTC)


def test_a_configuration_without_a_time_counts_while_no_other_is_known() -> None:
    timeless = scaling(-START_NS / MINUTE_NS, "config", max_size=7, flags=int(Flag.TIME_UNSET))

    assert model_of(timeless, scaling(5, new_size=4)).groups()[0].max_size == 7
    assert model_of(timeless, scaling(5, new_size=4, max_size=9)).groups()[0].max_size == 9


def test_a_group_told_of_by_name_is_the_group_told_of_by_arn() -> None:
    model = model_of(scaling(0, resource=NAMED, new_size=2), scaling(5, resource=WHOLE, new_size=3))

    assert [group.resource for group in model.groups()] == [WHOLE]
    assert len(model.history("web")) == 2


def test_a_result_belongs_to_the_group_of_its_decision() -> None:
    decision = scaling(0, resource="//pool", attempt_id="e1", direction="out")
    result = scaling(1, "attempt", resource="//cluster", attempt_id="e1", outcome="failed", reason_class="capacity")

    (group,) = model_of(decision, result).groups()

    assert (group.resource, group.failures) == ("//pool", 1)


def test_the_same_decision_from_two_streams_is_one() -> None:
    batch = batch_of([scaling(0, old_size=2, new_size=4, policy="p")])
    twice = [batch.stored_as(stream, np.array([1])) for stream in ("api", "bridge")]

    assert model_of_batches(twice).groups()[0].decisions == 1


def test_an_attempt_that_was_in_progress_ends() -> None:
    begun = scaling(1, "attempt", attempt_id="a", outcome="in_progress", direction="out", started_at=START_NS)
    ended = scaling(3, "attempt", attempt_id="a", outcome="succeeded", ended_at=START_NS + 3 * MINUTE_NS)

    (lag,) = [lag for lag in model_of(begun, ended).lags("cart") if lag.part == "provision"]

    assert (lag.count, lag.p50_s, lag.direction) == (1, 180.0, "out")


def test_groups_are_found_by_resource_last_part_and_service() -> None:
    model = model_of(scaling(0, new_size=1), scaling(0, resource="//x/pay-mig", service="pay", new_size=1))

    assert {len(model.history(name)) for name in (GROUP, GROUP.upper(), "cart", "pay-mig", "pay")} == {1}


def test_an_unknown_or_ambiguous_group_is_an_error_that_lists_the_known() -> None:
    model = model_of(scaling(0, resource="//a/x", new_size=1), scaling(0, resource="//b/y", new_size=1))

    with pytest.raises(InvalidArgumentError, match="known are //a/x, //b/y"):
        model.history("nothing")
    with pytest.raises(InvalidArgumentError, match="several groups"):
        model.history("cart")


def test_each_part_of_the_lag_is_measured() -> None:
    status = scaling(0, "status", metric="CPU", threshold=0.6)
    size = scaling(0, "config", new_size=2)
    decision = scaling(15, old_size=2, new_size=4, direction="out")
    busy = [0.5] * 10 + [0.9] * 12 + [0.5] * 20

    lags = {lag.part: lag for lag in model_of(status, size, decision, attempt(15.5, 90), *metrics(busy)).lags("cart")}

    assert {part: lag.p50_s for part, lag in lags.items()} == {
        "trigger": 300.0,
        "request": 30.0,
        "provision": 90.0,
        "recovery": 420.0,
    }
    assert all(lag.evidence for lag in lags.values())


def test_failures_are_counted_by_class_with_texts_and_evidence() -> None:
    failed = [attempt(m, 1, "failed", reason_class="quota", message="full", zone="a") for m in range(3)]
    model = model_of(*failed, attempt(9, 60))

    (failure,) = model.failures("cart")

    assert (failure.reason_class, failure.count, failure.share) == ("quota", 3, 0.75)
    assert (failure.texts, failure.zones, len(failure.evidence)) == (("full",), ("a",), 3)


def test_correlations_tell_what_changed_around_decisions() -> None:
    rates = [0.1] * 30 + [0.5] * 30 + [0.1] * 60
    decision = scaling(60, old_size=2, new_size=6, direction="out")
    events = batch_of([scaling(0, "config", new_size=2), decision])

    found = {c.signal: c for c in model_of_batches([events, logs(rates)]).correlations("cart")}

    assert (found["error_rate"].before, found["error_rate"].after) == (0.5, 0.1)
    assert found["latency_ms"].before == 2.0
    assert found["events_per_minute"].decisions == 1


def test_the_size_follows_the_signal_by_some_minutes() -> None:
    wave = [5 + 4 * float(np.sin(minute / 15)) for minute in range(300)]
    follow = [scaling(minute + 6, new_size=round(value * 10)) for minute, value in enumerate(wave)]

    found = model_of(*follow, *metrics(wave)).correlations("cart")

    assert found[0].lag_minutes == 6
    assert found[0].coefficient > 0.99


def test_anomalies_are_narrowed_by_time() -> None:
    failed = [attempt(m, 1, "failed", reason_class="quota", message="full") for m in range(3)]
    model = model_of(*failed)

    assert [a.anomaly for a in model.anomalies()] == ["quota"]
    assert model.anomalies(since="2026-11-21T00:00:00Z") == []
    assert model.anomalies(until="2026-11-20T00:00:00Z") == []
    assert len(model.anomalies(since="2026-11-20T00:00:30Z", until=START_NS + 3600 * 10**9)) == 1


def test_capacity_tells_what_went_unmet() -> None:
    status = scaling(0, "status", metric="CPU", threshold=0.5)
    size = scaling(0, "config", new_size=4, max_size=4)
    (week,) = model_of(status, size, attempt(5, 60), *metrics([0.75] * 30 + [0.25] * 30)).capacity("cart")

    assert week.week == datetime(2026, 11, 16, tzinfo=UTC)
    assert (week.peak_share_of_max, week.unmet_instance_minutes, week.minutes_at_max) == (1.5, 60.0, 30)
    assert week.over_provisioned_instance_minutes == 60.0
    assert week.provision_p50_s == 60.0


def test_capacity_tells_when_the_maximum_is_reached() -> None:
    grown = [scaling(1440 * day, new_size=2 + day, max_size=20) for day in range(10)]

    last = model_of(*grown).capacity("cart")[-1]

    assert last.days_to_max == pytest.approx(9.0, abs=0.1)
    assert last.days_to_max_low is not None


def test_manual_and_scheduled_changes_are_shown_but_not_judged() -> None:
    turns = [
        scaling(4 * turn, old_size=2 + turn % 2 * 4, new_size=6 - turn % 2 * 4, policy_type="schedule")
        for turn in range(30)
    ]
    model = model_of(*turns)

    assert model.groups()[0].decisions == 30
    assert model.anomalies() == []


def test_flapping_that_the_provider_held_back_is_told() -> None:
    held = [scaling(10 * turn, "limit", limited_by="flap_guard") for turn in range(4)]

    (anomaly,) = model_of(*held).anomalies()

    assert (anomaly.anomaly, anomaly.numbers["held_back"], len(anomaly.evidence)) == ("flapping", 4, 4)


def test_step_policies_of_each_direction_are_no_conflict() -> None:
    turns = [
        scaling(
            8 * turn, old_size=2 + turn % 2, new_size=3 - turn % 2, policy=("out", "in")[turn % 2], policy_type="step"
        )
        for turn in range(8)
    ]

    assert "overlapping_policies" not in {a.anomaly for a in model_of(*turns).anomalies()}


def test_a_degraded_status_lasts_until_the_metric_is_back() -> None:
    gone = scaling(0, "status", reason_class="metric", outcome="degraded", message="no data")
    brief = model_of(gone, scaling(9, "status", outcome="ok"))
    long = model_of(gone, scaling(40, "status", outcome="ok"), scaling(90, new_size=1))

    assert brief.anomalies() == []
    assert [(a.anomaly, a.numbers["minutes"]) for a in long.anomalies()] == [("metric_missing", 40.0)]


def test_a_brief_peak_at_the_maximum_is_no_fault() -> None:
    peak = [
        scaling(0, "config", new_size=8, max_size=10),
        scaling(5, old_size=8, new_size=10, limited_by="max", max_size=10, unconstrained_size=11),
        scaling(14, old_size=10, new_size=9),
    ]

    assert model_of(*peak).anomalies() == []


def test_failing_at_the_maximum_is_demand_unmet() -> None:
    events = batch_of([scaling(0, "config", new_size=4, max_size=10), scaling(60, old_size=4, new_size=10)])
    rates = [0.0] * 70 + [0.4] * 30

    (anomaly,) = model_of_batches([events, logs(rates + [0.0] * 20), batch_of([scaling(99, "status")])]).anomalies()

    assert anomaly.anomaly == "at_max_capacity"
