"""Reports say what is billed, what is estimated, what replaced what, and what nobody can explain."""

from decimal import Decimal

import pytest

from cloudledger.domain.batch import EventBatch
from cloudledger.domain.errors import InvalidArgumentError
from cloudledger.domain.events import Kind
from cloudledger.projections.cost.dimensions import DIMENSIONS
from tests.projections.cost.log_batches import charge, logs, model_of

GROUP = "arn:aws:logs:us-east-1:123456789012:log-group:/ecs/cart"


def costs(model_lines: object) -> dict[str, Decimal]:
    return {line.group["service"]: line.total for line in model_lines}  # type: ignore[attr-defined]


def test_a_pool_is_split_by_measured_bytes() -> None:
    model = model_of(logs("cart", size_bytes=300), logs("pay", size_bytes=100), charge("a", 4.0))

    assert costs(model.report(by="service")) == {"cart": Decimal("3.000000"), "pay": Decimal("1.000000")}


def test_logs_that_no_bill_covers_are_estimated_from_the_price_list() -> None:
    (line,) = model_of(logs("cart", provider="gcp", size_bytes=2**30 // 200)).report(by="service")

    assert (line.estimated, line.currency, line.methods) == (True, "USD", ("estimate:list-price",))
    assert line.total == pytest.approx(Decimal("0.5"), abs=Decimal("0.001"))


def test_a_bill_of_one_account_leaves_another_account_estimated() -> None:
    model = model_of(logs("cart", account="1"), logs("pay", account="2"), charge("a", 1.0, account="1"))

    assert {(line.group["service"], line.estimated) for line in model.report()} == {("cart", False), ("pay", True)}


def test_a_restated_row_replaces_the_earlier_one_in_any_order() -> None:
    rows = [charge("a", 4.0, recorded_at=1), charge("a", 5.0, position=2, recorded_at=2)]

    for batches in (rows, rows[::-1]):
        assert costs(model_of(logs("cart"), *batches).report()) == {"cart": Decimal("5.000000")}


def test_rows_of_one_export_that_share_a_key_add_up_and_a_newer_export_replaces_them() -> None:
    first = [charge("a", 1.0, position=n, export="1.csv") for n in (1, 2)]
    second = [charge("a", 3.0, position=n, export="2.csv", recorded_at=2) for n in (3, 4)]

    assert costs(model_of(logs("cart"), *first).report()) == {"cart": Decimal("2.000000")}
    assert costs(model_of(logs("cart"), *second, *first).report()) == {"cart": Decimal("6.000000")}


def test_a_later_export_time_wins_over_a_later_recording() -> None:
    rows = [charge("a", 4.0, exported_at=2, recorded_at=1), charge("a", 5.0, position=2, exported_at=1, recorded_at=2)]

    assert costs(model_of(logs("cart"), *rows).report()) == {"cart": Decimal("4.000000")}


def test_a_log_group_nobody_measured_goes_to_the_service_it_is_named_after() -> None:
    model = model_of(logs("pay"), charge("a", 2.0, resource=GROUP, service="cart"))

    assert costs(model.report()) == {"cart": Decimal("2.000000")}


def test_what_nothing_explains_stays_visible() -> None:
    model = model_of(logs("cart"), charge("a", 2.0, log_class="query"))

    (remainder,) = [line for line in model.report() if line.methods == ("unallocated",)]

    assert (remainder.group, remainder.total) == ({"service": ""}, Decimal("2.000000"))
    assert remainder.evidence == ("bill@1",)


def test_a_line_refers_to_the_bills_it_is_paid_by() -> None:
    model = model_of(
        logs("cart"),
        logs("pay", provider="gcp"),
        charge("a", 2.0, position=7),
        charge("b", 3.0, position=8, provider="gcp"),
    )

    evidence = {line.group["service"]: line.evidence for line in model.report()}

    assert evidence == {"cart": ("bill@7", "logs/cart@1"), "pay": ("bill@8", "logs/pay@1")}


def test_currencies_are_never_added_up() -> None:
    model = model_of(logs("cart"), charge("a", 2.0), charge("b", 3.0, position=2, billing_currency="EUR"))

    assert {(line.currency, line.total) for line in model.report(by="provider")} == {
        ("USD", Decimal("2.000000")),
        ("EUR", Decimal("3.000000")),
    }


def test_tiny_hourly_rows_add_up() -> None:
    rows = [charge(str(n), 0.0, position=n, billed_cost_picos=400_000) for n in range(1, 11)]

    assert costs(model_of(logs("cart"), *rows).report()) == {"cart": Decimal("0.000004")}


def test_vended_logs_are_charged_to_what_vended_them() -> None:
    flow = logs("edge", format="aws.vpcflow")

    model = model_of(flow, logs("cart"), charge("a", 2.0, log_class="vended"), charge("b", 1.0, position=2))

    assert costs(model.report()) == {"edge": Decimal("2.000000"), "cart": Decimal("1.000000")}


def test_a_window_within_a_day_gets_its_share_of_the_day() -> None:
    model = model_of(logs("cart", start=0), logs("cart", first=900, start=120), charge("a", 4.0))

    lines = model.report(by="service", since="2026-11-20T12:00:00Z", until="2026-11-20T13:00:00Z")

    assert costs(lines) == {"cart": Decimal("2.000000")}


def test_volume_is_counted_by_any_dimension_with_references() -> None:
    model = model_of(logs("cart", severity=5), logs("pay", severity=9))

    lines = model.log_volume(by=["severity", "service"])

    assert [(line.group, line.events, line.bytes) for line in lines] == [
        ({"severity": "DEBUG", "service": "cart"}, 200, 60_000),
        ({"severity": "INFO", "service": "pay"}, 200, 60_000),
    ]
    assert lines[0].evidence == ("logs/cart@1",)


def test_an_unknown_dimension_is_refused_with_those_known() -> None:
    with pytest.raises(InvalidArgumentError, match="known are service, provider"):
        model_of().report(by="colour")


def test_a_log_group_is_reported_by_its_arn() -> None:
    batch = logs("cart", account="123456789012", region="us-east-1", context='{"logGroup":"/ecs/cart"}')

    (line,) = model_of(batch).log_volume(by="resource")

    assert line.group == {"resource": GROUP}


BATCHES = {
    "nothing": (),
    "bills only": (charge("a", 2.0), charge("b", 1.0, service="cart")),
    "logs only": (logs("cart"),),
}


@pytest.mark.parametrize("batches", BATCHES.values(), ids=BATCHES)
def test_every_query_answers_with_whatever_there_is(batches: tuple[EventBatch, ...]) -> None:
    model = model_of(*batches)

    for by in (*DIMENSIONS, (), ["service", "template", "hour"]):
        billed = sum(line.total for line in model.report(by=by) if not line.estimated)
        assert billed == (3 if any(Kind.COST_RECORDED in batch.kind for batch in batches) else 0)
    assert len(model.allocation("2026-11")) == len(model.allocation("2026-11-20"))
    assert model.anomalies() == ()
    assert {line.events for line in model.log_volume(by=())} <= {200}
    assert all(trend.points for trend in model.trends(by="provider"))
    assert len(model.recommendations()) <= 1
