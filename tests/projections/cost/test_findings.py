"""Anomalies, recommendations and trends find what changed and propose nothing that must stay."""

from typing import Any

import numpy as np

from cloudledger.domain.batch import EventBatch
from cloudledger.domain.events import LogRecorded
from cloudledger.projections.cost import CostModel
from tests.projections.cost.log_batches import DAY_NS, DAY_START_NS, charge, logs, model_of


def debug_storm(service: str = "cart", **columns: Any) -> list[EventBatch]:
    """Two steady hours, and from the seventieth minute on thirty times as much at DEBUG."""
    steady = [logs(service, first=1 + 200 * n, start=10 * n, **columns) for n in range(12)]
    return [*steady, logs(service, first=9000, start=70, minutes=50, per_minute=600, severity=5, template=7, **columns)]


def test_a_debug_level_that_multiplies_volume_is_an_anomaly_with_its_cause() -> None:
    (anomaly,) = model_of(
        *debug_storm(), *[logs("pay", first=1 + 200 * n, start=10 * n) for n in range(12)]
    ).anomalies()

    assert (anomaly.kind, anomaly.service) == ("volume", "cart")
    assert anomaly.started_at.isoformat() == "2026-11-20T13:10:00+00:00"
    assert anomaly.factor > 25
    assert anomaly.impact > 0
    assert {(cause.dimension, cause.value) for cause in anomaly.causes} == {
        ("severity", "DEBUG"),
        ("template", "0000000000000007"),
    }
    assert anomaly.evidence == ("logs/cart@9000",)


def test_a_steady_service_is_no_anomaly() -> None:
    assert model_of(*[logs("pay", first=1 + 200 * n, start=10 * n) for n in range(12)]).anomalies() == ()


def test_an_anomaly_below_the_least_impact_is_left_out() -> None:
    assert model_of(*debug_storm()).anomalies(min_impact="1000000") == ()


def daily_query(name: str, day: int, gigabytes: int, price: float) -> EventBatch:
    """One day's charge for queries of a place."""
    return charge(
        f"{name}{day}",
        price * gigabytes,
        position=day + 1,
        stream=name,
        charge_period_start=DAY_START_NS + day * DAY_NS,
        occurred_at=DAY_START_NS + day * DAY_NS,
        log_class="query",
        resource=name,
        consumed_quantity=str(gigabytes),
        consumed_unit="GB",
    )


def test_a_bill_whose_quantity_jumps_is_an_anomaly_and_a_used_up_allowance_is_none() -> None:
    jump = [daily_query("jump", day, 10 if 15 <= day < 18 else 1, 1.0) for day in range(25)]
    tier = [daily_query("tier", day, 1, 0.0 if day < 10 else 1.0) for day in range(25)]

    (anomaly,) = model_of(*jump, *tier).anomalies()

    assert (anomaly.kind, [cause.value for cause in anomaly.causes]) == ("cost", ["query", "jump"])
    assert (anomaly.ended_at - anomaly.started_at).days == 3
    assert anomaly.impact == 27
    assert anomaly.evidence[0] == "jump@16"


def test_a_debug_level_is_recommended_to_be_raised_with_what_it_saves() -> None:
    first, *_ = model_of(*debug_storm()).recommendations()

    assert (first.action, first.service, first.level) == ("raise_level", "cart", "DEBUG")
    assert first.saving.low <= first.saving.expected <= first.saving.high
    assert first.saving.expected > 0
    assert (first.evidence, first.rollback) == (("logs/cart@9000",), "set the former level again")


def test_a_message_that_makes_up_much_of_a_service_is_recommended_to_be_sampled() -> None:
    (found,) = model_of(logs("cart", template=5, per_minute=90), logs("cart", first=900, template=6)).recommendations()

    assert (found.action, found.template, found.rate) == ("sample", "0000000000000005", 0.9)


def test_audit_security_errors_and_messages_of_payment_are_never_proposed() -> None:
    model = model_of(
        *debug_storm("trail", format="aws.cloudtrail"),
        logs("security-scanner", severity=5),
        logs("cart", severity=17),
        logs("payment", severity=9),
    )

    assert model.recommendations() == ()


def test_a_service_of_payment_is_told_to_stop_debugging() -> None:
    assert [found.action for found in model_of(*debug_storm("payment")).recommendations()] == ["raise_level"]


def test_a_template_is_shown_as_text_where_the_ledger_has_it() -> None:
    class OneMessage:
        def event(self, reference: str) -> LogRecorded:
            return LogRecorded(payload=b"took 12 ms", reference=reference)

    source = model_of(logs("cart", template=5))
    (found,) = CostModel(source._source._state, ledger=OneMessage()).recommendations()

    assert found.text == "took <*> ms"


def test_a_trend_has_a_robust_slope_and_compares_weeks() -> None:
    rows = [
        logs("cart", first=1 + 100_000 * day, per_minute=10 + day).with_columns(
            occurred_at=DAY_START_NS + day * DAY_NS + np.arange(10 * (10 + day))
        )
        for day in range(14)
    ]

    (trend,) = model_of(*rows).trends(by="service")

    assert len(trend.points) == 14
    assert trend.bytes_slope_per_day == 3000
    assert trend.week_over_week is not None
    assert 0.4 < trend.week_over_week < 0.7
